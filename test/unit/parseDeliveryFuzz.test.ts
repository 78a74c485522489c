import * as fc from 'fast-check';
import { isCallbackTopic } from '../../nodes/KopoKopo/domain/callbacks';
import { isTopic } from '../../nodes/KopoKopo/domain/eventCatalogue';
import { type Delivery, parseDelivery } from '../../nodes/KopoKopo/webhooks/parseDelivery';
import type { VerifiedBody } from '../../nodes/KopoKopo/webhooks/signature';
import { anyJson, LARGE, mutatedFixtures, RUNS } from './arbitraries';

const deliver = (bytes: Buffer) => parseDelivery(bytes as VerifiedBody);
const asBytes = (body: unknown) => Buffer.from(JSON.stringify(body));

describe('parseDelivery returns an event, or the reason why it is not recognized', () => {
	/** Checks that the delivery has a deduplication key and its whole body, and that n8n can store it. */
	function expectSound(delivery: Delivery, bytes: Buffer): void {
		const { kind, raw, topic } = delivery;
		expect(typeof raw.dedupeKey).toBe('string');
		expect(raw.dedupeKey).not.toBe('');
		expect(raw.isRecognized).toBe(kind === 'event');
		expect(JSON.stringify(delivery)).not.toBe('');
		if (kind === 'event') {
			expect(isTopic(topic) || isCallbackTopic(topic)).toBe(true);
			expect(['success', 'failure', 'partial', 'pending', 'unknown']).toContain(
				delivery.item.outcome,
			);
			expect(delivery.item.topic).toBe(topic);
			for (const name of ['eventId', 'id', 'status', 'reference', 'phoneNumber', 'sender']) {
				expect(['string', 'undefined']).toContain(typeof (delivery.item[name] ?? undefined));
			}
			// Only an event about money must have an amount.
			const needsAmount = isTopic(topic) && topic !== 'customer_created';
			expect(Number.isFinite(delivery.item.amount ?? (needsAmount ? NaN : 0))).toBe(true);
		} else {
			expect(typeof raw.reason).toBe('string');
		}
		// The body is kept unchanged, or as text if it is not JSON.
		let parsed: unknown = bytes.toString('utf8');
		try {
			parsed = JSON.parse(String(parsed));
		} catch {
			// Not JSON.
		}
		expect(raw.body).toEqual(parsed);
	}

	test('for any bytes', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
				expectSound(deliver(Buffer.from(bytes)), Buffer.from(bytes));
			}),
			{ numRuns: RUNS },
		);
	});

	test('for any JSON', () => {
		fc.assert(
			fc.property(anyJson, (body) => expectSound(deliver(asBytes(body)), asBytes(body))),
			{ numRuns: RUNS },
		);
	});

	test.each(['webhooks', 'results'])('for the fixtures in %s with any change', (folder) => {
		const kinds = new Set<string>();
		fc.assert(
			fc.property(mutatedFixtures(folder), ({ body }) => {
				if (body === undefined) return;
				const delivery = deliver(asBytes(body));
				kinds.add(delivery.kind);
				expectSound(delivery, asBytes(body));
			}),
			{ numRuns: RUNS },
		);
		expect(kinds).toEqual(new Set(['event', 'unrecognized']));
	});

	test('for a type or time that cannot be converted to text', () => {
		// JSON can contain a member named toString, and then String() throws.
		const odd = { toString: 1, valueOf: 1 };
		for (const body of [
			{ event: 'incoming_payment.completed', data: { type: odd } },
			{ TransactionType: 'Buygoods', TransID: 'OJM6Q1W84K', TransTime: odd, TransAmount: '100' },
			{ data: { type: 'polling', attributes: { transactions: [{ type: odd, resource: odd }] } } },
		]) {
			expectSound(deliver(asBytes(body)), asBytes(body));
		}
	});

	test.each<[string, string]>([
		['one text', JSON.stringify({ topic: 'x'.repeat(LARGE), event: {} })],
		['blanks', ' '.repeat(LARGE)],
		['brackets', '['.repeat(LARGE)],
		['nested lists', '['.repeat(LARGE / 2) + ']'.repeat(LARGE / 2)],
		['nested objects', `${'{"event":'.repeat(LARGE / 20)}0${'}'.repeat(LARGE / 20)}`],
		['digits for a time', JSON.stringify(daraja({ TransTime: '2'.repeat(LARGE) }))],
		['digits for an amount', JSON.stringify(daraja({ TransAmount: '9'.repeat(LARGE) }))],
		['blanks in an amount', JSON.stringify(daraja({ TransAmount: ` ${'1 '.repeat(LARGE)}` }))],
		['many keys', `{${Array.from({ length: 10_000 }, (_, i) => `"k${i}":"${i}"`).join()}}`],
		['one key many times', `{${'"topic":"x",'.repeat(15_000)}"event":{}}`],
		['escapes', JSON.stringify({ topic: '\u0000'.repeat(LARGE / 6), event: {} })],
	])('for 200 KB of %s', (_what, text) => {
		const { raw } = deliver(Buffer.from(text));

		expect(typeof raw.dedupeKey).toBe('string');
	});
});

function daraja(changed: object): object {
	return { TransactionType: 'Buygoods', TransID: 'OJM6Q1W84K', TransAmount: '100', ...changed };
}
