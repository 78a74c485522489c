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
import { StandIns } from './mockServices';

// Its own n8n, since all that this one sends goes through the stand-ins.
const FOLDER = `${RUN}/e2e-examples`;
const PUBLISHED = { status: 'published', errors: [] };
const PAYMENT_COLUMNS = 'Receipt, Date, Time, Amount, Phone, Name, Till';
/** n8n takes whoever does not say so for a robot, which may not press buttons. */
const BROWSER = {
	'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
};
const ZONE = 'Africa/Nairobi';

/** The n8n that the test is for (jest.config.mjs). */
declare const n8nVersion: string;
const IS_N8N_1 = n8nVersion.startsWith('1.');
/** Data tables by name, and a review in front of an agent's tools, came with n8n 2. */
const NEED_N8N_2 = ['approve-and-pay-suppliers', 'ai-payments-assistant-with-review'];
const describeFor = (name: string) =>
	IS_N8N_1 && NEED_N8N_2.includes(name) ? describe.skip : describe;

let n8n: N8n;
let client: N8nClient;
let testEnv: TestEnvironment;
let sandbox: Sandbox;
let outside: StandIns;
/** Credentials by the type of node that needs them, in the form that a workflow names them. */
let credentials: Map<string, INode['credentials']>;
/** What is live, to be taken offline after each test. */
let live: string[] = [];

beforeAll(async () => {
	outside = await StandIns.start();
	await remove(FOLDER);
	n8n = await startN8n({ folder: FOLDER, env: outside.env });
	({ client } = n8n);
	testEnv = await createTestEnvironment(client);
	({ sandbox } = testEnv);

	const token = { access_token: 'a-token', token_type: 'Bearer', refresh_token: 'another' };
	const google = { clientId: 'a-client', clientSecret: 'a-secret', oauthTokenData: token };
	const made = await Promise.all([
		client.createCredential('Sheets', 'googleSheetsOAuth2Api', google),
		client.createCredential('Gmail', 'gmailOAuth2', google),
		client.createCredential('Slack', 'slackApi', { accessToken: 'xoxb-not-a-token' }),
		client.createCredential('HubSpot', 'hubspotAppToken', { appToken: 'pat-not-a-token' }),
		client.createCredential('OpenAI', 'openAiApi', { apiKey: 'not-a-key' }),
	]);
	const [sheets, gmail, slack, hubspot, openAi, kopoKopo] = [...made, testEnv.credential].map(
		({ id, name, type }) => ({ [type]: { id, name } }),
	);
	credentials = new Map([
		['n8n-nodes-base.googleSheets', sheets],
		['n8n-nodes-base.gmail', gmail],
		['n8n-nodes-base.slack', slack],
		['n8n-nodes-base.slackHitlTool', slack],
		['n8n-nodes-base.hubspot', hubspot],
		['@n8n/n8n-nodes-langchain.lmChatOpenAi', openAi],
		['n8n-nodes-kopokopo.kopoKopo', kopoKopo],
		['n8n-nodes-kopokopo.kopoKopoTool', kopoKopo],
		['n8n-nodes-kopokopo.kopoKopoTrigger', kopoKopo],
	]);
});

beforeEach(async () => {
	outside.reset();
	await sandbox.reset({ keepTokens: true });
});

afterEach(async () => {
	for (const id of live) await client.deactivate(id);
	live = [];
	expect(outside.strangers).toEqual([]);
});

afterAll(async () => {
	await testEnv?.close();
	await n8n?.stop();
	await outside?.close();
});

/** Imports an example and does its set-up; `change` is what else a user might set. */
async function imported(name: string, change = (node: INode) => node): Promise<string> {
	const draft = setUpExample(await readExample(name), ({ type }) => credentials.get(type));
	const { id } = await client.createWorkflow({ ...draft, nodes: draft.nodes.map(change) });
	return id;
}

async function switchedOn(name: string, change?: (node: INode) => INode): Promise<string> {
	const id = await imported(name, change);
	expect(await client.activate(id)).toEqual(PUBLISHED);
	live.push(id);
	return id;
}

/** Presses the run button and waits until the execution has ended or sleeps. */
async function ran(id: string, trigger: string): Promise<Execution> {
	return await client.waitForExecution(await client.run(id, trigger));
}

/** How an execution ended; its error when it has one, so that a failing test says why. */
const endOf = (execution: Execution) => errorOf(execution) ?? execution.status;

