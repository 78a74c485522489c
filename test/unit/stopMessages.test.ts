import type { IDataObject } from 'n8n-workflow';
import type { ActionInstance, FakeResponse } from '../support/actionInstance';
import { actionNode, PAYOUT, people, useFakeTimers } from './actionSetup';

useFakeTimers();

const RECIPIENT = {
	resource: 'externalRecipient',
	operation: 'create',
	recipientType: 'mpesaNumber',
	firstName: 'Jane',
	lastName: 'Doe',
	phoneNumber: ({ phone }: IDataObject) => phone,
};
const ONE_BY_ONE = { options: { batching: { batch: { batchSize: 1 } } } };
const REJECTED: FakeResponse = { statusCode: 400, body: { error_message: 'Not allowed' } };

let node: ActionInstance;
beforeEach(() => (node = actionNode({ ...PAYOUT, ...ONE_BY_ONE })));

/** Payouts to different people; the phone numbers of these rows are invalid. */
const payout = (count: number, wrongRows: number[]): IDataObject[] =>
	people(count).map((person, index) =>
		wrongRows.includes(index + 1) ? { ...person, phone: 'nobody' } : person,
	);

/** Gives the requests, in their order, these responses; undefined for the usual one. */
const respondWith = (...responses: Array<FakeResponse | undefined>) => {
	node.respond = () => responses.shift();
};

const WRONG_PHONE = "'Phone Number' contains letters: nobody";
const REMEDY = 'Enter a Kenyan mobile number, such as 0712345678, 0112345678 or +254712345678.';

