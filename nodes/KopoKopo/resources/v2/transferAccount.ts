import { accountItem } from '../../domain/account';
import { asPhone } from '../../domain/parties';
import { defineOperation, type Resource } from '../../operations/defineOperation';
import { defineField, type Params, required } from '../../operations/parameters';
import { parsePhoneBare } from '../../parsers/phone';
import { choices, parseChoice } from '../../parsers/text';
import {
	accountName,
	accountNumber,
	additionalFields,
	bankBranchReference,
	firstName,
	idField,
	lastName,
	network,
	nickname,
} from '../shared/fields';
import { resourceById } from '../shared/getById';

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

const phoneNumber = defineField(
	{
		displayName: 'Phone Number',
		name: 'phoneNumber',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. 0712345678',
		description: 'Your own M-Pesa number',
	},
	parsePhoneBare,
);

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
			description: 'Look up one of your accounts and whether it is approved',
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
