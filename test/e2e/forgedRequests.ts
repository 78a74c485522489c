import { Agent, request } from 'undici';

/** How many requests are sent at the same time, each on its own connection. */
const CONCURRENCY = 20;

const dispatcher = new Agent({ connections: CONCURRENCY, headersTimeout: 60_000 });

/** A request to a webhook of n8n. */
export interface WebhookRequest {
	url: string;
	body: string;
	signature?: string;
	contentType?: string;
	method?: 'POST' | 'GET' | 'PUT';
}

/** A request that must have no effect, and the status that it must be answered with. */
export interface Forgery extends WebhookRequest {
	description: string;
	expectedStatus: number;
}

/** Sends a request; resolves with the status of the response. */
export async function send({
	url,
	body,
	signature,
	contentType = 'application/json',
	method = 'POST',
}: WebhookRequest): Promise<number> {
	const response = await request(url, {
		method,
		dispatcher,
		headers: {
			'content-type': contentType,
			...(signature !== undefined && { 'x-kopokopo-signature': signature }),
		},
		...(method !== 'GET' && { body }),
	});
	await response.body.dump();
	return response.statusCode;
}

/** Sends this many forgeries; resolves with the distinct statuses that each kind was answered with. */
export async function sendForgeries(
	count: number,
	forgeryAt: (index: number) => Forgery,
): Promise<Map<string, number[]>> {
	const statuses = new Map<string, number[]>();
	const sendOne = async (index: number) => {
		const forgery = forgeryAt(index);
		const status = await send(forgery);
		const known = statuses.get(forgery.description) ?? [];
		statuses.set(forgery.description, [...new Set([...known, status])]);
	};
	for (let sent = 0; sent < count; sent += CONCURRENCY) {
		await Promise.all(
			Array.from({ length: CONCURRENCY }, async (_, index) => await sendOne(sent + index)),
		);
	}
	return statuses;
}

/** What sendForgeries() resolves with if every kind was sent and always answered as expected. */
export const expectedStatuses = (kinds: Forgery[]) =>
	new Map(kinds.map(({ description, expectedStatus }) => [description, [expectedStatus]]));

/** Closes all connections. */
export const closeConnections = async () => await dispatcher.destroy();
