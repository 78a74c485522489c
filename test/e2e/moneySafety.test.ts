import type { IDataObject } from 'n8n-workflow';
import { INVALID_PAYEE, payees, SEND_MONEY_PATH, type Payee } from '../load/payouts';
import { errorOf, type Execution, itemsOf } from '../support/executions';
import {
	acceptedPayouts,
	ONE_BY_ONE,
	payoutNode,
	requestedPayouts,
	savePayouts,
	wirePhone,
} from '../support/payoutWorkflow';
import { sharedTestEnvironment } from '../support/sharedTestEnvironment';
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

const testEnv = sharedTestEnvironment();

beforeEach(async () => await testEnv.sandbox.reset({ keepTokens: true }));

const people = payees(6);
const RETRY = { retryOnFail: true, maxTries: 5, waitBetweenTries: 50 };

/** Rejects the next payout requests with a Retry-After of one hour, so their items fail. */
const rejectNext = (next: number) =>
	testEnv.sandbox.faults.add({
		kind: 'tooManyRequests',
		path: SEND_MONEY_PATH,
		retryAfterSeconds: 3600,
		next,
	});

const run = async (workflowId: string): Promise<Execution> =>
	await testEnv.n8n.waitForExecution(await testEnv.n8n.run(workflowId, START));

const outcomes = (execution: Execution) =>
	itemsOf(execution, KOPO_KOPO).map(({ json }) => json.outcome);

