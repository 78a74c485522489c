/**
 * Measures how long the trigger needs to verify and parse one delivery, and prints microseconds as JSON. Runs
 * in a process of its own, on n8n's Node.js: `node --import tsx deliveryParsing.mjs <rounds>`.
 */

import { createHmac } from 'node:crypto';
import { parseDelivery } from '../../../nodes/KopoKopo/webhooks/parseDelivery.ts';
import { verifySignature } from '../../../nodes/KopoKopo/webhooks/signature.ts';

const [rounds] = process.argv.slice(2);

const API_KEY = 'a-key-of-the-bench';
const SIZES = [1_000, 10_000, 200_000];
const SAMPLE_MS = 60;

const measurements = SIZES.map((size) => {
	const body = bodyOf(size);
	const signature = createHmac('sha256', API_KEY).update(body).digest('hex');
	const verified = verifySignature(body, signature, API_KEY);
	if (verified === undefined || parseDelivery(verified).kind !== 'event') {
		throw new Error(`The delivery of ${size} bytes was not recognized as an event.`);
	}
	const steps = {
		signature: () => verifySignature(body, signature, API_KEY),
		parsing: () => parseDelivery(verified),
		baseline: () => {
			createHmac('sha256', API_KEY).update(body).digest();
			JSON.parse(body.toString('utf8'));
		},
		rejection: () => verifySignature(body, 'f'.repeat(64), API_KEY),
	};
	const samples = Object.fromEntries(Object.keys(steps).map((name) => [name, []]));
	for (let round = 0; round <= Number(rounds); round++) {
		for (const [name, step] of Object.entries(steps)) {
			const microseconds = time(step);
			if (round > 0) samples[name].push(microseconds);
		}
	}
	return { bytes: body.length, samples };
});
process.stdout.write(JSON.stringify(measurements));

/** A payment event, filled up to about this size with copies of its own record. */
function bodyOf(size) {
	const record = {
		id: '458712f-gr76y-24b9-40fc-ae57-2d35785760',
		amount: '100.0',
		status: 'Received',
		system: 'Lipa Na M-PESA',
		currency: 'KES',
		reference: 'OJM6Q1W84K',
		till_number: '000000',
		sender_phone_number: '+254999999999',
		origination_time: '2026-05-01T10:43:19+03:00',
		sender_first_name: 'Jane',
		sender_last_name: null,
		sender_middle_name: null,
	};
	const withRecords = (related) =>
		Buffer.from(
			JSON.stringify({
				topic: 'buygoods_transaction_received',
				id: '2133dbfb-24b9-40fc-ae57-2d7559785760',
				created_at: '2026-05-01T10:43:20+03:00',
				event: { type: 'Buygoods Transaction', resource: { ...record, related } },
				_links: {
					self: 'https://sandbox.kopokopo.com/webhook_events/2133dbfb-24b9-40fc-ae57-2d7559785760',
				},
			}),
		);
	const recordBytes = withRecords([record, record]).length - withRecords([record]).length;
	const missingBytes = Math.max(0, size - withRecords([]).length);
	return withRecords(new Array(Math.round(missingBytes / recordBytes)).fill(record));
}

/** Microseconds per call, averaged over SAMPLE_MS. */
function time(step) {
	const startedAt = process.hrtime.bigint();
	const end = startedAt + BigInt(SAMPLE_MS * 1_000_000);
	let calls = 0;
	let now = startedAt;
	do {
		for (let i = 0; i < 10; i++) step();
		calls += 10;
		now = process.hrtime.bigint();
	} while (now < end);
	return Number(now - startedAt) / 1000 / calls;
}
