import type { IDataObject } from 'n8n-workflow';
import { selectFields } from '../../nodes/KopoKopo/execution/output';
import { InvalidCredentialError } from '../../nodes/KopoKopo/transport/environment';
import type { ActionInstance, ExecutionOptions } from '../support/actionInstance';
import {
	actionNode,
	paidBody,
	type Parameters,
	PAYMENT_REQUEST,
	PAYOUT,
	people,
	statusBody,
	useFakeTimers,
} from './actionSetup';
import { storedCredential } from './testData';

useFakeTimers();

let node: ActionInstance;
beforeEach(() => (node = actionNode(PAYOUT)));

const one = async (parameters: Parameters, more: ExecutionOptions = {}) =>
	(await node.execute(people(1), { parameters, ...more })).items[0] ?? {};

const RECIPIENT: Parameters = {
	resource: 'externalRecipient',
	operation: 'create',
	recipientType: 'mpesaNumber',
	firstName: 'Jane',
	lastName: 'Doe',
	phoneNumber: '0712345678',
};
const LINK: Parameters = {
	resource: 'paymentLink',
	operation: 'create',
	tillNumber: 'K123456',
	amount: 250,
};
/** The only kind of request whose response has the ID in its body. */
const V1_REQUEST: Parameters = {
	apiVersion: 'v1',
	resourceV1: 'paymentRequestV1',
	operation: 'requestWithoutTill',
	...Object.fromEntries(
		['tillNumber', 'phoneNumber', 'amount'].map((name) => [name, PAYMENT_REQUEST[name]]),
	),
};

describe('a failed item', () => {
	const REFUSED = {
		statusCode: 422,
		headers: { 'x-request-id': 'request-7' },
		body: { error_message: 'Not allowed' },
	};
	const continues = (onError: 'continueRegularOutput' | 'continueErrorOutput') => ({
		node: { onError },
	});

	it('has what Kopo Kopo said, and that it was not carried out', async () => {
		node.respond = () => REFUSED;
		const item = await one({}, continues('continueRegularOutput'));
		expect(item).toEqual({
			error: expect.stringContaining('Not allowed') as string,
			details: {
				description: expect.any(String) as string,
				outcome: 'failure',
				status: 422,
				apiMessage: 'Not allowed',
				requestId: 'request-7',
			},
		});
	});

	it('has only a text and its remedy if there is an error branch', async () => {
		node.respond = () => REFUSED;
		const item = await one({}, continues('continueErrorOutput'));
		expect(Object.keys(item)).toEqual(['error', 'message']);
		expect(item.error).toContain('Not allowed');
	});

	it('is unknown if a create may have been carried out', async () => {
		node.respond = () => ({ statusCode: 500 });
		const { details } = await one(RECIPIENT, continues('continueRegularOutput'));
		expect(details).toMatchObject({ outcome: 'unknown', status: 500 });
		expect(details).not.toHaveProperty('apiMessage');
		expect(details).not.toHaveProperty('requestId');
	});

	it('of a read has no outcome', async () => {
		node.respond = () => ({ statusCode: 404 });
		const parameters = { resource: 'sendMoney', operation: 'get', sendMoneyId: 'a' };
		const { details } = await one(parameters, continues('continueRegularOutput'));
		expect(details).toMatchObject({ status: 404 });
		expect(details).not.toHaveProperty('outcome');
	});

	it('that was not sent has no status', async () => {
		const parameters = { destinations: { mpesaNumber: [{ phoneNumber: 'nobody', amount: 1 }] } };
		const item = await one(parameters, continues('continueRegularOutput'));
		expect(Object.keys(item.details as IDataObject)).toEqual(['description', 'outcome']);
	});
});

