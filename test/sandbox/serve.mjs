// `npm run sandbox`. JavaScript, because n8n's linter forbids `process`, and so the command line, in TypeScript.
import { readFileSync } from 'node:fs';
import module from 'node:module';
import { parseArgs } from 'node:util';

// Node.js 22 and newer then load the packages faster from the second time on.
module.enableCompileCache?.();
const { startSandbox } = await import('./server.ts');
const { firstReferenceAt } = await import('./references.ts');

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
	firstReference: firstReferenceAt(Date.now()),
}).catch((error) => {
	if (error.code !== 'EADDRINUSE') throw error;
	console.error(
		`Port ${values.port} is in use. Stop the program that uses it, or choose another port with --port.`,
	);
	return process.exit(1);
});
sandbox.customer.addBehaviour({ action: values.customer, afterMs: Number(values.after) });
sandbox.bank.addBehaviour({ action: values.bank, afterMs: Number(values.after) });

console.log(`The Kopo Kopo sandbox is running.
  Page           ${sandbox.pageUrl} (play the customers and the bank in a browser)
  Base URL       ${sandbox.url}
  Client ID      ${sandbox.clientId}
  Client secret  ${sandbox.clientSecret}
  API key        ${sandbox.apiKey}
  Tills          ${sandbox.tills.map(({ number }) => number).join(', ')}
  Limit          KES ${sandbox.transactionLimit} per transaction
  Control API    ${sandbox.controlUrl}
  Customers      ${values.customer}, ${values.after} ms after each request (--customer pay|refuse|insufficient|expire|ignore)
  Bank           ${values.bank}, ${values.after} ms after each request (--bank transfer|cancel|partial|ignore)`);

for (const signal of ['SIGINT', 'SIGTERM']) {
	process.once(signal, () => void sandbox.close().then(() => process.exit(0)));
}
