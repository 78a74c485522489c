import type { IDataObject, IWebhookFunctions } from 'n8n-workflow';
import { authenticate } from '../../nodes/KopoKopo/webhooks/authenticate';
import { sign } from '../sandbox/deliveries';
import { storedCredential } from './testData';

const BODY = '{"a":1}';

let nodes = 0;
let nodeId: string;
let credential = storedCredential();
let reads: number;
let log: string[];
beforeEach(() => {
	jest.useFakeTimers();
	nodeId = `authenticated-${++nodes}`;
	credential = storedCredential({ apiKey: 'first' });
	reads = 0;
	log = [];
});
afterEach(() => jest.useRealTimers());

const check = async (signature: unknown, more: object = {}) =>
	await authenticate({
		getHeaderData: () => (signature === undefined ? {} : { 'x-kopokopo-signature': signature }),
		getRequestObject: () => ({ rawBody: Buffer.from(BODY) }),
		getCredentials: async () => {
			reads++;
			return await Promise.resolve(credential);
		},
		getNode: () => ({ id: nodeId, credentials: { kopoKopoApi: { id: '1' } } }),
		getWorkflow: () => ({ id: 'workflow' }),
		getMode: () => 'webhook',
		logger: { warn: (line: string) => log.push(line) },
		...more,
	} as unknown as IWebhookFunctions);
const isSigned = async (apiKey: string, more: object = {}) =>
	(await check(sign(BODY, apiKey), more)) !== undefined;
const wait = (ms: number) => jest.setSystemTime(Date.now() + ms);

test('the raw bytes are returned unchanged', async () => {
	expect((await check(sign(BODY, 'first')))?.toString()).toBe(BODY);
	expect(log).toEqual([]);
});

test('the key is read once in ten seconds', async () => {
	await isSigned('first');
	wait(9_999);
	await isSigned('first');
	expect(reads).toBe(1);
	wait(1);
	await isSigned('first');
	expect(reads).toBe(2);
});

test('while no key matches, keys are read again once a second', async () => {
	await isSigned('first');
	wait(999);
	expect(await isSigned('forged')).toBe(false);
	expect(reads).toBe(1);
	wait(1);
	expect(await isSigned('forged')).toBe(false);
	expect(await isSigned('forged')).toBe(false);
	expect(reads).toBe(2);
});

test('forged deliveries that arrive at the same time share a read', async () => {
	const forge = async () =>
		await Promise.all(Array.from({ length: 500 }, async () => await isSigned('forged')));
	expect(new Set(await forge())).toEqual(new Set([false]));
	expect(reads).toBe(1);
	wait(1000);
	await forge();
	expect(reads).toBe(2);
});

test('deliveries that arrive during a read of a new key are accepted', async () => {
	await isSigned('first');
	credential = storedCredential({ apiKey: 'second' });
	wait(1000);
	const all = [isSigned('second'), isSigned('forged'), isSigned('second')];
	expect(await Promise.all(all)).toEqual([true, false, true]);
	expect(reads).toBe(2);
});

test('a failed read is not cached', async () => {
	const getCredentials = async () => {
		reads++;
		return await Promise.reject<IDataObject>(new Error('The database is locked'));
	};
	const failed = [check(sign(BODY, 'first'), { getCredentials }), check(sign(BODY, 'first'))];
	for (const one of await Promise.allSettled(failed)) {
		expect(one).toMatchObject({
			status: 'rejected',
			reason: { message: 'The database is locked' },
		});
	}
	expect(reads).toBe(1);
	expect(await isSigned('first')).toBe(true);
	expect(reads).toBe(2);
});

test('a read that fails late does not remove the keys of a later one', async () => {
	let fail: (error: Error) => void = () => undefined;
	const getCredentials = async () => {
		reads++;
		return await new Promise<IDataObject>((_resolve, reject) => {
			fail = reject;
		});
	};
	const failing = check(sign(BODY, 'first'), { getCredentials });
	// The read begins.
	await jest.advanceTimersByTimeAsync(0);
	wait(10_000);
	expect(await isSigned('first')).toBe(true);
	fail(new Error('The database is locked'));
	await expect(failing).rejects.toThrow('The database is locked');
	expect(await isSigned('first')).toBe(true);
	expect(reads).toBe(2);
});

test('a wrong signature does not cause a log entry about a missing API key', async () => {
	await isSigned('forged');
	expect(log).toEqual(['Kopo Kopo: rejected a delivery because its signature does not match']);
});

test('nodes whose IDs look alike when they are joined have keys of their own', async () => {
	const ids = (workflow: string, node: string) => ({
		getWorkflow: () => ({ id: workflow }),
		getNode: () => ({ id: node, credentials: {} }),
	});
	await isSigned('first', ids(`${nodeId}1`, '2'));
	credential = storedCredential({ apiKey: 'second' });
	expect(await isSigned('second', ids(nodeId, '12'))).toBe(true);
	expect(reads).toBe(2);
});

test('a new key is accepted after a second, and the old one no longer', async () => {
	await isSigned('first');
	credential = storedCredential({ apiKey: 'second' });
	wait(1000);
	expect(await isSigned('second')).toBe(true);
	expect(await isSigned('first')).toBe(false);
});

test('the previous key is accepted, but only beside a current one', async () => {
	credential = storedCredential({ apiKey: 'second', previousApiKey: 'first' });
	expect(await isSigned('first')).toBe(true);
	expect(await isSigned('second')).toBe(true);
	credential = storedCredential({ apiKey: '', previousApiKey: 'first' });
	wait(10_000);
	expect(await isSigned('first')).toBe(false);
	expect(log).toEqual([
		"Kopo Kopo: rejected a delivery because the credential has no 'API Key' to verify it with",
	]);
});

test.each<[string, object]>([
	['workflow', { getWorkflow: () => ({ id: 'other' }) }],
	['node', { getNode: () => ({ id: 'other', credentials: { kopoKopoApi: { id: '1' } } }) }],
	['credential', { getNode: () => ({ id: nodeId, credentials: { kopoKopoApi: { id: '2' } } }) }],
	['mode', { getMode: () => 'manual' }],
])('another %s reads its own key', async (_what, more) => {
	await isSigned('first');
	credential = storedCredential({ apiKey: 'second' });
	expect(await isSigned('second', more)).toBe(true);
	expect(await isSigned('first')).toBe(true);
});

test('a node without a stored credential is checked, too', async () => {
	expect(await isSigned('first', { getNode: () => ({ id: nodeId }) })).toBe(true);
	expect(await isSigned('first', { getNode: () => ({ id: nodeId, credentials: {} }) })).toBe(true);
});

test.each([
	[undefined, 'it is not signed'],
	['abc', 'its signature is malformed'],
])('the signature %j is rejected without reading key or body', async (signature, why) => {
	const getRequestObject = () => {
		throw new Error('The body was read');
	};
	expect(await check(signature, { getRequestObject })).toBeUndefined();
	expect(reads).toBe(0);
	expect(log).toEqual([`Kopo Kopo: rejected a delivery because ${why}`]);
});

test('bytes that n8n has not read yet are read', async () => {
	const request: IDataObject & { readRawBody?: () => Promise<void> } = {};
	request.readRawBody = async () => {
		request.rawBody = Buffer.from(BODY) as never;
		await Promise.resolve();
	};
	expect(await isSigned('first', { getRequestObject: () => request })).toBe(true);
	const empty = { readRawBody: async () => await Promise.resolve() };
	expect(await check(sign('', 'first'), { getRequestObject: () => empty })).toEqual(
		Buffer.alloc(0),
	);
});
