import type { IDataObject } from 'n8n-workflow';
import { describeExchangeFailure } from '../../nodes/KopoKopo/transport/errorMessages';
import {
	classifyError,
	classifyResponse,
	TokenExchangeError,
} from '../../nodes/KopoKopo/transport/errors';
import type { Failure } from '../../nodes/KopoKopo/transport/failure';
import { FakeKopoKopo, FakeN8n, HOUR, MINUTE, SECOND } from '../support/pollingModel';

let kopoKopo: FakeKopoKopo;
let n8n: FakeN8n;

beforeEach(() => {
	jest.useFakeTimers();
	kopoKopo = new FakeKopoKopo();
	jest.setSystemTime(kopoKopo.now());
	n8n = new FakeN8n(kopoKopo);
});
afterEach(() => jest.useRealTimers());

const iso = (ms: number) => new Date(ms).toISOString();
/** Starts from a time so many ms ago. */
const since = (ago: number) => ({ startFrom: 'time', startTime: iso(kopoKopo.now() - ago) });

describe('the polling trigger', () => {
	test('gives payments from its activation on, each once', async () => {
		kopoKopo.pay('BEFORE', { ago: 10 * SECOND });
		await n8n.activate();
		kopoKopo.pay('FIRST', { ago: 20 * SECOND });
		await n8n.poll();
		await n8n.runAll();
		kopoKopo.pay('SECOND', { ago: 20 * SECOND });
		await n8n.poll();
		await n8n.poll();

		expect(n8n.receipts).toEqual(['FIRST', 'SECOND']);
		expect(n8n.errors).toEqual([]);
	});

	test('gives a payment that is reported late, but not later than the overlap', async () => {
		await n8n.activate();
		await jest.advanceTimersByTimeAsync(3 * HOUR);
		await n8n.poll();
		kopoKopo.pay('LATE', { ago: 50 * MINUTE });
		kopoKopo.pay('TOO LATE', { ago: 70 * MINUTE });
		await n8n.poll();

		expect(n8n.receipts).toEqual(['LATE']);
	});

	test.each([-HOUR, HOUR])(
		'does not rely on the clock of the machine, which is %d ms off',
		async (offset) => {
			jest.setSystemTime(kopoKopo.now() + offset);
			kopoKopo.pay('BEFORE', { ago: 30 * MINUTE });
			await n8n.activate();
			kopoKopo.pay('FIRST', { ago: 20 * SECOND });
			await n8n.poll();

			expect(n8n.receipts).toEqual(['FIRST']);
			const last = kopoKopo.polls.at(-1);
			expect(Math.abs((last?.to ?? 0) - kopoKopo.now())).toBeLessThan(2 * MINUTE);
		},
	);

	test('asks again, and misses nothing, when Kopo Kopo does not tell the time', async () => {
		kopoKopo.hasDate = false;
		await n8n.activate();
		kopoKopo.pay('FIRST', { ago: 20 * SECOND });
		await n8n.poll();
		await n8n.runAll();
		await n8n.poll();
		kopoKopo.pay('SECOND', { ago: 20 * SECOND });
		await n8n.poll();

		expect(n8n.receipts).toEqual(['FIRST', 'SECOND']);
	});

	test('splits a period that Kopo Kopo refuses, at once or later', async () => {
		kopoKopo.pay('OLD', { ago: 70 * HOUR });
		kopoKopo.pay('NEW', { ago: HOUR });
		kopoKopo.longestPeriod = 40 * HOUR;
		kopoKopo.longestListedPeriod = 10 * HOUR;
		n8n.parameters = since(72 * HOUR);
		await n8n.activate();
		for (let polls = 0; polls < 5; polls++) {
			await n8n.poll();
			await n8n.runAll();
		}

		expect(n8n.receipts).toEqual(['OLD', 'NEW']);
		expect(n8n.errors).toEqual([]);
	});

	test('gives a payment that is reported late while periods are split and Kopo Kopo is slow', async () => {
		await n8n.activate();
		await jest.advanceTimersByTimeAsync(3 * HOUR);
		await n8n.poll();
		kopoKopo.longestPeriod = 25 * MINUTE;
		kopoKopo.looksUntilReady = 25;
		const before = kopoKopo.polls.length;
		while (kopoKopo.polls.length < before + 2) await n8n.poll();
		// The first of several periods has been listed, and contains the time of this payment.
		kopoKopo.pay('LATE', { ago: 59 * MINUTE });
		for (let polls = 0; polls < 30; polls++) await n8n.poll();

		expect(n8n.receipts).toEqual(['LATE']);
	});

	test('keeps a poll that is not ready and looks for it again', async () => {
		await n8n.activate();
		const before = kopoKopo.polls.length;
		kopoKopo.looksUntilReady = 25;
		kopoKopo.pay('FIRST', { ago: 20 * SECOND });
		await n8n.poll();
		await n8n.poll();
		await n8n.poll();

		expect(kopoKopo.polls.length).toBe(before + 1);
		await n8n.poll();
		await n8n.poll();
		expect(n8n.receipts).toEqual(['FIRST']);
	});

	test('says once why it cannot poll, and again for another reason', async () => {
		await n8n.activate();
		kopoKopo.outage = 503;
		await n8n.poll();
		await n8n.poll();
		kopoKopo.outage = 403;
		await n8n.poll();
		await n8n.poll();
		kopoKopo.outage = undefined;
		kopoKopo.pay('FIRST', { ago: 3 * MINUTE });
		await n8n.poll();
		kopoKopo.outage = 403;
		await n8n.poll();

		expect(n8n.errors).toEqual([
			expect.stringContaining('503'),
			expect.stringContaining('403'),
			expect.stringContaining('403'),
		]);
		expect(n8n.receipts).toEqual(['FIRST']);
	});

	test('says once why each of two tills cannot be polled', async () => {
		const tills = (tillNumber: string) => ({ scope: 'till', tillNumber });
		n8n.parameters = tills('11, 22');
		await n8n.activate();
		const respond = kopoKopo.respond.bind(kopoKopo);
		jest.spyOn(kopoKopo, 'respond').mockImplementation((request) => {
			kopoKopo.outage = 403;
			kopoKopo.outageMessage = `Till ${String((request.body as IDataObject).scope_reference)} is closed`;
			return respond(request);
		});
		// The till that fails first differs from poll to poll.
		for (let polls = 0; polls < 6; polls++) {
			n8n.parameters = tills(polls % 2 === 0 ? '11, 22' : '22, 11');
			await n8n.poll();
		}

		expect(n8n.errors).toEqual([
			expect.stringContaining('Till 11 is closed'),
			expect.stringContaining('Till 22 is closed'),
		]);
	});

	test('is activated during an outage, but not with a wrong credential', async () => {
		kopoKopo.outage = 503;
		await n8n.activate();
		expect(n8n.errors).toEqual([]);

		await jest.advanceTimersByTimeAsync(5 * MINUTE);
		kopoKopo.pay('DURING THE OUTAGE', { ago: 2 * MINUTE });
		kopoKopo.outage = undefined;
		await n8n.poll();
		await n8n.poll();
		expect(n8n.receipts).toEqual(['DURING THE OUTAGE']);

		kopoKopo.outage = 403;
		n8n.publish();
		await n8n.poll();
		n8n.publish();
		await n8n.poll();
		expect(n8n.errors).toHaveLength(2);
	});

	test.each<[end: string, Failure, isActivated: boolean]>([
		['503', classifyResponse({ status: 503, headers: {}, data: {} }, true), true],
		['429', classifyResponse({ status: 429, headers: {}, data: {} }, true), true],
		['a lost connection', classifyError({ code: 'ECONNRESET' }, true, 30_000), true],
		['401', classifyResponse({ status: 401, headers: {}, data: {} }, true), false],
		['404', classifyResponse({ status: 404, headers: {}, data: {} }, true), false],
		['a wrong certificate', classifyError({ code: 'CERT_HAS_EXPIRED' }, true, 30_000), false],
	])(
		'is activated after a token exchange that failed, unless the user must act: %s',
		async (_end, failure, isActivated) => {
			const respond = jest.spyOn(kopoKopo, 'respond').mockImplementation(() => {
				throw new TokenExchangeError(describeExchangeFailure(failure));
			});
			await n8n.activate();
			expect(n8n.errors).toHaveLength(isActivated ? 0 : 1);
			// The exchange has been retried, so the request is not.
			expect(respond).toHaveBeenCalledTimes(1);
		},
	);

	test('gives at most so many payments to an execution, and runs five at a time', async () => {
		for (let n = 0; n < 23; n++) kopoKopo.pay(`P${n}`, { ago: 30 * MINUTE - n * SECOND });
		n8n.parameters = { ...since(HOUR), options: { itemsPerExecution: 3 } };
		await n8n.activate();
		expect(n8n.executions.map(({ items }) => items.length)).toEqual([3, 3, 3, 3, 3]);

		await n8n.runAll();
		await n8n.poll();
		expect(n8n.receipts).toEqual(Array.from({ length: 23 }, (_, n) => `P${n}`));
	});

	test('takes over a list of more than 20,000 payments in parts', async () => {
		const count = 25_000;
		for (let n = 0; n < count; n++) kopoKopo.pay(`P${n}`, { ago: 8 * HOUR - n * SECOND });
		n8n.parameters = { ...since(9 * HOUR), options: { itemsPerExecution: 5000 } };
		await n8n.activate();
		expect(n8n.receipts).toHaveLength(20_000);

		await n8n.runAll();
		await n8n.poll();
		expect(n8n.receipts).toHaveLength(count);
		expect(new Set(n8n.receipts).size).toBe(count);
		expect(n8n.receipts.at(-1)).toBe(`P${count - 1}`);
	});

	test('takes over no more than 20,000 payments of all tills together', async () => {
		const count = 15_000;
		for (let n = 0; n < count; n++) {
			for (const till of ['11', '22']) {
				kopoKopo.pay(`${till}-${n}`, { ago: 8 * HOUR - n * SECOND, till });
			}
		}
		n8n.parameters = {
			...since(9 * HOUR),
			scope: 'till',
			tillNumber: '11, 22',
			options: { itemsPerExecution: 5000 },
		};
		await n8n.activate();
		expect(n8n.receipts).toHaveLength(20_000);

		await n8n.runAll();
		await n8n.poll();
		await n8n.runAll();
		await n8n.poll();
		expect(n8n.receipts).toHaveLength(2 * count);
		expect(new Set(n8n.receipts).size).toBe(2 * count);
		// The second till's list was too long for the rest, not its period.
		expect(kopoKopo.polls.filter(({ till }) => till === '22').length).toBeLessThan(5);
	});

	test('says once that payments are waiting because executions do not end', async () => {
		for (let n = 0; n < 6; n++) kopoKopo.pay(`P${n}`, { ago: 30 * MINUTE - n * SECOND });
		n8n.parameters = { ...since(HOUR), options: { itemsPerExecution: 1 } };
		await n8n.activate();
		for (const execution of n8n.executions) await n8n.begin(execution);
		await n8n.poll();
		expect(n8n.errors).toEqual([]);

		await jest.advanceTimersByTimeAsync(HOUR);
		await n8n.poll();
		await n8n.poll();
		expect(n8n.errors).toEqual([expect.stringMatching(/^Payments are waiting, because 5 exec/)]);
		await n8n.runAll();
		await n8n.poll();
		expect(n8n.receipts.at(-1)).toBe('P5');
		expect(n8n.errors).toHaveLength(1);
	});

	test('emits payments of two groups of executions that have failed, oldest first', async () => {
		for (let n = 0; n < 4; n++) kopoKopo.pay(`P${n}`, { ago: 30 * MINUTE - n * SECOND });
		n8n.parameters = { ...since(HOUR), options: { itemsPerExecution: 2 } };
		await n8n.activate();
		const [first, second] = n8n.executions;
		if (first === undefined || second === undefined) throw new Error('Two executions');
		await n8n.begin(first);
		await n8n.end(first, 'crashed');
		await n8n.begin(second);
		kopoKopo.pay('NEW', { ago: MINUTE });
		await n8n.poll();

		expect(n8n.executions.map(({ items }) => items.map(({ reference }) => reference))).toEqual([
			['P0', 'P1'],
			['P2', 'P3'],
			['P0', 'P1'],
			['NEW'],
		]);
	});

	test('does not let payments wait while Kopo Kopo is slow', async () => {
		kopoKopo.pay('FIRST', { ago: 2 * MINUTE });
		n8n.parameters = since(HOUR);
		await n8n.activate();
		kopoKopo.looksUntilReady = Infinity;
		await n8n.runAll('crashed');
		await n8n.poll();

		expect(n8n.receipts).toEqual(['FIRST', 'FIRST']);
	});

	test('leaves out small and reversed payments', async () => {
		kopoKopo.pay('SMALL', { ago: MINUTE, amount: 9 });
		kopoKopo.pay('REVERSED', { ago: MINUTE });
		kopoKopo.pay('WANTED', { ago: MINUTE });
		const reversed = kopoKopo.payments[1];
		if (reversed !== undefined) reversed.status = 'Reversed';
		n8n.parameters = { ...since(HOUR), options: { minimumAmount: 10 } };
		await n8n.activate();

		expect(n8n.receipts).toEqual(['WANTED']);
	});

	test('logs a payment with an unknown status once, and emits it when its status says that it was received', async () => {
		kopoKopo.pay('UNCLEAR', { ago: MINUTE });
		kopoKopo.pay('SMALL', { ago: MINUTE, amount: 9 });
		kopoKopo.pay('REVERSED', { ago: MINUTE });
		const [unclear, small, reversed] = kopoKopo.payments;
		if (!unclear || !small || !reversed) throw new Error('Three payments');
		unclear.status = 'Under Review';
		small.status = 'Under Review';
		reversed.status = 'Reversed';
		n8n.parameters = { ...since(HOUR), options: { minimumAmount: 10 } };
		await n8n.activate();
		await n8n.poll();
		await n8n.poll();

		expect(n8n.log).toEqual([expect.stringContaining('UNCLEAR (Under Review)')]);
		expect(n8n.receipts).toEqual([]);
		unclear.status = 'Received';
		await n8n.poll();
		expect(n8n.receipts).toEqual(['UNCLEAR']);
	});

	test('polls once for each till', async () => {
		kopoKopo.pay('FIRST', { ago: 2 * MINUTE, till: '11' });
		kopoKopo.pay('SECOND', { ago: MINUTE, till: '22' });
		kopoKopo.pay('OTHER', { ago: MINUTE, till: '33' });
		n8n.parameters = { ...since(HOUR), scope: 'till', tillNumber: '22, 11' };
		await n8n.activate();

		expect(n8n.receipts).toEqual(['FIRST', 'SECOND']);
	});

	test('misses nothing when its scope changes, and gives nothing again', async () => {
		n8n.parameters = since(HOUR);
		kopoKopo.pay('FIRST', { ago: 2 * MINUTE, till: '11' });
		await n8n.activate();
		await n8n.runAll();
		await n8n.poll();
		kopoKopo.pay('SECOND', { ago: 20 * SECOND, till: '11' });
		n8n.parameters = { ...n8n.parameters, scope: 'till', tillNumber: '11' };
		await n8n.poll();

		expect(n8n.receipts).toEqual(['FIRST', 'SECOND']);
	});

	test('gives nothing again when a till is removed while it catches up, and added later', async () => {
		const till = { scope: 'till', tillNumber: '11', options: { overlap: 1 } };
		n8n.parameters = till;
		await n8n.activate();
		await jest.advanceTimersByTimeAsync(3 * HOUR);
		kopoKopo.longestPeriod = 30 * MINUTE;
		kopoKopo.looksUntilReady = 10;
		for (let polls = 0; polls < 3; polls++) await n8n.poll();
		kopoKopo.looksUntilReady = 0;
		n8n.parameters = { ...till, scope: 'company' };
		kopoKopo.pay('FIRST', { ago: 20 * SECOND, till: '11' });
		await n8n.poll();
		await n8n.runAll();
		await jest.advanceTimersByTimeAsync(3 * HOUR);
		await n8n.poll();
		await n8n.poll();
		n8n.parameters = till;
		await n8n.poll();

		expect(n8n.receipts).toEqual(['FIRST']);
	});

	test('begins again at another start time', async () => {
		kopoKopo.pay('OLD', { ago: 10 * HOUR });
		kopoKopo.pay('NEW', { ago: 10 * MINUTE });
		n8n.parameters = since(HOUR);
		await n8n.activate();
		await n8n.runAll();
		n8n.parameters = since(12 * HOUR);
		await n8n.poll();

		expect(n8n.receipts).toEqual(['NEW', 'OLD', 'NEW']);
	});

	test('gives nothing again when the overlap grows', async () => {
		n8n.parameters = { ...since(HOUR), options: { overlap: 1 } };
		kopoKopo.pay('FIRST', { ago: 50 * MINUTE });
		await n8n.activate();
		await n8n.runAll();
		await n8n.poll();
		n8n.parameters = { ...n8n.parameters, options: { overlap: 600 } };
		await n8n.poll();

		expect(n8n.receipts).toEqual(['FIRST']);
	});

	test.each([
		[{ scope: 'till' }, "'Till Number' is empty"],
		[{ startFrom: 'time' }, "'Start Time' is not a date"],
		[{ options: { overlap: -1 } }, "'Overlap (Minutes)' is not"],
		[{ options: { itemsPerExecution: 0 } }, "'Items per Execution' is not"],
		[{ doneWhen: 'whenever' }, "'Done When' cannot be"],
	])('refuses %j', async (parameters, message) => {
		n8n.parameters = parameters;
		await n8n.activate();

		expect(n8n.errors).toEqual([expect.stringContaining(message)]);
		expect(kopoKopo.requests).toBe(0);
	});
});

