import fastify from 'fastify';
import type { IDataObject, INode, INodeExecutionData, IRunExecutionData } from 'n8n-workflow';
import { audit, randomFaults } from '../load/payoutAudit';
import {
	INVALID_PAYEE,
	SEND_MONEY_PARAMETERS,
	payees,
	payoutRequests,
	phoneOf,
	SEND_MONEY_PATH,
	type Payee,
} from '../load/payouts';
import { newExecution, type RunOptions, sandboxCredential } from '../support/nodeContexts';
import { waitFor } from '../support/waitFor';
import { sandboxPerTest } from './sandboxPerTest';

const current = sandboxPerTest();
beforeEach(() => current.sandbox.bank.addBehaviour({ action: 'transfer' }));

const posts = () => payoutRequests(current.sandbox.ledger.requests);
const paid = () => posts().filter(({ processed }) => processed);

const TRIES = 5;

/** What n8n calls a failure of a node that did not throw (n8n-core's workflow-execute). */
function looksFailed([first]: INodeExecutionData[]): boolean {
	const error = first?.json.error;
	return error !== undefined && error !== null && error !== false;
}

/**
 * A node with Retry On Fail and five tries, as n8n runs it: the whole node with all items again, with
 * what the execution knows, when it throws or when its first item holds an error.
 */
async function withRetryOnFail(
	items: IDataObject[],
	execution: IRunExecutionData,
	onError?: INode['onError'],
): Promise<{ given: INodeExecutionData[]; tries: number }> {
	const once = async () =>
		await current.run({
			parameters: { ...SEND_MONEY_PARAMETERS, options: { batching: { batch: { batchSize: 50 } } } },
			items,
			execution,
			...(onError && { onError }),
		});
	for (let tries = 1; tries < TRIES; tries++) {
		const given = await once().catch(() => undefined);
		if (given !== undefined && !looksFailed(given)) return { given, tries };
	}
	return { given: await once(), tries: TRIES };
}

/** What n8n's Retry of a failed execution begins with: the failed one, as it was stored. */
const stored = (execution: IRunExecutionData) =>
	JSON.parse(JSON.stringify(execution)) as IRunExecutionData;

describe('500 payouts with injected faults', () => {
	const people = [INVALID_PAYEE, ...payees(499)];

	beforeEach(() => {
		for (const order of randomFaults(10)) current.sandbox.faults.add(order);
	});

	it.each([
		['continueRegularOutput', 11],
		['continueErrorOutput', 12],
	] as const)(
		'are each made at most once over five tries, and called what they are (%s)',
		async (onError, seed) => {
			current.sandbox.faults.seed(seed);
			const { given, tries } = await withRetryOnFail(people, newExecution(), onError);

			const { mismatches, doublePayments, outcomes, ambiguous } = await audit(
				current.sandbox,
				people,
				given,
			);
			expect(mismatches).toEqual([]);
			expect(doublePayments).toBe(0);
			expect(tries).toBe(TRIES);
			expect(ambiguous).toBeGreaterThan(20);
			expect(outcomes.pending).toBeGreaterThan(350);
			expect(given.map(({ pairedItem }) => pairedItem)).toEqual(
				people.map((_, item) => ({ item })),
			);
		},
		60_000,
	);

	it('are each made at most once when the node stops at every failure and is retried until it succeeds', async () => {
		current.sandbox.faults.seed(13);
		const everybody = payees(500);
		let execution = newExecution();
		let given: INodeExecutionData[] | undefined;
		let failures = 0;
		while (given === undefined && failures < 20) {
			try {
				({ given } = await withRetryOnFail(everybody, execution));
			} catch {
				failures += 1;
				execution = stored(execution);
			}
		}

		const bans = current.sandbox.faults.rules.find(
			({ rule }) => rule.kind === 'tooManyRequests' && rule.retryAfterSeconds === 3600,
		);
		expect(bans?.hits).toBeGreaterThan(0);
		const { mismatches, doublePayments, outcomes } = await audit(
			current.sandbox,
			everybody,
			given ?? [],
		);
		expect(mismatches).toEqual([]);
		expect(doublePayments).toBe(0);
		expect(outcomes.error).toBeUndefined();
	}, 60_000);
});

