import type { IDataObject } from 'n8n-workflow';
import type { Result } from './result';

/** A result as the flat fields of a simplified item. A link takes the place of the currency, which is always KES. */
export function paymentItem(result: Result): IDataObject {
	const { id, outcome, isFinal, status, amount, currency, reference, phoneNumber, message } =
		result;
	return {
		id,
		outcome,
		isFinal,
		status,
		amount,
		...(result.link === undefined && { currency }),
		reference,
		phoneNumber,
		message,
		metadata: result.metadata,
		...(result.link !== undefined && { link: result.link }),
	};
}