/** The address of a trigger of a workflow, which ends with its webhook's id. */
async function webhookIdOf(id: string, name: string): Promise<string> {
	const { nodes } = await client.readWorkflow(id);
	return nodes.find((node) => node.name === name)?.webhookId ?? '';
}

/** Presses a button of a message in Slack, which opens its address in a browser. */
async function press(address = ''): Promise<void> {
	const { status } = await fetch(address, { headers: BROWSER });
	expect(status).toBe(200);
}

const linesOfSlack = (channel: string) =>
	outside.slack.filter((message) => message.channel === channel).map(({ text }) => text);

const yesterdayAt = (hour: number) =>
	DateTime.now().setZone(ZONE).minus({ days: 1 }).startOf('day').plus({ hours: hour });

it('every example uses only nodes, versions and parameters that this n8n has', async () => {
	const types = await client.listNodeTypes();
	const wrong: string[] = [];
	for (const name of await exampleNames()) {
		if (IS_N8N_1 && NEED_N8N_2.includes(name)) continue;
		const { nodes } = await readExample(name);
		for (const node of nodes) {
			const type = types.find(
				(one) => one.name === node.type && [one.version].flat().includes(node.typeVersion),
			);
			if (type === undefined) {
				wrong.push(`${name}: ${node.name} is ${node.type} ${node.typeVersion}`);
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
			if (lost.length > 0) wrong.push(`${name}: ${node.name} has no ${lost.join(', ')}`);
		}
	}
	expect(wrong).toEqual([]);
});

describe('log-payments-to-sheets-and-slack', () => {
	const NAME = 'log-payments-to-sheets-and-slack';

	it('writes one row and one message for a payment that is reported twice', async () => {
		outside.sheet.fill('Payments', PAYMENT_COLUMNS);
		// Without the trigger's own memory each report starts an execution.
		const id = await switchedOn(NAME, (node) =>
			node.name === 'Customer Paid'
				? { ...node, parameters: { ...node.parameters, options: { ignoreDuplicates: false } } }
				: node,
		);
		sandbox.deliveries.duplicateNext(1, 1);
		const { reference } = sandbox.till.buygoods({ amount: 1500, phone: '+254712345678' });
		const executions = await client.waitForExecutions(id, 2);
		expect(executions.map(endOf)).toEqual(['success', 'success']);
		expect(outside.sheet.rows('Payments')).toEqual([
			{
				Receipt: reference,
				Date: DateTime.now().setZone(ZONE).toFormat('yyyy-MM-dd'),
				Time: expect.stringMatching(/^\d\d:\d\d:\d\d$/) as unknown,
				Amount: 1500,
				Phone: '+254712345678',
				Name: 'Jane Doe',
				Till: '000000',
			},
		]);
		expect(outside.slack).toMatchObject([
			{ channel: '#payments', text: `KES 1500 from Jane Doe, receipt ${reference}` },
		]);
	});

	it('tells a person of a payment that did not get into the sheet', async () => {
		outside.down.add('sheets.googleapis.com');
		const id = await switchedOn(NAME);
		const { reference } = sandbox.till.buygoods({ amount: 250 });
		await client.waitForExecutions(id, 1);
		expect(linesOfSlack('#payments')).toEqual([]);
		expect(linesOfSlack('#payments-help')).toEqual([
			expect.stringContaining(`receipt ${reference}, KES 250`),
		]);
	});
});

describe('collect-payment-from-a-form', () => {
	let form: string;
	let workflow: string;

	beforeEach(async () => {
		workflow = await switchedOn('collect-payment-from-a-form');
		form = `${n8n.url}/form/${await webhookIdOf(workflow, 'Payment Form')}`;
	});

	/** Fills the form in as a browser does; resolves with the address of the page that comes next. */
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

	/** Waits for the next page, as the script in the form does, and lets it end the execution. */
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

	it('asks once for two equal submissions, thanks with the receipt, and mails it', async () => {
		// The workflow tells submissions apart by the minute, so both must be in one.
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
		expect(outside.mails).toMatchObject([
			{ to: 'nathan@example.com', subject: 'Your payment for ORDER-1' },
		]);
		expect(outside.mails[0]?.text).toContain(`receipt is ${reference}`);
		await client.waitForExecutions(workflow, 2);
		expect(paymentRequests(sandbox)).toHaveLength(1);
		expect(sandbox.ledger.movements).toHaveLength(1);
		expect(outside.slack).toEqual([]);
	});

	it('says that nothing was paid when the customer says no', async () => {
		sandbox.customer.will({ deed: 'refuse' });
		expect(await nextPage(await submit('ORDER-2'))).toContain('Request cancelled by user');
		expect(outside.mails).toEqual([]);
		expect(outside.slack).toEqual([]);
	});

	it('hands a payment whose fate is not known to a person, and does not ask twice', async () => {
		sandbox.weather.add({
			kind: 'reset',
			when: 'after',
			method: 'POST',
			path: '/api/v2/incoming_payments',
		});
		expect(await nextPage(await submit('ORDER-3'))).toContain('Please do not pay again');
		expect(linesOfSlack('#payments-help')).toEqual([
			expect.stringMatching(/payment is unknown: order ORDER-3, KES 700/),
		]);
		expect(paymentRequests(sandbox)).toHaveLength(1);
	});

	it('says what is wrong with the number, and asks nobody', async () => {
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
		outside.sheet.fill('Invoices', 'Invoice, Customer, Email, Amount, Status, Link, Note', rows);
	const statuses = () => outside.sheet.rows('Invoices').map(({ Status }) => Status);
	const links = () =>
		sandbox.ledger.requests.filter(
			({ method, path }) => method === 'POST' && path === '/api/v2/payment_links',
		);

	it('sends each customer one link, and one bad row does not stop the others', async () => {
		fill(invoice(1), invoice(2, { Amount: 'a lot' }), invoice(3), invoice(4, { Status: 'Paid' }));
		const id = await imported(NAME);
		expect(endOf(await ran(id, TRIGGER))).toBe('success');
		expect(statuses()).toEqual(['Link sent', 'Not made', 'Link sent', 'Paid']);
		const [first, second] = outside.sheet.rows('Invoices');
		expect(second?.Note).toMatch(/Amount/);
		expect(outside.mails.map(({ to }) => to)).toEqual([
			'customer-1@example.com',
			'customer-3@example.com',
		]);
		expect(outside.mails[0]?.text).toContain(String(first?.Link));
		expect(String(first?.Link)).toMatch(/^http/);
		expect(links()).toHaveLength(2);

		fill(invoice(1), invoice(3));
		expect(endOf(await ran(id, TRIGGER))).toBe('success');
		expect(links()).toHaveLength(2);
		expect(outside.mails).toHaveLength(2);
	});

	it('hands an invoice to a person when the answer was lost, and takes it off the list', async () => {
		sandbox.weather.add({
			kind: 'serverError',
			when: 'after',
			method: 'POST',
			path: '/api/v2/payment_links',
		});
		fill(invoice(5));
		await ran(await imported(NAME), TRIGGER);
		expect(statuses()).toEqual(['To check']);
		expect(linesOfSlack('#payments-help')).toEqual([expect.stringContaining('INV-5')]);
		expect(links()).toHaveLength(1);
		expect(outside.mails).toEqual([]);
	});

	it('keeps the link of a mail that could not be sent', async () => {
		outside.down.add('www.googleapis.com');
		fill(invoice(6));
		await ran(await imported(NAME), TRIGGER);
		expect(outside.sheet.rows('Invoices')).toMatchObject([
			{ Status: 'Send the link by hand', Link: expect.stringMatching(/^http/) as unknown },
		]);
	});
});

describeFor('approve-and-pay-suppliers')('approve-and-pay-suppliers', () => {
	const NAME = 'approve-and-pay-suppliers';
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
	const fill = (...rows: IDataObject[]) => outside.sheet.fill('Payouts', COLUMNS, rows);
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

	/** Runs the workflow until it sleeps for a person, and presses that button. */
	async function answered(id: string, button: string): Promise<Execution> {
		const run = await client.run(id, TRIGGER);
		expect((await client.waitForExecution(run)).status).toBe('waiting');
		await press(outside.slack.at(-1)?.buttons[button]);
		return await waitFor('the payouts', 60_000, async () => {
			const execution = await client.waitForExecution(run);
			return execution.status === 'waiting' ? undefined : execution;
		});
	}

	it('pays nobody before a yes, and nobody after a no', async () => {
		fill(payout(1), payout(2), payout(2), payout(3, { Status: 'Paid' }));
		const execution = await answered(await imported(NAME), 'Do Not Pay');
		expect(endOf(execution)).toBe('success');
		expect(outside.slack).toHaveLength(1);
		expect(outside.slack[0]).toMatchObject({
			channel: '#approvals',
			text: expect.stringContaining('Pay 2 suppliers KES 3000?') as unknown,
		});
		expect(requestedPayouts(sandbox)).toEqual([]);
		expect(await rowsOfTable()).toEqual([]);
	});

	it('pays each once, hands what is not known to a person, and pays nothing again', async () => {
		sandbox.bank.will({ deed: 'transfer' });
		// One of the two that are sent is carried out, but its answer gets lost.
		sandbox.weather.add({
			kind: 'reset',
			when: 'after',
			method: 'POST',
			path: '/api/v2/send_money',
			next: 1,
		});
		fill(payout(1), payout(2), payout(3, { Phone: 'ask him' }));
		const id = await imported(NAME);
		expect(endOf(await answered(id, 'Pay Them'))).toBe('success');

		const [first, second, third] = outside.sheet.rows('Payouts');
		expect([first?.Status, second?.Status].sort()).toEqual(['Paid', 'To check']);
		expect(third?.Status).toBe('To pay');
		const wasPaid = first?.Status === 'Paid' ? first : second;
		const lost = first?.Status === 'Paid' ? second : first;
		expect(wasPaid?.Receipt).toBe(
			sandbox.ledger.movements.find(({ amount }) => amount === wasPaid?.Amount)?.reference,
		);
		const help = linesOfSlack('#payments-help');
		expect(help).toHaveLength(2);
		expect(help.join('\n')).toContain(`Payout ${String(lost?.['Payout ID'])}`);
		expect(help.join('\n')).toContain('Do NOT pay it again');
		expect(help.join('\n')).toMatch(/Payout P-3 .* was refused and nothing was sent/);
		expect(acceptedPayouts(sandbox).sort()).toEqual(['254712345671', '254712345672']);
		expect(requestedPayouts(sandbox)).toHaveLength(2);
		expect((await rowsOfTable()).map(({ payoutId, status }) => [payoutId, status]).sort()).toEqual(
			[
				[wasPaid?.['Payout ID'], 'success'],
				[lost?.['Payout ID'], 'unknown'],
			].sort(),
		);

		// Somebody sets everything to "To pay" again, with the third one's number mended.
		fill(payout(1), payout(2), payout(3));
		expect(endOf(await answered(id, 'Pay Them'))).toBe('success');
		expect(acceptedPayouts(sandbox).sort()).toEqual([
			'254712345671',
			'254712345672',
			'254712345673',
		]);
		expect(requestedPayouts(sandbox)).toHaveLength(3);
		expect(outside.sheet.rows('Payouts').map(({ Status }) => Status)).toEqual([
			'To pay',
			'To pay',
			'Paid',
		]);
	});

	it('says so when the bank refuses, and does not try again', async () => {
		sandbox.bank.will({ deed: 'cancel' });
		fill(payout(4));
		await answered(await imported(NAME), 'Pay Them');
		expect(outside.sheet.rows('Payouts')).toMatchObject([{ Status: 'Failed' }]);
		expect(linesOfSlack('#payments-help')).toEqual([
			expect.stringMatching(/^Payout P-4 to Supplier 4 failed, KES 4000 were not sent/),
		]);
		expect(requestedPayouts(sandbox)).toHaveLength(1);
		expect(sandbox.ledger.movements).toEqual([]);
	});
});

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

	it('adds what is missing, and tells what differs and what is unknown', async () => {
		const missing = sale(300, 0);
		const same = sale(400, 12);
		const other = sale(500, 23);
		sandbox.till.buygoods({ amount: 600 });
		outside.sheet.fill('Payments', PAYMENT_COLUMNS, [
			row(same, 400),
			row(other, 555),
			row('UNKNOWN', 1),
			row('OLD', 1, yesterdayAt(-24)),
		]);
		const id = await imported(NAME);
		expect(endOf(await ran(id, TRIGGER))).toBe('success');
		expect(outside.sheet.rows('Payments')).toHaveLength(5);
		expect(outside.sheet.rows('Payments').at(-1)).toMatchObject({
			Receipt: missing,
			Amount: 300,
			Date: yesterdayAt(0).toFormat('yyyy-MM-dd'),
		});
		const [summary = '', ...more] = linesOfSlack('#payments');
		expect(more).toEqual([]);
		expect(summary).toContain('1 receipts agree, 1 were missing');
		expect(summary).toContain(`(${missing})`);
		expect(summary).toContain(`amounts differ: ${other}`);
		expect(summary).toContain('does not know these of the sheet: UNKNOWN');

		await ran(id, TRIGGER);
		expect(outside.sheet.rows('Payments')).toHaveLength(5);
		expect(linesOfSlack('#payments').at(-1)).toContain('2 receipts agree, 0 were missing');
	});

	it('says that all agrees on a day without payments', async () => {
		outside.sheet.fill('Payments', PAYMENT_COLUMNS);
		expect(endOf(await ran(await imported(NAME), TRIGGER))).toBe('success');
		expect(linesOfSlack('#payments')).toEqual([
			expect.stringContaining('0 receipts agree, 0 were missing'),
		]);
	});

	it('says that it did not run when Kopo Kopo cannot be read, and compares nothing', async () => {
		sandbox.weather.add({ kind: 'serverError', path: '/api/v2/polling*', status: 500 });
		outside.sheet.fill('Payments', PAYMENT_COLUMNS, [row('KEPT', 100)]);
		expect(endOf(await ran(await imported(NAME), TRIGGER))).toMatch(/could not be read/);
		expect(linesOfSlack('#payments')).toEqual([]);
		expect(linesOfSlack('#payments-help')).toHaveLength(1);
	});
});

describe('create-crm-deal-when-a-customer-pays', () => {
	const NAME = 'create-crm-deal-when-a-customer-pays';
	const messages = () =>
		sandbox.ledger.requests.filter(({ path }) => path === '/api/v1/transaction_sms_notifications');

	it('gives each payment a deal of its payer, known or new, and one SMS', async () => {
		outside.contacts.push({ id: '7', phone: '0712 345 678' });
		const id = await switchedOn(NAME);
		const sales = ['+254712345678', '+254700000009', '+254700000009'].map((phone, index) =>
			sandbox.till.buygoods({
				amount: 100 + index,
				phone,
				firstName: 'Achieng',
				lastName: 'Atieno',
			}),
		);
		const executions = await client.waitForExecutions(id, 3);
		expect(executions.map(endOf)).toEqual(['success', 'success', 'success']);
		expect(outside.contacts).toMatchObject([
			{ id: '7' },
			{ phone: '+254700000009', email: '254700000009@mpesa.example.com', firstname: 'Achieng' },
		]);
		const added = Number(outside.contacts[1]?.id);
		expect(
			outside.deals
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

	it('tells a person when HubSpot does not take it', async () => {
		outside.down.add('api.hubapi.com');
		const id = await switchedOn(NAME);
		const { reference } = sandbox.till.buygoods({ amount: 100 });
		await client.waitForExecutions(id, 1);
		expect(linesOfSlack('#payments-help')).toEqual([expect.stringContaining(reference)]);
		expect(messages()).toEqual([]);
	});
});

describe('alert-on-reversals-and-settlements', () => {
	it('tells the right people of each, and loses none that it does not know', async () => {
		outside.sheet.fill('Settlements', 'Settlement ID, Date, Amount, To, References');
		const id = await switchedOn('alert-on-reversals-and-settlements');
		const { reference } = sandbox.till.buygoods({ amount: 900 });
		sandbox.till.reverse(reference);
		sandbox.company.settle({ amounts: [5000] });
		const path = await webhookIdOf(id, 'Money Went Back or Out');
		sandbox.send({
			url: `${n8n.url}/webhook/${path}/kopo-kopo`,
			body: JSON.stringify({ topic: 'loan_repaid', id: 'loan-1', event: { resource: {} } }),
			signature: 'valid',
		});
		const executions = await client.waitForExecutions(id, 3);
		expect(executions.map(endOf)).toEqual(['success', 'success', 'success']);
		expect(linesOfSlack('#payments')).toEqual([
			expect.stringMatching(new RegExp(`^TAKEN BACK: KES 900, receipt ${reference}`)),
		]);
		expect(linesOfSlack('#payments-help')).toEqual([
			expect.stringContaining('loan_repaid, loan-1'),
		]);
		expect(outside.sheet.rows('Settlements')).toMatchObject([{ Amount: 5000 }]);
		expect(outside.mails).toMatchObject([
			{ to: 'bookkeeper@example.com', subject: 'Kopo Kopo settled KES 5000' },
		]);
	});
});

describeFor('ai-payments-assistant-with-review')('ai-payments-assistant-with-review', () => {
	let chat: string;
	let workflow: string;

	beforeEach(async () => {
		// The editor's own chat window needs no address; a test has no window.
		workflow = await switchedOn('ai-payments-assistant-with-review', (node) =>
			node.name === 'Question'
				? { ...node, parameters: { ...node.parameters, public: true, mode: 'webhook' } }
				: node,
		);
		chat = `${n8n.url}/webhook/${await webhookIdOf(workflow, 'Question')}/chat`;
	});

	/** Says something in the chat; resolves with the execution once it has ended or waits for a person. */
	async function say(chatInput: string): Promise<Execution> {
		const response = await fetch(chat, {
			method: 'POST',
			headers: { ...BROWSER, 'content-type': 'application/json' },
			body: JSON.stringify({ action: 'sendMessage', sessionId: chatInput, chatInput }),
		});
		// Also a 500, which is what n8n says here of an execution that waits.
		await response.text();
		const [execution] = await client.waitForExecutions(workflow, 1);
		if (execution === undefined) throw new Error('The chat started nothing');
		return execution;
	}

	const answerOf = (execution: Execution) =>
		itemsOf(execution, 'Payments Assistant')[0]?.json.output;
	const shown = () =>
		outside.asked
			.at(-1)
			?.messages.filter(({ role }) => role === 'tool')
			.map(({ content }) => content);

	it('looks payments up without asking anybody', async () => {
		const { reference } = sandbox.till.buygoods({ amount: 4321 });
		const now = DateTime.now();
		outside.turns = [
			{
				calls: [
					{
						tool: 'List_Payments',
						args: { from: now.minus({ hours: 1 }).toISO(), to: now.plus({ hours: 1 }).toISO() },
					},
				],
			},
			{ says: 'KES 4321 came in.' },
		];
		const execution = await say('What came in?');
		expect(endOf(execution)).toBe('success');
		expect(answerOf(execution)).toBe('KES 4321 came in.');
		expect(shown()?.join()).toContain(reference);
		expect(outside.slack).toEqual([]);
	});

	it.each([
		['Yes, Do It', 1],
		['No', 0],
	])('moves no money before a person pressed "%s"; then payments: %d', async (button, count) => {
		outside.turns = [
			{
				calls: [
					{
						tool: 'Ask_a_Customer_to_Pay',
						args: { toolParameters: { phone: '0712345678', amount: 300 }, hitlParameters: {} },
					},
				],
			},
			{ says: 'That is all.' },
		];
		const waiting = await say('Ask Nathan for 300');
		expect(waiting.status).toBe('waiting');
		expect(paymentRequests(sandbox)).toEqual([]);
		const [message] = outside.slack;
		expect(message?.text).toMatch(/Ask a Customer to Pay.*\nphone: 0712345678/);
		await press(message?.buttons[button]);
		const execution = await waitFor('the answer', 60_000, async () => {
			const settled = await client.waitForExecution(waiting.id);
			return settled.status === 'waiting' ? undefined : settled;
		});
		expect(endOf(execution)).toBe('success');
		expect(answerOf(execution)).toBe('That is all.');
		expect(paymentRequests(sandbox)).toHaveLength(count);
		expect(outside.slack).toHaveLength(1);
	});
});

it('log-payments-without-a-public-address: adds what is new at each run', async () => {
	outside.sheet.fill('Payments', PAYMENT_COLUMNS);
	const id = await imported('log-payments-without-a-public-address');
	const receipts = () => outside.sheet.rows('Payments').map(({ Receipt }) => Receipt);
	// Some minutes ago: what is paid in the second of the run is for the next one.
	const sale = (amount: number) =>
		sandbox.till.buygoods({ amount, at: DateTime.now().minus({ minutes: 5 }).toISO() }).reference;
	const [first, second] = [sale(100), sale(200)];
	for (let run = 0; run < 2; run++) {
		expect(endOf(await ran(id, 'Every Ten Minutes'))).toBe('success');
		expect(receipts()).toEqual([first, second]);
	}
	const third = sale(300);
	await ran(id, 'Every Ten Minutes');
	expect(receipts()).toEqual([first, second, third]);
});
