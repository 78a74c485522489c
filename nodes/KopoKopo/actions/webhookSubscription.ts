import type { IDataObject } from 'n8n-workflow';
import { segment } from '../api/request';
import { asObject, asTextOrNull } from '../results/values';
import { eventOf, eventOptions, type Topic } from '../trigger/events';
import { subscribeRequest } from '../trigger/subscriptions';
import { idField } from './fields';
import {
	field,
	InputRefused,
	operation,
	type Params,
	type Place,
	type Resource,
} from './operation';
import { choices, readBoolean, readCallbackUrl, readChoice, readRequiredText } from './readers';

const topics = eventOptions as Array<{ name: string; value: Topic }>;
const scopes = choices(
	{ name: 'Company', value: 'company', description: 'Events of all tills of the company' },
	{ name: 'Till', value: 'till', description: 'Events of one till' },
);

const event = field(
	{
		displayName: 'Event',
		name: 'eventType',
		type: 'options',
		options: eventOptions,
		default: 'buygoods_transaction_received',
		description: 'What Kopo Kopo is to report',
	},
	readChoice(topics),
);

const url = field(
	{
		displayName: 'URL',
		name: 'url',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. https://n8n.example.com/webhook/…/kopo-kopo',
		description: 'Where Kopo Kopo sends the event; must begin with https://',
	},
	(raw: unknown, place: Place) => readCallbackUrl(readRequiredText(raw, place), place),
);

const scope = field(
	{
		displayName: 'Scope',
		name: 'scope',
		type: 'options',
		options: [...scopes],
		default: 'company',
	},
	readChoice(scopes),
);

const tillNumber = field(
	{
		displayName: 'Till Number',
		name: 'tillNumber',
		type: 'string',
		required: true,
		displayOptions: { show: { scope: ['till'] } },
		default: '',
		placeholder: 'e.g. 112233',
		description: 'The till whose events are wanted',
	},
	readRequiredText,
);

const darajaPayload = field(
	{
		displayName: 'Daraja Payload',
		name: 'darajaPayload',
		type: 'boolean',
		default: false,
		displayOptions: {
			show: { eventType: ['b2b_transaction_received', 'buygoods_transaction_received'] },
		},
		description: "Whether Kopo Kopo sends the event in the form of Safaricom's Daraja API",
	},
	readBoolean,
);

/** What v1 and v2 alike ask for. */
export const subscriptionFields = [event, url, scope, tillNumber] as const;

/** The request for a subscription. @throws InputRefused for a till's event that only the company has */
export function subscriptionRequest(params: Params<typeof subscriptionFields>, daraja: boolean) {
	const { companyOnly, daraja: darajaType, name } = eventOf(params.eventType);
	if (companyOnly && params.scope === 'till') {
		throw new InputRefused(
			`'${name}' only exists for the whole company`,
			"Set 'Scope' to Company.",
		);
	}
	return subscribeRequest({
		topic: params.eventType,
		url: params.url,
		scope: params.scope,
		tillNumber: params.scope === 'till' ? params.tillNumber : null,
		daraja: darajaType !== undefined && daraja,
	});
}

/** What is known of a new subscription. */
export const subscribed = (params: Params<typeof subscriptionFields>) => ({
	eventType: params.eventType,
	url: params.url,
	scope: params.scope,
	tillNumber: params.scope === 'till' ? params.tillNumber : null,
});

const subscriptionId = idField('Webhook Subscription', 'webhookSubscriptionId');

/** The reader's names differ between documents: the PHP SDK reads `webhook_uri` (contract, section 4). */
function simplified(body: IDataObject | undefined): IDataObject {
	const data = asObject(body?.data);
	const attributes = asObject(data.attributes);
	return {
		id: asTextOrNull(data.id),
		eventType: asTextOrNull(attributes.event_type),
		url: asTextOrNull(attributes.webhook_uri) ?? asTextOrNull(attributes.url),
		scope: asTextOrNull(attributes.scope)?.toLowerCase() ?? null,
		tillNumber: asTextOrNull(attributes.scope_reference),
		status: asTextOrNull(attributes.status),
	};
}

/** Subscribing by hand (contract: webhookSubscription.create, .get); the trigger node does it by itself. */
export const webhookSubscription: Resource = {
	name: 'Webhook Subscription',
	value: 'webhookSubscription',
	operations: [
		operation({
			value: 'create',
			name: 'Create',
			action: 'Create webhook subscription',
			description:
				'Have an event reported to an address. The Kopo Kopo Trigger does this by itself.',
			effect: 'create',
			fields: [...subscriptionFields, darajaPayload],
			request: (params) => subscriptionRequest(params, params.darajaPayload),
			summary: (params) => subscribed(params),
		}),
		operation({
			value: 'get',
			name: 'Get',
			action: 'Get webhook subscription',
			description: 'Look up a subscription by its ID',
			effect: 'read',
			fields: [subscriptionId],
			request: ({ webhookSubscriptionId }) => ({
				method: 'GET',
				path: `/api/v2/webhook_subscriptions/${segment(webhookSubscriptionId)}`,
			}),
			items: ({ answer, simplify }) => [simplify ? simplified(answer.body) : { ...answer.body }],
		}),
	],
};
