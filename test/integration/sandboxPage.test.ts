import { statSync } from 'fs-extra';
import { request } from 'undici';

import { startSandbox } from '../sandbox/server';
import type { PageView } from '../sandbox/page/view';
import { waitFor } from '../support/waitFor';
import { INCOMING_PAYMENTS, merchant, sandbox, SEND_MONEY, setUpSandbox } from './sandboxSetup';

const setup = setUpSandbox();

async function control(path: string, body: unknown = {}, headers?: Record<string, string>) {
	return await merchant.call('POST', `${sandbox.controlUrl}${path}`, body, headers);
}

/** An open page: the view as it has arrived so far, and a function that closes it. */
async function openPage(url = sandbox.url) {
	const { body } = await request(`${url}/phone/events`);
	const page = { view: undefined as PageView | undefined, close: () => body.destroy() };
	body.on('error', () => undefined);
	let text = '';
	body.on('data', (chunk: Buffer) => {
		text += chunk.toString();
		const events = text.split('\n\n');
		text = events.pop() ?? '';
		for (const event of events) {
			const changes = JSON.parse(event.split('data: ')[1] ?? '{}') as Partial<PageView>;
			page.view = { ...page.view, ...changes } as PageView;
		}
	});
	await waitFor('the first view', 5_000, () => page.view);
	return page;
}

const phoneOf = (view: PageView | undefined, phone: string) =>
	view?.phones.find((one) => one.phone === phone);

describe('the page', () => {
	it('is served with its files, which load nothing from elsewhere and are small', async () => {
		const page = await merchant.call('GET', sandbox.pageUrl);
		expect(page).toMatchObject({
			status: 200,
			headers: {
				'content-type': 'text/html; charset=utf-8',
				'content-security-policy': expect.stringContaining("default-src 'none'") as string,
			},
		});
		expect(page.text).not.toMatch(/https?:|style=|\son\w+=/);
		const files = ['phone.html', 'phone.css', 'phone.js', 'icon.svg'];
		const sizes = files.map((file) => statSync(`test/sandbox/page/public/${file}`).size);
		expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(100_000);
		for (const file of files) {
			expect((await merchant.call('GET', `/phone/${file}`)).status).toBe(200);
		}
	});

	it('is where the addresses that people try lead to', async () => {
		for (const path of ['/', '/control', '/control/']) {
			expect(await merchant.call('GET', path)).toMatchObject({
				status: 302,
				headers: { location: '/phone' },
			});
		}
		expect((await merchant.call('GET', '/links/unknown')).text).toContain('<html');
		expect(sandbox.ledger.requests).toHaveLength(1);
	});
});

