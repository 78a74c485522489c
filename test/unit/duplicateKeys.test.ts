import type { IDataObject } from 'n8n-workflow';
import type { ActionInstance, ExecutionOptions } from '../support/actionInstance';
import { actionNode, EMPTY, PAYOUT, people, useFakeTimers } from './actionSetup';
import { storedCredential } from './testData';

useFakeTimers();

let node: ActionInstance;
beforeEach(() => (node = actionNode(PAYOUT)));

const key = (duplicateProtectionKey: unknown) => ({ options: { duplicateProtectionKey } });

/** Pays the people under the keys. */
async function pay(keys: unknown[], more: ExecutionOptions = {}): Promise<IDataObject[]> {
	const parameters = key((_item: IDataObject, index: number) => keys[index]);
	const { items } = await node.execute(people(keys.length), {
		parameters,
		node: { onError: 'continueRegularOutput' },
		...more,
	});
	return items;
}

const detailsOf = (item: IDataObject | undefined) => item?.details as IDataObject;

it('each key is sent once', async () => {
	const items = await pay(['a', 'b', 'a']);
	expect(items.map(({ outcome }) => outcome)).toEqual(['pending', 'pending', 'unknown']);
	expect(items[2]).toMatchObject({
		isDuplicate: true,
		amount: 102,
		message:
			"Not sent: the Duplicate Protection Key 'a' was used before. Look in the Kopo Kopo dashboard for the request that was sent with it (environment sandbox at https://sandbox.kopokopo.com, client ID client-of-a-test).",
	});
	expect(node.posts).toHaveLength(2);
});

it('a number that has lost digits is rejected as a key', async () => {
	const [item] = await pay([Number('12345678901234567890')]);
	expect(item?.error).toContain(
		"'Duplicate Protection Key' is a number that has decimals or has lost",
	);
	expect(node.posts).toEqual([]);
});

it('keys are kept for later executions, and 1 and "1" are the same key', async () => {
	await pay([1, { a: [1] }]);
	const items = await pay(['1', '{"a":[1]}', '2']);
	expect(items.map(({ isDuplicate }) => isDuplicate)).toEqual([true, true, undefined]);
});

it('a key that version 0.2.0 has stored is found', async () => {
	const row = { workflow: { id: 'workflow' }, node: { id: `${node.nodeId}:keys-128` } };
	const entry = 'key https://sandbox.kopokopo.com rent';
	await node.store.checkProcessedAndRecord([entry], 'node', row as never, { mode: 'entries' });
	const items = await pay(['rent', 'food']);
	expect(items.map(({ isDuplicate }) => isDuplicate)).toEqual([true, undefined]);
});

it('a key that was used with another client ID is reported as such', async () => {
	await pay(['a']);
	const credential = storedCredential({ clientId: 'another' });
	const [item] = await pay(['a'], { credential });
	expect(item?.message).toContain(
		'(environment sandbox at https://sandbox.kopokopo.com, with a client ID other than another).',
	);
	// Nothing is left behind that would hide which application used the key.
	const [again] = await pay(['a'], { credential });
	expect(again?.message).toContain('with a client ID other than another');
	const [own] = await pay(['a']);
	expect(own?.message).toContain('client ID client-of-a-test');
});

it('a key belongs to the address of the account', async () => {
	await pay(['a']);
	const credential = storedCredential({ environment: 'production' });
	expect((await pay(['a'], { credential }))[0]?.outcome).toBe('pending');
});

it.each([
	['is rejected', { statusCode: 400, body: {} }],
	['is not processed', { statusCode: 302 }],
])('a key is free again after a request that %s', async (_what, response) => {
	node.respond = () => response;
	expect(detailsOf((await pay(['a']))[0]).outcome).toBe('failure');
	expect(node.store.size()).toBe(EMPTY);
	node.respond = () => undefined;
	expect((await pay(['a']))[0]?.outcome).toBe('pending');
});

it('a key stays used after a request whose outcome is unknown', async () => {
	node.respond = () => ({ statusCode: 500 });
	const [unknown] = await pay(['a']);
	expect(unknown?.outcome).toBe('unknown');
	expect(unknown?.isDuplicate).toBeUndefined();
	node.respond = () => undefined;
	expect((await pay(['a']))[0]?.isDuplicate).toBe(true);
});

it.each([undefined, null])('%p is not a key', async (nothing) => {
	const [item] = await pay([nothing], { parameters: key(() => nothing) });
	expect(item?.error).toBe("'Duplicate Protection Key' is empty");
	expect(detailsOf(item).description).toBe(
		'Its expression returns nothing for this item. Correct it, fill in the column, or remove the option. Nothing was sent for this item.',
	);
});

it('a stored null is not a key', async () => {
	const parameters = { options: { duplicateProtectionKey: null } };
	const [item] = await pay(['a'], { parameters, node: { onError: 'continueRegularOutput' } });
	expect(item?.error).toBe("'Duplicate Protection Key' is empty");
});

