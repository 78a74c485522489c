import type { IDataObject } from 'n8n-workflow';
import { rememberRequest } from '../../nodes/KopoKopo/execution/repeatHistory';
import type { ActionInstance, ExecutionOptions } from '../support/actionInstance';
import {
	actionNode,
	EMPTY,
	PAYMENT_REQUEST,
	paidBody,
	type Parameters,
	PAYOUT,
	people,
	statusBody,
	useFakeTimers,
} from './actionSetup';
import { storedCredential } from './testData';

useFakeTimers();

type RecentRequests = typeof import('../../nodes/KopoKopo/execution/repeatHistory');
jest.mock('../../nodes/KopoKopo/execution/repeatHistory', () => {
	const actual = jest.requireActual<RecentRequests>('../../nodes/KopoKopo/execution/repeatHistory');
	return { ...actual, rememberRequest: jest.fn(actual.rememberRequest) };
});

let node: ActionInstance;
beforeEach(() => (node = actionNode(PAYOUT)));

const run = async (items: IDataObject[], more: ExecutionOptions = {}) =>
	(await node.execute(items, more)).items;
const allowed = (allowRepeatsAfter: unknown, more: IDataObject = {}) => ({
	parameters: { ...more, options: { allowRepeatsAfter } },
});
const duplicates = (items: IDataObject[]) => items.map(({ isDuplicate }) => isDuplicate === true);
const later = (minutes: number) => jest.setSystemTime(Date.now() + minutes * 60_000);
const status = (text: string) => {
	node.respond = ({ method }) =>
		method === 'GET'
			? { statusCode: 200, body: text === 'Success' ? paidBody() : statusBody(text) }
			: undefined;
};
const continues: ExecutionOptions = { node: { onError: 'continueRegularOutput' } };

