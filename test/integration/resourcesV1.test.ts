import fastify from 'fastify';
import { LEADING_FIELDS } from '../../nodes/KopoKopo/domain/payment';
import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { newExecution, sandboxCredential } from '../support/nodeContexts';
import { operationRunner } from './operationRunner';
import { RECIPIENTS } from './recipients';
import { sandboxPerTest } from './sandboxPerTest';

const current = sandboxPerTest({ processingMs: 0 });

const { all, one, requests } = operationRunner('v1', current);

afterEach(() => {
	// An operation of v1 sends nothing to v2.
	expect(requests('GET', '/api/v2/')).toEqual([]);
	expect(requests('POST', '/api/v2/')).toEqual([]);
});

const idOf = ({ id }: IDataObject) => String(id);

const RECEIPT = /^[A-Z0-9]{10}$/;

const phoneNumber = '0712345678';
const payout = { phoneNumber, amount: 700, additionalFields: { reference: 'P-7' } };

describe('a payment request', () => {
	const create = async () =>
		await one('paymentRequestV1', 'request', { tillNumber: 'K123456', phoneNumber, amount: 1500 });
	const createFlat = async () =>
		await one('paymentRequestV1', 'requestWithoutTill', {
			phoneNumber,
			amount: 1500,
			additionalFields: { reference: 'ORD-7', description: 'Order 7' },
		});
	const lookUp = async (asked: IDataObject) =>
		await one('paymentRequestV1', 'get', { paymentRequestId: idOf(asked) });

	const paid = {
		outcome: 'success',
		amount: 1500,
		currency: 'KES',
		reference: expect.stringMatching(RECEIPT) as string,
		phoneNumber: '+254712345678',
		message: expect.stringMatching(/^Paid KES 1,500, receipt [A-Z0-9]{10}$/) as string,
	};

	it.each([
		['the official body', create, { waiting: 'Pending', done: 'Success', failed: 'Failed' }],
		['a flat body', createFlat, { waiting: 'PENDING', done: 'COMPLETED', failed: 'FAILED' }],
	])('in %s ends with the same outcomes', async (_what, ask, words) => {
		const first = await ask();
		expect(first).toMatchObject({
			outcome: 'pending',
			amount: 1500,
			currency: 'KES',
			phoneNumber: '+254712345678',
			message: 'The customer was asked to pay and has not paid yet',
		});
		expect(await lookUp(first)).toMatchObject({ outcome: 'pending', status: words.waiting });
		current.sandbox.customer.pay(idOf(first));
		expect(await lookUp(first)).toMatchObject({ ...paid, id: first.id, status: words.done });

		const second = await ask();
		current.sandbox.customer.refuse(idOf(second), { reason: 'Not now' });
		expect(await lookUp(second)).toMatchObject({
			outcome: 'failure',
			status: words.failed,
			reference: null,
			message: 'Not paid: Not now',
		});
		expect(current.sandbox.ledger.totals.in).toBe(1500);
	});

	it('with a flat body has the ID from the response body, and the leading fields', async () => {
		const asked = await createFlat();

		expect(asked.id).toMatch(/^incoming_payment_/);
		expect(Object.keys(asked).slice(0, 8)).toEqual([...LEADING_FIELDS]);
		expect(requests('POST', '/api/v1/incoming_payments')[0]?.body).toEqual({
			phone_number: '+254712345678',
			amount: 1500,
			currency: 'KES',
			merchant_reference: 'ORD-7',
			description: 'Order 7',
			callback_url: expect.stringMatching(/^https:/) as string,
		});
	});

	it('with a flat body is returned unchanged when Simplify is off', async () => {
		const asked = await one('paymentRequestV1', 'requestWithoutTill', {
			phoneNumber,
			amount: 1500,
			simplify: false,
		});

		expect(asked).toMatchObject({ id: asked.id, data: { id: asked.id, status: 'PENDING' } });
	});

	it.each([
		['request', { tillNumber: 'K123456' }],
		['requestWithoutTill', {}],
	])('is polled until its result is final (%s)', async (operation, fields) => {
		current.sandbox.customer.addBehaviour({ action: 'pay' });

		expect(
			await one('paymentRequestV1', operation, {
				...fields,
				phoneNumber,
				amount: 1500,
				waitForResult: 'keepChecking',
			}),
		).toMatchObject(paid);
	});
});

