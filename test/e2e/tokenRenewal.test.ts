import { sharedN8n } from '../support/sharedN8n';
import { itemsOf } from '../support/executions';
import {
	createTestEnvironment,
	paymentRequests,
	type TestEnvironment,
	waitForPaymentRequests,
} from '../support/testEnvironment';
import { KOPO_KOPO, START } from '../support/workflows';

const COUNT = 50;

let testEnv: TestEnvironment;

beforeAll(async () => {
	testEnv = await createTestEnvironment(await sharedN8n());
});

afterAll(async () => await testEnv.close());

it.each(['expired', 'revoked'] as const)(
	'renews a token that is %s in mid-run once, and asks nobody twice',
	async (ending) => {
		const { n8n, sandbox } = testEnv;
		await sandbox.reset();
		// Slow enough for the token to end while some are under way and most are still to come.
		sandbox.weather.add({ kind: 'latency', ms: 30, path: '/api/v2/incoming_payments' });
		const id = await testEnv.savePaymentRequest({
			items: Array.from({ length: COUNT }, (_, index) => ({ amount: 100 + index })),
			parameters: { amount: '={{ $json.amount }}' },
		});

		const run = await n8n.run(id, START);
		await waitForPaymentRequests(sandbox, 10);
		const tokensBefore = sandbox.ledger.tokens.length;
		sandbox.tokens.end(undefined, ending);
		const execution = await n8n.waitForExecution(run);

		expect(execution.status).toBe('success');
		expect(sandbox.ledger.tokens.length - tokensBefore).toBe(1);
		const carriedOut = paymentRequests(sandbox).filter(({ worked }) => worked);
		expect(carriedOut.map(({ resourceId }) => resourceId).sort()).toEqual(
			itemsOf(execution, KOPO_KOPO)
				.map(({ json }) => json.id)
				.sort(),
		);
		const amounts = carriedOut.map(({ body }) => (body as { amount: { value: unknown } }).amount);
		expect(new Set(amounts.map(({ value }) => Number(value))).size).toBe(COUNT);
		expect(carriedOut).toHaveLength(COUNT);
		// What was turned away was turned away for its token, and there was something to turn away.
		const refused = paymentRequests(sandbox).filter(({ worked }) => !worked);
		expect(refused.length).toBeGreaterThan(0);
		expect(refused.every(({ status }) => status === 401)).toBe(true);
	},
);
