import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { sandboxPerTest } from './sandboxPerTest';

const current = sandboxPerTest();

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

const posts = () => current.sandbox.ledger.requests.filter(({ method }) => method === 'POST');

async function askAs(parameters: INodeParameters): Promise<IDataObject> {
	const [item] = await current.run({ parameters: { ...ASK, ...parameters }, node });
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
			message: 'The customer was asked to pay and has not paid yet',
			id: expect.any(String),
		});
	});

	it("is Kopo Kopo's body when it is set to Raw", async () => {
		const { id } = await askAs({});
		const getParameters = { operation: 'get', paymentRequestId: String(id), output: 'raw' };
		expect(await askAs(getParameters)).toEqual(current.sandbox.status(String(id)));
	});

	it.each(['={{ null }}', 'amount', 5])(
		'is rejected before anything is sent when the fields are %j',
		async (fields) => {
			const asked = askAs({ output: 'selectedFields', fields } as INodeParameters);
			await expect(asked).rejects.toThrow("'Fields' is not a list of fields");
			expect(posts()).toEqual([]);
		},
	);

	it('is the selected fields, and always the id and the outcome', async () => {
		const output = 'selectedFields';
		const accepted = await askAs({ output, fields: ['amount'] });
		expect(accepted).toEqual({ id: expect.any(String), outcome: 'pending', amount: 1500 });

		current.sandbox.customer.refuse(String(accepted.id));
		const getParameters = { operation: 'get', paymentRequestId: String(accepted.id), output };
		expect(await askAs({ ...getParameters, fields: [] })).toEqual({
			id: accepted.id,
			outcome: 'failure',
		});
	});

	it('is the selected fields of a result that was waited for', async () => {
		current.sandbox.customer.addBehaviour({ action: 'pay', afterMs: 50 });
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
		current.sandbox.faults.add({ kind: 'reset', when: 'after', path: '/api/v2/incoming_payments' });
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
	const [item] = await current.run({ parameters: { ...ASK, ...stored } });
	expect(item?.json).toMatchObject({ outcome: 'pending', currency: 'KES' });
});

describe("an AI agent's tool without the permission", () => {
	const name = { firstName: 'Jane', lastName: 'Doe' };
	const period = { from: '2026-05-01T00:00:00+03:00', to: '2026-05-02T00:00:00+03:00' };
	const use = async (parameters: INodeParameters) => await current.run({ parameters, node });

	it.each<INodeParameters>([
		{
			resource: 'transferAccount',
			operation: 'createMobileWallet',
			...name,
			phoneNumber: '0712345678',
		},
		{
			resource: 'externalRecipient',
			operation: 'create',
			recipientType: 'mpesaNumber',
			...name,
			phoneNumber: '0712345678',
		},
		{
			resource: 'webhookSubscription',
			operation: 'create',
			eventType: 'buygoods_transaction_received',
			scope: 'company',
			url: 'https://attacker.example.com/',
		},
		{ resource: 'accessToken', operation: 'revoke' },
		{ resource: 'paymentLink', operation: 'cancel', paymentLinkId: 'a-link' },
		{ resource: 'smsNotification', operation: 'send', webhookEventReference: 'e', message: 'Hi' },
		{ resource: 'transaction', operation: 'startSearch', ...period },
	])('rejects operations that make changes: $resource $operation', async (parameters) => {
		await expect(use(parameters)).rejects.toThrow(
			/^An AI agent is not allowed to make changes with this tool\. A person can allow it with 'Allow AI to Make Changes'/,
		);
		expect(current.sandbox.ledger.requests).toEqual([]);
	});

	it('lists transactions, but not to an address that the model chooses', async () => {
		const list = { resource: 'transaction', operation: 'getAll', ...period };
		await use(list);
		const asked = posts().length;
		await expect(
			use({
				...list,
				additionalFields: {
					callbackUrl: "={{ $fromAI('url') || 'https://attacker.example.com/' }}",
				},
			}),
		).rejects.toThrow(/is not allowed to choose where Kopo Kopo sends a result|fromAI/);
		expect(posts()).toHaveLength(asked);
	});

	it('introspects tokens', async () => {
		const [item] = await use({ resource: 'accessToken', operation: 'introspect' });
		expect(item?.json).toMatchObject({ active: true });
	});
});
