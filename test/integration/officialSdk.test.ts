import connect from 'k2-connect-node';
import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { startTestMerchant, type TestMerchant } from '../support/testMerchant';
import { operationRunner } from './operationRunner';
import { sandboxPerTest } from './sandboxPerTest';

/**
 * Kopo Kopo's own SDK for Node.js, version 1.3.0, is a client that nobody here wrote. It calls the sandbox
 * unchanged, and what it sends is compared with what the node sends for the same values.
 */

type K2 = ReturnType<typeof connect>;
type Service = Exclude<keyof K2, 'TokenService'>;

const current = sandboxPerTest({ processingMs: 1, webhookRetryDelaysMs: [] });
const { one } = operationRunner('v1', current);
let k2: K2;
let accessToken: string;
let merchant: TestMerchant;

beforeEach(async () => {
	const { clientId, clientSecret, apiKey, url: baseUrl } = current.sandbox;
	k2 = connect({ clientId, clientSecret, apiKey, baseUrl });
	accessToken = String((await k2.TokenService.getToken()).access_token);
	merchant = await startTestMerchant(current.sandbox);
});

afterEach(async () => await merchant.close());

const CALLBACK = 'https://merchant.example/result';
const RECIPIENT = 'c7f300c0-f1ef-4151-9bbe-005005aa3747';

interface Call {
	service: Service;
	method: string;
	/** What is passed to the SDK, besides the token. */
	options: IDataObject;
	/** Where it sends it. */
	path: string;
	/** `data.type` of its status. */
	type: string;
	/** The node's operation with the same values. */
	operation: [resource: string, operation: string];
	parameters: INodeParameters;
	/** What the node sends on purpose in another form, and under which heading the API page explains it. */
	differs?: { sends: IDataObject; under: string };
}

