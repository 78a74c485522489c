import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import type { RequestEntry } from '../sandbox/ledger';
import type { Sandbox } from '../sandbox/server';
import type { FaultRule, FaultRuleInput } from '../sandbox/faultInjection';
import { payoutRequests, phoneOf, type Payee } from './payouts';

/** Longer than the node waits before a retry. */
const BAN_SECONDS = 3600;

/**
 * Random faults for every request, token requests included. The ban of one hour makes items fail, because
 * the node does not wait that long.
 */
export function randomFaults(maxLatencyMs: number): FaultRuleInput[] {
	return [
		{ kind: 'latency', ms: [0, maxLatencyMs] },
		{ kind: 'tooManyRequests', probability: 0.05, retryAfterSeconds: 0.05 },
		{ kind: 'tooManyRequests', probability: 0.02, retryAfterSeconds: BAN_SECONDS },
		{ kind: 'serverError', when: 'before', probability: 0.02, status: 503 },
		{ kind: 'serverError', when: 'after', probability: 0.02, status: 500 },
		{ kind: 'reset', when: 'before', probability: 0.02 },
		{ kind: 'reset', when: 'after', probability: 0.02 },
		{ kind: 'halfBody', probability: 0.02 },
		{ kind: 'expiredToken', probability: 0.01 },
	];
}

/** Faults after which the client cannot know whether the request was processed. */
const AMBIGUOUS = /^\d+:(serverError|reset)$/;

/** What the node reported for all payees, compared with the sandbox's ledger. */
export interface Audit {
	items: number;
	/** Number of payout requests. */
	payoutRequests: number;
	/** Number of faults on payout requests, by kind. */
	faults: Record<string, number>;
	/** Number of items by their outcome; 'error' for an error item. */
	outcomes: Record<string, number>;
	/** Number of ambiguous faults on payout requests. */
	ambiguous: number;
	/** Number of payees who were paid more than once. */
	doublePayments: number;
	/** Differences between the items and the ledger, in words. */
	mismatches: string[];
}

/** The sandbox's records grouped by phone number, so that looking up a payee does not scan them all. */
class SandboxRecords {
	private readonly requests = new Map<string, RequestEntry[]>();
	private readonly amountsPaid = new Map<string, number[]>();

	constructor({ ledger }: Sandbox) {
		for (const request of payoutRequests(ledger.requests)) {
			append(this.requests, phoneOf(request), request);
		}
		for (const { phone, to, amount } of ledger.movements) {
			append(this.amountsPaid, phone?.slice(1) ?? to, amount);
		}
	}

	of({ phone }: Payee) {
		const internationalPhone = phone.replace(/^0/, '254');
		const requests = this.requests.get(internationalPhone) ?? [];
		return {
			requests,
			accepted: requests.filter(({ processed }) => processed),
			ambiguous: requests.filter(({ faults }) => faults.some((label) => AMBIGUOUS.test(label))),
			amountsPaid: this.amountsPaid.get(internationalPhone) ?? [],
		};
	}
}

function append<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
	const list = lists.get(key);
	if (list) list.push(value);
	else lists.set(key, [value]);
}

/**
 * Compares what the node reported for each payee with what the sandbox did. The sandbox must be set to
 * complete transfers, and its ledger must contain no other payouts.
 * @param items the node's items of all outputs; each is linked to the index of its payee
 */
export async function audit(
	sandbox: Sandbox,
	people: Payee[],
	items: INodeExecutionData[],
): Promise<Audit> {
	await sandbox.untilIdle();
	const records = new SandboxRecords(sandbox);
	const requests = payoutRequests(sandbox.ledger.requests);
	const result: Audit = {
		items: people.length,
		payoutRequests: requests.length,
		faults: {},
		outcomes: {},
		ambiguous: 0,
		doublePayments: 0,
		mismatches: [],
	};
	const faultNames = new Map(
		sandbox.faults.rules.map(({ id, rule }) => [String(id), nameOf(rule)]),
	);
	for (const label of requests.flatMap(({ faults }) => faults)) {
		const [id = '', kind = ''] = label.split(':');
		count(result.faults, faultNames.get(id) ?? kind);
	}

	const itemsByPayee = new Map<number, IDataObject[]>();
	for (const { json, pairedItem } of items) {
		append(itemsByPayee, (pairedItem as { item: number }).item, json);
	}
	let attributedRequests = 0;
	people.forEach((payee, index) => {
		const record = records.of(payee);
		attributedRequests += record.requests.length;
		result.ambiguous += record.ambiguous.length;
		if (record.accepted.length > 1 || record.amountsPaid.length > 1) result.doublePayments += 1;
		const [json = {}, ...more] = itemsByPayee.get(index) ?? [];
		const outcome = json.error === undefined ? String(json.outcome) : 'error';
		count(result.outcomes, outcome);
		const mismatch =
			more.length > 0 ? `${more.length + 1} items` : findMismatch(payee, outcome, json, record);
		if (mismatch !== undefined) result.mismatches.push(`${payee.phone} is ${outcome}: ${mismatch}`);
	});
	if (attributedRequests !== requests.length) {
		result.mismatches.push(`${requests.length - attributedRequests} requests belong to no payee`);
	}
	const unknown = result.outcomes.unknown ?? 0;
	if (unknown !== result.ambiguous) {
		result.mismatches.push(`${unknown} unknown items for ${result.ambiguous} ambiguous faults`);
	}
	return result;
}

function nameOf(fault: FaultRule): string {
	if (fault.kind === 'tooManyRequests') {
		return fault.retryAfterSeconds === BAN_SECONDS ? 'ban for an hour' : 'too many requests';
	}
	return 'when' in fault ? `${fault.kind} ${fault.when}` : fault.kind;
}

function count(counts: Record<string, number>, name: string): void {
	counts[name] = (counts[name] ?? 0) + 1;
}

/** How the item of a payee differs from the sandbox's records; undefined if it does not. */
function findMismatch(
	{ amount }: Payee,
	outcome: string,
	json: IDataObject,
	{ accepted, ambiguous, amountsPaid }: ReturnType<SandboxRecords['of']>,
): string | undefined {
	if (accepted.length > 1) return `accepted ${accepted.length} times`;
	if (amountsPaid.length !== accepted.length) return `paid ${amountsPaid.length} times`;
	if (amountsPaid.some((paid) => paid !== amount)) {
		return `paid ${amountsPaid.join(' and ')} instead of ${amount}`;
	}
	switch (outcome) {
		case 'pending':
			if (accepted.length === 0) return 'never accepted';
			return json.id === accepted[0]?.resourceId ? undefined : 'has the id of another payout';
		case 'unknown':
			if (json.id !== undefined) return 'has an id';
			return ambiguous.length === 1 ? undefined : `${ambiguous.length} ambiguous faults`;
		case 'error':
			if (accepted.length > 0 || ambiguous.length > 0) return 'may have been processed';
			// Items on n8n's error output have no details.
			return ((json.details ?? { outcome: 'failure' }) as IDataObject).outcome === 'failure'
				? undefined
				: 'its outcome is not failure';
		default:
			return 'not an outcome of a payout';
	}
}
