import {
	fixture,
	INCOMING_PAYMENTS,
	type Json,
	merchant,
	sandbox,
	setUpSandbox,
	withOwnSandbox,
} from './sandboxSetup';

const setup = setUpSandbox();

describe('validation', () => {
	const samples: Array<[string, string, string, Json]> = [
		[
			'k2.400.incoming-payment.till-number-blank',
			INCOMING_PAYMENTS,
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

	it.each(samples)('answers as the sample %s', async (error, path, sample, wrong) => {
		const { status, json } = await merchant.call('POST', path, {
			...setup.requestBody(sample),
			...wrong,
		});
		expect({ status, json }).toEqual({ status: 400, json: fixture(`errors/${error}`).body });
		expect(sandbox.ledger.requests.at(-1)).toMatchObject({ processed: false, resourceId: null });
	});

	const messages: Array<[string, string, string, Json]> = [
		[
			'Till number is invalid',
			INCOMING_PAYMENTS,
			'incoming-payment.create',
			{ till_number: '000000' },
		],
		[
			'Phone number is invalid',
			INCOMING_PAYMENTS,
			'incoming-payment.create',
			{ subscriber: { phone_number: '+255712345678' } },
		],
		[
			'Currency is invalid',
			INCOMING_PAYMENTS,
			'incoming-payment.create',
			{ amount: { currency: 'USD', value: 1 } },
		],
		[
			'Amount must be greater than 0',
			INCOMING_PAYMENTS,
			'incoming-payment.create',
			{ amount: { currency: 'KES', value: 0 } },
		],
		[
			'Metadata is too long (maximum is 5 key-value pairs)',
			INCOMING_PAYMENTS,
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
			INCOMING_PAYMENTS,
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
						phone_number: '0712345678',
						network: 'Safaricom',
						amount: 1,
						description: 'x',
					},
				],
			},
		],
	];

	it.each([10.5, '10.50', 1e-7])('rejects a Send Money amount of %j', async (amount) => {
		const { json } = await merchant.call('POST', '/api/v2/send_money', {
			...setup.payout(),
			destinations: [{ type: 'till', till_number: '1', amount, description: 'x' }],
		});
		expect(json).toEqual({
			error_code: 400,
			error_message: 'Destination amount must be an integer',
		});
	});

	it.each(messages)('answers "%s"', async (message, path, sample, wrong) => {
		const { json } = await merchant.call('POST', path, { ...setup.requestBody(sample), ...wrong });
		expect(json).toEqual({ error_code: 400, error_message: message });
	});

	it('answers 404 to an unknown ID, another kind of resource and an unknown path', async () => {
		const wallet = await merchant.create(
			'/api/v2/merchant_wallets',
			setup.requestBody('merchant-wallet.create'),
		);
		for (const id of ['unknown', wallet]) {
			const { status, json } = await merchant.call('GET', `/api/v2/payment_links/${id}`);
			expect({ status, json }).toEqual({
				status: 404,
				json: fixture('errors/k2.404.payment-link.not-found').body,
			});
		}
		const unknownPath = await merchant.call('DELETE', '/api/v2/webhook_subscriptions/1');
		expect(unknownPath).toMatchObject({ status: 404, text: '' });
	});

	it('answers 400 to a body that is not JSON', async () => {
		expect((await merchant.call('POST', INCOMING_PAYMENTS, '{"half":')).status).toBe(400);
	});

	it('rejects http callback URLs when configured to', async () => {
		await withOwnSandbox({ allowHttpCallbacks: false }, async (own) => {
			const { json } = await own.merchant.call('POST', INCOMING_PAYMENTS, {
				...setup.requestBody('incoming-payment.create'),
				_links: { callback_url: 'http://localhost/x' },
			});
			expect(json.error_message).toBe('Callback url must be a secure HTTPS endpoint');
		});
	});
});