const CALLS: Record<string, Call> = {
	'StkService.initiateIncomingPayment': {
		service: 'StkService',
		method: 'initiateIncomingPayment',
		options: {
			paymentChannel: 'M-PESA STK Push',
			tillNumber: 'K000000',
			firstName: 'Jane',
			lastName: 'Doe',
			phoneNumber: '+254999999999',
			email: 'jane@example.com',
			amount: 20,
			currency: 'KES',
			callbackUrl: CALLBACK,
			metadata: { customer_id: '123456789' },
		},
		path: '/api/v1/incoming_payments',
		type: 'incoming_payment',
		operation: ['paymentRequestV1', 'request'],
		parameters: {
			tillNumber: 'K000000',
			phoneNumber: '254999999999',
			amount: '20',
			callbackUrl: CALLBACK,
			additionalFields: {
				firstName: 'Jane',
				lastName: 'Doe',
				email: 'jane@example.com',
				metadata: { pairs: [{ name: 'customer_id', value: '123456789' }] },
			},
		},
	},
	'PayService.addPayRecipient, mobile wallet': {
		service: 'PayService',
		method: 'addPayRecipient',
		options: {
			type: 'mobile_wallet',
			firstName: 'John',
			lastName: 'Doe',
			email: 'john@example.com',
			phoneNumber: '+254999999999',
			network: 'Safaricom',
		},
		path: '/api/v1/pay_recipients',
		type: 'pay_recipient',
		operation: ['payRecipientV1', 'create'],
		parameters: {
			recipientType: 'mpesaNumber',
			firstName: 'John',
			lastName: 'Doe',
			phoneNumber: '254999999999',
			additionalFields: { email: 'john@example.com' },
		},
	},
	'PayService.addPayRecipient, bank account': {
		service: 'PayService',
		method: 'addPayRecipient',
		options: {
			type: 'bank_account',
			accountName: 'John Doe',
			accountNumber: '0123456789',
			bankBranchRef: RECIPIENT,
			settlementMethod: 'EFT',
		},
		path: '/api/v1/pay_recipients',
		type: 'pay_recipient',
		operation: ['payRecipientV1', 'create'],
		parameters: {
			recipientType: 'bankAccount',
			accountName: 'John Doe',
			accountNumber: '0123456789',
			bankBranchReference: RECIPIENT,
		},
		differs: {
			sends: {
				type: 'bank_account',
				pay_recipient: {
					account_name: 'John Doe',
					account_number: '0123456789',
					bank_branch_ref: RECIPIENT,
					settlement_method: 'RTS',
				},
			},
			under: 'docs/kopokopo-api.md#settlement-methods',
		},
	},
	'PayService.addPayRecipient, till': {
		service: 'PayService',
		method: 'addPayRecipient',
		options: { type: 'till', tillName: 'John Doe', tillNumber: '000000' },
		path: '/api/v1/pay_recipients',
		type: 'pay_recipient',
		operation: ['payRecipientV1', 'create'],
		parameters: { recipientType: 'till', tillName: 'John Doe', tillNumber: '000000' },
	},
	'PayService.addPayRecipient, paybill': {
		service: 'PayService',
		method: 'addPayRecipient',
		options: {
			type: 'paybill',
			paybillName: 'KPLC',
			paybillNumber: '888880',
			paybillAccountNumber: '1234',
		},
		path: '/api/v1/pay_recipients',
		type: 'pay_recipient',
		operation: ['payRecipientV1', 'create'],
		parameters: {
			recipientType: 'paybill',
			paybillName: 'KPLC',
			paybillNumber: '888880',
			paybillAccountNumber: '1234',
		},
	},
	'PayService.sendPay': {
		service: 'PayService',
		method: 'sendPay',
		options: {
			destinationType: 'bank_account',
			destinationReference: RECIPIENT,
			amount: '20000',
			currency: 'KES',
			description: 'Salary',
			category: 'salaries',
			tags: 'tag 1, tag 2',
			callbackUrl: CALLBACK,
			metadata: { customer_id: '8675309' },
		},
		path: '/api/v1/payments',
		type: 'payment',
		operation: ['paymentV1', 'create'],
		parameters: {
			recipientType: 'bankAccount',
			payRecipientId: RECIPIENT,
			amount: '20000',
			callbackUrl: CALLBACK,
			additionalFields: {
				description: 'Salary',
				category: 'salaries',
				tags: 'tag 1, tag 2',
				metadataJson: { customer_id: '8675309' },
			},
		},
		differs: {
			sends: {
				destination_type: 'bank_account',
				destination_reference: RECIPIENT,
				amount: { currency: 'KES', value: 20000 },
				description: 'Salary',
				category: 'salaries',
				tags: ['tag 1', 'tag 2'],
				metadata: { customer_id: '8675309' },
				_links: { callback_url: CALLBACK },
			},
			under: 'docs/kopokopo-api.md#amounts',
		},
	},
	'TransferService.createMerchantBankAccount': {
		service: 'TransferService',
		method: 'createMerchantBankAccount',
		options: {
			accountName: 'John Doe',
			accountNumber: '0123456789',
			bankBranchRef: RECIPIENT,
			settlementMethod: 'EFT',
		},
		path: '/api/v1/merchant_bank_accounts',
		type: 'merchant_bank_account',
		operation: ['transferAccountV1', 'createBankAccount'],
		parameters: {
			accountName: 'John Doe',
			accountNumber: '0123456789',
			bankBranchReference: RECIPIENT,
			settlementMethod: 'EFT',
		},
	},
	'TransferService.createMerchantWallet': {
		service: 'TransferService',
		method: 'createMerchantWallet',
		options: {
			firstName: 'Jane',
			lastName: 'Doe',
			phoneNumber: '+254999999999',
			network: 'Safaricom',
		},
		path: '/api/v1/merchant_wallets',
		type: 'merchant_wallet',
		operation: ['transferAccountV1', 'createMobileWallet'],
		parameters: { firstName: 'Jane', lastName: 'Doe', phoneNumber: '+254999999999' },
		differs: {
			sends: {
				first_name: 'Jane',
				last_name: 'Doe',
				phone_number: '254999999999',
				network: 'Safaricom',
			},
			under: 'docs/kopokopo-api.md#phone-numbers',
		},
	},
	'TransferService.settleFunds, targeted': {
		service: 'TransferService',
		method: 'settleFunds',
		options: {
			amount: 2250,
			currency: 'KES',
			destinationType: 'merchant_bank_account',
			destinationReference: RECIPIENT,
			callbackUrl: CALLBACK,
		},
		path: '/api/v1/settlement_transfers',
		type: 'settlement_transfer',
		operation: ['settlementTransferV1', 'create'],
		parameters: {
			accountType: 'bankAccount',
			accountReference: RECIPIENT,
			amount: '2,250',
			callbackUrl: CALLBACK,
		},
	},
	'TransferService.settleFunds, blind': {
		service: 'TransferService',
		method: 'settleFunds',
		options: { callbackUrl: CALLBACK },
		path: '/api/v1/settlement_transfers',
		type: 'settlement_transfer',
		operation: ['settlementTransferV1', 'settleEverything'],
		parameters: { callbackUrl: CALLBACK },
	},
	'PollingService.pollTransactions': {
		service: 'PollingService',
		method: 'pollTransactions',
		options: {
			scope: 'company',
			scopeReference: '',
			fromTime: '2021-04-12T08:50:22+03:00',
			toTime: '2021-04-19T08:50:22+03:00',
			callbackUrl: CALLBACK,
		},
		path: '/api/v1/polling',
		type: 'polling',
		operation: ['transactionV1', 'startSearch'],
		parameters: {
			scope: 'company',
			from: '2021-04-12T08:50:22+03:00',
			to: '2021-04-19T08:50:22',
			callbackUrl: CALLBACK,
		},
	},
	'SmsNotificationService.sendTransactionSmsNotification': {
		service: 'SmsNotificationService',
		method: 'sendTransactionSmsNotification',
		options: { webhookEventReference: RECIPIENT, message: 'Thank you', callbackUrl: CALLBACK },
		path: '/api/v1/transaction_sms_notifications',
		type: 'transaction_sms_notification',
		operation: ['smsNotificationV1', 'send'],
		parameters: { webhookEventReference: RECIPIENT, message: 'Thank you', callbackUrl: CALLBACK },
	},
	'Webhooks.subscribe': {
		service: 'Webhooks',
		method: 'subscribe',
		options: {
			eventType: 'buygoods_transaction_received',
			url: 'https://merchant.example/webhook',
			scope: 'till',
			scopeReference: '112233',
		},
		path: '/api/v1/webhook_subscriptions',
		type: 'webhook_subscription',
		operation: ['webhookSubscriptionV1', 'create'],
		parameters: {
			event: 'buygoods_transaction_received',
			url: 'https://merchant.example/webhook',
			scope: 'till',
			tillNumber: '112233',
		},
	},
};

