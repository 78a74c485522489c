import type { BankAction } from '../actions';
import { decimalAmount, isoTimeWithMilliseconds } from '../formats';
import type { JsonObject } from '../json';
import { INSUFFICIENT_BALANCE } from './errorTexts';
import type { AcceptedRequest, ResourceContext } from './resource';

export interface Payout {
	/** KES. */
	amount: number;
	/** The payee, for the ledger. */
	to: string;
	/** The payee's phone, +254…; null when the payee has none. */
	phone: string | null;
	/** Fields of the destination that its disbursement repeats. */
	destinationFields: JsonObject;
	destinationReference: string;
	/**
	 * EFT transfers are settled in bulk and have no transaction reference
	 * (docs/kopokopo-api.md#settlement-methods).
	 */
	isEft: boolean;
}

/**
 * Carries out the bank's action on the payouts of one request. Returns its `transfer_batches`, one per
 * payout, and its `errors`: null unless no payout was transferred.
 */
export function disburse(
	request: AcceptedRequest,
	context: ResourceContext,
	from: string,
	payouts: Payout[],
	{ action, cancelled, reason = INSUFFICIENT_BALANCE }: BankAction,
): { batches: JsonObject[]; errors: string[] | null } {
	const now = isoTimeWithMilliseconds(new Date());
	const unpaid = new Set(
		action === 'transfer'
			? []
			: action === 'cancel'
				? payouts.keys()
				: (cancelled ?? [payouts.length - 1]),
	);
	const batches = payouts.map((payout, index) => {
		const isCancelled = unpaid.has(index);
		const reference = isCancelled || payout.isEft ? null : context.references.issue();
		const status = isCancelled ? 'Cancelled' : 'Transferred';
		if (!isCancelled) {
			context.ledger.recordMovement({
				...request.cause,
				direction: 'out',
				amount: payout.amount,
				from,
				to: payout.to,
				phone: payout.phone,
				reference,
			});
		}
		return {
			status,
			amount: decimalAmount(payout.amount),
			disbursements: [
				{
					amount: decimalAmount(payout.amount),
					errors: isCancelled ? [reason] : null,
					status,
					...payout.destinationFields,
					origination_time: now,
					destination_reference: payout.destinationReference,
					transaction_reference: reference,
				},
			],
		};
	});
	return { batches, errors: unpaid.size === payouts.length ? [reason] : null };
}
