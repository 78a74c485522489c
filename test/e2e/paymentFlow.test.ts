import { itemsOf } from '../support/executions';
import { sharedTestEnvironment } from '../support/sharedTestEnvironment';
import { paymentRequests, waitForPaymentRequests } from '../support/testEnvironment';
import { KOPO_KOPO, PUBLISHED, START, SUCCESS } from '../support/workflows';

const testEnv = sharedTestEnvironment();

it('requests a payment; when the customer pays, the webhook starts a second workflow', async () => {
	const { n8n, sandbox } = testEnv;
	const trigger = await testEnv.saveTrigger();
	expect(await n8n.activate(trigger)).toEqual(PUBLISHED);
	const request = await testEnv.savePaymentRequest({
		parameters: { phoneNumber: '0712 345 678', amount: '1,500' },
	});

	const run = await n8n.run(request, START);
	const [paymentId = ''] = await waitForPaymentRequests(sandbox, 1);
	sandbox.customer.pay(paymentId);
	const requested = await n8n.waitForExecution(run);
	const [received] = await n8n.waitForExecutions(trigger, 1);

	expect(requested.status).toBe('success');
	expect(itemsOf(requested, KOPO_KOPO)).toHaveLength(1);
	expect(itemsOf(requested, KOPO_KOPO)[0]?.json).toMatchObject({ id: paymentId, amount: 1500 });
	expect(paymentRequests(sandbox)).toHaveLength(1);

	const paid = sandbox.ledger.movements[0];
	expect(paid).toMatchObject({ direction: 'in', amount: 1500 });
	expect(received?.status).toBe('success');
	expect(received && itemsOf(received, SUCCESS).map(({ json }) => json)).toEqual([
		expect.objectContaining({
			topic: 'buygoods_transaction_received',
			outcome: 'success',
			amount: 1500,
			currency: 'KES',
			reference: paid?.reference,
			phoneNumber: '+254712345678',
			tillNumber: 'K000001',
		}),
	]);
	expect(await n8n.listExecutions(trigger)).toHaveLength(1);
});
