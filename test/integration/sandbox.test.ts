import { readdirSync, readJsonSync } from 'fs-extra';

import { sign } from '../sandbox/deliveries';
import { startMerchant, type Merchant } from '../sandbox/merchant';
import { startSandbox, type Sandbox } from '../sandbox/server';

type Json = Record<string, unknown>;

interface Fixture {
	file: string;
	operation: string;
	apiVersion: string;
	method: string;
	path: string;
	status: string;
	body: Json;
	response: { status: number; body: Json };
}

function fixture(path: string): Fixture {
	return readJsonSync(`test/fixtures/${path}.json`) as Fixture;
}

/** Every key path with the type of its value, apart from metadata, which is the caller's own. */
function shapeOf(value: unknown): string[] {
	const walk = (item: unknown, path: string): string[] => {
		if (Array.isArray(item)) return item.flatMap((one) => walk(one, `${path}[]`));
		if (item === null) return [`${path}: null`];
		if (typeof item !== 'object') return [`${path}: ${typeof item}`];
		return Object.entries(item).flatMap(([key, one]) =>
			walk(key === 'metadata' ? typeof one : one, `${path}.${key}`),
		);
	};
	return [...new Set(walk(value, '$'))].sort();
}

let sandbox: Sandbox;
let merchant: Merchant;

/** A request body of the contract that calls back this test instead of a real host. */
function requestBody(name: string): Json {
	const { body } = fixture(`requests/${name}`);
	return body._links ? { ...body, _links: { callback_url: `${merchant.url}/result` } } : body;
}

async function stateOf(path: string, id: string): Promise<Json> {
	const { status, json } = await merchant.call('GET', `${path}/${id}`);
	expect(status).toBe(200);
	return json;
}

/** Waits for the post, checks the signature of the last letter and returns what it said. */
async function lastLetter(): Promise<Json> {
	await sandbox.settled();
	const letter = merchant.received.at(-1);
	expect(letter?.signature).toBe(sign(letter?.body ?? '', sandbox.apiKey));
	return letter?.json ?? {};
}

beforeAll(async () => {
	sandbox = await startSandbox({ port: 0, webhookRetryDelaysMs: [5, 10], processingMs: 1 });
	merchant = await startMerchant(sandbox);
});

beforeEach(async () => {
	await sandbox.reset();
	merchant.received.length = 0;
	merchant.answers.length = 0;
	await merchant.signIn();
});

afterAll(async () => {
	await sandbox.close();
	await merchant.close();
});

describe('requests of the contract', () => {
	const creates = readdirSync('test/fixtures/requests')
		.map((file) => ({ ...fixture(`requests/${file.replace('.json', '')}`), file }))
		.filter(({ method, apiVersion }) => method === 'POST' && apiVersion !== 'oauth')
		.filter(({ operation }) => operation !== 'paymentLink.cancel');

	it.each(creates.map((sample) => [sample.file, sample] as const))(
		'takes %s',
		async (_file, { path, body, response }) => {
			const answer = await merchant.call('POST', path, body);
			expect(answer.status).toBe(response.status);
			const id = sandbox.ledger.requests.at(-1)?.resourceId;
			if (response.body === null) {
				expect(answer.text).toBe('');
				expect(answer.headers.location).toBe(`${sandbox.url}${path}/${id}`);
			} else {
				expect(shapeOf(answer.json)).toEqual(shapeOf(response.body));
			}
			const read = await merchant.call('GET', `${path}/${id}`, undefined, {
				'content-type': 'application/json',
			});
			expect(read.status).toBe(200);
			expect(read.json.data).toMatchObject({ id });
		},
	);

	it('forgives what only the official SDKs send', async () => {
		const sweep = { destinations: [], _links: { callback_url: merchant.url } };
		await merchant.create('/api/v2/send_money', sweep);
		await merchant.create('/api/v2/incoming_payments', {
			...requestBody('incoming-payment.create'),
			payment_channel: 'MPESA',
			subscriber: { middle_name: 'M', phone_number: '0712345678' },
			metadata: null,
		});
		for (const scope_reference of [null, '', undefined]) {
			await merchant.create('/api/v2/webhook_subscriptions', {
				...requestBody('webhook-subscription.create.company'),
				scope_reference,
			});
		}
		const odd = await merchant.call('POST', '/api/v2/send_money', sweep, {
			'content-type': 'Application/JSON; Charset=UTF-8',
		});
		expect(odd.status).toBe(201);
	});
});

