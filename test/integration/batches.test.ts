import type { IDataObject, IHttpRequestOptions, INodeParameters } from 'n8n-workflow';
import { payees, payoutRequests, SEND_MONEY_PARAMETERS, SEND_MONEY_PATH } from '../load/payouts';
import { startSandbox, type Sandbox } from '../sandbox/server';
import {
	newExecution,
	runKopoKopo,
	sandboxCredential,
	StoredCredential,
	type RunOptions,
} from '../support/nodeContexts';

let sandbox: Sandbox;
let credential: StoredCredential;

beforeEach(async () => {
	sandbox = await startSandbox({ port: 0 });
	credential = sandboxCredential(sandbox);
});
afterEach(async () => await sandbox.close());

const writes = () => sandbox.ledger.requests.filter(({ method }) => method === 'POST');
const posts = () => payoutRequests(sandbox.ledger.requests);
const oneByOne = { batching: { batch: { batchSize: 1 } } };

/** Five payouts; the phones of some rows are wrong. */
const payout = (...wrongRows: number[]): IDataObject[] =>
	payees(5).map((payee, index) =>
		wrongRows.includes(index + 1) ? { ...payee, phone: `07twelve${index}` } : payee,
	);

const pay = async (items: IDataObject[], more: Partial<RunOptions> = {}) =>
	await runKopoKopo({ credential, parameters: SEND_MONEY_PARAMETERS, items, ...more });

const paymentRequests: INodeParameters = {
	resource: 'paymentRequest',
	operation: 'request',
	waitForResult: 'continueImmediately',
	tillNumber: 'K123456',
	phoneNumber: '={{ $json.phone }}',
	amount: '={{ $json.amount }}',
};

const recipients: INodeParameters = {
	resource: 'externalRecipient',
	operation: 'create',
	recipientType: 'mpesaNumber',
	firstName: 'Jane',
	lastName: 'Doe',
	phoneNumber: '={{ $json.phone }}',
};

describe('a list with invalid rows', () => {
	it.each([
		['payouts', SEND_MONEY_PARAMETERS],
		['payment requests', paymentRequests],
		['recipients', recipients],
	])('sends nothing where the node stops on errors: %s', async (_what, parameters) => {
		await expect(pay(payout(2), { parameters })).rejects.toMatchObject({
			message: expect.stringMatching(
				/^Nothing was sent: row 2 of 5 is wrong\. Row 2: 'Phone Number'.*07twelve1/,
			) as string,
			description: expect.stringMatching(/^Row 2: .*0712345678[^]*run the node again\.$/) as string,
			context: { itemIndex: 1 },
		});
		expect(writes()).toEqual([]);
	});

	it('names every invalid row with its field and remedy', async () => {
		const items = payout(2, 4);
		items[4] = { ...items[4], amount: -5 };
		const error = (await pay(items).catch((thrown: unknown) => thrown)) as Error & {
			description: string;
		};
		expect(error.message).toMatch(/^Nothing was sent: rows 2, 4 and 5 of 5 are wrong\./);
		expect(error.description.split('\n')).toEqual([
			expect.stringMatching(/^Row 2: 'Phone Number'.*07twelve1\. .*0712345678/),
			expect.stringMatching(/^Row 4: 'Phone Number'.*07twelve3\. .*0712345678/),
			expect.stringMatching(/^Row 5: 'Amount' is negative: -5\. /),
			'Correct them and run the node again.',
		]);
		expect(writes()).toEqual([]);
	});

	it.each(['continueRegularOutput', 'continueErrorOutput'] as const)(
		'sends the valid ones under %s',
		async (onError) => {
			const given = await pay(payout(2), { onError });
			expect(given.map(({ json }) => json.outcome)).toEqual([
				'pending',
				undefined,
				'pending',
				'pending',
				'pending',
			]);
			expect(given[1]?.json.error).toContain("'Phone Number'");
			expect(posts()).toHaveLength(4);
		},
	);

	it.each([
		[
			'an expression that throws',
			{ waitForResult: 'keepChecking', waitUpTo: "={{ $('Settings').first().json.wait }}" },
		],
		['a setting', { options: { timeout: 'soon' } }],
		[
			'a key that its expression does not find',
			{ options: { duplicateProtectionKey: '={{ $json.no }}' } },
		],
	])('sends nothing when the invalid setting is %s', async (_what, settings) => {
		await expect(
			pay(payout(), { parameters: { ...SEND_MONEY_PARAMETERS, ...settings } }),
		).rejects.toThrow(/^Nothing was sent: rows 1 to 5 of 5 are wrong\./);
		expect(writes()).toEqual([]);
	});
});

