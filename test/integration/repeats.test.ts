import { DataDeduplicationService } from 'n8n-core';
import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { payees, payoutRequests, SEND_MONEY_PARAMETERS, SEND_MONEY_PATH } from '../load/payouts';
import { startSandbox } from '../sandbox/server';
import { DeduplicationStore } from '../support/deduplicationStore';
import { newExecution, type RunOptions, sandboxCredential } from '../support/nodeContexts';
import { sandboxPerTest } from './sandboxPerTest';

const store = new DeduplicationStore();

const current = sandboxPerTest({ processingMs: 0 });
let nodes = 0;
let node: { id: string };

beforeAll(async () => await DataDeduplicationService.init(store));
beforeEach(() => {
	store.clear();
	store.beforeRead = () => undefined;
	// A node of its own for each test, which has sent nothing yet.
	node = { id: `node-${++nodes}` };
});
afterEach(() => jest.restoreAllMocks());

const posts = () => payoutRequests(current.sandbox.ledger.requests);
let executions = 0;

/** A new execution of the node. */
async function run(
	items: IDataObject[],
	parameters: INodeParameters = SEND_MONEY_PARAMETERS,
	more: Partial<RunOptions> = {},
): Promise<IDataObject[]> {
	const execution = newExecution();
	const data = execution.executionData?.contextData;
	// As n8n gives each execution another ID.
	if (data !== undefined) data['node:Kopo Kopo'] = { kopoKopoOwner: `${++executions}` };
	const given = await current.run({ parameters, items, execution, node, ...more });
	return given.map(({ json }) => json);
}

const options = (more: INodeParameters) => ({ ...SEND_MONEY_PARAMETERS, options: more });
const later = (minutes: number) => {
	const now = Date.now() + minutes * 60_000;
	jest.spyOn(Date, 'now').mockImplementation(() => now);
};
const duplicates = (items: IDataObject[]) => items.map(({ isDuplicate }) => isDuplicate === true);

describe('a list that is run a second time', () => {
	it('is not sent again, and each item says how to look it up and how to allow it', async () => {
		const people = payees(5);
		await run(people);
		const again = await run(people);
		expect(again).toEqual(
			people.map(() =>
				expect.objectContaining({
					outcome: 'unknown',
					isDuplicate: true,
					message: expect.stringMatching(
						/^Not sent: it equals one that this node sent in an earlier execution, within 10 minutes\. Look it up .*'Duplicate Protection Key'.*'Allow Repeats After \(Minutes\)'/,
					) as string,
				}),
			),
		);
		expect(posts()).toHaveLength(5);
	});

	it('sends the rows that are new or differ in amount', async () => {
		const people = payees(3);
		await run(people);
		const changed = [people[0] ?? {}, { ...people[1], amount: 7 }, ...payees(1, 50)];
		expect(duplicates(await run(changed))).toEqual([true, false, false]);
	});

	it.each([
		[9.9, 10, true],
		[10.1, 10, false],
		[0.9, 1, true],
		[1.1, 1, false],
		[30, 60, true],
		[0, 0, false],
	])('after %d minutes with the option at %d: not sent is %s', async (after, window, isNotSent) => {
		const parameters = options({ allowRepeatsAfter: window });
		await run(payees(2), parameters);
		later(after);
		expect(duplicates(await run(payees(2), parameters))).toEqual([isNotSent, isNotSent]);
	});

	it.each([['soon'], [-1], [NaN], [Infinity], ['']])(
		'is not sent where the option is %j',
		async (allowRepeatsAfter) => {
			await expect(run(payees(1), options({ allowRepeatsAfter }))).rejects.toThrow(
				/'Allow Repeats After \(Minutes\)' is not a number/,
			);
		},
	);

	it('is sent where each item has a key of its own', async () => {
		await run(payees(2));
		const keyed = options({ duplicateProtectionKey: '={{ $json.phone }}' });
		expect(duplicates(await run(payees(2), keyed))).toEqual([false, false]);
		expect(duplicates(await run(payees(2), keyed))).toEqual([true, true]);
	});

	it('is sent again after a definite refusal, and not after an unknown outcome', async () => {
		const [person] = payees(1);
		const continues: Partial<RunOptions> = { onError: 'continueRegularOutput' };
		current.sandbox.faults.add({ kind: 'redirect', path: SEND_MONEY_PATH, next: 1 });
		await run([person ?? {}], SEND_MONEY_PARAMETERS, continues);
		current.sandbox.faults.add({ kind: 'reset', when: 'before', path: SEND_MONEY_PATH, next: 1 });
		const [unknown] = await run([person ?? {}]);
		expect(unknown).toMatchObject({ outcome: 'unknown' });
		expect(unknown?.isDuplicate).toBeUndefined();
		expect(duplicates(await run([person ?? {}]))).toEqual([true]);
	});

	it('is sent from the row on that was not sent before', async () => {
		const people = payees(3);
		current.sandbox.faults.add({ kind: 'redirect', path: SEND_MONEY_PATH, next: 1 });
		const one = { batching: { batch: { batchSize: 1 } } };
		await expect(run(people, options(one))).rejects.toThrow(/No row was sent/);
		expect(duplicates(await run(people, options(one)))).toEqual([false, false, false]);
	});

	it('is sent in another account, since the address is another one', async () => {
		await run(payees(1));
		const other = await startSandbox({ port: 0 });
		const [item] = await run(payees(1), SEND_MONEY_PARAMETERS, {
			credential: sandboxCredential(other),
		});
		await other.close();
		expect(item?.isDuplicate).toBeUndefined();
	});

	it('is compared when everything is settled, which has no amount', async () => {
		const settle = { resource: 'sendMoney', operation: 'settleEverythingToMyAccounts' };
		expect(duplicates(await run([{}], settle))).toEqual([false]);
		expect(duplicates(await run([{}], settle))).toEqual([true]);
	});

	it('is not sent while the database cannot say whether it was sent', async () => {
		store.beforeRead = () => {
			throw new Error('SQLITE_BUSY: database is locked');
		};
		await expect(run(payees(2))).rejects.toThrow(/^Nothing was sent: rows 1 and 2 of 2 are wrong/);
		expect(posts()).toEqual([]);
	}, 30_000);

	it('is sent in a workflow that was never saved, for which n8n keeps nothing', async () => {
		store.beforeRead = () => {
			throw new Error('SQLITE_CONSTRAINT: FOREIGN KEY constraint failed');
		};
		await run(payees(2));
		expect(posts()).toHaveLength(2);
	});
});