describe('an execution that has failed', () => {
	beforeEach(async () => {
		kopoKopo.pay('GOOD', { ago: 2 * MINUTE });
		kopoKopo.pay('BAD', { ago: MINUTE });
		n8n.parameters = since(HOUR);
		await Promise.resolve();
	});

	test('is over with Execution Finishes', async () => {
		await n8n.activate();
		await n8n.runAll('error');
		await n8n.poll();

		expect(n8n.receipts).toEqual(['GOOD', 'BAD']);
	});

	test('gets its payments again with Execution Finishes Successfully, in the end one by one', async () => {
		n8n.parameters = { ...n8n.parameters, doneWhen: 'executionFinishesSuccessfully' };
		await n8n.activate();
		for (let polls = 0; polls < 7; polls++) {
			for (const execution of n8n.executions.filter(({ state }) => state === 'created')) {
				await n8n.begin(execution);
				const isBad = execution.items.some(({ reference }) => reference === 'BAD');
				await n8n.end(execution, isBad ? 'error' : 'success');
			}
			await n8n.poll();
		}

		expect(n8n.executions.map(({ items }) => items.length)).toEqual([2, 2, 2, 1, 1, 1]);
		expect(n8n.errors).toEqual([expect.stringMatching(/5 times.*: BAD$/)]);
	});

	test('does not prevent the trigger from being activated once it is given up', async () => {
		n8n.parameters = { ...n8n.parameters, doneWhen: 'executionFinishesSuccessfully' };
		await n8n.activate();
		for (let polls = 0; polls < 4; polls++) {
			await n8n.runAll('error');
			await n8n.poll();
		}
		await n8n.runAll('error');
		n8n.publish();
		await n8n.activate();
		expect(n8n.errors).toEqual([]);

		await n8n.poll();
		expect(n8n.errors).toEqual([expect.stringMatching(/5 times.*: GOOD, BAD$/)]);
	});

	test.each([undefined, '{}'])(
		'is named in an error, and only one, if n8n was killed before the trigger could report it (durable cursor: %s)',
		async (cursor) => {
			n8n.cursor = cursor;
			n8n.start();
			n8n.parameters = { ...n8n.parameters, doneWhen: 'executionFinishesSuccessfully' };
			await n8n.activate();
			for (let polls = 0; polls < 4; polls++) {
				await n8n.runAll('error');
				await n8n.poll();
			}
			await n8n.runAll('error');
			kopoKopo.pay('ANOTHER', { ago: 10 * SECOND });
			const delivered = n8n.deliver(kopoKopo.payments[2] as (typeof kopoKopo.payments)[number]);
			if (delivered === undefined) throw new Error('It starts an execution');
			await n8n.begin(delivered);
			await n8n.end(delivered);
			n8n.kill();
			await n8n.activate();
			for (let polls = 0; polls < 3; polls++) await n8n.poll();
			n8n.save();
			n8n.publish();
			for (let polls = 0; polls < 3; polls++) await n8n.poll();

			expect(n8n.errors).toEqual([expect.stringMatching(/5 times.*: GOOD, BAD$/)]);
		},
	);

	test('gets its payments again if a worker of n8n was lost', async () => {
		await n8n.activate();
		await n8n.runAll('crashed');
		await n8n.poll();

		expect(n8n.receipts).toEqual(['GOOD', 'BAD', 'GOOD', 'BAD']);
	});
});