describe('the option Batching', () => {
	const withBatch = (batch: IDataObject) => ({
		parameters: { ...SEND_MONEY_PARAMETERS, options: { batching: { batch } } } as INodeParameters,
	});

	it.each([
		[{ batchSize: 'ten' }, /'Items per Batch' is not a number of items from 1 to 10000: ten/],
		[{ batchSize: NaN }, /'Items per Batch' is not a number of items from 1 to 10000: NaN/],
		[
			{ batchInterval: 'a second' },
			/'Batch Interval \(Ms\)' is not a number of milliseconds from 0 to 3600000/,
		],
		[
			{ batchInterval: NaN },
			/'Batch Interval \(Ms\)' is not a number of milliseconds from 0 to 3600000/,
		],
		[
			{ batchInterval: Infinity },
			/'Batch Interval \(Ms\)' is not a number of milliseconds from 0 to 3600000/,
		],
	])('that is not a number is rejected before anything is sent: %j', async (batch, says) => {
		await expect(pay(payout(), withBatch(batch))).rejects.toThrow(says);
		const given = await pay(payout(), { ...withBatch(batch), onError: 'continueErrorOutput' });
		expect(given.map(({ json }) => json.error)).toEqual(
			payout().map(() => expect.stringMatching(says) as string),
		);
		expect(writes()).toEqual([]);
	});

	it.each([
		[{ batchSize: -1 }],
		[{ batchSize: 0 }],
		[{ batchSize: Infinity }],
		[{ batchInterval: -1 }],
		[{ batchSize: '', batchInterval: '' }],
	])('beyond its limits is brought within them: %j', async (batch) => {
		await pay(payout(), withBatch(batch));
		expect(posts()).toHaveLength(5);
	});
});

/** A credential whose nth request is refused by Kopo Kopo; the token exchange does not count. */
class RefusingCredential extends StoredCredential {
	requests = 0;
	refused: number[] = [];

	override async authenticate(...given: Parameters<StoredCredential['authenticate']>) {
		const options: IHttpRequestOptions = await super.authenticate(...given);
		this.requests += 1;
		if (this.refused.includes(this.requests)) {
			sandbox.faults.add({ kind: 'redirect', path: '*', method: 'POST', next: 1 });
		}
		return options;
	}
}

