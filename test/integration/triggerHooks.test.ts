import { ownTillsAnd } from '../support/testMerchant';
import { kopoKopoTrigger } from '../support/nodeContexts';
import { sandboxPerTest } from './sandboxPerTest';

const current = sandboxPerTest({ tills: ownTillsAnd('8329219') });

const parameters = {
	triggerOn: ['buygoods_transaction_received', 'buygoods_transaction_reversed'],
	registration: 'automatic',
	scope: 'till',
	tillNumber: '112233',
	options: {},
};
const subscribed = () =>
	current.sandbox.ledger.subscriptions.map(({ eventType, scope, scopeReference }) =>
		[eventType, scope, scopeReference].join(' '),
	);
const isDoubled = () => current.sandbox.ledger.subscriptionCounts.some(({ count }) => count > 1);

describe('the lifecycle hooks of the trigger', () => {
	it('subscribe each event once over activation, deactivation and another activation', async () => {
		const trigger = kopoKopoTrigger(current.credential, parameters);
		await trigger.activate();
		await trigger.delete();
		await trigger.activate();
		await trigger.create();
		expect(subscribed()).toEqual([
			'buygoods_transaction_received till 112233',
			'buygoods_transaction_reversed till 112233',
		]);
	});

	it('subscribe again when Kopo Kopo no longer has the subscription', async () => {
		const trigger = kopoKopoTrigger(current.credential, parameters);
		await trigger.activate();
		await current.sandbox.reset({ keepTokens: true });
		await trigger.activate();
		expect(current.sandbox.ledger.subscriptions).toHaveLength(2);
		expect(isDoubled()).toBe(false);
	});
});
