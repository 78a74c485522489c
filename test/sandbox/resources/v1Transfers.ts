import { randomUUID } from 'node:crypto';

import { isoTimeWithMilliseconds } from '../formats';
import { isBlank, objectOrEmpty, textOrNull, type JsonObject } from '../json';
import { disburse, type Payout } from './disbursements';
import type { ResourceKind } from './resource';
import {
	amount,
	callbackUrlOf,
	currency,
	firstProblem,
	metadata,
	required,
	url,
} from './validation';

const DESTINATION_TYPES: Record<string, string> = {
	merchant_wallet: 'Mobile Wallet',
	mobile_wallet: 'Mobile Wallet',
	merchant_bank_account: 'Bank Account',
	bank_account: 'Bank Account',
	till: 'Till',
	paybill: 'Paybill',
};

function v1Transfer(
	kind: Pick<ResourceKind, 'type' | 'noun' | 'collections'> & { mayBeBlind: boolean },
): ResourceKind {
	return {
		...kind,
		check(body, { version, context }) {
			const requested = objectOrEmpty(body.amount);
			const isBlind = kind.mayBeBlind && isBlank(requested.value);
			return firstProblem(
				isBlind ? undefined : currency(requested.currency),
				isBlind ? undefined : amount(requested.value),
				isBlind ? undefined : required(body.destination_type, 'Destination type'),
				isBlind ? undefined : required(body.destination_reference, 'Destination reference'),
				metadata(body.metadata),
				url(callbackUrlOf(body, version), 'Callback url', context.config),
			);
		},
		create(request, context) {
			const { body } = request;
			const { value } = objectOrEmpty(body.amount);
			let status = 'Scheduled';
			let batches: JsonObject[] = [];
			let done: Payout[] | undefined;
			const payout = (): Payout => {
				const type = DESTINATION_TYPES[String(body.destination_type)] ?? 'Bank Account';
				const reference = textOrNull(body.destination_reference) ?? randomUUID();
				return {
					amount: isBlank(value) ? context.ledger.balance : Number(value),
					to: `${type} ${reference}`,
					phone: null,
					destinationFields: { destination_type: type },
					destinationReference: reference,
					isEft: false,
				};
			};
			return {
				attributes: () => ({
					status,
					created_at: isoTimeWithMilliseconds(request.acceptedAt),
					amount: { currency: 'KES', value: isBlank(value) ? null : Number(value) },
					transfer_batches: batches,
					...(!kind.mayBeBlind && { metadata: body.metadata ?? null }),
					_links: request.links,
				}),
				isOpen: () => status === 'Scheduled',
				payouts: () => done ?? [payout()],
				bank(action) {
					// The amount of a blind transfer is the balance, which the transfer changes.
					done = [payout()];
					({ batches } = disburse(request, context, 'available balance', done, action));
					status = 'Processed';
					context.sendResult(request);
				},
			};
		},
	};
}

/** A v1 payment to a recipient (docs/kopokopo-api.md#api-v1). */
export const v1Payment = v1Transfer({
	type: 'payment',
	noun: 'Payment',
	collections: ['/api/v1/payments'],
	mayBeBlind: false,
});

/**
 * A v1 settlement, blind (the whole balance to the preferred account) or targeted. A third-party
 * document calls its path transfers (docs/kopokopo-api.md#api-v1).
 */
export const v1Settlement = v1Transfer({
	type: 'settlement_transfer',
	noun: 'Settlement transfer',
	collections: ['/api/v1/settlement_transfers', '/api/v1/transfers'],
	mayBeBlind: true,
});
