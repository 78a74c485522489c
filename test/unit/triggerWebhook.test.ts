import type { IDataObject, IWebhookFunctions } from 'n8n-workflow';
import { hashOfKey } from '../../nodes/KopoKopo/domain/dedupeKey';
import { executionsOf } from '../../nodes/KopoKopo/n8n/paymentExecutions';
import { sign } from '../sandbox/deliveries';
import { sandboxCredentialData } from '../support/sandboxCredential';
import {
	type DeliveryOptions,
	itemOf,
	newNodeId,
	startsWorkflow,
	TriggerInstance,
} from '../support/triggerInstance';

const API_KEY = 'the key of a test';

let trigger: TriggerInstance;
beforeEach(() => {
	trigger = new TriggerInstance(
		sandboxCredentialData({
			url: 'http://127.0.0.1',
			clientId: 'client',
			clientSecret: 'secret',
			apiKey: API_KEY,
		}),
		['buygoods_transaction_received', 'buygoods_transaction_reversed'],
	);
});

const signed = (body: string, apiKey = API_KEY) => ({ 'x-kopokopo-signature': sign(body, apiKey) });

const sale = (topic = 'buygoods_transaction_received') =>
	JSON.stringify({
		topic,
		id: 'event-1',
		created_at: '2026-05-01T10:43:20+03:00',
		event: {
			type: 'Buygoods Transaction',
			resource: { id: 'sale-1', amount: '100.0', status: 'Received', reference: 'OJM6Q1W84K' },
		},
	});

/** Delivers a body, signed unless told. */
const deliver = async (
	body: string,
	headers: Record<string, string> = signed(body),
	options: DeliveryOptions = {},
) => await trigger.deliver(body, headers, options);

describe('a delivery', () => {
	it('of a selected event becomes one item', async () => {
		const delivery = await deliver(sale());
		expect(delivery.status).toBe(200);
		expect(itemOf(delivery)).toMatchObject({
			eventId: 'event-1',
			topic: 'buygoods_transaction_received',
			dedupeKey: 'payment:OJM6Q1W84K:10000',
			outcome: 'success',
			amount: 100,
			reference: 'OJM6Q1W84K',
		});
	});

	it('becomes an item with the unchanged body when Simplify is off', async () => {
		const options = { simplify: false };
		expect(itemOf(await deliver(sale(), signed(sale()), { options }))).toEqual({
			eventId: 'event-1',
			topic: 'buygoods_transaction_received',
			dedupeKey: 'payment:OJM6Q1W84K:10000',
			isRecognized: true,
			body: JSON.parse(sale()) as unknown,
		});
	});

	it.each([
		['without a signature', () => ({})],
		['signed with another key', () => signed(sale(), 'another key')],
		['with the signature of other bytes', () => signed(`${sale()} `)],
	])('%s is answered 401 and starts nothing', async (_what, headers) => {
		const { status, message, result } = await deliver(sale(), headers());
		expect(status).toBe(401);
		expect(message).toBe('Not signed with the API key of the credential');
		expect(result).toEqual({ noWebhookResponse: true });
	});

	it('is answered 401 when the credential has no API key', async () => {
		trigger.credential.apiKey = '';
		const { status, result } = await deliver(sale());
		expect(status).toBe(401);
		expect(result.workflowData).toBeUndefined();
	});

	it('of an event that is not selected is answered 200 and starts nothing', async () => {
		const { status, message, result } = await deliver(sale('card_transaction_received'));
		expect({ status, message }).toEqual({
			status: 200,
			message: 'This trigger does not start on this event',
		});
		expect(result.workflowData).toBeUndefined();
		expect(result.noWebhookResponse).toBeUndefined();
	});

	it.each([
		[
			'of an unknown topic',
			sale('loan_repaid'),
			"This version does not know the event 'loan_repaid'",
		],
		[
			'with an unexpected value',
			sale().replace('"100.0"', '{"value":100}'),
			'The event does not have the expected shape (amount: Invalid input)',
		],
		[
			'that is not JSON',
			'amount=100',
			'The signature is valid, but this version does not know this type of delivery',
		],
	])('%s becomes an unrecognized item with the unchanged body', async (_what, body, reason) => {
		const json = itemOf(await deliver(body));
		expect(json).toMatchObject({ isRecognized: false, reason });
		expect(trigger.log).toEqual([`Kopo Kopo Trigger: ${reason}`]);
		expect(json?.dedupeKey).toEqual(expect.any(String));
		expect(json?.body).toEqual(body === 'amount=100' ? body : (JSON.parse(body) as unknown));
	});

	it('is answered 503 when the credential cannot be read, so that Kopo Kopo sends it again', async () => {
		trigger.credential = new Proxy(trigger.credential, {
			get() {
				throw new Error('the credential was deleted');
			},
		});
		const { status, message, result } = await deliver(sale());
		expect({ status, message }).toEqual({
			status: 503,
			message: 'The workflow could not process this delivery',
		});
		expect(result).toEqual({ noWebhookResponse: true });
		expect(trigger.log).toEqual([
			'Kopo Kopo Trigger could not process a delivery: the credential was deleted',
		]);
	});
});