it('options that are stored as null have no key', async () => {
	const [item] = await pay(['a'], { parameters: { options: null } });
	expect(item?.outcome).toBe('pending');
});

it.each(['', '  '])('a blank that was entered is no key: %j', async (duplicateProtectionKey) => {
	const parameters = { options: { duplicateProtectionKey, allowRepeatsAfter: 0 } };
	await pay(['a'], { parameters });
	expect((await pay(['a'], { parameters }))[0]?.outcome).toBe('pending');
});

it.each(['', '  '])(
	'a blank that an expression returns for a row is rejected: %j',
	async (blank) => {
		const items = await pay(['a', blank]);
		expect(items[0]?.outcome).toBe('pending');
		expect(items[1]?.error).toBe("'Duplicate Protection Key' is empty");
		expect(node.posts).toHaveLength(1);
	},
);

it('a blank is rejected if all options are an expression', async () => {
	const [item] = await pay([''], {
		node: {
			parameters: { options: '={{ $json.options }}' },
			onError: 'continueRegularOutput',
		},
	});
	expect(item?.error).toBe("'Duplicate Protection Key' is empty");
});

it('a key is rejected if a spreadsheet has damaged it', async () => {
	const [item] = await pay(['1.23E+11']);
	expect(item?.error).toContain("'Duplicate Protection Key'");
	expect(node.requests).toEqual([]);
});

it('a key is free again if the user cancels while it is claimed, and so is the item', async () => {
	const cancel = new AbortController();
	node.store.beforeRead = () => cancel.abort();
	const items = await pay(['a', 'b'], { signal: cancel.signal });
	expect(items[0]).toMatchObject({
		error: 'The execution was stopped before this item was sent',
		details: { outcome: 'failure', description: 'Run it again. Nothing was sent for this item.' },
	});
	expect(node.store.size()).toBe(EMPTY);
	expect(node.requests).toEqual([]);
});

describe("n8n's database", () => {
	const failing = (message: string) => {
		node.store.beforeRead = () => {
			throw new Error(message);
		};
	};

	it('stores no key in a workflow that was never saved', async () => {
		failing('FOREIGN KEY constraint failed');
		const [item] = await pay(['a']);
		expect(item).toMatchObject({
			error: "The 'Duplicate Protection Key' could not be stored",
			details: {
				outcome: 'failure',
				description:
					'Nothing was sent for this item. n8n stores keys with the workflow, so save the workflow first. n8n reported: FOREIGN KEY constraint failed',
			},
		});
		expect(node.requests).toEqual([]);
	});

	it('that fails before a claim leaves the key free', async () => {
		failing('SQLITE_BUSY');
		const [item] = await pay(['a']);
		expect(detailsOf(item).description).toBe(
			"Nothing was sent for this item. n8n's database did not respond, so run it again. The key is not used. n8n reported: SQLITE_BUSY",
		);
		expect(node.requests).toEqual([]);
	});

	it('that fails in the middle of a claim may leave the key used', async () => {
		// The first key finds out that a node can have several rows.
		await pay(['first']);
		failing('SQLITE_BUSY');
		const [item] = await pay(['a']);
		expect(detailsOf(item).description).toBe(
			"Nothing was sent for this item. n8n's database did not respond, so run it again. The key may now count as used. If the node then says that 'a' was used before and Kopo Kopo has no such request, send it with another key. n8n reported: SQLITE_BUSY",
		);
	});

	it('that cannot free a key is reported in the error of the rejection', async () => {
		node.store.beforeRead = (operation) => {
			if (operation === 'remove') throw new Error('SQLITE_BUSY');
		};
		node.respond = () => ({ statusCode: 400, body: { error_message: 'Not allowed' } });
		const [item] = await pay(['a']);
		expect(item?.error).toContain('Not allowed');
		expect(detailsOf(item).description).toMatch(
			/\S The Duplicate Protection Key 'a' stays used because n8n could not release it\. Send it with another key\.$/,
		);
	});
});

it('no key is mentioned in the error of an item without one', async () => {
	node.store.beforeRead = (operation) => {
		if (operation === 'remove') throw new Error('SQLITE_BUSY');
	};
	node.respond = () => ({ statusCode: 400, body: { error_message: 'Not allowed' } });
	const options: ExecutionOptions = { node: { onError: 'continueRegularOutput' } };
	const { items } = await node.execute(people(1), options);
	expect(items[0]?.error).toContain('Not allowed');
	expect(detailsOf(items[0]).description).not.toContain('Duplicate Protection Key');
});

it('an error of the store names the item if the node stops on errors', async () => {
	node.store.beforeRead = () => {
		throw new Error('SQLITE_BUSY');
	};
	const parameters = key((_item: IDataObject, index: number) => ['', 'a'][index]);
	const options = { parameters: { ...parameters }, node: {} };
	const error = await node.fail(people(1), { ...options, parameters: key('a') });
	expect(error.context.itemIndex).toBe(0);
	expect(error.message).toBe("The 'Duplicate Protection Key' could not be stored");
});
