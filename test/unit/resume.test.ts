import type { IDataObject, IWebhookFunctions } from 'n8n-workflow';
import { KopoKopo } from '../../nodes/KopoKopo/KopoKopo.node';
import '../../nodes/KopoKopo/execution/resume';
import { sign } from '../sandbox/deliveries';
import { storedCredential } from './testData';

/** What the node left in n8n's context data when it paused. */
const PAUSED = {
	id: 'payment-1',
	operation: { apiVersion: 'v2', resource: 'paymentRequest', operation: 'request' },
	output: { simplify: true },
	requested: { amount: 100, phoneNumber: '+254712345678' },
};

const payment = (status: string) => ({
	data: {
		id: 'payment-1',
		type: 'incoming_payment',
		attributes: { status, event: { resource: { amount: '100.0' }, errors: null } },
	},
});
const CALLBACK = JSON.stringify(payment('Success'));

let nodes = 0;

/** n8n's HTTP helper, with the status that Kopo Kopo responds with. */
const helpersWith = (body: IDataObject) => ({
	httpRequestWithAuthentication: async () =>
		await Promise.resolve({ statusCode: 200, headers: {}, body }),
});

/** Calls webhook() of an execution that is paused for payment-1, which is paid, unless told. */
async function call(more: object) {
	const response = { status: 0, message: '' };
	const credential = storedCredential();
	const result = await new KopoKopo().webhook.call({
		getRequestObject: () => ({ rawBody: Buffer.from(CALLBACK) }),
		getHeaderData: () => ({ 'x-kopokopo-signature': sign(CALLBACK, String(credential.apiKey)) }),
		getCredentials: async () => await Promise.resolve(credential),
		evaluateExpression: () => PAUSED,
		getResponseObject: () => ({
			status(code: number) {
				response.status = code;
				return { json: ({ message }: { message: string }) => (response.message = message) };
			},
		}),
		getMode: () => 'webhook',
		getNode: () => ({
			id: `paused-${++nodes}`,
			name: 'Kopo Kopo',
			type: 'n8n-nodes-kopokopo.kopoKopo',
		}),
		getWorkflow: () => ({ id: 'workflow' }),
		logger: { info: () => {}, warn: () => {}, error: () => {} },
		helpers: helpersWith(payment('Success')),
		...more,
	} as unknown as IWebhookFunctions);
	return { ...response, result };
}

const fails = () => {
	throw new Error('the database is not available');
};