describe('a rejection in the middle of a list', () => {
	const stopAt = (...refused: number[]) => {
		const refusing = new RefusingCredential(credential.data);
		refusing.refused = refused;
		return refusing;
	};
	const parameters = { ...SEND_MONEY_PARAMETERS, options: oneByOne };

	it('ends the run, and the error says what was sent, what was not, and what a second run does', async () => {
		const execution = newExecution();
		const error = (await pay(payout(), { credential: stopAt(3), parameters, execution }).catch(
			(thrown: unknown) => thrown,
		)) as Error & { description: string; context: IDataObject };

		const [first, second] = posts();
		expect(posts()).toHaveLength(3);
		expect(error.message).toMatch(
			/^Row 3: Kopo Kopo redirected .*\. Rows 1 and 2 of 5 were sent, and no further row was started$/,
		);
		expect(error.context.itemIndex).toBe(2);
		expect(error.description.split('\n')).toEqual([
			expect.stringMatching(/^Row 3: Kopo Kopo redirected/),
			`Sent: row 1 (ID ${first?.resourceId}), row 2 (ID ${second?.resourceId}).`,
			'Not sent: rows 3 to 5.',
			expect.stringMatching(/Retry of this execution sends only the rows that were not sent/),
		]);

		const retried = await pay(payout(), { parameters, execution });
		expect(retried.map(({ json }) => json.outcome)).toEqual(payout().map(() => 'pending'));
		expect(posts().filter(({ processed }) => processed)).toHaveLength(5);
	});

	it('reports that no row was sent when the first one is rejected', async () => {
		await expect(pay(payout(), { credential: stopAt(1), parameters })).rejects.toMatchObject({
			message: expect.stringMatching(/^Row 1: .*\. No row was sent, and no further/) as string,
			description: expect.stringContaining('Sent: none.\nNot sent: rows 1 to 5.') as string,
		});
	});

	it('names the rows whose outcome is unknown', async () => {
		sandbox.faults.add({ kind: 'reset', when: 'after', path: SEND_MONEY_PATH, next: 1 });
		await expect(pay(payout(), { credential: stopAt(2), parameters })).rejects.toMatchObject({
			description: expect.stringMatching(
				/Sent: none\.\nNot known whether sent: row 1\.\nNot sent: rows 2 to 5\./,
			) as string,
		});
	});

	it('says so of recipients, which no retry remembers', async () => {
		const error = (await pay(payout(), {
			credential: stopAt(3),
			parameters: { ...recipients, options: oneByOne },
		}).catch((thrown: unknown) => thrown)) as Error & { description: string };
		expect(error.description).toMatch(
			/Sent: row 1 \(ID .*\), row 2 \(ID .*\)\.\nNot sent: rows 3 to 5\./,
		);
		expect(error.description).toMatch(/A second run sends all rows again\./);
	});

	it('of a single item is the error of that item', async () => {
		await expect(pay(payees(1), { credential: stopAt(1), parameters })).rejects.toMatchObject({
			message: expect.stringMatching(/^Kopo Kopo redirected/) as string,
		});
	});
});

describe("as an AI agent's tool without the permission", () => {
	const node = { type: 'n8n-nodes-kopokopo.kopoKopoTool', name: 'Kopo Kopo Tool' };
	const use = async (parameters: INodeParameters) =>
		await runKopoKopo({ credential, parameters, node });

	it.each<INodeParameters>([
		{
			resource: 'transferAccount',
			operation: 'createMobileWallet',
			...name(),
			phoneNumber: '0712345678',
		},
		{ ...recipients, phoneNumber: '0712345678' },
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
		{ resource: 'transaction', operation: 'startPoll', ...period() },
	])('rejects operations that make changes: $resource $operation', async (parameters) => {
		await expect(use(parameters)).rejects.toThrow(
			/^An AI agent may not make changes with this tool\. A person can allow it with 'Allow AI to Make Changes'/,
		);
		expect(sandbox.ledger.requests).toEqual([]);
	});

	it('lists transactions, but not to an address that the model chooses', async () => {
		const list = { resource: 'transaction', operation: 'getAll', ...period() };
		await use(list);
		const asked = writes().length;
		await expect(
			use({ ...list, callbackUrl: "={{ $fromAI('url') || 'https://attacker.example.com/' }}" }),
		).rejects.toThrow(/may not choose where Kopo Kopo sends a result|fromAI/);
		expect(writes()).toHaveLength(asked);
	});

	it('looks at tokens', async () => {
		const [item] = await use({ resource: 'accessToken', operation: 'introspect' });
		expect(item?.json).toMatchObject({ active: true });
	});

	function name() {
		return { firstName: 'Jane', lastName: 'Doe' };
	}
	function period() {
		return { from: '2026-05-01T00:00:00+03:00', to: '2026-05-02T00:00:00+03:00' };
	}
});
