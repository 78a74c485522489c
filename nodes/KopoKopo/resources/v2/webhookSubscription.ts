import type { IDataObject } from 'n8n-workflow';
import { InvalidParameterError } from '../../domain/errors';
import { eventOf, type Topic } from '../../domain/eventCatalogue';
import { asObject, asTextOrNull } from '../../domain/json';
import { defineOperation, type Resource } from '../../operations/defineOperation';
import { eventOptions } from '../../operations/eventOptions';
import { defineField, type Params } from '../../operations/parameters';
import { parseSwitch } from '../../parsers/switch';
import { choices, parseChoice, type ParseContext, parseRequiredText } from '../../parsers/text';
import { parseTill } from '../../parsers/till';
import { parseCallbackUrl } from '../../parsers/url';
import type { ApiRequest } from '../../transport/client';
import { getById, resourceById } from '../shared/getById';

const topics = eventOptions as Array<{ name: string; value: Topic }>;
const scopes = choices(
	{ name: 'Company', value: 'company', description: 'Events of all tills of the company' },
	{ name: 'Till', value: 'till', description: 'Events of one till' },
);

const event = defineField(
	{
		displayName: 'Event',
		name: 'event',
		type: 'options',
		options: eventOptions,
		default: 'buygoods_transaction_received',
		description: 'The event to subscribe to',
	},
	parseChoice(topics),
);

const url = defineField(
	{
		displayName: 'URL',
		name: 'url',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. https://n8n.example.com/webhook/…/kopo-kopo',
		description: 'Where Kopo Kopo sends the event. It must begin with https://.',
	},
	(raw: unknown, context: ParseContext) =>
		parseCallbackUrl(parseRequiredText(raw, context), context),
);

const scope = defineField(
	{
		displayName: 'Scope',
		name: 'scope',
		type: 'options',
		options: [...scopes],
		default: 'company',
	},
	parseChoice(scopes),
);

const tillNumber = defineField(
	{
		displayName: 'Till Number',
		name: 'tillNumber',
		type: 'string',
		required: true,
		displayOptions: { show: { scope: ['till'] } },
		default: '',
		placeholder: 'e.g. 112233',
		description: 'The till whose events Kopo Kopo sends',
	},
	parseTill,
);

const darajaPayload = defineField(
	{
		displayName: 'Daraja Payload',
		name: 'darajaPayload',
		type: 'boolean',
		default: false,
		displayOptions: {
			show: { event: ['b2b_transaction_received', 'buygoods_transaction_received'] },
		},
		description: "Whether Kopo Kopo sends the event in the format of Safaricom's Daraja API",
	},
	parseSwitch,
);

/** The fields that v1 and v2 have in common. */
export const subscriptionFields = [event, url, scope, tillNumber] as const;

/** The request for a subscription. @throws InvalidParameterError for a till if the event only exists for the company */
export function subscriptionRequest(params: Params<typeof subscriptionFields>, daraja: boolean) {
	const { companyOnly, daraja: darajaType, name } = eventOf(params.event);
	if (companyOnly && params.scope === 'till') {
		throw new InvalidParameterError(
			`'${name}' only exists for the whole company`,
			"Set 'Scope' to Company.",
		);
	}
	return subscribeRequest({
		topic: params.event,
		url: params.url,
		scope: params.scope,
		tillNumber: params.scope === 'till' ? params.tillNumber : null,
		daraja: darajaType !== undefined && daraja,
	});
}

/** The fields of the item for a new subscription. */
export const subscriptionSummary = (params: Params<typeof subscriptionFields>) => ({
	eventType: params.event,
	url: params.url,
	scope: params.scope,
	tillNumber: params.scope === 'till' ? params.tillNumber : null,
});

const path = '/api/v2/webhook_subscriptions';

/** The request that looks up a subscription. */
export const subscriptionById = resourceById(path);

/**
 * A subscription as a simplified item. Documents disagree about the name of the URL: the PHP SDK reads
 * `webhook_uri` (docs/kopokopo-api.md#webhook-subscriptions).
 */
function subscriptionItem(body: IDataObject | undefined): IDataObject {
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

/**
 * Webhook subscriptions that the user creates; the trigger creates its own
 * (docs/kopokopo-api.md#webhook-subscriptions).
 */
export const webhookSubscription: Resource = {
	name: 'Webhook Subscription',
	value: 'webhookSubscription',
	operations: [
		defineOperation({
			value: 'create',
			name: 'Create',
			action: 'Create webhook subscription',
			description:
				'Have Kopo Kopo send an event to a URL. The Kopo Kopo Trigger subscribes by itself.',
			effect: 'create',
			fields: [...subscriptionFields, darajaPayload],
			request: (params) => subscriptionRequest(params, params.darajaPayload),
			summary: (params) => subscriptionSummary(params),
		}),
		getById({
			resource: 'Webhook Subscription',
			parameter: 'webhookSubscriptionId',
			action: 'Get webhook subscription',
			description: 'Look up a subscription by its ID',
			request: subscriptionById,
			simplify: subscriptionItem,
		}),
	],
};

/** A webhook subscription to create. */
export interface Subscription {
	topic: Topic;
	url: string;
	scope: 'company' | 'till';
	/** Null for the whole company (docs/kopokopo-api.md#webhook-subscriptions). */
	tillNumber: string | null;
	daraja: boolean;
}

/** `POST /api/v2/webhook_subscriptions` (docs/kopokopo-api.md#webhook-subscriptions). */
export function subscribeRequest({
	topic,
	url,
	scope,
	tillNumber,
	daraja,
}: Subscription): ApiRequest {
	return {
		method: 'POST',
		path,
		body: {
			event_type: topic,
			url,
			scope,
			scope_reference: tillNumber,
			enable_daraja_payload: daraja,
		},
	};
}
