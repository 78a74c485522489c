import { readdirSync } from 'fs-extra';

import { fixture, type Json, merchant, sandbox, setUpSandbox, shapeOf } from './sandboxSetup';

const setup = setUpSandbox();

describe('creates', () => {
	const creates = readdirSync('test/fixtures/requests')
		.map((file) => ({ ...fixture(`requests/${file.replace('.json', '')}`), file }))
		.filter(({ method, apiVersion }) => method === 'POST' && apiVersion !== 'oauth')
		.filter(({ operation }) => operation !== 'paymentLink.cancel');

	it.each(creates.map((sample) => [sample.file, sample] as const))(
		'accepts the sample %s',
		async (_file, { path, body, response }) => {
			const created = await merchant.call('POST', path, body);
			expect(created.status).toBe(response.status);
			const id = sandbox.ledger.requests.at(-1)?.resourceId;
			if (response.body === null) {
				expect(created.text).toBe('');
				expect(created.headers.location).toBe(`${sandbox.url}${path}/${id}`);
			} else {
				expect(shapeOf(created.json)).toEqual(shapeOf(response.body));
			}
			const read = await merchant.call('GET', `${path}/${id}`, undefined, {
				'content-type': 'application/json',
			});
			expect(read.status).toBe(200);
			expect(read.json.data).toMatchObject({ id });
		},
	);

	it('accepts the deviations of the official SDKs', async () => {
		const sweep = { destinations: [], _links: { callback_url: merchant.url } };
		await merchant.create('/api/v2/send_money', sweep);
		await merchant.create('/api/v2/incoming_payments', {
			...setup.requestBody('incoming-payment.create'),
			payment_channel: 'MPESA',
			subscriber: { middle_name: 'M', phone_number: '0712345678' },
			metadata: null,
		});
		for (const scope_reference of [null, '', undefined]) {
			await merchant.create('/api/v2/webhook_subscriptions', {
				...setup.requestBody('webhook-subscription.create.company'),
				scope_reference,
			});
		}
		const otherType = await merchant.call('POST', '/api/v2/send_money', sweep, {
			'content-type': 'Application/JSON; Charset=UTF-8',
		});
		expect(otherType.status).toBe(201);
	});
});

