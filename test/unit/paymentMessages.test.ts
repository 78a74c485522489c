import { outcomeMessage, returnedMessage } from '../../nodes/KopoKopo/domain/paymentMessages';

describe('outcomeMessage', () => {
	test.each<[Parameters<typeof outcomeMessage>, string]>([
		[
			['Paid', { outcome: 'success', amount: 1500, reference: 'SBX0000003' }],
			'Paid KES 1,500, receipt SBX0000003',
		],
		[
			['Paid', { outcome: 'success', amount: 0.5, reference: 'A1, B2' }],
			'Paid KES 0.50, receipts A1, B2',
		],
		[['Paid', { outcome: 'success', amount: 20, reference: null }], 'Paid KES 20'],
		[['Refunded', { outcome: 'success', amount: null, reference: 'A1' }], 'Refunded, receipt A1'],
		[['Settled', { outcome: 'success' }], 'Settled'],
		[
			['Paid', { outcome: 'success', amount: 20, reason: 'Late' }],
			'Paid KES 20. Kopo Kopo adds: Late',
		],
		[
			['Paid', { outcome: 'partial', amount: 20, reason: 'Late' }],
			'Paid KES 20. Kopo Kopo adds: Late',
		],
		[['Paid', { outcome: 'failure', amount: 20, reason: 'No funds' }], 'Not paid: No funds'],
		[['Refunded', { outcome: 'failure' }], 'Not refunded: Kopo Kopo gives no reason'],
		[['Paid', { outcome: 'failure', reason: null }], 'Not paid: Kopo Kopo gives no reason'],
		[['Paid', { outcome: 'pending' }], 'Not paid yet'],
		[['Settled', { outcome: 'pending', reason: 'Retrying' }], 'Not settled yet: Retrying'],
		[['Refunded', { outcome: 'unknown' }], 'It is not known whether this was refunded'],
		[
			['Paid', { outcome: 'unknown', reason: 'Bank down' }],
			'It is not known whether this was paid: Bank down',
		],
	])('%j', (facts, message) => {
		expect(outcomeMessage(...facts)).toBe(message);
	});
});

test.each(['reversed', 'voided'] as const)(
	'returnedMessage says that a %s payment went back',
	(what) => {
		expect(returnedMessage(what)).toBe(`The payment was ${what}; the money went back to the payer`);
	},
);
