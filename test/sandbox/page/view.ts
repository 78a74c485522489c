import type { SandboxConfig } from '../config';
import type { Deliveries, Delivery } from '../deliveries';
import type { FaultInjector } from '../faultInjection';
import { objectOrEmpty, textOrNull, type JsonObject } from '../json';
import type { Ledger, Movement } from '../ledger';
import { CUSTOMERS, OPENING_PHONE_BALANCE, ownerOf, phoneBalances, PIN } from '../phones';
import { INSUFFICIENT_BALANCE } from '../resources/errorTexts';
import type { LinkDetails, Prompt, RequestedPayout, Resource } from '../resources/resource';
import { tillName, type OwnTill } from '../tills';
import type { Transaction } from '../tillPayments';
import { ksh, mpesaMessages, type PhoneMessage } from './messages';
import { troubleViews, type TroubleView } from './trouble';

/** What the page shows is computed from this. */
export interface ViewState {
	config: SandboxConfig;
	url: string;
	resources: Iterable<Resource>;
	ledger: Pick<Ledger, 'movements' | 'requests' | 'totals'>;
	transactions: Transaction[];
	deliveries: Pick<Deliveries, 'log' | 'interference'>;
	faultRules: FaultInjector['rules'];
	/** Since when somebody has had the page open. */
	attendedSince: Date | null;
}

export interface PromptView {
	id: string;
	kind: 'request' | 'link';
	till: string;
	tillName: string;
	/** KES. */
	amount: number;
	/** ISO 8601; null while nobody has the page open, because the prompt waits then. */
	expiresAt: string | null;
}

export interface PhoneView {
	phone: string;
	name: string;
	/** KES. */
	balance: number;
	prompts: PromptView[];
	messages: PhoneMessage[];
}

export interface LinkView extends Omit<LinkDetails, 'expiresAt'> {
	id: string;
	tillName: string;
	expiresAt: string;
	/** Why the last attempt to pay failed. */
	error: string | null;
	receipt: string | null;
}

export interface BankRequestView {
	id: string;
	type: string;
	isWaiting: boolean;
	status: string;
	error: string | null;
	/** Whether the error is the one that Kopo Kopo shows in its documentation for a payout. */
	isOnlyKnownReason: boolean;
	acceptedAt: string;
	/** KES, all payouts together. */
	amount: number;
	payouts: Array<RequestedPayout & { name: string | null }>;
}

export interface PaymentRow extends Pick<Transaction, 'reference' | 'kind' | 'status' | 'amount'> {
	id: string;
	at: string;
	till: string;
	tillName: string;
	payer: string;
}

export interface DeliveryRow
	extends Pick<Delivery, 'id' | 'at' | 'kind' | 'topic' | 'url' | 'state' | 'resourceId'> {
	/** The HTTP status of the last attempt; null without a response. */
	status: number | null;
	error: string | null;
	attempts: number;
}

export interface MovementRow extends Movement {
	id: string;
	/** The API request that moved the money, as in `POST /api/v2/send_money`; null for a walk-in payment. */
	request: string | null;
}

/** Everything that the page shows. Rows are in the order in which they happened. */
export interface PageView {
	merchant: {
		tills: OwnTill[];
		balance: number;
		received: number;
		paidOut: number;
		transactionLimit: number;
		pin: string;
		credential: { baseUrl: string; clientId: string; clientSecret: string; apiKey: string };
	};
	phones: PhoneView[];
	links: LinkView[];
	bank: BankRequestView[];
	trouble: TroubleView[];
	interference: Deliveries['interference'];
	payments: PaymentRow[];
	deliveries: DeliveryRow[];
	movements: MovementRow[];
}

/** More rows than anybody reads; older ones are only in the ledger. */
const MAX_ROWS = 1_000;
const MAX_FINISHED = 20;
const MAX_PHONES = 30;

/** What the page shows of a sandbox. */
export function viewOf(state: ViewState): PageView {
	const { config, ledger, deliveries } = state;
	const resources = [...state.resources];
	const { balance, in: received, out: paidOut } = ledger.totals;
	const { clientId, clientSecret, apiKey, tills, transactionLimit } = config;
	return {
		merchant: {
			tills,
			balance,
			received,
			paidOut,
			transactionLimit,
			pin: PIN,
			credential: { baseUrl: state.url, clientId, clientSecret, apiKey },
		},
		phones: phonesOf(state, resources),
		links: latest(resources.filter(({ link }) => link)).flatMap((resource) =>
			linkView(resource, config),
		),
		bank: bankOf(resources),
		trouble: troubleViews(state.faultRules),
		interference: deliveries.interference,
		payments: state.transactions.slice(-MAX_ROWS).map((transaction) => ({
			id: transaction.id,
			at: transaction.at.toISOString(),
			reference: transaction.reference,
			kind: transaction.kind,
			status: transaction.status,
			amount: transaction.amount,
			till: transaction.till,
			tillName: tillName(config, transaction.till),
			payer: payerText(transaction),
		})),
		deliveries: deliveries.log.slice(-MAX_ROWS).map(deliveryRow),
		movements: ledger.movements.slice(-MAX_ROWS).map((movement) => {
			const request = ledger.requests[Number(movement.requestSeq) - 1];
			return {
				...movement,
				id: String(movement.seq),
				request: request ? `${request.method} ${request.path}` : null,
			};
		}),
	};
}

/** When the person at the page must have answered a prompt; null while nobody is there. */
export function promptExpiry(
	{ askedAt }: Prompt,
	attendedSince: Date | null,
	{ promptLifetimeMs }: SandboxConfig,
): Date | null {
	if (attendedSince === null) return null;
	const from = Math.max(askedAt.getTime(), attendedSince.getTime());
	return new Date(from + promptLifetimeMs);
}

