import type { Page } from 'playwright-core';

import { unusedCallbackUrl } from '../../nodes/KopoKopo/parsers/url';
import { sign } from '../sandbox/deliveries';
import { waitFor } from '../support/waitFor';
import { setUpPage } from './pageSetup';

const setup = setUpPage();

const panelOf = (page: Page, name: string) => page.getByRole('region', { name, exact: true });

describe('the till', () => {
	it('takes a payment of a customer, and reverses it', async () => {
		await setup.subscribe('buygoods_transaction_received');
		await setup.subscribe('buygoods_transaction_reversed');
		const page = await setup.open({ path: '/phone#till' });
		const form = page.getByRole('form', { name: 'A customer pays' });
		await form.getByLabel('Customer').selectOption({ label: 'Brian Otieno, 0722000111' });
		await form.getByLabel('Till').selectOption('112233');
		await form.getByLabel('Amount in KES').fill('250.50');
		await form.getByRole('button', { name: 'Pay' }).click();
		const payment = page.locator('#list-payments li').filter({ hasText: 'Brian Otieno' });
		await payment.getByText('KES 250.50').waitFor();
		const { reference } = setup.sandbox.till.transactions[0] ?? { reference: 'none' };
		expect(await payment.innerText()).toContain(`Receipt ${reference}`);

		await payment.getByRole('button', { name: /^Reverse/ }).click();
		await payment.getByText('Reversed', { exact: true }).waitFor();
		expect(await payment.getByRole('button').count()).toBe(0);
		await waitFor('both webhooks', 5_000, () => setup.merchant.received.length === 2);
		expect(setup.merchant.received[0]?.json).toMatchObject({
			topic: 'buygoods_transaction_received',
			event: { resource: { till_number: '112233', sender_first_name: 'Brian' } },
		});
		expect(setup.errors).toEqual([]);
	});

	it('takes payments of a business and by card, voids one, and settles', async () => {
		await setup.subscribe('settlement_transfer_completed');
		const page = await setup.open({ path: '/phone#till' });
		await page
			.getByRole('form', { name: 'Another business pays' })
			.getByRole('button', { name: 'Pay' })
			.click();
		await page
			.getByRole('form', { name: 'A card payment' })
			.getByRole('button', { name: 'Pay' })
			.click();
		const payments = page.locator('#list-payments li');
		await payments.nth(1).waitFor();
		expect(await payments.allInnerTexts()).toEqual([
			expect.stringContaining('450875XXXXXX1019'),
			expect.stringContaining('889900'),
		]);
		await payments.first().getByRole('button', { name: /^Void/ }).click();
		await payments.first().getByText('Reversed', { exact: true }).waitFor();
		const settlement = page.getByRole('form', { name: 'A settlement' });
		await settlement.getByLabel('To').selectOption('wallet');
		await settlement.getByRole('button', { name: 'Settle' }).click();
		await waitFor('the webhook', 5_000, () => setup.merchant.received[0]);
		expect(setup.merchant.received[0]?.body).toContain('Mobile Wallet');
		expect(setup.sandbox.till.transactions.map(({ status }) => status)).toEqual([
			'Complete',
			'Reversed',
		]);
	});

	it.each([
		['A customer pays', 'Pay', /^KES 250 received at \d\d:\d\d:\d\d, receipt SBX\w+\.$/],
		['Another business pays', 'Pay', /^KES 12,000 received at .*, receipt SBX\w+\.$/],
		['A card payment', 'Pay', /^KES 3,200 received at .*, receipt SBX\w+\.$/],
		['A settlement', 'Settle', /^KES 20,000 settled at \d\d:\d\d:\d\d\.$/],
	])('says in the form "%s" what was done, on a narrow page too', async (name, button, text) => {
		const page = await setup.open({ path: '/phone#till', width: 360, height: 700 });
		const form = page.getByRole('form', { name });
		const result = form.getByRole('status');
		await form.getByRole('button', { name: button }).click();
		await waitFor('the result', 5_000, async () => (await result.innerText()) !== '');
		expect(await result.innerText()).toMatch(text);
		expect(await result.isVisible()).toBe(true);
		const { y = 0, height = 0 } = (await result.boundingBox()) ?? {};
		expect(height).toBeGreaterThan(10);
		expect(y + height).toBeLessThanOrEqual(700);
		// A screen reader reads the result itself; the page's own announcement would repeat it.
		expect(await page.locator('#announcement').innerText()).toBe('');
	});

	it('takes one payment when its button is pressed again too early', async () => {
		const page = await setup.open({ path: '/phone#till' });
		const form = page.getByRole('form', { name: 'A customer pays' });
		let answer = () => {};
		const isAnswered = new Promise<void>((resolve) => (answer = resolve));
		await page.route('**/control/till/buygoods', async (route) => {
			await isAnswered;
			await route.continue();
		});
		const pay = form.getByRole('button', { name: 'Pay' });
		await pay.click();
		expect(await pay.isDisabled()).toBe(true);
		await pay.click({ force: true });
		await form.getByLabel('Amount in KES').press('Enter');
		answer();
		const result = form.getByRole('status');
		await result.getByText('KES 250 received').waitFor();
		expect(setup.sandbox.till.transactions).toHaveLength(1);
		expect(await pay.isDisabled()).toBe(false);

		const first = await result.innerText();
		await pay.click();
		await waitFor('the second', 5_000, () => setup.sandbox.till.transactions.length === 2);
		await result.getByText('KES 250 received').waitFor();
		expect(await result.innerText()).not.toBe(first);
	});

	it('names tills by their numbers first, the usual ones before the others', async () => {
		const page = await setup.open({ path: '/phone#till' });
		const form = page.getByRole('form', { name: 'Another business pays' });
		const options = await form.getByLabel('Your till').locator('option').allInnerTexts();
		expect(options.slice(0, 2)).toEqual([
			'112233, Njeri Stores Westlands',
			'555555, Njeri Stores Mombasa',
		]);
		expect(options).toContain('K000001, Njeri Stores Online');
	});

	it('shows why an action was not possible', async () => {
		const page = await setup.open({ path: '/phone#till' });
		const { reference } = setup.sandbox.till.buygoods({ amount: 5 });
		const payment = page.locator('#list-payments li').first();
		await payment.getByRole('button', { name: /^Reverse/ }).waitFor();
		await page.route('**/control/till/reverse', async (route) => {
			setup.sandbox.till.reverse(reference);
			await route.continue();
		});
		await payment.getByRole('button', { name: /^Reverse/ }).click();
		const problem = page.getByRole('alert');
		await problem.getByText(`Transaction ${reference} was reversed before`).waitFor();
		await problem.getByRole('button', { name: 'Close' }).click();
		expect(await problem.innerText()).toBe('');
	});

	it('lists the payment links, and lets one expire', async () => {
		const { id } = await setup.createLink();
		const page = await setup.open({ path: '/phone#till' });
		const link = page.locator('#list-links li');
		await link.getByText('Two sacks of maize flour').waitFor();
		await link.getByRole('button', { name: /expire/ }).click();
		await link.getByText('Expired').waitFor();
		expect(setup.statusOf(id)).toContain('"Expired"');
	});
});

