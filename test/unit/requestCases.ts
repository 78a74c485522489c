import type { IDataObject } from 'n8n-workflow';

/** Where a fixture is not followed to the letter. */
export interface Ruling {
	/** The headings of the API page that rule so. */
	source: string;
	/** Why, in words. */
	because: string;
	path?: string;
	/** What the printed body has to be instead. */
	body?: (printed: IDataObject) => IDataObject;
}

/**
 * What is stored in a saved workflow, and the fixture whose request it has to become. `location of …` is
 * the GET of the address that the fixture's create was answered with.
 */
export type Row = [
	fixture: string,
	resource: string,
	operation: string,
	parameters: IDataObject,
	ruling?: Ruling,
];

const sampleOfTheReference = 'dbaf9757982a9e738f05d249b7b5b4a266b3a139049317c4909f2f263572c781';

/** Every operation of the node, and every request fixture of the contract that it follows. */
export const rows: Row[] = [
	[
		'incoming-payment.create',
		'paymentRequest',
		'request',
		{
			tillNumber: 'K000000',
			phoneNumber: '+254999999999',
			amount: '20000',
			callbackUrl: 'https://callback_to_your_app.your_application.com',
			additionalFields: {
				firstName: 'Joe',
				lastName: 'Buyer',
				email: 'jbuyer@mail.net',
				metadata: {
					pairs: [
						{ name: 'customer_id', value: '123456789' },
						{ name: 'reference', value: '123456' },
						{ name: 'notes', value: 'Payment for invoice 12345' },
					],
				},
			},
		},
	],
	[
		'incoming-payment.create',
		'paymentRequest',
		'request',
		{
			tillNumber: ' k000000 ',
			phoneNumber: '254 999 999 999',
			amount: 'KES 20,000.00',
			callbackUrl: ' https://callback_to_your_app.your_application.com ',
			additionalFields: {
				firstName: ' Joe',
				lastName: 'Buyer ',
				email: 'jbuyer@mail.net',
				metadata: { pairs: [{ name: 'customer_id', value: '123456789' }] },
				metadataJson: '{ "reference": "123456", "notes": "Payment for invoice 12345" }',
			},
		},
	],
	[
		'incoming-payment.get.pending',
		'paymentRequest',
		'get',
		{ paymentRequestId: 'd79995cd-0111-e511-80da-0aa34a9b2388' },
	],
	[
		'incoming-payment.get.success',
		'paymentRequest',
		'get',
		{
			paymentRequestId:
				'http://localhost:3000/api/v1/incoming_payments/d79995cd-0111-e511-80da-0aa34a9b2388/',
		},
	],
	[
		'webhook-subscription.create.company',
		'webhookSubscription',
		'create',
		{
			event: 'settlement_transfer_completed',
			url: 'https://webhook.site/52fd1913-778e-4ee1-bdc4-74517abb758d',
			scope: 'company',
			tillNumber: '555555',
		},
	],
	[
		'webhook-subscription.create.till-daraja',
		'webhookSubscription',
		'create',
		{
			event: 'buygoods_transaction_received',
			url: 'https://webhook.site/52fd1913-778e-4ee1-bdc4-74517abb758d',
			scope: 'till',
			tillNumber: 112233,
			darajaPayload: true,
		},
	],
	[
		'webhook-subscription.create.till',
		'webhookSubscription',
		'create',
		{
			event: 'buygoods_transaction_received',
			url: 'https://myapplication.com/webhooks',
			scope: 'till',
			tillNumber: ' 555555 ',
			darajaPayload: false,
		},
	],
	[
		'webhook-subscription.get',
		'webhookSubscription',
		'get',
		{
			webhookSubscriptionId:
				'https://sandbox.kopokopo.com/webhook-subscriptions/d76265cd-0951-e511-80da-0aa34a9b2388',
		},
	],
	['oauth.token-info', 'accessToken', 'getInfo', {}],
	['oauth.introspect', 'accessToken', 'introspect', { token: sampleOfTheReference }],
	['oauth.revoke', 'accessToken', 'revoke', { token: sampleOfTheReference }],
	[
		'external-recipient.create.bank-account',
		'externalRecipient',
		'create',
		{
			recipientType: 'bankAccount',
			accountName: 'John Doe',
			accountNumber: '123456789',
			bankBranchReference: 'c7f300c0-f1ef-4151-9bbe-005005aa3747',
			additionalFields: { nickname: 'JD' },
		},
	],
	[
		'external-recipient.create.bank-account.as-printed',
		'externalRecipient',
		'create',
		{
			recipientType: 'bankAccount',
			accountName: 'John Doe',
			accountNumber: '123456789',
			bankBranchReference: 'c7f300c0-f1ef-4151-9bbe-005005aa3747',
			additionalFields: { nickname: 'JD' },
		},
		{
			source: 'docs/kopokopo-api.md#external-recipients',
			because: 'nick_name is a misprint of nickname',
			body({ external_recipient: recipient, ...rest }) {
				const { nick_name: nickname, ...details } = recipient as IDataObject;
				return { ...rest, external_recipient: { ...details, nickname } };
			},
		},
	],
	[
		'external-recipient.create.mobile-wallet',
		'externalRecipient',
		'create',
		{
			recipientType: 'mpesaNumber',
			firstName: 'John',
			lastName: 'Doe',
			phoneNumber: '254 999-999-999',
			additionalFields: { nickname: 'JD', email: 'johndoe@nomail.net' },
		},
	],
	[
		'external-recipient.create.paybill',
		'externalRecipient',
		'create',
		{
			recipientType: 'paybill',
			paybillName: 'KPLC Paybill',
			paybillNumber: 890087,
			paybillAccountNumber: 'test_account',
			additionalFields: { nickname: 'KPLC' },
		},
	],
	[
		'external-recipient.create.till',
		'externalRecipient',
		'create',
		{
			recipientType: 'till',
			tillName: 'John Doe',
			tillNumber: '000000',
			additionalFields: { nickname: 'JD', email: 'only wallets have one' },
		},
	],
	[
		'external-recipient.get.till',
		'externalRecipient',
		'get',
		{ externalRecipientId: '569c043a-e2a3-40ad-939b-7c4f12a2a46d' },
	],
	[
		'merchant-bank-account.create.eft',
		'transferAccount',
		'createBankAccount',
		{
			accountName: 'John Doe',
			accountNumber: '123456789',
			bankBranchReference: 'c7f300c0-f1ef-4151-9bbe-005005aa3747',
			settlementMethod: 'EFT',
			additionalFields: { nickname: 'JD' },
		},
	],
	[
		'merchant-bank-account.create.rts',
		'transferAccount',
		'createBankAccount',
		{
			accountName: 'John Doe',
			accountNumber: '123456789',
			bankBranchReference: 'c7f300c0-f1ef-4151-9bbe-005005aa3747',
			settlementMethod: 'RTS',
			additionalFields: { nickname: 'JD' },
		},
	],
	[
		'merchant-bank-account.get',
		'transferAccount',
		'get',
		{
			accountType: 'bankAccount',
			transferAccountId: 'c7f300c0-f1ef-4151-9bbe-005005aa3747',
		},
		{
			source: 'docs/kopokopo-api.md#api-v2',
			because: 'the guide shows v1, and v2 is the same below its own prefix',
			path: '/api/v2/merchant_bank_accounts/c7f300c0-f1ef-4151-9bbe-005005aa3747',
		},
	],
	[
		'merchant-wallet.create',
		'transferAccount',
		'createMobileWallet',
		{
			firstName: 'first_name',
			lastName: 'last_name',
			phoneNumber: '+254 999 999 999',
			additionalFields: { nickname: 'nickname' },
		},
	],
	[
		'merchant-wallet.get',
		'transferAccount',
		'get',
		{
			accountType: 'mobileWallet',
			transferAccountId: '2886ce04-94ab-4d37-9071-c658fe17af6a',
		},
	],
	[
		'payment-link.create',
		'paymentLink',
		'create',
		{
			tillNumber: '000000',
			amount: 10,
			callbackUrl: 'https://webhook.site/e69b9144-530b-46ea-b3ed-ba110e189ca9',
			additionalFields: {
				paymentReference: 'order number or invoice number',
				note: 'Notes',
				metadataJson: { something: 'test', something_else: 'Test data' },
			},
		},
		{
			source: 'docs/kopokopo-api.md#tills',
			because: 'the sample prints the name of the field instead of a till number',
			body: (body) => ({ ...body, till_number: '000000' }),
		},
	],
	[
		'payment-link.cancel',
		'paymentLink',
		'cancel',
		{ paymentLinkId: 'cc438b3e-ecf0-4600-b9cc-edba32ae7019' },
	],
	[
		'payment-link.get',
		'paymentLink',
		'get',
		{
			paymentLinkId:
				'https://sandbox.kopokopo.com/api/v2/payment_links/cc438b3e-ecf0-4600-b9cc-edba32ae7019',
		},
	],
	[
		'polling.create.company',
		'transaction',
		'getAll',
		{
			scope: 'company',
			from: '2021-04-12T08:50:22',
			to: '2021-04-19T05:50:22Z',
			returnAll: true,
			additionalFields: {
				callbackUrl: 'https://callback_to_your_app.your_application.com',
			},
		},
	],
	[
		'polling.create.till',
		'transaction',
		'startSearch',
		{
			scope: 'till',
			tillNumber: '112233',
			from: '2021-07-09 08:50:22.999',
			to: '2021-07-10T18:00:22.000+03:00',
			callbackUrl: 'https://callback_to_your_app.your_application.com',
		},
	],
	[
		'polling.get',
		'transaction',
		'getSearchResult',
		{ searchId: 'd79995cd-0111-e511-80da-0aa34a9b2388' },
	],
	[
		'reversal.create',
		'reversal',
		'refund',
		{
			transactionReference: '5d894b0f-b07e-4304-ab4a-d54b80bc7286',
			reason: 'Testing Reversals',
			callbackUrl: 'https://callback_to_your_app.your_application.com',
			additionalFields: { metadata: { pairs: [{ name: 'name', value: 'Test' }] } },
		},
	],
	[
		'reversal.get.scheduled',
		'reversal',
		'get',
		{ reversalId: 'd79995cd-0111-e511-80da-0aa34a9b2388' },
	],
	[
		'send-money.to-external.bank-account',
		'sendMoney',
		'toPeopleOrBusinesses',
		{
			destinations: {
				bankAccount: [
					{
						bankBranchReference: 'bc59f5c9-0eef-4690-8f83-005840cc474a',
						accountName: 'Test Bank Account',
						accountNumber: '0123456789014',
						nickname: 'Test Bank Account',
						amount: '4,200',
						description: 'Contractor payment',
						favourite: true,
					},
				],
			},
			callbackUrl: 'http://localhost:8000/send_money_result',
			additionalFields: { sourceTillNumber: 1234, metadataJson: '{"notes":"For your services"}' },
		},
	],
	[
		'send-money.to-external.mobile-wallet',
		'sendMoney',
		'toPeopleOrBusinesses',
		{
			destinations: {
				mpesaNumber: [
					{
						nickname: 'Jane Doe',
						phoneNumber: '+254 900 000 000',
						amount: 1000,
						description: 'Reason for payment',
						favourite: true,
					},
					{
						nickname: 'John Doe',
						phoneNumber: 254900111111,
						network: 'Safaricom',
						amount: '1000.00',
						description: 'Reason for payment',
						favourite: true,
					},
				],
			},
			callbackUrl: 'https://your-call-bak.yourapplication.com/send_money_result',
			additionalFields: {
				sourceTillNumber: '4321',
				metadata: {
					pairs: [
						{ name: 'customerId', value: '8675309' },
						{ name: 'notes', value: 'Salary payment for September 2025' },
					],
				},
			},
		},
	],
	[
		'send-money.to-external.paybill',
		'sendMoney',
		'toPeopleOrBusinesses',
		{
			destinations: {
				paybill: {
					paybillNumber: '840106',
					paybillAccountNumber: 'A098457',
					nickname: 'Test Paybill',
					amount: 700,
					description: 'Contractor payment',
					favourite: true,
				},
			},
			callbackUrl: 'http://localhost:8000/send_money_result',
			additionalFields: { sourceTillNumber: '1234', metadataJson: '{"notes":"For your services"}' },
		},
	],
	[
		'send-money.to-external.till',
		'sendMoney',
		'toPeopleOrBusinesses',
		{
			destinations: {
				till: [
					{
						tillNumber: '1234567',
						nickname: 'External Till',
						amount: 1200,
						description: 'Contractor payment',
						favourite: true,
					},
				],
			},
			callbackUrl: 'http://localhost:8000/send_money_result',
			additionalFields: { sourceTillNumber: '1234', metadataJson: '{"notes":"For your services"}' },
		},
	],
	[
		'send-money.to-my-account.bank',
		'sendMoney',
		'toMyAccount',
		{
			accountType: 'bankAccount',
			accountReference: 'e479b8de-d05d-46f1-89ea-27948293f5df',
			amount: 100,
			callbackUrl: 'https://your-call-bak.yourapplication.com/send_money_result',
			additionalFields: {
				description: '',
				sourceTillNumber: '4321',
				metadataJson: { customerId: '8675309', notes: 'Salary payment for September 2025' },
			},
		},
	],
	[
		'send-money.to-my-account.wallet',
		'sendMoney',
		'toMyAccount',
		{
			accountType: 'mobileWallet',
			accountReference: 'af033d43-75f7-4123-b5c3-252377d96739',
			amount: '250',
			callbackUrl: 'https://your-call-bak.yourapplication.com/send_money_result',
			additionalFields: {
				sourceTillNumber: '4321',
				metadataJson: { notes: 'Salary payment for September 2025' },
			},
		},
	],
	[
		'send-money.to-my-accounts',
		'sendMoney',
		'settleEverythingToMyAccounts',
		{
			callbackUrl: 'https://your-call-bak.yourapplication.com/send_money_result',
			additionalFields: {
				metadataJson: { customerId: '8675309', notes: 'Salary payment for September 2025' },
			},
		},
	],
	['send-money.get', 'sendMoney', 'get', { sendMoneyId: '1b7c1ec2-8c3f-49b8-9b73-3a94fc60c6ab' }],
	[
		'transaction-sms-notification.create',
		'smsNotification',
		'send',
		{
			webhookEventReference: 'e51438e9-c42b-4bf2-a261-faeaf189e3ed',
			message: 'Your message here',
			callbackUrl: 'https://webhook.site/a67f60b8-8c26-40a2-866c-99f5314a3e0e',
		},
	],
	[
		'transaction-sms-notification.get',
		'smsNotification',
		'get',
		{ smsNotificationId: 'd79995cd-0111-e511-80da-0aa34a9b2388' },
	],
];
