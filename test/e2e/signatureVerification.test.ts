import { sign } from '../sandbox/deliveries';
import { jsonOf } from '../support/executions';
import { sharedN8n } from '../support/sharedN8n';
import { createTestEnvironment, type TestEnvironment } from '../support/testEnvironment';
import { PUBLISHED, SUCCESS } from '../support/workflows';
import {
	closeConnections,
	expectedStatuses,
	send,
	sendForgeries,
	type Forgery,
} from './forgedRequests';

const FORGERIES = 1000;
/** Every so many forgeries, one has a body of five megabytes. */
const LARGE_EVERY = 50;

let testEnv: TestEnvironment;

beforeAll(async () => {
	testEnv = await createTestEnvironment(await sharedN8n());
});

afterAll(async () => {
	await closeConnections();
	await testEnv?.close();
});

// Like Kopo Kopo's own bodies, it has spaces and a trailing zero that JSON.stringify would not write.
const genuine = (id: string) =>
	`{ "topic": "buygoods_transaction_received", "id": "${id}", "created_at": "2026-01-31T10:00:00+03:00", "event": { "type": "Buygoods Transaction", "resource": { "id": "r-${id}", "amount": 100.0, "currency": "KES", "reference": "REF-${id}", "status": "Received", "till_number": "K000001", "origination_time": "2026-01-31T10:00:00+03:00", "sender_phone_number": "+254712345678" } } }`;

/** Every kind of forged or damaged delivery. The index makes the body unique. */
function forgeries(url: string, apiKey: string, index: number): Forgery[] {
	const body = genuine(`forged-${index}`);
	const signature = sign(body, apiKey);
	const otherAmount = body.replace('100.0', '900.0');
	const reformatted = JSON.stringify(JSON.parse(body));
	const rejected = { url, body, expectedStatus: 401 };
	// n8n rejects invalid JSON before it calls the trigger.
	const unreadable = { url, expectedStatus: 422 };
	return [
		{ ...rejected, description: 'no signature' },
		{ ...rejected, description: 'an empty signature', signature: '' },
		{ ...rejected, description: 'a short signature', signature: signature.slice(0, -2) },
		{ ...rejected, description: 'a wrong key', signature: sign(body, 'another key') },
		{ ...rejected, description: 'a reformatted body', body: reformatted, signature },
		{ ...rejected, description: 'another amount', body: otherAmount, signature },
		{ ...rejected, description: 'no body', body: '', signature },
		{ ...unreadable, description: 'a truncated body', body: body.slice(0, -20), signature },
		{
			...unreadable,
			description: 'no JSON',
			body: `<xml>${index}</xml>`,
			signature: sign('', apiKey),
		},
	];
}

const LARGE_BODY = JSON.stringify({ LARGE: 'x'.repeat(5_000_000) });

it('starts an execution for each delivery that Kopo Kopo signed, and for no forgery', async () => {
	const { n8n, sandbox } = testEnv;
	const { apiKey } = sandbox;
	const id = await testEnv.saveTrigger();
	expect(await n8n.activate(id)).toEqual(PUBLISHED);
	const url = sandbox.ledger.subscriptions[0]?.url ?? '';

	const large: Forgery = {
		description: 'five megabytes',
		url,
		body: LARGE_BODY,
		signature: 'f'.repeat(64),
		expectedStatus: 401,
	};
	const forgeryAt = (index: number) => {
		const kinds = forgeries(url, apiKey, index);
		return (index % LARGE_EVERY === 0 ? undefined : kinds[index % kinds.length]) ?? large;
	};
	const statuses = await sendForgeries(FORGERIES, forgeryAt);
	expect(statuses).toEqual(expectedStatuses([...forgeries(url, apiKey, 0), large]));

	const signed = [
		{ body: genuine('plain'), write: (hex: string) => hex },
		{ body: genuine('upper'), write: (hex: string) => hex.toUpperCase() },
		{ body: genuine('prefixed'), write: (hex: string) => `sha256=${hex}` },
	];
	for (const { body, write } of signed) {
		expect(await send({ url, body, signature: write(sign(body, apiKey)) })).toBe(200);
	}

	const executions = await n8n.waitForExecutions(id, signed.length);
	expect(executions.map((execution) => jsonOf(execution, SUCCESS)[0]?.eventId)).toEqual([
		'plain',
		'upper',
		'prefixed',
	]);
	expect(await n8n.listExecutions(id)).toHaveLength(signed.length);
	expect(await n8n.isReady()).toBe(true);
	await n8n.deactivate(id);
});
