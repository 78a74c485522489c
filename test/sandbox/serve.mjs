// JavaScript because the n8n linter allows no `process` in TypeScript, and arguments live there.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { startSandbox } from './server.ts';

const { values } = parseArgs({
	options: {
		port: { type: 'string', default: '4010' },
		host: { type: 'string', default: '127.0.0.1' },
		customer: { type: 'string', default: 'pay' },
		bank: { type: 'string', default: 'transfer' },
		after: { type: 'string', default: '2000' },
		'token-lifetime': { type: 'string', default: '3600' },
		'single-token': { type: 'boolean', default: false },
		'https-callbacks-only': { type: 'boolean', default: false },
		'remote-callbacks': { type: 'boolean', default: false },
		'tls-key': { type: 'string' },
		'tls-cert': { type: 'string' },
		seed: { type: 'string', default: '1' },
	},
});

const sandbox = await startSandbox({
	port: Number(values.port),
	host: values.host,
	tls:
		values['tls-key'] && values['tls-cert']
			? {
					key: readFileSync(values['tls-key'], 'utf8'),
					cert: readFileSync(values['tls-cert'], 'utf8'),
				}
			: null,
	tokenLifetimeSeconds: Number(values['token-lifetime']),
	singleToken: values['single-token'],
	allowHttpCallbacks: !values['https-callbacks-only'],
	deliverToRemoteHosts: values['remote-callbacks'],
	seed: Number(values.seed),
});
sandbox.customer.will({ deed: values.customer, afterMs: Number(values.after) });
sandbox.bank.will({ deed: values.bank, afterMs: Number(values.after) });

console.log(`A Kopo Kopo runs here.
  Base URL       ${sandbox.url}
  Client ID      ${sandbox.clientId}
  Client secret  ${sandbox.clientSecret}
  API key        ${sandbox.apiKey}
  Control        ${sandbox.controlUrl}
  Customers      ${values.customer} STK pushes after ${values.after} ms (--customer pay|refuse|insufficient|expire|ignore)
  The bank       ${values.bank}s after ${values.after} ms (--bank transfer|cancel|partial|ignore)`);

for (const signal of ['SIGINT', 'SIGTERM']) {
	process.once(signal, () => void sandbox.close().then(() => process.exit(0)));
}