describe('results of the contract', () => {
	it.each([
		['webhook_subscriptions', 'webhook-subscription.create.till', 'webhook-subscription.get'],
		['merchant_wallets', 'merchant-wallet.create', 'merchant-wallet.get'],
		['merchant_bank_accounts', 'merchant-bank-account.create.eft', 'merchant-bank-account.get'],
		['external_recipients', 'external-recipient.create.till', 'external-recipient.get.till'],
	])('shows %s as the samples do', async (collection, create, get) => {
		const body = requestBody(create);
		delete (body.external_recipient as Json | undefined)?.nickname;
		const path = `/api/v2/${collection}`;
		const shown = await stateOf(path, await merchant.create(path, body));
		expect(shapeOf(shown)).toEqual(shapeOf(fixture(`requests/${get}`).response.body));
	});

	it('takes an STK push from Pending to Success, and tells the callback the same', async () => {
		const path = '/api/v2/incoming_payments';
		const id = await merchant.create(path, requestBody('incoming-payment.create'));
		const pending = await stateOf(path, id);
		expect(shapeOf(pending)).toEqual(shapeOf(fixture('results/incoming-payment.pending').body));

		sandbox.customer.pay(id);
		const paid = await stateOf(path, id);
		expect(shapeOf(paid)).toEqual(shapeOf(fixture('results/incoming-payment.success').body));
		expect(paid).toMatchObject({
			data: {
				id,
				attributes: {
					status: 'Success',
					event: { resource: { amount: '20000.0', till_number: 'K000000', currency: 'KES' } },
					_links: { self: `${sandbox.url}${path}/${id}` },
				},
			},
		});
		expect(await lastLetter()).toEqual(paid);
		expect(() => sandbox.customer.pay(id)).toThrow('Success already');
	});

	it.each([
		['v2', 'incoming-payment.failed'],
		['v1', 'v1.incoming-payment.failed'],
	])('tells of a refused STK push in %s', async (version, sample) => {
		const path = `/api/${version}/incoming_payments`;
		const id = await merchant.create(path, requestBody('incoming-payment.create'));
		sandbox.customer.refuse(id, { reason: 'The initiator information is invalid.' });
		const failed = await stateOf(path, id);
		expect(shapeOf(failed)).toEqual(shapeOf(fixture(`results/${sample}`).body));
		expect(await lastLetter()).toEqual(failed);
		expect(sandbox.ledger.movements).toEqual([]);
	});

	it('walks a payment link through failure, payment, expiry and cancellation', async () => {
		const path = '/api/v2/payment_links';
		const make = async () => await merchant.create(path, requestBody('payment-link.create'));
		const expectShape = async (sample: string, id: string) => {
			const shown = await stateOf(path, id);
			expect(shapeOf(shown)).toEqual(shapeOf(fixture(`results/payment-link.${sample}`).body));
			if (sample !== 'active') expect(await lastLetter()).toEqual(shown);
		};
		const id = await make();
		await expectShape('active', id);
		sandbox.customer.insufficientFunds(id);
		await expectShape('attempt-failed', id);
		sandbox.customer.pay(id, { phone: '0712345678' });
		await expectShape('paid', id);
		const refused = await merchant.call('POST', `${path}/${id}/cancel`);
		expect(refused.json).toEqual(fixture('errors/k2.400.payment-link.cancel-not-active').body);

		const expired = await make();
		sandbox.customer.letExpire(expired);
		await expectShape('expired.inferred', expired);

		const cancelled = await make();
		const answer = await merchant.call('POST', `${path}/${cancelled}/cancel`, '', {
			'content-type': 'application/json',
		});
		expect(answer.status).toBe(200);
		expect(answer.json).toEqual(fixture('requests/payment-link.cancel').response.body);
		await expectShape('cancelled.inferred', cancelled);
	});

	it('transfers, cancels and partly transfers money', async () => {
		const path = '/api/v2/send_money';
		const send = async (sample: string) => {
			const id = await merchant.create(path, requestBody(`send-money.${sample}`));
			expect((await stateOf(path, id)).data).toMatchObject({
				attributes: { status: 'Scheduled', transfer_batches: [] },
			});
			return id;
		};
		const expectShape = async (sample: string, id: string) => {
			const shown = await stateOf(path, id);
			expect(shapeOf(shown)).toEqual(shapeOf(fixture(`results/send-money.${sample}`).body));
			expect(await lastLetter()).toEqual(shown);
		};
		const wallets = await send('to-external.mobile-wallet');
		sandbox.bank.transfer(wallets);
		await expectShape('processed.mobile-wallets', wallets);

		const cancelled = await send('to-external.mobile-wallet');
		sandbox.bank.cancel(cancelled);
		await expectShape('cancelled.inferred', cancelled);

		const partial = await send('to-external.mobile-wallet');
		sandbox.bank.partly(partial, { cancelled: [0] });
		await expectShape('partial.inferred', partial);

		const own = await merchant.create(path, {
			...requestBody('send-money.to-my-account.wallet'),
			metadata: undefined,
		});
		sandbox.bank.transfer(own);
		const shown = shapeOf(await stateOf(path, own));
		const expected = shapeOf(fixture('results/send-money.processed.merchant-wallet').body);
		expect(shown.filter((key) => !key.includes('.metadata'))).toEqual(
			expected.filter((key) => !key.includes('.metadata')),
		);
		expect(sandbox.ledger.totals.out).toBe(1000 + 1000 + 1000 + 250);
	});

	it('gives an EFT transfer no transaction reference, and sweeps all that is available', async () => {
		const account = requestBody('merchant-bank-account.create.eft');
		const reference = await merchant.create('/api/v2/merchant_bank_accounts', account);
		const id = await merchant.create('/api/v2/send_money', {
			...requestBody('send-money.to-my-account.bank'),
			destinations: [{ type: 'merchant_bank_account', reference, amount: 100 }],
		});
		sandbox.bank.transfer(id);
		expect(JSON.stringify(sandbox.status(id))).toContain('"transaction_reference":null');

		const sweeps = ['first', 'second'].map(
			async () =>
				await merchant.create('/api/v2/send_money', requestBody('send-money.to-my-accounts')),
		);
		const [first = '', second = ''] = await Promise.all(sweeps);
		sandbox.bank.transfer(first);
		sandbox.bank.transfer(second);
		expect(sandbox.ledger.balance).toBe(0);
		expect(sandbox.ledger.movements.map(({ amount }) => amount)).toEqual([
			100,
			sandbox.openingBalance - 100,
		]);
		expect(JSON.stringify(sandbox.status(second))).toContain('The balance is insufficient');
	});

	it('reverses a payment once, and tells of the reversal twice over', async () => {
		await merchant.create('/api/v2/webhook_subscriptions', {
			event_type: 'buygoods_transaction_reversed',
			url: `${merchant.url}/webhook`,
			scope: 'company',
		});
		const { id: transaction_reference } = sandbox.till.buygoods({ amount: 400 });
		const path = '/api/v2/reversals';
		const body = { ...requestBody('reversal.create'), transaction_reference };
		const id = await merchant.create(path, body);
		expect(shapeOf(await stateOf(path, id))).toEqual(
			shapeOf(fixture('results/reversal.scheduled').body),
		);
		const again = await merchant.call('POST', path, body);
		expect(again.json).toEqual(fixture('errors/k2.400.reversal.message-array').body);

		sandbox.bank.cancel(id);
		expect(shapeOf(await stateOf(path, id))).toEqual(
			shapeOf(fixture('results/reversal.cancelled').body),
		);
		const second = await merchant.create(path, body);
		sandbox.bank.transfer(second);
		expect(shapeOf(await stateOf(path, second))).toEqual(
			shapeOf(fixture('results/reversal.transferred').body),
		);
		await sandbox.settled();
		expect(merchant.received.map((letter) => letter.path).sort()).toEqual([
			'/result',
			'/result',
			'/webhook',
		]);
		expect(sandbox.ledger.totals).toMatchObject({ in: 400, out: 400 });
		const unseen = await merchant.create(path, requestBody('reversal.create'));
		sandbox.bank.transfer(unseen);
		expect(JSON.stringify(sandbox.status(unseen))).toContain('Transaction not found');
	});

	it('answers polling with what was received between the times', async () => {
		const at = '2021-04-15T10:00:00+03:00';
		sandbox.till.buygoods({ at, till: '000000' });
		sandbox.till.b2b({ at, till: '112233' });
		sandbox.till.buygoods({ at: '2021-05-15T10:00:00+03:00' });
		const path = '/api/v2/polling';
		const company = await merchant.create(path, requestBody('polling.create.company'));
		const told = await lastLetter();
		expect(told).toEqual(await stateOf(path, company));
		const sample = shapeOf(fixture('results/polling.success.mixed').body);
		// A sample sender has a middle name of no letters where this one has none.
		const known = (keys: string[]) => keys.filter((key) => !key.includes('sender_middle_name'));
		expect(known(shapeOf(told))).toEqual(known(sample));
		const till = { ...requestBody('polling.create.company'), scope: 'till' };
		await merchant.create(path, { ...till, scope_reference: '112233' });
		expect(await lastLetter()).toMatchObject({
			data: {
				attributes: { scope: 'Till', transactions: [{ resource: { till_number: '112233' } }] },
			},
		});
	});

	it('sends the deprecated SMS by itself, and settles v1 payments', async () => {
		const sms = requestBody('transaction-sms-notification.create');
		await merchant.create('/api/v1/transaction_sms_notifications', sms);
		expect(shapeOf(await lastLetter())).toEqual(
			shapeOf(fixture('results/transaction-sms-notification.success').body),
		);
		const payment = await merchant.create('/api/v1/payments', requestBody('v1.payment.create.sdk'));
		sandbox.bank.transfer(payment);
		const told = await lastLetter();
		expect(shapeOf(told).filter((key) => !/amount|errors/.test(key))).toEqual(
			shapeOf(fixture('results/v1.payment.processed').body).filter((key) => !/amount/.test(key)),
		);
	});
});

