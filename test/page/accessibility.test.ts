import { readFileSync } from 'fs-extra';
import type { Page } from 'playwright-core';

import { ROOT } from '../support/n8nInstallation';
import { setUpPage } from './pageSetup';

const setup = setUpPage();

const AXE = readFileSync(`${ROOT}/node_modules/axe-core/axe.min.js`, 'utf8');
const PANELS = ['phone', 'till', 'bank', 'deliveries', 'trouble', 'ledger'];

interface Violation {
	id: string;
	impact: string;
	nodes: Array<{ html: string; failureSummary: string }>;
}

/** What axe finds wrong on the page, apart from minor things. */
async function findingsOn(page: Page): Promise<string[]> {
	await page.evaluate(AXE);
	const { violations } = await page.evaluate<{ violations: Violation[] }>('axe.run()');
	return violations
		.filter(({ impact }) => impact !== 'minor')
		.flatMap(({ id, impact, nodes }) =>
			nodes.map(({ html, failureSummary }) => `${impact} ${id}: ${html} ${failureSummary}`),
		);
}

/** Fills every panel with something to see. */
async function fill(): Promise<string> {
	await setup.subscribe('buygoods_transaction_received');
	setup.sandbox.customer.pay(await setup.requestPayment('+254712345678', 950));
	setup.sandbox.customer.refuse(await setup.requestPayment('+254712345678', 30));
	setup.sandbox.till.b2b({ amount: 12_000 });
	setup.sandbox.till.card({ amount: 3_200 });
	setup.sandbox.bank.transfer(await setup.sendMoney({ phone_number: '254712345678', amount: 9 }));
	setup.sandbox.bank.cancel(await setup.sendMoney({ phone_number: '254712345678', amount: 9 }));
	for (const amount of [10, 20]) {
		await setup.sendMoney(
			{ phone_number: '254712345678', amount },
			{ phone_number: '254722000111', amount },
		);
	}
	setup.sandbox.faults.add({ kind: 'latency', ms: 5_000, path: '/api/*' });
	const { address } = await setup.createLink();
	await setup.sandbox.untilIdle();
	setup.sandbox.deliveries.hold();
	await setup.requestPayment('+254722000111', 1_500);
	return address;
}

describe.each(['light', 'dark'] as const)('the %s page', (theme) => {
	it.each([360, 768, 1440])('has no fault and fits at %i px', async (width) => {
		const address = await fill();
		const page = await setup.open({ theme, width });
		const addresses = [...PANELS.map((panel) => `/phone#${panel}`), address];
		for (const path of addresses) {
			await page.goto(`${setup.sandbox.url}${path}`);
			await page.getByText('Live', { exact: true }).waitFor();
			if (path.endsWith('deliveries')) {
				await page.locator('summary').first().click();
				await page.getByLabel('Body').waitFor();
			}
			expect({ path, findings: await findingsOn(page) }).toEqual({ path, findings: [] });
			const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
			expect({ path, overflow }).toEqual({ path, overflow: 0 });
		}
		// The messages are below the prompt.
		await page.goto(`${setup.sandbox.url}/phone#phone`);
		await page.getByRole('button', { name: 'Wanjiku Kamau', exact: true }).click();
		await page.getByText('Ksh950.00 paid').waitFor();
		expect(await findingsOn(page)).toEqual([]);
		expect(setup.errors).toEqual([]);
	});

	it('has no fault in any state of a prompt, a payment link and the connection', async () => {
		const { id, address } = await setup.createLink();
		const page = await setup.open({ theme, path: address });
		const findings: Array<[string, string[]]> = [];
		const check = async (state: string) => {
			findings.push([state, await findingsOn(page)]);
		};
		await check('an active link');
		await page.getByRole('button', { name: 'Pay with M-PESA' }).click();
		const prompt = page.getByRole('form', { name: 'Payment prompt' });
		await prompt.getByText('KES 4,800').waitFor();
		await check('the prompt of the link');
		await page.getByRole('button', { name: 'enters a wrong PIN' }).click();
		await page.locator('#link-card').getByText('The initiator information is invalid.').waitFor();
		await check('a failed attempt');
		setup.sandbox.customer.openLink(id, '0712345678');
		await prompt.waitFor();
		setup.sandbox.customer.enterPin(id, '1234');
		await page.locator('#link-card').getByText('Paid', { exact: true }).waitFor();
		await check('a paid link');

		await page.goto(`${setup.sandbox.pageUrl}#deliveries`);
		for (const name of ['Lose the next', 'Send the next twice', 'Hold back']) {
			await page.getByRole('button', { name }).click();
		}
		await page.getByText('Deliveries are held back').waitFor();
		await page.getByLabel('Filter').fill('no such delivery');
		await check('deliveries that are held back');
		await page.route('**/control/**', async (route) => await route.abort());
		await page.goto(`${setup.sandbox.pageUrl}#bank`);
		await page.getByRole('link', { name: 'Till' }).click();
		await page.getByRole('button', { name: 'Settle' }).click();
		await page.getByRole('alert').getByText('does not answer').waitFor();
		await check('a problem');
		await page.route('**/phone/events', async (route) => await route.abort());
		await page.reload();
		await page.getByText('Not connected').waitFor();
		await check('no connection');
		expect(findings.filter(([, found]) => found.length > 0)).toEqual([]);
	});
});
