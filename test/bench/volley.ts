import { Pool } from 'undici';

/** One POST request, ready to send. */
export interface Letter {
	headers: Record<string, string>;
	body: string;
}

/** How a volley was taken. */
export interface Volley {
	/** From the first request to the last answer. */
	seconds: number;
	/** One for each answer, in ms. */
	latencies: number[];
	/** How many answers had which status. */
	statuses: Map<number, number>;
}

const ANSWER_WITHIN_MS = 60_000;

/** Posts every letter once, over this many connections that each wait for the answer. */
export async function fire(url: string, letters: Letter[], connections: number): Promise<Volley> {
	const { origin, pathname } = new URL(url);
	const pool = new Pool(origin, {
		connections,
		pipelining: 1,
		headersTimeout: ANSWER_WITHIN_MS,
		bodyTimeout: ANSWER_WITHIN_MS,
	});
	const latencies: number[] = [];
	const statuses = new Map<number, number>();
	const waiting = letters.values();
	const sender = async () => {
		for (const { headers, body } of waiting) {
			const sent = performance.now();
			const answer = await pool.request({ method: 'POST', path: pathname, headers, body });
			await answer.body.dump();
			latencies.push(performance.now() - sent);
			statuses.set(answer.statusCode, (statuses.get(answer.statusCode) ?? 0) + 1);
		}
	};
	const began = performance.now();
	try {
		await Promise.all(Array.from({ length: connections }, sender));
	} finally {
		await pool.destroy();
	}
	return { seconds: (performance.now() - began) / 1000, latencies, statuses };
}
