import { defineOperation, type Resource } from '../../operations/defineOperation';
import {
	bankAccountBody,
	bankAccountFields,
	bankAccountSummary,
	mobileWalletBody,
	mobileWalletFields,
	mobileWalletSummary,
} from '../shared/transferAccountFields';
import { transferAccount } from '../v2/transferAccount';
import { markLegacy, asV1Operations } from './legacy';

/** The merchant's own accounts, which have no nickname in v1 (docs/kopokopo-api.md#api-v1). */
export const transferAccountV1: Resource = {
	name: 'Transfer Account (Legacy)',
	value: 'transferAccountV1',
	apiVersion: 'v1',
	operations: [
		markLegacy(
			defineOperation({
				value: 'createBankAccount',
				name: 'Create Bank Account',
				action: 'Create bank account for transfers',
				description: 'Register one of your bank accounts for settlements',
				effect: 'create',
				fields: [...bankAccountFields],
				request: (params) => ({
					method: 'POST',
					path: '/api/v1/merchant_bank_accounts',
					body: bankAccountBody(params),
				}),
				summary: (params) => bankAccountSummary(params),
			}),
		),
		markLegacy(
			defineOperation({
				value: 'createMobileWallet',
				name: 'Create Mobile Wallet',
				action: 'Create mobile wallet for transfers',
				description: 'Register one of your M-Pesa numbers for settlements',
				effect: 'create',
				fields: [...mobileWalletFields],
				request: (params) => ({
					method: 'POST',
					path: '/api/v1/merchant_wallets',
					body: mobileWalletBody(params),
				}),
				summary: (params) => mobileWalletSummary(params),
			}),
		),
		...asV1Operations(transferAccount, 'get'),
	],
};
