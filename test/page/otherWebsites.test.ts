import fastify, { type FastifyInstance } from 'fastify';
import { sleep } from 'n8n-workflow';

import { setUpPage } from './pageSetup';

const setup = setUpPage();

const MARKUP = '<img src=x onerror="document.title=\'run\'"><script>document.title="run"</script>';

describe('markup in names and other texts', () => {
	it('is shown as text', async () => {
		await setup.subscribe('buygoods_transaction_received');
		const id = await setup.requestPayment('+254712345678', 10, {
			subscriber: { phone_number: '+254712345678', first_name: MARKUP, last_name: MARKUP },
			metadata: { note: MARKUP },
		});
		await setup.createLink({ note: MARKUP, payment_reference: MARKUP });
		await setup.merchant.create('/api/v2/send_money', {
			destinations: [{ type: 'till', till_number: '1', amount: 5, description: MARKUP }],
			_links: { callback_url: `${setup.merchant.url}/${encodeURIComponent(MARKUP)}` },
		});
		const cancelled = await setup.requestPayment('+254722000111', 10);
		setup.sandbox.customer.refuse(cancelled, { reason: MARKUP });
		setup.sandbox.customer.pay(id);
		setup.sandbox.till.b2b({ sendingTill: MARKUP, reference: MARKUP });

		const page = await setup.open();
		for (const panel of ['till', 'bank', 'deliveries', 'trouble', 'ledger']) {
			await page.goto(`${setup.sandbox.pageUrl}#${panel}`);
			await page.locator('.connection.live').waitFor();
		}
		await page.goto(`${setup.sandbox.pageUrl}#deliveries`);
		await page.locator('summary').first().click();
		await page.getByLabel('Body').getByText(MARKUP.slice(0, 10)).first().waitFor();
		await page.getByRole('button', { name: 'Brian Otieno' }).click();
		await page.getByText(`Request`).first().waitFor({ state: 'attached' });

		expect(await page.evaluate('document.querySelectorAll("main img, main script").length')).toBe(
			0,
		);
		for (const text of [
			'#list-links',
			'#list-bank',
			'#list-movements',
			'#list-payments',
			'#messages',
		]) {
			expect(await page.locator(text).textContent()).toContain(MARKUP);
		}
		expect(await page.title()).not.toBe('run');
		expect(setup.errors).toEqual([]);
	});
});

describe('another website in the same browser', () => {
	let website: FastifyInstance;
	let address: string;

	beforeAll(async () => {
		website = fastify();
		website.get('/', async (_request, reply) => await reply.type('text/html').send('<p>Hello</p>'));
		// localhost and 127.0.0.1 are different origins, although they are the same machine.
		address = (await website.listen({ port: 0, host: '127.0.0.1' })).replace(
			'127.0.0.1',
			'localhost',
		);
	});
	afterAll(async () => await website.close());

	it('can neither act on the sandbox nor show its page in a frame', async () => {
		const id = await setup.requestPayment('+254712345678', 10);
		const page = await setup.openWindow();
		await page.goto(address);
		await page.evaluate(`(async () => {
			const sandbox = ${JSON.stringify(setup.sandbox.url)};
			const body = JSON.stringify({ id: ${JSON.stringify(id)}, amount: 5 });
			const json = { 'Content-Type': 'application/json' };
			const attempts = [
				['/control/till/buygoods', { method: 'POST', mode: 'no-cors', body }],
				['/control/customer/pay', { method: 'POST', mode: 'no-cors', body }],
				['/control/customer/pay', { method: 'POST', headers: json, body }],
				['/control/faults', { method: 'DELETE' }],
				['/control/reset', { method: 'POST', mode: 'no-cors' }],
				['/phone/events', { mode: 'no-cors' }],
			];
			for (const [path, options] of attempts) {
				await fetch(sandbox + path, options).catch(() => undefined);
			}
			const form = document.createElement('form');
			form.method = 'post';
			form.enctype = 'text/plain';
			form.action = sandbox + '/control/till/buygoods';
			form.target = 'inside';
			const inside = document.createElement('iframe');
			inside.name = 'inside';
			const shown = document.createElement('iframe');
			shown.src = sandbox + '/phone';
			document.body.append(inside, shown, form);
			form.submit();
		})()`);
		await sleep(500);
		expect(setup.sandbox.ledger.movements).toEqual([]);
		expect(setup.statusOf(id)).toContain('"Pending"');
		const inFrames = await Promise.all(page.frames().map(async (frame) => await frame.content()));
		expect(inFrames.join()).not.toContain('Customers’ phones');
	});
});

describe('the page', () => {
	it('requests nothing from elsewhere, and less than 150 KB', async () => {
		const page = await setup.openWindow();
		const bodies: Array<Promise<Buffer>> = [];
		page.on('response', (response) => {
			if (!response.url().endsWith('/events')) bodies.push(response.body());
		});
		await page.goto(setup.sandbox.pageUrl);
		await page.getByText('Live', { exact: true }).waitFor();
		expect(setup.requested.every((url) => url.startsWith(setup.sandbox.url))).toBe(true);
		const bytes = (await Promise.all(bodies)).reduce((sum, { length }) => sum + length, 0);
		expect(bytes).toBeGreaterThan(10_000);
		expect(bytes).toBeLessThan(150_000);
	});
});
