import type { IDataObject } from 'n8n-workflow';
import type { ActionInstance } from '../support/actionInstance';
import { actionNode, PAYOUT, people, statusBody, useFakeTimers } from './actionSetup';

useFakeTimers();

let node: ActionInstance;
beforeEach(() => (node = actionNode(PAYOUT)));

const run = async (items: IDataObject[]) => (await node.execute(items)).items;
const duplicates = (items: IDataObject[]) => items.map(({ isDuplicate }) => isDuplicate === true);

describe('after a restart of n8n', () => {
	it('an equal payout is not sent, and not looked up, since its ID is not known', async () => {
		await run(people(1));
		node.restart();
		node.respond = () => ({ statusCode: 200, body: statusBody('Failed') });
		expect(duplicates(await run(people(1)))).toEqual([true]);
		expect(node.requests).toHaveLength(1);
	});

	it('an equal payout of another process counts, even if one of this process is over', async () => {
		await run(people(1));
		const other = actionNode(PAYOUT);
		Object.assign(other, { store: node.store, nodeId: node.nodeId });
		other.restart();
		jest.setSystemTime(Date.now() + 15 * 60_000);
		// Sent by another process when this one's window is over.
		expect(duplicates((await other.execute(people(1))).items)).toEqual([false]);
		expect(duplicates(await run(people(1)))).toEqual([true]);
		expect(node.posts).toHaveLength(1);
	});
});