describe('a request that was accepted', () => {
	it('is pending, with what was asked for', async () => {
		expect(await one({})).toEqual({
			outcome: 'pending',
			amount: 100,
			sender: null,
			phoneNumber: '+254710000000',
			reference: null,
			occurredAt: null,
			tillNumber: null,
			message: 'Kopo Kopo accepted the request. Nothing has been paid yet',
			currency: 'KES',
			location: 'https://sandbox.kopokopo.com/api/v2/send_money/request-1',
			id: 'request-1',
		});
	});

	it('is what Kopo Kopo responded if Simplify is off', async () => {
		node.respond = () => ({
			statusCode: 201,
			headers: { location: 'https://sandbox.kopokopo.com/api/v2/send_money/abc' },
			body: { note: 'created' },
		});
		expect(await one({ simplify: false })).toEqual({
			note: 'created',
			id: 'abc',
			location: 'https://sandbox.kopokopo.com/api/v2/send_money/abc',
		});
	});

	it('that moves no money has no outcome', async () => {
		const item = await one(RECIPIENT);
		expect(item).toMatchObject({
			location: 'https://sandbox.kopokopo.com/api/v2/external_recipients/request-1',
			id: 'request-1',
		});
		expect(item).not.toHaveProperty('outcome');
	});
});

describe('a payment link', () => {
	const linkBody = (more: IDataObject = {}) =>
		statusBody('Pending', { payment_link: 'https://pay.example.com/1', ...more }, 'payment_link');

	it('is read back at once', async () => {
		node.respond = ({ method }) =>
			method === 'GET' ? { statusCode: 200, body: linkBody() } : undefined;
		expect(await one(LINK)).toMatchObject({
			link: 'https://pay.example.com/1',
			outcome: 'pending',
			amount: 250,
			tillNumber: 'K123456',
		});
		expect(await one({ ...LINK, simplify: false })).toEqual(linkBody());
	});

	it('that cannot be read says how to read it later', async () => {
		node.respond = ({ method }) => (method === 'GET' ? { statusCode: 404 } : undefined);
		expect(await one(LINK)).toMatchObject({
			outcome: 'pending',
			amount: 250,
			message:
				'The link was created. Its address is not available yet. Get it with Payment Link > Get and this ID',
			location: 'https://sandbox.kopokopo.com/api/v2/payment_links/request-1',
			id: 'request-1',
		});
		expect(node.requests.map(({ method }) => method)).toEqual(['POST', 'GET']);
		expect(await one({ ...LINK, simplify: false })).toMatchObject({
			outcome: 'pending',
			amount: 250,
		});
	});

	it('that is waited for keeps the link that was read first', async () => {
		let reads = 0;
		const bodies = [linkBody(), statusBody('Pending', {}, 'payment_link')];
		node.respond = ({ method }) =>
			method === 'GET' ? { statusCode: 200, body: bodies[reads++] ?? bodies[1] } : undefined;
		expect(await one({ ...LINK, waitForResult: 'keepChecking', waitUpTo: 1 })).toMatchObject({
			link: 'https://pay.example.com/1',
			outcome: 'pending',
		});
		expect(reads).toBeGreaterThan(1);
	});

	it('that is waited for keeps the link while it is pending', async () => {
		node.respond = ({ method }) =>
			method === 'GET' ? { statusCode: 200, body: linkBody() } : undefined;
		const wait = { ...LINK, waitForResult: 'keepChecking', waitUpTo: 1 };
		expect(await one(wait)).toMatchObject({
			link: 'https://pay.example.com/1',
			outcome: 'pending',
			message: expect.stringMatching(/\. Look it up with Get later$/) as string,
		});
		expect(await one({ ...wait, simplify: false })).toEqual({
			link: 'https://pay.example.com/1',
			outcome: 'pending',
			location: expect.any(String) as string,
			id: expect.any(String) as string,
		});
	});
});

it('an accepted request without a Location has an unknown outcome', async () => {
	node.respond = () => ({ statusCode: 201 });
	expect(await one({})).toMatchObject({ outcome: 'unknown' });
	expect(node.posts).toHaveLength(1);
});