describe('a payout that equals one of an earlier execution', () => {
	it('is not sent, and its item says how to look it up and how to allow it', async () => {
		await run(people(2));
		const items = await run(people(2));
		expect(items[0]).toMatchObject({
			outcome: 'unknown',
			isDuplicate: true,
			amount: 100,
			message:
				"Not sent: this node sent an identical payout in an earlier execution within the last 10 minutes. The earlier request has the ID request-1: look it up with Get, or in the Kopo Kopo dashboard (environment sandbox at https://sandbox.kopokopo.com, client ID client-of-a-test). To send it anyway, give the item a 'Duplicate Protection Key' of its own, or set 'Allow Repeats After (Minutes)' under 'Options' to 0.",
		});
		expect(duplicates(items)).toEqual([true, true]);
		expect(node.posts).toHaveLength(2);
	});

	it.each([
		[9.9, 10, [true, true]],
		[10.1, 10, [false, false]],
		[0.4, 0.5, [true, true]],
		[0.6, 0.5, [false, false]],
		[1439, 1440, [true, true]],
		[0, 0, [false, false]],
	])(
		'is compared after %d minutes with those of the last %d minutes',
		async (after, window, expected) => {
			await run(people(2), allowed(window));
			later(after);
			expect(duplicates(await run(people(2), allowed(window)))).toEqual(expected);
		},
	);

	it('is remembered by the process for the time of the option', async () => {
		await run(people(1), allowed(7));
		expect(rememberRequest).toHaveBeenLastCalledWith(
			expect.any(String),
			expect.objectContaining({ window: 7 * 60_000 }),
		);
	});

	it('is not sent a third time', async () => {
		await run(people(1));
		await run(people(1));
		later(9);
		expect(duplicates(await run(people(1)))).toEqual([true]);
		later(2);
		expect(duplicates(await run(people(1)))).toEqual([false]);
		expect(duplicates(await run(people(1)))).toEqual([true]);
	});

	it('names the minutes of the option', async () => {
		await run(people(1), allowed(0.125));
		const [item] = await run(people(1), allowed(0.125));
		expect(item?.message).toContain('within the last 0.13 minutes');
	});

	it('is sent if it differs in amount or phone number', async () => {
		await run(people(1));
		const [first = {}] = people(1);
		expect(
			duplicates(
				await run([
					{ ...first, amount: 7 },
					{ ...first, phone: '0722222222' },
				]),
			),
		).toEqual([false, false]);
	});

	it('is sent if the items have keys', async () => {
		await run(people(1));
		const parameters = { options: { duplicateProtectionKey: 'a' } };
		expect(duplicates(await run(people(1), { parameters }))).toEqual([false]);
		expect(node.posts).toHaveLength(2);
	});

	it('is sent from another account', async () => {
		await run(people(1));
		const credential = storedCredential({ environment: 'production' });
		expect(duplicates(await run(people(1), { credential }))).toEqual([false]);
	});

	it('is sent after a rejection', async () => {
		node.respond = () => ({ statusCode: 400, body: {} });
		await run(people(1), continues);
		expect(node.store.size()).toBe(EMPTY);
		node.respond = () => undefined;
		expect(duplicates(await run(people(1)))).toEqual([false]);
	});

	it('is not sent after an unknown outcome', async () => {
		node.respond = () => ({ statusCode: 500 });
		await run(people(1));
		node.respond = () => undefined;
		expect(duplicates(await run(people(1)))).toEqual([true]);
	});

	it('is sent if the earlier run was stopped before it', async () => {
		let isRejecting = true;
		node.respond = () => (isRejecting ? { statusCode: 400, body: {} } : undefined);
		const options = { parameters: { options: { batching: { batch: { batchSize: 1 } } } } };
		await node.fail(people(3), options);
		expect(node.store.size()).toBe(EMPTY);
		isRejecting = false;
		expect(duplicates(await run(people(3), options))).toEqual([false, false, false]);
	});

	it('is sent after a result that says it failed, which is looked up', async () => {
		await run(people(1));
		status('Failed');
		expect(duplicates(await run(people(1)))).toEqual([false]);
		expect(node.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
			'POST /api/v2/send_money',
			'GET /api/v2/send_money/request-1',
			'POST /api/v2/send_money',
		]);
	});

	it.each(['Processed', 'Pending', 'Unheard Of'])(
		'is not sent after the result %s',
		async (text) => {
			await run(people(1));
			status(text);
			expect(duplicates(await run(people(1)))).toEqual([true]);
		},
	);

	it('is not sent if the result cannot be looked up', async () => {
		await run(people(1));
		node.respond = ({ method }) => (method === 'GET' ? { statusCode: 404 } : undefined);
		expect(duplicates(await run(people(1)))).toEqual([true]);
	});

	it('is looked up with the timeout of the item', async () => {
		await run(people(1));
		const parameters = { options: { timeout: 1234 } };
		await run(people(1), { parameters });
		expect(node.requests.at(-1)).toMatchObject({ method: 'GET', timeout: 1234 });
	});

	it('is sent after a failure that the first run has waited for, without a look-up', async () => {
		status('Failed');
		await run(people(1), { parameters: { waitForResult: 'keepChecking' } });
		expect(node.store.size()).toBe(EMPTY);
		node.requests.splice(0);
		expect(duplicates(await run(people(1)))).toEqual([false]);
		expect(node.requests).toHaveLength(1);
	});

	it('is not sent after a success that the first run has waited for', async () => {
		status('Processed');
		await run(people(1), { parameters: { waitForResult: 'keepChecking' } });
		expect(duplicates(await run(people(1)))).toEqual([true]);
	});

	it('is compared if it settles everything', async () => {
		const parameters = { resource: 'sendMoney', operation: 'settleEverythingToMyAccounts' };
		await run([{}], { parameters });
		expect(duplicates(await run([{}], { parameters }))).toEqual([true]);
	});

	const TO_RECIPIENT = {
		apiVersion: 'v1',
		resourceV1: 'paymentV1',
		operation: 'create',
		payRecipientId: 'recipient-1',
		amount: 5,
	};
	const SOURCE_TILL = { additionalFields: ({ till }: IDataObject) => ({ sourceTillNumber: till }) };
	const TO_ACCOUNT = { accountType: 'bankAccount', accountReference: 'account-1', amount: 100 };

	it.each<[string, Parameters]>([
		['a payout to people', { ...PAYOUT, ...SOURCE_TILL }],
		[
			'a settlement',
			{ resource: 'sendMoney', operation: 'toMyAccount', ...TO_ACCOUNT, ...SOURCE_TILL },
		],
		[
			'a settlement of everything',
			{ resource: 'sendMoney', operation: 'settleEverythingToMyAccounts', ...SOURCE_TILL },
		],
	])('is sent from another till: %s', async (_title, parameters) => {
		node = actionNode(parameters);
		const [person = {}] = people(1);
		const from = (till: string) => ({ ...person, till });
		await run([from('112233'), from('')]);
		const items = await run([from('445566'), from('112233'), from('')]);
		expect(duplicates(items)).toEqual([false, true, true]);
	});

	const toMyAccount = { resource: 'sendMoney', operation: 'toMyAccount', ...TO_ACCOUNT };
	const toPeople = (type: string, row: IDataObject): Parameters => ({
		...PAYOUT,
		destinations: { [type]: [{ amount: 5, description: 'Rent', ...row }] },
	});
	const toPhone = (network: string) =>
		toPeople('mpesaNumber', { phoneNumber: '0712345678', network });
	const toBank = (accountNumber: string, bankBranchReference = 'c7f3-a') =>
		toPeople('bankAccount', { accountNumber, bankBranchReference, accountName: 'Jane' });
	const toPaybill = (paybillAccountNumber: string) =>
		toPeople('paybill', { paybillNumber: '888880', paybillAccountNumber });
	const refund = (transactionReference: string, reason = 'Paid twice'): Parameters => ({
		resource: 'reversal',
		operation: 'refund',
		transactionReference,
		reason,
	});

	it('is sent to another account', async () => {
		node = actionNode(toMyAccount);
		await run([{}]);
		const parameters = { accountReference: 'other' };
		expect(duplicates(await run([{}], { parameters }))).toEqual([false]);
		expect(duplicates(await run([{}], { parameters }))).toEqual([true]);
	});

	it.each<[string, Parameters, Parameters]>([
		['the network in other letters', toPhone('Safaricom'), toPhone('safaricom')],
		['another network', toPhone('Safaricom'), toPhone('Airtel')],
		['an account number with dashes', toBank('01234567'), toBank('0123-4567')],
		['an account number with spaces', toBank('0123-4567'), toBank('0123 4567')],
		['an account number in lower case', toBank('00AB12345'), toBank('00ab12345')],
		['a branch in capitals', toBank('01234567'), toBank('01234567', 'C7F3-A')],
		['a paybill account in lower case', toPaybill('A098457'), toPaybill('a098457 ')],
		['an account in capitals', toMyAccount, { ...toMyAccount, accountReference: 'ACCOUNT-1' }],
		['another type of account', toMyAccount, { ...toMyAccount, accountType: 'mobileWallet' }],
		['a receipt in lower case', refund('TJX9AB12CD'), refund('tjx9ab12cd', 'Wrong till')],
		[
			'another type of recipient',
			{ ...TO_RECIPIENT, recipientType: 'till' },
			{ ...TO_RECIPIENT, recipientType: 'paybill' },
		],
		[
			'another type of account in a legacy transfer',
			{ ...toMyAccount, apiVersion: 'v1', resourceV1: 'transferV1', operation: 'create' },
			{
				...toMyAccount,
				apiVersion: 'v1',
				resourceV1: 'transferV1',
				operation: 'create',
				accountType: 'mobileWallet',
			},
		],
	])('is the same with %s', async (_title, first, second) => {
		node = actionNode(first);
		await run([{}]);
		expect(duplicates(await run([{}], { parameters: second }))).toEqual([true]);
		expect(node.posts).toHaveLength(1);
	});

	it('is the same with its destinations in another order and other spellings', async () => {
		const to = (...numbers: string[]): Parameters => ({
			...PAYOUT,
			destinations: {
				bankAccount: numbers.map((accountNumber) => ({
					accountNumber,
					bankBranchReference: 'c7f3',
					accountName: 'Jane',
					amount: 5,
					description: 'Rent',
				})),
			},
		});
		node = actionNode(to('ab-1', 'AC1'));
		await run([{}]);
		expect(duplicates(await run([{}], { parameters: to('ac1', 'AB1') }))).toEqual([true]);
		expect(duplicates(await run([{}], { parameters: to('ac1', 'AB2') }))).toEqual([false]);
	});

	it('is called a refund if it is one', async () => {
		node = actionNode(refund('TJX9AB12CD'));
		await run([{}]);
		expect((await run([{}]))[0]?.message).toContain('Not sent: this node sent an identical refund');
	});

	it('names the IDs of all earlier ones, if there are several', async () => {
		const [person = {}] = people(1);
		await run([person, person]);
		expect((await run([person]))[0]?.message).toContain(
			'The earlier requests have the IDs request-1, request-2: look them up with Get, or in the Kopo Kopo dashboard (',
		);
	});

	it('names the IDs of the last ten of many earlier ones', async () => {
		const [person = {}] = people(1);
		await run(Array.from({ length: 11 }, () => person));
		const message = String((await run([person]))[0]?.message);
		expect(message.match(/request-\d+/g)).toEqual(
			Array.from({ length: 10 }, (_, index) => `request-${index + 2}`),
		);
	});

	it('names no ID after an unknown outcome', async () => {
		node.respond = () => ({ statusCode: 500 });
		await run(people(1));
		expect((await run(people(1)))[0]?.message).toContain(
			'Look it up in the Kopo Kopo dashboard (environment sandbox at ',
		);
	});

	it('is not a duplicate in an execution that n8n has restarted, but has an unknown outcome', async () => {
		const n8n1 = { more: { isToolExecution: undefined } as object, executionId: 'restarted' };
		await run(people(1), n8n1);
		const [item] = await run(people(1), n8n1);
		expect(item?.isDuplicate).toBeUndefined();
		expect(item?.outcome).toBe('unknown');
	});

	it('is sent after a restart of n8n in which nothing was sent for it', async () => {
		const n8n1 = { more: { isToolExecution: undefined } as object, executionId: 'restarted' };
		const [first = {}, second = {}] = people(2);
		await run([first], n8n1);
		expect((await run([second], n8n1))[0]?.outcome).toBe('unknown');
		expect(duplicates(await run([second]))).toEqual([false]);
	});

	it('is not compared again in a retry', async () => {
		const data = {};
		let count = 0;
		node.respond = () => (++count === 2 ? { statusCode: 400 } : undefined);
		const parameters = { options: { batching: { batch: { batchSize: 1 } } } };
		await node.fail(people(2), { data, parameters });
		const { writes } = node.store;
		await run(people(1), { data, parameters, mode: 'retry' });
		expect(node.posts).toHaveLength(2);
		expect(node.store.writes).toBe(writes);
	});

	it('is not compared if it is a payment link', async () => {
		const parameters = {
			resource: 'paymentLink',
			operation: 'create',
			tillNumber: 'K123456',
			amount: 5,
		};
		await run([{}], { parameters });
		expect(duplicates(await run([{}], { parameters }))).toEqual([false]);
		expect(node.store.size()).toBe(0);
	});
});

