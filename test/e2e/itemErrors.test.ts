import { errorOf, itemsOf } from '../support/executions';
import { sharedTestEnvironment } from '../support/sharedTestEnvironment';
import { paymentRequests } from '../support/testEnvironment';
import { FAILURE, KOPO_KOPO, START, SUCCESS } from '../support/workflows';

const testEnv = sharedTestEnvironment();

beforeEach(async () => await testEnv.sandbox.reset({ keepTokens: true }));

const items = [
	{ order: 'first', phone: '0712345678' },
	{ order: 'second', phone: '07123four5678' },
	{ order: 'third', phone: '0112345678' },
];
const parameters = { phoneNumber: '={{ $json.phone }}' };

async function runWith(onError?: 'continueRegularOutput') {
	const { n8n } = testEnv;
	const id = await testEnv.savePaymentRequest({ items, parameters, ...(onError && { onError }) });
	return await n8n.waitForExecution(await n8n.run(id, START));
}

it('stops the execution with an error that names the field and the index of an invalid item', async () => {
	const execution = await runWith();

	expect(execution.status).toBe('error');
	expect(errorOf(execution)).toContain('Phone Number');
	expect(execution.data.resultData.error).toMatchObject({ context: { itemIndex: 1 } });
	expect(paymentRequests(testEnv.sandbox).every(({ processed }) => processed)).toBe(true);
});

it('sends the other items with On Error: Continue, each output linked to its input', async () => {
	const execution = await runWith('continueRegularOutput');

	expect(execution.status).toBe('success');
	const output = itemsOf(execution, KOPO_KOPO);
	expect(output.map(({ pairedItem }) => pairedItem)).toEqual([
		{ item: 0 },
		{ item: 1 },
		{ item: 2 },
	]);
	expect(output[1]?.json.error).toContain('Phone Number');
	expect(output[0]?.json).toMatchObject({ phoneNumber: '+254712345678' });
	expect(output[2]?.json).toMatchObject({ phoneNumber: '+254112345678' });
	expect(paymentRequests(testEnv.sandbox)).toHaveLength(2);
});

it.each(['reset', 'serverError'] as const)(
	'outputs an unknown outcome on the Success branch when a request may have been accepted (%s)',
	async (kind) => {
		const { n8n, sandbox } = testEnv;
		sandbox.faults.add({ kind, when: 'after', path: '/api/v2/incoming_payments', next: 1 });
		const id = await testEnv.savePaymentRequest({ onError: 'continueErrorOutput' });
		const execution = await n8n.waitForExecution(await n8n.run(id, START));

		expect(execution.status).toBe('success');
		expect(itemsOf(execution, FAILURE)).toEqual([]);
		expect(itemsOf(execution, SUCCESS).map(({ json }) => json)).toEqual([
			expect.objectContaining({ outcome: 'unknown' }),
		]);
		expect(paymentRequests(sandbox)).toHaveLength(1);
	},
);