describe('a payout', () => {
	const lookUp = async (sent: IDataObject) =>
		await one('payoutV1', 'get', { payoutId: idOf(sent) });

	it('is paid', async () => {
		const sent = await one('payoutV1', 'create', payout);
		expect(sent).toMatchObject({
			id: expect.stringMatching(/^payout_/) as string,
			outcome: 'pending',
			status: 'PROCESSING',
			amount: 700,
			phoneNumber: '+254712345678',
		});
		current.sandbox.bank.transfer(idOf(sent));

		expect(await lookUp(sent)).toMatchObject({
			outcome: 'success',
			status: 'COMPLETED',
			amount: 700,
			reference: expect.stringMatching(RECEIPT) as string,
		});
		expect(current.sandbox.ledger.totals.out).toBe(700);
	});

	it('that fails contains the reason', async () => {
		const sent = await one('payoutV1', 'create', payout);
		current.sandbox.bank.cancel(idOf(sent));

		expect(await lookUp(sent)).toMatchObject({
			outcome: 'failure',
			status: 'FAILED',
			message: 'Not paid: Invalid M-Pesa account',
		});
		expect(current.sandbox.ledger.totals.out).toBe(0);
	});

	it.each([
		['a server error', { kind: 'serverError', when: 'after' }],
		['a reset', { kind: 'reset', when: 'after' }],
		['a cut answer, which names no Location', { kind: 'halfBody' }],
	] as const)('is unknown after %s, and was sent once', async (_what, fault) => {
		current.sandbox.faults.add({ ...fault, method: 'POST', path: '/api/v1/pay' });

		const item = await one('payoutV1', 'create', payout);
		expect(item).not.toHaveProperty('id');
		expect(item).toMatchObject({
			outcome: 'unknown',
			amount: 700,
		});
		expect(requests('POST', '/api/v1/pay')).toHaveLength(1);
	});

	it('that was accepted is not sent again in a retry of n8n', async () => {
		const execution = newExecution();
		const once = async (phone: string) =>
			await all(
				'payoutV1',
				'create',
				{
					...payout,
					phoneNumber: '={{ $json.phone }}',
					options: { batching: { batch: { batchSize: 1 } } },
				},
				{
					execution,
					items: [{ phone: phoneNumber }, { phone }],
					onError: 'continueRegularOutput',
				},
			);
		expect((await once('no phone'))[1]?.error).toMatch(/'Phone Number'/);
		const [accepted] = requests('POST', '/api/v1/pay');

		const items = await once('0112345678');
		expect(requests('POST', '/api/v1/pay')).toHaveLength(2);
		expect(items[0]).toMatchObject({
			id: accepted?.resourceId,
			outcome: 'pending',
			amount: 700,
			phoneNumber: '+254712345678',
		});
		expect(items[1]).toMatchObject({ outcome: 'pending', phoneNumber: '+254112345678' });
	});
});

