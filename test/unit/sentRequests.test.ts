import type { IDataObject } from 'n8n-workflow';
import type { KopoKopoCredential } from '../../nodes/KopoKopo/transport/environment';
import type { ActionInstance, FakeResponse } from '../support/actionInstance';
import {
	type Parameters,
	actionNode,
	PAYMENT_REQUEST,
	PAYOUT,
	people,
	statusBody,
	useFakeTimers,
} from './actionSetup';
import { storedCredential } from './testData';

useFakeTimers();

let node: ActionInstance;
beforeEach(
	() => (node = actionNode({ ...PAYOUT, options: { batching: { batch: { batchSize: 1 } } } })),
);

const REFUSED: FakeResponse = { statusCode: 400, body: { error_message: 'Not allowed' } };
const respondWith = (...responses: Array<FakeResponse | undefined>) => {
	node.respond = () => responses.shift();
};

describe('a retry of the execution', () => {
	it('returns the stored responses for items that were sent, and sends the others', async () => {
		const data = {};
		respondWith(undefined, REFUSED);
		await node.fail(people(3), { data });
		const { items } = await node.execute(people(3), { data });
		expect(items.map(({ id }) => id)).toEqual(['request-1', 'request-3', 'request-4']);
		expect(items[0]).toMatchObject({
			outcome: 'pending',
			location: 'https://sandbox.kopokopo.com/api/v2/send_money/request-1',
		});
		expect(node.posts).toHaveLength(4);
	});

	it('does not send items again that may have been sent', async () => {
		const data = {};
		respondWith({ statusCode: 500 }, REFUSED);
		await node.fail(people(2), { data });
		const { items } = await node.execute(people(2), { data });
		expect(items[0]).toMatchObject({
			outcome: 'unknown',
			message: expect.stringContaining('It is not known whether') as string,
		});
		expect(items[0]?.isDuplicate).toBeUndefined();
		expect(node.posts).toHaveLength(3);
	});

	it('waits for the results of items that were sent before', async () => {
		const data = {};
		respondWith(undefined, REFUSED);
		await node.fail(people(2), { data });
		node.respond = ({ method }) =>
			method === 'GET' ? { statusCode: 200, body: statusBody('Processed') } : undefined;
		await node.execute(people(2), { data, parameters: { waitForResult: 'keepChecking' } });
		expect(node.requests.map(({ path }) => path)).toContain('/api/v2/send_money/request-1');
	});

	it.each<[string, Partial<KopoKopoCredential>, Parameters]>([
		['client ID', { clientId: 'another' }, {}],
		['environment', { environment: 'production' }, {}],
		['base URL', { environment: 'custom', baseUrl: 'https://other.example.com' }, {}],
		['operation', {}, { ...PAYMENT_REQUEST }],
	])(
		'sends nothing for a row that was sent with another %s',
		async (_what, credential, parameters) => {
			const data = {};
			respondWith(undefined, REFUSED);
			await node.fail(people(2), { data });
			const posts = node.posts.length;
			const { items } = await node.execute(people(1), {
				data,
				credential: storedCredential(credential),
				parameters,
			});
			expect(items[0]?.outcome).toBe('unknown');
			expect(items[0]?.message).toMatch(
				/^Not sent: an earlier attempt of this execution sent this item as POST \/api\/v2\/send_money \(environment sandbox at https:\/\/sandbox\.kopokopo\.com, client ID client-of-a-test\), and Kopo Kopo gave it the ID request-1\. With the current settings, it would be sent as POST \/.* Look up the earlier request, and start a new execution for the items that still have to be sent\.?$/,
			);
			expect(node.posts).toHaveLength(posts);
		},
	);

	it('names the account that a row with an unknown outcome was sent to', async () => {
		const data = {};
		respondWith({ statusCode: 500 }, REFUSED);
		await node.fail(people(2), { data });
		const { items } = await node.execute(people(1), {
			data,
			credential: storedCredential({ clientId: 'another' }),
		});
		expect(items[0]?.message).toContain(
			'client ID client-of-a-test), with an unknown outcome. With the current settings, ',
		);
		expect(items[0]?.message).toContain('client ID another');
	});

	it('compares base URLs without regard to case', async () => {
		const data = {};
		const credential = { environment: 'custom', clientId: 'a' } as const;
		respondWith(undefined, REFUSED);
		await node.fail(people(2), {
			data,
			credential: storedCredential({ ...credential, baseUrl: 'https://KOPO.example.com' }),
		});
		const { items } = await node.execute(people(1), {
			data,
			credential: storedCredential({ ...credential, baseUrl: 'https://kopo.example.com' }),
		});
		expect(items[0]?.id).toBe('request-1');
	});

	it('sends again what an agent that calls the tool itself has asked for', async () => {
		const data = {};
		const parameters = { allowAiToMakeChanges: true, options: { allowRepeatsAfter: 0 } };
		const options = { data, parameters, isCalledByAgent: true };
		respondWith(undefined, REFUSED);
		await node.execute(people(2), options);
		expect(data).toEqual({});
		await node.execute(people(2), options);
		expect(node.posts).toHaveLength(4);
		expect(data).toEqual({});
	});
});

