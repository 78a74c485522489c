import type { IDataObject } from 'n8n-workflow';
import {
	pollUntilFinal,
	pollAllUntilFinal,
	type PollFn,
} from '../../nodes/KopoKopo/execution/poll';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const payment = (status: string): IDataObject => ({
	data: {
		id: 'payment-1',
		type: 'incoming_payment',
		attributes: {
			status,
			event: { resource: status === 'Success' ? { amount: '100.0' } : null, errors: null },
		},
	},
});
const PENDING = payment('Pending');
const PAID = payment('Success');
const REFUSED = payment('Failed');

/** A look that gives these bodies in turn, the last one for ever, and notes when it was taken. */
function looking(...bodies: Array<IDataObject | undefined>) {
	const began = Date.now();
	const at: number[] = [];
	const look: PollFn = async () => {
		at.push(Date.now() - began);
		return await Promise.resolve(bodies[Math.min(at.length, bodies.length) - 1]);
	};
	return { look, at };
}

/** A look that nobody answers. */
const never: PollFn = async () => await new Promise(() => {});

/** Lets time pass, and tells whether the promise has come to an end by then. */
async function within<T>(ms: number, promise: Promise<T>): Promise<T | 'still waiting'> {
	let result: T | 'still waiting' = 'still waiting';
	const done = promise.then((value) => {
		result = value;
	});
	await jest.advanceTimersByTimeAsync(ms);
	void done;
	return result;
}

it.each([
	['paid', PAID],
	['refused', REFUSED],
])('looks once at what is %s already', async (_what, body) => {
	const { look, at } = looking(body);
	expect(await within(0, pollUntilFinal(look, { timeoutMs: 60_000 }))).toBe(body);
	expect(at).toEqual([0]);
	expect(jest.getTimerCount()).toBe(0);
});

it('looks until there is a result', async () => {
	const { look, at } = looking(PENDING, PENDING, undefined, PENDING, PAID);
	expect(await within(60_000, pollUntilFinal(look, { timeoutMs: 120_000 }))).toBe(PAID);
	expect(at).toHaveLength(5);
	expect(jest.getTimerCount()).toBe(0);
});

it('looks less and less often, ten seconds apart at most, and never exactly when others do', async () => {
	const looks = Array.from({ length: 5 }, () => looking(PENDING));
	const all = pollAllUntilFinal(looks.map(({ look }) => ({ fetch: look, timeoutMs: 120_000 })));
	expect(await within(130_000, all)).toEqual(looks.map(() => PENDING));

	for (const { at } of looks) {
		const pauses = at.slice(1).map((time, index) => time - (at[index] ?? 0));
		// 1, 1.5, 2.25, … 10, each a tenth more or less; the last one is what was left.
		for (const [index, pause] of pauses.slice(0, -1).entries()) {
			const wanted = Math.min(1000 * 1.5 ** index, 10_000);
			expect(pause).toBeGreaterThanOrEqual(wanted * 0.9 - 1);
			expect(pause).toBeLessThanOrEqual(wanted * 1.1 + 1);
		}
		expect(at.length).toBeGreaterThan(12);
		expect(at.length).toBeLessThan(22);
	}
	expect(new Set(looks.map(({ at }) => at[3])).size).toBeGreaterThan(1);
});

it('takes the last look when the time is up, and keeps what was seen', async () => {
	const { look, at } = looking(PENDING, undefined);
	expect(await within(10_100, pollUntilFinal(look, { timeoutMs: 10_000 }))).toBe(PENDING);
	// Timers count whole milliseconds.
	expect(at.at(-1)).toBeGreaterThanOrEqual(9_998);
	expect(at.at(-1)).toBeLessThanOrEqual(10_002);
	expect(jest.getTimerCount()).toBe(0);
});

it('lets no look at a Kopo Kopo that hangs make it much longer', async () => {
	const waiting = pollAllUntilFinal(
		[looking(PAID).look, never, looking(PENDING, PENDING).look].map((fetch) => ({
			fetch,
			timeoutMs: 60_000,
		})),
	);
	expect(await within(69_000, waiting)).toBe('still waiting');
	expect(await within(1_001, waiting)).toEqual([PAID, undefined, PENDING]);
});

it('lets one that hangs keep none of the others waiting', async () => {
	const { look, at } = looking(PENDING, PENDING, PAID);
	void pollAllUntilFinal([never, look].map((fetch) => ({ fetch, timeoutMs: 600_000 })));
	await jest.advanceTimersByTimeAsync(10_000);
	expect(at).toHaveLength(3);
});

it('looks at ten at a time', async () => {
	let underWay = 0;
	let most = 0;
	const look: PollFn = async () => {
		most = Math.max(most, ++underWay);
		await jest.advanceTimersByTimeAsync(0);
		underWay--;
		return PAID;
	};
	const polls = Array.from({ length: 50 }, () => ({ fetch: look, timeoutMs: 60_000 }));
	expect(await pollAllUntilFinal(polls)).toEqual(polls.map(() => PAID));
	expect(most).toBe(10);
});

it('stops at once when the user cancels, between two looks and during one', async () => {
	const user = new AbortController();
	const { look, at } = looking(PENDING);
	const waiting = pollUntilFinal(look, { timeoutMs: 600_000, signal: user.signal });
	expect(await within(30_000, waiting)).toBe('still waiting');
	const before = at.length;
	user.abort();
	expect(await within(0, waiting)).toBe(PENDING);
	await jest.advanceTimersByTimeAsync(60_000);
	expect(at).toHaveLength(before);

	const late = looking(PAID);
	expect(
		await within(0, pollUntilFinal(late.look, { timeoutMs: 60_000, signal: user.signal })),
	).toBeUndefined();
	expect(late.at).toEqual([]);
});

it('ends with what a look throws, and leaves the others alone after that', async () => {
	const { look, at } = looking(PENDING);
	const failing: PollFn = async () => await Promise.reject(new Error('No such poll'));
	const waiting = pollAllUntilFinal([look, failing].map((fetch) => ({ fetch, timeoutMs: 60_000 })));
	await expect(waiting).rejects.toThrow('No such poll');
	await jest.advanceTimersByTimeAsync(60_000);
	expect(at).toHaveLength(1);
	expect(jest.getTimerCount()).toBe(0);
});

it('can wait longer than a timer can count', async () => {
	const { look, at } = looking(PENDING);
	const waiting = pollUntilFinal(look, { timeoutMs: 365 * 24 * 60 * 60 * 1000 });
	expect(await within(60_000, waiting)).toBe('still waiting');
	expect(at.length).toBeGreaterThan(3);
});

it('of nothing is over at once', async () => {
	expect(await within(0, pollAllUntilFinal([]))).toEqual([]);
});
