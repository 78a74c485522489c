import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { startSandbox, type Sandbox } from '../sandbox/server';
import { runKopoKopo, sandboxCredential, type StoredCredential } from '../support/nodeContexts';

let sandbox: Sandbox;
let credential: StoredCredential;

beforeEach(async () => {
	sandbox = await startSandbox({ port: 0 });
	credential = sandboxCredential(sandbox);
});
afterEach(async () => await sandbox.close());

const node = { type: 'n8n-nodes-kopokopo.kopoKopoTool', name: 'Pay Tool' };
const ASK: INodeParameters = {
	resource: 'paymentRequest',
	operation: 'request',
	waitForResult: 'continueImmediately',
	tillNumber: 'K123456',
	phoneNumber: '0712345678',
	amount: 1500,
	allowAiToMakeChanges: true,
};

async function askAs(parameters: INodeParameters): Promise<IDataObject> {
	const [item] = await runKopoKopo({ credential, parameters: { ...ASK, ...parameters }, node });
	return item?.json ?? {};
}

describe("Output of an AI agent's tool", () => {
	it('is Simplified by default', async () => {
		expect(await askAs({})).toEqual({
			outcome: 'pending',
			amount: 1500,
			sender: null,
			phoneNumber: '+254712345678',
			reference: null,
			occurredAt: null,
			tillNumber: 'K123456',
			message: 'The customer has been asked to pay; nothing is paid yet',
			id: expect.any(String),
		});
	});

	it("is Kopo Kopo's body when it is set to Raw", async () => {
		const { id } = await askAs({});
		const getParameters = { operation: 'get', paymentRequestId: String(id), output: 'raw' };
		expect(await askAs(getParameters)).toEqual(sandbox.status(String(id)));
	});

	it.each(['={{ null }}', 'amount', 5])(
		'is refused before anything is sent when the fields are %j',
		async (fields) => {
			const asked = askAs({ output: 'selectedFields', fields } as INodeParameters);
			await expect(asked).rejects.toThrow("'Fields' is not a list of fields");
			expect(sandbox.ledger.requests.filter(({ method }) => method === 'POST')).toEqual([]);
		},
	);

	it('is the selected fields, and always the id and the outcome', async () => {
		const output = 'selectedFields';
		const accepted = await askAs({ output, fields: ['amount'] });
		expect(accepted).toEqual({ id: expect.any(String), outcome: 'pending', amount: 1500 });

		sandbox.customer.refuse(String(accepted.id));
		const getParameters = { operation: 'get', paymentRequestId: String(accepted.id), output };
		expect(await askAs({ ...getParameters, fields: [] })).toEqual({
			id: accepted.id,
			outcome: 'failure',
		});
	});

	it('is the selected fields of a result that was waited for', async () => {
		sandbox.customer.addBehaviour({ action: 'pay', afterMs: 50 });
		const item = await askAs({
			waitForResult: 'keepChecking',
			output: 'selectedFields',
			fields: ['reference'],
		});
		expect(item).toEqual({
			id: expect.any(String),
			outcome: 'success',
			reference: expect.stringMatching(/^[A-Z0-9]{10}$/),
		});
	});

	it('contains the message of a payment whose outcome is unknown, although it is not selected', async () => {
		sandbox.faults.add({ kind: 'reset', when: 'after', path: '/api/v2/incoming_payments' });
		expect(await askAs({ output: 'selectedFields', fields: [] })).toMatchObject({
			outcome: 'unknown',
			message: expect.stringMatching(/not known whether/),
		});
	});

	it('contains all fields of an item that has none of the selected ones', async () => {
		const token = { resource: 'accessToken', operation: 'revoke', output: 'selectedFields' };
		expect(await askAs({ ...token, fields: ['amount'] })).toEqual({ revoked: true });
	});
});

it('a node that is not a tool follows Simplify and ignores a stored Output', async () => {
	const stored = { output: 'selectedFields', fields: ['amount'] };
	const [item] = await runKopoKopo({ credential, parameters: { ...ASK, ...stored } });
	expect(item?.json).toMatchObject({ outcome: 'pending', currency: 'KES' });
});
