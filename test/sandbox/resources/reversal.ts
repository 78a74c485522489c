import { randomUUID } from 'node:crypto';

import { decimalAmount, isoTimeWithMilliseconds } from '../formats';
import type { JsonObject } from '../json';
import { INSUFFICIENT_BALANCE } from './errorTexts';
import type { ResourceKind } from './resource';
import { callbackUrlOf, firstProblem, metadata, required, url } from './validation';

const REVERSAL_WINDOW_MS = 30 * 24 * 60 * 60 * 1000;

/** The return of a received payment to its payer (docs/kopokopo-api.md#reversals). */
export const reversal: ResourceKind = {
	type: 'reversals',
	noun: 'Reversal',
	collections: ['/api/v2/reversals'],
	check(body, { version, context }) {
		const transaction = context.till.find(String(body.transaction_reference));
		const age = transaction ? Date.now() - transaction.at.getTime() : 0;
		const isReversing =
			transaction?.status === 'Pending Reversal' || transaction?.status === 'Reversed';
		return firstProblem(
			required(body.transaction_reference, 'Transaction reference'),
			required(body.reason, 'Reason'),
			metadata(body.metadata),
			url(callbackUrlOf(body, version), 'Callback url', context.config),
			isReversing ? [`You cannot reverse a transaction in ${transaction.status}`] : undefined,
			age > REVERSAL_WINDOW_MS
				? ['You cannot reverse a transaction older than 30 days']
				: undefined,
			transaction?.kind === 'card' ? ['You cannot reverse a card transaction'] : undefined,
		);
	},
	create(request, context) {
		const { body } = request;
		const transaction = context.till.find(String(body.transaction_reference));
		const previousStatus = transaction?.status;
		if (transaction) transaction.status = 'Pending Reversal';
		let status = 'Scheduled';
		let bulkPayment: JsonObject | undefined;
		let errors: string[] | null = null;
		return {
			attributes: () => ({
				status,
				created_at: isoTimeWithMilliseconds(request.acceptedAt),
				transaction_reference: body.transaction_reference,
				reason: body.reason,
				...(bulkPayment && { reversal_bulk_payment: bulkPayment }),
				errors,
				metadata: body.metadata ?? null,
				_links: request.links,
			}),
			isOpen: () => status === 'Scheduled',
			payouts: () => [
				{
					to: `${transaction?.payer ?? 'payer'} (reversal of ${String(body.transaction_reference)})`,
					phone: null,
					amount: transaction?.amount ?? 0,
				},
			],
			bank({ action, reason, amount: unknownAmount }) {
				// A transaction that this sandbox does not have is returned only if the bank names an amount.
				const sum = transaction?.amount ?? unknownAmount ?? 0;
				const isTransferred = action === 'transfer' && sum > 0;
				if (isTransferred && transaction) {
					context.till.reverse(transaction.id, request.cause);
				} else if (isTransferred) {
					context.ledger.recordMovement({
						...request.cause,
						direction: 'out',
						amount: sum,
						from: 'available balance',
						to: `payer of ${String(body.transaction_reference)}`,
						phone: null,
						reference: null,
					});
				} else if (transaction && previousStatus) {
					transaction.status = previousStatus;
				}
				status = 'Processed';
				bulkPayment = {
					amount: decimalAmount(sum),
					status: isTransferred ? 'Transferred' : 'Cancelled',
					origination_time: isoTimeWithMilliseconds(new Date()),
					transaction_reference: isTransferred ? randomUUID() : null,
				};
				const text = reason ?? (sum > 0 ? INSUFFICIENT_BALANCE : 'Transaction not found');
				errors = isTransferred ? null : [text];
				context.sendResult(request);
			},
		};
	},
};
