import type { IDataObject, INodeParameters } from 'n8n-workflow';
import type { FaultRuleInput } from '../sandbox/faultInjection';
import { ownTillsAnd } from '../support/testMerchant';
import { operationRunner } from './operationRunner';
import { RECIPIENTS } from './recipients';
import { sandboxPerTest } from './sandboxPerTest';

/** Called each time the node starts to wait. */
let whenWaiting: () => void = () => undefined;

jest.mock('../../nodes/KopoKopo/n8n/sleep', () => {
	const { abortableSleep } = jest.requireActual<typeof import('../../nodes/KopoKopo/n8n/sleep')>(
		'../../nodes/KopoKopo/n8n/sleep',
	);
	return {
		async abortableSleep(ms: number, signal?: AbortSignal) {
			whenWaiting();
			await abortableSleep(ms, signal);
		},
	};
});

const current = sandboxPerTest({ processingMs: 0, tills: ownTillsAnd('111111', '222222') });

const { all, one, requests } = operationRunner('v2', current);
const writes = () => requests('POST', '/api/');

const idOf = ({ id }: IDataObject) => String(id);

const RECEIPT = /^[A-Z0-9]{10}$/;

describe('a payment request', () => {
	it.each([
		['refuse', 'cancelled by the customer'],
		['insufficient', 'The balance is insufficient for the transaction'],
		['expire', 'The request timed out'],
	] as const)('that ends with %s says why', async (action, message) => {
		const asked = await one('paymentRequest', 'request', {
			tillNumber: 'K123456',
			phoneNumber: '0712345678',
			amount: 10,
		});
		current.sandbox.customer.act(idOf(asked), { action });

		expect(await one('paymentRequest', 'get', { paymentRequestId: idOf(asked) })).toMatchObject({
			outcome: 'failure',
			amount: null,
			reference: null,
			message: `Not paid: ${message}`,
		});
		expect(current.sandbox.ledger.movements).toEqual([]);
	});
});

describe('a payment link', () => {
	const make = async () =>
		await one('paymentLink', 'create', {
			tillNumber: '112233',
			amount: '1,250.50',
			additionalFields: { note: 'For you', metadataJson: '{ "order": "7" }' },
		});
	const lookUp = async (link: IDataObject) =>
		await one('paymentLink', 'get', { paymentLinkId: idOf(link) });

	it('is returned at once', async () => {
		const made = await make();

		expect(made).toMatchObject({
			outcome: 'pending',
			status: 'Active',
			amount: 1250.5,
			metadata: { order: '7' },
		});
		expect(current.sandbox.status(idOf(made))).toMatchObject({
			data: { attributes: { payment_link: { link: made.link }, note: 'For you' } },
		});
		expect(await lookUp(made)).toEqual(made);
	});

	it('is created once even if its status cannot be read', async () => {
		current.sandbox.faults.add({ kind: 'redirect', method: 'GET' });
		const made = await make();

		expect(writes()).toHaveLength(1);
		expect(made).not.toHaveProperty('link');
		expect(made).toMatchObject({
			id: writes()[0]?.resourceId,
			outcome: 'pending',
			amount: 1250.5,
			metadata: { order: '7' },
			message: expect.stringContaining('Get it with Payment Link > Get and this ID') as string,
		});
		current.sandbox.faults.clear();
		expect(await lookUp(made)).toMatchObject({
			status: 'Active',
			link: expect.stringContaining('http') as string,
		});
	});

	it('stays open after a failed attempt and is paid by the next one', async () => {
		const made = await make();
		current.sandbox.customer.insufficientFunds(idOf(made));
		expect(await lookUp(made)).toMatchObject({
			outcome: 'pending',
			status: 'Active',
			message: 'Not paid yet: The balance is insufficient for the transaction',
		});
		current.sandbox.customer.pay(idOf(made), { phone: '0712345678' });

		expect(await lookUp(made)).toMatchObject({
			outcome: 'success',
			status: 'Paid',
			amount: 1250.5,
			reference: expect.stringMatching(RECEIPT) as string,
			phoneNumber: '+254712345678',
			message: expect.stringMatching(/^Paid KES 1,250.50, receipt/) as string,
		});
	});

	it('that expires is a failure', async () => {
		const made = await make();
		current.sandbox.customer.letExpire(idOf(made));

		expect(await lookUp(made)).toMatchObject({ outcome: 'failure', status: 'Expired' });
	});

	it('is cancelled once', async () => {
		const paymentLinkId = idOf(await make());

		expect(await one('paymentLink', 'cancel', { paymentLinkId })).toEqual({
			id: paymentLinkId,
			message: 'Payment link cancelled.',
		});
		expect(await lookUp({ id: paymentLinkId })).toMatchObject({
			outcome: 'failure',
			status: 'Cancelled',
		});
		await expect(one('paymentLink', 'cancel', { paymentLinkId })).rejects.toThrow(
			/Only active payment links can be cancelled/,
		);
	});
});

