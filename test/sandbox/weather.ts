import { z } from 'zod';

const aim = {
	/** Any method when absent. */
	method: z.string().toUpperCase().optional(),
	/** Path with `*` for any run of characters; any path when absent. */
	path: z.string().optional(),
	/** Strikes the next N matching requests and is then spent; unbounded when absent. */
	next: z.number().int().positive().optional(),
	/** Chance per matching request, drawn from the seeded generator; certain when absent. */
	probability: z.number().min(0).max(1).optional(),
};
const when = z.enum(['before', 'after']).default('before');
const span = z.union([z.number().min(0), z.tuple([z.number().min(0), z.number().min(0)])]);

export const weatherOrder = z.discriminatedUnion('kind', [
	z.object({ ...aim, kind: z.literal('latency'), ms: span }),
	z.object({
		...aim,
		kind: z.literal('tooManyRequests'),
		when,
		retryAfterSeconds: z.number().min(0).nullable().default(1),
	}),
	z.object({
		...aim,
		kind: z.literal('serverError'),
		when,
		status: z.number().int().min(500).max(599).default(500),
		body: z.unknown().optional(),
	}),
	z.object({ ...aim, kind: z.literal('reset'), when }),
	z.object({ ...aim, kind: z.literal('halfBody') }),
	z.object({ ...aim, kind: z.literal('redirect'), location: z.string().optional() }),
	z.object({ ...aim, kind: z.literal('stall'), when }),
	z.object({ ...aim, kind: z.literal('expiredToken') }),
]);

/** What a caller may order (before defaults are filled in). */
export type WeatherOrder = z.input<typeof weatherOrder>;
export type Weather = z.output<typeof weatherOrder>;
export type Latency = Extract<Weather, { kind: 'latency' }>;
export type Storm = Exclude<Weather, Latency>;

interface Front {
	id: number;
	order: Weather;
	matches: (method: string, path: string) => boolean;
	left: number;
	hits: number;
}

/** Mulberry32: small, quick, and the same sequence for the same seed on every machine. */
function seededRandom(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
	};
}

function matcher({ method, path }: Pick<Weather, 'method' | 'path'>): Front['matches'] {
	const pattern =
		path && new RegExp(`^${path.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*')}$`);
	return (asked, askedPath) =>
		(!method || method === asked) && (!pattern || pattern.test(askedPath));
}

export interface Forecast {
	latencyMs: number;
	storm: Storm | undefined;
	/** `id:kind` of everything that struck, for the ledger. */
	labels: string[];
}

/** Everything that goes wrong between a caller and Kopo Kopo, on order. */
export class WeatherStation {
	private fronts: Front[] = [];
	private random: () => number;
	private lastId = 0;

	constructor(private readonly firstSeed: number) {
		this.random = seededRandom(firstSeed);
	}

	/** Orders weather; latencies add up, of the rest the oldest matching order strikes alone. */
	add(asked: WeatherOrder): number {
		const order = weatherOrder.parse(asked);
		this.lastId += 1;
		this.fronts.push({
			id: this.lastId,
			order,
			matches: matcher(order),
			left: order.next ?? Infinity,
			hits: 0,
		});
		return this.lastId;
	}

	/** The orders with how often each struck; `left` is null for an unbounded one. */
	get orders(): Array<{ id: number; hits: number; left: number | null; order: Weather }> {
		return this.fronts.map(({ id, hits, left, order }) => ({
			id,
			hits,
			left: left === Infinity ? null : left,
			order,
		}));
	}

	seed(seed: number): void {
		this.random = seededRandom(seed);
	}

	clear(id?: number): void {
		this.fronts = id === undefined ? [] : this.fronts.filter((front) => front.id !== id);
	}

	reset(): void {
		this.clear();
		this.lastId = 0;
		this.seed(this.firstSeed);
	}

	/** Draws the weather of one request and spends the orders that strike it. */
	draw(method: string, path: string): Forecast {
		const forecast: Forecast = { latencyMs: 0, storm: undefined, labels: [] };
		for (const front of this.fronts) {
			const { order } = front;
			if (front.left === 0 || !front.matches(method, path)) continue;
			if (order.kind !== 'latency' && forecast.storm) continue;
			if (order.probability !== undefined && this.random() >= order.probability) continue;
			front.left -= 1;
			front.hits += 1;
			forecast.labels.push(`${front.id}:${order.kind}`);
			if (order.kind !== 'latency') forecast.storm = order;
			else if (typeof order.ms === 'number') forecast.latencyMs += order.ms;
			else forecast.latencyMs += order.ms[0] + this.random() * (order.ms[1] - order.ms[0]);
		}
		return forecast;
	}
}