describe('the v1 that one third party describes', () => {
	const made = async (path: string, sample: string, callback_url = `${merchant.url}/result`) => {
		await merchant.call('POST', path, { ...requestBody(sample), callback_url });
		return String(sandbox.ledger.requests.at(-1)?.resourceId);
	};
	const expectShape = async (path: string, id: string, sample: string) => {
		const shown = await stateOf(path, id);
		expect(shapeOf(shown)).toEqual(shapeOf(fixture(`results/third-party.${sample}`).body));
	};

	it('takes, pays, refuses and lists flat payments', async () => {
		const path = '/api/v1/incoming_payments';
		const paid = await made(path, 'v1.incoming-payment.create.skill-flat');
		await expectShape(path, paid, 'incoming-payment.pending');
		sandbox.customer.pay(paid);
		await expectShape(path, paid, 'incoming-payment.completed');
		expect(shapeOf(await lastLetter()).filter((key) => !key.includes('description'))).toEqual(
			shapeOf(fixture('webhooks/third-party.incoming_payment.completed').body),
		);
		const refused = await made(path, 'v1.incoming-payment.create.skill-flat');
		sandbox.customer.refuse(refused);
		await expectShape(path, refused, 'incoming-payment.failed');
		const today = new Date().toISOString().slice(0, 10);
		const query = `page=1&per_page=20&status=COMPLETED&from_date=${today}&to_date=${today}`;
		const list = await merchant.call('GET', `${path}?${query}`);
		expect(shapeOf(list.json)).toEqual(
			shapeOf(fixture('requests/v1.incoming-payment.list').response.body),
		);
		expect(list.json.pagination).toEqual({ page: 1, per_page: 20, total: 1, total_pages: 1 });
	});

	it('pays out and settles', async () => {
		const paid = await made('/api/v1/pay', 'v1.pay.create');
		await expectShape('/api/v1/pay', paid, 'payout.processing');
		sandbox.bank.transfer(paid);
		await expectShape('/api/v1/pay', paid, 'payout.completed');
		expect(shapeOf(await lastLetter())).toEqual(
			shapeOf(fixture('webhooks/third-party.pay.completed').body),
		);
		const failed = await made('/api/v1/pay', 'v1.pay.create');
		sandbox.bank.cancel(failed);
		await expectShape('/api/v1/pay', failed, 'payout.failed');
		const path = '/api/v1/settlement_transfers';
		const settled = await made(path, 'v1.settlement-transfer.create.skill-flat');
		await expectShape(path, settled, 'settlement.processing');
		sandbox.bank.transfer(settled);
		await expectShape(path, settled, 'settlement.completed');
		expect(sandbox.ledger.totals.out).toBe(1000 + 50000);
	});
});

