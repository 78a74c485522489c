/**
 * `node tlsProxy.mjs <target> <ca.pem>`: a proxy that ends TLS with certificates of its own and hands every
 * request on to `target`, a server of plain http on this machine, with its host in `x-forwarded-host`.
 * Writes the certificate to trust into the file and its own port to standard output. A process of its own,
 * since Jest cannot load the library; ends with its standard input, so also when the test is killed.
 */

import { writeFile } from 'node:fs/promises';
import { generateCACertificate, getLocal } from 'mockttp';

const [target, certificate] = process.argv.slice(2);
const ca = await generateCACertificate({ subject: { commonName: 'Stand-ins' } });
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
