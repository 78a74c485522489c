import type { Failure } from '../../nodes/KopoKopo/transport/failure';
import { type Attempt, withRetries } from '../../nodes/KopoKopo/transport/retry';

/** The length of each sleep, in ms. None of them takes any time. */
const slept: number[] = [];
let duringSleep: (signal?: AbortSignal) => void = () => undefined;

jest.mock('n8n-workflow', () => ({
	...jest.requireActual<object>('n8n-workflow'),
	async sleep(ms: number, signal?: AbortSignal) {
		slept.push(ms);
		duringSleep(signal);
		signal?.throwIfAborted();
	},
}));

beforeEach(() => {
	slept.length = 0;
	duringSleep = () => undefined;
});

const failureWith = (changed: Partial<Failure>): Failure => ({
	certainty: 'rejected',
	message: 'It was rejected',
	description: 'Look at it.',
	transient: false,
	...changed,
});
const tooMany = (retryAfterMs?: number) =>
	failureWith({
		certainty: 'notProcessed',
		transient: true,
		status: 429,
		...(retryAfterMs !== undefined && { retryAfterMs }),
	});

/** Attempts with these results in turn; the last result is repeated. */
function attempts(...ends: Array<Failure | string>) {
	let tried = 0;
	const attempt = jest.fn(async (): Promise<Attempt<string>> => {
		const end = ends[Math.min(tried++, ends.length - 1)];
		return typeof end === 'string' ? { value: end } : { failure: end ?? failureWith({}) };
	});
	return attempt;
}

describe('the retry rule', () => {
	test('repeats nothing when the first attempt succeeds', async () => {
		const attempt = attempts('good');

		expect(await withRetries(attempt, false)).toEqual({ value: 'good' });
		expect(attempt).toHaveBeenCalledTimes(1);
		expect(slept).toEqual([]);
	});

	test.each([
		['a write', false],
		['a read', true],
	])('repeats %s that was not processed, until it is', async (_what, isSafeToRepeat) => {
		const attempt = attempts(tooMany(), tooMany(), 'good');

		expect(await withRetries(attempt, isSafeToRepeat)).toEqual({ value: 'good' });
		expect(attempt).toHaveBeenCalledTimes(3);
	});

	test('repeats a read whose response was lost', async () => {
		const attempt = attempts(failureWith({ certainty: 'unknown', transient: true }), 'good');

		expect(await withRetries(attempt, true)).toEqual({ value: 'good' });
	});
});

describe('what is not retried:', () => {
	test.each<[string, boolean, Partial<Failure>]>([
		['a write that may have been carried out', false, { certainty: 'unknown' }],
		[
			'a write that may have been carried out, even if the failure is transient',
			false,
			{ certainty: 'unknown', transient: true },
		],
		[
			'a write that may have been carried out, even with a Retry-After header',
			false,
			{ certainty: 'unknown', transient: true, status: 503, retryAfterMs: 10 },
		],
		[
			'a request whose token exchange was retried',
			true,
			{ certainty: 'notProcessed', transient: true, isRetried: true, status: 503 },
		],
		['a rejected write', false, { certainty: 'rejected', status: 400 }],
		['a rejected read', true, { certainty: 'rejected', status: 404 }],
		['a write whose token is not accepted', false, { certainty: 'notProcessed', status: 401 }],
		['a read over a connection that is not secure', true, { certainty: 'notProcessed' }],
	])('%s', async (_what, isSafeToRepeat, changed) => {
		const failure = failureWith(changed);
		const attempt = attempts(failure, 'good');

		expect(await withRetries(attempt, isSafeToRepeat)).toEqual({ failure });
		expect(attempt).toHaveBeenCalledTimes(1);
		expect(slept).toEqual([]);
	});

	test('a write whose second attempt may have been carried out', async () => {
		const unknown = failureWith({ certainty: 'unknown', transient: true });
		const attempt = attempts(tooMany(), unknown, 'good');

		expect(await withRetries(attempt, false)).toEqual({ failure: unknown });
		expect(attempt).toHaveBeenCalledTimes(2);
	});
});

describe('the retries', () => {
	test('end after four attempts with the last failure', async () => {
		const last = failureWith({ certainty: 'notProcessed', transient: true, message: 'the last' });
		const attempt = attempts(tooMany(), tooMany(), tooMany(), last, 'good');

		expect(await withRetries(attempt, false)).toEqual({ failure: last });
		expect(attempt).toHaveBeenCalledTimes(4);
	});

	test('wait 1, 2 and 4 s, each shortened by up to half', async () => {
		await withRetries(attempts(tooMany()), false);

		expect(slept).toHaveLength(3);
		for (const [at, longest] of [1000, 2000, 4000].entries()) {
			expect(slept[at]).toBeGreaterThanOrEqual(longest / 2);
			expect(slept[at]).toBeLessThanOrEqual(longest);
		}
	});

	test('wait as long as each Retry-After header says instead', async () => {
		const attempt = attempts(tooMany(30_000), tooMany(0), tooMany(60_000), 'good');

		expect(await withRetries(attempt, false)).toEqual({ value: 'good' });
		expect(slept).toEqual([30_000, 0, 60_000]);
	});

	test('do not begin when Retry-After is longer than a minute', async () => {
		const banned = tooMany(3_600_000);
		const attempt = attempts(banned, 'good');

		expect(await withRetries(attempt, false)).toEqual({ failure: banned });
		expect(attempt).toHaveBeenCalledTimes(1);
		expect(slept).toEqual([]);
	});
});

describe('a cancel', () => {
	test('during an attempt ends the retries', async () => {
		const cancelling = new AbortController();
		const failure = tooMany();
		const attempt = jest.fn(async (): Promise<Attempt<string>> => {
			cancelling.abort();
			return { failure };
		});

		expect(await withRetries(attempt, false, cancelling.signal)).toEqual({ failure });
		expect(attempt).toHaveBeenCalledTimes(1);
		expect(slept).toEqual([]);
	});

	test('during a wait ends it with the last failure', async () => {
		const cancelling = new AbortController();
		duringSleep = () => cancelling.abort();
		const failure = tooMany(30_000);
		const attempt = attempts(failure, 'good');

		expect(await withRetries(attempt, false, cancelling.signal)).toEqual({ failure });
		expect(attempt).toHaveBeenCalledTimes(1);
		expect(slept).toEqual([30_000]);
	});

	test('during an attempt that succeeds keeps its value', async () => {
		const cancelling = new AbortController();
		const attempt = jest.fn(async (): Promise<Attempt<string>> => {
			cancelling.abort();
			return { value: 'good' };
		});

		expect(await withRetries(attempt, false, cancelling.signal)).toEqual({ value: 'good' });
	});
});

test('an error that an attempt throws is passed on', async () => {
	const attempt = async () => await Promise.reject<Attempt<string>>(new Error('a defect'));

	await expect(withRetries(attempt, true)).rejects.toThrow('a defect');
});