describe('a list', () => {
	const people = (count: number) => Array.from({ length: count }, (_, index) => ({ index }));
	const pay = async (count: number) =>
		await all(
			'payoutV1',
			'create',
			{ phoneNumber, amount: '={{ $json.index + 1 }}' },
			{ items: people(count) },
		);
	const queries = (path = '/api/v1/pay') => requests('GET', path).map(({ query }) => query);
	const amounts = (items: IDataObject[]) => items.map(({ amount }) => Number(amount));
	const byNumber = (a: number, b: number) => a - b;

	it('of several pages returns every payout once, as one item each', async () => {
		await pay(230);

		const items = await all('payoutV1', 'getAll', { returnAll: true });
		expect(amounts(items).sort(byNumber)).toEqual(people(230).map(({ index }) => index + 1));
		expect(items[0]).toMatchObject({
			id: expect.stringMatching(/^payout_/) as string,
			outcome: 'pending',
			status: 'PROCESSING',
			phoneNumber: '+254712345678',
		});
		expect(queries()).toEqual([
			'page=1&per_page=100',
			'page=2&per_page=100',
			'page=3&per_page=100',
		]);
	});

	it('ends at the limit', async () => {
		await pay(130);

		expect(await all('payoutV1', 'getAll')).toHaveLength(50);
		expect(await all('payoutV1', 'getAll', { limit: 7 })).toHaveLength(7);
		expect(await all('payoutV1', 'getAll', { limit: 120 })).toHaveLength(120);
		expect(queries()).toEqual([
			'page=1&per_page=50',
			'page=1&per_page=7',
			'page=1&per_page=100',
			'page=2&per_page=100',
		]);
	});

	it('without records returns no items', async () => {
		expect(await all('payoutV1', 'getAll', { returnAll: true })).toEqual([]);
		expect(await all('paymentRequestV1', 'getAll')).toEqual([]);
		expect(queries()).toHaveLength(1);
	});

	it('of full pages requests no page after the last', async () => {
		await pay(100);

		expect(await all('payoutV1', 'getAll', { returnAll: true })).toHaveLength(100);
		expect(queries()).toEqual(['page=1&per_page=100']);
	});

	it('is filtered by status and day', async () => {
		const [first, second] = await all(
			'paymentRequestV1',
			'requestWithoutTill',
			{ phoneNumber, amount: 10 },
			{ items: [{}, {}, {}] },
		);
		current.sandbox.customer.pay(String(first?.id));
		current.sandbox.customer.refuse(String(second?.id));
		const list = async (filters: INodeParameters) =>
			await all('paymentRequestV1', 'getAll', { filters });
		// The one document writes its days in UTC.
		const day = (ahead: number) =>
			new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10);

		expect(await list({ status: 'COMPLETED' })).toMatchObject([
			{ id: first?.id, outcome: 'success', amount: 10 },
		]);
		expect(await list({ status: 'FAILED' })).toMatchObject([
			{ id: second?.id, outcome: 'failure', message: 'Not paid: User Denied Transaction' },
		]);
		expect(await list({ fromDate: day(0), toDate: day(0) })).toHaveLength(3);
		expect(await list({ fromDate: day(1) })).toEqual([]);
		expect(await list({ toDate: day(-1) })).toEqual([]);
		expect(queries('/api/v1/incoming_payments')[2]).toBe(
			`page=1&per_page=50&from_date=${day(0)}&to_date=${day(0)}`,
		);
	});

	it('is returned unchanged when Simplify is off', async () => {
		await pay(1);

		expect(await all('payoutV1', 'getAll', { simplify: false })).toEqual([
			{
				id: expect.stringMatching(/^payout_/) as string,
				status: 'PROCESSING',
				phone_number: '+254712345678',
				amount: 1,
				currency: 'KES',
				created_at: expect.any(String) as string,
			},
		]);
	});
});

describe('a pay recipient', () => {
	it.each(RECIPIENTS)('is registered as %s, and paid', async (recipientType, fields, shown) => {
		const made = await one('payRecipientV1', 'create', { recipientType, ...fields });
		expect(
			await one('payRecipientV1', 'get', { payRecipientId: String(made.location) }),
		).toMatchObject({ id: made.id, outcome: 'success', status: 'Approved', ...shown });

		const sent = await one('paymentV1', 'create', {
			recipientType,
			payRecipientId: idOf(made),
			amount: 250,
			additionalFields: { category: 'salaries', tags: 'May', metadataJson: { month: 'May' } },
		});
		expect(sent).toMatchObject({ outcome: 'pending', amount: 250, metadata: { month: 'May' } });
		current.sandbox.bank.transfer(idOf(sent));
		expect(await one('paymentV1', 'get', { paymentId: idOf(sent) })).toMatchObject({
			outcome: 'success',
			status: 'Processed',
			amount: 250,
			currency: 'KES',
			reference: expect.stringMatching(RECEIPT) as string,
			metadata: { month: 'May' },
		});
		expect(current.sandbox.ledger.totals.out).toBe(250);
	});
});