describe('the bank', () => {
	it('lets a payout wait, and transfers or refuses it', async () => {
		setup.sandbox.bank.addBehaviour({ action: 'transfer' });
		const page = await setup.open({ path: '/phone#bank' });
		const first = await setup.sendMoney({ phone_number: '254712345678', amount: 1200 });
		const payout = page.locator('#list-bank > li').first();
		await payout.getByText('KES 1,200').waitFor();
		expect(await payout.getByText('KES 1,200').count()).toBe(1);
		await payout.getByText('Wanjiku Kamau, mobile wallet 254712345678').waitFor();
		expect(setup.sandbox.ledger.movements).toEqual([]);
		expect(await page.getByRole('link', { name: 'Bank' }).innerText()).toContain('1');
		await payout.getByRole('button', { name: 'Transfer' }).click();
		await payout.getByText('Transferred', { exact: true }).waitFor();
		expect(setup.statusOf(first)).toContain('"Transferred"');

		const second = await setup.sendMoney({ phone_number: '254722000111', amount: 300 });
		await page.getByRole('button', { name: 'Refuse' }).click();
		const refused = page.locator('#list-bank > li').filter({ hasText: 'Refused' });
		await refused
			.getByText(
				'n8n gets Kopo Kopo’s status Cancelled and the reason “The balance is insufficient for the transaction”. Kopo Kopo documents no other reason.',
			)
			.waitFor();
		expect(setup.statusOf(second)).toContain('The balance is insufficient for the transaction');
		await waitFor('both callbacks', 5_000, () => setup.merchant.received.length === 2);
		expect(setup.sandbox.ledger.totals.out).toBe(1200);
	});

	it('transfers a part of a list', async () => {
		const page = await setup.open({ path: '/phone#bank' });
		await setup.sendMoney(
			{ phone_number: '254712345678', amount: 100 },
			{ phone_number: '254722000111', amount: 200 },
			{ phone_number: '254711000222', amount: 400 },
		);
		const partly = page.getByRole('button', { name: 'Transfer the ticked ones' });
		const main = page.locator('#list-bank .primary');
		expect(await partly.isDisabled()).toBe(true);
		expect(await main.allInnerTexts()).toEqual(['Transfer all']);
		await page.getByRole('checkbox', { name: 'Brian Otieno' }).uncheck();
		expect(await main.allInnerTexts()).toEqual(['Transfer the ticked ones']);
		await partly.click();
		await page.getByText('Partly transferred').waitFor();
		expect(setup.sandbox.ledger.movements.map(({ amount }) => amount)).toEqual([100, 400]);
	});

	it('lists what waits in the order in which it was asked for', async () => {
		const page = await setup.open({ path: '/phone#bank' });
		for (const amount of [31, 32, 33]) {
			await setup.sendMoney({ phone_number: '254712345678', amount });
		}
		const payouts = page.locator('#list-bank > li');
		await payouts.nth(2).waitFor();
		expect(await payouts.locator('.row-amount').allInnerTexts()).toEqual([
			'KES 31',
			'KES 32',
			'KES 33',
		]);
		await payouts.nth(1).getByRole('button', { name: 'Refuse' }).click();
		await payouts.nth(2).getByText('Refused', { exact: true }).waitFor();
		expect(await payouts.locator('.row-amount').allInnerTexts()).toEqual([
			'KES 31',
			'KES 33',
			'KES 32',
		]);
	});

	it('transfers everything that is waiting, a reversal too', async () => {
		const { reference } = setup.sandbox.till.buygoods({ amount: 400 });
		await setup.merchant.create('/api/v2/reversals', {
			transaction_reference: reference,
			reason: 'Wrong till',
			_links: { callback_url: `${setup.merchant.url}/result` },
		});
		await setup.sendMoney({ phone_number: '254712345678', amount: 100 });
		const page = await setup.open({ path: '/phone#bank' });
		await page.getByRole('button', { name: 'Transfer everything that is waiting' }).click();
		await page.getByText('Everything was transferred.').waitFor({ state: 'attached' });
		expect(setup.sandbox.ledger.totals.out).toBe(500);
		const waiting = page.getByText('Waiting', { exact: true });
		// The page learns of it with the next update.
		await waiting.first().waitFor({ state: 'detached' });
		expect(await waiting.count()).toBe(0);
	});
});

