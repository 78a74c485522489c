import { defineOperation, type Resource } from '../../operations/defineOperation';
import {
	subscriptionSummary,
	subscriptionFields,
	subscriptionRequest,
	webhookSubscription,
} from '../v2/webhookSubscription';
import { markLegacy, asV1Operations } from './legacy';

/** Webhook subscriptions of v1, which has no Daraja payloads (docs/kopokopo-api.md#api-v1). */
export const webhookSubscriptionV1: Resource = {
	name: 'Webhook Subscription (Legacy)',
	value: 'webhookSubscriptionV1',
	apiVersion: 'v1',
	operations: [
		markLegacy(
			defineOperation({
				value: 'create',
				name: 'Create',
				action: 'Create webhook subscription',
				description: 'Have Kopo Kopo send an event to a URL',
				effect: 'create',
				fields: [...subscriptionFields],
				request(params) {
					const { body, ...request } = subscriptionRequest(params, false);
					return {
						...request,
						path: '/api/v1/webhook_subscriptions',
						body: { ...body, enable_daraja_payload: undefined },
					};
				},
				summary: (params) => subscriptionSummary(params),
			}),
		),
		...asV1Operations(webhookSubscription, 'get'),
	],
};