describe('after n8n was killed', () => {
	test('the payments of an execution that had not ended come again, and no others', async () => {
		n8n.parameters = { ...since(HOUR), options: { itemsPerExecution: 1 } };
		kopoKopo.pay('ENDED', { ago: 3 * MINUTE });
		kopoKopo.pay('CUT OFF', { ago: 2 * MINUTE });
		await n8n.activate();
		const [first, second] = n8n.executions;
		if (first === undefined || second === undefined) throw new Error('Two executions');
		await n8n.begin(first);
		await n8n.begin(second);
		await n8n.end(first);
		n8n.kill();
		await n8n.activate();

		expect(n8n.receipts).toEqual(['ENDED', 'CUT OFF', 'CUT OFF']);
	});

	test('an execution that n8n had stored leaves its payments to one that has begun since', async () => {
		n8n.parameters = { ...since(HOUR), options: { itemsPerExecution: 2 } };
		kopoKopo.pay('FIRST', { ago: 3 * MINUTE });
		kopoKopo.pay('SECOND', { ago: 2 * MINUTE });
		await n8n.activate();
		const saved = n8n.database;
		n8n.kill(true);
		n8n.database = saved;
		await n8n.activate();
		const [stored, again] = n8n.executions;
		if (stored === undefined || again === undefined) throw new Error('Two executions');

		expect(await n8n.begin(again)).toEqual(['FIRST', 'SECOND']);
		expect(await n8n.begin(stored)).toEqual([]);
	});

	test('a poll leaves payments to an execution that n8n had stored and that has begun', async () => {
		n8n.parameters = since(HOUR);
		kopoKopo.pay('FIRST', { ago: 3 * MINUTE });
		await n8n.activate();
		n8n.kill(true);
		const [stored] = n8n.executions;
		expect(stored && (await n8n.begin(stored))).toEqual(['FIRST']);
		await n8n.activate();
		await n8n.poll();

		expect(n8n.executions).toHaveLength(1);
	});

	test('no payment comes again with Immediately', async () => {
		n8n.parameters = { ...since(HOUR), doneWhen: 'immediately' };
		kopoKopo.pay('FIRST', { ago: 3 * MINUTE });
		const saved = n8n.database;
		await n8n.activate();
		const [first] = n8n.executions;
		expect(first && (await n8n.begin(first))).toEqual(['FIRST']);
		// n8n started the execution, and did not come to saving the static data.
		n8n.database = saved;
		n8n.kill();
		await n8n.activate();
		const again = n8n.executions[1];

		expect(again && (await n8n.begin(again))).toEqual([]);
	});

	test('the trigger continues where it was first activated', async () => {
		await n8n.activate();
		n8n.kill();
		await jest.advanceTimersByTimeAsync(5 * HOUR);
		kopoKopo.pay('WHILE IT WAS DOWN', { ago: 4 * HOUR });
		await n8n.activate();

		expect(n8n.receipts).toEqual(['WHILE IT WAS DOWN']);
	});

	test('a poll that had not been ready is looked for again', async () => {
		n8n.cursor = '{}';
		n8n.start();
		await n8n.activate();
		kopoKopo.looksUntilReady = 12;
		kopoKopo.pay('FIRST', { ago: 20 * SECOND });
		await n8n.poll();
		const asked = kopoKopo.polls.length;
		n8n.kill();
		await n8n.poll();

		expect(n8n.receipts).toEqual(['FIRST']);
		expect(kopoKopo.polls).toHaveLength(asked);
	});
});