describe('a result callback', () => {
	const result = (status: string, message?: string) =>
		JSON.stringify({
			data: {
				id: 'link-1',
				type: 'payment_link',
				attributes: {
					status: 'Processed',
					amount: 350,
					payment_link: { status, link: 'https://example.com/l' },
					errors: message === undefined ? null : [message],
				},
			},
		});
	const call = async (body: string, more: DeliveryOptions = {}) =>
		await deliver(body, signed(body), { triggerOn: ['payment_link_result'], ...more });

	it('becomes one item with the fields of Get', async () => {
		expect(itemOf(await call(result('Paid')))).toMatchObject({
			eventId: 'link-1',
			topic: 'payment_link_result',
			id: 'link-1',
			outcome: 'success',
			amount: 350,
			link: 'https://example.com/l',
		});
	});

	it('starts nothing when its event is not selected', async () => {
		expect(startsWorkflow(await call(result('Paid'), { triggerOn: ['send_money_result'] }))).toBe(
			false,
		);
	});

	it('starts the workflow once for each status and outcome, even if the error text changes', async () => {
		const nodeId = newNodeId();
		expect(startsWorkflow(await call(result('Active', 'No money'), { nodeId }))).toBe(true);
		expect(startsWorkflow(await call(result('Active', 'No money'), { nodeId }))).toBe(false);
		expect(startsWorkflow(await call(result('Active', 'Wrong PIN'), { nodeId }))).toBe(false);
		const paid = await call(result('Paid'), { nodeId });
		expect(startsWorkflow(paid)).toBe(true);
		expect(itemOf(paid)).not.toHaveProperty('isAmountChanged');
	});

	it('is recognized in the flat form that one unofficial document shows', async () => {
		const body = JSON.stringify({
			event: 'incoming_payment.failed',
			request_id: 'r-1',
			data: {
				id: 'p-1',
				status: 'FAILED',
				amount: 1500,
				failure_reason: 'User Denied Transaction',
			},
		});
		const delivery = await deliver(body, signed(body), { triggerOn: ['incoming_payment_result'] });
		expect(itemOf(delivery)).toMatchObject({
			topic: 'incoming_payment_result',
			outcome: 'failure',
			amount: 1500,
			message: 'Not paid: User Denied Transaction',
		});
	});
});