function phonesOf(state: ViewState, resources: Resource[]): PhoneView[] {
	const { config, ledger, attendedSince } = state;
	const prompts = new Map<string, PromptView[]>();
	const failures = new Map<string, PhoneMessage[]>();
	for (const resource of resources) {
		const prompt = resource.prompt?.();
		if (!prompt || prompt.phone === null) continue;
		const { phone } = prompt;
		if (resource.isOpen?.()) {
			const shown = promptView(
				resource,
				prompt,
				promptExpiry(prompt, attendedSince, config),
				config,
			);
			prompts.set(phone, [...(prompts.get(phone) ?? []), shown]);
		} else {
			const failure = failureMessage(resource, prompt, config);
			if (failure) failures.set(phone, [...(failures.get(phone) ?? []), failure].slice(-5));
		}
	}
	const messages = mpesaMessages(ledger.movements, config);
	const balances = phoneBalances(ledger);
	const others = [...prompts.keys(), ...[...messages.keys()].reverse(), ...failures.keys()];
	const phones = new Set([...CUSTOMERS.map(({ phone }) => phone), ...others]);
	return [...phones].slice(0, MAX_PHONES).map((phone) => ({
		phone,
		name: nameOf(phone),
		balance: balances.get(phone) ?? OPENING_PHONE_BALANCE,
		prompts: prompts.get(phone) ?? [],
		messages: [...(messages.get(phone) ?? []), ...(failures.get(phone) ?? [])].sort((one, other) =>
			one.at.localeCompare(other.at),
		),
	}));
}

function promptView(
	{ id, link }: Resource,
	{ till, amount }: Prompt,
	expiresAt: Date | null,
	config: SandboxConfig,
): PromptView {
	return {
		id,
		kind: link ? 'link' : 'request',
		till,
		tillName: tillName(config, till),
		amount,
		expiresAt: expiresAt?.toISOString() ?? null,
	};
}

function failureMessage(
	resource: Resource,
	{ till, amount, askedAt }: Prompt,
	config: SandboxConfig,
): PhoneMessage | undefined {
	const error = resource.link ? null : errorOf(resource);
	if (error === null) return undefined;
	return {
		id: `failure-${resource.id}`,
		at: askedAt.toISOString(),
		kind: 'failed',
		text: `Failed. ${ksh(amount)} was not paid to ${tillName(config, till).toUpperCase()}. ${error.replace(/\.?$/, '.')}`,
	};
}

function linkView(resource: Resource, config: SandboxConfig): LinkView[] {
	const link = resource.link?.();
	if (!link) return [];
	const attempt = objectOrEmpty(resource.attributes().payment_link);
	return [
		{
			...link,
			id: resource.id,
			tillName: tillName(config, link.till),
			expiresAt: link.expiresAt.toISOString(),
			error: errorOf(resource),
			receipt: textOrNull(attempt.transaction_reference),
		},
	];
}

function bankOf(resources: Resource[]): BankRequestView[] {
	const requests = resources.filter(({ payouts }) => payouts);
	const waiting = requests.filter(({ isOpen }) => isOpen?.());
	const finished = requests.filter(({ isOpen }) => !isOpen?.()).slice(-MAX_FINISHED);
	return [...finished, ...waiting].map((resource) => {
		const payouts = resource.payouts?.() ?? [];
		const error = errorOf(resource);
		return {
			id: resource.id,
			type: resource.kind.noun,
			isWaiting: Boolean(resource.isOpen?.()),
			status: bankStatus(resource.attributes()),
			error,
			isOnlyKnownReason: error === INSUFFICIENT_BALANCE,
			acceptedAt: resource.request.acceptedAt.toISOString(),
			amount: payouts.reduce((sum, { amount }) => sum + amount, 0),
			payouts: payouts.map(({ to, amount, phone }) => ({
				to,
				amount,
				phone,
				name: phone === null ? null : nameOf(phone),
			})),
		};
	});
}

/** What became of a payout or reversal, in Kopo Kopo's words. */
function bankStatus(attributes: JsonObject): string {
	const batches = Array.isArray(attributes.transfer_batches) ? attributes.transfer_batches : [];
	const statuses = new Set(batches.map((batch) => String(objectOrEmpty(batch).status)));
	if (statuses.size > 1) return 'Partly transferred';
	const { status } = objectOrEmpty(attributes.reversal_bulk_payment);
	return [...statuses][0] ?? textOrNull(status) ?? String(attributes.status);
}

/** The error text of a resource, whichever form its version gives it; null when it has none. */
function errorOf(resource: Resource): string | null {
	const attributes = resource.attributes();
	const { errors } = { ...attributes, ...objectOrEmpty(attributes.event) };
	const { failure_reason: reason } = objectOrEmpty(resource.body?.().data);
	return textOrNull(Array.isArray(errors) ? errors.join('; ') : (errors ?? reason));
}

function deliveryRow({ attempts, ...delivery }: Delivery): DeliveryRow {
	const last = attempts.at(-1);
	const { id, at, kind, topic, url, state, resourceId } = delivery;
	return {
		id,
		at,
		kind,
		topic,
		url,
		state,
		resourceId,
		status: last?.status ?? null,
		error: last?.error ?? null,
		attempts: attempts.length,
	};
}

function payerText({ kind, payer }: Transaction): string {
	return kind === 'buygoods' ? `${nameOf(payer)}, ${payer}` : payer;
}

function nameOf(phone: string): string {
	const { firstName, lastName } = ownerOf(phone);
	return `${firstName} ${lastName}`;
}

function latest<T>(items: T[]): T[] {
	return items.slice(-MAX_FINISHED);
}
