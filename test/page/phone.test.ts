import type { Page } from 'playwright-core';

import { waitFor } from '../support/waitFor';
import { setUpPage } from './pageSetup';

const setup = setUpPage();

const WANJIKU = '+254712345678';
const BRIAN = '+254722000111';

const promptOn = (page: Page) => page.getByRole('form', { name: 'Payment prompt' });
const messagesOn = (page: Page) => page.getByRole('region', { name: 'Messages' });
const announced = (page: Page) => page.locator('#announcement');

async function enterPin(page: Page, pin: string): Promise<void> {
	await page.getByLabel('M-PESA PIN').fill(pin);
	await page.getByRole('button', { name: 'Pay', exact: true }).first().click();
}

async function textOf(page: Page): Promise<string> {
	return (await promptOn(page).innerText()).replace(/\s+/g, ' ');
}

describe('a phone', () => {
	it('shows a prompt by itself, and pays with the keypad', async () => {
		const page = await setup.open();
		const id = await setup.requestPayment(WANJIKU, 1500);
		await promptOn(page).waitFor();
		expect(await textOf(page)).toContain(
			'Do you want to pay KES 1,500 to Njeri Stores Online, till K000001?',
		);
		expect(await announced(page).innerText()).toBe(
			'Wanjiku Kamau is asked to pay KES 1,500 to Njeri Stores Online.',
		);
		expect(await page.title()).toBe('(1) Kopo Kopo sandbox');
		for (const key of ['9', 'Delete', '1', '2', '3', '4']) {
			await page.getByRole('button', { name: key, exact: true }).click();
		}
		await promptOn(page).getByRole('button', { name: 'Pay' }).click();
		await messagesOn(page)
			.getByText(/Confirmed\. Ksh1,500\.00 paid to NJERI STORES ONLINE/)
			.waitFor();
		await page.getByText('KES 98,500').waitFor();
		expect(await promptOn(page).count()).toBe(0);
		expect(setup.statusOf(id)).toContain('"Success"');
		expect(await page.title()).toBe('Kopo Kopo sandbox');
		expect(setup.errors).toEqual([]);
	});

	it('works with the keyboard alone, and keeps the focus', async () => {
		const page = await setup.open();
		await setup.requestPayment(WANJIKU, 20);
		await promptOn(page).waitFor();
		await page.keyboard.press('Tab');
		expect(await page.locator(':focus').innerText()).toBe('Skip to the content');
		await page.keyboard.press('Enter');
		while ((await page.locator(':focus').getAttribute('id')) !== 'pin') {
			await page.keyboard.press('Tab');
		}
		await page.keyboard.type('1234');
		await page.keyboard.press('Enter');
		await messagesOn(page).getByText('Ksh20.00').waitFor();
		expect(await page.locator(':focus').getAttribute('aria-label')).toBe('Messages');
	});

	it.each([
		['Cancel', 'Request cancelled by user', 'The payment was cancelled.'],
		[
			'enters a wrong PIN',
			'The initiator information is invalid.',
			'The PIN was wrong. The payment failed.',
		],
		[
			'has too little money',
			'The balance is insufficient for the transaction',
			'There is not enough money on the phone. The payment failed.',
		],
		['does not answer', 'The request timed out', 'Nobody answered the prompt.'],
	])('answers with "%s"', async (button, error, announcement) => {
		const page = await setup.open();
		const id = await setup.requestPayment(WANJIKU, 1500);
		await promptOn(page).waitFor();
		await page.getByRole('button', { name: button }).click();
		await messagesOn(page)
			.getByText(`Failed. Ksh1,500.00 was not paid to NJERI STORES ONLINE. ${error}`)
			.waitFor();
		await page.getByRole('status').getByText(announcement).waitFor({ state: 'attached' });
		expect(setup.statusOf(id)).toContain(error);
		expect(setup.sandbox.ledger.movements).toEqual([]);
		await waitFor('the callback', 5_000, () => setup.merchant.received[0]?.body.includes(error));
	});

	it('fails with a wrong PIN, and without enough money', async () => {
		const page = await setup.open();
		const wrong = await setup.requestPayment(WANJIKU, 10);
		await promptOn(page).waitFor();
		await enterPin(page, '4321');
		await messagesOn(page).getByText('The initiator information is invalid.').waitFor();
		const tooMuch = await setup.requestPayment(WANJIKU, 200_000);
		await promptOn(page).waitFor();
		await enterPin(page, '1234');
		await messagesOn(page).getByText('The balance is insufficient').waitFor();
		expect(setup.statusOf(wrong)).toContain('"Failed"');
		expect(setup.statusOf(tooMuch)).toContain('"Failed"');
	});

	it('does not accept an incomplete PIN', async () => {
		const page = await setup.open();
		const id = await setup.requestPayment(WANJIKU, 10);
		await promptOn(page).waitFor();
		await enterPin(page, '12');
		await enterPin(page, 'abcd');
		expect(await promptOn(page).count()).toBe(1);
		expect(setup.statusOf(id)).toContain('"Pending"');
	});

	it('shows the prompts of the same phone one after the other', async () => {
		const page = await setup.open();
		await setup.requestPayment(WANJIKU, 11);
		await promptOn(page).waitFor();
		await setup.requestPayment(WANJIKU, 12);
		await promptOn(page).getByText('1 of 2').waitFor();
		await enterPin(page, '1234');
		await promptOn(page).getByText('KES 12').waitFor();
		await enterPin(page, '1234');
		await messagesOn(page).getByText('Ksh12.00').waitFor();
		expect(setup.sandbox.ledger.totals.in).toBe(23);
	});

	it('stays the one that was chosen, also while another one has a prompt', async () => {
		const page = await setup.open();
		await setup.requestPayment(BRIAN, 70);
		await promptOn(page).getByText('KES 70').waitFor();
		await page.getByRole('button', { name: 'Amina Hassan' }).click();
		await page.getByText('Amina Hassan, +254711000222').first().waitFor();
		expect(await promptOn(page).count()).toBe(0);
		setup.sandbox.till.buygoods({ phone: '+254711000222', amount: 5 });
		await messagesOn(page).getByText('Ksh5.00 paid').waitFor();
	});

	it('appears for a number that was not there before', async () => {
		const page = await setup.open();
		await setup.requestPayment('0700111222', 30);
		await promptOn(page).getByText('KES 30').waitFor();
		expect(await page.getByText(/^\w+ \w+, \+254700111222$/).count()).toBeGreaterThan(0);
	});

	it('receives a payout and the money of a reversal', async () => {
		const page = await setup.open();
		const payout = await setup.sendMoney({ phone_number: '254712345678', amount: 700 });
		setup.sandbox.bank.transfer(payout);
		await messagesOn(page).getByText('You have received Ksh700.00').waitFor();
		const { reference } = setup.sandbox.till.buygoods({ phone: WANJIKU, amount: 50 });
		setup.sandbox.till.reverse(reference);
		await messagesOn(page).getByText('Reversal of Ksh50.00').waitFor();
		await page.getByText('KES 100,700').waitFor();
	});
});