describe('the deliveries', () => {
	it('show address, status, signature and body, and can be sent again', async () => {
		await setup.subscribe('buygoods_transaction_received');
		const page = await setup.open({ path: '/phone#deliveries' });
		setup.sandbox.till.buygoods({ amount: 5 });
		const delivery = page.locator('#list-deliveries > li').first();
		await delivery.getByText('HTTP 200').waitFor();
		await delivery.locator('summary').click();
		const body = await delivery.getByLabel('Body').innerText();
		expect(JSON.parse(body)).toMatchObject({ topic: 'buygoods_transaction_received' });
		const sent = setup.sandbox.deliveries.log[0]?.body ?? '';
		await delivery.getByText(sign(sent, setup.sandbox.apiKey)).waitFor();
		expect(await delivery.innerText()).toContain(`${setup.merchant.url}/webhook`);

		await delivery.getByRole('button', { name: 'Send again' }).click();
		await delivery.getByText('Attempt 2').waitFor();
		await waitFor('the second delivery', 5_000, () => setup.merchant.received.length === 2);
		expect(setup.merchant.received[1]?.body).toBe(setup.merchant.received[0]?.body);
	});

	it.each(['http://127.0.0.1:5678/', 'https://n8n.example.com/'])(
		'say that the node does not need a callback, in an n8n at %s',
		async (instanceUrl) => {
			const callback_url = unusedCallbackUrl({ instanceUrl });
			const page = await setup.open({ path: '/phone#deliveries' });
			const id = await setup.requestPayment('+254712345678', 10, { _links: { callback_url } });
			setup.sandbox.customer.pay(id);
			const delivery = page.locator('#list-deliveries > li').first();
			await delivery.getByText('not sent', { exact: true }).waitFor();
			await delivery.getByText('The node does not need this callback.').waitFor();
		},
	);

	it('say that n8n listens no longer, when a test address is not found', async () => {
		await setup.merchant.create('/api/v2/webhook_subscriptions', {
			event_type: 'buygoods_transaction_received',
			url: `${setup.merchant.url}/webhook-test/1/kopo-kopo`,
			scope: 'company',
		});
		const page = await setup.open({ path: '/phone#deliveries' });
		const explanation = page.getByText('n8n no longer listens for a test event.');
		setup.sandbox.till.buygoods({ amount: 5 });
		const deliveries = page.locator('#list-deliveries > li');
		await deliveries.first().getByText('delivered', { exact: true }).waitFor();
		expect(await explanation.count()).toBe(0);
		setup.merchant.statuses.push(404, 404);
		setup.sandbox.till.buygoods({ amount: 6 });
		await deliveries.first().getByText('failed', { exact: true }).waitFor();
		await explanation.waitFor();
	});

	it('can be held back and released, lost, and repeated', async () => {
		await setup.subscribe('buygoods_transaction_received');
		const page = await setup.open({ path: '/phone#deliveries' });
		const panel = panelOf(page, 'Deliveries');
		await panel.getByRole('button', { name: 'Hold back' }).click();
		await panel.getByText('Deliveries are held back').waitFor();
		setup.sandbox.till.buygoods({ amount: 1 });
		setup.sandbox.till.buygoods({ amount: 2 });
		await panel.getByText('held', { exact: true }).nth(1).waitFor();
		await panel.getByRole('button', { name: 'Release in reverse' }).click();
		await waitFor('the released ones', 5_000, () => setup.merchant.received.length === 2);
		expect(setup.merchant.received.map(({ body }) => /"amount":"(\d)/.exec(body)?.[1])).toEqual([
			'2',
			'1',
		]);
		await panel.locator('#hold:focus').waitFor();

		await panel.getByRole('button', { name: 'Lose the next' }).click();
		await panel.getByText('The next 1 delivery will be lost.').waitFor();
		setup.sandbox.till.buygoods({ amount: 3 });
		await panel.getByText('lost', { exact: true }).waitFor();
		await panel.getByRole('button', { name: 'Send the next twice' }).click();
		await panel.getByText('will be sent twice').waitFor();
		setup.sandbox.till.buygoods({ amount: 4 });
		await waitFor('the repeated one', 5_000, () => setup.merchant.received.length === 4);
	});

	it('are shown fifty at a time when there are a thousand', async () => {
		await setup.subscribe('buygoods_transaction_received');
		const page = await setup.open({ path: '/phone#deliveries' });
		for (let count = 1; count <= 1_000; count += 1) setup.sandbox.till.buygoods({ amount: count });
		await setup.sandbox.untilIdle();
		await page.locator('#more-deliveries').waitFor();
		const panel = panelOf(page, 'Deliveries');
		const { id } = setup.sandbox.deliveries.log[999] ?? { id: '' };
		expect(id).not.toBe('');

		// What keeps the page fast: it shows 50 deliveries until it is asked for more.
		expect(await panel.locator('#list-deliveries > li').count()).toBe(50);
		await panel.locator('#delivery-filter').fill('delivered');
		await panel.locator('#more-deliveries').click();
		expect(await panel.locator('#list-deliveries > li').count()).toBe(100);

		setup.sandbox.till.buygoods({ amount: 5000 });
		await waitFor('the newest', 30_000, async () => {
			const first = await panel.locator('#list-deliveries > li').first().innerText();
			return first.includes('delivered') && setup.sandbox.deliveries.log.length === 1_001;
		});
	});

	it('are filtered by what one types', async () => {
		await setup.subscribe('buygoods_transaction_received');
		await setup.subscribe('b2b_transaction_received');
		const page = await setup.open({ path: '/phone#deliveries' });
		setup.sandbox.till.buygoods();
		setup.sandbox.till.b2b();
		const rows = page.locator('#list-deliveries > li');
		await rows.nth(1).waitFor();
		await page.getByLabel('Filter').fill('B2B');
		expect(await rows.allInnerTexts()).toEqual([
			expect.stringContaining('b2b_transaction_received'),
		]);
		await page.getByLabel('Filter').fill('nothing like this');
		await page.getByText('No delivery matches the filter.').waitFor();
	});
});

