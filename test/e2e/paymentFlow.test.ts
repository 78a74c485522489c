import { itemsOf } from '../support/n8nClient';
import { sharedN8n } from '../support/sharedN8n';
import {
	ASK,
	paymentRequests,
	requestedPayments,
	setStage,
	START,
	SUCCESS,
	type Stage,
} from './stage';

let stage: Stage;

beforeAll(async () => {
	stage = await setStage(await sharedN8n());
});

afterAll(async () => await stage.close());

it('asks a customer, who pays, and starts the second workflow on the signed webhook', async () => {
	const { n8n, sandbox } = stage;
	const receiving = await stage.saveReceiving();
	expect(await n8n.activate(receiving)).toEqual({ status: 'published', errors: [] });
	const asking = await stage.saveAsking({
		parameters: { phoneNumber: '0712 345 678', amount: '1,500' },
	});

	const run = await n8n.run(asking, START);
	const [paymentId = ''] = await requestedPayments(sandbox, 1);
	sandbox.customer.pay(paymentId);
	const asked = await n8n.waitForExecution(run);
	const [received] = await n8n.waitForExecutions(receiving, 1);

	expect(asked.status).toBe('success');
	expect(itemsOf(asked, ASK)).toHaveLength(1);
	expect(itemsOf(asked, ASK)[0]?.json).toMatchObject({ id: paymentId, amount: 1500 });
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
	expect(await n8n.listExecutions(receiving)).toHaveLength(1);
});
