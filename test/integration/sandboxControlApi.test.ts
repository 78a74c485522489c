import { INCOMING_PAYMENTS, merchant, sandbox, SEND_MONEY, setUpSandbox } from './sandboxSetup';

const setup = setUpSandbox();

async function control(method: string, path: string, body?: unknown) {
	return await merchant.call(method, `${sandbox.controlUrl}${path}`, body);
}

describe('the control API', () => {
	it('lets the customer act once, and rejects what is impossible or unknown', async () => {
		const id = await merchant.create(INCOMING_PAYMENTS, setup.incomingPayment());
		const paid = await control('POST', '/customer/pay', { id });
		expect(paid.json).toEqual(sandbox.status(id));
		expect((await control('POST', '/customer/pay', { id })).status).toBe(409);
		expect((await control('POST', '/customer/pay', { id: 'x' })).status).toBe(404);
		expect((await control('POST', '/customer/dance', { id })).status).toBe(400);
		expect((await control('POST', '/customer/pay', {})).status).toBe(400);
	});

	it('adds and clears automatic behaviour', async () => {
		await control('POST', '/bank/behaviours', { action: 'transfer' });
		await control('DELETE', '/bank/behaviours');
		await control('POST', '/bank/behaviours', { action: 'cancel', times: 1 });
		const cancelled = await merchant.create(SEND_MONEY, setup.payout());
		const pending = await merchant.create(SEND_MONEY, setup.payout());
		expect((await control('POST', '/wait-until-idle')).status).toBe(200);
		expect(JSON.stringify(sandbox.status(cancelled))).toContain('Cancelled');
		expect(JSON.stringify(sandbox.status(pending))).toContain('Scheduled');
	});

	it('reverses a walk-in payment and sends any body', async () => {
		const walkIn = await control('POST', '/till/buygoods', { amount: 50, till: '112233' });
		await control('POST', '/till/reverse', { reference: walkIn.json.reference });
		await control('POST', '/send', {
			url: `${merchant.url}/raw`,
			body: { a: 1 },
			signature: 'wrong',
		});
		await control('POST', '/wait-until-idle');
		expect(merchant.received.at(-1)).toMatchObject({ path: '/raw', body: '{"a":1}' });
		const ledger = (await control('GET', '/ledger')).json;
		expect(ledger.totals).toMatchObject({ in: 50, out: 50 });
		expect(ledger.deliveries).toHaveLength(1);
	});

	it('adds and clears fault rules', async () => {
		const added = await control('POST', '/faults', { kind: 'serverError', path: '/oauth/*' });
		expect(added.json).toEqual({ id: 1 });
		expect((await merchant.call('POST', '/oauth/token', {})).status).toBe(500);
		expect((await control('POST', '/faults', { kind: 'unknown' })).status).toBe(400);
		await control('DELETE', '/faults');
		expect((await merchant.call('POST', '/oauth/token', {})).status).toBe(400);
	});

	it('empties the sandbox and invalidates tokens', async () => {
		const id = await merchant.create(INCOMING_PAYMENTS, setup.incomingPayment());
		await control('POST', '/reset', { keepTokens: true });
		expect((await control('GET', '/ledger')).json).toMatchObject({ requests: [], movements: [] });
		expect((await merchant.call('GET', `${INCOMING_PAYMENTS}/${id}`)).status).toBe(404);
		await control('POST', '/tokens/invalidate', {});
		expect((await merchant.call('GET', `${INCOMING_PAYMENTS}/${id}`)).status).toBe(401);
	});
});