describe('equal items', () => {
	const [person] = payees(1);
	const twice = [person ?? {}, person ?? {}];

	it('of one run are meant, and not sent by the next run', async () => {
		expect(duplicates(await run(twice))).toEqual([false, false]);
		expect(duplicates(await run(twice))).toEqual([true, true]);
		expect(posts()).toHaveLength(2);
	});

	it('of two passes of a loop are meant', async () => {
		const execution = newExecution();
		for (const runIndex of [0, 1]) {
			const [item] = await run([person ?? {}], SEND_MONEY_PARAMETERS, { execution, runIndex });
			expect(item?.isDuplicate).toBeUndefined();
		}
		expect(posts()).toHaveLength(2);
	});

	it('are sent once where an AI agent makes them', async () => {
		const tool = { ...node, type: 'n8n-nodes-kopokopo.kopoKopoTool', name: 'Pay Tool' };
		const parameters = { ...SEND_MONEY_PARAMETERS, allowAiToMakeChanges: true };
		const execution = newExecution();
		const more = { node: tool, execution };
		const outcomes = async (runIndex: number) =>
			(await run(twice, parameters, { ...more, runIndex })).map(({ outcome }) => outcome);
		expect(await outcomes(0)).toEqual(['pending', 'unknown']);
		expect(await outcomes(1)).toEqual(['unknown', 'unknown']);
		expect(posts()).toHaveLength(1);
	});
});

describe('an equal payment request', () => {
	const ask: INodeParameters = {
		resource: 'paymentRequest',
		operation: 'request',
		waitForResult: 'continueImmediately',
		tillNumber: 'K123456',
		phoneNumber: '0712345678',
		amount: 10,
	};

	it('is not sent while the first one is open, and is sent once the customer refused', async () => {
		const [first] = await run([{}], ask);
		expect(await run([{}], ask)).toEqual([
			expect.objectContaining({
				isDuplicate: true,
				message: expect.stringMatching(/^Not sent: an equal payment request/) as string,
			}),
		]);
		current.sandbox.customer.act(String(first?.id), { action: 'refuse' });
		expect(duplicates(await run([{}], ask))).toEqual([false]);
	});

	it('is sent once the first one, for which the execution paused, has ended', async () => {
		const pausing = { ...ask, waitForResult: 'pauseUntilNotified' };
		const [first] = await run([{}], pausing);
		expect(first).toMatchObject({ outcome: 'pending' });
		expect(duplicates(await run([{}], pausing))).toEqual([true]);

		current.sandbox.customer.act(String(first?.id), { action: 'pay' });
		expect(duplicates(await run([{}], pausing))).toEqual([false]);
	});

	it('is sent without a look-up after a result that made the pause unnecessary', async () => {
		current.sandbox.customer.addBehaviour({ action: 'refuse' });
		const pausing = { ...ask, waitForResult: 'pauseUntilNotified' };
		const [first] = await run([{}], pausing);
		expect(first).toMatchObject({ outcome: 'failure' });

		expect(duplicates(await run([{}], pausing))).toEqual([false]);
		const lookUps = current.sandbox.ledger.requests.filter(
			({ method, path }) => method === 'GET' && path.endsWith(`/${String(first?.id)}`),
		);
		expect(lookUps).toHaveLength(1);
	});

	it('is sent at once after a refusal that the node waited for', async () => {
		current.sandbox.customer.addBehaviour({ action: 'refuse' });
		for (let attempt = 1; attempt <= 2; attempt++) {
			const [item] = await run([{}], { ...ask, waitForResult: 'keepChecking' });
			expect(item).toMatchObject({ outcome: 'failure' });
		}
	});
});

