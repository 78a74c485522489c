import type { Failure } from '../../nodes/KopoKopo/transport/failure';
import { type Attempt, withRetries } from '../../nodes/KopoKopo/transport/retry';

/** How long each sleep was to last; none of them lasts. */
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

const faultWith = (changed: Partial<Failure>): Failure => ({
	certainty: 'rejected',
	message: 'It was refused',
	description: 'Look at it.',
	transient: false,
	...changed,
});
const tooMany = (retryAfterMs?: number) =>
	faultWith({
		certainty: 'notSent',
		transient: true,
		status: 429,
		...(retryAfterMs !== undefined && { retryAfterMs }),
	});

/** Attempts that end as told, one after the other; the last one over and over. */
function attempts(...ends: Array<Failure | string>) {
	let tried = 0;
	const attempt = jest.fn(async (): Promise<Attempt<string>> => {
		const end = ends[Math.min(tried++, ends.length - 1)];
		return typeof end === 'string' ? { value: end } : { failure: end ?? faultWith({}) };
	});
	return attempt;
}

describe('what is repeated', () => {
	test('nothing, when the first answer is good', async () => {
		const attempt = attempts('good');

		expect(await withRetries(attempt, false)).toEqual({ value: 'good' });
		expect(attempt).toHaveBeenCalledTimes(1);
		expect(slept).toEqual([]);
	});

	test.each([
		['a write', false],
		['a read', true],
	])('%s that was not let in, until it is', async (_what, isRead) => {
		const attempt = attempts(tooMany(), tooMany(), 'good');

		expect(await withRetries(attempt, isRead)).toEqual({ value: 'good' });
		expect(attempt).toHaveBeenCalledTimes(3);
	});

	test('a read whose answer was lost', async () => {
		const attempt = attempts(faultWith({ certainty: 'unknown', transient: true }), 'good');

		expect(await withRetries(attempt, true)).toEqual({ value: 'good' });
	});
});

describe('what is sent once and never again', () => {
	test.each<[string, boolean, Partial<Failure>]>([
		['a write that may have been carried out', false, { certainty: 'unknown' }],
		[
			'a write that may have been carried out, even if somebody called that transient',
			false,
			{ certainty: 'unknown', transient: true },
		],
		[
			'a write that may have been carried out, even when told to come back later',
			false,
			{ certainty: 'unknown', transient: true, status: 503, retryAfterMs: 10 },
		],
		['a refused write', false, { certainty: 'rejected', status: 400 }],
		['a refused read', true, { certainty: 'rejected', status: 404 }],
		['a write whose token is not accepted', false, { certainty: 'notSent', status: 401 }],
		['a read over a connection that is not secure', true, { certainty: 'notSent' }],
	])('%s', async (_what, isRead, changed) => {
		const failure = faultWith(changed);
		const attempt = attempts(failure, 'good');

		expect(await withRetries(attempt, isRead)).toEqual({ failure });
		expect(attempt).toHaveBeenCalledTimes(1);
		expect(slept).toEqual([]);
	});

	test('a write of which a later attempt is doubtful', async () => {
		const doubtful = faultWith({ certainty: 'unknown', transient: true });
		const attempt = attempts(tooMany(), doubtful, 'good');

		expect(await withRetries(attempt, false)).toEqual({ failure: doubtful });
		expect(attempt).toHaveBeenCalledTimes(2);
	});
});

describe('how long and how often', () => {
	test('four times at most, and the last failure is what is told', async () => {
		const last = faultWith({ certainty: 'notSent', transient: true, message: 'the last' });
		const attempt = attempts(tooMany(), tooMany(), tooMany(), last, 'good');

		expect(await withRetries(attempt, false)).toEqual({ failure: last });
		expect(attempt).toHaveBeenCalledTimes(4);
	});

	test('the waits are 1, 2 and 4 s, each cut by up to half', async () => {
		await withRetries(attempts(tooMany()), false);

		expect(slept).toHaveLength(3);
		for (const [at, longest] of [1000, 2000, 4000].entries()) {
			expect(slept[at]).toBeGreaterThanOrEqual(longest / 2);
			expect(slept[at]).toBeLessThanOrEqual(longest);
		}
	});

	test('Retry-After counts instead, each time anew', async () => {
		const attempt = attempts(tooMany(30_000), tooMany(0), tooMany(60_000), 'good');

		expect(await withRetries(attempt, false)).toEqual({ value: 'good' });
		expect(slept).toEqual([30_000, 0, 60_000]);
	});

	test('a ban of an hour is told at once and not waited for', async () => {
		const banned = tooMany(3_600_000);
		const attempt = attempts(banned, 'good');

		expect(await withRetries(attempt, false)).toEqual({ failure: banned });
		expect(attempt).toHaveBeenCalledTimes(1);
		expect(slept).toEqual([]);
	});
});

describe('a cancelled execution', () => {
	test('sends nothing more after the attempt under way', async () => {
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

	test('ends a wait at once, and the last failure is what is told', async () => {
		const cancelling = new AbortController();
		duringSleep = () => cancelling.abort();
		const failure = tooMany(30_000);
		const attempt = attempts(failure, 'good');

		expect(await withRetries(attempt, false, cancelling.signal)).toEqual({ failure });
		expect(attempt).toHaveBeenCalledTimes(1);
		expect(slept).toEqual([30_000]);
	});

	test('still takes the good answer of the attempt under way', async () => {
		const cancelling = new AbortController();
		const attempt = jest.fn(async (): Promise<Attempt<string>> => {
			cancelling.abort();
			return { value: 'good' };
		});

		expect(await withRetries(attempt, false, cancelling.signal)).toEqual({ value: 'good' });
	});
});

test('what an attempt throws goes through', async () => {
	const attempt = async () => await Promise.reject<Attempt<string>>(new Error('a defect'));

	await expect(withRetries(attempt, true)).rejects.toThrow('a defect');
});