describe('the error of a list with invalid rows', () => {
	it.each([
		[5, [2], 'row 2 of 5 is'],
		[5, [2, 3], 'rows 2 and 3 of 5 are'],
		[5, [1, 2, 3], 'rows 1 to 3 of 5 are'],
		[9, [1, 2, 4, 6, 7, 8], 'rows 1, 2, 4 and 6 to 8 of 9 are'],
	])('names the invalid rows: of %d rows, %j', async (count, invalid, rows) => {
		const error = await node.fail(payout(count, invalid));
		const [first] = invalid;
		expect(error.message).toBe(`Nothing was sent: ${rows} invalid. Row ${first}: ${WRONG_PHONE}`);
		const names = rows.replace(/ of .*/, '').replace(/^r/, 'R');
		expect(error.description).toBe(
			invalid.length === 1
				? `${REMEDY}\nCorrect it and run the node again.`
				: `${names}: ${WRONG_PHONE}. ${REMEDY}\nCorrect them and run the node again.`,
		);
		expect(error.context.itemIndex).toBe(Number(first) - 1);
		expect(node.requests).toEqual([]);
	});

	it('describes each different error once', async () => {
		const items = payout(4, [1, 3]);
		items[3] = { phone: '0712345678', amount: 0 };
		const error = await node.fail(items);
		expect(error.description?.split('\n')).toEqual([
			`Rows 1 and 3: ${WRONG_PHONE}. ${REMEDY}`,
			expect.stringMatching(/^Row 4: .*'Amount/),
			'Correct them and run the node again.',
		]);
	});

	it('describes 100 different errors, and only names the rows of the others', async () => {
		const items = people(104).map(({ amount }) => ({ phone: `nobody ${String(amount)}`, amount }));
		const lines = (await node.fail(items)).description?.split('\n') ?? [];
		expect(lines).toHaveLength(102);
		expect(lines[99]).toContain('Row 100: ');
		expect(lines[100]).toBe('Also affected: rows 101 to 104.');
	});

	it('describes all of 100 different errors', async () => {
		const items = people(100).map(({ amount }) => ({ phone: `nobody ${String(amount)}`, amount }));
		expect((await node.fail(items)).description).not.toContain('Also affected');
	});

	it('is the error of the row if there is only one', async () => {
		const error = await node.fail(payout(1, [1]));
		expect(error.message).toBe(WRONG_PHONE);
		expect(error.description).toBe(`${REMEDY} Nothing was sent for this item.`);
		expect(error.context.itemIndex).toBe(0);
	});

	it('says in a retry which rows were sent before', async () => {
		const data = {};
		respondWith(undefined, REJECTED);
		await node.fail(people(3), { data });
		const error = await node.fail(payout(3, [3]), { data });
		expect(error.message).toBe(
			`Nothing more was sent: row 3 of 3 is invalid. Row 3: ${WRONG_PHONE}`,
		);
		expect(error.description?.split('\n').slice(1)).toEqual([
			'An earlier attempt has sent row 1, which is not sent again.',
			'Correct it and run the node again.',
		]);
		expect(node.posts).toHaveLength(2);
	});

	it('names all rows that were sent before', async () => {
		const data = {};
		respondWith(undefined, undefined, REJECTED);
		await node.fail(people(3), { data });
		expect((await node.fail(payout(3, [3]), { data })).description).toContain(
			'An earlier attempt has sent rows 1 and 2, which are not sent again.',
		);
	});

	it('has the whole text in its message for an AI agent', async () => {
		const error = await node.fail(payout(2, [2]), {
			node: { type: 'n8n-nodes-kopokopo.kopoKopoTool' },
			parameters: { allowAiToMakeChanges: true },
		});
		expect(error.message).toBe(
			`Nothing was sent: row 2 of 2 is invalid. Row 2: ${WRONG_PHONE}. ${REMEDY} Correct it and run the node again.`,
		);
	});

	it('has the text of each different error once for an AI agent', async () => {
		const error = await node.fail(payout(3, [1, 3]), {
			node: { type: 'n8n-nodes-kopokopo.kopoKopoTool' },
			parameters: { allowAiToMakeChanges: true },
		});
		expect(error.description).toBe(
			`Rows 1 and 3: ${WRONG_PHONE}. ${REMEDY}\nCorrect them and run the node again.`,
		);
	});

	it.each(['continueRegularOutput', 'continueErrorOutput'] as const)(
		'belongs to its item, and the other rows are sent, with %s',
		async (onError) => {
			const { output } = await node.execute(payout(3, [2]), { node: { onError } });
			expect(output.map(({ json }) => 'error' in json)).toEqual([false, true, false]);
			expect(output.map(({ pairedItem }) => pairedItem)).toEqual(
				[0, 1, 2].map((item) => ({ item })),
			);
			expect(node.posts).toHaveLength(2);
		},
	);
});

describe('the error of a list that stopped', () => {
	const REMEDY_OF_REJECTION = 'Check the values of this item. Nothing was carried out.';

	it('says what was sent, what was not, and what a second run does', async () => {
		respondWith(undefined, undefined, REJECTED);
		const error = await node.fail(people(5));
		expect(error.message).toMatch(
			/^Row 3: .*Not allowed.*\. Rows 1 and 2 of 5 were sent, and no further row was started$/,
		);
		expect(error.context.itemIndex).toBe(2);
		expect(error.description?.split('\n')).toEqual([
			REMEDY_OF_REJECTION,
			'Sent: row 1 (ID request-1), row 2 (ID request-2).',
			'Not sent: rows 3 to 5.',
			"n8n's Retry of this execution sends only the rows that were not sent. A new execution skips rows whose Duplicate Protection Key is used and rows that are identical to one sent within the time of 'Allow Repeats After (Minutes)'. It sends all other rows again, so remove those that were sent.",
		]);
		expect(node.posts).toHaveLength(3);
	});

	it('says that no row was sent if the first one fails', async () => {
		respondWith(REJECTED);
		const error = await node.fail(people(2));
		expect(error.message).toMatch(/\. No row was sent, and no further row was started$/);
		expect(error.message).not.toContain('..');
		expect(error.description?.split('\n').slice(1, 3)).toEqual([
			'Sent: none.',
			'Not sent: rows 1 and 2.',
		]);
	});

	it('names the row if only one was sent', async () => {
		respondWith(undefined, REJECTED);
		expect((await node.fail(people(2))).message).toMatch(/\. Row 1 of 2 was sent, and no /);
	});

	it('names the rows whose outcome is not known', async () => {
		respondWith({ statusCode: 500 }, undefined, REJECTED);
		const error = await node.fail(people(4));
		expect(error.description?.split('\n').slice(1, 4)).toEqual([
			'Sent: row 2 (ID request-2).',
			'Not known whether sent: row 1.',
			'Not sent: rows 3 and 4.',
		]);
		expect(error.message).toMatch(
			/\. Row 2 of 4 was sent, it is not known whether row 1 was sent, and no further row was started$/,
		);
	});

	it.each([
		[1, 'row 1 was'],
		[2, 'rows 1 and 2 were'],
	])('does not say that no row was sent if %d rows may have been', async (count, rows) => {
		respondWith(...Array.from({ length: count }, () => ({ statusCode: 503 })), REJECTED);
		expect((await node.fail(people(4))).message).toMatch(
			new RegExp(`\\. It is not known whether ${rows} sent, and no further row was started$`),
		);
	});

	it('names the rows that were not sent because of an earlier request', async () => {
		const [first = {}, second = {}] = people(2);
		await node.execute([first]);
		// The first response is to the look-up of the earlier request.
		respondWith(undefined, REJECTED);
		const error = await node.fail([first, second]);
		expect(error.message).toMatch(/\. No row was sent, and no further row was started$/);
		expect(error.description?.split('\n').slice(1, 4)).toEqual([
			'Sent: none.',
			'Not sent because of an earlier request: row 1.',
			'Not sent: row 2.',
		]);
	});

	it('lists the IDs of 100 rows, and only names the others', async () => {
		node.respond = () => (node.posts.length > 102 ? REJECTED : undefined);
		const [, sent] = (await node.fail(people(103))).description?.split('\n') ?? [];
		expect(sent).toMatch(
			/^Sent: row 1 \(ID request-1\), .*row 100 \(ID request-100\), rows 101 and 102\.$/,
		);
	});

	it('lists the IDs of all of 100 rows', async () => {
		node.respond = () => (node.posts.length > 100 ? REJECTED : undefined);
		const [, sent] = (await node.fail(people(101))).description?.split('\n') ?? [];
		expect(sent).toMatch(/, row 100 \(ID request-100\)\.$/);
	});

	it('says of payment links, which are not compared, what a new execution does', async () => {
		const link = {
			resource: 'paymentLink',
			operation: 'create',
			tillNumber: 'K123456',
			amount: 100,
		};
		node.respond = ({ method }) => (method === 'POST' ? REJECTED : undefined);
		expect((await node.fail(people(2), { parameters: link })).description?.split('\n').at(-1)).toBe(
			"n8n's Retry of this execution sends only the rows that were not sent. A new execution skips rows whose Duplicate Protection Key is used. It sends all other rows again, so remove those that were sent.",
		);
	});

	it('says of recipients that a second run sends all, and which may have been sent', async () => {
		respondWith(undefined, { statusCode: 500 });
		const error = await node.fail(people(4), { parameters: RECIPIENT });
		expect(error.description?.split('\n').slice(1)).toEqual([
			'Sent: row 1 (ID request-1).',
			'Not known whether sent: row 2.',
			'Not sent: rows 3 and 4.',
			'A second run sends all rows again, so first remove the rows that were sent.',
		]);
	});

	it('sorts the rows whose outcome is not known', async () => {
		const statuses = [201, 500, 500, 201];
		node.respond = ({ path }) => {
			const statusCode = statuses[node.posts.length - 1] ?? 201;
			return statusCode === 201 ? undefined : { statusCode, headers: { path } };
		};
		const options = { batching: { batch: { batchSize: 4 } } };
		const error = await node.fail(people(4), { parameters: { ...RECIPIENT, options } });
		expect(error.description?.split('\n').slice(1, -1)).toEqual([
			'Sent: row 1 (ID request-1), row 4 (ID request-4).',
			'Not known whether sent: rows 2 and 3.',
		]);
	});

	it('names the rows of an action, with the ID if the response has one', async () => {
		const cancel = {
			resource: 'paymentLink',
			operation: 'cancel',
			paymentLinkId: ({ phone }: IDataObject) => phone,
		};
		const headers = { location: 'https://sandbox.kopokopo.com/api/v2/cancellations/abc' };
		respondWith({ statusCode: 200, body: {} }, { statusCode: 200, headers, body: {} }, REJECTED);
		const error = await node.fail(people(4), { parameters: cancel });
		expect(error.description?.split('\n').slice(1, -1)).toEqual([
			'Sent: row 1, row 2 (ID abc).',
			'Not sent: rows 3 and 4.',
		]);
	});

	it('is the error of the row if there is only one', async () => {
		respondWith(REJECTED);
		const error = await node.fail(people(1));
		expect(error.message).toContain('Not allowed');
		expect(error.message).not.toContain('Row 1');
	});

	it('is that of the first failed row if the operation only reads', async () => {
		node.respond = ({ path }) =>
			path.endsWith('/b') ? { statusCode: 404, body: { error_message: 'No such' } } : undefined;
		const parameters = {
			resource: 'sendMoney',
			operation: 'get',
			sendMoneyId: ({ id }: IDataObject) => id,
		};
		const error = await node.fail([{ id: 'a' }, { id: 'b' }, { id: 'c' }], { parameters });
		expect(error.message).not.toContain('Row');
		expect(error.context.itemIndex).toBe(1);
		expect(node.requests).toHaveLength(2);
	});

	it.each(['continueRegularOutput', 'continueErrorOutput'] as const)(
		'is not thrown with %s',
		async (onError) => {
			respondWith(undefined, REJECTED);
			const { items } = await node.execute(people(3), { node: { onError } });
			expect(items.map(({ outcome }) => outcome)).toEqual(['pending', undefined, 'pending']);
			expect(node.posts).toHaveLength(3);
		},
	);

	it('has no empty line for a remedy that its message contains already', async () => {
		respondWith(undefined, REJECTED);
		const error = await node.fail(people(2), {
			node: { type: 'n8n-nodes-kopokopo.kopoKopoTool' },
			parameters: { allowAiToMakeChanges: true },
		});
		expect(error.description?.split('\n').slice(0, 2)).toEqual([
			'Sent: row 1 (ID request-1).',
			'Not sent: row 2.',
		]);
	});

	it('is not thrown if an AI agent would not see it', async () => {
		respondWith(REJECTED);
		const { items } = await node.execute(people(2), {
			node: { type: 'n8n-nodes-kopokopo.kopoKopoTool' },
			parameters: { allowAiToMakeChanges: true },
			isCalledByAgent: true,
		});
		expect(items).toEqual([
			expect.objectContaining({ error: expect.stringContaining('Not allowed') as string }),
			expect.objectContaining({ outcome: 'pending' }),
		]);
	});

	it('is not thrown if the user has cancelled; rows that were not started are left out', async () => {
		const cancel = new AbortController();
		node.respond = () => {
			cancel.abort();
			return undefined;
		};
		const { items } = await node.execute(people(3), { signal: cancel.signal });
		expect(items).toHaveLength(1);
		expect(node.posts).toHaveLength(1);
	});
});
