import { itemsOf } from '../support/executions';
import { sharedN8n } from '../support/sharedN8n';
import {
	acceptedPaymentRequests,
	createTestEnvironment,
	paymentRequests,
	type TestEnvironment,
	waitForPaymentRequests,
} from '../support/testEnvironment';
import { KOPO_KOPO, START } from '../support/workflows';

const COUNT = 50;

let testEnv: TestEnvironment;

// A sandbox of its own for each test: with a token that an earlier one has left, the first requests are
// rejected once before the token ends, and a second time after it.
beforeEach(async () => {
	testEnv = await createTestEnvironment(await sharedN8n());
});

afterEach(async () => await testEnv.close());

it.each(['expired', 'revoked'] as const)(
	'renews a token that is %s during a run once, and requests each payment once',
	async (ending) => {
		const { n8n, sandbox } = testEnv;
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