describe('filters', () => {
	const saleAt = (till: string, amount: string) =>
		sale().replace('"100.0"', `"${amount}","till_number":"${till}"`);
	const passes = async (body: string, options: IDataObject) => {
		const delivery = await deliver(body, signed(body), { options });
		const isStarted = startsWorkflow(delivery);
		expect(delivery.message).toBe(isStarted ? undefined : 'Excluded by a filter');
		return isStarted;
	};

	it('ignore other tills, with or without the K before the number', async () => {
		const options = { tillFilter: '112233, k445566' };
		expect(await passes(saleAt('112233', '10'), options)).toBe(true);
		expect(await passes(saleAt('K112233', '10'), options)).toBe(true);
		expect(await passes(saleAt('445566', '10'), options)).toBe(true);
		expect(await passes(saleAt('999999', '10'), options)).toBe(false);
		expect(await passes(sale(), options)).toBe(true);
	});

	it('accept tills with spaces and any separator', async () => {
		const options = { tillFilter: '832 9219; K\u00a0123\u00a0456\n777777' };
		expect(await passes(saleAt('8329219', '10'), options)).toBe(true);
		expect(await passes(saleAt('123456', '10'), options)).toBe(true);
		expect(await passes(saleAt('777777', '10'), options)).toBe(true);
		expect(await passes(saleAt('832', '10'), options)).toBe(false);
		expect(await passes(saleAt('9219', '10'), options)).toBe(false);
	});

	it('ignore nothing if they are invalid', async () => {
		expect(await passes(saleAt('112233', '10'), { tillFilter: 'my shop' })).toBe(true);
		expect(await passes(saleAt('112233', '10'), { minimumAmount: 'a lot' })).toBe(true);
	});

	it('ignore smaller amounts, and accept the minimum in any format of an amount', async () => {
		expect(await passes(saleAt('1', '1499.99'), { minimumAmount: 'KES 1,500' })).toBe(false);
		expect(await passes(saleAt('1', '1500.0'), { minimumAmount: '1 500' })).toBe(true);
		expect(await passes(saleAt('1', '1.0'), { minimumAmount: '' })).toBe(true);
		expect(await passes(saleAt('1', '99.99'), { minimumAmount: 100 })).toBe(false);
		expect(await passes(saleAt('1', '100.0'), { minimumAmount: 100 })).toBe(true);
	});

	it('never ignore an unrecognized event', async () => {
		expect(await passes(sale('loan_repaid'), { minimumAmount: 1e9, tillFilter: '1' })).toBe(true);
	});
});

it('takes switches as expressions give them, as text or as 1 and 0', async () => {
	const body = sale();
	const raw = await deliver(body, signed(body), {
		options: { simplify: 'FALSE', includeHeaders: 1 },
	});
	expect(itemOf(raw)).toMatchObject({ isRecognized: true, headers: signed(body) });

	const nodeId = newNodeId();
	const twice = { nodeId, options: { ignoreDuplicates: '0', includeHeaders: 'false' } };
	expect(itemOf(await deliver(body, signed(body), twice))).not.toHaveProperty('headers');
	expect(startsWorkflow(await deliver(body, signed(body), twice))).toBe(true);
});

it('adds the headers of the delivery with Include Headers', async () => {
	const headers = signed(sale());
	const delivery = await deliver(sale(), headers, { options: { includeHeaders: true } });
	expect(itemOf(delivery)?.headers).toEqual(headers);
});

describe('the API key', () => {
	let nodeId: string;
	beforeEach(() => {
		jest.useFakeTimers();
		nodeId = newNodeId();
	});
	afterEach(() => jest.useRealTimers());

	/** The status that a delivery with these headers is answered with. */
	const statusOf = async (headers: Record<string, string>) => {
		const options = { ignoreDuplicates: false };
		return (await deliver(sale(), headers, { nodeId, options })).status;
	};

	it('is not read for a header that cannot be a signature', async () => {
		for (const header of ['', 'abc', `${'0'.repeat(63)}g`, '0'.repeat(65)]) {
			expect(await statusOf({ 'x-kopokopo-signature': header })).toBe(401);
		}
		expect(await statusOf({})).toBe(401);
		expect(trigger.credentialReads).toBe(0);
	});

	it.each([
		['correctly signed', () => signed(sale()), 200],
		['forged', () => signed('anything else'), 401],
	])(
		'is read once for ten deliveries within a second that are %s',
		async (_how, headers, status) => {
			for (let count = 0; count < 10; count++) {
				expect(await statusOf(headers())).toBe(status);
				jest.advanceTimersByTime(99);
			}
			expect(trigger.credentialReads).toBe(1);
		},
	);

	it('is accepted within two seconds after a change, and the old one rejected', async () => {
		expect(await statusOf(signed(sale()))).toBe(200);
		trigger.credential.apiKey = 'another key';
		jest.advanceTimersByTime(2000);
		expect(await statusOf(signed(sale(), 'another key'))).toBe(200);
		expect(await statusOf(signed(sale()))).toBe(401);
	});

	it('is accepted for ten seconds at most after it was removed', async () => {
		expect(await statusOf(signed(sale()))).toBe(200);
		trigger.credential.apiKey = '';
		jest.advanceTimersByTime(10_001);
		expect(await statusOf(signed(sale()))).toBe(401);
	});

	it('before the last renewal is accepted as Previous API Key, and no other', async () => {
		Object.assign(trigger.credential, { apiKey: 'renewed key', previousApiKey: API_KEY });
		expect(await statusOf(signed(sale(), 'renewed key'))).toBe(200);
		expect(await statusOf(signed(sale()))).toBe(200);
		expect(await statusOf(signed(sale(), 'the key before that'))).toBe(401);
		trigger.credential.previousApiKey = '';
		jest.advanceTimersByTime(10_001);
		expect(await statusOf(signed(sale()))).toBe(401);
	});

	it('is not replaced by the Previous API Key if it is missing', async () => {
		Object.assign(trigger.credential, { apiKey: '', previousApiKey: API_KEY });
		expect(await statusOf(signed(sale()))).toBe(401);
	});
});

