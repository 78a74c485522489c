import { createHash } from 'node:crypto';

import { readJsonSync } from 'fs-extra';

import { sign } from '../sandbox/deliveries';
import {
	INCOMING_PAYMENTS,
	type Json,
	merchant,
	sandbox,
	setUpSandbox,
	withOwnSandbox,
} from './sandboxSetup';

const setup = setUpSandbox();

describe('deliveries', () => {
	const webhooks = [
		['buygoods_transaction_received.k2', () => sandbox.till.buygoods({ till: '000000' })],
		['b2b_transaction_received.k2', () => sandbox.till.b2b()],
		['card_transaction_received.k2', () => sandbox.till.card()],
		['buygoods_transaction_reversed.k2', () => sandbox.till.reverse(sandbox.till.buygoods().id)],
		['b2b_transaction_reversed.k2', () => sandbox.till.reverse(sandbox.till.b2b().reference)],
		['card_transaction_voided.k2', () => sandbox.till.voidCard(sandbox.till.card().id)],
		['card_transaction_reversed.k2', () => sandbox.till.reverseCard(sandbox.till.card().id)],
		['customer_created.k2', () => sandbox.company.createCustomer()],
		[
			'settlement_transfer_completed.bank.k2',
			() => sandbox.company.settle({ amounts: [24452, 25000] }),
		],
		[
			'settlement_transfer_completed.wallet.k2.inferred',
			() => sandbox.company.settle({ to: 'wallet' }),
		],
	] as const;

	it.each(webhooks)('sends %s in the shape of its sample, signed', async (name, trigger) => {
		const { body: sample } = readJsonSync(`test/fixtures/webhooks/${name}.json`) as { body: Json };
		await setup.subscribe(String(sample.topic));
		trigger();
		await sandbox.untilIdle();
		const [delivery] = merchant.received;
		expect(merchant.received).toHaveLength(1);
		expect(delivery?.signature).toBe(sign(delivery?.body ?? '', sandbox.apiKey));
		const keys = (value: unknown): unknown =>
			typeof value === 'object' && value !== null
				? Object.fromEntries(
						Object.entries(value)
							.sort(([a], [b]) => (a < b ? -1 : 1))
							.map(([key, item]) => [key, keys(item)]),
					)
				: 'value';
		expect(keys(delivery?.json)).toEqual(keys(sample));
		const { type } = sample.event as { type: string };
		expect(delivery?.json).toMatchObject({ topic: sample.topic, event: { type } });
	});

	it('delivers an event to the subscriptions of its till and company, in the requested form', async () => {
		const event = 'buygoods_transaction_received';
		await setup.subscribe(event, { scope: 'till', scope_reference: 'K000000' });
		await setup.subscribe(event, { scope: 'till', scope_reference: '112233' });
		await setup.subscribe(event, {
			url: `${merchant.url}/daraja`,
			scope_reference: null,
			enable_daraja_payload: true,
		});
		await setup.subscribe('b2b_transaction_received');
		sandbox.customer.pay(await merchant.create(INCOMING_PAYMENTS, setup.incomingPayment()));
		await sandbox.untilIdle();
		expect(merchant.received.map(({ path }) => path).sort()).toEqual([
			'/daraja',
			'/result',
			'/webhook',
		]);
		const sample = readJsonSync(`test/fixtures/webhooks/${event}.daraja.json`) as { body: Json };
		const daraja = merchant.received.find(({ path }) => path === '/daraja')?.json ?? {};
		expect(Object.keys(daraja)).toEqual(Object.keys(sample.body));
		expect(daraja).toMatchObject({ TransAmount: '100.0', BusinessShortCode: 'K000000' });
		expect(daraja.TransTime).toMatch(/^\d{14}$/);
		const k2 = merchant.received.find(({ path }) => path === '/webhook')?.json as {
			event: { resource: Json };
		};
		const hash = createHash('sha256').update('254999999999');
		expect(k2.event.resource.hashed_sender_phone).toBe(hash.copy().digest('hex'));
		expect(daraja.MSISDN).toBe(hash.digest('base64'));
	});

	it('sends customer_created once per phone number when configured to', async () => {
		await withOwnSandbox({ announceCustomers: true }, async (own) => {
			await own.merchant.create('/api/v2/webhook_subscriptions', {
				event_type: 'customer_created',
				url: `${own.merchant.url}/webhook`,
				scope: 'company',
			});
			for (const phone of ['+254712345678', '+254712345678', '+254798765432']) {
				own.sandbox.till.buygoods({ phone });
			}
			await own.sandbox.untilIdle();
			const phones = own.merchant.received.map(
				({ json }) => JSON.stringify(json).match(/\+254\d{9}/)?.[0],
			);
			expect(phones.sort()).toEqual(['+254712345678', '+254798765432']);
		});
	});

	it('retries until a 2xx status, or until the retries are used up', async () => {
		merchant.statuses.push(500, 404);
		sandbox.customer.pay(await merchant.create(INCOMING_PAYMENTS, setup.incomingPayment()));
		await sandbox.untilIdle();
		merchant.statuses.push(500, 500, 500, 500);
		sandbox.customer.refuse(await merchant.create(INCOMING_PAYMENTS, setup.incomingPayment()));
		await sandbox.untilIdle();
		const attempts = sandbox.deliveries.log.map(({ state, attempts: tries }) => [
			state,
			...tries.map(({ status }) => status),
		]);
		expect(attempts).toEqual([
			['delivered', 500, 404, 200],
			['failed', 500, 500, 500],
		]);
		const sent = new Set(merchant.received.slice(0, 3).map(({ body }) => body));
		expect(sent.size).toBe(1);
		const unreachable = sandbox.send({ url: 'http://127.0.0.1:9/', body: '{}' });
		await sandbox.untilIdle();
		expect(unreachable).toMatchObject({ state: 'failed' });
		expect(unreachable.attempts).toHaveLength(3);
		expect(unreachable.attempts[0]?.error).toMatch(/\w/);
	});

	it('duplicates, loses, reorders and resends deliveries', async () => {
		const ids: string[] = [];
		for (const path of ['/a', '/b', '/c', '/d'])
			ids.push(await merchant.create(INCOMING_PAYMENTS, setup.incomingPayment(path)));
		const [a = '', b = '', c = '', d = ''] = ids;
		const paths = () => merchant.received.splice(0).map(({ path }) => path);
		sandbox.deliveries.duplicateNext(1, 2);
		sandbox.customer.pay(a);
		await sandbox.untilIdle();
		expect(paths()).toEqual(['/a', '/a', '/a']);
		sandbox.deliveries.loseNext();
		sandbox.customer.pay(b);
		await sandbox.untilIdle();
		expect(paths()).toEqual([]);
		sandbox.deliveries.hold();
		sandbox.customer.pay(c);
		sandbox.customer.pay(d);
		await sandbox.untilIdle();
		expect(paths()).toEqual([]);
		expect(await sandbox.deliveries.release('reverse')).toBe(2);
		expect(paths()).toEqual(['/d', '/c']);
		const lost = sandbox.deliveries.log.find(({ state }) => state === 'lost');
		sandbox.deliveries.resend(lost?.id ?? '');
		await sandbox.untilIdle();
		expect(paths()).toEqual(['/b']);
	});

	it('signs a delivery wrongly or not at all on request, and never calls a remote host', async () => {
		const body = '{"spaced":  1.0}';
		for (const signature of ['valid', 'prefixed', 'wrong', 'none'] as const) {
			sandbox.send({ url: `${merchant.url}/${signature}`, body, signature });
			await sandbox.untilIdle();
		}
		const digest = sign(body, sandbox.apiKey);
		expect(merchant.received.map(({ signature }) => signature)).toEqual([
			digest,
			`sha256=${digest}`,
			expect.not.stringMatching(digest),
			undefined,
		]);
		expect(merchant.received.every((received) => received.body === body)).toBe(true);
		const remote = sandbox.send({ url: 'https://webhook.site/x', body });
		await sandbox.untilIdle();
		expect(remote).toMatchObject({ state: 'blocked', attempts: [] });
	});

	it('computes the signatures of the test vectors', () => {
		for (const name of ['sdk.buygoods-received', 'raw-body.spaces-and-float']) {
			const vector = readJsonSync(`test/fixtures/signatures/${name}.json`) as {
				key: string;
				rawBody: string;
				header: Record<string, string>;
			};
			expect(sign(vector.rawBody, vector.key)).toBe(vector.header['X-KopoKopo-Signature']);
		}
	});
});