describe('a callback to a paused execution', () => {
	it('resumes it with the status read from Kopo Kopo', async () => {
		const { result } = await call({});
		expect(result.workflowData?.[0]?.[0]?.json).toMatchObject({
			id: 'payment-1',
			outcome: 'success',
			amount: 100,
		});
	});

	it('resumes it without reading a parameter again, whose expression may fail by now', async () => {
		const { result } = await call({ getNodeParameter: fails });
		expect(result.workflowData?.[0]?.[0]?.json).toMatchObject({ outcome: 'success' });
	});

	it('shows only the fields that were selected when it paused', async () => {
		const output = { simplify: true, fields: ['amount'] };
		const { result } = await call({ evaluateExpression: () => ({ ...PAUSED, output }) });
		expect(result.workflowData?.[0]?.[0]?.json).toEqual({
			id: 'payment-1',
			outcome: 'success',
			amount: 100,
		});
	});

	it('answers n8n with thanks, and links the item to the input', async () => {
		const { result } = await call({});
		expect(result.webhookResponse).toEqual({ message: 'The execution resumes' });
		expect(result.workflowData?.[0]?.[0]?.pairedItem).toEqual({ item: 0 });
	});

	it('resumes it with the unchanged body if Simplify is off', async () => {
		const output = { simplify: false };
		const { result } = await call({ evaluateExpression: () => ({ ...PAUSED, output }) });
		expect(result.workflowData?.[0]?.[0]?.json).toEqual(payment('Success'));
	});

	it('reads the status of that request, and waits ten seconds for it', async () => {
		const requests: IDataObject[] = [];
		const helpers = {
			httpRequestWithAuthentication: async (_name: string, request: IDataObject) => {
				requests.push({ ...request });
				return await Promise.resolve({ statusCode: 200, headers: {}, body: payment('Success') });
			},
		};
		await call({ helpers });
		expect(requests).toEqual([
			expect.objectContaining({
				method: 'GET',
				url: '/api/v2/incoming_payments/payment-1',
				timeout: 10_000,
			}),
		]);
	});

	it.each([
		['Kopo Kopo', '{{ $node["Kopo Kopo"].context.kopoKopoPause }}'],
		['Pay {all} "now"', '{{ $node["Pay \\u007ball\\u007d \\"now\\""].context.kopoKopoPause }}'],
	])('finds what the node %j is paused for', async (name, expected) => {
		const expressions: string[] = [];
		await call({
			getNode: () => ({ id: `named-${++nodes}`, name, type: 'n8n-nodes-kopokopo.kopoKopo' }),
			evaluateExpression: (expression: string) => {
				expressions.push(expression);
				return PAUSED;
			},
		});
		expect(expressions).toEqual([expected]);
	});

	it('is answered 401 and resumes nothing when its signature is wrong', async () => {
		const getHeaderData = () => ({ 'x-kopokopo-signature': sign(CALLBACK, 'forged') });
		const { status, result } = await call({ getHeaderData });
		expect(status).toBe(401);
		expect(result).toEqual({ noWebhookResponse: true });
	});

	it.each(['not JSON', 'null', '{}', '{"data":null}'])(
		'is answered 200 and resumes nothing when its body is %s',
		async (text) => {
			const { status, message, result } = await call({
				getRequestObject: () => ({ rawBody: Buffer.from(text) }),
				getHeaderData: () => ({
					'x-kopokopo-signature': sign(text, String(storedCredential().apiKey)),
				}),
			});
			expect([status, message]).toEqual([200, 'This execution is not waiting for this result']);
			expect(result).toEqual({ noWebhookResponse: true });
		},
	);

	it.each(['gone', 'get'])(
		'resumes nothing for the operation %s, which waits for nothing',
		async (operation) => {
			const paused = { ...PAUSED, operation: { ...PAUSED.operation, operation } };
			const { status, message } = await call({ evaluateExpression: () => paused });
			expect([status, message]).toEqual([200, 'This execution is not waiting for a result']);
		},
	);

	it('says that a pending payment is not final yet', async () => {
		const { message } = await call({ helpers: helpersWith(payment('Pending')) });
		expect(message).toBe('Not final yet');
	});

	it('logs why a callback could not be handled', async () => {
		const log: string[] = [];
		const logger = { info: () => {}, warn: () => {}, error: (line: string) => log.push(line) };
		const { message } = await call({ evaluateExpression: fails, logger });
		expect(message).toBe('The callback could not be handled');
		await call({
			evaluateExpression: () => {
				throw 'a text';
			},
			logger,
		});
		expect(log).toEqual([
			'Kopo Kopo: a callback could not be handled: the database is not available',
			'Kopo Kopo: a callback could not be handled: a text',
		]);
	});

	it.each([
		[
			'the credential cannot be read',
			{ getCredentials: async () => await Promise.reject(new Error('gone')) },
		],
		['what it is paused for cannot be read', { evaluateExpression: fails }],
	])('is answered 503 and resumes nothing when %s', async (_what, more) => {
		const { status, result } = await call(more);
		expect(status).toBe(503);
		expect(result).toEqual({ noWebhookResponse: true });
	});

	it.each([
		['the execution waits for nothing', { evaluateExpression: () => undefined }],
		[
			'the execution waits for another payment',
			{ evaluateExpression: () => ({ ...PAUSED, id: 'payment-2' }) },
		],
		['the payment is still pending', { helpers: helpersWith(payment('Pending')) }],
	])('is answered 200 and resumes nothing when %s', async (_what, more) => {
		const { status, result } = await call(more);
		expect(status).toBe(200);
		expect(result).toEqual({ noWebhookResponse: true });
	});
});