describe('the limits on amounts', () => {
	const continues: Partial<RunOptions> = { onError: 'continueRegularOutput' };

	it('stop a list with one amount that is too large, before anything is sent', async () => {
		const slipped = payees(3).map((payee, index) =>
			index === 1 ? { ...payee, amount: 150_000 } : payee,
		);
		await expect(run(slipped, options({ maximumAmount: 20_000 }))).rejects.toThrow(
			"Nothing was sent: row 2 of 3 is wrong. Row 2: The amount, KES 150,000, is more than 'Maximum Amount', KES 20,000",
		);
		expect(posts()).toEqual([]);
		const given = await run(slipped, options({ maximumAmount: 20_000 }), continues);
		expect(given.map(({ outcome }) => outcome)).toEqual(['pending', undefined, 'pending']);
	});

	it('stop a list whose sum is too large, and every row of it', async () => {
		const parameters = options({ maximumTotal: 302 });
		await expect(run(payees(3), parameters)).rejects.toThrow(
			/^Nothing was sent: rows 1 to 3 of 3 are wrong.*The items add up to KES 303, which is more than 'Maximum Total', KES 302/,
		);
		const given = await run(payees(3), parameters, continues);
		expect(given.every(({ error }) => /Maximum Total/.test(String(error)))).toBe(true);
		expect(posts()).toEqual([]);
		await run(payees(3), options({ maximumTotal: '303', maximumAmount: 102 }));
		expect(posts()).toHaveLength(3);
	});

	it.each([
		['maximumAmount', 0],
		['maximumTotal', -1],
		['maximumTotal', 'many'],
		['maximumAmount', ''],
	])('are refused when %s is %j', async (name, value) => {
		await expect(run(payees(1), options({ [name]: value }))).rejects.toThrow(
			/'Maximum (Amount|Total)'/,
		);
		expect(posts()).toEqual([]);
	});

	it('say that a settlement of everything has no amount', async () => {
		const settle = {
			resource: 'sendMoney',
			operation: 'settleEverythingToMyAccounts',
			options: { maximumAmount: 10 },
		};
		await expect(run([{}], settle)).rejects.toThrow(
			/'Maximum Amount' cannot be checked: the amount of .* is not known before it is sent/,
		);
		expect(posts()).toEqual([]);
	});
});

describe('a retry after the credential or the operation was changed', () => {
	it.each<[string, (data: IDataObject) => void, INodeParameters]>([
		['another client ID', (data) => (data.clientId = 'another'), SEND_MONEY_PARAMETERS],
		[
			'another environment',
			(data) => (data.environment = 'production'),
			options({ duplicateProtectionKey: 'a' }),
		],
		[
			'another operation',
			() => undefined,
			{ resource: 'paymentLink', operation: 'create', tillNumber: 'K123456', amount: 5 },
		],
	])('sends nothing, and says what was sent where: %s', async (_what, change, parameters) => {
		const [person] = payees(1);
		const execution = newExecution();
		const items = [person ?? {}, { phone: '07twelve', amount: 1 }];
		const continues: Partial<RunOptions> = { onError: 'continueRegularOutput' };
		const [sent] = await run(items, SEND_MONEY_PARAMETERS, { execution, ...continues });
		const { baseUrl, clientId } = current.credential.data;
		const requests = current.sandbox.ledger.requests.length;
		change(current.credential.data);
		const [item] = await run([items[0] ?? {}], parameters, { execution, ...continues });
		expect(item).toMatchObject({ outcome: 'unknown' });
		expect(item?.message).toContain(
			`sent this item as POST ${SEND_MONEY_PATH} to custom (${String(baseUrl)}), client ID ${String(clientId)} (ID ${String(sent?.id)})`,
		);
		expect(current.sandbox.ledger.requests).toHaveLength(requests);
	});
});
