import { randomUUID } from 'node:crypto';

import type { BankAction } from '../actions';
import type { SandboxConfig } from '../config';
import { internationalPhone, isoTimeWithMilliseconds } from '../formats';
import { isBlank, objectOrEmpty, textOrNull, type JsonObject } from '../json';
import { disburse, type Payout } from './disbursements';
import type { ResourceContext, ResourceKind } from './resource';
import {
	callbackUrlOf,
	currency,
	firstProblem,
	metadata,
	ownTill,
	required,
	TILL,
	url,
	UUID,
	wholeAmount,
	WALLET_PHONE,
	withinLimit,
	type Problem,
} from './validation';

const DESTINATIONS: Record<
	string,
	{ allowsSeveral: boolean; isLimited: boolean; check: (item: JsonObject) => Problem }
> = {
	merchant_wallet: { allowsSeveral: false, isLimited: false, check: merchantAccount },
	merchant_bank_account: { allowsSeveral: false, isLimited: false, check: merchantAccount },
	mobile_wallet: {
		allowsSeveral: true,
		isLimited: true,
		check: (item) =>
			firstProblem(
				required(item.phone_number, 'Destination phone number', WALLET_PHONE),
				required(item.network, 'Destination network'),
				required(item.description, 'Destination description'),
			),
	},
	bank_account: {
		allowsSeveral: true,
		isLimited: false,
		check: (item) =>
			firstProblem(
				required(item.bank_branch_ref, 'Destination bank branch ref'),
				required(item.account_name, 'Destination account name'),
				required(item.account_number, 'Destination account number'),
				required(item.description, 'Destination description'),
			),
	},
	till: {
		allowsSeveral: false,
		isLimited: true,
		check: (item) =>
			firstProblem(
				required(item.till_number, 'Destination till number', TILL),
				required(item.description, 'Destination description'),
			),
	},
	paybill: {
		allowsSeveral: false,
		isLimited: true,
		check: (item) =>
			firstProblem(
				required(item.paybill_number, 'Destination paybill number'),
				required(item.paybill_account_number, 'Destination paybill account number'),
				required(item.description, 'Destination description'),
			),
	},
};

function merchantAccount(item: JsonObject): Problem {
	return required(item.reference, 'Destination reference', UUID);
}

function destinationProblem(item: JsonObject, config: SandboxConfig): Problem {
	// The Node.js SDK sends no type with a reference, which only an own account has.
	const isOwnAccount = isBlank(item.type) && !isBlank(item.reference);
	if (isBlank(item.type) && !isOwnAccount) return "Destination type can't be blank";
	const rule = isOwnAccount ? DESTINATIONS.merchant_bank_account : DESTINATIONS[String(item.type)];
	if (!rule) return 'Destination type is invalid';
	return firstProblem(
		rule.check(item),
		wholeAmount(item.amount, 'Destination amount'),
		rule.isLimited ? withinLimit(item.amount, config, 'Destination amount') : undefined,
	);
}

function destinationsProblem(destinations: unknown, config: SandboxConfig): Problem {
	if (destinations === undefined || destinations === null) return undefined;
	if (!Array.isArray(destinations)) return 'Destinations is invalid';
	const items = destinations.map(objectOrEmpty);
	const types = new Set(items.map(({ type }) => type));
	return firstProblem(
		...items.map((item) => destinationProblem(item, config)),
		types.size > 1 ? 'Destinations must be of the same type' : undefined,
		items.length > 1 && items.some(({ type }) => !DESTINATIONS[String(type)]?.allowsSeveral)
			? 'Multiple destinations are only supported for mobile_wallet and bank_account'
			: undefined,
	);
}

function payoutFor(destination: JsonObject, context: ResourceContext): Payout {
	const { amount: shillings, reference, description, network, ...given } = destination;
	const account = context.resources.get(String(reference));
	const { type = account?.kind.type ?? 'merchant_bank_account', ...fields } = given;
	const payee =
		fields.phone_number ??
		fields.till_number ??
		fields.account_number ??
		reference ??
		fields.paybill_number;
	return {
		amount: Number(shillings),
		phone: isBlank(fields.phone_number) ? null : internationalPhone(String(fields.phone_number)),
		to: payeeText(String(type), [payee, network, description]),
		destinationFields: { ...fields, destination_type: type },
		destinationReference: textOrNull(reference) ?? randomUUID(),
		isEft: account?.request.body.settlement_method === 'EFT',
	};
}

/** The payee for people: mobile wallet 254712345678 (Safaricom), Salary. */
function payeeText(type: string, [payee, network, description]: unknown[]): string {
	const account = [type.replaceAll('_', ' '), payee, network && `(${String(network)})`];
	return [account.filter(Boolean).join(' '), description].filter(Boolean).join(', ');
}

/**
 * A payout to the merchant's accounts or to others, or a sweep of the balance
 * (docs/kopokopo-api.md#send-money).
 */
export const sendMoney: ResourceKind = {
	type: 'send_money',
	noun: 'Send money',
	collections: ['/api/v2/send_money'],
	check: (body, { version, context }) =>
		firstProblem(
			destinationsProblem(body.destinations, context.config),
			isBlank(body.source_identifier)
				? undefined
				: ownTill(body.source_identifier, context.config, 'Source identifier is invalid'),
			isBlank(body.currency) ? undefined : currency(body.currency),
			metadata(body.metadata),
			url(callbackUrlOf(body, version), 'Callback url', context.config),
		),
	create(request, context) {
		const { body } = request;
		const destinations = Array.isArray(body.destinations)
			? body.destinations.map(objectOrEmpty)
			: [];
		let status = 'Scheduled';
		let batches: JsonObject[] = [];
		let errors: string[] | null = null;
		let done: Payout[] | undefined;
		const payouts = () => {
			if (done) return done;
			const sweep = { type: 'merchant_bank_account', amount: context.ledger.balance };
			return (destinations.length > 0 ? destinations : [sweep]).map((item) =>
				payoutFor(item, context),
			);
		};
		return {
			attributes: () => ({
				status,
				created_at: isoTimeWithMilliseconds(request.acceptedAt),
				source_identifier: body.source_identifier ?? null,
				destinations,
				currency: 'KES',
				transfer_batches: batches,
				errors,
				metadata: body.metadata ?? null,
				_links: request.links,
			}),
			isOpen: () => status === 'Scheduled',
			payouts,
			bank(action) {
				const isEmpty = destinations.length === 0 && context.ledger.balance <= 0;
				const from = textOrNull(body.source_identifier) ?? 'available balance';
				const effective: BankAction = isEmpty ? { action: 'cancel' } : action;
				// The amount of a sweep is the balance, which the transfer changes.
				done = payouts();
				({ batches, errors } = disburse(request, context, from, done, effective));
				status = 'Processed';
				context.sendResult(request);
			},
		};
	},
};
