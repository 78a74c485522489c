import { defineField } from '../../operations/parameters';
import { parseId } from '../../parsers/id';
import { choices, parseChoice } from '../../parsers/text';

const accountTypes = choices(
	{ name: 'Bank Account', value: 'bankAccount' },
	{ name: 'Mobile Wallet', value: 'mobileWallet' },
);

/** Kopo Kopo's names of the merchant's account types. */
export const API_ACCOUNT_TYPES = {
	bankAccount: 'merchant_bank_account',
	mobileWallet: 'merchant_wallet',
} as const;

export const accountType = defineField(
	{
		displayName: 'Account Type',
		name: 'accountType',
		type: 'options',
		options: [...accountTypes],
		default: 'bankAccount',
		description: 'The type of the account that receives the money',
	},
	parseChoice(accountTypes),
);

export const accountReference = defineField(
	{
		displayName: 'Account Reference',
		name: 'accountReference',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. af033d43-75f7-4123-b5c3-252377d96739',
		description:
			"The account's API reference. In the Kopo Kopo dashboard, open Payments > My Bank Accounts, then the account.",
	},
	parseId,
);
