import { remove } from 'fs-extra';
import { DateTime } from 'luxon';
import { NodeHelpers, sleep, type IDataObject, type INode } from 'n8n-workflow';
import { fetch, FormData } from 'undici';
import type { Sandbox } from '../sandbox/server';
import { exampleNames, readExample, setUpExample } from '../support/exampleFiles';
import { errorOf, type Execution, itemsOf } from '../support/executions';
import type { N8nClient } from '../support/n8nClient';
import { RUN } from '../support/n8nInstallation';
import { type N8n, startN8n } from '../support/n8nProcess';
import { acceptedPayouts, requestedPayouts } from '../support/payoutWorkflow';
import {
	createTestEnvironment,
	paymentRequests,
	type TestEnvironment,
	waitForPaymentRequests,
} from '../support/testEnvironment';
import { waitFor } from '../support/waitFor';
import { PUBLISHED } from '../support/workflows';
import { toolResults } from './mockLanguageModel';
import { type ChatMessage, MockServices } from './mockServices';

// Its own n8n, because its HTTPS requests are redirected to the mock services.
const FOLDER = `${RUN}/e2e-examples`;
const PAYMENT_COLUMNS = 'Receipt, Date, Time, Amount, Phone, Name, Till';
/** Without a browser's User-Agent, n8n treats a request as a bot's and ignores it. */
const BROWSER = {
	'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
};
const ZONE = 'Africa/Nairobi';

/** The n8n version that the test is for (jest.config.mjs). */
declare const n8nVersion: string;
const IS_N8N_1 = n8nVersion.startsWith('1.');
/** They use data tables by name, or human review of tool calls, which n8n 1 does not have. */
const EXAMPLES_FOR_N8N_2 = [
	'approve-and-pay-suppliers',
	'approve-and-pay-suppliers-on-telegram',
	'ai-payments-assistant-with-review',
];
const describeFor = (name: string) =>
	IS_N8N_1 && EXAMPLES_FOR_N8N_2.includes(name) ? describe.skip : describe;

let n8n: N8n;
let client: N8nClient;
let testEnv: TestEnvironment;
let sandbox: Sandbox;
let services: MockServices;
/** References to credentials, by the type of node that uses them. */
let credentials: Map<string, INode['credentials']>;
/** The workflows to deactivate after each test. */
let active: string[] = [];

beforeAll(async () => {
	services = await MockServices.start();
	await remove(FOLDER);
	n8n = await startN8n({ folder: FOLDER, env: services.env });
	({ client } = n8n);
	testEnv = await createTestEnvironment(client);
	({ sandbox } = testEnv);

	const token = { access_token: 'a-token', token_type: 'Bearer', refresh_token: 'another' };
	const google = { clientId: 'a-client', clientSecret: 'a-secret', oauthTokenData: token };
	const made = await Promise.all([
		client.createCredential('Sheets', 'googleSheetsOAuth2Api', google),
		client.createCredential('Gmail', 'gmailOAuth2', google),
		client.createCredential('Slack', 'slackApi', { accessToken: 'xoxb-not-a-token' }),
		client.createCredential('Telegram', 'telegramApi', {
			accessToken: 'not-a-token',
			baseUrl: 'https://api.telegram.org',
		}),
		client.createCredential('HubSpot', 'hubspotAppToken', { appToken: 'pat-not-a-token' }),
		client.createCredential('OpenAI', 'openAiApi', { apiKey: 'not-a-key' }),
	]);
	const [sheets, gmail, slack, telegram, hubspot, openAi, kopoKopo] = [
		...made,
		testEnv.credential,
	].map(({ id, name, type }) => ({ [type]: { id, name } }));
	credentials = new Map([
		['n8n-nodes-base.googleSheets', sheets],
		['n8n-nodes-base.gmail', gmail],
		['n8n-nodes-base.slack', slack],
		['n8n-nodes-base.slackHitlTool', slack],
		['n8n-nodes-base.telegram', telegram],
		['n8n-nodes-base.hubspot', hubspot],
		['@n8n/n8n-nodes-langchain.lmChatOpenAi', openAi],
		['n8n-nodes-kopokopo.kopoKopo', kopoKopo],
		['n8n-nodes-kopokopo.kopoKopoTool', kopoKopo],
		['n8n-nodes-kopokopo.kopoKopoTrigger', kopoKopo],
		['n8n-nodes-kopokopo.kopoKopoPollingTrigger', kopoKopo],
	]);
});