it('there are no results to wait for if the user cancels before the first request', async () => {
	const signal = AbortSignal.abort();
	const parameters = { waitForResult: 'keepChecking' };
	expect((await node.execute(people(2), { signal, parameters })).items).toEqual([]);
	expect(node.requests).toEqual([]);
});

it('a body that comes with the Location of an accepted request is not its status', async () => {
	const location = 'https://sandbox.kopokopo.com/api/v2/send_money/request-1';
	node.respond = () => ({ statusCode: 201, headers: { location }, body: statusBody('Failed') });
	expect(await one({})).toMatchObject({ outcome: 'pending', id: 'request-1' });
	expect(node.requests).toHaveLength(1);
	await one({ ...PAYMENT_REQUEST, waitForResult: 'keepChecking', waitUpTo: 1 });
	expect(node.requests.map(({ method }) => method)).toContain('GET');
});

describe('a response of V1 that has the status in its body', () => {
	const respondWith = (status: string) => {
		node.respond = () => ({
			statusCode: 201,
			body: { data: { id: 'v1-1', type: 'payment', attributes: { status } } },
		});
	};

	it('is pending until that is final', async () => {
		respondWith('Pending');
		expect(await one(V1_REQUEST)).toMatchObject({
			outcome: 'pending',
			id: 'v1-1',
			amount: 100,
			phoneNumber: '+254710000000',
			message: 'The customer was asked to pay and has not paid yet',
		});
	});

	it('is that body and the ID, without an empty location, if Simplify is off', async () => {
		respondWith('Pending');
		const item = await one({ ...V1_REQUEST, simplify: false });
		expect(item).toMatchObject({ data: { attributes: { status: 'Pending' } }, id: 'v1-1' });
		expect(Object.keys(item)).toEqual(['data', 'id']);
	});

	it('is a result if that is final, which is not waited for', async () => {
		respondWith('Failed');
		const item = await one({ ...V1_REQUEST, waitForResult: 'keepChecking' });
		expect(item).toMatchObject({ outcome: 'failure', id: 'v1-1', amount: 100 });
		expect(node.requests).toHaveLength(1);
	});
});

describe('a read', () => {
	const GET = { resource: 'sendMoney', operation: 'get', sendMoneyId: 'abc' };

	it('is a payment, or without Simplify the body', async () => {
		const body = statusBody('Failed');
		node.respond = () => ({ statusCode: 200, body });
		expect(await one(GET)).toMatchObject({ outcome: 'failure', status: 'Failed' });
		expect(await one({ ...GET, simplify: false })).toEqual(body);
	});

	it('is repeated when it fails for the moment', async () => {
		let count = 0;
		node.respond = () => (++count === 1 ? { statusCode: 503 } : undefined);
		expect((await one(GET)).outcome).toBe('pending');
		expect(count).toBe(2);
	});
});

describe('a list of transactions', () => {
	const LIST = {
		resource: 'transaction',
		operation: 'getAll',
		from: '2026-05-01T00:00:00+03:00',
		to: '2026-05-02T00:00:00+03:00',
		scope: 'company',
	};
	const listBody = (status: string, transactions: IDataObject[]) => ({
		data: { id: 'poll-1', type: 'polling', attributes: { status, transactions } },
	});
	const ROW = {
		type: 'Buygoods Transaction',
		resource: { id: 'transaction-1', amount: '5.0', reference: 'SBX1', status: 'Received' },
	};

	it('is asked for until it is there', async () => {
		let count = 0;
		node.respond = ({ method }) => {
			if (method === 'POST') return undefined;
			const isReady = ++count > 1;
			return {
				statusCode: 200,
				body: isReady ? listBody('Success', [ROW]) : listBody('Pending', []),
			};
		};
		expect(await one(LIST)).toMatchObject({ outcome: 'success', amount: 5, reference: 'SBX1' });
		expect(count).toBe(2);
		expect(node.requests.map(({ path }) => path)).toContain('/api/v2/polling/request-1');
	});
});