describe('a person at the page', () => {
	it('answers instead of the customer, and automatic customers go on afterwards', async () => {
		sandbox.customer.addBehaviour({ action: 'pay' });
		const page = await openPage();
		const answered = await merchant.create(INCOMING_PAYMENTS, setup.incomingPayment());
		const left = await merchant.create(INCOMING_PAYMENTS, setup.incomingPayment());
		await sandbox.untilIdle();
		expect(sandbox.ledger.movements).toEqual([]);
		await waitFor('both prompts', 5_000, () => {
			return phoneOf(page.view, '+254999999999')?.prompts.length === 2;
		});
		expect(phoneOf(page.view, '+254999999999')?.prompts[0]).toMatchObject({
			id: answered,
			tillName: 'Njeri Stores Wholesale',
			amount: 100,
			expiresAt: expect.any(String) as string,
		});

		sandbox.customer.refuse(answered);
		page.close();
		const movement = await waitFor('the payment after the page was closed', 10_000, () => {
			return sandbox.ledger.movements[0];
		});
		expect(movement.resourceId).toBe(left);
		expect(sandbox.ledger.movements).toHaveLength(1);
	});

	it('pays with the right PIN, and fails with a wrong one or with too little money', async () => {
		const pay = async (pin: string, value: number) => {
			const id = await merchant.create(INCOMING_PAYMENTS, {
				...setup.incomingPayment(),
				amount: { currency: 'KES', value },
			});
			const { json } = await control('/customer/enter-pin', { id, pin });
			return [json.result, JSON.stringify(sandbox.status(id))];
		};
		expect(await pay('0000', 10)).toEqual([
			'wrongPin',
			expect.stringContaining('The initiator information is invalid.'),
		]);
		expect(await pay('1234', 100_001)).toEqual([
			'insufficient',
			expect.stringContaining('The balance is insufficient'),
		]);
		expect(await pay('1234', 100_000)).toEqual(['paid', expect.stringContaining('Success')]);
		expect(await pay('1234', 1)).toEqual([
			'insufficient',
			expect.stringContaining('The balance is insufficient'),
		]);
		expect(sandbox.ledger.totals.in).toBe(100_000);
	});

	it('lets a prompt time out, which ends a request but no payment link', async () => {
		const impatient = await startSandbox({ port: 0, promptLifetimeMs: 200 });
		const page = await openPage(impatient.url);
		const call = async (path: string, body: unknown) => {
			const response = await request(`${impatient.url}${path}`, {
				method: 'POST',
				headers: {
					'content-type': 'application/json',
					'user-agent': 'tests',
					authorization: `Bearer ${String(impatient.ledger.tokens[0]?.token)}`,
				},
				body: JSON.stringify(body),
			});
			return { ...response, id: String(response.headers.location).split('/').at(-1) ?? '' };
		};
		await call('/oauth/token', {
			client_id: impatient.clientId,
			client_secret: impatient.clientSecret,
			grant_type: 'client_credentials',
		});
		const { id } = await call(INCOMING_PAYMENTS, setup.incomingPayment());
		await waitFor('the end of the request', 5_000, () => {
			return JSON.stringify(impatient.status(id)).includes('The request timed out');
		});

		const link = await call('/api/v2/payment_links', {
			till_number: 'K000001',
			currency: 'KES',
			amount: 50,
			_links: { callback_url: setup.callbackUrl() },
		});
		await call('/control/customer/open-link', { id: link.id, phone: '0712345678' });
		await waitFor('the failed attempt', 5_000, () => {
			return JSON.stringify(impatient.status(link.id)).includes('The request timed out');
		});
		expect(JSON.stringify(impatient.status(link.id))).toContain('"Active"');
		page.close();
		await impatient.close();
	});

	it('opens a payment link on a phone and pays it there', async () => {
		const link = await merchant.create('/api/v2/payment_links', {
			till_number: 'K000001',
			currency: 'KES',
			amount: 50,
			note: 'Milk',
			_links: { callback_url: setup.callbackUrl() },
		});
		const page = await openPage();
		expect(page.view?.links).toMatchObject([{ id: link, note: 'Milk', status: 'Active' }]);
		const tooEarly = await control('/customer/enter-pin', { id: link, pin: '1234' });
		expect(tooEarly.status).toBe(409);
		await control('/customer/open-link', { id: link, phone: '0711000222' });
		await waitFor('the prompt', 5_000, () => {
			return phoneOf(page.view, '+254711000222')?.prompts.length === 1;
		});
		await control('/customer/enter-pin', { id: link, pin: '1234' });
		await waitFor('the message', 5_000, () => {
			return phoneOf(page.view, '+254711000222')?.messages.length === 1;
		});
		expect(phoneOf(page.view, '+254711000222')).toMatchObject({
			name: 'Amina Hassan',
			balance: 99_950,
			prompts: [],
			messages: [
				{
					kind: 'paid',
					text: expect.stringMatching(
						/^SBX\w{7} Confirmed\. Ksh50\.00 paid to NJERI STORES ONLINE on .* New M-PESA balance is Ksh99,950\.00\. Transaction cost, Ksh0\.00\.$/,
					) as string,
				},
			],
		});
		expect(page.view?.links).toMatchObject([
			{ status: 'Paid', receipt: expect.stringMatching(/^SBX/) as string },
		]);
		page.close();
	});

	it('sees what waits at the bank, and the messages of those who were paid', async () => {
		const destination = (phone_number: string, amount: number) => ({
			type: 'mobile_wallet',
			network: 'Safaricom',
			description: 'Salary',
			phone_number,
			amount,
		});
		const id = await merchant.create(SEND_MONEY, {
			...setup.payout(),
			destinations: [destination('254712345678', 700), destination('254722000111', 900)],
		});
		const page = await openPage();
		expect(page.view?.bank).toMatchObject([
			{
				id,
				isWaiting: true,
				amount: 1600,
				payouts: [
					{ name: 'Wanjiku Kamau', amount: 700 },
					{ name: 'Brian Otieno', amount: 900 },
				],
			},
		]);
		await control('/bank/partial', { id, cancelled: [0] });
		await waitFor('the message', 5_000, () => {
			return phoneOf(page.view, '+254722000111')?.messages.length === 1;
		});
		expect(page.view?.bank).toMatchObject([{ isWaiting: false, status: 'Partly transferred' }]);
		expect(phoneOf(page.view, '+254722000111')).toMatchObject({
			balance: 100_900,
			messages: [{ text: expect.stringContaining('You have received Ksh900.00') as string }],
		});
		expect(phoneOf(page.view, '+254712345678')?.messages).toEqual([]);
		page.close();
	});
});

