import { BASE_URLS, OLDER_OAUTH_URL, type Settings } from './settings';

/** The arguments are not valid. The message says what is wrong. */
export class UsageError extends Error {}

/** What the arguments say; the secrets are read elsewhere. */
export interface Options {
	/** Where the JSON report is written; `-` is the standard output. */
	report: string;
	settings: Omit<Settings, 'clientId' | 'clientSecret' | 'apiKey'>;
}

export const SECRETS = {
	clientId: { variable: 'KOPOKOPO_CLIENT_ID', label: 'Client ID' },
	clientSecret: { variable: 'KOPOKOPO_CLIENT_SECRET', label: 'Client secret' },
	apiKey: { variable: 'KOPOKOPO_API_KEY', label: 'API key' },
} as const;

const PRODUCTION_FLAG = 'send-test-requests-to-production';

export const HELP = `Usage: npm run verify -- --environment sandbox [options]

Compares the real Kopo Kopo API with what docs/kopokopo-api.md assumes about it.

The check reads the client ID, the client secret and the API key from ${SECRETS.clientId.variable},
${SECRETS.clientSecret.variable} and ${SECRETS.apiKey.variable}. It prompts for those that are not set, and
does not show what you type. Secrets are not stored.

Without the options under "Creates something", the check requests and revokes access tokens, sends
requests that Kopo Kopo rejects, and asks for the transactions of the last day. It never sends money,
and never posts to Send Money, reversals or the transfers of API v1.

  --environment sandbox|production   The API to check
  --${PRODUCTION_FLAG}
                                     Required for production: sends the requests described above
                                     to the live account
  --till NUMBER                      One of your tills. Required for the options below
  --report FILE                      Where the JSON report is written (default: .run/verify.json);
                                     - writes it to the standard output
  --result-timeout SECONDS           How long to wait for each result (default: 900)
  --wait-for-expiry                  Waits until an access token has expired (an hour)
  --help                             Shows this text

Creates something:
  --create-link                      Creates a payment link of KES 10, reads it and cancels it
  --subscribe URL                    Subscribes URL to buygoods_transaction_received for the company, and
                                     for the till if --till is given. Kopo Kopo offers no way to undo
                                     this through the API
  --request-payment PHONE AMOUNT     Asks PHONE to pay AMOUNT shillings to the till. Use your own
                                     phone, and pay or refuse

Receives something:
  --receive PORT                     Listens on PORT and checks what Kopo Kopo sends. PORT must be
                                     reachable at the address of --callback-url or --subscribe
  --callback-url URL                 The public https address that leads to PORT
  --listen SECONDS                   Maximum time to listen (default: 300)

For tests:
  --base-url URL                     A different API address, such as a sandbox on this machine
  --oauth-base-url URL               A second host that should issue tokens

Exit code: 0 if every assumption that was tried holds, 1 if one differs, 2 if the check could not run.
`;

/** The options as `parseArgs` of Node.js takes them. */
export const OPTION_TYPES = {
	help: { type: 'boolean', short: 'h' },
	environment: { type: 'string' },
	[PRODUCTION_FLAG]: { type: 'boolean' },
	'base-url': { type: 'string' },
	'oauth-base-url': { type: 'string' },
	till: { type: 'string' },
	report: { type: 'string' },
	'result-timeout': { type: 'string' },
	'wait-for-expiry': { type: 'boolean' },
	'create-link': { type: 'boolean' },
	subscribe: { type: 'string' },
	'request-payment': { type: 'string' },
	receive: { type: 'string' },
	'callback-url': { type: 'string' },
	listen: { type: 'string' },
} as const;

/** The values of the options that were given. */
export type OptionValues = {
	[Name in keyof typeof OPTION_TYPES]?: (typeof OPTION_TYPES)[Name]['type'] extends 'string'
		? string
		: boolean;
};

/**
 * Reads the arguments of the command.
 * @param positionals only AMOUNT, which follows `--request-payment PHONE`
 * @throws UsageError
 */
