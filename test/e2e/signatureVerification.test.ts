import { createHmac } from 'node:crypto';
import { Agent, fetch } from 'undici';
import { sharedN8n } from '../support/sharedN8n';
import { itemsOf } from '../support/executions';
import { createTestEnvironment, type TestEnvironment } from '../support/testEnvironment';
import { SUCCESS } from '../support/workflows';

const FORGERIES = 1000;
const AT_ONCE = 20;
/** Few, since each of them is five megabytes. */
const LARGE_EVERY = 50;

let testEnv: TestEnvironment;
let address: string;

beforeAll(async () => {
	testEnv = await createTestEnvironment(await sharedN8n());
});

afterAll(async () => await testEnv.close());

// Kopo Kopo's own bytes have blanks and a decimal zero that JSON.stringify would not write.
const genuine = (id: string) =>
	`{ "topic": "buygoods_transaction_received", "id": "${id}", "created_at": "2026-01-31T10:00:00+03:00", "event": { "type": "Buygoods Transaction", "resource": { "id": "r-${id}", "amount": 100.0, "currency": "KES", "reference": "REF-${id}", "status": "Received", "till_number": "K000001", "origination_time": "2026-01-31T10:00:00+03:00", "sender_phone_number": "+254712345678" } } }`;

const sign = (body: string, key: string) => createHmac('sha256', key).update(body).digest('hex');

interface Forgery {
	what: string;
	body: string;
	signature?: string;
}

/** The ways in which somebody else, or a damaged line, could write; each gets a body of its own. */
function forgeries(apiKey: string): Array<(index: number) => Forgery> {
	const body = (index: number) => genuine(`forged-${index}`);
	return [
		(index) => ({ what: 'without a signature', body: body(index) }),
		(index) => ({ what: 'an empty signature', body: body(index), signature: '' }),
		(index) => ({
			what: 'a short signature',
			body: body(index),
			signature: sign(body(index), apiKey).slice(0, -2),
		}),
		(index) => ({
			what: 'a wrong key',
			body: body(index),
			signature: sign(body(index), 'another key'),
		}),
		(index) => ({
			what: 'written anew',
			body: JSON.stringify(JSON.parse(body(index))),
			signature: sign(body(index), apiKey),
		}),
		(index) => ({
			what: 'another amount',
			body: body(index).replace('100.0', '900.0'),
			signature: sign(body(index), apiKey),
		}),
		(index) => ({
			what: 'cut short',
			body: body(index).slice(0, -20),
			signature: sign(body(index), apiKey),
		}),
		(index) => ({ what: 'no JSON', body: `<xml>${index}</xml>`, signature: sign('', apiKey) }),
		(index) => ({ what: 'nothing at all', body: '', signature: sign(body(index), apiKey) }),
	];
}

const LARGE = 'x'.repeat(5_000_000);

// One connection for each that is under way, as a crowd of senders would have.
const dispatcher = new Agent({ connections: AT_ONCE });

async function deliver({ body, signature }: Omit<Forgery, 'what'>): Promise<number> {
	const response = await fetch(address, {
		method: 'POST',
		dispatcher,
		headers: {
			'content-type': 'application/json',
			...(signature !== undefined && { 'x-kopokopo-signature': signature }),
		},
		body,
	});
	await response.text();
	return response.status;
}

it('starts an execution for what Kopo Kopo signed, and for nothing else', async () => {
	const { n8n, sandbox } = testEnv;
	const { apiKey } = sandbox;
	const id = await testEnv.saveTrigger();
	await n8n.activate(id);
	address = sandbox.ledger.subscriptions[0]?.url ?? '';

	const kinds = forgeries(apiKey);
	const answers = new Map<string, Set<number>>();
	const send = async (index: number) => {
		const forgery =
			index % LARGE_EVERY === 0
				? { what: 'five megabytes', body: JSON.stringify({ LARGE }), signature: 'f'.repeat(64) }
				: kinds[index % kinds.length]?.(index);
		if (!forgery) return;
		const statuses = answers.get(forgery.what) ?? new Set<number>();
		answers.set(forgery.what, statuses.add(await deliver(forgery)));
	};
	for (let sent = 0; sent < FORGERIES; sent += AT_ONCE) {
		await Promise.all(
			Array.from({ length: AT_ONCE }, async (_, index) => await send(sent + index)),
		);
	}

	const signed = [
		{ body: genuine('plain'), write: (hex: string) => hex },
		{ body: genuine('upper'), write: (hex: string) => hex.toUpperCase() },
		{ body: genuine('prefixed'), write: (hex: string) => `sha256=${hex}` },
	];
	for (const { body, write } of signed) {
		expect(await deliver({ body, signature: write(sign(body, apiKey)) })).toBe(200);
	}

	const executions = await n8n.waitForExecutions(id, signed.length);
	expect(executions.map((execution) => itemsOf(execution, SUCCESS)[0]?.json.eventId)).toEqual([
		'plain',
		'upper',
		'prefixed',
	]);
	expect(await n8n.listExecutions(id)).toHaveLength(signed.length);

	// What is no JSON n8n itself turns away (422) before the trigger is asked.
	const noJson = new Set(['cut short', 'no JSON']);
	expect(answers.size).toBe(kinds.length + 1);
	for (const [what, statuses] of answers) {
		expect({ what, statuses: [...statuses] }).toEqual({
			what,
			statuses: [noJson.has(what) ? 422 : 401],
		});
	}
	expect(await n8n.isReady()).toBe(true);
	await n8n.deactivate(id);
});