beforeEach(async () => {
	services.reset();
	await sandbox.reset({ keepTokens: true });
});

afterEach(async () => {
	for (const id of active) await client.deactivate(id);
	active = [];
	expect(services.unexpectedRequests).toEqual([]);
});

afterAll(async () => {
	await testEnv?.close();
	await n8n?.stop();
	await services?.close();
});

/** Imports an example and sets it up; `change` makes further changes to its nodes. */
async function importExample(name: string, change = (node: INode) => node): Promise<string> {
	const draft = setUpExample(await readExample(name), ({ type }) => credentials.get(type));
	const { id } = await client.createWorkflow({ ...draft, nodes: draft.nodes.map(change) });
	return id;
}

async function activateExample(name: string, change?: (node: INode) => INode): Promise<string> {
	const id = await importExample(name, change);
	expect(await client.activate(id)).toEqual(PUBLISHED);
	active.push(id);
	return id;
}

/** Runs a workflow and waits until the execution has ended or is paused. */
async function run(id: string, trigger: string): Promise<Execution> {
	return await client.waitForExecution(await client.run(id, trigger));
}

/** The error of an execution, or its status. A failing test then shows the error. */
const errorOrStatus = (execution: Execution) => errorOf(execution) ?? execution.status;

/** The webhook ID of a trigger, which is part of its URL. */
async function webhookIdOf(id: string, name: string): Promise<string> {
	const { nodes } = await client.readWorkflow(id);
	return nodes.find((node) => node.name === name)?.webhookId ?? '';
}

/** Clicks a button of a Slack message, which opens its URL in a browser. */
async function click(url = ''): Promise<void> {
	const { status } = await fetch(url, { headers: BROWSER });
	expect(status).toBe(200);
}

const slackTexts = (channel: string) =>
	services.slack.filter((message) => message.channel === channel).map(({ text }) => text);

/** All messages go to the chat that the user entered. */
function telegramMessages(): ChatMessage[] {
	expect(new Set(services.telegram.map(({ channel }) => channel)).size).toBeLessThan(2);
	return services.telegram;
}

const yesterdayAt = (hour: number) =>
	DateTime.now().setZone(ZONE).minus({ days: 1 }).startOf('day').plus({ hours: hour });

it('every example uses only node types, versions and parameters that this n8n has', async () => {
	const types = await client.listNodeTypes();
	const missing: string[] = [];
	for (const name of await exampleNames()) {
		if (IS_N8N_1 && EXAMPLES_FOR_N8N_2.includes(name)) continue;
		const { nodes } = await readExample(name);
		for (const node of nodes) {
			const type = types.find(
				(one) => one.name === node.type && [one.version].flat().includes(node.typeVersion),
			);
			if (type === undefined) {
				missing.push(`${name}: ${node.name} is ${node.type} ${node.typeVersion}`);
				continue;
			}
			const known = NodeHelpers.getNodeParameters(
				type.properties,
				node.parameters,
				true,
				false,
				node,
				type,
			);
			const lost = Object.keys(node.parameters).filter((key) => !(key in (known ?? {})));
			if (lost.length > 0) missing.push(`${name}: ${node.name} has no ${lost.join(', ')}`);
		}
	}
	expect(missing).toEqual([]);
});

describe('log-payments-to-sheets-and-slack', () => {
	const NAME = 'log-payments-to-sheets-and-slack';

	it('writes one row and one message for a payment that is delivered twice', async () => {
		services.sheet.fill('Payments', PAYMENT_COLUMNS);
		const id = await activateExample(NAME);
		sandbox.deliveries.duplicateNext(1, 1);
		const { reference } = sandbox.till.buygoods({ amount: 1500, phone: '+254712345678' });
		await waitFor('both deliveries', 20_000, () => {
			const attempts = sandbox.deliveries.log.flatMap((delivery) => delivery.attempts);
			return attempts.filter(({ status }) => status === 200).length >= 2;
		});
		const executions = await client.waitForExecutions(id, 1);
		expect(executions.map(errorOrStatus)).toEqual(['success']);
		expect(services.sheet.rows('Payments')).toEqual([
			{
				Receipt: reference,
				Date: DateTime.now().setZone(ZONE).toFormat('yyyy-MM-dd'),
				Time: expect.stringMatching(/^\d\d:\d\d:\d\d$/) as unknown,
				Amount: 1500,
				Phone: '+254712345678',
				Name: 'Wanjiku Kamau',
				Till: '000000',
			},
		]);
		expect(services.slack).toMatchObject([
			{ channel: '#payments', text: `KES 1500 from Wanjiku Kamau, receipt ${reference}` },
		]);
	});

	it('alerts a person to a payment that could not be written to the sheet', async () => {
		services.unavailableHosts.add('sheets.googleapis.com');
		const id = await activateExample(NAME);
		const { reference } = sandbox.till.buygoods({ amount: 250 });
		await client.waitForExecutions(id, 1);
		expect(slackTexts('#payments')).toEqual([]);
		expect(slackTexts('#payments-help')).toEqual([
			expect.stringContaining(`receipt ${reference}, KES 250`),
		]);
	});
});

