import type { IDataObject } from 'n8n-workflow';
import { flattenErrors } from './apiErrorText';
import { asObject, asObjectList, asReference, asTextOrNull, joinTexts } from './json';
import { asAmount } from './money';
import { asPhone, joinNames } from './parties';
import type { Outcome, Payment } from './payment';
import { outcomeMessage, partSentence } from './paymentMessages';
import { disbursementItem, readableSum } from './sendMoneyCoverage';
import { isLost, isPaid } from './statusWords';

/**
 * The payment of a settlement event (docs/kopokopo-api.md#settlement-events), without the fields that all
 * transactions share. The settlement is completed unless its status or a disbursement says that it was lost.
 */
export function settlement(resource: IDataObject): Partial<Payment> {
	const all = asObjectList(resource.disbursements);
	const lost = all.filter(isLost);
	const paid = all.filter(isPaid);
	const outcomeOf = (): Outcome => {
		if (!isLost(resource) && lost.length === 0) return 'success';
		if (lost.length === all.length) return 'failure';
		return lost.length > 0 && paid.length > 0 ? 'partial' : 'unknown';
	};
	const outcome = outcomeOf();
	const whole = asAmount(resource.amount);
	const paidAmount = readableSum(paid);
	const amount = outcome === 'partial' ? paidAmount : whole;
	const receipts = all
		.filter((one) => !isLost(one))
		.map(({ transaction_reference: receipt }) => asReference(receipt));
	const reference = joinTexts(receipts, ', ') ?? asReference(resource.transaction_reference);
	const lostWords = joinTexts(
		[resource, ...all].filter(isLost).map(({ status }) => status),
		', ',
	);
	const errors = flattenErrors([resource.errors, ...all.map((one) => one.errors)]);
	const reason = errors ?? lostWords;
	const parts = partSentence('Settled', [paidAmount, whole], [paid.length, all.length]);
	const account = asObject(asObject(resource.destination).resource);
	return {
		outcome,
		amount,
		sender: asTextOrNull(account.account_name) ?? joinNames(account.first_name, account.last_name),
		phoneNumber: asPhone(account.phone_number),
		reference,
		accountNumber: asTextOrNull(account.account_number),
		message:
			outcome === 'partial'
				? `${parts}. Not settled: ${reason}`
				: outcomeMessage('Settled', { outcome, amount, reference, reason }),
		...(outcome === 'partial' && { disbursements: all.map(disbursementItem) }),
	};
}