export function readOptions(values: OptionValues, positionals: string[] = []): Options {
	const environment = values.environment ?? (values['base-url'] ? 'custom' : undefined);
	if (environment !== 'sandbox' && environment !== 'production' && environment !== 'custom') {
		throw new UsageError('Give --environment sandbox or --environment production.');
	}
	if (environment === 'custom' && values['base-url'] === undefined) {
		throw new UsageError('--environment takes sandbox or production.');
	}
	if (environment === 'production' && !values[PRODUCTION_FLAG]) {
		throw new UsageError(
			`Production also needs --${PRODUCTION_FLAG}: the check sends requests to your live account. They move no money.`,
		);
	}
	const baseUrl = baseUrlOf(values['base-url'], environment);
	const payment = paymentOf(values['request-payment'], positionals);
	const settings: Options['settings'] = {
		environment,
		baseUrl,
		oauthBaseUrl:
			optionalUrl(values['oauth-base-url'], '--oauth-base-url') ??
			(environment === 'production' && values['base-url'] === undefined
				? OLDER_OAUTH_URL
				: undefined),
		plainHttpUrl: baseUrl.startsWith('https:') ? baseUrl.replace('https:', 'http:') : undefined,
		till: tillOf(values.till),
		callbackUrl: optionalUrl(values['callback-url'], '--callback-url'),
		createLink: values['create-link'] ?? false,
		waitForExpiry: values['wait-for-expiry'] ?? false,
		subscribeUrl: optionalUrl(values.subscribe, '--subscribe'),
		payment,
		receivePort:
			values.receive === undefined
				? undefined
				: wholeNumber(values.receive, '--receive', 1, 65_535),
		listenSeconds: wholeNumber(values.listen ?? '300', '--listen', 1, 86_400),
		resultSeconds: wholeNumber(values['result-timeout'] ?? '900', '--result-timeout', 1, 86_400),
	};
	if ((settings.createLink || payment) && settings.till === undefined) {
		throw new UsageError('--create-link and --request-payment need --till.');
	}
	if (settings.receivePort !== undefined) {
		settings.callbackUrl ??= settings.subscribeUrl;
		if (settings.callbackUrl === undefined) {
			throw new UsageError(
				'--receive needs the public address of its port: give --callback-url or --subscribe.',
			);
		}
	}
	return { report: values.report ?? '.run/verify.json', settings };
}

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

function baseUrlOf(given: string | undefined, environment: Settings['environment']): string {
	if (given === undefined)
		return environment === 'production' ? BASE_URLS.production : BASE_URLS.sandbox;
	const url = optionalUrl(given, '--base-url') ?? '';
	if (url.startsWith('http:') && !LOOPBACK.test(new URL(url).hostname)) {
		throw new UsageError('--base-url must begin with https://, except for this machine.');
	}
	return url;
}

function optionalUrl(given: string | undefined, option: string): string | undefined {
	if (given === undefined) return undefined;
	if (!/^https?:\/\/\S+$/.test(given) || !URL.canParse(given)) {
		throw new UsageError(`${option} takes an address such as https://example.com.`);
	}
	return given.replace(/\/+$/, '');
}

function tillOf(given: string | undefined): string | undefined {
	if (given === undefined) return undefined;
	const till = given.trim().toUpperCase();
	if (!/^K?\d+$/.test(till)) throw new UsageError('--till takes a till number such as K123456.');
	return till;
}

function wholeNumber(given: string, option: string, min: number, max: number): number {
	const value = Number(given);
	if (/^\d+$/.test(given) && value >= min && value <= max) return value;
	throw new UsageError(`${option} takes a whole number from ${min} to ${max}.`);
}

const MAX_AMOUNT = 1_000;

function paymentOf(given: string | undefined, positionals: string[]): Settings['payment'] {
	const [first, ...others] = positionals;
	if (given === undefined) {
		// Not repeated here: it could be a phone number or a secret.
		if (first !== undefined) {
			throw new UsageError('There is a value without an option before it.');
		}
		return undefined;
	}
	const digits = /^(?:\+?254|0)([17]\d{8}|9{9})$/.exec(given.replace(/[\s-]/g, ''))?.[1];
	if (digits === undefined) {
		throw new UsageError(
			'--request-payment takes a phone number such as 0712345678, and an amount.',
		);
	}
	if (first === undefined || others.length > 0) {
		throw new UsageError('--request-payment takes a phone number and an amount, and nothing else.');
	}
	return { phone: `+254${digits}`, amount: wholeNumber(first, 'AMOUNT', 1, MAX_AMOUNT) };
}