describe('collect-payment-from-a-form', () => {
	let form: string;
	let workflow: string;

	beforeEach(async () => {
		workflow = await activateExample('collect-payment-from-a-form');
		form = `${n8n.url}/form/${await webhookIdOf(workflow, 'Payment Form')}`;
	});

	/** Submits the form as a browser does; resolves with the URL of the next page. */
	async function submit(order: string, phone = '0712345678'): Promise<URL> {
		const body = new FormData();
		['Nathan Otieno', 'nathan@example.com', phone, '700', order].forEach((value, index) =>
			body.set(`field-${index}`, value),
		);
		const response = await fetch(form, { method: 'POST', body, headers: BROWSER });
		expect(response.status).toBe(200);
		const { formWaitingUrl } = (await response.json()) as { formWaitingUrl: string };
		return new URL(formWaitingUrl);
	}

	/** Waits for the next page, as the script in the form does, and submits it to end the execution. */
	async function nextPage(page: URL): Promise<string> {
		const status = new URL(page);
		status.pathname += '/n8n-execution-status';
		await waitFor('the page after the form', 30_000, async () => {
			const answer = await (await fetch(status, { headers: BROWSER })).text();
			return answer === 'form-waiting' || answer === 'success' ? answer : undefined;
		});
		const html = await (await fetch(page, { headers: BROWSER })).text();
		await fetch(page, { method: 'POST', headers: BROWSER });
		return html;
	}

	it('shows the form', async () => {
		const html = await (await fetch(form, { headers: BROWSER })).text();
		for (const text of ['Pay with M-Pesa', 'Order Number', 'Pay Now']) expect(html).toContain(text);
	});

	it('requests one payment for two equal submissions, and shows and emails the receipt', async () => {
		// The workflow treats equal submissions of the same calendar minute as one. n8n's Form Trigger
		// sets the time of a submission from the clock of n8n's process, and no request or setting
		// changes it. Waiting is therefore the only way to keep both in the same minute.
		const { second } = DateTime.now();
		if (second > 40) await sleep((60 - second) * 1000);
		const page = await submit('ORDER-1');
		await submit('ORDER-1');
		const [payment = ''] = await waitForPaymentRequests(sandbox, 1);
		sandbox.customer.pay(payment);
		const html = await nextPage(page);
		const [{ reference = '' } = {}] = sandbox.ledger.movements;
		expect(html).toContain('Thank you');
		expect(html).toContain(String(reference));
		expect(services.mails).toMatchObject([
			{ to: 'nathan@example.com', subject: 'Your payment for ORDER-1' },
		]);
		expect(services.mails[0]?.text).toContain(`receipt is ${reference}`);
		await client.waitForExecutions(workflow, 2);
		expect(paymentRequests(sandbox)).toHaveLength(1);
		expect(sandbox.ledger.movements).toHaveLength(1);
		expect(services.slack).toEqual([]);
	});

	it('shows that nothing was paid when the customer declines', async () => {
		sandbox.customer.addBehaviour({ action: 'refuse' });
		expect(await nextPage(await submit('ORDER-2'))).toContain('cancelled by the customer');
		expect(services.mails).toEqual([]);
		expect(services.slack).toEqual([]);
	});

	it('alerts a person to a payment whose outcome is unknown, and does not request it again', async () => {
		sandbox.faults.add({
			kind: 'reset',
			when: 'after',
			method: 'POST',
			path: '/api/v2/incoming_payments',
		});
		expect(await nextPage(await submit('ORDER-3'))).toContain('Please do not pay again');
		expect(slackTexts('#payments-help')).toEqual([
			expect.stringMatching(/payment has the outcome unknown: order ORDER-3, KES 700/),
		]);
		expect(paymentRequests(sandbox)).toHaveLength(1);
	});

	it('shows that an invalid phone number was not sent, and requests no payment', async () => {
		expect(await nextPage(await submit('ORDER-4', 'my number'))).toContain('was not asked to pay');
		expect(paymentRequests(sandbox)).toEqual([]);
	});
});