describe('the trouble', () => {
	it.each([
		['Slow responses', { kind: 'latency', ms: 5000 }],
		['Too many requests (429)', { kind: 'tooManyRequests', when: 'before' }],
		['Server error (500) before processing', { kind: 'serverError', when: 'before' }],
		['Server error (500) after processing', { kind: 'serverError', when: 'after' }],
		['Connection cut before processing', { kind: 'reset', when: 'before' }],
		['Connection cut after processing', { kind: 'reset', when: 'after' }],
		['Expired access token, once', { kind: 'expiredToken', next: 1 }],
	])('"%s" turns one fault on and off', async (name, rule) => {
		const page = await setup.open({ path: '/phone#trouble' });
		const control = page.getByRole('switch', { name, exact: true });
		expect(await control.getAttribute('aria-checked')).toBe('false');
		await control.click();
		await page.locator('[role="switch"][aria-checked="true"]').waitFor();
		expect(await control.getAttribute('aria-checked')).toBe('true');
		expect(setup.sandbox.faults.rules).toMatchObject([{ rule }]);
		await control.click();
		await page.locator('[role="switch"][aria-checked="true"]').waitFor({ state: 'detached' });
		expect(setup.sandbox.faults.rules).toEqual([]);
	});

	it('counts the requests, and does to them what it says', async () => {
		const page = await setup.open({ path: '/phone#trouble' });
		await page.getByRole('switch', { name: 'Server error (500) after processing' }).click();
		await page.locator('[role="switch"][aria-checked="true"]').waitFor();
		await expect(setup.requestPayment('+254712345678', 15)).rejects.toThrow('500');
		await page.getByText('1 request so far').waitFor();
		await page.getByRole('form', { name: 'Payment prompt' }).getByText('KES 15').waitFor();
	});

	it('turns itself off after the one request with an expired token', async () => {
		const page = await setup.open({ path: '/phone#trouble' });
		const control = page.getByRole('switch', { name: 'Expired access token, once' });
		await control.click();
		await page.locator('[role="switch"][aria-checked="true"]').waitFor();
		await expect(setup.requestPayment('+254712345678', 15)).rejects.toThrow('401');
		await page.locator('[role="switch"][aria-checked="true"]').waitFor({ state: 'detached' });
		await setup.merchant.signIn();
		await setup.requestPayment('+254712345678', 15);
	});
});

