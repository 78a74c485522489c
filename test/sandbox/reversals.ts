import { randomUUID } from 'node:crypto';

import { preciseTime } from './clock';
import { callbackUrlOf } from './receiving';
import type { ResourceKind } from './resource';
import { INSUFFICIENT } from './sending';
import { decimal } from './money';
import { firstOf, metadata, required, url, type JsonObject } from './validation';

const REVERSAL_WINDOW_MS = 30 * 24 * 60 * 60 * 1000;

/** Gives an incoming payment back (contract, 4, 6 and 8). */
export const reversal: ResourceKind = {
	type: 'reversals',
	noun: 'Reversal',
	collections: ['/api/v2/reversals'],
	check(body, { version, world }) {
		const transaction = world.till.find(String(body.transaction_reference));
		const age = transaction ? Date.now() - transaction.at.getTime() : 0;
		const isUnder =
			transaction?.status === 'Pending Reversal' || transaction?.status === 'Reversed';
		return firstOf(
			required(body.transaction_reference, 'Transaction reference'),
			required(body.reason, 'Reason'),
			metadata(body.metadata),
			url(callbackUrlOf(body, version), 'Callback url', world.config),
			isUnder ? [`You cannot reverse a transaction in ${transaction.status}`] : undefined,
			age > REVERSAL_WINDOW_MS
				? ['You cannot reverse a transaction older than 30 days']
				: undefined,
			transaction?.kind === 'card' ? ['You cannot reverse a card transaction'] : undefined,
		);
	},
	open(birth, world) {
		const { body } = birth;
		const transaction = world.till.find(String(body.transaction_reference));
		const before = transaction?.status;
		if (transaction) transaction.status = 'Pending Reversal';
		let status = 'Scheduled';
		let bulkPayment: JsonObject | undefined;
		let errors: string[] | null = null;
		return {
			attributes: () => ({
				status,
				created_at: preciseTime(birth.at),
				transaction_reference: body.transaction_reference,
				reason: body.reason,
				...(bulkPayment && { reversal_bulk_payment: bulkPayment }),
				errors,
				metadata: body.metadata ?? null,
				_links: birth.links,
			}),
			isOpen: () => status === 'Scheduled',
			bank({ deed, reason, amount: unseen }) {
				// A transaction this sandbox never saw can be given back only when told how much.
				const sum = transaction?.amount ?? unseen ?? 0;
				const isTransferred = deed === 'transfer' && sum > 0;
				if (isTransferred && transaction) {
					world.till.reverse(transaction.id, birth.cause);
				} else if (isTransferred) {
					world.ledger.move({
						...birth.cause,
						direction: 'out',
						amount: sum,
						from: 'available balance',
						to: `payer of ${String(body.transaction_reference)}`,
						reference: null,
					});
				} else if (transaction && before) {
					transaction.status = before;
				}
				status = 'Processed';
				bulkPayment = {
					amount: decimal(sum),
					status: isTransferred ? 'Transferred' : 'Cancelled',
					origination_time: preciseTime(new Date()),
					transaction_reference: isTransferred ? randomUUID() : null,
				};
				const words = reason ?? (sum > 0 ? INSUFFICIENT : 'Transaction not found');
				errors = isTransferred ? null : [words];
				world.report(birth);
			},
		};
	},
};
