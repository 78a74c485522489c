import { sleep, type IDataObject } from 'n8n-workflow';
import { NOBODY, payees, SEND_MONEY, type Payee } from '../soak/payouts';
import { sharedN8n } from '../support/sharedN8n';
import { errorOf, type Execution, itemsOf } from '../support/executions';
import {
	acceptedPayouts,
	ONE_BY_ONE,
	payoutNode,
	requestedPayouts,
	savePayouts,
	wirePhone,
} from '../support/payoutWorkflow';
import { createTestEnvironment, type TestEnvironment } from '../support/testEnvironment';
import { waitFor } from '../support/waitFor';
import {
	chain,
	FAILURE,
	KOPO_KOPO,
	node,
	saveWorkflow,
	START,
	SUCCESS,
} from '../support/workflows';

let testEnv: TestEnvironment;

beforeAll(async () => {
	testEnv = await createTestEnvironment(await sharedN8n());
});

beforeEach(async () => await testEnv.sandbox.reset({ keepTokens: true }));

afterAll(async () => await testEnv.close());

const people = payees(6);
const tried = { retryOnFail: true, maxTries: 5, waitBetweenTries: 50 };

/** Kopo Kopo tells the next requests for a payout to come back in an hour, so their items fail. */
const ban = (next: number) =>
	testEnv.sandbox.weather.add({
		kind: 'tooManyRequests',
		path: SEND_MONEY,
		retryAfterSeconds: 3600,
		next,
	});

const run = async (workflowId: string): Promise<Execution> =>
	await testEnv.n8n.waitForExecution(await testEnv.n8n.run(workflowId, START));

const outcomes = (execution: Execution) =>
	itemsOf(execution, KOPO_KOPO).map(({ json }) => json.outcome);

describe('Retry On Fail', () => {
	it.each(['stopWorkflow', 'continueRegularOutput', 'continueErrorOutput'] as const)(
		'sends what was accepted once, over all tries (%s)',
		async (onError) => {
			const { n8n, sandbox, credential } = testEnv;
			// The first item fails on every try, which is what makes n8n try again.
			const id = await savePayouts(
				n8n,
				[NOBODY, ...people],
				payoutNode(credential, {}, { ...tried, onError }),
			);
			const execution = await run(id);
			expect(execution.status).toBe(onError === 'stopWorkflow' ? 'error' : 'success');
			const sent = requestedPayouts(sandbox);
			expect(new Set(sent).size).toBe(sent.length);
			if (onError === 'stopWorkflow') return;
			expect([...sent].sort()).toEqual(people.map(wirePhone).sort());
			const good = itemsOf(execution, KOPO_KOPO).filter(({ json }) => json.outcome === 'pending');
			expect(good.map(({ json }) => json.amount)).toEqual(people.map(({ amount }) => amount));
		},
	);

	it('sends an item that was refused on one try on the next, and the others not again', async () => {
		const { n8n, sandbox, credential } = testEnv;
		ban(3);
		const id = await savePayouts(n8n, people, payoutNode(credential, ONE_BY_ONE, tried));
		const execution = await run(id);
		expect(execution.status).toBe('success');
		expect(outcomes(execution)).toEqual(people.map(() => 'pending'));
		expect(acceptedPayouts(sandbox)).toEqual(people.map(wirePhone));
		expect(requestedPayouts(sandbox)).toHaveLength(people.length + 3);
	});

	it('leaves unknown what is unknown, over all tries', async () => {
		const { n8n, sandbox, credential } = testEnv;
		sandbox.weather.add({ kind: 'reset', when: 'after', path: SEND_MONEY, next: 2 });
		const id = await savePayouts(
			n8n,
			[NOBODY, ...people],
			payoutNode(credential, ONE_BY_ONE, { ...tried, onError: 'continueRegularOutput' }),
		);
		const execution = await run(id);
		expect(outcomes(execution)).toEqual([
			undefined,
			'unknown',
			'unknown',
			...people.slice(2).map(() => 'pending'),
		]);
		expect(requestedPayouts(sandbox)).toEqual(people.map(wirePhone));
	});
});

describe('Retry of a failed execution', () => {
	it('sends what is left, and nothing again', async () => {
		const { n8n, sandbox, credential } = testEnv;
		const id = await savePayouts(n8n, people, payoutNode(credential, ONE_BY_ONE));
		sandbox.weather.add({ kind: 'reset', when: 'before', path: SEND_MONEY, next: 1 });
		ban(1);
		let execution = await run(id);
		expect(errorOf(execution)).toMatch(/too many requests/);
		const ids = [people[0], people[1]].map((payee) => wirePhone(payee as Payee));
		expect(requestedPayouts(sandbox)).toEqual(ids);

		ban(1);
		execution = await n8n.waitForExecution(await n8n.retry(execution.id));
		expect(execution.status).toBe('error');
		execution = await n8n.waitForExecution(await n8n.retry(execution.id));
		expect(execution).toMatchObject({ status: 'success', mode: 'retry' });
		expect(outcomes(execution)).toEqual(['unknown', ...people.slice(1).map(() => 'pending')]);
		expect(acceptedPayouts(sandbox)).toEqual(people.slice(1).map(wirePhone));
		expect(requestedPayouts(sandbox)).toHaveLength(people.length + 2);
	});

	it('of one that was stopped sends nothing again', async () => {
		const { n8n, sandbox, credential } = testEnv;
		sandbox.weather.add({ kind: 'latency', ms: 400, path: SEND_MONEY });
		const id = await savePayouts(n8n, people, payoutNode(credential, ONE_BY_ONE, tried));
		const executionId = await n8n.run(id, START);
		await waitFor('two payouts', 10_000, async () => requestedPayouts(sandbox).length >= 2);
		await n8n.stopExecution(executionId);
		const stopped = await n8n.waitForExecution(executionId);
		expect(stopped.status).toBe('canceled');
		const sent = requestedPayouts(sandbox).length;
		// Longer than the wait between tries, and than a request takes.
		await sleep(1500);
		expect(requestedPayouts(sandbox)).toHaveLength(sent);
		expect(sent).toBeLessThan(people.length);

		await n8n.retry(executionId).catch(() => undefined);
		await sleep(1500);
		const all = requestedPayouts(sandbox);
		expect(new Set(all).size).toBe(all.length);
	});
});