describe('a settlement', () => {
	const own = {
		accountType: 'mobileWallet',
		accountReference: 'af033d43-75f7-4123-b5c3-252377d96739',
		amount: 4000,
	};
	const flat = { settlementAccountId: 'settlement_acc_7', amount: 4000 };

	it.each<[string, string, string, INodeParameters, number]>([
		['to one account', 'settlementTransferV1', 'create', own, 4000],
		['to all accounts', 'settlementTransferV1', 'settleEverything', {}, 1_000_000],
		['to a settlement account', 'settlementTransferV1', 'createForSettlementAccount', flat, 4000],
		['by a transfer', 'transferV1', 'create', own, 4000],
	])('%s is paid', async (_what, resource, operation, fields, amount) => {
		const idName = resource.replace('V1', 'Id');
		const lookUp = async (sent: IDataObject) =>
			await one(resource, 'get', { [idName]: idOf(sent) });
		const sent = await one(resource, operation, fields);
		expect(sent).toMatchObject({ outcome: 'pending', currency: 'KES' });
		expect(await lookUp(sent)).toMatchObject({ outcome: 'pending' });
		current.sandbox.bank.transfer(idOf(sent));

		expect(await lookUp(sent)).toMatchObject({
			outcome: 'success',
			amount,
			currency: 'KES',
			reference: expect.stringMatching(RECEIPT) as string,
		});
		expect(current.sandbox.ledger.totals.out).toBe(amount);
	});

	it.each<[string, string, string, INodeParameters]>([
		['to one account', 'settlementTransferV1', 'create', own],
		['to a settlement account', 'settlementTransferV1', 'createForSettlementAccount', flat],
		['by a transfer', 'transferV1', 'create', own],
	])('%s contains the reason when it fails', async (_what, resource, operation, fields) => {
		const sent = await one(resource, operation, fields);
		current.sandbox.bank.cancel(idOf(sent), { reason: 'No such account' });

		expect(
			await one(resource, 'get', { [resource.replace('V1', 'Id')]: idOf(sent) }),
		).toMatchObject({ outcome: 'failure', message: 'Not paid: No such account' });
		expect(current.sandbox.ledger.totals.out).toBe(0);
	});
});

describe('what v1 shares with v2', () => {
	it('registers own accounts, which have no nickname', async () => {
		const bank = await one('transferAccountV1', 'createBankAccount', {
			accountName: 'My Shop',
			accountNumber: '0123456789',
			bankBranchReference: 'c7f300c0-f1ef-4151-9bbe-005005aa3747',
		});
		const wallet = await one('transferAccountV1', 'createMobileWallet', {
			firstName: 'Jane',
			lastName: 'Doe',
			phoneNumber,
		});

		expect(
			await one('transferAccountV1', 'get', {
				accountType: 'bankAccount',
				transferAccountId: idOf(bank),
			}),
		).toMatchObject({ name: 'My Shop', reference: bank.id });
		expect(
			await one('transferAccountV1', 'get', {
				accountType: 'mobileWallet',
				transferAccountId: idOf(wallet),
			}),
		).toMatchObject({ name: 'Jane Doe', phoneNumber: '+254712345678' });
	});

	it('lists transactions, at once or in two steps', async () => {
		const period = { from: '2026-05-01T00:00:00Z', to: '2026-06-01T00:00:00Z' };
		current.sandbox.till.buygoods({ amount: 250, at: '2026-05-03T12:00:00Z' });

		expect(await all('transactionV1', 'getAll', period)).toMatchObject([
			{ topic: 'buygoods_transaction_received', amount: 250 },
		]);
		const started = await one('transactionV1', 'startSearch', period);
		expect(
			await one('transactionV1', 'getSearchResult', { searchId: idOf(started) }),
		).toMatchObject({
			outcome: 'success',
			transactions: [{ topic: 'buygoods_transaction_received', amount: 250 }],
		});
	});

	it('subscribes to events', async () => {
		const url = 'https://n8n.example.com/webhook/kopo-kopo';
		const made = await one('webhookSubscriptionV1', 'create', {
			event: 'buygoods_transaction_received',
			url,
			scope: 'till',
			tillNumber: '112233',
		});

		expect(
			await one('webhookSubscriptionV1', 'get', { webhookSubscriptionId: idOf(made) }),
		).toMatchObject({ id: made.id, url, scope: 'till', tillNumber: '112233' });
		expect(current.sandbox.ledger.requests.at(-2)?.body).not.toHaveProperty(
			'enable_daraja_payload',
		);
	});

	it('sends an SMS', async () => {
		const sent = await one('smsNotificationV1', 'send', {
			webhookEventReference: 'e51438e9-c42b-4bf2-a261-faeaf189e3ed',
			message: 'Thank you',
		});

		expect(await one('smsNotificationV1', 'get', { smsNotificationId: idOf(sent) })).toMatchObject({
			outcome: 'success',
		});
	});

	it.each([
		['v1', 'resourceV1', 'paymentRequest'],
		['v2', 'resource', 'paymentRequestV1'],
	])('is chosen by API Version: %s, %s does not know %s', async (apiVersion, name, resource) => {
		const parameters = {
			apiVersion,
			[name]: resource,
			operation: 'get',
			paymentRequestId: 'an-id',
		};

		await expect(current.run({ parameters })).rejects.toMatchObject({
			message: expect.stringContaining(`of '${resource}' in ${apiVersion}`) as string,
			description: expect.stringContaining('Choose') as string,
		});
		expect(current.sandbox.ledger.requests).toEqual([]);
	});
});