describe('a Send Money request', () => {
	const wallets = {
		mpesaNumber: [
			{ phoneNumber: '0712345678', amount: '1,000', description: 'Salary' },
			{ phoneNumber: '0112345678', amount: 500, description: 'Salary' },
		],
	};
	const bank = { bankBranchReference: 'c7f300c0-f1ef-4151-9bbe-005005aa3747', description: 'Rent' };
	const send = async (destinations: INodeParameters) =>
		await one('sendMoney', 'toPeopleOrBusinesses', { destinations });
	const lookUp = async (sent: IDataObject) =>
		await one('sendMoney', 'get', { sendMoneyId: idOf(sent) });

	it('to several wallets is one request, and each destination gets a receipt', async () => {
		const sent = await send(wallets);
		expect(sent).toMatchObject({
			outcome: 'pending',
			amount: 1500,
			phoneNumber: '+254712345678, +254112345678',
		});
		expect(await lookUp(sent)).toMatchObject({
			outcome: 'pending',
			status: 'Scheduled',
			amount: 1500,
		});
		current.sandbox.bank.transfer(idOf(sent));

		expect(await lookUp(sent)).toMatchObject({
			id: sent.id,
			outcome: 'success',
			status: 'Processed',
			amount: 1500,
			currency: 'KES',
			reference: expect.stringMatching(/^[A-Z0-9]{10}, [A-Z0-9]{10}$/) as string,
			message: expect.stringMatching(/^Paid KES 1,500, receipts /) as string,
		});
		expect(writes()).toHaveLength(1);
		expect(current.sandbox.ledger.movements.map(({ amount }) => amount)).toEqual([1000, 500]);
	});

	it('that is paid in part is partial, and says which destination got what', async () => {
		const sent = await send(wallets);
		current.sandbox.bank.transferPartially(idOf(sent), {
			cancelled: [1],
			reason: 'No such wallet',
		});

		expect(await lookUp(sent)).toMatchObject({
			outcome: 'partial',
			amount: 1000,
			reference: expect.stringMatching(RECEIPT) as string,
			message: 'Paid KES 1,000 of KES 1,500, 1 of 2 transfers. Not paid: No such wallet',
			disbursements: [
				{ amount: 1000, destination: '+254712345678', status: 'Transferred', message: null },
				{
					amount: 500,
					destination: '+254112345678',
					status: 'Cancelled',
					message: 'No such wallet',
				},
			],
		});
	});

	it('that the bank cancels is a failure with the reason, although its status is Processed', async () => {
		const sent = await send(wallets);
		current.sandbox.bank.cancel(idOf(sent), { reason: 'Not today' });

		expect(await lookUp(sent)).toMatchObject({
			outcome: 'failure',
			status: 'Processed',
			reference: null,
			message: 'Not paid: Not today',
		});
		expect(current.sandbox.ledger.movements).toEqual([]);
	});

	it.each<[string, INodeParameters, number]>([
		[
			'bank accounts',
			{
				bankAccount: [
					{ ...bank, accountName: 'Jane Doe', accountNumber: '0123456', amount: 70 },
					{ ...bank, accountName: 'John Doe', accountNumber: '6543210', amount: 30 },
				],
			},
			100,
		],
		['a till', { till: [{ tillNumber: '567567', amount: 45, description: 'Bread' }] }, 45],
		[
			'a paybill',
			{
				paybill: [
					{
						paybillNumber: '888880',
						paybillAccountNumber: 'A098457',
						amount: 99,
						description: 'Power',
					},
				],
			},
			99,
		],
	])('pays %s', async (_what, destinations, amount) => {
		const sent = await send(destinations);
		current.sandbox.bank.transfer(idOf(sent));

		expect(await lookUp(sent)).toMatchObject({ outcome: 'success', amount });
		expect(current.sandbox.ledger.totals.out).toBe(amount);
	});

	it('to an own account is paid, without a receipt for EFT', async () => {
		const account = await one('transferAccount', 'createBankAccount', {
			accountName: 'My Shop',
			accountNumber: '0123456789',
			bankBranchReference: bank.bankBranchReference,
			settlementMethod: 'EFT',
		});
		const { reference } = await one('transferAccount', 'get', {
			accountType: 'bankAccount',
			transferAccountId: idOf(account),
		});
		const sent = await one('sendMoney', 'toMyAccount', {
			accountType: 'bankAccount',
			accountReference: String(reference),
			amount: 4000,
		});
		current.sandbox.bank.transfer(idOf(sent));

		expect(await lookUp(sent)).toMatchObject({
			outcome: 'success',
			amount: 4000,
			reference: null,
			message: 'Paid KES 4,000',
		});
		expect(current.sandbox.ledger.movements).toEqual([
			expect.objectContaining({ to: `merchant bank account ${String(reference)}`, amount: 4000 }),
		]);
	});

	it('without an amount settles the whole balance', async () => {
		const swept = await one('sendMoney', 'settleEverythingToMyAccounts');
		expect(swept).toMatchObject({ outcome: 'pending', currency: 'KES' });
		expect(swept.amount).toBeNull();
		current.sandbox.bank.transfer(idOf(swept));

		expect(await lookUp(swept)).toMatchObject({ outcome: 'success', amount: 1_000_000 });
	});
});