describe('the ledger', () => {
	it('shows the balance, and which request moved which shillings', async () => {
		const page = await setup.open({ path: '/phone#ledger' });
		setup.sandbox.customer.pay(await setup.requestPayment('+254712345678', 1500));
		setup.sandbox.bank.transfer(
			await setup.sendMoney({ phone_number: '254722000111', amount: 400 }),
		);
		setup.sandbox.till.buygoods({ amount: 50 });
		const movements = page.locator('#list-movements li');
		await movements.nth(2).waitFor();
		expect(await movements.allInnerTexts()).toEqual([
			expect.stringMatching(/Walk in[\s\S]*\+ KES 50/),
			expect.stringMatching(/POST \/api\/v2\/send_money, request \d[\s\S]*− KES 400/),
			expect.stringMatching(/POST \/api\/v2\/incoming_payments, request \d[\s\S]*\+ KES 1,500/),
		]);
		const panel = panelOf(page, 'Ledger');
		await panel.getByText('KES 1,001,150').waitFor();
		for (const value of [
			setup.sandbox.clientId,
			setup.sandbox.clientSecret,
			setup.sandbox.apiKey,
		]) {
			await panel.getByText(value, { exact: true }).waitFor();
		}
		for (const { number } of setup.sandbox.tills) {
			await panel.locator('#tills').getByText(number, { exact: true }).waitFor();
		}
	});

	it('copies a value of the credential, and says so on the button', async () => {
		const page = await setup.open({ path: '/phone#ledger' });
		await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
		const copy = page.getByRole('button', { name: 'Copy API Key' });
		await copy.click();
		await copy.getByText('Copied').waitFor();
		expect(await page.evaluate('navigator.clipboard.readText()')).toBe(setup.sandbox.apiKey);
	});

	it('is empty again after a reset', async () => {
		const page = await setup.open({ path: '/phone#ledger' });
		setup.sandbox.till.buygoods({ amount: 50 });
		await page.locator('#list-movements li').waitFor();
		await setup.sandbox.reset();
		await page.getByText('No money has moved.').waitFor();
		expect(await page.locator('#list-movements li').count()).toBe(0);
	});
});
