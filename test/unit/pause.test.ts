import type { IDataObject } from 'n8n-workflow';
import type { ActionInstance, ExecutionOptions } from '../support/actionInstance';
import {
	actionNode,
	paidBody,
	PAYMENT_REQUEST,
	PAYOUT,
	people,
	statusBody,
	useFakeTimers,
} from './actionSetup';
import { storedCredential } from './testData';

useFakeTimers();

const PAUSE = { waitForResult: 'pauseUntilNotified' };

let node: ActionInstance;
beforeEach(() => (node = actionNode({ ...PAYMENT_REQUEST, ...PAUSE })));

const bodies = (body: IDataObject) => {
	node.respond = ({ method }) => (method === 'GET' ? { statusCode: 200, body } : undefined);
};
const callbackOf = (body: IDataObject | undefined) =>
	(body?._links as IDataObject | undefined)?.callback_url;

describe('a pause', () => {
	it('begins with the pending item, which is also the output when its time is up', async () => {
		const { items, waitsUntil, input, data } = await node.execute(people(1));
		expect(items).toEqual([
			expect.objectContaining({
				outcome: 'pending',
				id: 'request-1',
				phoneNumber: '+254710000000',
			}),
		]);
		expect(input.main).toEqual([[{ json: items[0], pairedItem: { item: 0 } }]]);
		expect(waitsUntil?.getTime()).toBe(Date.now() + 120_000);
		expect(data.kopoKopoPause).toEqual({
			id: 'request-1',
			operation: { apiVersion: 'v2', resource: 'paymentRequest', operation: 'request' },
			output: { simplify: true },
			requested: expect.objectContaining({ amount: 100 }) as IDataObject,
		});
		expect(data.kopoKopoSent).toBeDefined();
	});

	it.each<[unknown, number]>([
		['', 120],
		[0, 120],
		[Infinity, 365 * 24 * 60 * 60],
		[1, 70],
		[70, 70],
		[71, 71],
		[3600, 3600],
		[1e12, 365 * 24 * 60 * 60],
	])('of %j seconds lasts %d', async (waitUpTo, seconds) => {
		const { waitsUntil } = await node.execute(people(1), { parameters: { waitUpTo } });
		expect(waitsUntil?.getTime()).toBe(Date.now() + seconds * 1000);
	});

	it('gives Kopo Kopo the resume URL of the execution with the ID of the node', async () => {
		await node.execute(people(1), { parameters: { callbackUrl: 'https://other.example.com/' } });
		expect(callbackOf(node.posts[0]?.body)).toBe(
			`https://n8n.example.com/webhook-waiting/1/${node.nodeId}?signature=abc`,
		);
	});

	it('does not begin if the status, which is requested once, is final', async () => {
		bodies(paidBody());
		const { items, waitsUntil, data } = await node.execute(people(1));
		expect(items).toEqual([
			expect.objectContaining({ outcome: 'success', reference: 'SBX0000003' }),
		]);
		expect(waitsUntil).toBeUndefined();
		expect(data.kopoKopoPause).toBeUndefined();
		expect(node.requests.map(({ method }) => method)).toEqual(['POST', 'GET']);
	});

	it('begins if the status cannot be read', async () => {
		node.respond = ({ method }) => (method === 'GET' ? { statusCode: 404 } : undefined);
		expect((await node.execute(people(1))).waitsUntil).toBeDefined();
	});

	it.each<[string, ExecutionOptions, number]>([
		['is unknown', {}, 500],
		['is a failure', { node: { onError: 'continueRegularOutput' } }, 400],
	])('does not begin when the outcome %s', async (_what, options, statusCode) => {
		node.respond = () => ({ statusCode, body: {} });
		const { waitsUntil } = await node.execute(people(1), options);
		expect(waitsUntil).toBeUndefined();
		expect(node.requests).toHaveLength(1);
	});

	it('does not begin when the user has cancelled', async () => {
		const cancel = new AbortController();
		node.respond = () => {
			cancel.abort();
			return undefined;
		};
		const { waitsUntil, items } = await node.execute(people(1), { signal: cancel.signal });
		expect(waitsUntil).toBeUndefined();
		expect(items[0]?.outcome).toBe('pending');
	});

	it('is replaced by checking in a retry', async () => {
		const data = {};
		await node.execute(people(1), { data });
		bodies(paidBody());
		const { items, hints } = await node.execute(people(1), { data, mode: 'retry' });
		expect(items[0]?.outcome).toBe('success');
		expect(hints).toEqual([
			'Kept checking instead of pausing: Kopo Kopo notifies the execution that failed, not this one',
		]);
		expect(node.posts).toHaveLength(1);
	});
});