it('a delivery of a payment that a polling trigger of the workflow has emitted starts nothing', async () => {
	const { triggers } = executionsOf({
		getWorkflow: () => ({ id: 'workflow' }),
	} as IWebhookFunctions);
	const emitted = hashOfKey('payment:OJM6Q1W84K:10000');
	triggers.set('polling', {
		hasEmitted: (hash) => hash === emitted,
		progress: () => ({ seen: {} }),
	});
	try {
		const delivery = await deliver(sale());
		expect(delivery.status).toBe(200);
		expect(delivery.result).toEqual({ webhookResponse: { message: 'Duplicate payment' } });
		expect(startsWorkflow(await deliver(sale().replace('OJM6Q1W84K', 'OJM6Q1W84L')))).toBe(true);

		// An execution that n8n had stored before it restarted.
		expect(await trigger.execute('stored', 'payment:OJM6Q1W84K:10000')).toEqual([]);
		const other = 'payment:OJM6Q1W84M:10000';
		expect(await trigger.execute('stored', other)).toEqual([other]);
	} finally {
		triggers.clear();
	}
});

it.each([
	['webhook', true],
	['manual', false],
] as const)(
	'a payment that is delivered in mode %s is in flight for a polling trigger: %s',
	async (mode, isExpected) => {
		const receipt = `RECEIPT-OF-${mode}`;
		const hash = hashOfKey(`payment:${receipt.toUpperCase()}:10000`);
		const executions = executionsOf({
			getWorkflow: () => ({ id: 'workflow' }),
		} as IWebhookFunctions);
		const { triggers } = executions;
		triggers.set('polling', { hasEmitted: () => false, progress: () => ({ seen: {} }) });
		try {
			const body = sale().replace('OJM6Q1W84K', receipt);
			expect(startsWorkflow(await deliver(body, signed(body), { mode }))).toBe(true);
			expect(executions.delivered.isInFlight(hash)).toBe(isExpected);
		} finally {
			triggers.clear();
			executions.delivered.delete([hash]);
		}
	},
);

describe('the Outcome option', () => {
	const result = (status: string) =>
		JSON.stringify({
			data: {
				id: `request-${status}`,
				type: 'incoming_payment',
				attributes: {
					status,
					event: {
						type: 'Incoming Payment Request',
						resource: status === 'Success' ? { reference: 'OJM6Q1W84K', amount: '100.0' } : null,
					},
				},
			},
		});

	it.each([
		[undefined, ['Success', 'Failed', 'Pending']],
		['all', ['Success', 'Failed', 'Pending']],
		['onlySuccess', ['Success']],
		['onlyFailure', ['Failed']],
	])('%s starts the workflow for the results %j', async (outcome, expected) => {
		const started: string[] = [];
		for (const status of ['Success', 'Failed', 'Pending']) {
			const body = result(status);
			const delivery = await deliver(body, signed(body), {
				triggerOn: ['incoming_payment_result'],
				options: outcome === undefined ? {} : { outcome },
			});
			if (startsWorkflow(delivery)) started.push(status);
			else expect(delivery.message).toBe('Excluded by a filter');
		}
		expect(started).toEqual(expected);
	});

	it('does not apply to payments', async () => {
		const delivery = await deliver(sale(), signed(sale()), { options: { outcome: 'onlyFailure' } });
		expect(startsWorkflow(delivery)).toBe(true);
	});
});

