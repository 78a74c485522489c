import type { Page } from 'playwright-core';

import { waitFor } from '../support/waitFor';
import { setUpPage } from './pageSetup';

const setup = setUpPage();

/** Presses Tab until an element with this accessible name, or with it as its text, has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
	for (let presses = 0; presses < 80; presses += 1) {
		await page.keyboard.press('Tab');
		const label = await page.evaluate<string>(`(() => {
			const { activeElement } = document;
			const { ariaLabel, labels, textContent } = activeElement;
			const other = document.getElementById(activeElement.getAttribute('aria-labelledby'));
			return ariaLabel ?? other?.textContent ?? labels?.[0]?.textContent ?? textContent;
		})()`);
		if (label.replace(/\s+/g, ' ').trim().startsWith(name)) return;
	}
	throw new Error(`Tab does not reach "${name}".`);
}

describe('with the keyboard alone', () => {
	it('a button keeps the focus while it runs', async () => {
		const page = await setup.open({ path: '/phone#till' });
		const form = page.getByRole('form', { name: 'A settlement' });
		await form.getByRole('button', { name: 'Settle' }).focus();
		await page.keyboard.press('Enter');
		await form.getByText('KES 20,000 settled').waitFor();
		expect(await page.locator(':focus').innerText()).toBe('Settle');
	});

	it('a customer pays at the till, and gets the money back', async () => {
		const page = await setup.open();
		await tabTo(page, 'Till');
		await page.keyboard.press('Enter');
		await tabTo(page, 'Amount in KES');
		await page.keyboard.type('75');
		await page.keyboard.press('Enter');
		await page.locator('#list-payments').getByText('KES 75').waitFor();
		await tabTo(page, 'Reverse KES 75');
		await page.keyboard.press('Space');
		await page.locator('#list-payments').getByText('Reversed', { exact: true }).waitFor();
	});

	it('the bank refuses a payout and pays a part of a list', async () => {
		const page = await setup.open();
		await setup.sendMoney({ phone_number: '254711000222', amount: 400 });
		await setup.sendMoney(
			{ phone_number: '254712345678', amount: 100 },
			{ phone_number: '254722000111', amount: 200 },
		);
		await tabTo(page, 'Bank');
		await page.keyboard.press('Enter');
		await page.getByText('Waiting', { exact: true }).nth(1).waitFor();
		await tabTo(page, 'Refuse');
		await page.keyboard.press('Enter');
		await page.getByText('Refused', { exact: true }).waitFor();
		await tabTo(page, 'Brian Otieno, mobile wallet');
		await page.keyboard.press('Space');
		await tabTo(page, 'Transfer the ticked ones');
		await page.keyboard.press('Enter');
		await page.getByText('Partly transferred').waitFor();
		expect(setup.sandbox.ledger.totals.out).toBe(100);
	});

	it('a delivery is opened and sent again, and a fault is turned on', async () => {
		await setup.subscribe('buygoods_transaction_received');
		setup.sandbox.till.buygoods({ amount: 5 });
		await setup.sandbox.untilIdle();
		const page = await setup.open();
		await tabTo(page, 'Deliveries');
		await page.keyboard.press('Enter');
		await tabTo(page, 'buygoods_transaction_received');
		await page.keyboard.press('Enter');
		await page.getByLabel('Body').waitFor();
		await tabTo(page, 'Send again');
		await page.keyboard.press('Enter');
		await waitFor('the second delivery', 5_000, () => setup.merchant.received.length === 2);
		await page.reload();
		await tabTo(page, 'Trouble');
		await page.keyboard.press('Enter');
		await tabTo(page, 'Slow responses');
		await page.keyboard.press('Space');
		await page.locator('[role="switch"][aria-checked="true"]').waitFor();
		expect(setup.sandbox.faults.rules).toHaveLength(1);
	});
});