describe('send-payment-links-for-unpaid-invoices', () => {
	const NAME = 'send-payment-links-for-unpaid-invoices';
	const TRIGGER = 'Every Morning';
	const invoice = (number: number, more: IDataObject = {}) => ({
		Invoice: `INV-${number}`,
		Customer: 'Nathan',
		Email: `customer-${number}@example.com`,
		Amount: 100 * number,
		Status: 'Unpaid',
		...more,
	});
	const fill = (...rows: IDataObject[]) =>
		services.sheet.fill('Invoices', 'Invoice, Customer, Email, Amount, Status, Link, Note', rows);
	const statuses = () => services.sheet.rows('Invoices').map(({ Status }) => Status);
	const links = () =>
		sandbox.ledger.requests.filter(
			({ method, path }) => method === 'POST' && path === '/api/v2/payment_links',
		);

	it('sends one link to each customer, even when another row is invalid', async () => {
		fill(invoice(1), invoice(2, { Amount: 'a lot' }), invoice(3), invoice(4, { Status: 'Paid' }));
		const id = await importExample(NAME);
		expect(errorOrStatus(await run(id, TRIGGER))).toBe('success');
		expect(statuses()).toEqual(['Link sent', 'Not created', 'Link sent', 'Paid']);
		const [first, second] = services.sheet.rows('Invoices');
		expect(second?.Note).toMatch(/Amount/);
		expect(services.mails.map(({ to }) => to)).toEqual([
			'customer-1@example.com',
			'customer-3@example.com',
		]);
		expect(services.mails[0]?.text).toContain(String(first?.Link));
		expect(String(first?.Link)).toMatch(/^http/);
		expect(links()).toHaveLength(2);

		fill(invoice(1), invoice(3));
		expect(errorOrStatus(await run(id, TRIGGER))).toBe('success');
		expect(links()).toHaveLength(2);
		expect(services.mails).toHaveLength(2);
	});

	it('alerts a person when the outcome is unknown, and marks the invoice so that it is not sent again', async () => {
		sandbox.faults.add({
			kind: 'serverError',
			when: 'after',
			method: 'POST',
			path: '/api/v2/payment_links',
		});
		fill(invoice(5));
		await run(await importExample(NAME), TRIGGER);
		expect(statuses()).toEqual(['To check']);
		expect(slackTexts('#payments-help')).toEqual([expect.stringContaining('INV-5')]);
		expect(links()).toHaveLength(1);
		expect(services.mails).toEqual([]);
	});

	it('keeps the link when the email could not be sent', async () => {
		services.unavailableHosts.add('www.googleapis.com');
		fill(invoice(6));
		await run(await importExample(NAME), TRIGGER);
		expect(services.sheet.rows('Invoices')).toMatchObject([
			{ Status: 'Send the link by hand', Link: expect.stringMatching(/^http/) as unknown },
		]);
	});
});

/** The same workflow with two messengers: the requests for approval, and what people are told afterwards. */
const APPROVALS = [
	{
		NAME: 'approve-and-pay-suppliers',
		approvals: () => services.slack.filter(({ channel }) => channel === '#approvals'),
		reports: () => slackTexts('#payments-help'),
	},
	{
		NAME: 'approve-and-pay-suppliers-on-telegram',
		approvals: () => telegramMessages().filter(({ buttons }) => 'Pay Them' in buttons),
		reports: () =>
			telegramMessages()
				.filter(({ buttons }) => !('Pay Them' in buttons))
				.map(({ text }) => text),
	},
];

