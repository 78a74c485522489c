import { itemsOf } from '../support/executions';
import { sharedTestEnvironment } from '../support/sharedTestEnvironment';
import {
	acceptedPaymentRequests,
	paymentRequests,
	waitForPaymentRequests,
} from '../support/testEnvironment';
import { KOPO_KOPO, START } from '../support/workflows';

const COUNT = 50;

const testEnv = sharedTestEnvironment();

it.each(['expired', 'revoked'] as const)(
	'renews a token that is %s during a run once, and requests each payment once',
	async (ending) => {
		const { n8n, sandbox } = testEnv;
		await sandbox.reset();
		// Slow enough for the token to end while requests are in flight.
		sandbox.faults.add({ kind: 'latency', ms: 30, path: '/api/v2/incoming_payments' });
		const id = await testEnv.savePaymentRequest({
			items: Array.from({ length: COUNT }, (_, index) => ({ amount: 100 + index })),
			parameters: { amount: '={{ $json.amount }}' },
		});

		const run = await n8n.run(id, START);
		await waitForPaymentRequests(sandbox, 10);
		const tokensBefore = sandbox.ledger.tokens.length;
		sandbox.tokens.invalidate(undefined, ending);
		const execution = await n8n.waitForExecution(run);

		expect(execution.status).toBe('success');
		expect(sandbox.ledger.tokens.length - tokensBefore).toBe(1);
		const accepted = acceptedPaymentRequests(sandbox);
		expect(accepted.map(({ resourceId }) => resourceId).sort()).toEqual(
			itemsOf(execution, KOPO_KOPO)
				.map(({ json }) => json.id)
				.sort(),
		);
		const amounts = accepted.map(({ body }) => (body as { amount: { value: unknown } }).amount);
		expect(new Set(amounts.map(({ value }) => Number(value))).size).toBe(COUNT);
		expect(accepted).toHaveLength(COUNT);
		// Some requests were rejected, all of them because of their token.
		const rejected = paymentRequests(sandbox).filter(({ processed }) => !processed);
		expect(rejected.length).toBeGreaterThan(0);
		expect(rejected.every(({ status }) => status === 401)).toBe(true);
	},
);
