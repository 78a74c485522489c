import { INCOMING_PAYMENTS, merchant, sandbox, SEND_MONEY, setUpSandbox } from './sandboxSetup';

const setup = setUpSandbox();

describe('the ledger', () => {
	it('records every movement of money with the request that caused it', async () => {
		sandbox.customer.addBehaviour({ action: 'refuse', times: 1 });
		sandbox.customer.addBehaviour({ action: 'pay', afterMs: 2 });
		sandbox.bank.addBehaviour({ action: 'transfer' });
		const calls = Array.from({ length: 30 }, async (_, index) =>
			index % 3 === 0
				? await merchant.create(SEND_MONEY, setup.payout())
				: await merchant.create(INCOMING_PAYMENTS, setup.incomingPayment()),
		);
		await Promise.all(calls);
		await sandbox.untilIdle();
		const { movements, requests, totals } = sandbox.ledger;
		expect(totals).toEqual({
			in: 19 * 100,
			out: 10 * 1200,
			balance: sandbox.openingBalance + 1900 - 12000,
		});
		expect(new Set(movements.map(({ resourceId }) => resourceId)).size).toBe(29);
		for (const { requestSeq, resourceId, direction, amount } of movements) {
			expect(requests[Number(requestSeq) - 1]).toMatchObject({
				resourceId,
				path: direction === 'in' ? INCOMING_PAYMENTS : SEND_MONEY,
				status: 201,
				userAgent: 'sandbox-tests/1.0',
				token: merchant.token,
			});
			expect(amount).toBe(direction === 'in' ? 100 : 1200);
		}
		expect(merchant.received).toHaveLength(30);
	});

	it('counts duplicate subscriptions', async () => {
		await setup.subscribe('customer_created');
		await setup.subscribe('customer_created');
		await setup.subscribe('card_transaction_received', {
			scope: 'till',
			scope_reference: '112233',
		});
		expect(sandbox.ledger.subscriptionCounts).toMatchObject([
			{ eventType: 'customer_created', scope: 'company', scopeReference: null, count: 2 },
			{ eventType: 'card_transaction_received', scope: 'till', scopeReference: '112233', count: 1 },
		]);
	});
});