describe('Retry On Fail', () => {
	it.each(['stopWorkflow', 'continueRegularOutput', 'continueErrorOutput'] as const)(
		'sends each accepted item once over all tries (%s)',
		async (onError) => {
			const { n8n, sandbox, credential } = testEnv;
			// The first item fails on every try, which makes n8n run the node again.
			const id = await savePayouts(
				n8n,
				[INVALID_PAYEE, ...people],
				payoutNode(credential, {}, { ...RETRY, onError }),
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

	it('sends rejected items again on the next try, and the others not', async () => {
		const { n8n, sandbox, credential } = testEnv;
		rejectNext(3);
		const id = await savePayouts(n8n, people, payoutNode(credential, ONE_BY_ONE, RETRY));
		const execution = await run(id);
		expect(execution.status).toBe('success');
		expect(outcomes(execution)).toEqual(people.map(() => 'pending'));
		expect(acceptedPayouts(sandbox)).toEqual(people.map(wirePhone));
		expect(requestedPayouts(sandbox)).toHaveLength(people.length + 3);
	});

	it('keeps unknown outcomes and sends their items once over all tries', async () => {
		const { n8n, sandbox, credential } = testEnv;
		sandbox.faults.add({ kind: 'reset', when: 'after', path: SEND_MONEY_PATH, next: 2 });
		const id = await savePayouts(
			n8n,
			[INVALID_PAYEE, ...people],
			payoutNode(credential, ONE_BY_ONE, { ...RETRY, onError: 'continueRegularOutput' }),
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
	it('sends only the items that were not sent or were rejected', async () => {
		const { n8n, sandbox, credential } = testEnv;
		const id = await savePayouts(n8n, people, payoutNode(credential, ONE_BY_ONE));
		sandbox.faults.add({ kind: 'reset', when: 'before', path: SEND_MONEY_PATH, next: 1 });
		rejectNext(1);
		let execution = await run(id);
		expect(errorOf(execution)).toMatch(/too many requests/);
		const ids = [people[0], people[1]].map((payee) => wirePhone(payee as Payee));
		expect(requestedPayouts(sandbox)).toEqual(ids);

		rejectNext(1);
		execution = await n8n.waitForExecution(await n8n.retry(execution.id));
		expect(execution.status).toBe('error');
		execution = await n8n.waitForExecution(await n8n.retry(execution.id));
		expect(execution).toMatchObject({ status: 'success', mode: 'retry' });
		expect(outcomes(execution)).toEqual(['unknown', ...people.slice(1).map(() => 'pending')]);
		expect(acceptedPayouts(sandbox)).toEqual(people.slice(1).map(wirePhone));
		expect(requestedPayouts(sandbox)).toHaveLength(people.length + 2);
	});

	it('sends nothing twice when the failed execution was stopped by a user', async () => {
		const { n8n, sandbox, credential } = testEnv;
		sandbox.faults.add({ kind: 'latency', ms: 400, path: SEND_MONEY_PATH });
		const id = await savePayouts(n8n, people, payoutNode(credential, ONE_BY_ONE, RETRY));
		const executionId = await n8n.run(id, START);
		await waitFor('two payouts', 10_000, () => requestedPayouts(sandbox).length >= 2);
		await n8n.stopExecution(executionId);
		const stopped = await n8n.waitForExecution(executionId);
		expect(stopped.status).toBe('canceled');
		const sent = requestedPayouts(sandbox).length;
		expect(sent).toBeLessThan(people.length);

		// While another execution sends as many payouts, the stopped one would send its next.
		const others = payees(people.length, people.length);
		const otherId = await savePayouts(n8n, others, payoutNode(credential, ONE_BY_ONE));
		expect((await run(otherId)).status).toBe('success');
		const phones = new Set(people.map(wirePhone));
		const ofStopped = () => requestedPayouts(sandbox).filter((phone) => phones.has(phone));
		expect(ofStopped()).toHaveLength(sent);

		// n8n may refuse to retry a stopped execution. If it does not, the retry must run to its end.
		const retried = await n8n.retry(executionId).catch(() => undefined);
		if (retried !== undefined) await n8n.waitForExecution(retried);
		expect(new Set(ofStopped()).size).toBe(ofStopped().length);
	});
});

describe('Loop Over Items', () => {
	const LOOP = 'Loop Over Items';
	const DONE = 'Done';

	/** Saves a loop that sends one payout in each run: start -> loop -> Send Money -> loop. */
	const saveLoop = async (items: IDataObject[], settings: Parameters<typeof payoutNode>[2] = {}) =>
		await saveWorkflow(
			testEnv.n8n,
			items,
			[
				{
					...node(LOOP, 'n8n-nodes-base.splitInBatches', { batchSize: 1, options: {} }),
					typeVersion: 3,
				},
				payoutNode(testEnv.credential, {}, settings),
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

	it('sends in each run of the loop, even the same content', async () => {
		const { sandbox } = testEnv;
		const execution = await run(await saveLoop(same));
		expect(execution.status).toBe('success');
		expect(acceptedPayouts(sandbox)).toEqual(same.map(wirePhone));
		const ids = itemsOf(execution, DONE).map(({ json }) => json.id);
		expect(new Set(ids).size).toBe(same.length);
	});

	it('retries only the failed run', async () => {
		const { sandbox } = testEnv;
		const id = await saveLoop(same, RETRY);
		// The first request succeeds, with a cut-off body; the next two are rejected.
		sandbox.faults.add({ kind: 'halfBody', path: SEND_MONEY_PATH, next: 1 });
		rejectNext(2);
		const execution = await run(id);
		expect(execution.status).toBe('success');
		expect(acceptedPayouts(sandbox)).toHaveLength(same.length);
		expect(requestedPayouts(sandbox)).toHaveLength(same.length + 2);
	});

	it('continues at the failed run when the execution is retried', async () => {
		const { n8n, sandbox } = testEnv;
		const id = await saveLoop(same);
		sandbox.faults.add({ kind: 'halfBody', path: SEND_MONEY_PATH, next: 1 });
		rejectNext(1);
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

it('sends only the failed items to the error branch, with their input, and the others in order', async () => {
	const { n8n, sandbox, credential } = testEnv;
	sandbox.faults.add({ kind: 'latency', ms: [0, 80], path: SEND_MONEY_PATH });
	const many = payees(40).map((payee, index) =>
		index % 5 === 2 ? { ...INVALID_PAYEE, order: index } : { ...payee, order: index },
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
			phone: INVALID_PAYEE.phone,
			amount: INVALID_PAYEE.amount,
			error: expect.stringContaining("'Phone Number'") as string,
			message: expect.stringContaining('Nothing was sent for this item') as string,
		});
	}
	const good = itemsOf(execution, SUCCESS);
	expect(good.map(({ json }) => json.amount)).toEqual(
		many.filter(({ phone }) => phone !== INVALID_PAYEE.phone).map(({ amount }) => amount),
	);
	expect(new Set(acceptedPayouts(sandbox)).size).toBe(32);
	expect(requestedPayouts(sandbox)).toHaveLength(32);
});