describeFor('approve-and-pay-suppliers').each(APPROVALS)(
	'$NAME',
	({ NAME, approvals, reports }) => {
		const TRIGGER = 'Every Friday';
		const COLUMNS = 'Payout ID, Supplier, Phone, Amount, What For, Status, Receipt';
		const payout = (number: number, more: IDataObject = {}) => ({
			'Payout ID': `P-${number}`,
			Supplier: `Supplier ${number}`,
			Phone: `071234567${number}`,
			Amount: 1000 * number,
			'What For': 'Vegetables',
			Status: 'To pay',
			...more,
		});
		const fill = (...rows: IDataObject[]) => services.sheet.fill('Payouts', COLUMNS, rows);
		let project: string;
		let table: string;

		beforeEach(async () => {
			({ id: project } = await client.request<{ id: string }>('GET', '/rest/projects/personal'));
			const columns = ['payoutId', 'supplier', 'phone', 'whatFor', 'status', 'receipt'].map(
				(name) => ({ name, type: 'string' }),
			);
			({ id: table } = await client.request<{ id: string }>(
				'POST',
				`/rest/projects/${project}/data-tables`,
				{ name: 'Payouts', columns: [...columns, { name: 'amount', type: 'number' }] },
			));
		});

		afterEach(async () => {
			await client.request('DELETE', `/rest/projects/${project}/data-tables/${table}`);
		});

		const rowsOfTable = async () => {
			const { data } = await client.request<{ data: IDataObject[] }>(
				'GET',
				`/rest/projects/${project}/data-tables/${table}/rows`,
			);
			return data;
		};

		/** Runs the workflow until it waits for approval, and clicks that button. */
		async function runAndAnswer(id: string, button: string): Promise<Execution> {
			const executionId = await client.run(id, TRIGGER);
			expect((await client.waitForExecution(executionId)).status).toBe('waiting');
			await click(approvals().at(-1)?.buttons[button]);
			return await waitFor('the execution to end', 60_000, async () => {
				const execution = await client.waitForExecution(executionId);
				return execution.status === 'waiting' ? undefined : execution;
			});
		}

		it('pays nobody before an approval, and nobody after a rejection', async () => {
			fill(payout(1), payout(2), payout(2), payout(3, { Status: 'Paid' }));
			const execution = await runAndAnswer(await importExample(NAME), 'Do Not Pay');
			expect(errorOrStatus(execution)).toBe('success');
			expect(approvals().map(({ text }) => text)).toEqual([
				expect.stringContaining('Pay 2 suppliers KES 3000 in total?'),
			]);
			expect(reports()).toEqual([]);
			expect(requestedPayouts(sandbox)).toEqual([]);
			expect(await rowsOfTable()).toEqual([]);
		});

		it('pays each supplier once, alerts a person to unknown outcomes, and does not pay again in a later run', async () => {
			sandbox.bank.addBehaviour({ action: 'transfer' });
			// Both requests are accepted, but the response to one of them is lost.
			sandbox.faults.add({
				kind: 'reset',
				when: 'after',
				method: 'POST',
				path: '/api/v2/send_money',
				next: 1,
			});
			fill(payout(1), payout(2), payout(3, { Phone: 'ask him' }));
			const id = await importExample(NAME);
			expect(errorOrStatus(await runAndAnswer(id, 'Pay Them'))).toBe('success');

			const [first, second, third] = services.sheet.rows('Payouts');
			expect([first?.Status, second?.Status].sort()).toEqual(['Paid', 'To check']);
			expect(third?.Status).toBe('To pay');
			const wasPaid = first?.Status === 'Paid' ? first : second;
			const lost = first?.Status === 'Paid' ? second : first;
			expect(wasPaid?.Receipt).toBe(
				sandbox.ledger.movements.find(({ amount }) => amount === wasPaid?.Amount)?.reference,
			);
			const help = reports();
			expect(help).toHaveLength(2);
			expect(help.join('\n')).toContain(`Payout ${String(lost?.['Payout ID'])}`);
			expect(help.join('\n')).toContain('Do not pay it again');
			expect(help.join('\n')).toMatch(/Payout P-3 .* was rejected and nothing was sent/);
			expect(acceptedPayouts(sandbox).sort()).toEqual(['254712345671', '254712345672']);
			expect(requestedPayouts(sandbox)).toHaveLength(2);
			expect(
				(await rowsOfTable()).map(({ payoutId, status }) => [payoutId, status]).sort(),
			).toEqual(
				[
					[wasPaid?.['Payout ID'], 'success'],
					[lost?.['Payout ID'], 'unknown'],
				].sort(),
			);

			// Everything is set to "To pay" again, with the third phone number corrected.
			fill(payout(1), payout(2), payout(3));
			expect(errorOrStatus(await runAndAnswer(id, 'Pay Them'))).toBe('success');
			expect(acceptedPayouts(sandbox).sort()).toEqual([
				'254712345671',
				'254712345672',
				'254712345673',
			]);
			expect(requestedPayouts(sandbox)).toHaveLength(3);
			expect(services.sheet.rows('Payouts').map(({ Status }) => Status)).toEqual([
				'To pay',
				'To pay',
				'Paid',
			]);
		});

		it('alerts a person to a payout that failed, and does not send it again', async () => {
			sandbox.bank.addBehaviour({ action: 'cancel' });
			fill(payout(4));
			await runAndAnswer(await importExample(NAME), 'Pay Them');
			expect(services.sheet.rows('Payouts')).toMatchObject([{ Status: 'Failed' }]);
			expect(reports()).toEqual([
				expect.stringMatching(/^Payout P-4 to Supplier 4 failed: KES 4000 was not sent/),
			]);
			expect(requestedPayouts(sandbox)).toHaveLength(1);
			expect(sandbox.ledger.movements).toEqual([]);
		});
	},
);