describe('the customers', () => {
	it.each([
		[1280, 720],
		[1440, 1000],
		[360, 700],
	])('all fit at %i by %i px, and the prompt with them', async (width, height) => {
		const page = await setup.open({ width, height });
		await setup.requestPayment('0700111222', 30);
		await promptOn(page).waitFor();
		const owners = page.getByRole('group', { name: 'Choose a phone' });
		const frame = await owners.boundingBox();
		const buttons = await owners.getByRole('button').all();
		expect(buttons).toHaveLength(4);
		for (const button of buttons) {
			const box = await button.boundingBox();
			if (!frame || !box) throw new Error('A customer is not shown.');
			expect(box.x + box.width).toBeLessThanOrEqual(frame.x + frame.width);
			expect(box.y + box.height).toBeLessThanOrEqual(frame.y + frame.height);
		}
		if (width < 1024) return;
		const pay = await promptOn(page).getByRole('button', { name: 'Pay' }).boundingBox();
		expect((pay?.y ?? height) + (pay?.height ?? 0)).toBeLessThanOrEqual(height);
	});
});

describe('two phones', () => {
	it('have a prompt each on one page', async () => {
		const page = await setup.open();
		const first = await setup.requestPayment(WANJIKU, 100);
		const second = await setup.requestPayment(BRIAN, 200);
		const owners = page.getByRole('group', { name: 'Choose a phone' });
		await owners.getByRole('button', { name: 'Brian Otieno 1 prompt' }).click();
		await promptOn(page).getByText('KES 200').waitFor();
		await promptOn(page).getByRole('button', { name: 'Cancel' }).click();
		await owners.getByRole('button', { name: 'Wanjiku Kamau' }).click();
		await promptOn(page).getByText('KES 100').waitFor();
		await enterPin(page, '1234');
		await messagesOn(page).getByText('Ksh100.00 paid').waitFor();
		expect(setup.statusOf(first)).toContain('"Success"');
		expect(setup.statusOf(second)).toContain('"Failed"');
	});

	it('can be two pages, each with its own phone', async () => {
		const [one, other] = [await setup.open(), await setup.open({ width: 360 })];
		await one.getByRole('button', { name: 'Wanjiku Kamau' }).click();
		await other.getByRole('button', { name: 'Brian Otieno' }).click();
		await setup.requestPayment(WANJIKU, 100);
		await promptOn(one).getByText('KES 100').waitFor();
		await one.getByLabel('M-PESA PIN').fill('12');
		await setup.requestPayment(BRIAN, 200);
		await promptOn(other).getByText('KES 200').waitFor();
		await enterPin(other, '1234');
		await messagesOn(other).getByText('Ksh200.00 paid').waitFor();
		// What the other person has typed is still there.
		expect(await one.getByLabel('M-PESA PIN').inputValue()).toBe('12');
		await enterPin(one, '1234');
		await messagesOn(one).getByText('Ksh100.00 paid').waitFor();
		expect(setup.sandbox.ledger.totals.in).toBe(300);
	});

	it('show what was answered on the other page', async () => {
		const [one, other] = [await setup.open(), await setup.open()];
		await setup.requestPayment(WANJIKU, 100);
		await promptOn(one).waitFor();
		await promptOn(other).waitFor();
		await enterPin(one, '1234');
		await messagesOn(other).getByText('Ksh100.00 paid').waitFor();
		expect(await promptOn(other).count()).toBe(0);
	});
});