describe('what was sent', () => {
	const sent = (data: IDataObject) => data.kopoKopoSent as Record<string, IDataObject>;

	it('is kept by run and item, with the target of all of them once', async () => {
		const data: IDataObject = {};
		respondWith(undefined, undefined, REFUSED);
		await node.fail(people(3), { data });
		expect(sent(data)).toEqual({
			0: {
				0: { id: 'request-1', location: expect.any(String) as string, target: 0 },
				1: { id: 'request-2', location: expect.any(String) as string, target: 0 },
			},
		});
		expect(data.kopoKopoTargets).toEqual([
			{
				environment: 'sandbox',
				baseUrl: 'https://sandbox.kopokopo.com',
				clientId: 'client-of-a-test',
				apiVersion: 'v2',
				path: '/api/v2/send_money',
			},
		]);
	});

	it('is removed when no retry can follow', async () => {
		const data: IDataObject = {};
		await node.execute(people(2), { data });
		expect(data.kopoKopoSent).toBeUndefined();
		expect(data.kopoKopoTargets).toBeUndefined();
	});

	it('is kept if an item has an error, which n8n can retry', async () => {
		const data: IDataObject = {};
		respondWith(undefined, REFUSED);
		await node.execute(people(2), { data, node: { onError: 'continueRegularOutput' } });
		expect(Object.keys(sent(data)[0] ?? {})).toEqual(['0']);
	});

	it('is kept if n8n takes a body of Kopo Kopo for an error', async () => {
		const data: IDataObject = {};
		node.respond = ({ method }) =>
			method === 'GET'
				? { statusCode: 200, body: { ...statusBody('Failed'), error: 'not found' } }
				: undefined;
		await node.execute(people(1), {
			data,
			parameters: { simplify: false, waitForResult: 'keepChecking', waitUpTo: 1 },
		});
		expect(sent(data)).toBeDefined();
	});

	it('is kept when the user has cancelled before the last item', async () => {
		const data: IDataObject = {};
		const cancel = new AbortController();
		node.respond = () => {
			cancel.abort();
			return undefined;
		};
		await node.execute(people(2), { data, signal: cancel.signal });
		expect(Object.keys(sent(data)[0] ?? {})).toEqual(['0']);
	});

	it('is kept separately for each pass of a loop', async () => {
		const data: IDataObject = {};
		respondWith(undefined, REFUSED);
		await node.fail(people(2), { data });
		const { items } = await node.execute(people(1), { data, runIndex: 1 });
		expect(items[0]?.id).toBe('request-3');
		expect(Object.keys(sent(data))).toEqual(['0']);
		expect(data.kopoKopoTargets).toBeDefined();
	});
});

describe('an execution that n8n starts again', () => {
	/** n8n 1, which has no isToolExecution(). */
	const n8n1 = { more: { isToolExecution: undefined } as object, executionId: 'restarted' };

	it('sends no item without a key, because it may have been sent', async () => {
		await node.execute(people(1), n8n1);
		const data: IDataObject = {};
		const { items } = await node.execute(people(1), { ...n8n1, data });
		expect(items[0]).toMatchObject({
			outcome: 'unknown',
			message:
				'Not sent: n8n was interrupted during this execution and has restarted it, and the request may have been sent before. Look for it in the Kopo Kopo dashboard, and run a new execution if it was not sent.',
		});
		expect(node.posts).toHaveLength(1);
	});

	it('sends an item whose key is free', async () => {
		await node.execute(people(1), n8n1);
		const parameters = { options: { duplicateProtectionKey: 'salary-1' } };
		const { items } = await node.execute(people(1), { ...n8n1, parameters });
		expect(items[0]?.outcome).toBe('pending');
	});

	it('repeats reads', async () => {
		const parameters = { resource: 'sendMoney', operation: 'get', sendMoneyId: 'a' };
		await node.execute([{}], { ...n8n1, parameters });
		await node.execute([{}], { ...n8n1, parameters });
		expect(node.requests).toHaveLength(2);
		expect(node.store.writes).toBe(0);
	});
});