describe('reconcile-receipts-daily', () => {
	const NAME = 'reconcile-receipts-daily';
	const TRIGGER = 'Every Night';
	const sale = (amount: number, hour: number) =>
		sandbox.till.buygoods({ amount, at: yesterdayAt(hour).toISO() ?? '' }).reference;
	const row = (Receipt: string, Amount: number, day = yesterdayAt(0)) => ({
		Receipt,
		Amount,
		Date: day.toFormat('yyyy-MM-dd'),
	});

	it('adds missing receipts, and reports different amounts and unknown receipts', async () => {
		const missing = sale(300, 0);
		const same = sale(400, 12);
		const other = sale(500, 23);
		sandbox.till.buygoods({ amount: 600 });
		services.sheet.fill('Payments', PAYMENT_COLUMNS, [
			row(same, 400),
			row(other, 555),
			row('UNKNOWN', 1),
			row('OLD', 1, yesterdayAt(-24)),
		]);
		const id = await importExample(NAME);
		expect(errorOrStatus(await run(id, TRIGGER))).toBe('success');
		expect(services.sheet.rows('Payments')).toHaveLength(5);
		expect(services.sheet.rows('Payments').at(-1)).toMatchObject({
			Receipt: missing,
			Amount: 300,
			Date: yesterdayAt(0).toFormat('yyyy-MM-dd'),
		});
		const [summary = '', ...more] = slackTexts('#payments');
		expect(more).toEqual([]);
		expect(summary).toContain('1 receipts match, 1 were missing');
		expect(summary).toContain(`(${missing})`);
		expect(summary).toContain(`amounts differ: ${other}`);
		expect(summary).toContain('does not know these receipts in the sheet: UNKNOWN');

		await run(id, TRIGGER);
		expect(services.sheet.rows('Payments')).toHaveLength(5);
		expect(slackTexts('#payments').at(-1)).toContain('2 receipts match, 0 were missing');
	});

	it('reports zero receipts on a day without payments', async () => {
		services.sheet.fill('Payments', PAYMENT_COLUMNS);
		expect(errorOrStatus(await run(await importExample(NAME), TRIGGER))).toBe('success');
		expect(slackTexts('#payments')).toEqual([
			expect.stringContaining('0 receipts match, 0 were missing'),
		]);
	});

	it('reports an error when Kopo Kopo cannot be read, and compares nothing', async () => {
		sandbox.faults.add({ kind: 'serverError', path: '/api/v2/polling*', status: 500 });
		services.sheet.fill('Payments', PAYMENT_COLUMNS, [row('KEPT', 100)]);
		expect(errorOrStatus(await run(await importExample(NAME), TRIGGER))).toMatch(
			/could not be read/,
		);
		expect(slackTexts('#payments')).toEqual([]);
		expect(slackTexts('#payments-help')).toHaveLength(1);
	});
});