describe('the newest message', () => {
	it('is in view when the phone is opened, even if it arrived while another panel was open', async () => {
		const page = await setup.open({ width: 480, height: 850 });
		for (const amount of [11, 12, 13, 14]) setup.sandbox.till.buygoods({ amount, phone: WANJIKU });
		await messagesOn(page).getByText('Ksh14.00 paid').waitFor();
		await page.getByRole('link', { name: 'Till' }).click();
		setup.sandbox.till.buygoods({ amount: 15, phone: WANJIKU });
		await page.getByText('KES 15', { exact: true }).waitFor();
		await page.getByRole('link', { name: 'Phone' }).click();
		await messagesOn(page).getByText('Ksh15.00 paid').waitFor();
		const hiddenBelow = await messagesOn(page).evaluate(
			(thread) => thread.scrollHeight - thread.clientHeight - thread.scrollTop,
		);
		expect(hiddenBelow).toBeLessThanOrEqual(1);
	});
});

describe('reloading the page', () => {
	it('keeps the prompt, the chosen phone and the messages', async () => {
		const page = await setup.open();
		const paid = await setup.requestPayment(BRIAN, 60);
		setup.sandbox.customer.pay(paid);
		await setup.requestPayment(BRIAN, 70);
		await promptOn(page).getByText('KES 70').waitFor();
		await page.getByLabel('M-PESA PIN').fill('12');
		await page.reload();
		await promptOn(page).getByText('KES 70').waitFor();
		await enterPin(page, '1234');
		await messagesOn(page).getByText('Ksh60.00 paid').waitFor();
		await messagesOn(page).getByText('Ksh70.00 paid').waitFor();
	});

	it('leaves automatic customers waiting', async () => {
		setup.sandbox.customer.addBehaviour({ action: 'pay' });
		const page = await setup.open();
		await setup.requestPayment(WANJIKU, 60);
		await promptOn(page).waitFor();
		await page.reload();
		await promptOn(page).waitFor();
		await setup.sandbox.untilIdle();
		expect(setup.sandbox.ledger.movements).toEqual([]);
	});
});

describe('a prompt that nobody answers', () => {
	const impatient = setUpPage({ promptLifetimeMs: 1_500 });

	it('counts down and expires', async () => {
		const page = await impatient.open();
		const id = await impatient.requestPayment(WANJIKU, 90);
		await promptOn(page)
			.getByText(/^[12] s left$/)
			.waitFor();
		await messagesOn(page).getByText('The request timed out').waitFor();
		expect(await promptOn(page).count()).toBe(0);
		expect(impatient.statusOf(id)).toContain('The request timed out');
	});
});