describe('equal items', () => {
	const [person = {}] = people(1);

	it('of one execution are all sent', async () => {
		expect(duplicates(await run([person, person]))).toEqual([false, false]);
		expect(duplicates(await run([person, person]))).toEqual([true, true]);
	});

	it('of two passes of a loop are both sent', async () => {
		const data = {};
		const options = { data, executionId: 'loop' };
		expect(duplicates(await run([person], { ...options, runIndex: 0 }))).toEqual([false]);
		expect(duplicates(await run([person], { ...options, runIndex: 1 }))).toEqual([false]);
		expect(duplicates(await run([person]))).toEqual([true]);
	});

	it('of two passes of a loop are both sent if n8n retries the second', async () => {
		const data = {};
		await run([person], { data, executionId: 'first', runIndex: 0 });
		const retry: ExecutionOptions = { data, executionId: 'retry', runIndex: 1, mode: 'retry' };
		expect(duplicates(await run([person], retry))).toEqual([false]);
	});

	/** Two passes of a loop, the second six minutes after the first, and rejected. */
	const passTwice = async () => {
		const options = { ...continues, data: {}, executionId: 'loop' };
		await run([person], { ...options, runIndex: 0 });
		node.respond = ({ method }) => (method === 'POST' ? { statusCode: 400, body: {} } : undefined);
		later(6);
		await run([person], { ...options, runIndex: 1 });
		node.respond = () => undefined;
	};

	it('of two passes of a loop are not sent again if only the second was rejected', async () => {
		await passTwice();
		expect(duplicates(await run([person]))).toEqual([true]);
	});

	it('of two passes of a loop are compared by the time of the first if the second was rejected', async () => {
		await passTwice();
		later(5);
		expect(duplicates(await run([person]))).toEqual([false]);
	});

	it('are not sent again if only one of them was rejected', async () => {
		let count = 0;
		node.respond = () => (++count === 1 ? { statusCode: 400, body: {} } : undefined);
		const items = await run([person, person], continues);
		expect(items.map(({ error }) => typeof error === 'string' && /400/.test(error))).toEqual([
			true,
			false,
		]);
		expect(duplicates(await run([person]))).toEqual([true]);
	});

	it('leave nothing in the store if all were rejected', async () => {
		node.respond = () => ({ statusCode: 400, body: {} });
		await run([person, person], continues);
		expect(node.store.size()).toBe(EMPTY);
	});

	it('of a retry are sent, as those of the execution that failed', async () => {
		const data = {};
		let count = 0;
		node.respond = () => (++count === 2 ? { statusCode: 400, body: {} } : undefined);
		const options = { data, parameters: { options: { batching: { batch: { batchSize: 1 } } } } };
		await node.fail([person, { ...person, amount: 7 }, person], options);
		expect(
			duplicates(
				await run([person, { ...person, amount: 7 }, person], { ...options, mode: 'retry' }),
			),
		).toEqual([false, false, false]);
		expect(node.posts).toHaveLength(4);
	});

	describe('of two retries of one failed execution', () => {
		const oneByOne = { options: { batching: { batch: { batchSize: 1 } } } };
		/** The data that n8n stores with an execution of four rows, of which the second is rejected. */
		const failed = async () => {
			const data = {};
			let count = 0;
			node.respond = () => (++count === 2 ? { statusCode: 400, body: {} } : undefined);
			await node.fail(people(4), { data, parameters: oneByOne });
			return JSON.stringify(data);
		};
		const retry = async (stored: string, executionId: string, more: ExecutionOptions = {}) =>
			await run(people(4), {
				...{ executionId, mode: 'retry' as const, parameters: oneByOne },
				data: JSON.parse(stored) as IDataObject,
				...more,
			});

		it.each(['at the same time', 'one after the other'])(
			'started %s are sent once',
			async (when) => {
				const stored = await failed();
				const retries = ['first retry', 'second retry'].map((id) => async () => retry(stored, id));
				const results: IDataObject[][] = [];
				if (when === 'at the same time') {
					results.push(...(await Promise.all(retries.map(async (start) => await start()))));
				} else {
					for (const start of retries) results.push(await start());
				}
				// Of the row that the failed execution sent, both know the result.
				expect(results.map((items) => duplicates(items).filter(Boolean).length).sort()).toEqual([
					0, 3,
				]);
				expect(node.posts).toHaveLength(5);
			},
		);

		it('are sent once in two processes', async () => {
			const stored = await failed();
			await retry(stored, 'first retry');
			later(0.5);
			node.restart();
			expect(duplicates(await retry(stored, 'second retry'))).toEqual([false, true, true, true]);
			expect(node.posts).toHaveLength(5);
		});

		it('are sent by the retry of a retry, which knows what that one has sent', async () => {
			const stored = await failed();
			const data = JSON.parse(stored) as IDataObject;
			let count = 0;
			node.respond = () => (++count === 2 ? { statusCode: 400, body: {} } : undefined);
			const first = { data, executionId: 'first retry', mode: 'retry' as const };
			await node.fail(people(4), { ...first, parameters: oneByOne });
			node.respond = () => undefined;
			const items = await retry(JSON.stringify(data), 'second retry');
			expect(duplicates(items)).toEqual([false, false, false, false]);
			expect(node.posts).toHaveLength(6);
		});
	});

	it('are not sent again while a request takes longer than the time of the option', async () => {
		let other: IDataObject[] = [];
		node.respond = async () => {
			if (node.posts.length > 1) return undefined;
			later(11);
			other = await run(people(1));
			return undefined;
		};
		expect(duplicates(await run(people(1)))).toEqual([false]);
		expect(duplicates(other)).toEqual([true]);
		expect(node.posts).toHaveLength(1);
	});

	it('never remove a Duplicate Protection Key, even where a node has only one row in the store', async () => {
		const oneRow: ExecutionOptions = {
			more: { getExecuteData: undefined } as unknown as ExecutionOptions['more'],
		};
		const withKey = {
			...oneRow,
			parameters: { options: { duplicateProtectionKey: 'rent' } },
		};
		expect(duplicates(await run(people(1), withKey))).toEqual([false]);
		await run(people(200), oneRow);
		expect(duplicates(await run(people(1), withKey))).toEqual([true]);
	});

	const tool = {
		node: { type: 'n8n-nodes-kopokopo.kopoKopoTool' },
		parameters: { allowAiToMakeChanges: true },
	};

	it('of one call by an AI agent are sent once', async () => {
		expect(duplicates(await run([person, person], tool))).toEqual([false, true]);
		expect(node.posts).toHaveLength(1);
	});

	it('of two calls by an AI agent in one execution are sent once', async () => {
		const options = { ...tool, data: {}, executionId: 'agent' };
		expect(duplicates(await run([person], { ...options, runIndex: 0 }))).toEqual([false]);
		expect(duplicates(await run([person], { ...options, runIndex: 1 }))).toEqual([true]);
	});

	it('of two calls by an AI agent in one execution are both sent if the time is over', async () => {
		const options = { ...tool, data: {}, executionId: 'agent' };
		await run([person], { ...options, runIndex: 0 });
		later(20);
		expect(duplicates(await run([person], { ...options, runIndex: 1 }))).toEqual([false]);
	});
});

