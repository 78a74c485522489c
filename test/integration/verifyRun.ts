import getPort from 'get-port';

import type { SandboxConfig } from '../sandbox/config';
import { startSandbox, type Sandbox } from '../sandbox/server';
import { type Result, runCheck } from '../verify/runCheck';
import type { Settings } from '../verify/settings';
import { type Interference, type Proxy, startProxy } from './deviatingProxy';

/** The phone number that the tests ask for money, which must not appear in any output. */
export const PHONE = '+254712345678';
export const TILL = 'K000001';

export interface RunOptions {
	/** Without the options that create something, or with all of them. */
	mode: 'plain' | 'all';
	interference?: Interference;
	sandbox?: Partial<SandboxConfig>;
	settings?: Partial<Settings>;
	/** What the customer does with the payment request. */
	customer?: 'pay' | 'refuse';
	prepare?(sandbox: Sandbox): void;
	/** While the check waits this long, in ms. */
	onSleep?(ms: number, sandbox: Sandbox): void;
	/** The user stops the check when it says this. */
	stopsAt?: string;
}

export interface RunOutcome {
	results: Result[];
	/** Everything that the check told the user on the way. */
	progress: string[];
	/** As it was when the check had ended. */
	sandbox: Sandbox;
	settings: Settings;
}

const pause = async (ms: number) =>
	await new Promise((resolve) => {
		AbortSignal.timeout(ms).addEventListener('abort', resolve);
	});

/** Waits a hundredth of the time, and at most this long. */
const LONGEST_MS = 4;

/** Runs the contract check against a sandbox behind a proxy. Times are shortened, and tokens expire on time. */
export async function verifySandbox({
	mode,
	interference = {},
	sandbox: config,
	settings: more,
	customer = 'pay',
	prepare,
	onSleep,
	stopsAt,
}: RunOptions): Promise<RunOutcome> {
	const isAll = mode === 'all';
	const sandbox = await startSandbox({
		port: 0,
		processingMs: 1,
		webhookRetryDelaysMs: [3, 5],
		allowHttpCallbacks: isAll,
		...config,
	});
	const receivePort = await getPort();
	let proxy: Proxy | undefined;
	let hasActed = false;
	const progress: string[] = [];
	const stopped = new AbortController();
	try {
		proxy = await startProxy(sandbox.url, receivePort, {
			...interference,
			onResponse(returning, passing) {
				const id = /^\/api\/v2\/incoming_payments\/([\da-f-]{36})$/.exec(passing.path)?.[1];
				interference.onResponse?.(returning, passing);
				if (id === undefined || returning.status !== 200 || hasActed) return;
				// The check has seen the request pending.
				hasActed = true;
				sandbox.customer.act(id, { action: customer });
			},
		});
		const at = new Date(Date.now() - 3_600_000).toISOString();
		sandbox.till.buygoods({ at, till: TILL, phone: '+254722000111' });
		sandbox.till.buygoods({ at, till: '112233', phone: '+254722000222' });
		sandbox.till.b2b({ at, till: TILL });
		prepare?.(sandbox);
		const settings: Settings = {
			environment: 'custom',
			baseUrl: proxy.url,
			oauthBaseUrl: `${proxy.url}/older`,
			clientId: sandbox.clientId,
			clientSecret: sandbox.clientSecret,
			apiKey: sandbox.apiKey,
			till: TILL,
			createLink: isAll,
			waitForExpiry: isAll,
			listenSeconds: 250,
			resultSeconds: 120,
			...(isAll
				? {
						receivePort,
						callbackUrl: `${proxy.merchantUrl}/callback`,
						subscribeUrl: `${proxy.merchantUrl}/hook`,
						payment: { phone: PHONE, amount: 10 },
					}
				: { plainHttpUrl: `${proxy.url}/plain` }),
			...more,
		};
		const results = await runCheck(settings, {
			signal: stopped.signal,
			progress(text) {
				progress.push(text);
				if (stopsAt !== undefined && text.endsWith(stopsAt)) stopped.abort();
			},
			async sleep(ms) {
				if (ms === 120_000) sandbox.tokens.invalidate();
				onSleep?.(ms, sandbox);
				await pause(Math.min(ms / 100, LONGEST_MS));
			},
		});
		return { results, progress, sandbox, settings };
	} finally {
		await proxy?.close();
		await sandbox.close();
	}
}

/** The paths on which the sandbox has created or changed something, without its tokens. */
export const createdPaths = ({ sandbox }: RunOutcome): string[] =>
	sandbox.ledger.requests
		.filter(({ method, path, processed }) => method !== 'GET' && processed && /^\/api\//.test(path))
		.map(({ path }) => path.replace(/[\da-f-]{36}/, '{id}'));

/** The IDs of the assumptions with this verdict. */
export const idsOf = (results: Result[], verdict: Result['verdict']): string[] =>
	results.filter((result) => result.verdict === verdict).map(({ id }) => id);