describe('results', () => {
	it.each([
		['webhook_subscriptions', 'webhook-subscription.create.till', 'webhook-subscription.get'],
		['merchant_wallets', 'merchant-wallet.create', 'merchant-wallet.get'],
		['merchant_bank_accounts', 'merchant-bank-account.create.eft', 'merchant-bank-account.get'],
		['external_recipients', 'external-recipient.create.till', 'external-recipient.get.till'],
	])('returns %s in the shape of the sample', async (collection, create, get) => {
		const body = setup.requestBody(create);
		delete (body.external_recipient as Json | undefined)?.nickname;
		const path = `/api/v2/${collection}`;
		const shown = await setup.get(path, await merchant.create(path, body));
		expect(shapeOf(shown)).toEqual(shapeOf(fixture(`requests/${get}`).response.body));
	});

	it('takes an STK push from Pending to Success, with the same body in the callback', async () => {
		const path = '/api/v2/incoming_payments';
		const id = await merchant.create(path, setup.requestBody('incoming-payment.create'));
		const pending = await setup.get(path, id);
		expect(shapeOf(pending)).toEqual(shapeOf(fixture('results/incoming-payment.pending').body));

		sandbox.customer.pay(id);
		const paid = await setup.get(path, id);
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
		expect(await setup.lastDelivery()).toEqual(paid);
		expect(() => sandbox.customer.pay(id)).toThrow('is already Success');
	});

	it.each([
		['v2', 'incoming-payment.failed'],
		['v1', 'v1.incoming-payment.failed'],
	])('reports a declined STK push in the format of %s', async (version, sample) => {
		const path = `/api/${version}/incoming_payments`;
		const id = await merchant.create(path, setup.requestBody('incoming-payment.create'));
		sandbox.customer.refuse(id, { reason: 'The initiator information is invalid.' });
		const failed = await setup.get(path, id);
		expect(shapeOf(failed)).toEqual(shapeOf(fixture(`results/${sample}`).body));
		expect(await setup.lastDelivery()).toEqual(failed);
		expect(sandbox.ledger.movements).toEqual([]);
	});

	it('lets a payment link fail, be paid, expire and be cancelled', async () => {
		const path = '/api/v2/payment_links';
		const make = async () => await merchant.create(path, setup.requestBody('payment-link.create'));
		const expectShape = async (sample: string, id: string) => {
			const shown = await setup.get(path, id);
			expect(shapeOf(shown)).toEqual(shapeOf(fixture(`results/payment-link.${sample}`).body));
			if (sample !== 'active') expect(await setup.lastDelivery()).toEqual(shown);
		};
		const id = await make();
		await expectShape('active', id);
		sandbox.customer.insufficientFunds(id);
		await expectShape('attempt-failed', id);
		sandbox.customer.pay(id, { phone: '0712345678' });
		await expectShape('paid', id);
		const rejected = await merchant.call('POST', `${path}/${id}/cancel`);
		expect(rejected.json).toEqual(fixture('errors/k2.400.payment-link.cancel-not-active').body);

		const expired = await make();
		sandbox.customer.letExpire(expired);
		await expectShape('expired.inferred', expired);

		const cancelled = await make();
		const response = await merchant.call('POST', `${path}/${cancelled}/cancel`, '', {
			'content-type': 'application/json',
		});
		expect(response.status).toBe(200);
		expect(response.json).toEqual(fixture('requests/payment-link.cancel').response.body);
		await expectShape('cancelled.inferred', cancelled);
	});

	it('transfers, cancels and partially transfers money', async () => {
		const path = '/api/v2/send_money';
		const send = async (sample: string) => {
			const id = await merchant.create(path, setup.requestBody(`send-money.${sample}`));
			expect((await setup.get(path, id)).data).toMatchObject({
				attributes: { status: 'Scheduled', transfer_batches: [] },
			});
			return id;
		};
		const expectShape = async (sample: string, id: string) => {
			const shown = await setup.get(path, id);
			expect(shapeOf(shown)).toEqual(shapeOf(fixture(`results/send-money.${sample}`).body));
			expect(await setup.lastDelivery()).toEqual(shown);
		};
		const wallets = await send('to-external.mobile-wallet');
		sandbox.bank.transfer(wallets);
		await expectShape('processed.mobile-wallets', wallets);

		const cancelled = await send('to-external.mobile-wallet');
		sandbox.bank.cancel(cancelled);
		await expectShape('cancelled.inferred', cancelled);

		const partial = await send('to-external.mobile-wallet');
		sandbox.bank.transferPartially(partial, { cancelled: [0] });
		await expectShape('partial.inferred', partial);

		const own = await merchant.create(path, {
			...setup.requestBody('send-money.to-my-account.wallet'),
			metadata: undefined,
		});
		sandbox.bank.transfer(own);
		const shown = shapeOf(await setup.get(path, own));
		const expected = shapeOf(fixture('results/send-money.processed.merchant-wallet').body);
		expect(shown.filter((key) => !key.includes('.metadata'))).toEqual(
			expected.filter((key) => !key.includes('.metadata')),
		);
		expect(sandbox.ledger.totals.out).toBe(1000 + 1000 + 1000 + 250);
	});

	it('gives an EFT transfer no transaction reference, and sweeps the available balance', async () => {
		const account = setup.requestBody('merchant-bank-account.create.eft');
		const reference = await merchant.create('/api/v2/merchant_bank_accounts', account);
		const id = await merchant.create('/api/v2/send_money', {
			...setup.requestBody('send-money.to-my-account.bank'),
			destinations: [{ type: 'merchant_bank_account', reference, amount: 100 }],
		});
		sandbox.bank.transfer(id);
		expect(JSON.stringify(sandbox.status(id))).toContain('"transaction_reference":null');

		const sweeps = ['first', 'second'].map(
			async () =>
				await merchant.create('/api/v2/send_money', setup.requestBody('send-money.to-my-accounts')),
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

	it('reverses a payment once, and reports it by callback and by webhook', async () => {
		await merchant.create('/api/v2/webhook_subscriptions', {
			event_type: 'buygoods_transaction_reversed',
			url: `${merchant.url}/webhook`,
			scope: 'company',
		});
		const { id: transaction_reference } = sandbox.till.buygoods({ amount: 400 });
		const path = '/api/v2/reversals';
		const body = { ...setup.requestBody('reversal.create'), transaction_reference };
		const id = await merchant.create(path, body);
		expect(shapeOf(await setup.get(path, id))).toEqual(
			shapeOf(fixture('results/reversal.scheduled').body),
		);
		const again = await merchant.call('POST', path, body);
		expect(again.json).toEqual(fixture('errors/k2.400.reversal.message-array').body);

		sandbox.bank.cancel(id);
		expect(shapeOf(await setup.get(path, id))).toEqual(
			shapeOf(fixture('results/reversal.cancelled').body),
		);
		const second = await merchant.create(path, body);
		sandbox.bank.transfer(second);
		expect(shapeOf(await setup.get(path, second))).toEqual(
			shapeOf(fixture('results/reversal.transferred').body),
		);
		await sandbox.untilIdle();
		expect(merchant.received.map((delivery) => delivery.path).sort()).toEqual([
			'/result',
			'/result',
			'/webhook',
		]);
		expect(sandbox.ledger.totals).toMatchObject({ in: 400, out: 400 });
		const unseen = await merchant.create(path, setup.requestBody('reversal.create'));
		sandbox.bank.transfer(unseen);
		expect(JSON.stringify(sandbox.status(unseen))).toContain('Transaction not found');
	});

	it('answers polling with the payments of the period', async () => {
		const at = '2021-04-15T10:00:00+03:00';
		sandbox.till.buygoods({ at, till: '000000' });
		sandbox.till.b2b({ at, till: '112233' });
		sandbox.till.buygoods({ at: '2021-05-15T10:00:00+03:00' });
		const path = '/api/v2/polling';
		const company = await merchant.create(path, setup.requestBody('polling.create.company'));
		const result = await setup.lastDelivery();
		expect(result).toEqual(await setup.get(path, company));
		const sample = shapeOf(fixture('results/polling.success.mixed').body);
		// The sender's middle name is an empty text in the sample and null here.
		const comparable = (keys: string[]) =>
			keys.filter((key) => !key.includes('sender_middle_name'));
		expect(comparable(shapeOf(result))).toEqual(comparable(sample));
		const till = { ...setup.requestBody('polling.create.company'), scope: 'till' };
		await merchant.create(path, { ...till, scope_reference: '112233' });
		expect(await setup.lastDelivery()).toMatchObject({
			data: {
				attributes: { scope: 'Till', transactions: [{ resource: { till_number: '112233' } }] },
			},
		});
	});

	it('sends the deprecated SMS automatically, and settles v1 payments', async () => {
		const sms = setup.requestBody('transaction-sms-notification.create');
		await merchant.create('/api/v1/transaction_sms_notifications', sms);
		expect(shapeOf(await setup.lastDelivery())).toEqual(
			shapeOf(fixture('results/transaction-sms-notification.success').body),
		);
		const payment = await merchant.create(
			'/api/v1/payments',
			setup.requestBody('v1.payment.create.sdk'),
		);
		sandbox.bank.transfer(payment);
		const result = await setup.lastDelivery();
		expect(shapeOf(result).filter((key) => !/amount|errors/.test(key))).toEqual(
			shapeOf(fixture('results/v1.payment.processed').body).filter((key) => !/amount/.test(key)),
		);
	});
});

describe('v1 as a third-party document describes it', () => {
	const made = async (path: string, sample: string, callback_url = `${merchant.url}/result`) => {
		await merchant.call('POST', path, { ...setup.requestBody(sample), callback_url });
		return String(sandbox.ledger.requests.at(-1)?.resourceId);
	};
	const expectShape = async (path: string, id: string, sample: string) => {
		const shown = await setup.get(path, id);
		expect(shapeOf(shown)).toEqual(shapeOf(fixture(`results/third-party.${sample}`).body));
	};

	it('creates, pays, declines and lists incoming payments', async () => {
		const path = '/api/v1/incoming_payments';
		const paid = await made(path, 'v1.incoming-payment.create.skill-flat');
		await expectShape(path, paid, 'incoming-payment.pending');
		sandbox.customer.pay(paid);
		await expectShape(path, paid, 'incoming-payment.completed');
		expect(
			shapeOf(await setup.lastDelivery()).filter((key) => !key.includes('description')),
		).toEqual(shapeOf(fixture('webhooks/third-party.incoming_payment.completed').body));
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

	it('transfers payouts and settlements', async () => {
		const paid = await made('/api/v1/pay', 'v1.pay.create');
		await expectShape('/api/v1/pay', paid, 'payout.processing');
		sandbox.bank.transfer(paid);
		await expectShape('/api/v1/pay', paid, 'payout.completed');
		expect(shapeOf(await setup.lastDelivery())).toEqual(
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
