import { z } from 'zod';

const scope = {
	/** Any method when absent. */
	method: z.string().toUpperCase().optional(),
	/** Path in which `*` stands for any characters; any path when absent. */
	path: z.string().optional(),
	/** Applies to the next N matching requests and then ends; unlimited when absent. */
	next: z.number().int().positive().optional(),
	/** Chance per matching request, drawn from the seeded generator; certain when absent. */
	probability: z.number().min(0).max(1).optional(),
};
/** Whether the fault occurs before or after Kopo Kopo has processed the request. */
const when = z.enum(['before', 'after']).default('before');
const milliseconds = z.union([z.number().min(0), z.tuple([z.number().min(0), z.number().min(0)])]);

/** The rules that can be added, with their defaults. */
export const faultRule = z.discriminatedUnion('kind', [
	z.object({ ...scope, kind: z.literal('latency'), ms: milliseconds }),
	z.object({
		...scope,
		kind: z.literal('tooManyRequests'),
		when,
		retryAfterSeconds: z.number().min(0).nullable().default(1),
	}),
	z.object({
		...scope,
		kind: z.literal('serverError'),
		when,
		status: z.number().int().min(500).max(599).default(500),
		body: z.unknown().optional(),
	}),
	z.object({ ...scope, kind: z.literal('reset'), when }),
	z.object({ ...scope, kind: z.literal('halfBody') }),
	z.object({ ...scope, kind: z.literal('redirect'), location: z.string().optional() }),
	z.object({ ...scope, kind: z.literal('stall'), when }),
	z.object({ ...scope, kind: z.literal('expiredToken') }),
]);

/** A rule as a caller writes it, before the defaults are filled in. */
export type FaultRuleInput = z.input<typeof faultRule>;
export type FaultRule = z.output<typeof faultRule>;
/** A rule that changes what the caller gets, and not only when. */
export type Fault = Exclude<FaultRule, { kind: 'latency' }>;

interface ActiveRule {
	id: number;
	rule: FaultRule;
	matches: (method: string, path: string) => boolean;
	remaining: number;
	hits: number;
}

/** Mulberry32, a small generator that gives the same sequence for the same seed on every machine. */
function seededRandom(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
	};
}

function matcherFor(rule: FaultRule): ActiveRule['matches'] {
	const pattern =
		rule.path &&
		new RegExp(`^${rule.path.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*')}$`);
	return (method, path) =>
		(!rule.method || rule.method === method) && (!pattern || pattern.test(path));
}

/** The faults of one request. */
export interface InjectedFaults {
	latencyMs: number;
	fault: Fault | undefined;
	/** `id:kind` of every rule that applied, for the ledger. */
	labels: string[];
}

/** Makes requests fail or slow down as the rules say, repeatably for a given seed. */
export class FaultInjector {
	private active: ActiveRule[] = [];
	private random: () => number;
	private lastId = 0;

	constructor(private readonly initialSeed: number) {
		this.random = seededRandom(initialSeed);
	}

	/**
	 * Adds a rule and returns its ID. Latencies of several rules add up; of all other faults only
	 * the oldest matching rule applies. Throws a ZodError when the rule is invalid.
	 */
	add(input: FaultRuleInput): number {
		const rule = faultRule.parse(input);
		this.lastId += 1;
		this.active.push({
			id: this.lastId,
			rule,
			matches: matcherFor(rule),
			remaining: rule.next ?? Infinity,
			hits: 0,
		});
		return this.lastId;
	}

	/** The rules and how often each applied; `remaining` is null for an unlimited rule. */
	get rules(): Array<{ id: number; hits: number; remaining: number | null; rule: FaultRule }> {
		return this.active.map(({ id, hits, remaining, rule }) => ({
			id,
			hits,
			remaining: remaining === Infinity ? null : remaining,
			rule,
		}));
	}

	/** Restarts the random generator from this seed. */
	seed(seed: number): void {
		this.random = seededRandom(seed);
	}

	/** Removes one rule, or all of them. */
	clear(id?: number): void {
		this.active = id === undefined ? [] : this.active.filter((rule) => rule.id !== id);
	}

	/** Removes all rules and restarts IDs and random generator. */
	reset(): void {
		this.clear();
		this.lastId = 0;
		this.seed(this.initialSeed);
	}

	/** Decides the faults of one request and counts them against their rules. */
	draw(method: string, path: string): InjectedFaults {
		const injected: InjectedFaults = { latencyMs: 0, fault: undefined, labels: [] };
		for (const active of this.active) {
			const { rule } = active;
			if (active.remaining === 0 || !active.matches(method, path)) continue;
			if (rule.kind !== 'latency' && injected.fault) continue;
			if (rule.probability !== undefined && this.random() >= rule.probability) continue;
			active.remaining -= 1;
			active.hits += 1;
			injected.labels.push(`${active.id}:${rule.kind}`);
			if (rule.kind !== 'latency') injected.fault = rule;
			else if (typeof rule.ms === 'number') injected.latencyMs += rule.ms;
			else injected.latencyMs += rule.ms[0] + this.random() * (rule.ms[1] - rule.ms[0]);
		}
		return injected;
	}
}
