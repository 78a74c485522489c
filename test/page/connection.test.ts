import fastify from 'fastify';

import { startSandbox } from '../sandbox/server';
import { waitFor } from '../support/waitFor';
import { setUpPage } from './pageSetup';

const setup = setUpPage();

const WANJIKU = '+254712345678';
const movements = () => setup.sandbox.ledger.movements.length;

describe('the page while the sandbox stops and starts', () => {
	it('says so, and connects again', async () => {
		const first = await startSandbox({ port: 0 });
		const page = await setup.openWindow();
		await page.goto(first.pageUrl);
		await page.getByText('Live', { exact: true }).waitFor();
		first.till.buygoods({ amount: 50 });
		await page.getByText('Receipt SBX0000001').waitFor();
		await first.close();
		const alert = page.getByRole('alert');
		await alert.getByText('The sandbox has stopped.').waitFor();
		await page.getByText('Not connected').waitFor();
		await page
			.getByRole('form', { name: 'A customer pays' })
			.getByRole('button', { name: 'Pay' })
			.click();
		await alert.getByText('The sandbox does not answer. Is it still running?').waitFor();

		// After an answer that is no stream of events, a browser does not try again by itself.
		const other = fastify({ forceCloseConnections: true });
		const { port } = first;
		const asked = new Promise<void>((resolve) => {
			other.get('/phone/events', async (_request, reply) => {
				resolve();
				return await reply.code(404).send();
			});
		});
		await other.listen({ port, host: '127.0.0.1' });
		await asked;
		await other.close();

		const second = await startSandbox({ port });
		await page.getByText('Live', { exact: true }).waitFor();
		expect(await alert.innerText()).toBe('');
		await page.getByText('Nobody has paid yet.').waitFor();
		second.till.buygoods({ amount: 70 });
		await page.locator('#list-payments').getByText('KES 70').waitFor();
		await second.close();
	});
});

describe('automatic customers', () => {
	beforeEach(() => setup.sandbox.customer.addBehaviour({ action: 'pay' }));

	it('wait while the page is open, which it says, and act when it is closed', async () => {
		const page = await setup.open();
		await page.getByText('Customers and the bank wait for you.').waitFor();
		await page.getByText('When you close this page, they act on their own.').waitFor();
		await setup.requestPayment(WANJIKU, 60);
		await page.getByRole('form', { name: 'Payment prompt' }).waitFor();
		await setup.sandbox.untilIdle();
		expect(movements()).toBe(0);
		await page.close();
		await waitFor('the payment', 15_000, () => movements() === 1);
		await setup.requestPayment(WANJIKU, 70);
		await setup.sandbox.untilIdle();
		expect(movements()).toBe(2);
	});

	it('wait for a page in the background, and for the last of several', async () => {
		const page = await setup.open();
		const editor = await page.context().newPage();
		await editor.bringToFront();
		await setup.requestPayment(WANJIKU, 60);
		await waitFor('the number in the title of the tab', 5_000, async () => {
			return (await page.title()) === '(1) Kopo Kopo sandbox';
		});
		const second = await page.context().newPage();
		await second.goto(setup.sandbox.pageUrl);
		await second.getByRole('form', { name: 'Payment prompt' }).waitFor();
		await page.close();
		// Longer than a page may be away.
		await setup.sandbox.untilIdle();
		await second.waitForTimeout(5_000);
		expect(movements()).toBe(0);
		await second.getByRole('form', { name: 'Payment prompt' }).waitFor();
	});

	it('wait while only the page of a payment link is open', async () => {
		const { address } = await setup.createLink();
		await waitFor('the payment without a page', 5_000, () => movements() === 1);
		const page = await setup.open({ path: address });
		await page.locator('#link-card').getByText('Paid', { exact: true }).waitFor();
		await setup.requestPayment(WANJIKU, 60);
		await page.getByRole('form', { name: 'Payment prompt' }).waitFor();
		await setup.sandbox.untilIdle();
		expect(movements()).toBe(1);
	});
});

describe('a page that gets no connection, because as many are open as the browser allows', () => {
	it('says what to do, and works when one is closed', async () => {
		const first = await setup.open();
		const context = first.context();
		for (let count = 2; count <= 6; count += 1) {
			const page = await context.newPage();
			await page.goto(setup.sandbox.pageUrl);
			await page.getByText('Live', { exact: true }).waitFor();
		}
		await first.getByRole('button', { name: 'Settle' }).click();
		await first.getByRole('alert').getByText('close some of them').waitFor();
		await context.pages().at(-1)?.close();
		await waitFor('the settlement', 5_000, () => movements() === 1);
		await first.locator('#problem:empty').waitFor({ state: 'attached' });
	});
});