describe('an external recipient', () => {
	it.each(RECIPIENTS)('is registered as %s and looked up', async (recipientType, fields, shown) => {
		const made = await one('externalRecipient', 'create', { recipientType, ...fields });
		expect(made).toEqual({
			id: expect.any(String) as string,
			recipientType,
			location: expect.stringContaining('/api/v2/external_recipients/') as string,
		});

		expect(
			await one('externalRecipient', 'get', { externalRecipientId: String(made.location) }),
		).toMatchObject({
			id: made.id,
			outcome: 'success',
			status: 'Approved',
			// Kopo Kopo sends the word Unavailable for none.
			reference: null,
			...shown,
		});
	});
});

describe('an own account', () => {
	it('at a bank is registered and looked up', async () => {
		const made = await one('transferAccount', 'createBankAccount', {
			accountName: 'My Shop',
			accountNumber: '0123456789',
			bankBranchReference: 'c7f300c0-f1ef-4151-9bbe-005005aa3747',
			settlementMethod: 'RTS',
		});
		expect(made).toMatchObject({ name: 'My Shop', number: '0123456789' });

		expect(
			await one('transferAccount', 'get', {
				accountType: 'bankAccount',
				transferAccountId: idOf(made),
			}),
		).toMatchObject({
			id: made.id,
			status: 'Approved',
			reference: made.id,
			name: 'My Shop',
			number: '0123456789',
			type: 'merchant_bank_account',
		});
	});

	it('that is a mobile wallet is registered and looked up', async () => {
		const made = await one('transferAccount', 'createMobileWallet', {
			firstName: 'Jane',
			lastName: 'Doe',
			phoneNumber: '+254 712 345 678',
		});
		expect(made).toMatchObject({ name: 'Jane Doe', phoneNumber: '+254712345678' });

		expect(
			await one('transferAccount', 'get', {
				accountType: 'mobileWallet',
				transferAccountId: idOf(made),
			}),
		).toMatchObject({ name: 'Jane Doe', phoneNumber: '+254712345678', reference: null });
	});
});