describe('create-crm-deal-when-a-customer-pays', () => {
	const NAME = 'create-crm-deal-when-a-customer-pays';
	const messages = () =>
		sandbox.ledger.requests.filter(({ path }) => path === '/api/v1/transaction_sms_notifications');

	it('creates a deal and sends one SMS for each payment, for known and new contacts', async () => {
		services.contacts.push({ id: '7', phone: '0712 345 678' });
		const id = await activateExample(NAME);
		const sales = ['+254712345678', '+254700000009', '+254700000009'].map((phone, index) =>
			sandbox.till.buygoods({
				amount: 100 + index,
				phone,
				firstName: 'Achieng',
				lastName: 'Atieno',
			}),
		);
		const executions = await client.waitForExecutions(id, 3);
		expect(executions.map(errorOrStatus)).toEqual(['success', 'success', 'success']);
		expect(services.contacts).toMatchObject([
			{ id: '7' },
			{ phone: '+254700000009', email: '254700000009@mpesa.example.com', firstname: 'Achieng' },
		]);
		const added = Number(services.contacts[1]?.id);
		expect(
			services.deals
				.map(({ dealname, amount, dealstage, associatedVids }) => [
					dealname,
					Number(amount),
					dealstage,
					(associatedVids as unknown[]).map(Number),
				])
				.sort((one, next) => Number(one[1]) - Number(next[1])),
		).toEqual(
			sales.map(({ reference, amount }, index) => [
				`M-Pesa ${reference}`,
				amount,
				'closedwon',
				[index === 0 ? 7 : added],
			]),
		);
		expect(messages()).toHaveLength(3);
		expect(new Set(messages().map(({ status }) => status))).toEqual(new Set([201]));
	});

	it('alerts a person when HubSpot is unavailable', async () => {
		services.unavailableHosts.add('api.hubapi.com');
		const id = await activateExample(NAME);
		const { reference } = sandbox.till.buygoods({ amount: 100 });
		await client.waitForExecutions(id, 1);
		expect(slackTexts('#payments-help')).toEqual([expect.stringContaining(reference)]);
		expect(messages()).toEqual([]);
	});
});

const mailsTo = (to: string) =>
	services.mails.filter((mail) => mail.to === to).map(({ text }) => text.trim());

describe.each([
	{
		name: 'alert-on-reversals-and-settlements',
		toShop: () => slackTexts('#payments'),
		toHelp: () => slackTexts('#payments-help'),
	},
	{
		name: 'alert-on-reversals-and-settlements-by-email',
		toShop: () => mailsTo('shop@example.com'),
		toHelp: () => mailsTo('payments-help@example.com'),
	},
])('$name', ({ name, toShop, toHelp }) => {
	it('reports reversals, settlements and unknown events, each to the right people', async () => {
		services.sheet.fill('Settlements', 'Settlement ID, Date, Amount, To, References');
		const id = await activateExample(name);
		const { reference } = sandbox.till.buygoods({ amount: 900 });
		sandbox.till.reverse(reference);
		sandbox.company.settle({ amounts: [5000] });
		const path = await webhookIdOf(id, 'Reversal or Settlement');
		sandbox.send({
			url: `${n8n.url}/webhook/${path}/kopo-kopo`,
			body: JSON.stringify({ topic: 'loan_repaid', id: 'loan-1', event: { resource: {} } }),
			signature: 'valid',
		});
		const executions = await client.waitForExecutions(id, 3);
		expect(executions.map(errorOrStatus)).toEqual(['success', 'success', 'success']);
		expect(toShop()).toEqual([
			expect.stringMatching(new RegExp(`^Reversed: KES 900, receipt ${reference}`)),
		]);
		expect(toHelp()).toEqual([expect.stringContaining('loan_repaid, loan-1')]);
		expect(services.sheet.rows('Settlements')).toMatchObject([{ Amount: 5000 }]);
		expect(services.mails.filter(({ to }) => to === 'bookkeeper@example.com')).toMatchObject([
			{ subject: 'Kopo Kopo settled KES 5000' },
		]);
	});
});

