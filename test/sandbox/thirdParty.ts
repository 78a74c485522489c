import { randomBytes } from 'node:crypto';

import type { BankAct, Birth, CustomerAct, Life, ResourceKind, World } from './resource';
import {
	amount,
	ANY_PHONE,
	currency,
	firstOf,
	isBlank,
	optional,
	required,
	url,
	type JsonObject,
} from './validation';

const PROMPT_LIFETIME_MS = 60_000;
const SETTLEMENT_FEE = 50;
const MOST_PER_PAGE = 100;

/** Whole seconds in UTC, the only times that this document knows. */
function zuluTime(at: Date): string {
	return `${at.toISOString().slice(0, 19)}Z`;
}

function only(body: JsonObject, keys: string[]): JsonObject {
	return Object.fromEntries(
		keys.filter((key) => body[key] !== undefined).map((key) => [key, body[key]]),
	);
}

interface Story {
	/** Its name in events, e.g. `pay` in `pay.completed`. */
	topic: string;
	waiting: 'PENDING' | 'PROCESSING';
	/** What every state repeats of the request. */
	kept: string[];
	/** What only the answer to the create, and the callback, add. */
	first: string[];
	whileWaiting: (birth: Birth) => JsonObject;
	once: (birth: Birth, world: World) => JsonObject;
}

/** The three states all of these share: waiting, COMPLETED and FAILED. */
function live(birth: Birth, world: World, story: Story) {
	const { body, id } = birth;
	let status: string = story.waiting;
	let more = story.whileWaiting(birth);
	const data = (extra: string[] = []): JsonObject => ({
		id,
		status,
		...only(body, [...story.kept, ...extra]),
		...more,
		created_at: zuluTime(birth.at),
	});
	const life: Life = {
		attributes: () => ({ status }),
		isOpen: () => status === story.waiting,
		body: () => ({ data: data() }),
		letter: () => ({
			event: `${story.topic}.${status.toLowerCase()}`,
			request_id: `webhook_req_${randomBytes(8).toString('hex')}`,
			timestamp: zuluTime(new Date()),
			data: data(story.first),
		}),
		created: { status: 201, body: { data: data(story.first) } },
	};
	const end = (failure?: string) => {
		status = failure === undefined ? 'COMPLETED' : 'FAILED';
		more = failure === undefined ? story.once(birth, world) : { failure_reason: failure };
		world.report(birth);
	};
	return { life, end };
}

function page(resources: Life[], query: URLSearchParams): JsonObject {
	const wanted = query.get('status');
	const rows = resources
		.map((resource) => (resource.body?.() ?? {}).data as JsonObject)
		.filter(({ status }) => wanted === null || status === wanted)
		.filter(({ created_at: at }) => {
			const day = String(at).slice(0, 10);
			return day >= (query.get('from_date') ?? day) && day <= (query.get('to_date') ?? day);
		});
	const perPage = Math.min(MOST_PER_PAGE, Number(query.get('per_page') ?? 20));
	const number = Number(query.get('page') ?? 1);
	return {
		data: rows.slice((number - 1) * perPage, number * perPage),
		pagination: {
			page: number,
			per_page: perPage,
			total: rows.length,
			total_pages: Math.ceil(rows.length / perPage),
		},
	};
}

const CUSTOMER_FAILURES: Record<Exclude<CustomerAct['deed'], 'pay'>, string> = {
	refuse: 'User Denied Transaction',
	insufficient: 'Insufficient Funds',
	expire: 'Request Timed Out',
};

const newId = (prefix: string) => `${prefix}_${randomBytes(8).toString('hex')}`;

