import { parseAmount } from '../../parsers/amount';
import { parsePhoneWithPlus } from '../../parsers/phone';
import { amountField, phoneNumberField } from './fields';

export const payerPhoneNumber = phoneNumberField(
	'The M-Pesa number of the customer',
	parsePhoneWithPlus,
);

/**
 * The amount that a customer is asked for.
 * @param maximum the largest amount, in KES
 */
export const amountToRequest = (maximum?: number) =>
	amountField('How much to ask for, in Kenyan shillings (KES)', (raw, context) =>
		parseAmount(raw, context, maximum),
	);

/** What to do if it is not known whether a customer was asked. */
export const LOOK_FOR_PAYMENT =
	'Before you send it again, look for it in the Kopo Kopo dashboard. Transaction > Get Many lists the payments that customers have made.';

/** The fields of the item for a payment that a customer was asked for. */
export const requestedPayment = (params: {
	amount: number;
	phoneNumber: string;
	tillNumber?: string;
}) => ({
	amount: params.amount,
	currency: 'KES',
	phoneNumber: params.phoneNumber,
	tillNumber: params.tillNumber,
	message: 'The customer was asked to pay and has not paid yet',
});
