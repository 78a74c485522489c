import { sharedN8n } from '../support/sharedN8n';
import { errorOf, itemsOf } from '../support/executions';
import {
	createTestEnvironment,
	paymentRequests,
	type TestEnvironment,
} from '../support/testEnvironment';
import { FAILURE, KOPO_KOPO, START, SUCCESS } from '../support/workflows';

let testEnv: TestEnvironment;

beforeAll(async () => {
	testEnv = await createTestEnvironment(await sharedN8n());
});

beforeEach(async () => await testEnv.sandbox.reset({ keepTokens: true }));

afterAll(async () => await testEnv.close());

const items = [
	{ order: 'first', phone: '0712345678' },
	{ order: 'second', phone: '07123four5678' },
	{ order: 'third', phone: '0112345678' },
];
const parameters = { phoneNumber: '={{ $json.phone }}' };

async function runWith(onError?: 'continueRegularOutput' | 'continueErrorOutput') {
	const { n8n } = testEnv;
	const id = await testEnv.savePaymentRequest({ items, parameters, ...(onError && { onError }) });
	return await n8n.waitForExecution(await n8n.run(id, START));
}

it('stops at an item that cannot be right, naming the field and the item', async () => {
	const execution = await runWith();

	expect(execution.status).toBe('error');
	expect(errorOf(execution)).toContain('Phone Number');
	expect(execution.data.resultData.error).toMatchObject({ context: { itemIndex: 1 } });
	expect(paymentRequests(testEnv.sandbox).every(({ worked }) => worked)).toBe(true);
});

it('goes on with the other items when told to, each linked to its input', async () => {
	const execution = await runWith('continueRegularOutput');

	expect(execution.status).toBe('success');
	const given = itemsOf(execution, KOPO_KOPO);
	expect(given.map(({ pairedItem }) => pairedItem)).toEqual([
		{ item: 0 },
		{ item: 1 },
		{ item: 2 },
	]);
	expect(given[1]?.json.error).toContain('Phone Number');
	expect(given[0]?.json).toMatchObject({ phoneNumber: '+254712345678' });
	expect(given[2]?.json).toMatchObject({ phoneNumber: '+254112345678' });
	expect(paymentRequests(testEnv.sandbox)).toHaveLength(2);
});

it('sends the failed item, and only that, to the error branch', async () => {
	const execution = await runWith('continueErrorOutput');

	expect(execution.status).toBe('success');
	expect(itemsOf(execution, SUCCESS).map(({ json }) => json.phoneNumber)).toEqual([
		'+254712345678',
		'+254112345678',
	]);
	const failed = itemsOf(execution, FAILURE);
	expect(failed).toHaveLength(1);
	// n8n adds the input's own fields, so that the branch knows which one it was.
	expect(failed[0]?.json).toMatchObject({
		order: 'second',
		error: expect.stringContaining('Phone Number') as string,
	});
	expect(paymentRequests(testEnv.sandbox)).toHaveLength(2);
});

it.each(['reset', 'serverError'] as const)(
	'calls it unknown, not failed, when a request may have been carried out (%s)',
	async (kind) => {
		const { n8n, sandbox } = testEnv;
		sandbox.weather.add({ kind, when: 'after', path: '/api/v2/incoming_payments', next: 1 });
		const id = await testEnv.savePaymentRequest({ onError: 'continueErrorOutput' });
		const execution = await n8n.waitForExecution(await n8n.run(id, START));

		expect(execution.status).toBe('success');
		expect(itemsOf(execution, FAILURE)).toEqual([]);
		expect(itemsOf(execution, SUCCESS).map(({ json }) => json)).toEqual([
			expect.objectContaining({ outcome: 'unknown', isFinal: false }),
		]);
		expect(paymentRequests(sandbox)).toHaveLength(1);
	},
);
