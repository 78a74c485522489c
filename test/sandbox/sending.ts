import { randomUUID } from 'node:crypto';

import { preciseTime } from './clock';
import { callbackUrlOf } from './receiving';
import type { BankAct, Birth, ResourceKind, World } from './resource';
import { decimal } from './money';
import {
	amount,
	BARE_PHONE,
	currency,
	firstOf,
	isBlank,
	metadata,
	object,
	required,
	textOrNull,
	TILL,
	url,
	UUID,
	type JsonObject,
	type Problem,
} from './validation';

export const INSUFFICIENT = 'The balance is insufficient for the transaction';

const DESTINATIONS: Record<string, { several: boolean; check: (item: JsonObject) => Problem }> = {
	merchant_wallet: { several: false, check: ownAccount },
	merchant_bank_account: { several: false, check: ownAccount },
	mobile_wallet: {
		several: true,
		check: (item) =>
			firstOf(
				required(item.phone_number, 'Destination phone number', BARE_PHONE),
				required(item.network, 'Destination network'),
				required(item.description, 'Destination description'),
			),
	},
	bank_account: {
		several: true,
		check: (item) =>
			firstOf(
				required(item.bank_branch_ref, 'Destination bank branch ref'),
				required(item.account_name, 'Destination account name'),
				required(item.account_number, 'Destination account number'),
				required(item.description, 'Destination description'),
			),
	},
	till: {
		several: false,
		check: (item) =>
			firstOf(
				required(item.till_number, 'Destination till number', TILL),
				required(item.description, 'Destination description'),
			),
	},
	paybill: {
		several: false,
		check: (item) =>
			firstOf(
				required(item.paybill_number, 'Destination paybill number'),
				required(item.paybill_account_number, 'Destination paybill account number'),
				required(item.description, 'Destination description'),
			),
	},
};

function ownAccount(item: JsonObject): Problem {
	return required(item.reference, 'Destination reference', UUID);
}

function destinationProblem(item: JsonObject): Problem {
	if (isBlank(item.type)) return "Destination type can't be blank";
	const rule = DESTINATIONS[String(item.type)];
	if (!rule) return 'Destination type is invalid';
	return firstOf(rule.check(item), amount(item.amount, 'Destination amount'));
}

function destinationsProblem(destinations: unknown): Problem {
	if (destinations === undefined || destinations === null) return undefined;
	if (!Array.isArray(destinations)) return 'Destinations is invalid';
	const items = destinations.map(object);
	const types = new Set(items.map(({ type }) => type));
	return firstOf(
		...items.map(destinationProblem),
		types.size > 1 ? 'Destinations must be of the same type' : undefined,
		items.length > 1 && items.some(({ type }) => !DESTINATIONS[String(type)]?.several)
			? 'Multiple destinations are only supported for mobile_wallet and bank_account'
			: undefined,
	);
}

export interface Payout {
	amount: number;
	to: string;
	/** What the disbursement repeats of its destination. */
	echo: JsonObject;
	destinationReference: string;
	/** EFT is settled in bulk and carries no M-Pesa or bank code (contract, 7). */
	isEft: boolean;
}

/** Carries payouts out as the bank is told: transfer, cancel, or some of each. */
export function disburse(
	birth: Birth,
	world: World,
	from: string,
	payouts: Payout[],
	act: BankAct,
) {
	const now = preciseTime(new Date());
	const left = new Set(
		act.deed === 'transfer'
			? []
			: act.deed === 'cancel'
				? payouts.keys()
				: (act.cancelled ?? [payouts.length - 1]),
	);
	const reason = act.reason ?? INSUFFICIENT;
	const batches = payouts.map((payout, index) => {
		const isCancelled = left.has(index);
		const reference = isCancelled || payout.isEft ? null : world.references.next();
		const status = isCancelled ? 'Cancelled' : 'Transferred';
		if (!isCancelled) {
			world.ledger.move({
				...birth.cause,
				direction: 'out',
				amount: payout.amount,
				from,
				to: payout.to,
				reference,
			});
		}
		return {
			status,
			amount: decimal(payout.amount),
			disbursements: [
				{
					amount: decimal(payout.amount),
					errors: isCancelled ? [reason] : null,
					status,
					...payout.echo,
					origination_time: now,
					destination_reference: payout.destinationReference,
					transaction_reference: reference,
				},
			],
		};
	});
	return { batches, errors: left.size === payouts.length ? [reason] : null };
}

function payoutTo(item: JsonObject, world: World): Payout {
	const { type, amount: sum, reference, description, network, ...echo } = item;
	const account = world.resources.get(String(reference))?.birth.body;
	const whom = item.phone_number ?? item.till_number ?? item.account_number ?? reference;
	return {
		amount: Number(sum),
		to: [type, whom ?? item.paybill_number, network, description].filter(Boolean).join(' '),
		echo: { ...echo, destination_type: type },
		destinationReference: textOrNull(reference) ?? randomUUID(),
		isEft: account?.settlement_method === 'EFT',
	};
}

/** To own accounts, to others, or a sweep of everything available (contract, 4, 6 and 8). */
export const sendMoney: ResourceKind = {
	type: 'send_money',
	noun: 'Send money',
	collections: ['/api/v2/send_money'],
	check: (body, { version, world }) =>
		firstOf(
			destinationsProblem(body.destinations),
			isBlank(body.source_identifier)
				? undefined
				: required(body.source_identifier, 'Source identifier', TILL),
			isBlank(body.currency) ? undefined : currency(body.currency),
			metadata(body.metadata),
			url(callbackUrlOf(body, version), 'Callback url', world.config),
		),
	open(birth, world) {
		const { body } = birth;
		const destinations = Array.isArray(body.destinations) ? body.destinations.map(object) : [];
		let status = 'Scheduled';
		let batches: JsonObject[] = [];
		let errors: string[] | null = null;
		return {
			attributes: () => ({
				status,
				created_at: preciseTime(birth.at),
				source_identifier: body.source_identifier ?? null,
				destinations,
				currency: 'KES',
				transfer_batches: batches,
				errors,
				metadata: body.metadata ?? null,
				_links: birth.links,
			}),
			isOpen: () => status === 'Scheduled',
			bank(act) {
				const sweep = { type: 'merchant_bank_account', amount: world.ledger.balance };
				const isEmpty = destinations.length === 0 && sweep.amount <= 0;
				const payouts = (destinations.length > 0 ? destinations : [sweep]).map((item) =>
					payoutTo(item, world),
				);
				const from = textOrNull(body.source_identifier) ?? 'available balance';
				const effective: BankAct = isEmpty ? { deed: 'cancel' } : act;
				({ batches, errors } = disburse(birth, world, from, payouts, effective));
				status = 'Processed';
				world.report(birth);
			},
		};
	},
};
