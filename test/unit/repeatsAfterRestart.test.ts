import type { IDataObject } from 'n8n-workflow';
import type { ActionInstance, ExecutionOptions } from '../support/actionInstance';
import { actionNode, PAYOUT, people, statusBody, useFakeTimers } from './actionSetup';

useFakeTimers();

let node: ActionInstance;
beforeEach(() => (node = actionNode(PAYOUT)));

const run = async (items: IDataObject[], more: ExecutionOptions = {}) =>
	(await node.execute(items, more)).items;
const duplicates = (items: IDataObject[]) => items.map(({ isDuplicate }) => isDuplicate === true);

describe('after a restart of n8n', () => {
	// The store has no times, only periods of half the option's ten minutes.
	const PERIOD_MS = 5 * 60_000;

	it.each([
		['beginning', 0, 15 * 60_000 - 1, true],
		['beginning', 0, 15 * 60_000, false],
		// A payout is sent 150 ms after it was claimed.
		['end', PERIOD_MS - 200, 10 * 60_000 + 199, true],
		['end', PERIOD_MS - 200, 10 * 60_000 + 200, false],
		['very end', PERIOD_MS - 1, 15 * 60_000, true],
		['very end', PERIOD_MS - 1, 15 * 60_000 + 1, false],
	])(
		'a payout that was sent at the %s of a period (%d ms) is compared %d ms later: %s',
		async (_when, sinceBeginning, afterMs, isCompared) => {
			const sentAt = 1_000_000 * PERIOD_MS + sinceBeginning;
			jest.setSystemTime(sentAt);
			await run(people(1));
			node.restart();
			jest.setSystemTime(sentAt + afterMs);
			expect(duplicates(await run(people(1)))).toEqual([isCompared]);
		},
	);

	it('an equal payout is not sent, and not looked up, since its ID is not known', async () => {
		await run(people(1));
		node.restart();
		node.respond = () => ({ statusCode: 200, body: statusBody('Failed') });
		expect(duplicates(await run(people(1)))).toEqual([true]);
		expect(node.requests).toHaveLength(1);
	});

	it('an equal payout is not sent, even if a list was stopped before it', async () => {
		const [other = {}, person = {}] = people(2);
		await run([person]);
		node.restart();
		node.respond = () => ({ statusCode: 400, body: {} });
		const oneByOne = { options: { batching: { batch: { batchSize: 1 } } } };
		await node.fail([other, person], { parameters: oneByOne });
		node.respond = () => undefined;
		expect(duplicates(await run([person]))).toEqual([true]);
	});

	/** The node in another process of n8n. */
	const inAnotherProcess = () => {
		const other = actionNode(PAYOUT);
		Object.assign(other, { store: node.store, nodeId: node.nodeId });
		other.restart();
		return other;
	};

	it('an equal payout of another process counts, even if one with another time of the option has failed', async () => {
		const allowed = (minutes: number) => ({
			parameters: { options: { allowRepeatsAfter: minutes } },
		});
		await inAnotherProcess().execute(people(1), allowed(10));
		expect(duplicates(await run(people(1), allowed(5)))).toEqual([false]);
		node.respond = ({ method }) =>
			method === 'GET' ? { statusCode: 200, body: statusBody('Failed') } : undefined;
		expect(duplicates(await run(people(1), allowed(10)))).toEqual([true]);
	});

	it('an equal payout of another process counts, even if this execution has sent a different one', async () => {
		const [one = {}, other = {}] = people(2);
		const loop = { data: {}, executionId: 'loop' };
		await run([one], { ...loop, runIndex: 0 });
		await inAnotherProcess().execute([other]);
		expect(duplicates(await run([other], { ...loop, runIndex: 1 }))).toEqual([true]);
	});

	it('an equal payout of another process counts, even if one of this process is over', async () => {
		await run(people(1));
		const other = inAnotherProcess();
		jest.setSystemTime(Date.now() + 15 * 60_000);
		// Sent by another process when this one's window is over.
		expect(duplicates((await other.execute(people(1))).items)).toEqual([false]);
		expect(duplicates(await run(people(1)))).toEqual([true]);
		expect(node.posts).toHaveLength(1);
	});
});