describe('transactions', () => {
	const may = { from: '2026-05-01T00:00:00+03:00', to: '2026-06-01T00:00:00+03:00' };
	const list = async (fields: INodeParameters = {}) =>
		await all('transaction', 'getAll', { ...may, ...fields });

	/** A customer and a business pay in May, at two tills. */
	const sell = () => {
		current.sandbox.till.buygoods({
			till: '111111',
			amount: 250.5,
			phone: '+254712345678',
			at: '2026-05-03T12:00:00+03:00',
		});
		current.sandbox.till.b2b({
			till: '222222',
			amount: 900,
			sendingTill: '333333',
			at: '2026-05-04T12:00:00+03:00',
		});
		current.sandbox.till.buygoods({ till: '111111', amount: 7, at: '2026-06-04T12:00:00+03:00' });
	};

	it('are returned as one item each, of both kinds', async () => {
		sell();

		expect(await list()).toEqual([
			{
				id: expect.any(String) as string,
				outcome: 'success',
				topic: 'buygoods_transaction_received',
				message: expect.stringMatching(/^Paid KES 250.50, receipt/) as string,
				dedupeKey: expect.stringMatching(/^payment:[A-Z0-9]{10}:25050$/) as string,
				status: 'Received',
				amount: 250.5,
				currency: 'KES',
				reference: expect.stringMatching(RECEIPT) as string,
				phoneNumber: '+254712345678',
				sender: 'Wanjiku Kamau',
				tillNumber: '111111',
				occurredAt: '2026-05-03T12:00:00+03:00',
			},
			{
				id: expect.any(String) as string,
				outcome: 'success',
				topic: 'b2b_transaction_received',
				message: expect.stringMatching(/^Paid KES 900, receipt/) as string,
				dedupeKey: expect.stringMatching(/^payment:[A-Z0-9]{10}:90000$/) as string,
				sendingTill: '333333',
				status: 'Complete',
				amount: 900,
				currency: 'KES',
				reference: expect.stringMatching(RECEIPT) as string,
				phoneNumber: null,
				sender: '333333',
				tillNumber: '222222',
				occurredAt: '2026-05-04T12:00:00+03:00',
			},
		]);
	});

	it('of one till are returned alone', async () => {
		sell();

		const found = await list({ scope: 'till', tillNumber: '222222' });
		expect(found.map(({ topic }) => topic)).toEqual(['b2b_transaction_received']);
	});

	it('are returned unchanged when Simplify is off', async () => {
		sell();

		const [first] = await list({ simplify: false });
		expect(first).toMatchObject({
			type: 'Buygoods Transaction',
			resource: { amount: '250.5', till_number: '111111' },
		});
	});

	it('of a period without payments are an empty list', async () => {
		expect(await list()).toEqual([]);
	});

	it('are at most fifty by default', async () => {
		for (let sale = 0; sale < 60; sale++) {
			current.sandbox.till.buygoods({ amount: sale + 1, at: '2026-05-03T12:00:00+03:00' });
		}

		expect(await list()).toHaveLength(50);
		expect((await list({ limit: 3 })).map(({ amount }) => amount)).toEqual([1, 2, 3]);
		expect(await list({ returnAll: true })).toHaveLength(60);
	});

	it('that are not ready when the user cancels can be looked up with the ID in the error', async () => {
		await current.sandbox.close();
		await current.start({ processingMs: 60_000 });
		const statusRequest = () => requests('GET', '/api/v2/polling/').find(({ ms }) => ms !== null);
		const cancel = new AbortController();
		// The first wait after a status request is the one before the next.
		whenWaiting = () => {
			if (statusRequest() !== undefined) cancel.abort();
		};
		const listing = all('transaction', 'getAll', may, { signal: cancel.signal });

		const error: unknown = await listing.catch((thrown: unknown) => thrown);
		const id = String(statusRequest()?.resourceId);
		expect(error).toMatchObject({
			description: expect.stringMatching(
				new RegExp(`with 'Get Search Result' and the ID ${id}\\.$`),
			) as string,
		});
	});

	it('are waited for as long as the user sets', async () => {
		await current.sandbox.close();
		await current.start({ processingMs: 60_000 });
		const listing = all('transaction', 'getAll', { ...may, additionalFields: { waitUpTo: 1 } });

		await expect(listing).rejects.toMatchObject({
			message: expect.stringContaining('did not list the transactions within 1 s') as string,
		});
	});

	it.each<[string, FaultRuleInput]>([
		['gets no answer', { kind: 'reset', when: 'after' }],
		['is answered with an error', { kind: 'serverError', when: 'after' }],
		['is answered in part', { kind: 'halfBody' }],
	])('are requested again when the first request %s', async (_what, fault) => {
		sell();
		current.sandbox.faults.add({ ...fault, path: '/api/v2/polling', method: 'POST', next: 1 });

		expect(await list()).toHaveLength(2);
	});

	it('whose request gets no response end in an error that says so', async () => {
		current.sandbox.faults.add({
			kind: 'stall',
			when: 'after',
			path: '/api/v2/polling',
			method: 'POST',
		});
		const listing = list({ options: { timeout: 1 } });

		await expect(listing).rejects.toMatchObject({
			message: expect.not.stringContaining('It is not known') as string,
			description: 'This request moves no money. You can send it again.',
		});
	}, 30_000);

	it('are linked to the item that requested them', async () => {
		sell();

		const items = await current.run({
			parameters: { ...may, resource: 'transaction', operation: 'getAll' },
			items: [{}, {}],
		});
		expect(items.map(({ pairedItem }) => pairedItem)).toEqual([
			{ item: 0 },
			{ item: 0 },
			{ item: 1 },
			{ item: 1 },
		]);
	});

	it('whose first step gets no answer are requested again', async () => {
		current.sandbox.faults.add({
			kind: 'reset',
			when: 'after',
			path: '/api/v2/polling',
			method: 'POST',
			next: 1,
		});
		expect(await one('transaction', 'startSearch', may)).toMatchObject({
			outcome: 'pending',
			id: expect.any(String) as string,
		});
		expect(writes()).toHaveLength(2);
	});

	it('can be requested in two steps', async () => {
		sell();
		const started = await one('transaction', 'startSearch', may);
		expect(started).toMatchObject({
			outcome: 'pending',
			fromTime: may.from,
			toTime: may.to,
		});

		const found = await one('transaction', 'getSearchResult', { searchId: idOf(started) });
		expect(found).toMatchObject({ id: started.id, outcome: 'success' });
		expect(found.transactions).toEqual([
			expect.objectContaining({ topic: 'buygoods_transaction_received' }),
			expect.objectContaining({ topic: 'b2b_transaction_received' }),
		]);
	});
});

