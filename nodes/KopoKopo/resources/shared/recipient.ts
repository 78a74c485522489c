import { defineField, type Params, required, shownFor } from '../../operations/parameters';
import { parsePhoneWithPlus } from '../../parsers/phone';
import { choices, parseChoice, parseRequiredText } from '../../parsers/text';
import {
	accountName,
	accountNumber,
	bankBranchReference,
	firstName,
	lastName,
	network,
	paybillAccountNumber,
	paybillNumber,
	payeeTillNumber,
	phoneNumberField,
} from './fields';

const recipientTypes = choices(
	{ name: 'Bank Account', value: 'bankAccount' },
	{ name: 'M-Pesa Number', value: 'mpesaNumber', description: 'A mobile wallet in the API' },
	{ name: 'Paybill', value: 'paybill' },
	{ name: 'Till', value: 'till' },
);

export const recipientType = defineField(
	{
		displayName: 'Recipient Type',
		name: 'recipientType',
		type: 'options',
		options: [...recipientTypes],
		default: 'mpesaNumber',
		description: 'The type of account that receives money',
	},
	parseChoice(recipientTypes),
);

export const recipientPhoneNumber = phoneNumberField(
	'The M-Pesa number of the recipient',
	parsePhoneWithPlus,
);

const tillName = defineField(
	{
		displayName: 'Till Name',
		name: 'tillName',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. Mama Njeri Groceries',
		description: 'The name of the business that the till belongs to',
	},
	parseRequiredText,
);

const paybillName = defineField(
	{
		displayName: 'Paybill Name',
		name: 'paybillName',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. Kenya Power',
		description: 'The name of the business that the paybill belongs to',
	},
	parseRequiredText,
);

const mpesa = { recipientType: ['mpesaNumber'] };
const bank = { recipientType: ['bankAccount'] };
const paybill = { recipientType: ['paybill'] };
const till = { recipientType: ['till'] };

/** The fields of all recipient types. */
export const recipientFields = [
	recipientType,
	shownFor(mpesa, required(firstName)),
	shownFor(mpesa, required(lastName)),
	shownFor(mpesa, recipientPhoneNumber),
	shownFor(mpesa, network),
	shownFor(bank, accountName),
	shownFor(bank, accountNumber),
	shownFor(bank, bankBranchReference),
	shownFor(paybill, paybillName),
	shownFor(paybill, paybillNumber),
	shownFor(paybill, paybillAccountNumber),
	shownFor(till, tillName),
	shownFor(till, payeeTillNumber),
] as const;

/** Kopo Kopo's names of the recipient types. */
export const RECIPIENT_API_TYPES = {
	bankAccount: 'bank_account',
	mpesaNumber: 'mobile_wallet',
	paybill: 'paybill',
	till: 'till',
} as const;

/** Kopo Kopo's recipient type, and the details it requires (docs/kopokopo-api.md#external-recipients). */
export function recipientBody(
	params: Params<typeof recipientFields> & { email?: string | undefined },
) {
	const details = {
		mpesaNumber: {
			first_name: params.firstName,
			last_name: params.lastName,
			phone_number: params.phoneNumber,
			network: params.network,
			email: params.email,
		},
		bankAccount: {
			account_name: params.accountName,
			account_number: params.accountNumber,
			bank_branch_ref: params.bankBranchReference,
			// The only method for other people's accounts (docs/kopokopo-api.md#settlement-methods).
			settlement_method: 'RTS',
		},
		paybill: {
			paybill_name: params.paybillName,
			paybill_number: params.paybillNumber,
			paybill_account_number: params.paybillAccountNumber,
		},
		till: { till_name: params.tillName, till_number: params.tillNumber },
	};
	return {
		type: RECIPIENT_API_TYPES[params.recipientType],
		details: details[params.recipientType],
	};
}