describe('Loop Over Items', () => {
	const LOOP = 'Loop Over Items';
	const DONE = 'Done';

	/** Start -> loop, one item a pass -> Send Money -> loop; everybody is the same person. */
	const saveLoop = async (items: IDataObject[], more: Parameters<typeof payoutNode>[2] = {}) =>
		await saveWorkflow(
			testEnv.n8n,
			items,
			[
				{
					...node(LOOP, 'n8n-nodes-base.splitInBatches', { batchSize: 1, options: {} }),
					typeVersion: 3,
				},
				payoutNode(testEnv.credential, {}, more),
				node(DONE, 'n8n-nodes-base.noOp'),
			],
			{
				...chain(START, LOOP),
				...chain(KOPO_KOPO, LOOP),
				[LOOP]: {
					main: [
						...(chain(LOOP, DONE)[LOOP]?.main ?? []),
						...(chain(LOOP, KOPO_KOPO)[LOOP]?.main ?? []),
					],
				},
			},
		);

	const same = Array.from({ length: 3 }, () => ({ ...(people[0] as Payee) }));

	it('sends in each pass, though the content is the same', async () => {
		const { sandbox } = testEnv;
		const execution = await run(await saveLoop(same));
		expect(execution.status).toBe('success');
		expect(acceptedPayouts(sandbox)).toEqual(same.map(wirePhone));
		const ids = itemsOf(execution, DONE).map(({ json }) => json.id);
		expect(new Set(ids).size).toBe(same.length);
	});

	it('tries the failed pass again, and no other', async () => {
		const { sandbox } = testEnv;
		const id = await saveLoop(same, tried);
		// The first pass goes well; the first two requests of the second do not.
		sandbox.weather.add({ kind: 'halfBody', path: SEND_MONEY, next: 1 });
		ban(2);
		const execution = await run(id);
		expect(execution.status).toBe('success');
		expect(acceptedPayouts(sandbox)).toHaveLength(same.length);
		expect(requestedPayouts(sandbox)).toHaveLength(same.length + 2);
	});

	it('goes on where it failed when the execution is retried', async () => {
		const { n8n, sandbox } = testEnv;
		const id = await saveLoop(same);
		sandbox.weather.add({ kind: 'halfBody', path: SEND_MONEY, next: 1 });
		ban(1);
		const failed = await run(id);
		expect(failed.status).toBe('error');
		expect(acceptedPayouts(sandbox)).toHaveLength(1);
		const execution = await n8n.waitForExecution(await n8n.retry(failed.id));
		expect(execution.status).toBe('success');
		expect(acceptedPayouts(sandbox)).toHaveLength(same.length);
		const ids = itemsOf(execution, DONE).map(({ json }) => json.id);
		expect(new Set(ids).size).toBe(same.length);
	});
});

it('gives the error branch exactly the failed items, with their input, and the rest in order', async () => {
	const { n8n, sandbox, credential } = testEnv;
	sandbox.weather.add({ kind: 'latency', ms: [0, 80], path: SEND_MONEY });
	const many = payees(40).map((payee, index) =>
		index % 5 === 2 ? { ...NOBODY, order: index } : { ...payee, order: index },
	);
	const id = await savePayouts(
		n8n,
		many,
		payoutNode(credential, {}, { onError: 'continueErrorOutput' }),
	);
	const execution = await run(id);
	const failed = itemsOf(execution, FAILURE).map(({ json }) => json);
	expect(failed.map(({ order }) => order)).toEqual([2, 7, 12, 17, 22, 27, 32, 37]);
	for (const json of failed) {
		expect(json).toMatchObject({
			phone: NOBODY.phone,
			amount: NOBODY.amount,
			error: expect.stringContaining("'Phone Number'") as string,
			message: expect.stringContaining('Nothing was sent for this item') as string,
		});
	}
	const good = itemsOf(execution, SUCCESS);
	expect(good.map(({ json }) => json.amount)).toEqual(
		many.filter(({ phone }) => phone !== NOBODY.phone).map(({ amount }) => amount),
	);
	expect(new Set(acceptedPayouts(sandbox)).size).toBe(32);
	expect(requestedPayouts(sandbox)).toHaveLength(32);
});
