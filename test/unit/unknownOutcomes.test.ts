import { actionNode, PAYMENT_REQUEST, PAYOUT, people, useFakeTimers } from './actionSetup';

useFakeTimers();

const LOOK_FOR_IT = 'Before you send it again, look for it in the Kopo Kopo dashboard.';
const LOOK_FOR_PAYMENT = `${LOOK_FOR_IT} Transaction > Get Many lists the payments that customers have made.`;
const PERIOD = { from: '2026-11-26T00:00:00', to: '2026-11-27T00:00:00' };

/** What a request that may have been carried out says about what to do. */
const REMEDIES: Array<[string, Record<string, unknown>, string]> = [
	['a payout', PAYOUT, LOOK_FOR_IT],
	['a payment request', PAYMENT_REQUEST, LOOK_FOR_PAYMENT],
	[
		'a payment request without a till',
		{
			...PAYMENT_REQUEST,
			apiVersion: 'v1',
			resourceV1: 'paymentRequestV1',
			operation: 'requestWithoutTill',
		},
		LOOK_FOR_PAYMENT,
	],
	[
		'a new payment link',
		{ resource: 'paymentLink', operation: 'create', tillNumber: 'K123456', amount: 5 },
		'Before you create it again, look for the link in the Kopo Kopo dashboard.',
	],
	[
		'a cancellation',
		{ resource: 'paymentLink', operation: 'cancel', paymentLinkId: 'abc' },
		'Look the link up with Payment Link > Get, and cancel it again if it is not cancelled.',
	],
	[
		'an SMS',
		{
			resource: 'smsNotification',
			operation: 'send',
			webhookEventReference: 'abc',
			message: 'Thank you',
		},
		'If you send it again, the customer may get the SMS twice.',
	],
	[
		'a revoked token',
		{ resource: 'accessToken', operation: 'revoke' },
		'Check the token with Access Token > Introspect, and revoke it again if it is still valid.',
	],
	[
		'a search',
		{ resource: 'transaction', operation: 'startSearch', ...PERIOD },
		'This request moves no money. You can send it again.',
	],
	[
		'a look-up',
		{ resource: 'sendMoney', operation: 'get', sendMoneyId: 'abc' },
		'This request moves no money. You can send it again.',
	],
];

describe.each([
	['gets an error of the server', () => ({ statusCode: 503 })],
	[
		'loses its connection',
		() => {
			throw Object.assign(new Error('gone'), { cause: { code: 'ECONNRESET' } });
		},
	],
])('a request that %s', (_fault, respond) => {
	it.each(REMEDIES)('says what to do: %s', async (_what, parameters, remedy) => {
		const node = actionNode(parameters);
		node.respond = respond;
		const { items } = await node.execute(people(1), { node: { onError: 'continueRegularOutput' } });
		expect(JSON.stringify(items)).toContain(remedy);
	});
});

it.each(
	REMEDIES.filter(([what]) => !['a cancellation', 'a revoked token', 'a look-up'].includes(what)),
)(
	'a response without the URL of the new resource says what to do: %s',
	async (_what, parameters, remedy) => {
		const node = actionNode(parameters);
		node.respond = () => ({ statusCode: 201 });
		const { items } = await node.execute(people(1), { node: { onError: 'continueRegularOutput' } });
		expect(JSON.stringify(items)).toContain(remedy);
	},
);