describe('an unexpected response', () => {
	/** Starts a server with a response body for each path: status 201 for a POST, 200 for a GET. */
	async function answering(answers: Record<string, unknown>) {
		const asked: string[] = [];
		const server = fastify({ forceCloseConnections: true });
		server.removeAllContentTypeParsers();
		server.addContentTypeParser('*', { parseAs: 'string' }, async () => ({}));
		server.post('/oauth/token', async () => ({ access_token: 'for-a-test', expires_in: 3600 }));
		server.all('/api/*', async ({ method, url }, reply) => {
			asked.push(`${method} ${url}`);
			const body = answers[url.replace(/\?.*/, '')];
			return await reply.code(method === 'POST' ? 201 : 200).send(body);
		});
		const url = await server.listen({ port: 0, host: '127.0.0.1' });
		const { clientId, clientSecret, apiKey } = current.sandbox;
		current.credential = sandboxCredential({ url, clientId, clientSecret, apiKey });
		return { asked, close: async () => await server.close() };
	}

	it.each([
		['no body', undefined],
		['a body without data', {}],
		['data without an id', { data: { status: 'PROCESSING' } }],
		['an empty id', { data: { id: '', status: 'COMPLETED' } }],
		['an id that is none', { data: { id: { a: 1 } } }],
		['a list', { data: ['payout_1'] }],
	])('with %s and no Location leaves a payout unknown', async (_what, body) => {
		const { asked, close } = await answering({ '/api/v1/pay': body });

		const item = await one('payoutV1', 'create', payout);
		expect(item).not.toHaveProperty('id');
		expect(item).toMatchObject({
			outcome: 'unknown',
			message: expect.stringContaining('It probably did') as string,
		});
		expect(asked).toEqual(['POST /api/v1/pay']);
		await close();
	});

	it('with an ID only in the body leaves a request unknown for which the documents promise a Location', async () => {
		const { close } = await answering({ '/api/v1/payments': { data: { id: 'payment_1' } } });

		const item = await one('paymentV1', 'create', { payRecipientId: 'a-recipient', amount: 10 });
		expect(item).toMatchObject({ outcome: 'unknown' });
		expect(item).not.toHaveProperty('id');
		await close();
	});

	it.each([
		[{ id: 'payout_1', status: 'COMPLETED', amount: 700 }, 'success', 'Paid KES 700'],
		[
			{ id: 'payout_1', status: 'FAILED', failure_reason: 'Blocked' },
			'failure',
			'Not paid: Blocked',
		],
	])(
		'with a final status gives a payout its outcome at once: %j',
		async (data, outcome, message) => {
			const { close } = await answering({ '/api/v1/pay': { data } });

			expect(await one('payoutV1', 'create', payout)).toMatchObject({
				id: 'payout_1',
				outcome,
				message,
			});
			await close();
		},
	);

	it('that is not a list is reported as an error, not as an empty list', async () => {
		const { close } = await answering({ '/api/v1/pay': { data: { id: 'payout_1' } } });

		await expect(all('payoutV1', 'getAll')).rejects.toMatchObject({
			message: expect.stringContaining('did not return a list') as string,
			description: expect.not.stringContaining('Nothing was sent') as string,
		});
		await close();
	});

	it('with more pages announced ends at the first empty page', async () => {
		const { asked, close } = await answering({
			'/api/v1/pay': { data: [], pagination: { page: 1, total_pages: 1_000_000 } },
		});

		expect(await all('payoutV1', 'getAll', { returnAll: true })).toEqual([]);
		expect(asked).toHaveLength(1);
		await close();
	});

	it('with the same page twice ends the list, and each payment is returned once', async () => {
		const { asked, close } = await answering({
			'/api/v1/pay': {
				data: [{ id: 'payout_1' }, { id: 'payout_2' }],
				pagination: { page: 1, total_pages: 1_000_000 },
			},
		});

		expect(await all('payoutV1', 'getAll', { returnAll: true })).toHaveLength(2);
		expect(asked).toHaveLength(2);
		await close();
	});

	it('with pages without a total ends at the first page that is not full', async () => {
		const { asked, close } = await answering({ '/api/v1/pay': { data: [{ id: 'payout_1' }] } });

		expect(await all('payoutV1', 'getAll', { returnAll: true })).toHaveLength(1);
		expect(asked).toHaveLength(1);
		await close();
	});
});