describe('refusals in the words of the contract', () => {
	const stk = '/api/v2/incoming_payments';
	const refusals: Array<[string, string, string, Json]> = [
		[
			'k2.400.incoming-payment.till-number-blank',
			stk,
			'incoming-payment.create',
			{ till_number: '' },
		],
		[
			'k2.400.payment-link.till-number-blank',
			'/api/v2/payment_links',
			'payment-link.create',
			{ till_number: null },
		],
		[
			'k2.400.merchant-wallet.first-name-blank',
			'/api/v2/merchant_wallets',
			'merchant-wallet.create',
			{ first_name: ' ' },
		],
		[
			'k2.400.merchant-bank-account.bank-branch-ref-invalid',
			'/api/v2/merchant_bank_accounts',
			'merchant-bank-account.create.eft',
			{ bank_branch_ref: 'x' },
		],
		[
			'k2.400.external-recipient.invalid-type',
			'/api/v2/external_recipients',
			'external-recipient.create.till',
			{ type: 'bank' },
		],
		['k2.400.polling.scope-invalid', '/api/v2/polling', 'polling.create.till', { scope: 'Till' }],
		[
			'k2.400.send-money.callback-url-blank',
			'/api/v2/send_money',
			'send-money.to-my-accounts',
			{ _links: {} },
		],
		[
			'k2.400.send-money.destination-reference-invalid',
			'/api/v2/send_money',
			'send-money.to-my-account.bank',
			{ destinations: [{ type: 'merchant_wallet', reference: 'x', amount: 1 }] },
		],
		[
			'k2.400.send-money.destination-type-blank',
			'/api/v2/send_money',
			'send-money.to-my-account.bank',
			{ destinations: [{ amount: 1 }] },
		],
		[
			'k2.400.send-money.source-identifier-invalid',
			'/api/v2/send_money',
			'send-money.to-my-account.bank',
			{ source_identifier: 'mine' },
		],
		[
			'k2.400.transaction-sms-notification.message-blank',
			'/api/v1/transaction_sms_notifications',
			'transaction-sms-notification.create',
			{ message: '' },
		],
		[
			'k2.400.webhook-subscription.invalid-scope-reference',
			'/api/v2/webhook_subscriptions',
			'webhook-subscription.create.till',
			{ scope_reference: null },
		],
	];

	it.each(refusals)('%s', async (error, path, sample, wrong) => {
		const { status, json } = await merchant.call('POST', path, {
			...requestBody(sample),
			...wrong,
		});
		expect({ status, json }).toEqual({ status: 400, json: fixture(`errors/${error}`).body });
		expect(sandbox.ledger.requests.at(-1)).toMatchObject({ worked: false, resourceId: null });
	});

	const wrongs: Array<[string, string, string, Json]> = [
		['Till number is invalid', stk, 'incoming-payment.create', { till_number: '000000' }],
		[
			'Phone number is invalid',
			stk,
			'incoming-payment.create',
			{ subscriber: { phone_number: '+255712345678' } },
		],
		[
			'Currency is invalid',
			stk,
			'incoming-payment.create',
			{ amount: { currency: 'USD', value: 1 } },
		],
		[
			'Amount must be greater than 0',
			stk,
			'incoming-payment.create',
			{ amount: { currency: 'KES', value: 0 } },
		],
		[
			'Metadata is too long (maximum is 5 key-value pairs)',
			stk,
			'incoming-payment.create',
			{ metadata: { a: 1, b: 2, c: 3, d: 4, e: 5, f: 6 } },
		],
		[
			'Metadata values must be primitive data types',
			'/api/v2/reversals',
			'reversal.create',
			{ metadata: { a: {} } },
		],
		[
			'Callback url is invalid',
			stk,
			'incoming-payment.create',
			{ _links: { callback_url: 'here' } },
		],
		[
			'Settlement method is invalid',
			'/api/v2/external_recipients',
			'external-recipient.create.bank-account',
			{
				external_recipient: {
					account_name: 'A',
					account_number: '1',
					bank_branch_ref: 'c7f300c0-f1ef-4151-9bbe-005005aa3747',
					settlement_method: 'EFT',
				},
			},
		],
		[
			'Scope is invalid',
			'/api/v2/webhook_subscriptions',
			'webhook-subscription.create.till',
			{ event_type: 'customer_created' },
		],
		[
			'Event type is invalid',
			'/api/v2/webhook_subscriptions',
			'webhook-subscription.create.till',
			{ event_type: 'm2m_transaction_received' },
		],
		[
			'Daraja payload is not supported for this event type',
			'/api/v2/webhook_subscriptions',
			'webhook-subscription.create.till',
			{ event_type: 'card_transaction_received', enable_daraja_payload: true },
		],
		[
			'Multiple destinations are only supported for mobile_wallet and bank_account',
			'/api/v2/send_money',
			'send-money.to-my-accounts',
			{
				destinations: [1, 2].map(() => ({
					type: 'till',
					till_number: '1',
					amount: 1,
					description: 'x',
				})),
			},
		],
		[
			'Destinations must be of the same type',
			'/api/v2/send_money',
			'send-money.to-my-accounts',
			{
				destinations: [
					{ type: 'till', till_number: '1', amount: 1, description: 'x' },
					{
						type: 'paybill',
						paybill_number: '1',
						paybill_account_number: 'a',
						amount: 1,
						description: 'x',
					},
				],
			},
		],
		[
			'Destination phone number is invalid',
			'/api/v2/send_money',
			'send-money.to-my-accounts',
			{
				destinations: [
					{
						type: 'mobile_wallet',
						phone_number: '+254712345678',
						network: 'Safaricom',
						amount: 1,
						description: 'x',
					},
				],
			},
		],
	];

	it.each(wrongs)('%s', async (message, path, sample, wrong) => {
		const { json } = await merchant.call('POST', path, { ...requestBody(sample), ...wrong });
		expect(json).toEqual({ error_code: 400, error_message: message });
	});

	it('knows no resource that it did not make, nor one of another kind', async () => {
		const wallet = await merchant.create(
			'/api/v2/merchant_wallets',
			requestBody('merchant-wallet.create'),
		);
		for (const id of ['unknown', wallet]) {
			const { status, json } = await merchant.call('GET', `/api/v2/payment_links/${id}`);
			expect({ status, json }).toEqual({
				status: 404,
				json: fixture('errors/k2.404.payment-link.not-found').body,
			});
		}
		const nowhere = await merchant.call('DELETE', '/api/v2/webhook_subscriptions/1');
		expect(nowhere).toMatchObject({ status: 404, text: '' });
		expect((await merchant.call('POST', stk, '{"half":')).status).toBe(400);
	});

	it('refuses plain http callbacks when told to', async () => {
		const strict = await startSandbox({ port: 0, allowHttpCallbacks: false });
		const caller = await startMerchant(strict);
		await caller.signIn();
		const { json } = await caller.call('POST', stk, {
			...requestBody('incoming-payment.create'),
			_links: { callback_url: 'http://localhost/x' },
		});
		expect(json.error_message).toBe('Callback url must be a secure HTTPS endpoint');
		await strict.close();
		await caller.close();
	});
});