describe('the tills and the limit', () => {
	it.each([
		[INCOMING_PAYMENTS, { till_number: 'K999999' }, 'Till number is invalid'],
		['/api/v2/payment_links', { till_number: '7600314301' }, 'Till number is invalid'],
		['/api/v2/payment_links', { till_number: '999999' }, 'Till number is invalid'],
		[SEND_MONEY, { source_identifier: '999999' }, 'Source identifier is invalid'],
		[
			'/api/v2/webhook_subscriptions',
			{ scope: 'till', scope_reference: '999999' },
			'Invalid scope reference',
		],
		['/api/v2/polling', { scope: 'till', scope_reference: '999999' }, 'Invalid scope reference'],
		[
			INCOMING_PAYMENTS,
			{ amount: { currency: 'KES', value: 250_001 } },
			'Amount must be less than or equal to 250000',
		],
		['/api/v2/payment_links', { amount: 250_001 }, 'Amount must be less than or equal to 250000'],
		[
			SEND_MONEY,
			{ destinations: [{ type: 'till', till_number: '1', amount: 250_001, description: 'x' }] },
			'Destination amount must be less than or equal to 250000',
		],
	])('reject %s with %j', async (path, wrong, message) => {
		const bodies: Record<string, Record<string, unknown>> = {
			[INCOMING_PAYMENTS]: setup.incomingPayment(),
			[SEND_MONEY]: setup.payout(),
			'/api/v2/payment_links': { till_number: '112233', currency: 'KES', amount: 1 },
			'/api/v2/webhook_subscriptions': {
				event_type: 'card_transaction_received',
				url: setup.callbackUrl(),
			},
			'/api/v2/polling': {
				from_time: '2026-01-01T00:00:00+03:00',
				to_time: '2026-01-02T00:00:00+03:00',
			},
		};
		const _links = { callback_url: setup.callbackUrl() };
		const { json } = await merchant.call('POST', path, { _links, ...bodies[path], ...wrong });
		expect(json).toEqual({ error_code: 400, error_message: message });
	});

	it('accept exactly the limit, and any amount to a bank account', async () => {
		await merchant.create(INCOMING_PAYMENTS, {
			...setup.incomingPayment(),
			amount: { currency: 'KES', value: 250_000 },
		});
		await merchant.create(SEND_MONEY, {
			...setup.payout(),
			destinations: [
				{
					type: 'bank_account',
					bank_branch_ref: 'ea2e79f7-35a1-486e-9e18-fe06589a9d7d',
					account_name: 'A',
					account_number: '1',
					amount: 900_000,
					description: 'x',
				},
			],
		});
	});
});

describe('payers', () => {
	it('always have a name, and the same one each time', async () => {
		const pay = async (phone_number: string, names = {}) => {
			const id = await merchant.create(INCOMING_PAYMENTS, {
				...setup.incomingPayment(),
				subscriber: { phone_number, ...names },
			});
			sandbox.customer.pay(id);
			const { resource } = sandbox.till.transactions.at(-1) ?? {};
			return `${String(resource?.sender_first_name)} ${String(resource?.sender_last_name)}`;
		};
		expect(await pay('+254712345678')).toBe('Wanjiku Kamau');
		const unknown = await pay('0700111222');
		expect(unknown).toMatch(/^[A-Z]\w+ [A-Z]\w+$/);
		expect(await pay('254700111222')).toBe(unknown);
		expect(await pay('+254712345678', { first_name: 'Joe', last_name: 'Buyer' })).toBe('Joe Buyer');
	});
});