describe('a reversal', () => {
	const back = async (transactionReference: string) =>
		await one('reversal', 'refund', { transactionReference, reason: 'Paid twice' });
	const lookUp = async (made: IDataObject) =>
		await one('reversal', 'get', { reversalId: idOf(made) });

	it('returns the money', async () => {
		const { reference } = current.sandbox.till.buygoods({ amount: 300 });
		const made = await back(reference);
		expect(made).toMatchObject({ outcome: 'pending', reversedReference: reference });
		expect(await lookUp(made)).toMatchObject({ outcome: 'pending', status: 'Scheduled' });
		current.sandbox.bank.transfer(idOf(made));

		expect(await lookUp(made)).toMatchObject({
			outcome: 'success',
			status: 'Processed',
			amount: 300,
			currency: 'KES',
			message: expect.stringMatching(/^Refunded KES 300, receipt/) as string,
		});
		expect(current.sandbox.ledger.totals).toMatchObject({ in: 300, out: 300 });
	});

	it('that the bank cancels is a failure with the reason', async () => {
		const made = await back(current.sandbox.till.buygoods({ amount: 300 }).id);
		current.sandbox.bank.cancel(idOf(made), { reason: 'The payer is gone' });

		expect(await lookUp(made)).toMatchObject({
			outcome: 'failure',
			message: 'Not refunded: The payer is gone',
		});
		expect(current.sandbox.ledger.totals.out).toBe(0);
	});

	it('that is in progress is rejected with the message of Kopo Kopo', async () => {
		const { reference } = current.sandbox.till.buygoods({ amount: 300 });
		await back(reference);

		await expect(back(reference)).rejects.toThrow(
			/You cannot reverse a transaction in Pending Reversal/,
		);
	});
});

