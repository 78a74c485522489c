import { randomUUID } from 'node:crypto';

import { preciseTime } from './clock';
import { callbackUrlOf } from './receiving';
import type { ResourceKind } from './resource';
import { disburse, type Payout } from './sending';
import {
	amount,
	currency,
	firstOf,
	isBlank,
	metadata,
	object,
	required,
	textOrNull,
	url,
	type JsonObject,
} from './validation';

const LEGACY_TYPES: Record<string, string> = {
	merchant_wallet: 'Mobile Wallet',
	mobile_wallet: 'Mobile Wallet',
	merchant_bank_account: 'Bank Account',
	bank_account: 'Bank Account',
	till: 'Till',
	paybill: 'Paybill',
};

function legacyTransfer(
	row: Pick<ResourceKind, 'type' | 'noun' | 'collections'> & { mayBeBlind: boolean },
): ResourceKind {
	return {
		...row,
		check(body, { version, world }) {
			const sum = object(body.amount);
			const isBlind = row.mayBeBlind && isBlank(sum.value);
			return firstOf(
				isBlind ? undefined : currency(sum.currency),
				isBlind ? undefined : amount(sum.value),
				isBlind ? undefined : required(body.destination_type, 'Destination type'),
				isBlind ? undefined : required(body.destination_reference, 'Destination reference'),
				metadata(body.metadata),
				url(callbackUrlOf(body, version), 'Callback url', world.config),
			);
		},
		open(birth, world) {
			const { body } = birth;
			const { value } = object(body.amount);
			let status = 'Scheduled';
			let batches: JsonObject[] = [];
			return {
				attributes: () => ({
					status,
					created_at: preciseTime(birth.at),
					amount: { currency: 'KES', value: isBlank(value) ? null : Number(value) },
					transfer_batches: batches,
					...(!row.mayBeBlind && { metadata: body.metadata ?? null }),
					_links: birth.links,
				}),
				isOpen: () => status === 'Scheduled',
				bank(act) {
					const type = LEGACY_TYPES[String(body.destination_type)] ?? 'Bank Account';
					const reference = textOrNull(body.destination_reference) ?? randomUUID();
					const payout: Payout = {
						amount: isBlank(value) ? world.ledger.balance : Number(value),
						to: `${type} ${reference}`,
						echo: { destination_type: type },
						destinationReference: reference,
						isEft: false,
					};
					({ batches } = disburse(birth, world, 'available balance', [payout], act));
					status = 'Processed';
					world.report(birth);
				},
			};
		},
	};
}

/** v1 payments to recipients (contract, 5). */
export const legacyPayment = legacyTransfer({
	type: 'payment',
	noun: 'Payment',
	collections: ['/api/v1/payments'],
	mayBeBlind: false,
});

/** v1 settlement, blind or targeted, and the name one third party gives it (contract, 5). */
export const legacySettlement = legacyTransfer({
	type: 'settlement_transfer',
	noun: 'Settlement transfer',
	collections: ['/api/v1/settlement_transfers', '/api/v1/transfers'],
	mayBeBlind: true,
});
