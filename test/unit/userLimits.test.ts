import type { IDataObject } from 'n8n-workflow';
import type { ActionInstance } from '../support/actionInstance';
import { actionNode, PAYMENT_REQUEST, people, useFakeTimers } from './actionSetup';

useFakeTimers();

let node: ActionInstance;
beforeEach(() => (node = actionNode(PAYMENT_REQUEST)));

const amounts = (...given: unknown[]) =>
	people(given.length).map((person, index) => ({ ...person, amount: given[index] }) as IDataObject);
const limits = (options: IDataObject) => ({ parameters: { options } });

describe('Maximum Amount', () => {
	it.each([
		[100, [100, 1]],
		[100.1, [100.1, 100.09]],
		['1,000', [1000]],
	])('allows, if it is %s, %j', async (maximumAmount, given) => {
		const { items } = await node.execute(amounts(...given), limits({ maximumAmount }));
		expect(items.map(({ outcome }) => outcome)).toEqual(given.map(() => 'pending'));
	});

	it('marks the items that are larger, before anything is sent', async () => {
		const error = await node.fail(amounts(99, 1500.5, 100), limits({ maximumAmount: 100 }));
		expect(error.message).toBe(
			"Nothing was sent: row 2 of 3 is invalid. Row 2: The amount, KES 1,500.50, is more than 'Maximum Amount', KES 100",
		);
		expect(error.description).toContain(
			"Correct the amount, or raise 'Maximum Amount' under 'Options'.",
		);
		expect(node.requests).toEqual([]);
	});

	it('sends the other items if the node continues on errors', async () => {
		const { items } = await node.execute(amounts(99, 101), {
			...limits({ maximumAmount: 100 }),
			node: { onError: 'continueRegularOutput' },
		});
		expect(items.map(({ outcome }) => outcome)).toEqual(['pending', undefined]);
		expect(items[1]?.error).toContain("is more than 'Maximum Amount'");
	});

	it('compares cents', async () => {
		const error = await node.fail(amounts(100.01), limits({ maximumAmount: 100 }));
		expect(error.message).toContain('The amount, KES 100.01, is more than');
	});

	it('is read for each item', async () => {
		const options = { maximumAmount: ({ amount }: IDataObject) => (amount === 5 ? 4 : 100) };
		const error = await node.fail(amounts(5, 6), { parameters: { options } });
		expect(error.message).toContain('row 1 of 2 is invalid');
	});

	it.each([
		['maximumAmount', 'a lot'],
		['maximumAmount', 0],
		['maximumAmount', ''],
		['maximumTotal', -1],
		['maximumTotal', 'many'],
	])('is rejected, and nothing is sent, when %s is %j', async (name, value) => {
		const error = await node.fail(amounts(5), limits({ [name]: value }));
		expect(error.message).toMatch(/'Maximum (Amount|Total)'/);
		expect(node.requests).toEqual([]);
	});
});

describe('Maximum Total', () => {
	it('allows a sum that is as large', async () => {
		const { items } = await node.execute(amounts(1.1, 2.2), limits({ maximumTotal: 3.3 }));
		expect(items).toHaveLength(2);
	});

	it('stops all items together, before anything is sent', async () => {
		const error = await node.fail(amounts(700, 800), limits({ maximumTotal: 1499.99 }));
		expect(error.message).toBe(
			"Nothing was sent: rows 1 and 2 of 2 are invalid. Row 1: The items add up to KES 1,500, which is more than 'Maximum Total', KES 1,499.99",
		);
		expect(error.description).toContain(
			"Correct the amounts, or raise 'Maximum Total' under 'Options'.",
		);
		expect(node.requests).toEqual([]);
	});

	it('counts only the items that are sent', async () => {
		const items = amounts(60, 'much', 60);
		const { items: given } = await node.execute(items, {
			...limits({ maximumTotal: 120 }),
			node: { onError: 'continueRegularOutput' },
		});
		expect(given.map((item) => 'error' in item)).toEqual([false, true, false]);
	});

	it('is the smallest of the items', async () => {
		const options = { maximumTotal: ({ amount }: IDataObject) => (amount === 2 ? 10 : 100) };
		const error = await node.fail(amounts(1, 2, 8), { parameters: { options } });
		expect(error.message).toContain(
			"The items add up to KES 11, which is more than 'Maximum Total', KES 10",
		);
	});
});

describe('if only Kopo Kopo knows the amount', () => {
	const settle = { resource: 'sendMoney', operation: 'settleEverythingToMyAccounts' };

	it.each([
		[{ maximumAmount: 100 }, 'Maximum Amount'],
		[{ maximumTotal: 100 }, 'Maximum Total'],
		[{ maximumAmount: 100, maximumTotal: 100 }, 'Maximum Amount'],
	])('%j cannot be checked', async (options, label) => {
		const error = await node.fail([{}], { parameters: { ...settle, options } });
		expect(error.message).toBe(
			`'${label}' cannot be checked: the amount of 'Settle Everything to My Accounts' is not known before it is sent`,
		);
		expect(error.description).toContain('Remove the option.');
		expect(node.requests).toEqual([]);
	});

	it('no limit is needed', async () => {
		const { items } = await node.execute([{}], { parameters: settle });
		expect(items[0]?.outcome).toBe('pending');
	});
});