describe('an SMS notification', () => {
	it('is sent and looked up', async () => {
		const sent = await one('smsNotification', 'send', {
			webhookEventReference: 'e51438e9-c42b-4bf2-a261-faeaf189e3ed',
			message: 'Thank you',
		});
		expect(sent).toMatchObject({ outcome: 'pending' });

		expect(await one('smsNotification', 'get', { smsNotificationId: idOf(sent) })).toMatchObject({
			id: sent.id,
			outcome: 'success',
			status: 'Success',
		});
	});
});

describe('a webhook subscription', () => {
	const url = 'https://n8n.example.com/webhook/kopo-kopo';

	it('of a till is created and looked up', async () => {
		const made = await one('webhookSubscription', 'create', {
			event: 'b2b_transaction_received',
			url,
			scope: 'till',
			tillNumber: '112233',
			darajaPayload: true,
		});

		expect(await one('webhookSubscription', 'get', { webhookSubscriptionId: idOf(made) })).toEqual({
			id: made.id,
			eventType: 'b2b_transaction_received',
			url,
			scope: 'till',
			tillNumber: '112233',
			status: 'Active',
		});
		expect(current.sandbox.ledger.subscriptions).toMatchObject([
			{ id: made.id, scope: 'till', scopeReference: '112233', daraja: true },
		]);
	});

	it('of the company contains no till', async () => {
		await one('webhookSubscription', 'create', {
			event: 'customer_created',
			url,
			scope: 'company',
			tillNumber: '112233',
		});

		expect(current.sandbox.ledger.subscriptions).toMatchObject([
			{ eventType: 'customer_created', scope: 'company', scopeReference: null, daraja: false },
		]);
	});
});

describe('the access token', () => {
	const exchanges = () => requests('POST', '/oauth/token');
	const own = () => String(current.credential.data.accessToken);

	/** Nothing that opens anything may leave in an item. */
	const expectNoSecret = (item: IDataObject) => {
		const text = JSON.stringify(item);
		for (const secret of [own(), current.sandbox.clientSecret, current.sandbox.apiKey]) {
			expect(secret).not.toBe('');
			expect(text).not.toContain(secret);
		}
	};

	it('is returned with its remaining lifetime', async () => {
		const info = await one('accessToken', 'getInfo');

		expect(info).toMatchObject({ application: { uid: current.sandbox.clientId } });
		expect(info.expires_in).toBeGreaterThan(3500);
		expectNoSecret(info);
	});

	it('of the credential is introspected if no other is given', async () => {
		const info = await one('accessToken', 'introspect');

		expect(info).toMatchObject({ active: true, client_id: current.sandbox.clientId });
		expect(requests('POST', '/oauth/introspect')[0]?.body).toMatchObject({ token: own() });
		expectNoSecret(info);
	});

	it('that is entered is introspected and does not appear in the output', async () => {
		const stray = 'stray-and-unknown';
		const info = await one('accessToken', 'introspect', { token: stray });

		expect(info).toEqual({ active: false });
		expect(requests('POST', '/oauth/introspect')[0]?.body).toMatchObject({ token: stray });
		expectNoSecret(info);
	});

	it('is replaced by a new one after it was revoked', async () => {
		await one('accessToken', 'getInfo');
		const first = own();
		const revoked = await one('accessToken', 'revoke');
		expect(revoked).toEqual({ revoked: true });
		expectNoSecret(revoked);
		expect(current.sandbox.ledger.tokens.map(({ token, state }) => [token, state])).toEqual([
			[first, 'revoked'],
		]);

		await one('paymentLink', 'create', { tillNumber: '112233', amount: 10 });
		expect(own()).not.toBe(first);
		expect(exchanges()).toHaveLength(2);
		expect(writes().filter(({ processed }) => processed)).toHaveLength(1);
	});

	it('that is entered is revoked, and the one of the credential stays valid', async () => {
		await one('accessToken', 'getInfo');
		await one('accessToken', 'revoke', { token: 'stray-and-unknown' });
		await one('accessToken', 'getInfo');

		expect(exchanges()).toHaveLength(1);
	});
});
