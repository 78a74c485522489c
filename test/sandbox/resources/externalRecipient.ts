import { isBlank, objectOrEmpty, type JsonObject } from '../json';
import type { ApiVersion, ResourceKind } from './resource';
import { bankBranch } from './transferAccounts';
import { ANY_PHONE, firstProblem, required, TILL, type Problem } from './validation';

const RECIPIENTS: Record<
	string,
	{ name: string; fields: string[]; check: (details: JsonObject, version: ApiVersion) => Problem }
> = {
	mobile_wallet: {
		name: 'Mobile Wallet',
		fields: ['first_name', 'last_name', 'email', 'phone_number', 'network'],
		check: (details) =>
			firstProblem(
				required(details.first_name, 'First name'),
				required(details.last_name, 'Last name'),
				required(details.phone_number, 'Phone number', ANY_PHONE),
				required(details.network, 'Network'),
			),
	},
	bank_account: {
		name: 'Bank Account',
		fields: ['account_name', 'account_number', 'bank_branch_ref', 'settlement_method'],
		check: (details, version) =>
			firstProblem(
				required(details.account_name, 'Account name'),
				required(details.account_number, 'Account number'),
				version === 'v1'
					? required(details.bank_branch_ref, 'Bank branch ref')
					: bankBranch(details.bank_branch_ref),
				// Optional, because the Ruby and Python SDKs do not send it
				// (docs/kopokopo-api.md#external-recipients).
				isBlank(details.settlement_method)
					? undefined
					: required(
							details.settlement_method,
							'Settlement method',
							version === 'v1' ? /^(EFT|RTS)$/ : /^RTS$/,
						),
			),
	},
	till: {
		name: 'Till',
		fields: ['till_name', 'till_number'],
		check: (details) =>
			firstProblem(
				required(details.till_name, 'Till name'),
				required(details.till_number, 'Till number', TILL),
			),
	},
	paybill: {
		name: 'Paybill',
		fields: ['paybill_name', 'paybill_number', 'paybill_account_number'],
		check: (details) =>
			firstProblem(
				required(details.paybill_name, 'Paybill name'),
				required(details.paybill_number, 'Paybill number'),
				required(details.paybill_account_number, 'Paybill account number'),
			),
	},
};

function recipientDetails(body: JsonObject): JsonObject {
	// v1 calls it pay_recipient, and a third-party document has no such key at all
	// (docs/kopokopo-api.md#api-v1).
	return objectOrEmpty(body.external_recipient ?? body.pay_recipient ?? body);
}

/**
 * A recipient other than the merchant; v1 and all responses call it pay recipient
 * (docs/kopokopo-api.md#external-recipients).
 */
export const externalRecipient: ResourceKind = {
	type: 'pay_recipient',
	noun: 'Pay recipient',
	collections: ['/api/v2/external_recipients', '/api/v1/pay_recipients'],
	check(body, { version }) {
		const rule = RECIPIENTS[String(body.type)];
		return rule ? rule.check(recipientDetails(body), version) : 'Invalid recipient type';
	},
	create({ body }) {
		const details = recipientDetails(body);
		const { name = '', fields = [] } = RECIPIENTS[String(body.type)] ?? {};
		return {
			attributes: () => ({
				recipient_type: name,
				account_alias: details.nickname ?? null,
				status: 'Approved',
				...Object.fromEntries(fields.map((key) => [key, details[key] ?? null])),
				recipient_reference: 'Unavailable',
			}),
		};
	},
};