describe('a request that this execution has sent', () => {
	const three = payees(3);
	/** The middle one is told to come back in an hour, so the node fails. */
	const failMiddle = () =>
		current.sandbox.faults.add({
			kind: 'tooManyRequests',
			path: SEND_MONEY_PATH,
			retryAfterSeconds: 3600,
			next: 1,
		});
	const oneByOne = { ...SEND_MONEY_PARAMETERS, options: { batching: { batch: { batchSize: 1 } } } };
	const run = async (
		items: IDataObject[],
		execution: IRunExecutionData,
		more: Partial<RunOptions> = {},
	) => await current.run({ parameters: oneByOne, items, execution, ...more });

	it('is not sent again by a retry, which returns the IDs from Kopo Kopo', async () => {
		const execution = newExecution();
		await run([three[0] as Payee], newExecution());
		failMiddle();
		await expect(run(three, execution, { items: [...three].reverse() })).rejects.toThrow(
			/too many requests/,
		);
		const before = paid().length;
		const given = await run([], stored(execution), { items: [...three].reverse() });
		expect(given.map(({ json }) => json.outcome)).toEqual(['pending', 'pending', 'pending']);
		expect(given.map(({ json }) => json.id)).toEqual(
			paid()
				.slice(-3)
				.map(({ resourceId }) => resourceId),
		);
		expect(paid()).toHaveLength(4);
		expect(before).toBe(1);
	});

	it('is not remembered for the next loop iteration, nor when nothing can be retried', async () => {
		const execution = newExecution();
		await run(three, execution, { runIndex: 0 });
		expect(execution.executionData?.contextData).toEqual({
			'node:Kopo Kopo': { kopoKopoPayouts: expect.any(Object) as object },
		});
		await run(three, execution, { runIndex: 1 });
		expect(paid().map(phoneOf)).toEqual(
			[...three, ...three].map(({ phone }) => phone.replace(/^0/, '254')),
		);
	});

	it('is kept separately for each loop iteration that can be retried', async () => {
		const execution = newExecution();
		const withFailure = [...three, INVALID_PAYEE];
		for (const runIndex of [0, 1, 0, 1]) {
			const given = await run(withFailure, execution, {
				runIndex,
				onError: 'continueRegularOutput',
			});
			expect(given.map(({ json }) => json.outcome)).toEqual([
				'pending',
				'pending',
				'pending',
				undefined,
			]);
		}
		expect(paid()).toHaveLength(6);
	});

	it('is not shared with another Kopo Kopo node of the same execution', async () => {
		const execution = newExecution();
		for (const name of ['Pay', 'Pay Again']) {
			await run([...three, INVALID_PAYEE], execution, {
				onError: 'continueRegularOutput',
				node: { name },
			});
		}
		expect(paid()).toHaveLength(6);
	});

	it('stays unknown in retries and is not sent again', async () => {
		const execution = newExecution();
		current.sandbox.faults.add({ kind: 'reset', when: 'before', path: SEND_MONEY_PATH, next: 1 });
		const texts: unknown[] = [];
		while (texts.length < 3) {
			const [item] = await run([...three, INVALID_PAYEE], execution, {
				onError: 'continueErrorOutput',
			});
			expect(item?.json).toMatchObject({ outcome: 'unknown' });
			expect(item?.json).not.toHaveProperty('id');
			texts.push(item?.json.message);
		}
		expect(new Set(texts).size).toBe(1);
		expect(posts().filter((request) => phoneOf(request) === '254710000000')).toHaveLength(1);
		expect(posts()).toHaveLength(3);
	});

	it('is not sent again by a retry of an execution that was paused for the result', async () => {
		const execution = newExecution();
		const parameters = { ...SEND_MONEY_PARAMETERS, waitForResult: 'pauseUntilNotified' };
		current.sandbox.bank.clearBehaviours();
		await run([three[0] as Payee], execution, { parameters });
		expect(execution.waitTill).toBeInstanceOf(Date);
		const [item] = await run([three[0] as Payee], execution, { parameters });
		expect(item?.json).toMatchObject({ outcome: 'pending', id: paid()[0]?.resourceId });
		expect(posts()).toHaveLength(1);
	});

	it('is not sent again by a retry after a stop in mid-request', async () => {
		const execution = newExecution();
		current.sandbox.faults.add({ kind: 'latency', ms: 1000, path: SEND_MONEY_PATH });
		const stop = new AbortController();
		const stopped = run(three, execution, { signal: stop.signal });
		await waitFor('the second request', 30_000, () => posts().length === 2);
		stop.abort();
		expect((await stopped).map(({ json }) => json.outcome)).toEqual(['pending', 'unknown']);

		current.sandbox.faults.clear();
		const given = await run(three, stored(execution));
		expect(given.map(({ json }) => json.outcome)).toEqual(['pending', 'unknown', 'pending']);
		expect(posts()).toHaveLength(3);
	});
});

