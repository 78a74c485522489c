import { accountItem } from '../../domain/account';
import { defineOperation, type Resource } from '../../operations/defineOperation';
import { defineField } from '../../operations/parameters';
import { choices, parseChoice } from '../../parsers/text';
import { additionalFields, idField, nickname } from '../shared/fields';
import { resourceById } from '../shared/getById';
import {
	bankAccountBody,
	bankAccountFields,
	bankAccountSummary,
	mobileWalletBody,
	mobileWalletFields,
	mobileWalletSummary,
} from '../shared/transferAccountFields';

/** A mobile wallet is an account registered at Kopo Kopo. A recipient's is an M-Pesa number that the user enters. */
const accountTypes = choices(
	{ name: 'Bank Account', value: 'bankAccount' },
	{ name: 'Mobile Wallet', value: 'mobileWallet' },
);

const accountType = defineField(
	{
		displayName: 'Account Type',
		name: 'accountType',
		type: 'options',
		options: [...accountTypes],
		default: 'bankAccount',
		description: 'The type of account that the ID belongs to',
	},
	parseChoice(accountTypes),
);

const COLLECTIONS = {
	bankAccount: '/api/v2/merchant_bank_accounts',
	mobileWallet: '/api/v2/merchant_wallets',
} as const;

/**
 * The merchant's own accounts, which money is settled to (docs/kopokopo-api.md#merchant-bank-accounts,
 * docs/kopokopo-api.md#merchant-wallets).
 */
export const transferAccount: Resource = {
	name: 'Transfer Account',
	value: 'transferAccount',
	operations: [
		defineOperation({
			value: 'createBankAccount',
			name: 'Create Bank Account',
			action: 'Create bank account for transfers',
			description: 'Register one of your bank accounts for settlements',
			effect: 'create',
			fields: [...bankAccountFields, additionalFields([nickname])],
			request: (params) => ({
				method: 'POST',
				path: COLLECTIONS.bankAccount,
				body: { ...bankAccountBody(params), nickname: params.additionalFields.nickname },
			}),
			summary: (params) => bankAccountSummary(params),
		}),
		defineOperation({
			value: 'createMobileWallet',
			name: 'Create Mobile Wallet',
			action: 'Create mobile wallet for transfers',
			description: 'Register one of your M-Pesa numbers for settlements',
			effect: 'create',
			fields: [...mobileWalletFields, additionalFields([nickname])],
			request: (params) => ({
				method: 'POST',
				path: COLLECTIONS.mobileWallet,
				body: { ...mobileWalletBody(params), nickname: params.additionalFields.nickname },
			}),
			summary: (params) => mobileWalletSummary(params),
		}),
		defineOperation({
			value: 'get',
			name: 'Get',
			action: 'Get transfer account',
			description: 'Look up one of your accounts and see whether it is approved',
			effect: 'read',
			fields: [accountType, idField('Transfer Account', 'transferAccountId')],
			request: ({ accountType: type, transferAccountId }) =>
				resourceById(COLLECTIONS[type])(transferAccountId),
			items: ({ response, simplify }) => [
				simplify ? accountItem(response.body) : { ...response.body },
			],
		}),
	],
};
