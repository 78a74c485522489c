import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { isRestartedExecution } from '../../nodes/KopoKopo/execution/restartDetection';

let kept: Set<string>;
let isBroken: boolean;

beforeEach(() => {
	kept = new Set();
	isBroken = false;
});

interface Run {
	execution?: string;
	run?: number;
	/** What n8n keeps for the node in the execution's data; nothing at its beginning. */
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
		helpers: {
			checkProcessedAndRecord: async (items: string[]) => {
				if (isBroken) throw new Error('FOREIGN KEY constraint failed');
				const fresh = items.filter((item) => !kept.has(item));
				for (const item of fresh) kept.add(item);
				return await Promise.resolve({ new: fresh, processed: [] });
			},
			removeProcessed: async (items: string[]) => {
				for (const item of items) kept.delete(item);
				await Promise.resolve();
			},
		},
		...more,
	} as unknown as IExecuteFunctions;
}

const ask = async (run: Run = {}) => await isRestartedExecution(context(run));

it('knows an execution that n8n begins again with nothing in its data', async () => {
	expect(await ask()).toBe(false);
	expect(await ask()).toBe(true);
	expect(await ask()).toBe(true);
});

it('takes neither tries nor loops nor other executions for it', async () => {
	const data = {};
	expect(await ask({ data })).toBe(false);
	expect(await ask({ data })).toBe(false);
	expect(await ask({ data, run: 1 })).toBe(false);
	expect(await ask({ execution: '2' })).toBe(false);
	// n8n's Retry of a failed execution: another one, with the data of the first.
	expect(await ask({ data, execution: '3' })).toBe(false);
});

it('asks nothing of the database in n8n 2, which begins no execution again', async () => {
	const more = { isToolExecution: () => false };
	expect([await ask({ more }), await ask({ more })]).toEqual([false, false]);
	expect(kept.size).toBe(0);
});

it('goes on in a workflow that was never saved, of which n8n keeps nothing', async () => {
	isBroken = true;
	expect([await ask(), await ask()]).toEqual([false, false]);
});

it('leaves the last 500 runs behind and no more', async () => {
	const runs = Array.from({ length: 520 }, (_, index) => ({ execution: `many-${index}` }));
	await Promise.all(runs.map(ask));
	expect(kept.size).toBeLessThanOrEqual(500);
	expect(await ask({ execution: 'many-519' })).toBe(true);
});
