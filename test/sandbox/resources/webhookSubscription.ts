import { isBlank, textOrNull } from '../json';
import type { ResourceKind } from './resource';
import { firstProblem, ownTill, required, url } from './validation';

const EVENT_TYPES: Record<string, { scopes: Array<'till' | 'company'>; daraja?: true; v1?: true }> =
	{
		buygoods_transaction_received: { scopes: ['till', 'company'], daraja: true },
		buygoods_transaction_reversed: { scopes: ['till', 'company'] },
		b2b_transaction_received: { scopes: ['till', 'company'], daraja: true },
		b2b_transaction_reversed: { scopes: ['till', 'company'] },
		settlement_transfer_completed: { scopes: ['company'] },
		card_transaction_received: { scopes: ['till', 'company'] },
		card_transaction_voided: { scopes: ['till', 'company'] },
		card_transaction_reversed: { scopes: ['till', 'company'] },
		customer_created: { scopes: ['company'] },
		m2m_transaction_received: { scopes: ['company'], v1: true },
	};

/**
 * A subscription to the events of one type (docs/kopokopo-api.md#webhook-subscriptions). Duplicates
 * are accepted; the ledger counts them.
 */
export const webhookSubscription: ResourceKind = {
	type: 'webhook_subscription',
	noun: 'Webhook subscription',
	collections: ['/api/v2/webhook_subscriptions', '/api/v1/webhook_subscriptions'],
	check(body, { version, context }) {
		const event = EVENT_TYPES[String(body.event_type)];
		const isKnown = event && (version === 'v1' || !event.v1);
		const { scope } = body;
		return firstProblem(
			isBlank(body.event_type) ? "Event type can't be blank" : undefined,
			isKnown ? undefined : 'Event type is invalid',
			url(body.url, 'Url', context.config),
			required(scope, 'Scope', /^(till|company)$/),
			event?.scopes.some((allowed) => allowed === scope) ? undefined : 'Scope is invalid',
			scope === 'till'
				? ownTill(body.scope_reference, context.config, 'Invalid scope reference')
				: undefined,
			body.enable_daraja_payload === true && !event?.daraja
				? 'Daraja payload is not supported for this event type'
				: undefined,
		);
	},
	create({ body, id, cause, acceptedAt }, context) {
		const scope = body.scope === 'till' ? 'till' : 'company';
		const scopeReference = scope === 'till' ? String(body.scope_reference) : null;
		context.webhooks.subscribe({
			id,
			at: acceptedAt.toISOString(),
			requestSeq: cause.requestSeq,
			url: String(body.url),
			eventType: String(body.event_type),
			scope,
			scopeReference,
			daraja: body.enable_daraja_payload === true,
		});
		return {
			attributes: () => ({
				event_type: body.event_type,
				webhook_uri: body.url,
				status: 'Active',
				scope: scope === 'till' ? 'Till' : 'Company',
				scope_reference: textOrNull(scopeReference),
			}),
		};
	},
};
