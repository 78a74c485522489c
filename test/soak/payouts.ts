import type { IDataObject, INodeExecutionData, INodeParameters } from 'n8n-workflow';
import type { RequestEntry } from '../sandbox/ledger';
import type { Sandbox } from '../sandbox/server';
import type { FaultRule, FaultRuleInput } from '../sandbox/faultInjection';

/** One payout: a person and a sum of their own, so that the ledger tells whose request is whose. */
export interface Payee extends IDataObject {
	phone: string;
	amount: number;
}

/** People with numbers and sums that nobody else has. */
export function payees(count: number, first = 0): Payee[] {
	return Array.from({ length: count }, (_, index) => ({
		phone: `07${String(10_000_000 + first + index)}`,
		amount: 100 + first + index,
	}));
}

/** Somebody whom the node refuses on every try, so that n8n tries everybody once more. */
export const NOBODY: Payee = { phone: '07twelve', amount: 100 };

/** Send Money, one mobile wallet for each item. */
export const PAY: INodeParameters = {
	resource: 'sendMoney',
	operation: 'toExternalRecipients',
	destinations: {
		mobileWallet: [
			{
				phoneNumber: '={{ $json.phone }}',
				amount: '={{ $json.amount }}',
				description: 'Salary',
			},
		],
	},
};

export const SEND_MONEY = '/api/v2/send_money';

/** Longer than the node waits. */
const BAN_SECONDS = 3600;

/**
 * Weather for every request, the exchange of tokens included. The ban of an hour is what makes an item
 * fail: the node does not wait for it.
 */
export function storms(latencyMs: number): FaultRuleInput[] {
	return [
		{ kind: 'latency', ms: [0, latencyMs] },
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

/** Requests that brought no answer, or one that says nothing of what was done. */
const AMBIGUOUS = /^\d+:(serverError|reset)$/;

export interface Audit {
	items: number;
	/** Requests for a payout. */
	posts: number;
	/** Of the requests for a payout, by kind. */
	weather: Record<string, number>;
	/** Items by what the node called them; an error item is 'error'. */
	outcomes: Record<string, number>;
	/** Ambiguous faults that struck a request for a payout. */
	ambiguous: number;
	/** People who were paid more than once. */
	doubles: number;
	/** What the node said and the ledger denies, in words. */
	mismatches: string[];
}

/** Everything that has reached the sandbox for somebody, read in one pass. */
class Evidence {
	private readonly asked = new Map<string, RequestEntry[]>();
	private readonly moved = new Map<string, number[]>();

	constructor({ ledger }: Sandbox) {
		for (const request of payoutRequests(ledger.requests)) {
			push(this.asked, phoneOf(request), request);
		}
		for (const { to, amount } of ledger.movements) {
			push(this.moved, / (254\d{9}) /.exec(to)?.[1] ?? to, amount);
		}
	}

	of({ phone }: Payee) {
		const bare = phone.replace(/^0/, '254');
		const requests = this.asked.get(bare) ?? [];
		return {
			requests,
			accepted: requests.filter(({ processed }) => processed),
			ambiguous: requests.filter(({ faults }) => faults.some((label) => AMBIGUOUS.test(label))),
			moved: this.moved.get(bare) ?? [],
		};
	}
}

function push<Value>(lists: Map<string, Value[]>, key: string, value: Value): void {
	const list = lists.get(key);
	if (list) list.push(value);
	else lists.set(key, [value]);
}

export function payoutRequests(requests: RequestEntry[]): RequestEntry[] {
	return requests.filter(({ method, path }) => method === 'POST' && path === SEND_MONEY);
}

/** The number of the one person whom a request pays. */
export function phoneOf({ body }: RequestEntry): string {
	const { destinations } = body as { destinations: Array<{ phone_number: string }> };
	return destinations[0]?.phone_number ?? '';
}

/**
 * Compares what the node said of everybody with what the sandbox did for them. The sandbox's bank must
 * have been told to transfer, and its ledger must hold nothing else.
 * @param given the node's items of all outputs, each linked to the person it is about
 */
export async function audit(
	sandbox: Sandbox,
	people: Payee[],
	given: INodeExecutionData[],
): Promise<Audit> {
	await sandbox.untilIdle();
	const evidence = new Evidence(sandbox);
	const posts = payoutRequests(sandbox.ledger.requests);
	const result: Audit = {
		items: people.length,
		posts: posts.length,
		weather: {},
		outcomes: {},
		ambiguous: 0,
		doubles: 0,
		mismatches: [],
	};
	const names = new Map(sandbox.faults.rules.map(({ id, rule }) => [String(id), nameOf(rule)]));
	for (const label of posts.flatMap(({ faults }) => faults)) {
		const [id = '', kind = ''] = label.split(':');
		count(result.weather, names.get(id) ?? kind);
	}

	const answers = new Map<number, IDataObject[]>();
	for (const { json, pairedItem } of given) {
		const { item } = pairedItem as { item: number };
		answers.set(item, [...(answers.get(item) ?? []), json]);
	}
	let known = 0;
	people.forEach((payee, index) => {
		const seen = evidence.of(payee);
		known += seen.requests.length;
		result.ambiguous += seen.ambiguous.length;
		if (seen.accepted.length > 1 || seen.moved.length > 1) result.doubles += 1;
		const [json = {}, ...more] = answers.get(index) ?? [];
		const outcome = json.error === undefined ? String(json.outcome) : 'error';
		count(result.outcomes, outcome);
		const why =
			more.length > 0 ? `${more.length + 1} items` : disagreement(payee, outcome, json, seen);
		if (why !== undefined) result.mismatches.push(`${payee.phone} is ${outcome}: ${why}`);
	});
	if (known !== posts.length) {
		result.mismatches.push(`${posts.length - known} requests are for nobody's payout`);
	}
	const unknown = result.outcomes.unknown ?? 0;
	if (unknown !== result.ambiguous) {
		result.mismatches.push(`${unknown} unknown items for ${result.ambiguous} ambiguous faults`);
	}
	return result;
}

function nameOf(rule: FaultRule): string {
	if (rule.kind === 'tooManyRequests') {
		return rule.retryAfterSeconds === BAN_SECONDS ? 'ban for an hour' : 'too many requests';
	}
	return 'when' in rule ? `${rule.kind} ${rule.when}` : rule.kind;
}

function count(counts: Record<string, number>, name: string): void {
	counts[name] = (counts[name] ?? 0) + 1;
}

/** What is wrong with a person's item, or undefined. */
function disagreement(
	{ amount }: Payee,
	outcome: string,
	json: IDataObject,
	{ accepted, ambiguous, moved }: ReturnType<Evidence['of']>,
): string | undefined {
	if (accepted.length > 1) return `accepted ${accepted.length} times`;
	if (moved.length !== accepted.length) return `paid ${moved.length} times`;
	if (moved.some((sum) => sum !== amount)) return `paid ${moved.join(' and ')} for ${amount}`;
	switch (outcome) {
		case 'pending':
			if (accepted.length === 0) return 'never accepted';
			return json.id === accepted[0]?.resourceId ? undefined : 'the id of another';
		case 'unknown':
			if (json.id !== null) return 'with an id';
			return ambiguous.length === 1 ? undefined : `${ambiguous.length} ambiguous faults`;
		case 'error':
			if (accepted.length > 0 || ambiguous.length > 0) return 'something may have been done';
			// On the error branch n8n has no room for details.
			return ((json.details ?? { outcome: 'failure' }) as IDataObject).outcome === 'failure'
				? undefined
				: 'not called failure';
		default:
			return 'no outcome of a payout';
	}
}
