import type { IDataObject } from 'n8n-workflow';
import type { Row, Ruling } from './requestCases';

const callbackUrl = 'https://callback_to_your_app.your_application.com';

const callbackInLinks = ({ callback_url: url, ...body }: IDataObject): IDataObject => ({
	...body,
	_links: { callback_url: url },
});

function amountAsNumber({ amount, ...body }: IDataObject): IDataObject {
	const { currency, value } = amount as IDataObject;
	return { ...body, amount: { currency, value: Number(value) } };
}

/** One third party prints the amount as text and the callback at the top. */
const thirdParty: Ruling = {
	source: 'docs/kopokopo-api.md#amounts, docs/kopokopo-api.md#callback-urls',
	because: 'an amount is a number, and callback_url belongs in _links',
	body: (printed) => amountAsNumber(callbackInLinks(printed)),
};

/** The same third party leaves the key pay_recipient out. */
const nested = ({ type, ...details }: IDataObject): IDataObject => ({
	type,
	pay_recipient: details,
});

/** Every operation of v1, and every request fixture of the contract that it follows. */
export const legacyRows: Row[] = [
	[
		'v1.incoming-payment.create.guide',
		'paymentRequestV1',
		'request',
		{
			tillNumber: 'K000000',
			phoneNumber: '+254999999999',
			amount: '20,000',
			callbackUrl: 'https://call_back_to_your_app.your_application.com',
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
		'v1.incoming-payment.create.skill-nested',
		'paymentRequestV1',
		'request',
		{
			tillNumber: 'k123456',
			phoneNumber: '0712 345 678',
			amount: '1000',
			callbackUrl: 'https://yourapp.com/webhooks/kopokopo',
			additionalFields: {
				firstName: 'John',
				lastName: 'Doe',
				email: 'john@example.com',
				metadataJson: '{ "order_id": "ORD-12345" }',
			},
		},
		thirdParty,
	],
	[
		'v1.incoming-payment.create.skill-flat',
		'paymentRequestV1',
		'requestWithoutTill',
		{
			phoneNumber: '0712345678',
			amount: 'KES 1,500',
			callbackUrl: 'https://yourapp.com/webhooks/payment',
			additionalFields: {
				firstName: 'John',
				lastName: 'Doe',
				email: '[email protected]',
				description: 'Payment for Order #ORD-12345',
				reference: 'ORD-12345',
			},
		},
	],
	[
		'v1.incoming-payment.get.skill-flat',
		'paymentRequestV1',
		'get',
		{ paymentRequestId: 'incoming_payment_8f9a7c3b2e1d4a5f' },
	],
	[
		'location of v1.incoming-payment.create.guide',
		'paymentRequestV1',
		'get',
		{ paymentRequestId: '247b1bd8-f5a0-4b71-a898-f62f67b8ae1c' },
	],
	[
		'v1.incoming-payment.list',
		'paymentRequestV1',
		'getAll',
		{
			limit: 20,
			filters: {
				status: 'COMPLETED',
				fromDate: '2025-02-01T00:00:00',
				toDate: '2025-02-28T23:59:59',
			},
		},
	],
	[
		'v1.pay-recipient.create.sdk-bank-account',
		'payRecipientV1',
		'create',
		{
			recipientType: 'bankAccount',
			accountName: 'John Doe',
			accountNumber: '123456789',
			bankBranchReference: 'c7f300c0-f1ef-4151-9bbe-005005aa3747',
			additionalFields: { email: 'only wallets have one' },
		},
	],
	[
		'v1.pay-recipient.create.sdk-mobile-wallet',
		'payRecipientV1',
		'create',
		{
			recipientType: 'mpesaNumber',
			firstName: 'John',
			lastName: 'Doe',
			phoneNumber: '254999999999',
			additionalFields: { email: 'johndoe@nomail.net' },
		},
	],
	[
		'v1.pay-recipient.create.sdk-paybill',
		'payRecipientV1',
		'create',
		{
			recipientType: 'paybill',
			paybillName: 'KPLC Paybill',
			paybillNumber: '890087',
			paybillAccountNumber: 'test_account',
		},
	],
	[
		'v1.pay-recipient.create.sdk-till',
		'payRecipientV1',
		'create',
		{ recipientType: 'till', tillName: 'John Doe', tillNumber: '000000' },
	],
	[
		'v1.pay-recipient.create.skill-bank-account',
		'payRecipientV1',
		'create',
		{
			recipientType: 'bankAccount',
			accountName: 'Jane Doe',
			accountNumber: '1234567890',
			bankBranchReference: 'branch-ref-id',
		},
		{
			source: 'docs/kopokopo-api.md#api-v1, docs/kopokopo-api.md#settlement-methods',
			because: "v1 nests what it knows of a recipient, and others' accounts take RTS only",
			body: (printed) => nested({ ...printed, settlement_method: 'RTS' }),
		},
	],
	[
		'v1.pay-recipient.create.skill-mobile-wallet',
		'payRecipientV1',
		'create',
		{
			recipientType: 'mpesaNumber',
			firstName: 'Jane',
			lastName: 'Doe',
			phoneNumber: '0712345678',
			additionalFields: { email: 'jane@example.com' },
		},
		{
			source: 'docs/kopokopo-api.md#api-v1',
			because: 'v1 nests what it knows of a recipient',
			body: nested,
		},
	],
	[
		'location of v1.pay-recipient.create.sdk-till',
		'payRecipientV1',
		'get',
		{
			payRecipientId:
				'https://api.kopokopo.com/api/v1/pay_recipients/c7f300c0-f1ef-4151-9bbe-005005aa3747',
		},
	],
	[
		'v1.payment.create.sdk',
		'paymentV1',
		'create',
		{
			recipientType: 'bankAccount',
			payRecipientId: 'c7f300c0-f1ef-4151-9bbe-005005aa3747',
			amount: '20000',
			callbackUrl: 'https://your-call-bak.yourapplication.com/payment_result',
			additionalFields: {
				description: 'Salary payment for May 2018',
				category: 'salaries',
				tags: ' tag 1, tag 2,, ',
				metadataJson: { customer_id: '8675309', notes: 'Salary payment for May 2018' },
			},
		},
		{
			source: 'docs/kopokopo-api.md#amounts',
			because: 'an amount is a number',
			body: amountAsNumber,
		},
	],
	[
		'v1.payment.create.skill',
		'paymentV1',
		'create',
		{
			recipientType: 'mpesaNumber',
			payRecipientId: 'c7f300c0-f1ef-4151-9bbe-005005aa3747',
			amount: 5000,
			callbackUrl: 'https://yourapp.com/webhooks/payment',
			additionalFields: { description: 'Salary payment', tags: [] },
		},
		thirdParty,
	],
	[
		'location of v1.payment.create.sdk',
		'paymentV1',
		'get',
		{ paymentId: 'd76265cd-0951-e511-80da-0aa34a9b2388' },
	],
	[
		'v1.pay.create',
		'payoutV1',
		'create',
		{
			phoneNumber: '712345678',
			amount: '1,000.00',
			callbackUrl: 'https://yourapp.com/webhooks/payout',
			additionalFields: {
				reference: 'PAYOUT-SELLER-001',
				description: 'Seller payout for completed orders',
			},
		},
	],
	['v1.pay.get', 'payoutV1', 'get', { payoutId: 'payout_b4f2a8e7d1c9g5h3' }],
	[
		'v1.pay.list',
		'payoutV1',
		'getAll',
		{
			limit: 20,
			filters: { status: 'COMPLETED', fromDate: '2025-02-01', toDate: '2025-02-28T12:00:00Z' },
		},
	],
	[
		'v1.settlement-transfer.create.sdk-targeted',
		'settlementTransferV1',
		'create',
		{
			accountType: 'bankAccount',
			accountReference: '38f7c997-527c-452f-adc4-49ffab98982e',
			amount: '2,250',
			callbackUrl: 'https://your-call-bak.yourapplication.com/transfer_result',
		},
	],
	[
		'v1.settlement-transfer.create.sdk-blind',
		'settlementTransferV1',
		'settleEverything',
		{ callbackUrl: 'https://your-call-bak.yourapplication.com/transfer_result' },
	],
	[
		'v1.settlement-transfer.create.skill-flat',
		'settlementTransferV1',
		'createForSettlementAccount',
		{
			settlementAccountId: 'settlement_acc_1a2b3c4d5e6f7g8h',
			amount: 50000,
			additionalFields: {
				reference: 'SETTLE-BANK-FEB-24',
				description: 'Monthly settlement to business account',
			},
		},
	],
	[
		'v1.settlement-transfer.get.skill-flat',
		'settlementTransferV1',
		'get',
		{ settlementTransferId: 'settlement_transfer_9x8y7z6w5v4u3t2s' },
	],
	[
		'location of v1.settlement-transfer.create.sdk-targeted',
		'settlementTransferV1',
		'get',
		{ settlementTransferId: 'd76265cd-0951-e511-80da-0aa34a9b2388' },
	],
	[
		'transaction-sms-notification.create',
		'smsNotificationV1',
		'send',
		{
			webhookEventReference: 'e51438e9-c42b-4bf2-a261-faeaf189e3ed',
			message: 'Your message here',
			callbackUrl: 'https://webhook.site/a67f60b8-8c26-40a2-866c-99f5314a3e0e',
		},
	],
	[
		'transaction-sms-notification.get',
		'smsNotificationV1',
		'get',
		{ smsNotificationId: 'd79995cd-0111-e511-80da-0aa34a9b2388' },
	],
	...(['getAll', 'startSearch'] as const).map(
		(operation): Row => [
			'v1.polling.create',
			'transactionV1',
			operation,
			{
				scope: 'company',
				from: '2021-04-12T08:50:22+03:00',
				to: '2021-04-19T08:50:22',
				...(operation === 'getAll' ? { additionalFields: { callbackUrl } } : { callbackUrl }),
			},
		],
	),
	[
		'location of v1.polling.create',
		'transactionV1',
		'getSearchResult',
		{ searchId: '247b1bd8-f5a0-4b71-a898-f62f67b8ae1c' },
	],
	[
		'v1.transfer.create.skill',
		'transferV1',
		'create',
		{
			accountType: 'bankAccount',
			accountReference: 'settlement-account-id',
			amount: 10000,
			callbackUrl: 'https://yourapp.com/webhooks/transfer',
		},
		thirdParty,
	],
	[
		'location of v1.transfer.create.skill',
		'transferV1',
		'get',
		{ transferId: 'd76265cd-0951-e511-80da-0aa34a9b2388' },
	],
	[
		'v1.merchant-bank-account.create',
		'transferAccountV1',
		'createBankAccount',
		{
			accountName: 'John Doe',
			accountNumber: '123456789',
			bankBranchReference: 'c7f300c0-f1ef-4151-9bbe-005005aa3747',
			settlementMethod: 'EFT',
			additionalFields: { nickname: 'v1 knows none' },
		},
	],
	[
		'v1.merchant-wallet.create',
		'transferAccountV1',
		'createMobileWallet',
		{ firstName: 'first_name', lastName: 'last_name', phoneNumber: '+254999999999' },
		{
			source: 'docs/kopokopo-api.md#phone-numbers',
			because: 'own wallets are written without the plus',
			body: (printed) => ({ ...printed, phone_number: '254999999999' }),
		},
	],
	[
		'merchant-bank-account.get',
		'transferAccountV1',
		'get',
		{
			accountType: 'bankAccount',
			transferAccountId: 'c7f300c0-f1ef-4151-9bbe-005005aa3747',
		},
	],
	[
		'location of v1.merchant-wallet.create',
		'transferAccountV1',
		'get',
		{ accountType: 'mobileWallet', transferAccountId: 'AB443D36-3757-44C1-A1B4-29727FB3111C' },
	],
	[
		'v1.webhook-subscription.create',
		'webhookSubscriptionV1',
		'create',
		{
			event: 'buygoods_transaction_received',
			url: 'https://yourapp.com/webhooks/kopokopo',
			scope: 'till',
			tillNumber: 'K123456',
			darajaPayload: true,
		},
	],
	[
		'location of v1.webhook-subscription.create',
		'webhookSubscriptionV1',
		'get',
		{ webhookSubscriptionId: '5af4c10a-f6de-4ac8-840d-42cb65454216' },
	],
];
