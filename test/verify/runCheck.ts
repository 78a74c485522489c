import {
	type ApiAnswer,
	ApiClient,
	ForbiddenRequestError,
	NoResponseError,
	StoppedError,
} from './apiClient';
import {
	type Assumption,
	CannotRunError,
	type Check,
	differs,
	type Finding,
	NotObservedError,
	notTried,
} from './assumption';
import { ASSUMPTIONS } from './assumptions';
import { cancelLink } from './assumptions/links';
import { revokeTokens } from './assumptions/tokens';
import { Masker } from './masking';
import { Receiver } from './receiver';
import type { Settings } from './settings';

/** An assumption with what was seen of it. */
export interface Result extends Pick<Assumption, 'id' | 'statement' | 'heading' | 'reliesOn'> {
	verdict: Finding['verdict'];
	seen: string;
	shape?: unknown;
}

export interface RunOptions {
	sleep(ms: number): Promise<void>;
	/** Tells the user what is happening; never contains private values. */
	progress(text: string): void;
	/** Aborted when the user stops the check; what was not tried by then stays so. */
	signal?: AbortSignal;
}

/**
 * Tries every assumption and returns a result for each, without private values. Sends nothing that moves money.
 * @throws CannotRunError if no access token is issued, or the port of the listener is taken
 */
export async function runCheck(settings: Settings, options: RunOptions): Promise<Result[]> {
	const masker = new Masker();
	for (const secret of ['clientId', 'clientSecret', 'apiKey'] as const) {
		masker.addSecret(settings[secret], secret);
	}
	masker.add(settings.till, 'till');
	masker.add(settings.payment?.phone, 'phone');
	masker.add(settings.payment?.phone.replace(/^\+?254/, ''), 'phone');
	masker.add(settings.callbackUrl, 'callbackUrl');
	masker.add(settings.subscribeUrl, 'subscribeUrl');

	const sleep = async (ms: number) => {
		await options.sleep(ms);
		// Otherwise a loop that waits would go on without waiting.
		if (options.signal?.aborted) throw new NotObservedError(STOPPED);
	};
	const learn = ({ json, headers: { location } }: ApiAnswer) => masker.learn({ json, location });
	const api = new ApiClient(settings.baseUrl, sleep, learn, options.signal);
	// Also works after the user has stopped the check.
	const cleanupApi = new ApiClient(settings.baseUrl, options.sleep, learn);
	const receiver = await startReceiver(settings, masker);
	const made = new Map<string, Promise<unknown>>();
	const check: Check = {
		settings,
		api,
		masker,
		receiver,
		sleep,
		progress: (text) => options.progress(masker.mask(text)),
		rejections: [],
		creations: [],
		tokens: [],
		async once<T>(name: string, make: () => Promise<T>): Promise<T> {
			const existing = made.get(name) as Promise<T> | undefined;
			if (existing) return await existing;
			const making = make();
			made.set(name, making);
			return await making;
		},
	};

	const results: Result[] = [];
	try {
		for (const assumption of ASSUMPTIONS) {
			const { id, statement, heading, reliesOn } = assumption;
			options.progress(`${results.length + 1} of ${ASSUMPTIONS.length}: ${id}`);
			const finding = options.signal?.aborted ? notTried(STOPPED) : await tryOut(assumption, check);
			results.push({
				id,
				statement,
				heading,
				reliesOn,
				verdict: finding.verdict,
				seen: finding.seen,
				...(finding.shape !== undefined && { shape: finding.shape }),
			});
		}
	} finally {
		const cleanup = { ...check, api: cleanupApi };
		await cancelLink(cleanup).catch(() => undefined);
		// The tokens also expire by themselves.
		await revokeTokens(cleanup).catch(() => undefined);
		await receiver?.close();
		await api.close();
		await cleanupApi.close();
	}
	// At the end, when every private value is known.
	return results.map(({ shape, ...result }) => ({
		...result,
		seen: masker.mask(result.seen),
		...(shape !== undefined && { shape: masker.maskShape(shape) }),
	}));
}

const STOPPED = 'the check was stopped';

/** The finding of an assumption. Only what stops the whole check is thrown. */
async function tryOut(assumption: Assumption, check: Check): Promise<Finding> {
	return await new Promise<Finding>((resolve, reject) => {
		const run = async () => await assumption.run(check);
		run().then(resolve, (error: Error) => {
			if (error instanceof StoppedError) resolve(notTried(STOPPED));
			else if (error instanceof NotObservedError) resolve(notTried(error.message));
			else if (error instanceof NoResponseError) resolve(differs(error.message));
			else if (error instanceof CannotRunError || error instanceof ForbiddenRequestError) {
				reject(new CannotRunError(check.masker.mask(error.message)));
			} else resolve(differs(`a response that the check cannot handle (${error.message})`));
		});
	});
}

async function startReceiver(settings: Settings, masker: Masker): Promise<Receiver | undefined> {
	const { receivePort: port } = settings;
	if (port === undefined) return undefined;
	return await Receiver.start(port, ({ json }) => masker.learn(json)).catch(
		({ code }: { code?: string }) => {
			throw new CannotRunError(`The port ${port} cannot be used (${code ?? 'error'}).`);
		},
	);
}