describeFor('ai-payments-assistant-with-review')('ai-payments-assistant-with-review', () => {
	let chat: string;
	let workflow: string;

	beforeEach(async () => {
		// The editor's own chat does not need a public URL, but a test does.
		workflow = await activateExample('ai-payments-assistant-with-review', (node) =>
			node.name === 'Question'
				? { ...node, parameters: { ...node.parameters, public: true, mode: 'webhook' } }
				: node,
		);
		chat = `${n8n.url}/webhook/${await webhookIdOf(workflow, 'Question')}/chat`;
	});

	/** Sends a chat message; resolves with the execution once it has ended or is paused. */
	async function sendMessage(chatInput: string): Promise<Execution> {
		const response = await fetch(chat, {
			method: 'POST',
			headers: { ...BROWSER, 'content-type': 'application/json' },
			body: JSON.stringify({ action: 'sendMessage', sessionId: chatInput, chatInput }),
		});
		// The status is not checked: n8n answers with 500 when the execution is paused.
		await response.text();
		const [execution] = await client.waitForExecutions(workflow, 1);
		if (execution === undefined) throw new Error('The chat message started no execution');
		return execution;
	}

	const outputOf = (execution: Execution) =>
		itemsOf(execution, 'Payments Assistant')[0]?.json.output;
	const lastToolResults = () => services.modelRequests.slice(-1).flatMap(toolResults);

	it('looks up payments without a review', async () => {
		const { reference } = sandbox.till.buygoods({ amount: 4321 });
		const now = DateTime.now();
		services.modelAnswers = [
			{
				toolCalls: [
					{
						tool: 'List_Payments',
						args: { from: now.minus({ hours: 1 }).toISO(), to: now.plus({ hours: 1 }).toISO() },
					},
				],
			},
			{ text: 'KES 4321 came in.' },
		];
		const execution = await sendMessage('What came in?');
		expect(errorOrStatus(execution)).toBe('success');
		expect(outputOf(execution)).toBe('KES 4321 came in.');
		expect(lastToolResults().join()).toContain(reference);
		expect(services.slack).toEqual([]);
	});

	it.each([
		['Approve', 1],
		['Reject', 0],
	])(
		'requests no payment before a person clicks "%s", and %d after that',
		async (button, count) => {
			services.modelAnswers = [
				{
					toolCalls: [
						{
							tool: 'Ask_a_Customer_to_Pay',
							args: { toolParameters: { phone: '0712345678', amount: 300 }, hitlParameters: {} },
						},
					],
				},
				{ text: 'That is all.' },
			];
			const waiting = await sendMessage('Ask Nathan for 300');
			expect(waiting.status).toBe('waiting');
			expect(paymentRequests(sandbox)).toEqual([]);
			const [message] = services.slack;
			expect(message?.text).toMatch(/Ask a Customer to Pay.*\nphone: 0712345678/);
			await click(message?.buttons[button]);
			const execution = await waitFor('the execution to end', 60_000, async () => {
				const ended = await client.waitForExecution(waiting.id);
				return ended.status === 'waiting' ? undefined : ended;
			});
			expect(errorOrStatus(execution)).toBe('success');
			expect(outputOf(execution)).toBe('That is all.');
			expect(paymentRequests(sandbox)).toHaveLength(count);
			expect(services.slack).toHaveLength(1);
		},
	);
});

/** A polling trigger polls every minute, and begins with the payments of the last hour. */
const pollSoon = (node: INode): INode =>
	node.type.endsWith('PollingTrigger')
		? {
				...node,
				parameters: {
					...node.parameters,
					pollTimes: { item: [{ mode: 'everyMinute' }] },
					startFrom: 'time',
					startTime: DateTime.now().minus({ hours: 1 }).toISO(),
				},
			}
		: node;
const receipts = () => services.sheet.rows('Payments').map(({ Receipt }) => Receipt);
/** Payments of the past, because a poll leaves those of its own second to the next one. */
const saleBefore = (amount: number) =>
	sandbox.till.buygoods({ amount, at: DateTime.now().minus({ minutes: 5 }).toISO() }).reference;

it('log-payments-without-a-public-address adds each payment once', async () => {
	services.sheet.fill('Payments', PAYMENT_COLUMNS);
	const [first, second] = [saleBefore(100), saleBefore(200)];
	await activateExample('log-payments-without-a-public-address', pollSoon);
	await waitFor('two rows', 80_000, () => receipts().length === 2);
	const third = saleBefore(300);
	await waitFor('the row of a later poll', 80_000, () => receipts().length > 2);
	expect(receipts()).toEqual([first, second, third]);
});

it('every-payment-once adds payments that were delivered, lost, or not written at first', async () => {
	services.sheet.fill('Payments', PAYMENT_COLUMNS);
	// As if it had been paid while n8n was down.
	const missed = saleBefore(100);
	const id = await activateExample('every-payment-once', pollSoon);
	await waitFor('the row of a payment from before', 80_000, () => receipts().length === 1);
	const { reference: delivered } = sandbox.till.buygoods({ amount: 200 });
	await waitFor('the row of a delivery', 20_000, () => receipts().length === 2);
	sandbox.deliveries.loseNext();
	const lost = saleBefore(300);
	services.unavailableHosts.add('sheets.googleapis.com');
	const { reference: failed } = sandbox.till.buygoods({ amount: 400 });
	await waitFor('the execution that cannot write the row', 60_000, async () => {
		const executions = await client.listExecutions(id);
		return executions.some(({ status }) => status === 'error');
	});
	services.unavailableHosts.clear();
	await waitFor('the rows of later polls', 200_000, () => receipts().length === 4);
	expect([...receipts()].sort()).toEqual([missed, delivered, lost, failed].sort());
});