describe('beside the webhook trigger of the same workflow', () => {
	let payment: FakeKopoKopo['payments'][number];

	beforeEach(async () => {
		await n8n.activate();
		kopoKopo.pay('FIRST', { ago: 20 * SECOND });
		payment = kopoKopo.payments[0] as typeof payment;
	});

	test('a payment that its execution has finished is not given', async () => {
		const delivered = n8n.deliver(payment);
		if (delivered === undefined) throw new Error('It starts an execution');
		await n8n.begin(delivered);
		await n8n.poll();
		await n8n.end(delivered, 'error');
		await n8n.poll();
		n8n.kill();
		await n8n.activate();
		await n8n.poll();

		expect(n8n.receipts).toEqual(['FIRST']);
	});

	test('a payment whose execution was cut off is given', async () => {
		const delivered = n8n.deliver(payment);
		if (delivered === undefined) throw new Error('It starts an execution');
		await n8n.begin(delivered);
		n8n.kill();
		await n8n.activate();

		expect(n8n.receipts).toEqual(['FIRST', 'FIRST']);
	});

	test('a delivery that n8n had stored leaves its payment to a poll that was faster', async () => {
		const delivered = n8n.deliver(payment);
		if (delivered === undefined) throw new Error('It starts an execution');
		n8n.kill(true);
		await n8n.activate();

		expect(n8n.receipts).toEqual(['FIRST', 'FIRST']);
		expect(await n8n.begin(delivered)).toEqual([]);
	});

	test('a delivery starts nothing while an execution that n8n had stored before a restart has its payment', async () => {
		await n8n.poll();
		n8n.kill(true);
		const [stored] = n8n.executions;
		if (stored === undefined) throw new Error('An execution');
		expect(await n8n.begin(stored)).toEqual(['FIRST']);

		expect(n8n.deliver(payment)).toBeUndefined();
		await n8n.end(stored);
		expect(n8n.deliver(payment)).toBeUndefined();
	});

	test('10,000 payments that were delivered between two polls are not given, and other events do not count', async () => {
		const finish = async (items: IDataObject[]) => {
			const delivered = n8n.deliverAll(items);
			await n8n.begin(delivered);
			await n8n.end(delivered);
		};
		for (let n = 1; n < 10_000; n++) kopoKopo.pay(`P${n}`, { ago: 20 * SECOND });
		await finish(
			kopoKopo.payments.map(({ reference }) => ({ dedupeKey: `payment:${reference}:10000` })),
		);
		await finish(
			Array.from({ length: 10_000 }, (_, n) => ({ dedupeKey: `settlement_completed:${n}` })),
		);
		await finish(
			Array.from({ length: 10_000 }, (_, n) => ({
				topic: 'card_transaction_received',
				dedupeKey: `payment:CARD${n}:10000`,
			})),
		);
		const before = n8n.executions.length;
		await n8n.poll();

		expect(n8n.executions).toHaveLength(before);
	});

	test('a payment whose execution has failed is given with Execution Finishes Successfully', async () => {
		n8n.parameters = { ...n8n.parameters, doneWhen: 'executionFinishesSuccessfully' };
		const delivered = n8n.deliver(payment);
		if (delivered === undefined) throw new Error('It starts an execution');
		await n8n.begin(delivered);
		await n8n.end(delivered, 'error');
		await n8n.poll();

		expect(n8n.receipts).toEqual(['FIRST', 'FIRST']);
	});

	test('a payment that is delivered before n8n has activated the trigger again is not given', async () => {
		await n8n.poll();
		await n8n.runAll();
		kopoKopo.pay('SECOND', { ago: 10 * SECOND });
		n8n.kill();
		const delivered = n8n.deliver(kopoKopo.payments[1] as typeof payment);
		await n8n.activate();

		expect(delivered).toBeDefined();
		expect(n8n.receipts).toEqual(['FIRST', 'SECOND']);
	});

	test.each([
		['the end of its execution', undefined],
		['a later poll', undefined],
		['the end of its execution', '{}'],
		['a later poll', '{}'],
	])(
		'a delivery before the trigger is activated again starts nothing if %s has recorded the payment (durable cursor: %s)',
		async (recordedBy, cursor) => {
			n8n.cursor = cursor;
			n8n.start();
			await n8n.activate();
			await n8n.poll();
			await n8n.runAll();
			if (recordedBy === 'a later poll') {
				await n8n.poll();
				kopoKopo.pay('SECOND', { ago: 10 * SECOND });
				await n8n.poll();
				await n8n.runAll();
			}
			const before = n8n.executions.length;
			n8n.kill();

			expect(n8n.deliver(payment)).toBeUndefined();
			await n8n.activate();
			expect(n8n.deliver(payment)).toBeUndefined();
			expect(n8n.executions).toHaveLength(before);
		},
	);

	test('a payment that is delivered before the first poll is not given', async () => {
		n8n.cursor = '{}';
		n8n.start();
		n8n.parameters = since(HOUR);
		const delivered = n8n.deliver(payment);
		if (delivered === undefined) throw new Error('It starts an execution');
		await n8n.begin(delivered);
		await n8n.poll();
		await n8n.end(delivered);
		await n8n.poll();

		expect(n8n.receipts).toEqual(['FIRST']);
	});

	test('a payment is given at last if n8n never starts the execution of its delivery', async () => {
		n8n.deliver(payment);
		await n8n.poll();
		expect(n8n.receipts).toEqual(['FIRST']);

		await jest.advanceTimersByTimeAsync(5 * MINUTE);
		await n8n.poll();
		expect(n8n.receipts).toEqual(['FIRST', 'FIRST']);
	});

	test('a delivery starts nothing if the payment was given before', async () => {
		await n8n.poll();
		expect(n8n.deliver(payment)).toBeUndefined();
		await n8n.runAll();
		expect(n8n.deliver(payment)).toBeUndefined();
		n8n.kill();
		await n8n.activate();

		expect(n8n.deliver(payment)).toBeUndefined();
		expect(n8n.receipts).toEqual(['FIRST']);
	});
});
