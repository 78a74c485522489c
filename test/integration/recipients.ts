import type { IDataObject, INodeParameters } from 'n8n-workflow';

/** Each type of recipient, with its fields and with what its item must contain. */
export const RECIPIENTS: Array<[string, INodeParameters, IDataObject]> = [
	[
		'mpesaNumber',
		{ firstName: 'Jane', lastName: 'Doe', phoneNumber: '0712345678' },
		{ type: 'Mobile Wallet', name: 'Jane Doe', phoneNumber: '+254712345678' },
	],
	[
		'bankAccount',
		{
			accountName: 'Jane Doe',
			accountNumber: '0123456',
			bankBranchReference: 'c7f300c0-f1ef-4151-9bbe-005005aa3747',
		},
		{ type: 'Bank Account', name: 'Jane Doe', number: '0123456' },
	],
	[
		'paybill',
		{ paybillName: 'Power', paybillNumber: '888880', paybillAccountNumber: 'A1' },
		{ type: 'Paybill', name: 'Power', number: '888880' },
	],
	[
		'till',
		{ tillName: 'Groceries', tillNumber: '567567' },
		{ type: 'Till', name: 'Groceries', number: '567567' },
	],
];
