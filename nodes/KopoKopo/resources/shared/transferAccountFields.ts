import { asPhone } from '../../domain/parties';
import { defineField, type Params, required } from '../../operations/parameters';
import { parsePhoneBare } from '../../parsers/phone';
import { choices, parseChoice } from '../../parsers/text';
import {
	accountName,
	accountNumber,
	bankBranchReference,
	firstName,
	lastName,
	network,
	phoneNumberField,
} from './fields';

const settlementMethods = choices(
	{ name: 'EFT', value: 'EFT', description: 'Arrives on a later working day' },
	{ name: 'RTS', value: 'RTS', description: 'Arrives on the same day' },
);

const settlementMethod = defineField(
	{
		displayName: 'Settlement Method',
		name: 'settlementMethod',
		type: 'options',
		options: [...settlementMethods],
		default: 'RTS',
		description: 'How the money is transferred to the bank',
	},
	parseChoice(settlementMethods),
);

const phoneNumber = phoneNumberField('Your own M-Pesa number', parsePhoneBare);

export const bankAccountFields = [
	accountName,
	accountNumber,
	bankBranchReference,
	settlementMethod,
] as const;

export const mobileWalletFields = [
	required(firstName),
	required(lastName),
	phoneNumber,
	network,
] as const;

/** Request body without the nickname, which v1 does not have (docs/kopokopo-api.md#api-v1). */
export const bankAccountBody = (params: Params<typeof bankAccountFields>) => ({
	account_name: params.accountName,
	bank_branch_ref: params.bankBranchReference,
	account_number: params.accountNumber,
	settlement_method: params.settlementMethod,
});

/** Request body without the nickname, which v1 does not have (docs/kopokopo-api.md#api-v1). */
export const mobileWalletBody = (params: Params<typeof mobileWalletFields>) => ({
	first_name: params.firstName,
	last_name: params.lastName,
	phone_number: params.phoneNumber,
	network: params.network,
});

/** The fields of the item for a new bank account. */
export const bankAccountSummary = (params: Params<typeof bankAccountFields>) => ({
	name: params.accountName,
	number: params.accountNumber,
});

/** The fields of the item for a new mobile wallet. */
export const mobileWalletSummary = (params: Params<typeof mobileWalletFields>) => ({
	name: `${params.firstName} ${params.lastName}`,
	phoneNumber: asPhone(params.phoneNumber),
});
