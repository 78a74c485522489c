import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { payees, payoutRequests, SEND_MONEY_PARAMETERS } from '../load/payouts';
import type { RunOptions } from '../support/nodeContexts';
import { sandboxPerTest } from './sandboxPerTest';

const current = sandboxPerTest();

const writes = () => current.sandbox.ledger.requests.filter(({ method }) => method === 'POST');

/** Five payouts; the phones of some rows are wrong. */
const payout = (...wrongRows: number[]): IDataObject[] =>
	payees(5).map((payee, index) =>
		wrongRows.includes(index + 1) ? { ...payee, phone: `07twelve${index}` } : payee,
	);

const pay = async (items: IDataObject[], more: Partial<RunOptions> = {}) =>
	await current.run({ parameters: SEND_MONEY_PARAMETERS, items, ...more });

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
	])('sends nothing if the node stops on errors: %s', async (_what, parameters) => {
		await expect(pay(payout(2), { parameters })).rejects.toMatchObject({
			message: expect.stringMatching(
				/^Nothing was sent: row 2 of 5 is invalid\. Row 2: 'Phone Number'.*07twelve1/,
			) as string,
			description: expect.stringMatching(/^Enter .*0712345678[^]*run the node again\.$/) as string,
			context: { itemIndex: 1 },
		});
		expect(writes()).toEqual([]);
	});

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
		).rejects.toThrow(/^Nothing was sent: rows 1 to 5 of 5 are invalid\./);
		expect(writes()).toEqual([]);
	});
});

describe('the option Maximum Amount', () => {
	const parameters = { ...SEND_MONEY_PARAMETERS, options: { maximumAmount: 20_000 } };
	const tooMuch = payees(3).map((payee, index) =>
		index === 1 ? { ...payee, amount: 150_000 } : payee,
	);

	it('rejects a list with a larger amount before anything is sent', async () => {
		await expect(pay(tooMuch, { parameters })).rejects.toThrow(
			"Nothing was sent: row 2 of 3 is invalid. Row 2: The amount, KES 150,000, is more than 'Maximum Amount', KES 20,000",
		);
		expect(writes()).toEqual([]);
	});

	it('rejects only the item with the larger amount if the node continues on errors', async () => {
		const given = await pay(tooMuch, { parameters, onError: 'continueRegularOutput' });
		expect(given.map(({ json }) => json.outcome)).toEqual(['pending', undefined, 'pending']);
	});
});

describe('the option Batching', () => {
	const withBatch = (batch: IDataObject) => ({
		parameters: { ...SEND_MONEY_PARAMETERS, options: { batching: { batch } } } as INodeParameters,
	});

	it.each<readonly [IDataObject, RegExp]>([
		[{ batchSize: 'ten' }, /'Items per Batch' is not a number from 1 to 10000: ten/],
		[{ batchSize: NaN }, /'Items per Batch' is not a number from 1 to 10000: NaN/],
		...['a second', NaN, Infinity].map(
			(batchInterval) =>
				[{ batchInterval }, /'Batch Interval \(Ms\)' is not a number from 0 to 3600000/] as const,
		),
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
		expect(payoutRequests(current.sandbox.ledger.requests)).toHaveLength(5);
	});
});
