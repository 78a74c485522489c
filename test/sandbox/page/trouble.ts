import type { FaultInjector, FaultRuleInput } from '../faultInjection';

/** A fault that the page offers as a switch. */
interface Trouble {
	name: string;
	title: string;
	/** What a user of the nodes sees while it is on. */
	effect: string;
	rule: FaultRuleInput;
}

/** A switch and its state. */
export interface TroubleView extends Trouble {
	/** The rules to remove to turn it off; empty while it is off. */
	ruleIds: number[];
	/** How many requests it has changed since it was turned on. */
	hits: number;
}

const WRITES = { method: 'POST', path: '/api/*' };

/** The switches of the page. Each rule is unlike the others, because switches are recognized by their rules. */
const TROUBLES: Trouble[] = [
	{
		name: 'slow',
		title: 'Slow responses',
		effect: 'Every request takes 5 seconds longer. The node waits, and nothing else changes.',
		rule: { kind: 'latency', ms: 5_000, path: '/api/*' },
	},
	{
		name: 'tooManyRequests',
		title: 'Too many requests (429)',
		effect:
			'Nothing was processed, so the node sends the request again, up to three times, 5 seconds apart. If you turn this off in time, it succeeds. Otherwise the error says that Kopo Kopo is receiving too many requests.',
		rule: { kind: 'tooManyRequests', retryAfterSeconds: 5, path: '/api/*' },
	},
	{
		name: 'errorBefore',
		title: 'Server error (500) before processing',
		effect:
			'No customer is asked and no money moves, but the node cannot know that. It does not send the request again. The item has the outcome unknown, and its message says what to check.',
		rule: { kind: 'serverError', when: 'before', ...WRITES },
	},
	{
		name: 'errorAfter',
		title: 'Server error (500) after processing',
		effect:
			'The request is carried out, but the node gets the same response and outputs the same item, with the outcome unknown. Sending it again could pay twice.',
		rule: { kind: 'serverError', when: 'after', ...WRITES },
	},
	{
		name: 'cutBefore',
		title: 'Connection cut before processing',
		effect:
			'The request never reaches Kopo Kopo. The node does not send it again. The item has the outcome unknown, because the connection was lost before the response arrived.',
		rule: { kind: 'reset', when: 'before', ...WRITES },
	},
	{
		name: 'cutAfter',
		title: 'Connection cut after processing',
		effect:
			'The request is carried out, and only the response is lost. In n8n, it looks the same as a connection that was cut before processing.',
		rule: { kind: 'reset', when: 'after', ...WRITES },
	},
	{
		name: 'expiredToken',
		title: 'Expired access token, once',
		effect:
			'The next request is answered with 401. The node gets a new access token and sends the request again. The workflow does not notice.',
		rule: { kind: 'expiredToken', next: 1, path: '/api/*' },
	},
];

/** The state of each switch, given the rules that are active. */
export function troubleViews(rules: FaultInjector['rules']): TroubleView[] {
	return TROUBLES.map((trouble) => {
		const active = rules.filter(
			({ rule, remaining }) => remaining !== 0 && matches(rule, trouble.rule),
		);
		return {
			...trouble,
			ruleIds: active.map(({ id }) => id),
			hits: active.reduce((sum, { hits }) => sum + hits, 0),
		};
	});
}

function matches(rule: object, wanted: object): boolean {
	const given: Record<string, unknown> = { ...rule };
	return Object.entries(wanted).every(([key, value]) => given[key] === value);
}