/** STK push as one third party writes it: flat, upper case, listed (contract, 5). */
export const flatIncomingPayment: ResourceKind = {
	type: 'incoming_payment',
	noun: 'Incoming payment',
	collections: ['/api/v1/incoming_payments'],
	newId: () => newId('incoming_payment'),
	claims: (body, version) => version === 'v1' && 'phone_number' in body,
	check: (body, { world }) =>
		firstOf(
			required(body.phone_number, 'Phone number', ANY_PHONE),
			optional(body.email, 'Email'),
			currency(body.currency),
			amount(body.amount),
			url(body.callback_url, 'Callback url', world.config),
		),
	open(birth, world) {
		const { body } = birth;
		const { life, end } = live(birth, world, {
			topic: 'incoming_payment',
			waiting: 'PENDING',
			kept: ['phone_number', 'amount', 'currency', 'merchant_reference'],
			first: ['first_name', 'last_name', 'description'],
			whileWaiting: ({ at }) => ({
				expires_at: zuluTime(new Date(at.getTime() + PROMPT_LIFETIME_MS)),
			}),
			once() {
				const transaction = world.till.buygoods(
					{ amount: Number(body.amount), phone: String(body.phone_number) },
					birth.cause,
				);
				return {
					mpesa_reference: transaction.reference,
					mpesa_receipt_number: world.references.next(),
					payment_date: zuluTime(transaction.at),
				};
			},
		});
		return {
			...life,
			customer: ({ deed, reason }) =>
				end(deed === 'pay' ? undefined : (reason ?? CUSTOMER_FAILURES[deed])),
		};
	},
	list: page,
};

function pays(birth: Birth, world: World, to: string): string {
	const reference = world.references.next();
	world.ledger.move({
		...birth.cause,
		direction: 'out',
		amount: Number(birth.body.amount),
		from: 'available balance',
		to,
		reference,
	});
	return reference;
}

function failureOf({ deed, reason }: BankAct, usual: string): string | undefined {
	return deed === 'transfer' ? undefined : (reason ?? usual);
}

/** A payout to a phone as the same third party writes it (contract, 5). */
export const payoutToPhone: ResourceKind = {
	type: 'payout',
	noun: 'Payout',
	collections: ['/api/v1/pay'],
	newId: () => newId('payout'),
	check: (body, { world }) =>
		firstOf(
			required(body.phone_number, 'Phone number', ANY_PHONE),
			currency(body.currency),
			amount(body.amount),
			isBlank(body.callback_url) ? undefined : url(body.callback_url, 'Callback url', world.config),
		),
	open(birth, world) {
		const { life, end } = live(birth, world, {
			topic: 'pay',
			waiting: 'PROCESSING',
			kept: ['phone_number', 'amount', 'currency', 'reference'],
			first: [],
			whileWaiting: ({ body }) => only(body, ['description']),
			once: ({ body }) => ({
				mpesa_reference: pays(birth, world, `mobile_wallet ${String(body.phone_number)}`),
				mpesa_transaction_id: world.references.next(),
				completed_at: zuluTime(new Date()),
			}),
		});
		return { ...life, bank: (act) => end(failureOf(act, 'Invalid M-Pesa account')) };
	},
	list: page,
};

/** A settlement as the same third party writes it: by account id, and without a callback (5). */
export const flatSettlement: ResourceKind = {
	type: 'settlement_transfer',
	noun: 'Settlement transfer',
	collections: ['/api/v1/settlement_transfers'],
	newId: () => newId('settlement_transfer'),
	claims: (body) => 'settlement_account_id' in body,
	check: (body) =>
		firstOf(
			required(body.settlement_account_id, 'Settlement account'),
			currency(body.currency),
			amount(body.amount),
		),
	open(birth, world) {
		const fee = { settlement_fee: SETTLEMENT_FEE };
		const { life, end } = live(birth, world, {
			topic: 'settlement_transfer',
			waiting: 'PROCESSING',
			kept: ['settlement_account_id', 'amount', 'currency', 'reference'],
			first: [],
			whileWaiting: () => fee,
			once: ({ body }) => ({
				...fee,
				bank_transaction_id: pays(birth, world, String(body.settlement_account_id)),
				completed_at: zuluTime(new Date()),
			}),
		});
		return { ...life, bank: (act) => end(failureOf(act, 'Invalid settlement account')) };
	},
};
