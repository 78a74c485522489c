import { accountItem } from '../../nodes/KopoKopo/domain/account';

const item = (type: string, attributes: object) =>
	accountItem({ data: { id: '7', type, attributes } });

describe('accountItem', () => {
	test.each<[string, string, object, object]>([
		[
			'a bank account',
			'merchant_bank_account',
			{
				status: 'approved',
				account_name: 'Duka',
				account_number: '0123',
				account_reference: 'ref-1',
			},
			{
				outcome: 'success',
				name: 'Duka',
				number: '0123',
				phoneNumber: null,
				reference: 'ref-1',
				status: 'approved',
			},
		],
		[
			'a wallet',
			'merchant_wallet',
			{
				status: 'Approved',
				first_name: 'Jane',
				last_name: 'Doe',
				phone_number: '254712345678',
				account_reference: 'Unavailable',
			},
			{
				outcome: 'success',
				name: 'Jane Doe',
				number: null,
				phoneNumber: '+254712345678',
				reference: null,
				status: 'Approved',
			},
		],
		[
			'a till of somebody else',
			'external_recipient',
			{
				status: 'rejected',
				recipient_type: 'till',
				till_name: 'Kiosk',
				till_number: 832921,
				recipient_reference: 'ref-2',
			},
			{
				outcome: 'failure',
				name: 'Kiosk',
				number: '832921',
				type: 'till',
				reference: 'ref-2',
				status: 'rejected',
			},
		],
		[
			'a paybill',
			'pay_recipient',
			{
				status: 'pending',
				recipient_type: 'paybill',
				paybill_name: 'Power',
				paybill_number: '888880',
			},
			{ outcome: 'pending', name: 'Power', number: '888880', type: 'paybill', status: 'pending' },
		],
	])('%s has its name, number and reference', (_what, type, attributes, expected) => {
		expect(item(type, attributes)).toEqual({
			outcome: null,
			name: null,
			number: null,
			phoneNumber: null,
			reference: null,
			status: null,
			...{ type },
			...expected,
			id: '7',
		});
	});

	test('has its fields in one order, and null for what is not known', () => {
		expect(Object.entries(item('merchant_wallet', {}))).toEqual([
			['outcome', 'pending'],
			['name', null],
			['number', null],
			['phoneNumber', null],
			['type', 'merchant_wallet'],
			['reference', null],
			['status', null],
			['id', '7'],
		]);
		expect(accountItem(null)).toMatchObject({ name: null, type: null, id: null });
	});
});