/** The bodies that the sandbox has received on a path, in order. */
const bodies = (path: string) =>
	current.sandbox.ledger.requests
		.filter((request) => request.method === 'POST' && request.path === path)
		.map(({ body }) => body);

describe.each(Object.entries(CALLS))('%s', (_name, call) => {
	const { service, method, options, path, type, operation, parameters, differs } = call;
	const create = async () => {
		const methods = k2[service] as unknown as Record<
			string,
			(with_: IDataObject) => Promise<string>
		>;
		return await methods[method]?.({ ...options, accessToken });
	};

	test('is accepted, and its status is read', async () => {
		const location = String(await create());
		expect(location.startsWith(`${current.sandbox.url}${path}/`)).toBe(true);
		const { data } = await k2[service].getStatus({ location, accessToken });
		expect(data.type).toBe(type);
		expect(data.id).toBe(location.split('/').at(-1));
	});

	test('sends the same body as the node', async () => {
		await create();
		await one(...operation, parameters);
		const [sdk, node] = bodies(path);
		expect(node).toEqual(differs?.sends ?? sdk);
		// Only what is listed may differ.
		if (differs) expect(node).not.toEqual(sdk);
	});
});

describe('TokenService', () => {
	test('gets, describes, introspects and revokes a token', async () => {
		const { sandbox } = current;
		expect(await k2.TokenService.infoToken({ accessToken })).toMatchObject({
			application: { uid: sandbox.clientId },
		});
		// Version 1.3.0 looks for the result under the wrong name and returns nothing.
		expect(await k2.TokenService.introspectToken({ accessToken })).toBeUndefined();
		await k2.TokenService.revokeToken({ accessToken });
		expect(sandbox.ledger.tokens.map(({ state }) => state)).toEqual(['revoked']);
		const oauth = sandbox.ledger.requests.filter(({ path }) => path.startsWith('/oauth/'));
		expect(oauth.map(({ path, status }) => `${path} ${status}`)).toEqual([
			'/oauth/token 200',
			'/oauth/token/info 200',
			'/oauth/introspect 200',
			'/oauth/revoke 200',
		]);
		await expect(k2.TokenService.infoToken({ accessToken })).rejects.toBe('Unauthorized');
	});

	test('sends the same body as the node for a token', async () => {
		await one('webhookSubscriptionV1', 'create', CALLS['Webhooks.subscribe']?.parameters);
		const [sdk, node] = bodies('/oauth/token');
		expect(node).toEqual(sdk);
	});
});

describe('Webhooks.webhookHandler', () => {
	const handle = async (body: string, signature: string | undefined) => {
		const statuses: number[] = [];
		const handled = k2.Webhooks.webhookHandler(
			{ body: JSON.parse(body) as unknown, get: () => signature },
			{ status: (code) => ({ json: () => void statuses.push(code) }) },
		);
		return { statuses, handled };
	};

	test('accepts a webhook and a result of the sandbox, and rejects another signature', async () => {
		const { sandbox } = current;
		await k2.Webhooks.subscribe({
			eventType: 'buygoods_transaction_received',
			url: `${merchant.url}/webhook`,
			scope: 'till',
			scopeReference: '112233',
			accessToken,
		});
		await k2.PollingService.pollTransactions({
			scope: 'till',
			scopeReference: '112233',
			fromTime: '2021-04-12T08:50:22+03:00',
			toTime: '2021-04-19T08:50:22+03:00',
			callbackUrl: `${merchant.url}/result`,
			accessToken,
		});
		sandbox.till.buygoods({ till: '112233' });
		await sandbox.untilIdle();
		expect(merchant.received).toHaveLength(2);
		for (const { body, json, signature } of merchant.received) {
			const { statuses, handled } = await handle(body, signature);
			expect(await handled).toEqual(json);
			expect(statuses).toEqual([200]);
		}
		const { statuses, handled } = await handle(merchant.received[0]?.body ?? '', 'ab'.repeat(32));
		await expect(handled).rejects.toMatch('401');
		expect(statuses).toEqual([401]);
	});
});

describe('errors', () => {
	test("reach the SDK's caller as Kopo Kopo's error body", async () => {
		const options = { ...CALLS['PollingService.pollTransactions']?.options, accessToken };
		await expect(
			k2.PollingService.pollTransactions({ ...options, scope: 'galaxy' }),
		).rejects.toEqual({ error_code: 400, error_message: 'Scope is invalid' });
		await expect(
			k2.PollingService.pollTransactions({ ...options, accessToken: 'wrong' }),
		).rejects.toBe('Unauthorized');
	});
});
