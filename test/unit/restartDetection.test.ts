import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { checkRestart } from '../../nodes/KopoKopo/execution/restartDetection';
import { DeduplicationStore } from '../support/deduplicationStore';
import { actionNode, PAYOUT, people } from './actionSetup';

let store: DeduplicationStore;
beforeEach(() => (store = new DeduplicationStore()));

interface Run {
	execution?: string;
	run?: number;
	/** The node's context data in the execution; empty when the execution starts. */
	data?: IDataObject;
	more?: Partial<IExecuteFunctions>;
}

/** A node in an execution of n8n 1, which does not have isToolExecution(). */
function context({ execution = '1', run = 0, data = {}, more = {} }: Run): IExecuteFunctions {
	return {
		getWorkflow: () => ({ id: 'workflow' }),
		getNode: () => ({ id: 'node', name: 'Kopo Kopo', type: 'n8n-nodes-kopokopo.kopoKopo' }),
		getExecutionId: () => execution,
		evaluateExpression: () => run,
		getContext: (type: string) => (type === 'node' ? data : {}),
		helpers: store.helpersFor('node'),
		...more,
	} as unknown as IExecuteFunctions;
}

const isRestarted = async (run: Run = {}) => (await checkRestart(context(run))).isRestarted;

it('detects an execution that n8n starts again with empty context data', async () => {
	expect(await isRestarted()).toBe(false);
	expect(await isRestarted()).toBe(true);
	expect(await isRestarted()).toBe(true);
});

it('does not take a retry, a loop or another execution for a restart', async () => {
	const data = {};
	expect(await isRestarted({ data })).toBe(false);
	expect(await isRestarted({ data })).toBe(false);
	expect(await isRestarted({ data, run: 1 })).toBe(false);
	expect(await isRestarted({ execution: '2' })).toBe(false);
	// n8n's Retry of a failed execution: another one, with the data of the first.
	expect(await isRestarted({ data, execution: '3' })).toBe(false);
});

it('does not write to the store in n8n 2, which restarts no execution', async () => {
	const more = { isToolExecution: () => false };
	expect([await isRestarted({ more }), await isRestarted({ more })]).toEqual([false, false]);
	expect(store.writes).toBe(0);
});

it('finds a restart again in a retry of the execution that was restarted', async () => {
	expect(await isRestarted()).toBe(false);
	const data = {};
	expect(await isRestarted({ data })).toBe(true);
	expect(await isRestarted({ data })).toBe(true);
	expect(await isRestarted({ data, execution: '2' })).toBe(true);
});

it('keeps what it found under a name that a later version finds again', async () => {
	const data = {};
	await isRestarted({ data });
	expect(data).toEqual({ kopoKopoRestarted: { 0: false } });
});

it('takes no execution for a restart in a workflow that was never saved', async () => {
	store.beforeRead = () => {
		throw new Error('FOREIGN KEY constraint failed');
	};
	expect([await isRestarted(), await isRestarted()]).toEqual([false, false]);
});

describe("when n8n's database fails", () => {
	beforeEach(() => jest.useFakeTimers());
	afterEach(() => jest.useRealTimers());

	const check = async (run: Run) => {
		const checked = checkRestart(context(run));
		await jest.advanceTimersByTimeAsync(10_000);
		return await checked;
	};

	it('takes the execution for restarted, and says why', async () => {
		store.beforeRead = () => {
			throw new Error('SQLITE_BUSY');
		};
		const { isRestarted: isTaken, error } = await check({});

		expect(isTaken).toBe(true);
		expect(error).toMatchObject({ reason: 'database', message: 'SQLITE_BUSY' });
	});

	it('looks again in a retry, and does not rely on the failed check', async () => {
		const data = {};
		store.beforeRead = () => {
			throw new Error('SQLITE_BUSY');
		};
		await check({ data });
		store.beforeRead = () => undefined;

		expect(await check({ data })).toEqual({ isRestarted: false });
		expect(await check({})).toEqual({ isRestarted: true });
	});

	it('sends nothing, because the request may have been sent before the restart', async () => {
		const node = actionNode(PAYOUT);
		const n8n1 = { more: { isToolExecution: undefined } as object };
		node.store.beforeRead = () => {
			throw new Error('SQLITE_BUSY');
		};
		const error = await node.fail(people(1), n8n1);

		expect(error.message).toBe(
			"n8n's database could not be read to check whether n8n has restarted this execution",
		);
		expect(error.description).toBe(
			'Run it again. n8n reported: SQLITE_BUSY. Nothing was sent for this item.',
		);
		expect(node.requests).toEqual([]);
		node.store.beforeRead = () => undefined;
		await node.execute(people(1), n8n1);
		expect(node.posts).toHaveLength(1);
	});

	it('sends an item whose Duplicate Protection Key says that it was not sent before', async () => {
		const node = actionNode(PAYOUT);
		const n8n1 = { more: { isToolExecution: undefined } as object };
		let reads = 0;
		// The first check and its four repetitions fail.
		node.store.beforeRead = () => {
			if (++reads <= 5) throw new Error('SQLITE_BUSY');
		};
		const { items } = await node.execute(people(1), {
			...n8n1,
			parameters: { options: { duplicateProtectionKey: 'payout-1' } },
		});

		expect(items[0]?.outcome).toBe('pending');
		expect(node.posts).toHaveLength(1);
	});
});

it('keeps the last 500 runs in the store and no more', async () => {
	const runs = Array.from({ length: 520 }, (_, index) => ({ execution: `many-${index}` }));
	await Promise.all(runs.map(isRestarted));
	expect(store.size()).toBeLessThanOrEqual(500);
	expect(await isRestarted({ execution: 'many-519' })).toBe(true);
});
