import { DataDeduplicationService } from 'n8n-core';
import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { payees, payoutRequests, SEND_MONEY_PARAMETERS } from '../load/payouts';
import { DeduplicationStore } from '../support/deduplicationStore';
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
): Promise<IDataObject[]> {
	const executionId = `${++executions}`;
	const given = await current.run({ parameters, items, executionId, node });
	return given.map(({ json }) => json);
}

const options = (more: INodeParameters) => ({ ...SEND_MONEY_PARAMETERS, options: more });
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
						/^Not sent: this node sent an identical payout in an earlier execution within the last 10 minutes\. The earlier request has the ID \S+: look it up with Get, or in the Kopo Kopo dashboard .*'Duplicate Protection Key'.*'Allow Repeats After \(Minutes\)'/,
					) as string,
				}),
			),
		);
		expect(posts()).toHaveLength(5);
	});
});

it.each([['soon'], [-1], [NaN], [Infinity], ['']])(
	'Allow Repeats After rejects %j',
	async (allowRepeatsAfter) => {
		await expect(run(payees(1), options({ allowRepeatsAfter }))).rejects.toThrow(
			/'Allow Repeats After \(Minutes\)' is not a number/,
		);
	},
);

describe('an equal payment request', () => {
	const ask: INodeParameters = {
		resource: 'paymentRequest',
		operation: 'request',
		waitForResult: 'continueImmediately',
		tillNumber: 'K123456',
		phoneNumber: '0712345678',
		amount: 10,
	};

	it('is not sent while the first one is open, and is sent once the customer has declined', async () => {
		const [first] = await run([{}], ask);
		expect(await run([{}], ask)).toEqual([
			expect.objectContaining({
				isDuplicate: true,
				message: expect.stringMatching(/^Not sent: an identical payment request/) as string,
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
});
