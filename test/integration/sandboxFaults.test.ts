import { startSandbox } from '../sandbox/server';
import { startTestMerchant } from '../support/testMerchant';
import { waitFor } from '../support/waitFor';
import { INCOMING_PAYMENTS, merchant, sandbox, SEND_MONEY, setUpSandbox } from './sandboxSetup';

const setup = setUpSandbox();

describe('fault injection', () => {
	it('rejects the next two requests to one path without processing them', async () => {
		sandbox.faults.add({
			kind: 'tooManyRequests',
			path: SEND_MONEY,
			next: 2,
			retryAfterSeconds: 7,
		});
		const otherPath = await merchant.call('POST', INCOMING_PAYMENTS, setup.incomingPayment());
		expect(otherPath.status).toBe(201);
		for (const status of [429, 429, 201]) {
			const response = await merchant.call('POST', SEND_MONEY, setup.payout());
			expect(response.status).toBe(status);
			expect(response.headers['retry-after']).toBe(status === 429 ? '7' : undefined);
		}
		expect(sandbox.ledger.requests.slice(-3)).toMatchObject([
			{ status: 429, processed: false, faults: ['1:tooManyRequests'] },
			{ status: 429, processed: false, faults: ['1:tooManyRequests'] },
			{ status: 201, processed: true, faults: [] },
		]);
		expect(sandbox.faults.rules).toMatchObject([{ id: 1, hits: 2, remaining: 0 }]);
	});

	it.each(['before', 'after'] as const)(
		'answers 5xx and resets the connection %s processing',
		async (when) => {
			sandbox.bank.addBehaviour({ action: 'transfer' });
			sandbox.faults.add({ kind: 'serverError', status: 503, when, next: 1 });
			expect((await merchant.call('POST', SEND_MONEY, setup.payout())).status).toBe(503);
			sandbox.faults.add({ kind: 'reset', when, next: 1 });
			await expect(merchant.call('POST', SEND_MONEY, setup.payout())).rejects.toThrow(
				/ECONNRESET|closed/,
			);
			await sandbox.untilIdle();
			const processed = when === 'after';
			expect(sandbox.ledger.requests.slice(-2)).toMatchObject([
				{ status: 503, outcome: 'responded', processed },
				{ status: null, outcome: 'reset', processed },
			]);
			expect(sandbox.ledger.movements).toHaveLength(processed ? 2 : 0);
			expect(merchant.received).toHaveLength(processed ? 2 : 0);
		},
	);

	it('sends half of the body of a GET, and of a create, which usually has none', async () => {
		const id = await merchant.create(INCOMING_PAYMENTS, setup.incomingPayment());
		sandbox.faults.add({ kind: 'halfBody', next: 2 });
		await expect(merchant.call('GET', `${INCOMING_PAYMENTS}/${id}`)).rejects.toThrow();
		await expect(
			merchant.call('POST', INCOMING_PAYMENTS, setup.incomingPayment()),
		).rejects.toThrow();
		expect(sandbox.ledger.requests.slice(-2)).toMatchObject([
			{ status: 200, outcome: 'truncated', processed: true },
			{ status: 201, outcome: 'truncated', processed: true },
		]);
	});

	it('delays a response by at least the latency', async () => {
		sandbox.faults.add({ kind: 'latency', ms: [30, 40], next: 1 });
		const started = Date.now();
		await merchant.call('GET', `${INCOMING_PAYMENTS}/x`);
		expect(Date.now() - started).toBeGreaterThanOrEqual(29);
	});

	it('redirects to https on the same host', async () => {
		sandbox.faults.add({ kind: 'redirect', next: 1 });
		const redirected = await merchant.call('POST', INCOMING_PAYMENTS, setup.incomingPayment());
		expect(redirected.status).toBe(302);
		expect(redirected.headers.location).toBe(
			`${sandbox.url.replace('http:', 'https:')}${INCOMING_PAYMENTS}`,
		);
	});

	it('expires the token of a request, also for later requests', async () => {
		sandbox.faults.add({ kind: 'expiredToken', next: 1 });
		const statusOfCreate = async () =>
			(await merchant.call('POST', INCOMING_PAYMENTS, setup.incomingPayment())).status;
		expect(await statusOfCreate()).toBe(401);
		expect(await statusOfCreate()).toBe(401);
		await merchant.signIn();
		expect(await statusOfCreate()).toBe(201);
	});

	it('leaves a request unanswered until the sandbox closes', async () => {
		const other = await startSandbox({ port: 0 });
		const caller = await startTestMerchant(other);
		other.faults.add({ kind: 'stall' });
		const stalled = caller.call('GET', INCOMING_PAYMENTS).catch((error: Error) => error.name);
		await waitFor('the request', 10_000, () => other.ledger.requests[0]?.outcome === 'stalled');
		expect(other.ledger.requests).toMatchObject([{ status: null, outcome: 'stalled' }]);
		await other.close();
		expect(await stalled).toMatch(/Error/);
		await caller.close();
	});

	it('repeats the same faults for the same seed', async () => {
		const statuses = async () => {
			const seen: number[] = [];
			for (let i = 0; i < 40; i += 1) {
				seen.push((await merchant.call('GET', `${INCOMING_PAYMENTS}/x`)).status);
			}
			return seen.join();
		};
		sandbox.faults.add({ kind: 'serverError', probability: 0.5 });
		sandbox.faults.seed(42);
		const first = await statuses();
		sandbox.faults.seed(42);
		expect(await statuses()).toBe(first);
		sandbox.faults.seed(43);
		expect(await statuses()).not.toBe(first);
		expect(first).toMatch(/500/);
		expect(first).toMatch(/404/);
	});
});
