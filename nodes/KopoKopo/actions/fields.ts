import { field, optionalFields, type Field } from './operation';
import { readCallbackUrl, readId, readRequiredText, readText } from './readers';

export const callbackUrl = field(
	{
		displayName: 'Callback URL',
		name: 'callbackUrl',
		type: 'string',
		default: '',
		placeholder: 'e.g. https://n8n.example.com/webhook/…/kopo-kopo',
		description:
			'Where Kopo Kopo sends the result: the Production URL of a Kopo Kopo Trigger. Leave empty when nothing waits for it.',
	},
	readCallbackUrl,
);

/** Optional fields of an operation; n8n shows them in the order given, so give them by name. */
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

/** The id of one thing, bare or inside a pasted address. */
export function idField<const Name extends string>(what: string, name: Name) {
	return field(
		{
			displayName: `${what} ID`,
			name,
			type: 'string',
			required: true,
			default: '',
			placeholder: 'e.g. 247b1bd8-f5a0-4b71-a898-f62f67b8ae1c',
			description: 'The ID that Kopo Kopo gave, or the whole address that ends with it',
		},
		readId,
	);
}

export const firstName = field(
	{
		displayName: 'First Name',
		name: 'firstName',
		type: 'string',
		default: '',
		placeholder: 'e.g. Nathan',
	},
	readText,
);

export const lastName = field(
	{
		displayName: 'Last Name',
		name: 'lastName',
		type: 'string',
		default: '',
		placeholder: 'e.g. Otieno',
	},
	readText,
);

export const email = field(
	{
		displayName: 'Email',
		name: 'email',
		type: 'string',
		default: '',
		placeholder: 'e.g. nathan@example.com',
	},
	readText,
);

export const nickname = field(
	{
		displayName: 'Nickname',
		name: 'nickname',
		type: 'string',
		default: '',
		placeholder: 'e.g. Nathan at the shop',
		description: 'A name of your own, to tell it apart at Kopo Kopo',
	},
	readText,
);

export const description = field(
	{
		displayName: 'Description',
		name: 'description',
		type: 'string',
		default: '',
		placeholder: 'e.g. Salary for May',
		description: 'What the money is for',
	},
	readText,
);

export const reference = field(
	{
		displayName: 'Reference',
		name: 'reference',
		type: 'string',
		default: '',
		placeholder: 'e.g. INV-2041',
		description: 'Your own number for it, to find it again',
	},
	readText,
);

export const network = field(
	{
		displayName: 'Network',
		name: 'network',
		type: 'string',
		default: 'Safaricom',
		description: 'The mobile network of the phone number; Kopo Kopo documents Safaricom only',
	},
	readRequiredText,
);

export const accountName = field(
	{
		displayName: 'Account Name',
		name: 'accountName',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. Nathan Otieno',
		description: 'The name the bank account is held under',
	},
	readRequiredText,
);

export const accountNumber = field(
	{
		displayName: 'Account Number',
		name: 'accountNumber',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. 0123456789014',
		description: 'The number of the bank account. Keep it text, or leading zeros get lost.',
	},
	readRequiredText,
);

export const bankBranchRef = field(
	{
		displayName: 'Bank Branch Reference',
		name: 'bankBranchRef',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. c7f300c0-f1ef-4151-9bbe-005005aa3747',
		description: "Kopo Kopo's own ID of the bank branch, from its list of banks",
	},
	readId,
);

export const payeeTillNumber = field(
	{
		displayName: 'Till Number',
		name: 'tillNumber',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. 567567',
		description: 'The till that receives the money',
	},
	readRequiredText,
);

export const paybillNumber = field(
	{
		displayName: 'Paybill Number',
		name: 'paybillNumber',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. 888880',
		description: 'The paybill that receives the money',
	},
	readRequiredText,
);

export const paybillAccountNumber = field(
	{
		displayName: 'Paybill Account Number',
		name: 'paybillAccountNumber',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. A098457',
		description: 'The account under the paybill',
	},
	readRequiredText,
);
