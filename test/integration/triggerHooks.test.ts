import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { startSandbox, type Sandbox } from '../sandbox/server';
import { ownTillsAnd } from '../sandbox/testMerchant';
import { kopoKopoTrigger, sandboxCredential, type StoredCredential } from '../support/nodeContexts';

let sandbox: Sandbox;
let credential: StoredCredential;

beforeEach(async () => {
	sandbox = await startSandbox({ port: 0, tills: ownTillsAnd('8329219') });
	credential = sandboxCredential(sandbox);
});
afterEach(async () => await sandbox.close());

const parameters = {
	triggerOn: ['buygoods_transaction_received', 'buygoods_transaction_reversed'],
	registration: 'automatic',
	scope: 'till',
	tillNumber: '112233',
	options: {},
};
const subscribed = () =>
	sandbox.ledger.subscriptions.map(({ eventType, scope, scopeReference }) =>
		[eventType, scope, scopeReference].join(' '),
	);
const isDoubled = () => sandbox.ledger.subscriptionCounts.some(({ count }) => count > 1);

describe('the lifecycle hooks of the trigger', () => {
	it('subscribe each event once over activation, deactivation and another activation', async () => {
		const trigger = kopoKopoTrigger(credential, parameters);
		await trigger.activate();
		await trigger.delete();
		await trigger.activate();
		await trigger.create();
		expect(subscribed()).toEqual([
			'buygoods_transaction_received till 112233',
			'buygoods_transaction_reversed till 112233',
		]);
	});

	it('subscribe only what is new when a parameter changes', async () => {
		await kopoKopoTrigger(credential, parameters).activate();
		await kopoKopoTrigger(credential, {
			...parameters,
			triggerOn: [...parameters.triggerOn, 'settlement_transfer_completed'],
		}).activate();
		expect(subscribed()).toEqual([
			'buygoods_transaction_received till 112233',
			'buygoods_transaction_reversed till 112233',
			'settlement_transfer_completed company ',
		]);
	});

	it('do not subscribe again when the outcome of an attempt is unknown', async () => {
		const trigger = kopoKopoTrigger(credential, parameters);
		sandbox.faults.add({
			kind: 'serverError',
			when: 'after',
			path: '/api/v2/webhook_subscriptions',
			next: 1,
		});
		for (let attempt = 1; attempt <= 5; attempt++) {
			await expect(trigger.activate()).rejects.toThrow(/not known whether Kopo Kopo subscribed/);
			await trigger.delete();
		}
		expect(subscribed()).toEqual(['buygoods_transaction_received till 112233']);
	});

	it('subscribe again when Kopo Kopo no longer has the subscription', async () => {
		const trigger = kopoKopoTrigger(credential, parameters);
		await trigger.activate();
		await sandbox.reset({ keepTokens: true });
		await trigger.activate();
		expect(sandbox.ledger.subscriptions).toHaveLength(2);
		expect(isDoubled()).toBe(false);
	});

	it('report the event and the reason when Kopo Kopo rejects a subscription', async () => {
		const strict = await startSandbox({ port: 0, allowHttpCallbacks: false });
		const trigger = kopoKopoTrigger(sandboxCredential(strict), parameters);
		await expect(trigger.activate()).rejects.toThrow(
			/'Buygoods Received' could not be subscribed.*Url must be a secure HTTPS endpoint/,
		);
		await strict.close();
	});

	it('drops spaces inside tills, and takes several tills', async () => {
		const tillNumber = '832 9219, k\u00a0123\u00a0456';
		const trigger = kopoKopoTrigger(credential, {
			...parameters,
			triggerOn: ['buygoods_transaction_received'],
			tillNumber,
		});
		await trigger.activate();
		expect(subscribed()).toEqual([
			'buygoods_transaction_received till 8329219',
			'buygoods_transaction_received till K123456',
		]);
	});

	it.each<[string, IDataObject]>([
		["'Till Number' is not a till number: 8329219 112233", { tillNumber: '8329219 112233' }],
		["'Till Number' is an error of a spreadsheet: #REF!", { tillNumber: '#REF!' }],
		["'Till Filter' is not a till number: my shop", { options: { tillFilter: 'my shop' } }],
		["'Minimum Amount' is not a number: a lot", { options: { minimumAmount: 'a lot' } }],
		[
			"'Till Filter' was shortened to an exponent: 8.32922E+06",
			{ registration: 'manual', options: { tillFilter: '8.32922E+06' } },
		],
	])('refuses %s', async (message, changed) => {
		const trigger = kopoKopoTrigger(credential, { ...parameters, ...changed } as INodeParameters);
		await expect(trigger.activate()).rejects.toThrow(message);
		expect(subscribed()).toEqual([]);
	});

	it('require an API key', async () => {
		credential.data.apiKey = '';
		await expect(kopoKopoTrigger(credential, parameters).activate()).rejects.toThrow(/'API Key'/);
		expect(subscribed()).toEqual([]);
	});

	it('subscribe nothing when the registration is manual', async () => {
		const trigger = kopoKopoTrigger(credential, { ...parameters, registration: 'manual' });
		await trigger.activate();
		expect(subscribed()).toEqual([]);
	});
});
