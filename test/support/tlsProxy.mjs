/**
 * `node tlsProxy.mjs <target> <ca.pem>`: a proxy that terminates TLS with its own certificates and forwards every
 * request to `target`, a local server of plain HTTP, with the original host in `x-forwarded-host`. Writes its CA
 * certificate to the file and its port to standard output. Runs in its own process, because Jest cannot load the
 * library. Exits when its standard input ends, so also when the test is killed.
 */

import { writeFile } from 'node:fs/promises';
import { generateCACertificate, getLocal } from 'mockttp';

const [target, certificate] = process.argv.slice(2);
const ca = await generateCACertificate({ subject: { commonName: 'Mock services' } });
await writeFile(certificate, ca.cert);

const proxy = getLocal({ https: ca, http2: false });
await proxy.start();
await proxy.forAnyRequest().thenPassThrough({
	beforeRequest({ url, headers }) {
		const { host, pathname, search } = new URL(url);
		return {
			url: target + pathname + search,
			headers: { ...headers, host: new URL(target).host, 'x-forwarded-host': host },
		};
	},
});

process.stdin.on('end', () => process.exit()).resume();
process.stdout.write(`${proxy.port}\n`);
