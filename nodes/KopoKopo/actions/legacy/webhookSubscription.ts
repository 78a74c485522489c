import { operation, type Resource } from '../operation';
import {
	subscribed,
	subscriptionFields,
	subscriptionRequest,
	webhookSubscription,
} from '../webhookSubscription';
import { legacy, sameInV1 } from './legacy';

/** Subscribing to events under v1, which has no Daraja form (contract, section 5). */
export const webhookSubscriptionV1: Resource = {
	name: 'Webhook Subscription (Legacy)',
	value: 'webhookSubscriptionV1',
	apiVersion: 'v1',
	operations: [
		legacy(
			operation({
				value: 'create',
				name: 'Create',
				action: 'Create webhook subscription',
				description: 'Have an event reported to an address',
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
				summary: (params) => subscribed(params),
			}),
		),
		...sameInV1(webhookSubscription, 'get'),
	],
};
