import { Pool } from 'undici';

/** A POST request, ready to send. */
export interface LoadRequest {
	headers: Record<string, string>;
	body: string;
}

export interface LoadResponse {
	status: number;
	body: string;
	latencyMs: number;
}

interface LoadOptions {
	/** Each connection waits for a response before it sends the next request. */
	connections: number;
	timeoutMs: number;
}

/**
 * Sends each request once to a URL. Rejects when a request gets no response.
 * @returns seconds from the first request to the last response
 */
export async function generateLoad<Request extends LoadRequest>(
	url: string,
	requests: Iterable<Request>,
	{ connections, timeoutMs }: LoadOptions,
	onResponse: (response: LoadResponse, request: Request) => void,
): Promise<number> {
	const { origin, pathname: path } = new URL(url);
	const timeouts = { headersTimeout: timeoutMs, bodyTimeout: timeoutMs };
	const pool = new Pool(origin, { connections, pipelining: 1, ...timeouts });
	// All connections take their requests from one iterator.
	const queue = requests[Symbol.iterator]();
	const sendInTurn = async () => {
		for (let next = queue.next(); !next.done; next = queue.next()) {
			const { headers, body } = next.value;
			const sentAt = performance.now();
			const response = await pool.request({ method: 'POST', path, headers, body });
			const text = await response.body.text();
			const latencyMs = performance.now() - sentAt;
			onResponse({ status: response.statusCode, body: text, latencyMs }, next.value);
		}
	};
	const startedAt = performance.now();
	try {
		await Promise.all(Array.from({ length: connections }, sendInTurn));
	} finally {
		await pool.destroy();
	}
	return (performance.now() - startedAt) / 1000;
}

/** Adds one to the count of a key. */
export function increment<Key>(counts: Map<Key, number>, key: Key): void {
	counts.set(key, (counts.get(key) ?? 0) + 1);
}