describe('the event of a till', () => {
	const SUBSCRIPTION = {
		topic: 'buygoods_transaction_received',
		url: 'https://n8n.example.com',
		scope: 'till',
		daraja: false,
		id: 'subscription-1',
	};
	const now = { registration: 'automatic', scope: 'till', tillNumber: '445566' };
	let nodeId: string;

	beforeEach(() => {
		nodeId = newNodeId();
		trigger.staticData = {
			kopoKopoSubscriptions: {
				earlier: { ...SUBSCRIPTION, nodeId, tillNumber: '112233' },
				now: { ...SUBSCRIPTION, nodeId, tillNumber: '445566' },
				other: { ...SUBSCRIPTION, nodeId: 'another node', tillNumber: '778899' },
			},
		};
	});

	const starts = async (
		tillNumber: string,
		parameters: IDataObject = now,
		body = sale().replace('"100.0"', `"100.0","till_number":"${tillNumber}"`),
	) => {
		const delivery = await deliver(body, signed(body), {
			nodeId,
			parameters,
			options: { ignoreDuplicates: false },
		});
		expect(delivery.status).toBe(200);
		const isStarted = startsWorkflow(delivery);
		const message = 'The settings no longer include this till';
		expect(delivery.message).toBe(isStarted ? undefined : message);
		return isStarted;
	};

	it.each(['112233', 'K112233'])(
		'that the node subscribed to earlier and no longer includes is ignored (%s)',
		async (till) => {
			expect(await starts(till)).toBe(false);
			expect(trigger.log.join()).toContain(
				`ignored an event of till ${till}: 'Kopo Kopo Trigger' subscribed to it earlier`,
			);
		},
	);

	it.each(['"TransactionType":"Pay Bill",', '"TransactionType":null,', ''])(
		'is ignored as a Daraja payload of an unknown type, too (%s)',
		async (type) => {
			const payload = (till: string) =>
				`{${type}"TransID":"TJX9AB12CD","TransAmount":"100.00","BusinessShortCode":"${till}"}`;
			expect(await starts('112233', now, payload('112233'))).toBe(false);
			expect(await starts('445566', now, payload('445566'))).toBe(true);
			expect(await starts('998877', now, payload('998877'))).toBe(true);
		},
	);

	it('starts the workflow with the result of a request', async () => {
		const result = {
			data: {
				id: 'request-1',
				type: 'incoming_payment',
				attributes: {
					status: 'Success',
					event: {
						type: 'Incoming Payment Request',
						resource: { reference: 'TJX9AB12CD', amount: '100.0', till_number: '112233' },
					},
				},
			},
		};
		const triggerOn = ['incoming_payment_result'];
		expect(await starts('112233', { ...now, triggerOn }, JSON.stringify(result))).toBe(true);
	});

	it('starts the workflow with an event of the whole company', async () => {
		const event = {
			topic: 'customer_created',
			id: 'event-1',
			created_at: '2026-11-27T08:00:00+03:00',
			event: { type: 'Customer Created', resource: { first_name: 'Jane', till_number: '112233' } },
		};
		const triggerOn = ['customer_created'];
		expect(await starts('112233', { ...now, triggerOn }, JSON.stringify(event))).toBe(true);
	});

	it('starts the workflow if the node subscribed earlier for the company', async () => {
		trigger.staticData.kopoKopoSubscriptions = {
			company: { ...SUBSCRIPTION, nodeId, scope: 'company', tillNumber: null },
		};
		expect(await starts('112233')).toBe(true);
	});

	it.each([
		['that the node names', '445566', now],
		['that the node names among others', 'K112233', { ...now, tillNumber: '445566, 112233' }],
		['that it never subscribed', '998877', now],
		['while the tills cannot be read', '112233', { ...now, tillNumber: 'my shop' }],
		['that only another node subscribed', '778899', now],
		['of the company', '112233', { ...now, scope: 'company' }],
		['registered by hand', '112233', { ...now, registration: 'manual' }],
	])('%s starts the workflow', async (_which, till, parameters) => {
		expect(await starts(till, parameters)).toBe(true);
	});
});