it('a list of transactions must have an address to read it from', async () => {
	const parameters = {
		resource: 'transaction',
		operation: 'getAll',
		from: '2026-05-01T00:00:00+03:00',
		to: '2026-05-02T00:00:00+03:00',
	};
	node.respond = () => ({ statusCode: 201 });
	const item = await one(parameters, { node: { onError: 'continueRegularOutput' } });
	expect(item.error).toContain('without the URL where the result can be read');
});

it('a poll, which moves no money, is started again when it fails for the moment', async () => {
	const parameters = {
		resource: 'transaction',
		operation: 'startSearch',
		from: '2026-05-01T00:00:00+03:00',
		to: '2026-05-02T00:00:00+03:00',
	};
	let count = 0;
	node.respond = () => (++count === 1 ? { statusCode: 503 } : undefined);
	expect((await one(parameters)).id).toBe('request-2');
});

it('a payment link is read back four times at most, with growing pauses', async () => {
	node.respond = ({ method }) =>
		method === 'GET'
			? { statusCode: 200, body: statusBody('Pending', {}, 'payment_link') }
			: undefined;
	const start = Date.now();
	await one(LINK);
	expect(node.requests).toHaveLength(5);
	// 250 + 500 + 1000 ms, and no pause after the last read.
	expect(Date.now() - start).toBe(1750);
});

it('a payment link is not read back any more once the user has cancelled', async () => {
	const cancel = new AbortController();
	node.respond = ({ method }) => {
		if (method === 'POST') return undefined;
		cancel.abort();
		return { statusCode: 200, body: statusBody('Pending', {}, 'payment_link') };
	};
	await node.execute(people(1), { parameters: LINK, signal: cancel.signal });
	expect(node.requests).toHaveLength(2);
});

it('a credential without its base URL is named, and nothing is sent', async () => {
	const credential = storedCredential({ environment: 'custom', baseUrl: '' });
	node.respond = () => {
		throw new InvalidCredentialError("'Base URL' is missing");
	};
	const item = await one({}, { credential, node: { onError: 'continueRegularOutput' } });
	expect(item.error).toBe('The Kopo Kopo credential cannot be used');
});

it('a create that fails for the moment is not repeated', async () => {
	node.respond = () => ({ statusCode: 503 });
	await node.execute(people(1), {
		parameters: RECIPIENT,
		node: { onError: 'continueRegularOutput' },
	});
	expect(node.requests).toHaveLength(1);
});

it('a create must have a location', async () => {
	node.respond = () => ({ statusCode: 201 });
	const item = await one(RECIPIENT, { node: { onError: 'continueRegularOutput' } });
	expect(item.error).toContain('without the URL of the new resource');
});

it('an action needs no location', async () => {
	node.respond = () => ({ statusCode: 200, body: { message: 'Cancelled' } });
	const parameters = { resource: 'paymentLink', operation: 'cancel', paymentLinkId: 'abc' };
	expect(await one(parameters)).toEqual({ message: 'Cancelled', id: 'abc' });
});

describe('an item whose outcome is unknown', () => {
	it('has what was asked for and what to do', async () => {
		node.respond = () => ({ statusCode: 500 });
		const item = await one({});
		expect(item).toMatchObject({ outcome: 'unknown', amount: 100, phoneNumber: '+254710000000' });
		expect(item.message).toMatch(
			/^It is not known whether Kopo Kopo carried out this request.*\. \w/,
		);
	});
});

it('the awaited result of a message has no fields of a payment', async () => {
	node.respond = ({ method }) =>
		method === 'GET'
			? { statusCode: 200, body: statusBody('Success', {}, 'transaction_sms_notification') }
			: undefined;
	const item = await one({
		resource: 'smsNotification',
		operation: 'send',
		webhookEventReference: 'event-1',
		message: 'Thank you',
		waitForResult: 'keepChecking',
	});
	expect(Object.keys(item)).toEqual(['outcome', 'message', 'status', 'id']);
	expect(item).toMatchObject({ outcome: 'success', status: 'Success', id: 'request-1' });
});

