import { troubleViews } from '../sandbox/page/trouble';
import { operationRunner } from './operationRunner';
import { sandboxPerTest } from './sandboxPerTest';

/** The waits of the node, in milliseconds, and what happens instead of them. */
const waits: number[] = [];
let whenWaiting: () => void = () => undefined;

jest.mock('../../nodes/KopoKopo/n8n/sleep', () => ({
	async abortableSleep(ms: number) {
		// A wait of 0 ms only lets other work run while items are prepared.
		if (ms > 0) {
			waits.push(ms);
			whenWaiting();
		}
		return await Promise.resolve();
	},
}));

const current = sandboxPerTest();
const { one, requests } = operationRunner('v2', current);

beforeEach(() => {
	waits.length = 0;
	whenWaiting = () => undefined;
});

/** Turns a switch of the page on. */
function turnOn(name: string): void {
	const trouble = troubleViews([]).find((each) => each.name === name);
	if (!trouble) throw new Error(`No switch ${name}`);
	current.sandbox.faults.add(trouble.rule);
}

const askForPayment = async () =>
	await one('paymentRequest', 'request', {
		tillNumber: 'K000001',
		phoneNumber: '0712345678',
		amount: 10,
	});

/** How many payment requests arrived, and how many of them were carried out. */
function counts() {
	const all = requests('POST', '/api/v2/incoming_payments');
	return { sent: all.length, carriedOut: all.filter(({ processed }) => processed).length };
}

describe('what the page says about', () => {
	it('too many requests: sent again up to three times, 5 seconds apart', async () => {
		turnOn('tooManyRequests');
		await expect(askForPayment()).rejects.toThrow('Kopo Kopo is receiving too many requests');
		expect(counts()).toEqual({ sent: 4, carriedOut: 0 });
		expect(waits).toEqual([5_000, 5_000, 5_000]);
	});

	it('too many requests, turned off in time: succeeds', async () => {
		turnOn('tooManyRequests');
		whenWaiting = () => current.sandbox.faults.clear();
		expect(await askForPayment()).toMatchObject({ outcome: 'pending' });
		expect(counts()).toEqual({ sent: 2, carriedOut: 1 });
	});

	it.each([
		['errorBefore', 0],
		['errorAfter', 1],
		['cutBefore', 0],
		['cutAfter', 1],
	])('%s: the outcome is not known, and nothing is sent again', async (name, carriedOut) => {
		turnOn(name);
		const { outcome, message } = await askForPayment();
		expect(outcome).toBe('unknown');
		expect(message).toMatch(
			/^It is not known whether Kopo Kopo carried out this request: (it responded with HTTP 500|the connection was lost before the response arrived)\. Before you send it again, look for it in the Kopo Kopo dashboard\./,
		);
		expect(counts()).toEqual({ sent: 1, carriedOut });
	});

	it('an expired token: renewed, and the workflow does not notice', async () => {
		await askForPayment();
		turnOn('expiredToken');
		expect(await askForPayment()).toMatchObject({ outcome: 'pending' });
		expect(counts()).toEqual({ sent: 3, carriedOut: 2 });
		expect(current.sandbox.ledger.tokens).toHaveLength(2);
	});

	it('slow responses: the node waits', async () => {
		const { rule } = troubleViews([]).find(({ name }) => name === 'slow') ?? {};
		expect(rule).toMatchObject({ kind: 'latency', ms: 5_000 });
		current.sandbox.faults.add({ kind: 'latency', ms: 50, path: '/api/*' });
		expect(await askForPayment()).toMatchObject({ outcome: 'pending' });
		expect(counts()).toEqual({ sent: 1, carriedOut: 1 });
	});
});

describe('a switch', () => {
	it('recognizes its own rule only', () => {
		for (const { name } of troubleViews([])) {
			current.sandbox.faults.clear();
			turnOn(name);
			const on = troubleViews(current.sandbox.faults.rules).filter(
				({ ruleIds }) => ruleIds.length > 0,
			);
			expect(on.map((each) => each.name)).toEqual([name]);
		}
	});
});
