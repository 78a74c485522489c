import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { isRestartedExecution } from '../../nodes/KopoKopo/execution/restartDetection';
import { DeduplicationStore } from '../support/deduplicationStore';

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
		getContext: () => data,
		helpers: store.helpersFor('node'),
		...more,
	} as unknown as IExecuteFunctions;
}

const isRestarted = async (run: Run = {}) => await isRestartedExecution(context(run));

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

it('takes no execution for a restart when the store fails, as in a workflow that was never saved', async () => {
	store.beforeRead = () => {
		throw new Error('FOREIGN KEY constraint failed');
	};
	expect([await isRestarted(), await isRestarted()]).toEqual([false, false]);
});

it('keeps the last 500 runs in the store and no more', async () => {
	const runs = Array.from({ length: 520 }, (_, index) => ({ execution: `many-${index}` }));
	await Promise.all(runs.map(isRestarted));
	expect(store.size()).toBeLessThanOrEqual(500);
	expect(await isRestarted({ execution: 'many-519' })).toBe(true);
});