describe('the result of an equal payout', () => {
	const [person = {}] = people(1);
	const disbursement = (status: string) => ({ status, amount: '100.0' });

	it.each([
		['success', 'Processed', [disbursement('Transferred')], true],
		['partial', 'Processed', [disbursement('Transferred'), disbursement('Failed')], true],
		['pending', 'Processed', [disbursement('Scheduled')], true],
		['failure', 'Processed', [disbursement('Cancelled')], false],
	])(
		'is a %s (%s %j) and decides whether another may be sent',
		async (_outcome, status, disbursements, isDuplicate) => {
			await run([person]);
			const body = statusBody(status, { transfer_batches: [{ disbursements }] }, 'send_money');
			node.respond = ({ method }) => (method === 'GET' ? { statusCode: 200, body } : undefined);
			expect(duplicates(await run([person]))).toEqual([isDuplicate]);
		},
	);

	it('that failed allows another, also if the next one was rejected', async () => {
		await run([person]);
		later(6);
		node.respond = ({ method }) => ({
			statusCode: method === 'GET' ? 200 : 400,
			body: statusBody('Failed'),
		});
		await run([person], continues);
		node.respond = () => undefined;
		expect(duplicates(await run([person]))).toEqual([false]);
	});

	it('that failed allows another, also after a run with a shorter time of the option', async () => {
		await run([person], allowed(10));
		later(6);
		await run([person], allowed(5));
		status('Failed');
		expect(duplicates(await run([person], allowed(10)))).toEqual([false]);
	});

	it('that was rejected after the time of an earlier one allows another', async () => {
		await run([person]);
		later(11);
		node.respond = ({ method }) => (method === 'POST' ? { statusCode: 400, body: {} } : undefined);
		await run([person], continues);
		node.respond = () => undefined;
		expect(duplicates(await run([person]))).toEqual([false]);
	});
});

