import type { IExecuteFunctions } from 'n8n-workflow';
import { prepareItems } from '../../nodes/KopoKopo/execution/prepare';
import type { Run } from '../../nodes/KopoKopo/execution/run';
import { findOperation } from '../../nodes/KopoKopo/resources';

/** What happens, in its order. */
const log: string[] = [];

jest.mock('../../nodes/KopoKopo/n8n/sleep', () => ({
	abortableSleep: async (ms: number) => {
		log.push(`sleep ${ms}`);
		await Promise.resolve();
	},
}));

afterEach(() => jest.restoreAllMocks());

test('n8n gets the process back after each 20 ms of reading parameters', async () => {
	log.length = 0;
	// When reading begins, after the first item, after the second, after the pause, and so on.
	const clock = [100, 120, 121, 200, 219, 221];
	jest.spyOn(performance, 'now').mockImplementation(() => clock.shift() ?? NaN);
	const run = {
		context: {
			getNodeParameter: (name: string, index: number, missing: unknown) => {
				if (name === 'options.timeout') log.push(`item ${index}`);
				return missing;
			},
		} as unknown as IExecuteFunctions,
		operation: findOperation('v2', 'accessToken', 'getInfo'),
		sentRequests: { get: () => undefined },
		restart: { isRestarted: false },
		waitMode: 'continueImmediately',
		parseContext: {},
	} as unknown as Run;

	const { items } = await prepareItems(run, 4);

	expect(items.map(({ itemIndex }) => itemIndex)).toEqual([0, 1, 2, 3]);
	expect(log).toEqual(['item 0', 'item 1', 'sleep 0', 'item 2', 'item 3', 'sleep 0']);
});
