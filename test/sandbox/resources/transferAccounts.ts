import { internationalPhone } from '../formats';
import type { ResourceKind } from './resource';
import { firstProblem, required, UUID, WALLET_PHONE, type Problem } from './validation';

/** Accepts the ID of a bank branch. */
export function bankBranch(value: unknown): Problem {
	const problem = required(value, 'Bank branch ref', UUID);
	return problem === 'Bank branch ref is invalid' ? 'Bank branch ref is not valid' : problem;
}

/** A mobile wallet of the merchant, to settle to (docs/kopokopo-api.md#merchant-wallets). */
export const merchantWallet: ResourceKind = {
	type: 'merchant_wallet',
	noun: 'Merchant wallet',
	collections: ['/api/v2/merchant_wallets', '/api/v1/merchant_wallets'],
	check: (body) =>
		firstProblem(
			required(body.first_name, 'First name'),
			required(body.last_name, 'Last name'),
			required(body.phone_number, 'Phone number', WALLET_PHONE),
			required(body.network, 'Network'),
		),
	create: ({ body }) => ({
		attributes: () => ({
			status: 'Approved',
			account_reference: 'Unavailable',
			first_name: body.first_name,
			last_name: body.last_name,
			phone_number: internationalPhone(String(body.phone_number)),
			network: body.network,
		}),
	}),
};

/** A bank account of the merchant, to settle to (docs/kopokopo-api.md#merchant-bank-accounts). */
export const merchantBankAccount: ResourceKind = {
	type: 'merchant_bank_account',
	noun: 'Merchant bank account',
	collections: ['/api/v2/merchant_bank_accounts', '/api/v1/merchant_bank_accounts'],
	check: (body) =>
		firstProblem(
			required(body.account_name, 'Account name'),
			required(body.account_number, 'Account number'),
			bankBranch(body.bank_branch_ref),
			required(body.settlement_method, 'Settlement method', /^(EFT|RTS)$/),
		),
	create({ body, id }) {
		return {
			attributes: () => ({
				status: 'Approved',
				account_reference: id,
				bank_branch_ref: body.bank_branch_ref,
				account_name: body.account_name,
				account_number: body.account_number,
				settlement_method: body.settlement_method,
			}),
		};
	},
};