describe('a payment request that equals an earlier one', () => {
	beforeEach(() => (node = actionNode(PAYMENT_REQUEST)));

	it('is not sent while the earlier one may be open', async () => {
		await run(people(1));
		const [item] = await run(people(1));
		expect(item?.message).toMatch(
			/^Not sent: an identical payment request that was sent within the last 10 minutes may still be open\. The earlier request has the ID request-1: look it up with Get, or in the Kopo Kopo dashboard /,
		);
		expect(node.posts).toHaveLength(1);
	});

	it.each(['Success', 'Failed'])('is sent after the result %s', async (text) => {
		await run(people(1));
		status(text);
		expect(duplicates(await run(people(1)))).toEqual([false]);
	});

	it.each(['Success', 'Failed'])(
		'is sent after the result %s of a run that waited',
		async (text) => {
			status(text);
			await run(people(1), { parameters: { waitForResult: 'keepChecking' } });
			node.respond = () => undefined;
			expect(duplicates(await run(people(1)))).toEqual([false]);
		},
	);

	it('is sent after the time of the option, although the earlier one may be open', async () => {
		await run(people(1));
		later(10.1);
		expect(duplicates(await run(people(1)))).toEqual([false]);
	});
});

describe("n8n's database", () => {
	const failing = (message: string) => {
		node.store.beforeRead = () => {
			throw new Error(message);
		};
	};

	it('that fails stops all items', async () => {
		await run(people(1));
		failing('SQLITE_BUSY');
		const error = await node.fail(people(2));
		expect(error.message).toBe(
			"Nothing was sent: rows 1 and 2 of 2 are invalid. Row 1: n8n's database could not be read to check whether this was sent before",
		);
		expect(error.description).toBe(
			"Rows 1 and 2: n8n's database could not be read to check whether this was sent before. Run it again. n8n reported: SQLITE_BUSY.\nCorrect them and run the node again.",
		);
		expect(node.posts).toHaveLength(1);
	});

	it('that fails for one item releases the others, which are not sent either', async () => {
		const record = node.store.checkProcessedAndRecord.bind(node.store);
		let failingRow: string | undefined;
		const recording = jest
			.spyOn(node.store, 'checkProcessedAndRecord')
			.mockImplementation(async (entries, scope, context, options) => {
				const row = context.node?.id ?? '';
				if (row.includes(':repeats-')) failingRow ??= row;
				if (row === failingRow) throw new Error('SQLITE_BUSY');
				return await record(entries, scope, context, options);
			});
		expect((await node.fail(people(2))).message).toContain(
			'Nothing was sent: row 1 of 2 is invalid',
		);
		recording.mockRestore();
		expect(duplicates(await run(people(2)))).toEqual([false, false]);
	});

	it('that fails once is asked again', async () => {
		const items = people(2);
		await run(items, allowed(0));
		let reads = 0;
		node.store.beforeRead = (operation) => {
			if (operation === 'record' && ++reads === 1)
				throw Object.assign(new Error('gone'), { code: 'ERR' });
		};
		expect(duplicates(await run(items))).toEqual([false, false]);
	});

	it('that fails for one item does not allow another to be sent a second time', async () => {
		const [sent = {}, other = {}] = people(2);
		await run([sent]);
		// The rows of n8n's database that hold the other item.
		const rows = new Set<string>();
		const probe = actionNode(PAYOUT);
		const record = probe.store.checkProcessedAndRecord.bind(probe.store);
		probe.store.checkProcessedAndRecord = async (...args) => {
			rows.add(String(args[2].node?.id).split(':')[1] ?? '');
			return await record(...args);
		};
		await probe.execute([other]);
		const [row] = [...rows].filter((name) => name.startsWith('repeats-'));
		const recordHere = node.store.checkProcessedAndRecord.bind(node.store);
		node.store.checkProcessedAndRecord = async (...args) => {
			if (String(args[2].node?.id).endsWith(`:${row}`)) throw new Error('SQLITE_BUSY');
			return await recordHere(...args);
		};
		expect((await node.fail([sent, other])).message).toContain('row 2 of 2 is invalid');
		expect(duplicates(await run([sent]))).toEqual([true]);
	});

	it('that fails gives each item an error if the node continues on errors', async () => {
		await run(people(1), allowed(0));
		failing('SQLITE_BUSY');
		const items = await run(people(2), continues);
		expect(items.map((item) => 'error' in item)).toEqual([true, true]);
		// That of the first run only.
		expect(node.posts).toHaveLength(1);
	});

	it('stores nothing for a workflow that was never saved: all is sent, with a hint', async () => {
		failing('FOREIGN KEY constraint failed');
		const { items, hints } = await node.execute(people(2));
		expect(duplicates(items)).toEqual([false, false]);
		expect(hints).toEqual([
			'Requests were not compared with those of earlier executions: n8n stores them with the workflow, which is not saved yet',
		]);
	});

	it('that stores the items causes no hint', async () => {
		expect((await node.execute(people(1))).hints).toEqual([]);
	});
});
