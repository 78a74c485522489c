import type { Page } from 'playwright-core';

import { setUpPage } from './pageSetup';

const setup = setUpPage();

async function enterPin(page: Page, pin: string): Promise<void> {
	await page.getByLabel('M-PESA PIN').fill(pin);
	await page.getByRole('button', { name: 'Pay', exact: true }).click();
}

describe('the page behind a payment link', () => {
	it('shows what is to be paid, and pays it from the chosen phone', async () => {
		const { id, address } = await setup.createLink();
		const page = await setup.open({ path: address });
		const card = page.getByRole('region', { name: 'Payment link' });
		const text = await card.innerText();
		for (const part of ['Njeri Stores Online', 'KES 4,800', 'Order 1042', 'maize flour']) {
			expect(text).toContain(part);
		}
		await card.getByLabel('Phone to pay from').selectOption('+254711000222');
		await card.getByRole('button', { name: 'Pay with M-PESA' }).click();
		await enterPin(page, '0000');
		await card.getByText('The initiator information is invalid.').waitFor();
		await card.getByRole('button', { name: 'Pay with M-PESA' }).click();
		await enterPin(page, '1234');
		await card.getByText('Paid', { exact: true }).waitFor();
		const [payment] = setup.sandbox.till.transactions;
		expect(payment).toMatchObject({ payer: '+254711000222', amount: 4800, till: 'K000001' });
		expect(await card.innerText()).toContain(`Receipt ${payment?.reference}`);
		expect(setup.statusOf(id)).toContain('"Paid"');
		expect(setup.errors).toEqual([]);
	});

	it('shows its own prompt before others, with the focus on the PIN', async () => {
		await setup.requestPayment('+254712345678', 30);
		const { address } = await setup.createLink();
		const page = await setup.open({ path: address, width: 360 });
		const prompt = page.getByRole('form', { name: 'Payment prompt' });
		await prompt.getByText('KES 30').waitFor();
		await page.getByRole('button', { name: 'Pay with M-PESA' }).click();
		await prompt.getByText('KES 4,800').waitFor();
		await page.locator('#pin:focus').waitFor();
		await page.keyboard.type('1234');
		await page.keyboard.press('Enter');
		await page.locator('#link-card').getByText('Paid', { exact: true }).waitFor();
		await prompt.getByText('KES 30').waitFor();
	});

	it('asks the phone on the other page', async () => {
		const { address } = await setup.createLink();
		const phones = await setup.open();
		const page = await setup.open({ path: address });
		await page.getByRole('button', { name: 'Pay with M-PESA' }).click();
		const prompt = phones.getByRole('form', { name: 'Payment prompt' });
		await prompt.getByText('KES 4,800').waitFor();
		await phones.getByLabel('M-PESA PIN').fill('1234');
		await prompt.getByRole('button', { name: 'Pay' }).click();
		await page.locator('#link-card').getByText('Paid', { exact: true }).waitFor();
	});

	it('says so when the link is cancelled or unknown', async () => {
		const { id, address } = await setup.createLink();
		const page = await setup.open({ path: address });
		await setup.merchant.call('POST', `/api/v2/payment_links/${id}/cancel`);
		await page.locator('#link-card').getByText('Cancelled', { exact: true }).waitFor();
		expect(await page.getByRole('button', { name: 'Pay with M-PESA' }).count()).toBe(0);
		const unknown = await setup.open({ path: '/links/no-such-link' });
		await unknown.getByText('This payment link does not exist in the sandbox.').waitFor();
	});
});
