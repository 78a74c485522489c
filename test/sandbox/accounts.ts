import { internationalPhone } from './receiving';
import type { ResourceKind } from './resource';
import {
	ANY_PHONE,
	firstOf,
	isBlank,
	object,
	required,
	textOrNull,
	TILL,
	url,
	UUID,
	WALLET_PHONE,
	type JsonObject,
	type Problem,
} from './validation';

function bankBranch(value: unknown): Problem {
	const problem = required(value, 'Bank branch ref', UUID);
	return problem === 'Bank branch ref is invalid' ? 'Bank branch ref is not valid' : problem;
}

/** An own mobile wallet to settle to (contract, 4 and 6). */
export const merchantWallet: ResourceKind = {
	type: 'merchant_wallet',
	noun: 'Merchant wallet',
	collections: ['/api/v2/merchant_wallets', '/api/v1/merchant_wallets'],
	check: (body) =>
		firstOf(
			required(body.first_name, 'First name'),
			required(body.last_name, 'Last name'),
			required(body.phone_number, 'Phone number', WALLET_PHONE),
			required(body.network, 'Network'),
		),
	open: ({ body }) => ({
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

/** An own bank account to settle to (contract, 4 and 6). */
export const merchantBankAccount: ResourceKind = {
	type: 'merchant_bank_account',
	noun: 'Merchant bank account',
	collections: ['/api/v2/merchant_bank_accounts', '/api/v1/merchant_bank_accounts'],
	check: (body) =>
		firstOf(
			required(body.account_name, 'Account name'),
			required(body.account_number, 'Account number'),
			bankBranch(body.bank_branch_ref),
			required(body.settlement_method, 'Settlement method', /^(EFT|RTS)$/),
		),
	open({ body, id }) {
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

const RECIPIENTS: Record<
	string,
	{ name: string; shown: string[]; check: (details: JsonObject, version: 'v1' | 'v2') => Problem }
> = {
	mobile_wallet: {
		name: 'Mobile Wallet',
		shown: ['first_name', 'last_name', 'email', 'phone_number', 'network'],
		check: (details) =>
			firstOf(
				required(details.first_name, 'First name'),
				required(details.last_name, 'Last name'),
				required(details.phone_number, 'Phone number', ANY_PHONE),
				required(details.network, 'Network'),
			),
	},
	bank_account: {
		name: 'Bank Account',
		shown: ['account_name', 'account_number', 'bank_branch_ref', 'settlement_method'],
		check: (details, version) =>
			firstOf(
				required(details.account_name, 'Account name'),
				required(details.account_number, 'Account number'),
				version === 'v1'
					? required(details.bank_branch_ref, 'Bank branch ref')
					: bankBranch(details.bank_branch_ref),
				// The Ruby and Python SDKs never send it (contract, 12.25).
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
		shown: ['till_name', 'till_number'],
		check: (details) =>
			firstOf(
				required(details.till_name, 'Till name'),
				required(details.till_number, 'Till number', TILL),
			),
	},
	paybill: {
		name: 'Paybill',
		shown: ['paybill_name', 'paybill_number', 'paybill_account_number'],
		check: (details) =>
			firstOf(
				required(details.paybill_name, 'Paybill name'),
				required(details.paybill_number, 'Paybill number'),
				required(details.paybill_account_number, 'Paybill account number'),
			),
	},
};

function recipientDetails(body: JsonObject): JsonObject {
	// v1 says pay_recipient, and one third party leaves the key out altogether (contract, 5).
	return object(body.external_recipient ?? body.pay_recipient ?? body);
}

/** Somebody else to pay, called pay recipient in v1 and still so in answers (contract, 12.18). */
export const externalRecipient: ResourceKind = {
	type: 'pay_recipient',
	noun: 'Pay recipient',
	collections: ['/api/v2/external_recipients', '/api/v1/pay_recipients'],
	check(body, { version }) {
		const rule = RECIPIENTS[String(body.type)];
		return rule ? rule.check(recipientDetails(body), version) : 'Invalid recipient type';
	},
	open({ body }) {
		const details = recipientDetails(body);
		const { name = '', shown = [] } = RECIPIENTS[String(body.type)] ?? {};
		return {
			attributes: () => ({
				recipient_type: name,
				account_alias: details.nickname ?? null,
				status: 'Approved',
				...Object.fromEntries(shown.map((key) => [key, details[key] ?? null])),
				recipient_reference: 'Unavailable',
			}),
		};
	},
};

const EVENT_TYPES: Record<string, { scopes: Array<'till' | 'company'>; daraja?: true; v1?: true }> =
	{
		buygoods_transaction_received: { scopes: ['till', 'company'], daraja: true },
		buygoods_transaction_reversed: { scopes: ['till', 'company'] },
		b2b_transaction_received: { scopes: ['till', 'company'], daraja: true },
		b2b_transaction_reversed: { scopes: ['till', 'company'] },
		settlement_transfer_completed: { scopes: ['company'] },
		card_transaction_received: { scopes: ['till', 'company'] },
		card_transaction_voided: { scopes: ['till', 'company'] },
		card_transaction_reversed: { scopes: ['till', 'company'] },
		customer_created: { scopes: ['company'] },
		m2m_transaction_received: { scopes: ['company'], v1: true },
	};

/** Who is told of which events (contract, 6 and 9). Doubles are accepted: the ledger counts them. */
export const webhookSubscription: ResourceKind = {
	type: 'webhook_subscription',
	noun: 'Webhook subscription',
	collections: ['/api/v2/webhook_subscriptions', '/api/v1/webhook_subscriptions'],
	check(body, { version, world }) {
		const event = EVENT_TYPES[String(body.event_type)];
		const isKnown = event && (version === 'v1' || !event.v1);
		const { scope } = body;
		return firstOf(
			isBlank(body.event_type) ? "Event type can't be blank" : undefined,
			isKnown ? undefined : 'Event type is invalid',
			url(body.url, 'Url', world.config),
			required(scope, 'Scope', /^(till|company)$/),
			event?.scopes.some((allowed) => allowed === scope) ? undefined : 'Scope is invalid',
			scope === 'till' && !TILL.test(String(body.scope_reference ?? ''))
				? 'Invalid scope reference'
				: undefined,
			body.enable_daraja_payload === true && !event?.daraja
				? 'Daraja payload is not supported for this event type'
				: undefined,
		);
	},
	open({ body, id, cause, at }, world) {
		const scope = body.scope === 'till' ? 'till' : 'company';
		const scopeReference = scope === 'till' ? String(body.scope_reference) : null;
		world.webhooks.subscribe({
			id,
			at: at.toISOString(),
			requestSeq: cause.requestSeq,
			url: String(body.url),
			eventType: String(body.event_type),
			scope,
			scopeReference,
			daraja: body.enable_daraja_payload === true,
		});
		return {
			attributes: () => ({
				event_type: body.event_type,
				webhook_uri: body.url,
				status: 'Active',
				scope: scope === 'till' ? 'Till' : 'Company',
				scope_reference: textOrNull(scopeReference),
			}),
		};
	},
};