it('a request is not sent again because the response body contains an error field', async () => {
	const oddOne = fastify();
	let orders = 0;
	oddOne.addContentTypeParser('*', async () => undefined);
	oddOne.post('/oauth/token', async () => ({ access_token: 'token', expires_in: 3600 }));
	oddOne.post(SEND_MONEY_PATH, async (_request, reply) => {
		orders += 1;
		return await reply
			.code(201)
			.header('Location', `https://sandbox.kopokopo.com${SEND_MONEY_PATH}/order-${orders}`)
			.send({ error: 'none', status: 'ok' });
	});
	const url = await oddOne.listen({ port: 0, host: '127.0.0.1' });
	try {
		const execution = newExecution();
		const pay = async () =>
			await current.run({
				credential: sandboxCredential({ url, clientId: 'i', clientSecret: 's', apiKey: 'k' }),
				parameters: { ...SEND_MONEY_PARAMETERS, simplify: false },
				items: payees(1),
				execution,
			});
		// n8n takes the first answer for a failure and runs the node again.
		expect((await pay())[0]?.json).toMatchObject({ error: 'none', id: 'order-1' });
		expect((await pay())[0]?.json).toMatchObject({ id: 'order-1' });
		expect(orders).toBe(1);
	} finally {
		await oddOne.close();
	}
});

it('items are returned in the order of the input, however long each takes', async () => {
	const people = payees(60);
	current.sandbox.faults.add({ kind: 'latency', ms: [0, 120], path: SEND_MONEY_PATH });
	const items = people.map((payee, index) => (index % 7 === 3 ? { ...INVALID_PAYEE } : payee));
	const given = await current.run({
		parameters: { ...SEND_MONEY_PARAMETERS, options: { batching: { batch: { batchSize: 20 } } } },
		items,
		onError: 'continueErrorOutput',
	});
	expect(given.map(({ pairedItem }) => pairedItem)).toEqual(items.map((_, item) => ({ item })));
	given.forEach(({ json }, index) => {
		if (index % 7 === 3) expect(Object.keys(json)).toEqual(['error', 'message']);
		else expect(json.amount).toBe(people[index]?.amount);
	});
	// Or they would have come in this order anyway.
	const finished = paid().map(({ seq, ms }) => ({ seq, ms: ms ?? 0 }));
	expect(finished.some(({ ms }, index) => index > 0 && ms < (finished[index - 1]?.ms ?? 0))).toBe(
		true,
	);
});

describe("as an AI agent's tool", () => {
	const tool = { type: 'n8n-nodes-kopokopo.kopoKopoTool', name: 'Pay Tool' };
	const [payee] = payees(1);

	it('moves no money without permission, and puts the whole error into the text that the model receives', async () => {
		await expect(
			current.run({ parameters: SEND_MONEY_PARAMETERS, items: payees(1), node: tool }),
		).rejects.toMatchObject({
			message:
				"An AI agent is not allowed to make changes with this tool. A person can allow it with 'Allow AI to Make Changes' in the tool's settings. Nothing was sent for this item.",
		});
		expect(current.sandbox.ledger.requests).toEqual([]);
	});

	it.each([
		['paymentRequest', 'request', { tillNumber: 'K123456', phoneNumber: '0712345678', amount: 1 }],
		['paymentLink', 'create', { tillNumber: 'K123456', amount: 1 }],
		['sendMoney', 'toMyAccount', { accountReference: 'a-reference', amount: 1 }],
		['sendMoney', 'settleEverythingToMyAccounts', {}],
		['reversal', 'refund', { transactionReference: 'A1B2C3D4E5', reason: 'Twice' }],
	])('rejects %s %s', async (resource, operation, fields) => {
		await expect(
			current.run({ parameters: { resource, operation, ...fields }, node: tool }),
		).rejects.toThrow(/is not allowed to make changes/);
		expect(posts()).toEqual([]);
		expect(current.sandbox.ledger.requests).toEqual([]);
	});

	it('moves no money if the permission is an expression, which the model could influence', async () => {
		await expect(
			current.run({
				parameters: { ...SEND_MONEY_PARAMETERS, allowAiToMakeChanges: '={{ true }}' },
				items: payees(1),
				node: tool,
			}),
		).rejects.toThrow(/is not allowed to make changes/);
		expect(current.sandbox.ledger.requests).toEqual([]);
	});

	it('moves money with the permission', async () => {
		const [item] = await current.run({
			parameters: { ...SEND_MONEY_PARAMETERS, allowAiToMakeChanges: true },
			items: payees(1),
			node: tool,
		});
		expect(item?.json).toMatchObject({ outcome: 'pending', amount: payee?.amount });
		expect(paid()).toHaveLength(1);
	});

	it('reads without the permission, and puts the remedy into the message of an error', async () => {
		const [sent] = await current.run({ parameters: SEND_MONEY_PARAMETERS, items: payees(1) });
		const getParameters = (sendMoneyId: string) => ({
			resource: 'sendMoney',
			operation: 'get',
			sendMoneyId,
		});
		const [item] = await current.run({
			parameters: getParameters(String(sent?.json.id)),
			node: tool,
		});
		expect(item?.json.id).toBe(sent?.json.id);
		await expect(
			current.run({ parameters: getParameters('nothing-of-this-name'), node: tool }),
		).rejects.toMatchObject({
			message: expect.stringMatching(/HTTP 404.*Check the ID/) as string,
		});
	});
});
