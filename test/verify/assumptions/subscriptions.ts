import {
	type Assumption,
	type Check,
	compare,
	describeAnswer,
	describeType,
	NotObservedError,
	objectAt,
	valueAt,
} from '../assumption';
import { createdFrom, creation, read } from '../creation';
import { describeWord, shapeOf } from '../masking';

const SUBSCRIPTIONS = 'nodes/KopoKopo/webhooks/subscriptions.ts';
const OPERATION = 'nodes/KopoKopo/resources/v2/webhookSubscription.ts';
const PATH = '/api/v2/webhook_subscriptions';
export const EVENT = 'buygoods_transaction_received';

/** The address of one of the two subscriptions. */
export function subscriptionUrl(url: string, subscription: 'company' | 'till'): string {
	const address = new URL(url);
	address.searchParams.set('subscription', subscription);
	return address.href;
}

const subscribe = async (check: Check, scope: 'company' | 'till') => {
	const { subscribeUrl, till } = check.settings;
	if (subscribeUrl === undefined) throw new NotObservedError('needs --subscribe');
	if (scope === 'till' && till === undefined) throw new NotObservedError('needs --till');
	return await creation(check, `${scope} subscription`, PATH, {
		event_type: EVENT,
		url: subscriptionUrl(subscribeUrl, scope),
		scope,
		scope_reference: scope === 'till' ? till : null,
	});
};

const readBack = async (check: Check) => {
	const created = createdFrom(check, PATH, await subscribe(check, 'company'));
	return await check.once('read subscription', async () => await read(check, created));
};

const attributes = async (check: Check) => {
	const answer = await readBack(check);
	if (answer.status !== 200) throw new NotObservedError('the subscription cannot be read');
	return objectAt(answer.json, 'data', 'attributes');
};

/** Two subscriptions that cannot be undone; `--subscribe`. */
export const subscriptionAssumptions: Assumption[] = [
	{
		id: 'subscription-company',
		statement: 'A subscription for the company is accepted with scope_reference null',
		heading: 'webhook-subscriptions',
		reliesOn: [SUBSCRIPTIONS, OPERATION],
		async run(check) {
			const answer = await subscribe(check, 'company');
			return compare(answer.status < 300, describeAnswer(answer));
		},
	},
	{
		id: 'subscription-till',
		statement: 'A subscription to the same event for a till is accepted as well',
		heading: 'event-scope',
		reliesOn: [SUBSCRIPTIONS],
		async run(check) {
			const answer = await subscribe(check, 'till');
			return compare(answer.status < 300, describeAnswer(answer));
		},
	},
	{
		id: 'subscription-read',
		statement: 'A subscription can be read and has the type webhook_subscription',
		heading: 'api-v2',
		reliesOn: [OPERATION, SUBSCRIPTIONS],
		async run(check) {
			const answer = await readBack(check);
			const type = valueAt(answer.json, 'data', 'type');
			return compare(
				answer.status === 200 && type === 'webhook_subscription',
				`HTTP ${answer.status}, data.type: ${describeWord(type)}`,
				shapeOf(answer.json ?? null),
			);
		},
	},
	{
		id: 'subscription-url',
		statement: 'A subscription names its address in webhook_uri or url',
		heading: 'webhook-subscriptions',
		reliesOn: ['nodes/KopoKopo/webhooks/remainingSubscriptions.ts'],
		async run(check) {
			const found = await attributes(check);
			const url = found.webhook_uri ?? found.url;
			return compare(
				typeof url === 'string',
				`webhook_uri: ${describeType(found.webhook_uri)}, url: ${describeType(found.url)}`,
			);
		},
	},
	{
		id: 'subscription-event-type',
		statement: 'A subscription names its event_type',
		heading: 'webhook-subscriptions',
		reliesOn: ['nodes/KopoKopo/webhooks/remainingSubscriptions.ts'],
		async run(check) {
			const { event_type: type } = await attributes(check);
			return compare(type === EVENT, describeWord(type));
		},
	},
];