describe('selected fields', () => {
	const item = { id: 'a', outcome: 'success', amount: 1, message: 'Paid' };

	it('are those, the ID and the outcome, in the order of the item', () => {
		expect(selectFields(item, { simplify: true, fields: ['amount'] })).toEqual({
			id: 'a',
			outcome: 'success',
			amount: 1,
		});
		expect(Object.keys(selectFields(item, { simplify: true, fields: ['amount'] }))).toEqual([
			'id',
			'outcome',
			'amount',
		]);
	});

	it('are all if none was chosen', () => {
		expect(selectFields(item, { simplify: true })).toBe(item);
	});

	it.each([
		[{ outcome: 'unknown', message: 'Not known' }],
		[{ error: 'Not allowed', outcome: 'failure' }],
		[{ name: 'Jane' }],
	])('of %j are all', (whole) => {
		expect(selectFields(whole, { simplify: true, fields: ['amount'] })).toBe(whole);
	});
});

describe("an AI agent's tool", () => {
	const tool = (parameters: Parameters = {}, stored: IDataObject = {}): ExecutionOptions => {
		const permission = { allowAiToMakeChanges: true, ...stored };
		return {
			parameters: { ...permission, ...parameters },
			node: {
				type: 'n8n-nodes-kopokopo.kopoKopoTool',
				parameters: permission as never,
				onError: 'continueRegularOutput',
			},
		};
	};
	const of = async (options: ExecutionOptions) =>
		(await node.execute(people(1), options)).items[0] ?? {};

	it('shows the fields that a model needs most', async () => {
		expect(Object.keys(await of(tool()))).toEqual([
			'outcome',
			'amount',
			'sender',
			'phoneNumber',
			'reference',
			'occurredAt',
			'tillNumber',
			'message',
			'id',
		]);
	});

	it('shows the body with Raw', async () => {
		node.respond = ({ method }) =>
			method === 'GET' ? { statusCode: 200, body: paidBody() } : undefined;
		const wait = { output: 'raw', waitForResult: 'keepChecking' };
		expect(await of(tool(wait))).toEqual(paidBody());
	});

	it('shows the selected fields', async () => {
		const item = await of(tool({ output: 'selectedFields', fields: ['amount'] }));
		expect(item).toEqual({ outcome: 'pending', amount: 100, id: 'request-1' });
		expect(await of(tool({ output: 'selectedFields' }))).toMatchObject({ isDuplicate: true });
	});

	it('rejects fields that are not a list', async () => {
		const item = await of(tool({ output: 'selectedFields', fields: 'amount' }));
		expect(item.error).toBe(
			"'Fields' is not a list of fields. Choose the fields from the list, or set 'Output' to Simplified. Nothing was sent for this item.",
		);
	});

	it('ignores Simplify, and a node that is no tool ignores Output', async () => {
		expect(await of(tool({ simplify: false }))).toHaveProperty('message');
		expect(await one({ output: 'raw', options: { allowRepeatsAfter: 0 } })).toHaveProperty(
			'message',
		);
	});

	it.each([
		['payouts', PAYOUT],
		['recipients', RECIPIENT],
		['a cancellation', { resource: 'paymentLink', operation: 'cancel', paymentLinkId: 'abc' }],
	])('makes no changes without the permission: %s', async (_what, parameters) => {
		for (const allowAiToMakeChanges of [undefined, false, '={{ true }}']) {
			const item = await of(tool(parameters, { allowAiToMakeChanges }));
			expect(item.error).toBe(
				"An AI agent is not allowed to make changes with this tool. A person can allow it with 'Allow AI to Make Changes' in the tool's settings. Nothing was sent for this item.",
			);
		}
		expect(node.requests).toEqual([]);
	});

	const GET = { resource: 'sendMoney', operation: 'get', sendMoneyId: 'abc' };
	const LIST = {
		resource: 'transaction',
		operation: 'getAll',
		from: '2026-05-01T00:00:00+03:00',
		to: '2026-05-02T00:00:00+03:00',
		scope: 'company',
	};

	it('reads without the permission', async () => {
		const item = await of(tool(GET, { allowAiToMakeChanges: false }));
		expect(item.outcome).toBe('pending');
	});

	it.each([undefined, null, {}, { callbackUrl: 'https://n8n.example.com/webhook/1' }])(
		'reads without the permission where a person has set %j as the additional fields',
		async (additionalFields) => {
			await of(tool(LIST, { allowAiToMakeChanges: false, additionalFields } as IDataObject));
			expect(node.requests[0]?.method).toBe('POST');
		},
	);

	// In n8n 2, $json of a tool contains what the model has entered.
	it.each(["={{ $fromAI('url') }}", '={{ $json.url }}', '=https://n8n.example.com'])(
		'does not let a model choose with %s where Kopo Kopo sends what is read',
		async (callbackUrl) => {
			const additionalFields = { callbackUrl };
			const item = await of(tool(LIST, { allowAiToMakeChanges: false, additionalFields }));
			expect(item.error).toBe(
				"An AI agent is not allowed to choose where Kopo Kopo sends a result. A person can enter a fixed 'Callback URL' in the tool's settings, or remove it. Nothing was sent for this item.",
			);
			const whole = await of(
				tool(LIST, { allowAiToMakeChanges: false, additionalFields: callbackUrl }),
			);
			expect(whole.error).toBe(item.error);
			const read = await of(tool(GET, { allowAiToMakeChanges: false, additionalFields }));
			expect(read.outcome).toBe('pending');
		},
	);

	it('shows a rejection by Kopo Kopo with its remedy in one text, once', async () => {
		node.respond = () => ({ statusCode: 401 });
		const { error, details } = await of(tool());
		const { description } = details as IDataObject;
		expect(description).not.toBe('');
		expect(String(error).split(String(description))).toHaveLength(2);
	});

	it('returns stored responses in a retry without the permission, because nothing is sent', async () => {
		const data = {};
		const twice = { ...tool(), data };
		let count = 0;
		node.respond = () => (++count === 2 ? { statusCode: 400 } : undefined);
		await node.execute(people(2), twice);
		const { items } = await node.execute(people(2), {
			...tool({}, { allowAiToMakeChanges: false }),
			data,
		});
		expect(items[0]?.id).toBe('request-1');
		expect(items[1]?.error).toContain('is not allowed to make changes');
	});
});

it('an error of n8n for an expression names the item', async () => {
	const destinations = () => {
		throw new Error('Referenced node is unexecuted');
	};
	const item = await one({ destinations }, { node: { onError: 'continueRegularOutput' } });
	expect(item).toEqual({
		error: 'Referenced node is unexecuted',
		details: { description: '', outcome: 'failure' },
	});
	const error = await node.fail(people(1), { parameters: { destinations } });
	expect(error.context.itemIndex).toBe(0);
});

it.each([
	[new Error('Referenced node is unexecuted'), 'Referenced node is unexecuted'],
	['a text', 'a text'],
])(
	'what an expression throws, such as %j, is the error, also for an AI agent',
	async (thrown, text) => {
		const destinations = () => {
			throw thrown;
		};
		const onError = 'continueRegularOutput';
		expect((await one({ destinations }, { node: { onError } })).error).toBe(text);
		const tool = {
			type: 'n8n-nodes-kopokopo.kopoKopoTool',
			onError,
			parameters: { allowAiToMakeChanges: true },
		} as const;
		expect((await one({ destinations }, { node: tool })).error).toBe(text);
	},
);
