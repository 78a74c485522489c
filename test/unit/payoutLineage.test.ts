import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { PayoutLineage } from '../../nodes/KopoKopo/execution/payoutLineage';

/** The lineage that an execution reads from the context data of the node. */
const lineageOf = (execution: string, data: IDataObject = {}) =>
	new PayoutLineage({
		getContext: () => data,
		getExecutionId: () => execution,
	} as unknown as IExecuteFunctions);

describe('the executions that a payout belongs to', () => {
	it('are the execution alone if it is the first', () => {
		expect(lineageOf('7').executions).toEqual(['7']);
	});

	it('are those before it and the execution itself, each once', () => {
		const data = {};
		lineageOf('7', data);
		expect(lineageOf('8', data).executions).toEqual(['7', '8']);
		expect(lineageOf('8', data).executions).toEqual(['7', '8']);
	});

	it('know what those before them have sent', () => {
		const data = {};
		const first = lineageOf('7', data);
		first.add('a'.repeat(64));
		first.add('b'.repeat(64));
		first.remove('b'.repeat(64));
		const retry = lineageOf('8', data);
		expect(retry.hasSent('a'.repeat(64))).toBe(true);
		expect(retry.hasSent('b'.repeat(64))).toBe(false);
	});
});
