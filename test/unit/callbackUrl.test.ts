import type { IDataObject } from 'n8n-workflow';
import type { ActionInstance } from '../support/actionInstance';
import {
	actionNode,
	PAYMENT_REQUEST,
	paidBody,
	people,
	statusBody,
	useFakeTimers,
} from './actionSetup';

useFakeTimers();

/** What an n8n with a public address gives Kopo Kopo if the user enters nothing. */
const UNUSED = 'https://n8n.example.com/webhook/kopo-kopo/result-not-awaited';
const MINE = 'https://mine.example.com/webhook/1';
const OTHER = 'https://other.example.com/webhook/2';

const callbackOf = ({ posts }: ActionInstance): unknown =>
	(posts[0]?.body?._links as IDataObject | undefined)?.callback_url;

describe('the callback URL of a payment request', () => {
	let node: ActionInstance;

	beforeEach(() => {
		node = actionNode(PAYMENT_REQUEST);
		node.respond = ({ method }) =>
			method === 'GET' ? { statusCode: 200, body: paidBody() } : undefined;
	});

	test.each([
		['continueImmediately', { callbackUrl: MINE }, MINE],
		['continueImmediately', { additionalFields: { callbackUrl: OTHER } }, UNUSED],
		['continueImmediately', {}, UNUSED],
		['keepChecking', { additionalFields: { callbackUrl: OTHER } }, OTHER],
		['keepChecking', { callbackUrl: MINE }, UNUSED],
		['keepChecking', {}, UNUSED],
	])('(%s, entered: %j) is %s', async (waitForResult, entered, expected) => {
		await node.execute(people(1), { parameters: { waitForResult, ...entered } });

		expect(callbackOf(node)).toBe(expected);
	});

	test('is not checked while the editor hides it', async () => {
		const hidden = { callbackUrl: 'ftp://mine.example.com' };
		const { items } = await node.execute(people(1), {
			parameters: { waitForResult: 'keepChecking', ...hidden },
		});

		expect(items[0]?.outcome).toBe('success');
		const error = await node.fail(people(1), {
			parameters: { waitForResult: 'keepChecking', additionalFields: hidden },
		});
		expect(error.message).toContain("'Callback URL' is not an https address");
	});
});

describe('Get Many', () => {
	const LIST = {
		resource: 'transaction',
		operation: 'getAll',
		scope: 'company',
		from: ({ from }: IDataObject) => from,
		to: '2026-05-02T00:00:00',
		returnAll: true,
	};
	let node: ActionInstance;

	beforeEach(() => {
		node = actionNode(LIST);
		node.respond = ({ method }) =>
			method === 'GET'
				? { statusCode: 200, body: statusBody('Success', { transactions: [] }, 'polling') }
				: undefined;
	});

	test('has its callback URL among the additional fields', async () => {
		await node.execute([{ from: '2026-05-01' }], {
			parameters: { additionalFields: { callbackUrl: OTHER } },
		});

		expect(callbackOf(node)).toBe(OTHER);
	});

	test('shows the period that it asked for, in Nairobi time', async () => {
		const { hints, items } = await node.execute([{ from: '2026-04-30T21:00:00Z' }]);

		expect(items).toEqual([]);
		expect(hints).toEqual(['Payments from 2026-05-01 00:00 to 2026-05-02 00:00, Nairobi time']);
	});

	test('shows the first of several periods, and equal ones once', async () => {
		const two = [{ from: '2026-05-01' }, { from: '2026-04-30' }, { from: '2026-05-01' }];
		const { hints } = await node.execute(two);

		expect(hints).toEqual([
			'Payments from 2026-05-01 00:00 to 2026-05-02 00:00, Nairobi time, and 1 more',
		]);
	});
});