describe('where a pause is not possible, nothing is sent', () => {
	it('because there are several items', async () => {
		const error = await node.fail(people(2));
		expect(error.message).toContain('A pause can only wait for one item at a time');
		expect(error.description).toBe(
			[
				"Rows 1 and 2: A pause can only wait for one item at a time. Put a 'Loop Over Items' node before this one with a Batch Size of 1, or set 'Wait for Result' to Keep Checking.",
				'Correct them and run the node again.',
			].join('\n'),
		);
		expect(node.requests).toEqual([]);
	});

	it('because n8n has no https address', async () => {
		const error = await node.fail(people(1), {
			resumeUrl: 'http://localhost:5678/webhook-waiting/1',
		});
		expect(error.message).toBe(
			'Kopo Kopo only calls addresses that begin with https://, and the address of this n8n is http://localhost:5678',
		);
		expect(error.description).toBe(
			"Set WEBHOOK_URL in n8n's environment to its public https address, or set 'Wait for Result' to Keep Checking. Nothing was sent for this item.",
		);
		expect(node.requests).toEqual([]);
	});

	it('because the credential has no API key', async () => {
		const error = await node.fail(people(1), { credential: storedCredential({ apiKey: ' ' }) });
		expect(error.message).toContain("has no 'API Key'");
		expect(node.requests).toEqual([]);
	});

	it.each(['soon', null, -5])('because the time is %j', async (waitUpTo) => {
		const error = await node.fail(people(1), { parameters: { waitUpTo } });
		expect(error.message).toBe(
			`'Wait Up To (Seconds)' is not a number from 1 to 31536000: ${String(waitUpTo ?? '')}`,
		);
		expect(error.description).toContain('Enter a number of seconds, such as 120.');
		expect(node.requests).toEqual([]);
	});
});

it('each pass of a loop that pauses keeps what it has sent', async () => {
	const data = {};
	await node.execute(people(1), { data, executionId: 'loop' });
	await node.execute(people(1), { data, executionId: 'loop', runIndex: 1 });
	expect(Object.keys((data as IDataObject).kopoKopoSent as object)).toEqual(['0', '1']);
});

describe('Keep Checking', () => {
	beforeEach(() => (node = actionNode({ ...PAYMENT_REQUEST, waitForResult: 'keepChecking' })));

	it('requests the status until it is final', async () => {
		let count = 0;
		node.respond = ({ method }) =>
			method === 'GET' && ++count === 3 ? { statusCode: 200, body: paidBody() } : undefined;
		const { items, waitsUntil, data } = await node.execute(people(1));
		expect(items[0]?.outcome).toBe('success');
		expect(count).toBe(3);
		expect(waitsUntil).toBeUndefined();
		expect(data).toEqual({ kopoKopoPayouts: expect.any(Object) as object });
	});

	it('ends after the time with a pending item that says how to go on', async () => {
		const start = Date.now();
		const { items } = await node.execute(people(1), { parameters: { waitUpTo: 5 } });
		expect(items[0]).toMatchObject({
			outcome: 'pending',
			message: expect.stringMatching(/\. Look it up with Get later$/) as string,
			location: 'https://sandbox.kopokopo.com/api/v2/incoming_payments/request-1',
			id: 'request-1',
			amount: 100,
		});
		expect(Date.now() - start).toBeGreaterThanOrEqual(5000);
		expect(Date.now() - start).toBeLessThan(6000);
	});

	it.each([0, ''])('waits for two minutes if the time is %j', async (waitUpTo) => {
		const start = Date.now();
		await node.execute(people(1), { parameters: { waitUpTo } });
		expect(Math.round((Date.now() - start) / 1000)).toBe(120);
	});

	it('waits for a second at least', async () => {
		const start = Date.now();
		await node.execute(people(1), { parameters: { waitUpTo: 0.01 } });
		expect(Date.now() - start).toBeGreaterThanOrEqual(1000);
		expect(Date.now() - start).toBeLessThan(1500);
	});

	it('has a pending item if no status can be read', async () => {
		node.respond = ({ method }) => (method === 'GET' ? { statusCode: 404 } : undefined);
		const { items } = await node.execute(people(1), { parameters: { waitUpTo: 1 } });
		expect(items[0]).toMatchObject({ outcome: 'pending', id: 'request-1' });
		expect(items[0]?.message).toBe('There is no result yet. Look it up with Get later');
	});

	it('has the body of Kopo Kopo if Simplify is off, or the least that is known while it is pending', async () => {
		const parameters = { simplify: false, waitUpTo: 1 };
		const pending = await node.execute(people(1), { parameters });
		expect(pending.items).toEqual([
			{
				outcome: 'pending',
				location: 'https://sandbox.kopokopo.com/api/v2/incoming_payments/request-1',
				id: 'request-1',
			},
		]);
		bodies(paidBody());
		expect((await node.execute(people(2).slice(1), { parameters })).items).toEqual([paidBody()]);
	});

	it('asks about each item, and not about those that failed', async () => {
		node = actionNode({ ...PAYOUT, waitForResult: 'keepChecking' });
		let posts = 0;
		node.respond = ({ method }) => {
			if (method === 'GET') return { statusCode: 200, body: statusBody('Failed') };
			return ++posts === 2 ? { statusCode: 400, body: {} } : undefined;
		};
		const { items } = await node.execute(people(3), { node: { onError: 'continueRegularOutput' } });
		expect(items.map(({ outcome }) => outcome)).toEqual(['failure', undefined, 'failure']);
		expect(node.requests.filter(({ method }) => method === 'GET').map(({ path }) => path)).toEqual([
			'/api/v2/send_money/request-1',
			'/api/v2/send_money/request-3',
		]);
	});

	it('requests nothing if the operation has no status', async () => {
		const parameters = {
			resource: 'externalRecipient',
			operation: 'create',
			recipientType: 'mpesaNumber',
			firstName: 'Jane',
			lastName: 'Doe',
			phoneNumber: '0712345678',
		};
		await node.execute([{}], { parameters });
		expect(node.requests).toHaveLength(1);
	});
});
