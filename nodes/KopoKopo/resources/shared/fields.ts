import { defineField, type Field, optionalFields, shownFor } from '../../operations/parameters';
import { parseAccountNumber, parsePaybillAccountNumber } from '../../parsers/accountNumber';
import { parseId } from '../../parsers/id';
import { parseReference } from '../../parsers/identifier';
import { parseRequiredText, parseText } from '../../parsers/text';
import { parsePaybill, parseTill } from '../../parsers/till';
import { parseCallbackUrl } from '../../parsers/url';

/** Where the result goes, for an operation that cannot wait for it. prepare.ts resolves the address. */
export const callbackUrl = defineField(
	{
		displayName: 'Callback URL',
		name: 'callbackUrl',
		type: 'string',
		default: '',
		placeholder: 'e.g. https://n8n.example.com/webhook/…/kopo-kopo',
		description:
			'Where Kopo Kopo sends the result, such as the Production URL of a Kopo Kopo Trigger. Leave it empty if you do not need the result.',
	},
	parseCallbackUrl,
);

/** Where the result goes, for an operation that can wait: shown if it does not. */
export const callbackUrlIfNotWaiting = shownFor(
	{ waitForResult: ['continueImmediately'] },
	callbackUrl,
);

/** Where Kopo Kopo sends a result after the node has stopped checking. The field is under Additional Fields. */
export const callbackUrlIfChecking = shownFor({ '/waitForResult': ['keepChecking'] }, callbackUrl);

/** Optional fields of an operation. n8n shows them in this order, so list them alphabetically. */
export function additionalFields<const Fields extends readonly Field[]>(fields: Fields) {
	return optionalFields(
		{
			displayName: 'Additional Fields',
			name: 'additionalFields',
			type: 'collection',
			placeholder: 'Add Field',
			default: {},
		},
		fields,
	);
}

const REQUIRED_TEXT = { type: 'string', required: true, default: '' } as const;

/** A required M-Pesa number. @param parse gives it the form that Kopo Kopo expects */
export const phoneNumberField = (description: string, parse: Field<string, string>['parse']) =>
	defineField(
		{
			displayName: 'Phone Number',
			name: 'phoneNumber',
			...REQUIRED_TEXT,
			placeholder: 'e.g. 0712345678',
			description,
		},
		parse,
	);

/** A required amount in KES. */
export const amountField = (description: string, parse: Field<string, number>['parse']) =>
	defineField(
		{
			displayName: 'Amount',
			name: 'amount',
			...REQUIRED_TEXT,
			placeholder: 'e.g. 1500',
			description,
		},
		parse,
	);

/** A required ID. The user can also enter a URL that ends with it. */
export function idField<const Name extends string>(what: string, name: Name) {
	return defineField(
		{
			displayName: `${what} ID`,
			name,
			...REQUIRED_TEXT,
			placeholder: 'e.g. 247b1bd8-f5a0-4b71-a898-f62f67b8ae1c',
			description: 'The ID that the node returned, or the whole address that ends with it',
		},
		parseId,
	);
}

export const firstName = defineField(
	{
		displayName: 'First Name',
		name: 'firstName',
		type: 'string',
		default: '',
		placeholder: 'e.g. Nathan',
	},
	parseText,
);

export const lastName = defineField(
	{
		displayName: 'Last Name',
		name: 'lastName',
		type: 'string',
		default: '',
		placeholder: 'e.g. Otieno',
	},
	parseText,
);

export const email = defineField(
	{
		displayName: 'Email',
		name: 'email',
		type: 'string',
		default: '',
		placeholder: 'e.g. nathan@example.com',
	},
	parseText,
);

export const nickname = defineField(
	{
		displayName: 'Nickname',
		name: 'nickname',
		type: 'string',
		default: '',
		placeholder: 'e.g. Nathan at the shop',
		description: 'A name of your choice that Kopo Kopo shows',
	},
	parseText,
);

export const description = defineField(
	{
		displayName: 'Description',
		name: 'description',
		type: 'string',
		default: '',
		placeholder: 'e.g. Salary for May',
		description: 'What the money is for',
	},
	parseText,
);

export const reference = defineField(
	{
		displayName: 'Reference',
		name: 'reference',
		type: 'string',
		default: '',
		placeholder: 'e.g. INV-2041',
		description: 'Your own reference, such as an invoice number',
	},
	parseReference,
);

export const network = defineField(
	{
		displayName: 'Network',
		name: 'network',
		type: 'string',
		default: 'Safaricom',
		description: 'The mobile network of the phone number: Safaricom, Airtel or Telkom',
	},
	parseRequiredText,
);

export const accountName = defineField(
	{
		displayName: 'Account Name',
		name: 'accountName',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. Nathan Otieno',
		description: 'The name of the account holder',
	},
	parseRequiredText,
);

export const accountNumber = defineField(
	{
		displayName: 'Account Number',
		name: 'accountNumber',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. 0123456789014',
		description:
			'The number of the bank account, as text, because a number loses its leading zeros. In a spreadsheet, format the column as text.',
	},
	parseAccountNumber,
);

export const bankBranchReference = defineField(
	{
		displayName: 'Bank Branch Reference',
		name: 'bankBranchReference',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. c7f300c0-f1ef-4151-9bbe-005005aa3747',
		description:
			"Kopo Kopo's ID of the bank branch. There is no public list, so ask Kopo Kopo support for it.",
	},
	parseId,
);

export const payeeTillNumber = defineField(
	{
		displayName: 'Till Number',
		name: 'tillNumber',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. 567567',
		description: 'The till that receives the money',
	},
	parseTill,
);

export const paybillNumber = defineField(
	{
		displayName: 'Paybill Number',
		name: 'paybillNumber',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. 888880',
		description: 'The paybill that receives the money',
	},
	parsePaybill,
);

export const paybillAccountNumber = defineField(
	{
		displayName: 'Paybill Account Number',
		name: 'paybillAccountNumber',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. A098457',
		description:
			'The account number at the paybill, as text, because a number loses its leading zeros. In a spreadsheet, format the column as text.',
	},
	parsePaybillAccountNumber,
);