describe('OAuth', () => {
	const client = () => ({ client_id: sandbox.clientId, client_secret: sandbox.clientSecret });

	it('issues, shows, introspects and revokes tokens, in form, JSON and multipart', async () => {
		const issued = await merchant.call('POST', '/oauth/token', {
			...client(),
			grant_type: 'client_credentials',
		});
		expect(shapeOf(issued.json)).toEqual(shapeOf(fixture('requests/oauth.token').response.body));
		const info = await merchant.call('GET', '/oauth/token/info');
		expect(shapeOf(info.json)).toEqual(shapeOf(fixture('requests/oauth.token-info').response.body));
		const about = { ...client(), token: merchant.token };
		const seen = await merchant.call(
			'POST',
			'/oauth/introspect',
			new URLSearchParams(about).toString(),
			{
				'content-type': 'application/x-www-form-urlencoded',
			},
		);
		expect(shapeOf(seen.json)).toEqual(shapeOf(fixture('requests/oauth.introspect').response.body));
		const parts = Object.entries(about).map(
			([key, value]) => `--b\r\nContent-Disposition: form-data; name="${key}"\r\n\r\n${value}\r\n`,
		);
		const revoked = await merchant.call('POST', '/oauth/revoke', `${parts.join('')}--b--\r\n`, {
			'content-type': 'multipart/form-data; boundary=b',
		});
		expect(revoked.status).toBe(200);
		const after = await merchant.call('POST', '/oauth/introspect', about);
		expect(after.json).toEqual({ active: false });
		expect((await merchant.call('GET', '/api/v2/polling/1')).status).toBe(401);
		expect(sandbox.ledger.tokens.map(({ state }) => state)).toEqual(['revoked', 'live']);
	});

	it('turns away a wrong client, a wrong token and callers without a name', async () => {
		const wrong = { ...client(), client_secret: 'wrong', grant_type: 'client_credentials' };
		const refused = await merchant.call('POST', '/oauth/token', wrong);
		expect(refused.status).toBe(401);
		expect(refused.json).toEqual(fixture('errors/oauth.401.invalid-client.inferred').body);

		const path = '/api/v2/incoming_payments';
		const stranger = await merchant.call('POST', path, {}, { authorization: 'Bearer no' });
		expect(stranger).toMatchObject({ status: 401, text: '' });
		for (const agent of ['', 'curl']) {
			const nameless = await merchant.call('POST', path, {}, { 'user-agent': agent });
			expect(nameless).toMatchObject({ status: 403, text: '' });
		}
	});

	it('lets tokens expire, and each kill the older ones where told to', async () => {
		const brief = await startSandbox({ port: 0, tokenLifetimeSeconds: 0.05, singleToken: true });
		const caller = await startMerchant(brief);
		const old = await caller.signIn();
		await caller.signIn();
		expect(brief.ledger.tokens.map(({ state }) => state)).toEqual(['replaced', 'live']);
		const late = { authorization: `Bearer ${old}` };
		expect((await caller.call('GET', '/oauth/token/info', undefined, late)).status).toBe(401);
		await new Promise((resolve) => AbortSignal.timeout(60).addEventListener('abort', resolve));
		const expired = await caller.call('GET', '/oauth/token/info');
		expect(expired.status).toBe(401);
		expect(expired.headers['www-authenticate']).toContain('expired');
		await brief.close();
		await caller.close();
	});
});
