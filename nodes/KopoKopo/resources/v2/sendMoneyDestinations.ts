import type { IDataObject } from 'n8n-workflow';
import { InvalidParameterError } from '../../domain/errors';
import { asPhone } from '../../domain/parties';
import {
	defineField,
	type Field,
	type Params,
	parseFields,
	required,
} from '../../operations/parameters';
import { parsePhoneBare } from '../../parsers/phone';
import { parseSwitch } from '../../parsers/switch';
import { type FieldContext, type ParseContext, shorten } from '../../parsers/text';
import { parseOptionalTill } from '../../parsers/till';
import {
	accountName,
	accountNumber,
	bankBranchReference,
	description,
	network,
	nickname,
	paybillAccountNumber,
	paybillNumber,
	payeeTillNumber,
	phoneNumberField,
} from '../shared/fields';
import type { amountToSend } from '../shared/payoutFields';

const favourite = defineField(
	{
		displayName: 'Favourite',
		name: 'favourite',
		type: 'boolean',
		default: false,
		description: 'Whether to add the receiver to your favourites at Kopo Kopo',
	},
	parseSwitch,
);

const phoneNumber = phoneNumberField('The M-Pesa number that receives the money', parsePhoneBare);

/** The till whose money is sent; if empty, the available balance is used (docs/kopokopo-api.md#send-money). */
export const sourceTillNumber = defineField(
	{
		displayName: 'Source Till Number',
		name: 'sourceTillNumber',
		type: 'string',
		default: '',
		placeholder: 'e.g. 112233',
		description:
			'The till to send the money from. Leave it empty to send from the available balance.',
	},
	parseOptionalTill,
);

type AmountField = ReturnType<typeof amountToSend>;

/** The fields of every destination, after those of its type. */
const sharedFields = (amount: AmountField) =>
	[amount, required(description), nickname, favourite] as const;
type Shared = Params<ReturnType<typeof sharedFields>>;

interface DestinationType {
	label: string;
	/** Whether one request can have several destinations of this type (docs/kopokopo-api.md#send-money-destinations). */
	allowsSeveral: boolean;
	/** Only those that other types do not have. */
	fields: readonly Field[];
	toApi(row: IDataObject): IDataObject;
}

function defineDestination<const Fields extends readonly Field[]>(
	label: string,
	allowsSeveral: boolean,
	own: Fields,
	toApi: (row: Params<Fields>) => IDataObject,
): DestinationType {
	return {
		label,
		allowsSeveral,
		fields: own,
		toApi: (row) => ({
			...toApi(row as Params<Fields>),
			nickname: (row as unknown as Shared).nickname,
			amount: (row as unknown as Shared).amount,
			description: (row as unknown as Shared).description,
			favourite: (row as unknown as Shared).favourite,
		}),
	};
}

/** The types of external destination by stored value, in the order of the menu. */
const DESTINATION_TYPES: Record<string, DestinationType> = {
	bankAccount: defineDestination(
		'Bank Account',
		true,
		[bankBranchReference, accountName, accountNumber],
		(row) => ({
			type: 'bank_account',
			bank_branch_ref: row.bankBranchReference,
			account_name: row.accountName,
			account_number: row.accountNumber,
		}),
	),
	mpesaNumber: defineDestination('M-Pesa Number', true, [phoneNumber, network], (row) => ({
		type: 'mobile_wallet',
		phone_number: row.phoneNumber,
		network: row.network,
	})),
	paybill: defineDestination('Paybill', false, [paybillNumber, paybillAccountNumber], (row) => ({
		type: 'paybill',
		paybill_number: row.paybillNumber,
		paybill_account_number: row.paybillAccountNumber,
	})),
	till: defineDestination('Till', false, [payeeTillNumber], (row) => ({
		type: 'till',
		till_number: row.tillNumber,
	})),
};

const ENTER_OBJECT =
	'Enter them in the form { "mpesaNumber": [{ "phoneNumber": "0712345678", "network": "Safaricom", "amount": 100, "description": "Salary" }] }.';

/** Destinations as the request needs them, and their sums for the item. */
export interface Destinations {
	rows: IDataObject[];
	/** KES */
	total: number;
	/** The M-Pesa numbers, separated by commas; null if there are none. */
	phoneNumbers: string | null;
}

/** The destinations of each type that has any. An expression can set the field to anything. */
function storedDestinations(raw: unknown, context: FieldContext) {
	if (Array.isArray(raw) && raw.length > 0) {
		throw new InvalidParameterError(`'${context.label}' is a list without types`, ENTER_OBJECT);
	}
	const given = Object.entries(raw !== null && typeof raw === 'object' ? raw : {});
	return given.flatMap(([name, stored]: [string, unknown]) => {
		const rows: unknown[] = [stored ?? []].flat();
		if (rows.length === 0) return [];
		const type = DESTINATION_TYPES[name];
		if (type !== undefined) return [{ ...type, rows }];
		throw new InvalidParameterError(
			`'${context.label}' has the unknown type '${shorten(name)}'`,
			`Use one of: ${Object.keys(DESTINATION_TYPES).join(', ')}.`,
		);
	});
}

/** @param name what errors call it if it is one of several, such as Destination 2 */
function parseDestination(
	row: unknown,
	{ fields: own, toApi }: DestinationType,
	context: ParseContext,
	{ amount, name }: { amount: AmountField; name?: string },
): IDataObject {
	if (row === null || typeof row !== 'object' || Array.isArray(row)) {
		throw new InvalidParameterError(`'${name ?? 'Destination 1'}' has no fields`, ENTER_OBJECT);
	}
	const given = row as IDataObject;
	const labelOf = (label: string) => (name === undefined ? label : `${name}: ${label}`);
	// Optional at Kopo Kopo, where false is not the same as missing, so it is sent only if it was set.
	const isFavouriteSet = given.favourite !== undefined && given.favourite !== null;
	const fields = [...own, ...sharedFields(amount)]
		.filter((field) => field !== favourite || isFavouriteSet)
		.map(({ property, parse }: Field) => ({
			property: { ...property, displayName: labelOf(property.displayName) },
			parse,
		}));
	return toApi(parseFields(fields, (property) => given[property.name], context) as IDataObject);
}

function parseDestinations(raw: unknown, context: ParseContext, amount: AmountField): Destinations {
	const [only, other] = storedDestinations(raw, context);
	if (only === undefined) {
		throw new InvalidParameterError(
			`'${context.label}' is empty`,
			'Add a destination: an M-Pesa number, a bank account, a till or a paybill.',
		);
	}
	if (other !== undefined) {
		throw new InvalidParameterError(
			`'${context.label}' mixes ${only.label} and ${other.label}`,
			'All destinations of a request must have the same type. Use one item for each type.',
		);
	}
	if (only.rows.length > 1 && !only.allowsSeveral) {
		throw new InvalidParameterError(
			`'${context.label}' has ${only.rows.length} destinations of the type ${only.label}, but a request can have only one`,
			'Use one item for each. Only M-Pesa numbers and bank accounts allow several in one request.',
		);
	}
	const rows = only.rows.map((row, index) => {
		const name = only.rows.length === 1 ? {} : { name: `Destination ${index + 1}` };
		return parseDestination(row, only, context, { amount, ...name });
	});
	return {
		rows,
		total: rows.reduce((sum, row) => sum + Number(row.amount), 0),
		phoneNumbers:
			rows
				.map((row) => asPhone(row.phone_number))
				.filter((phone) => phone !== null)
				.join(', ') || null,
	};
}

/** The destinations of a Send Money request, each with this field for its amount. */
export const destinationsField = (amount: AmountField) =>
	defineField(
		{
			displayName: 'Destinations',
			name: 'destinations',
			type: 'fixedCollection',
			required: true,
			typeOptions: { multipleValues: true },
			default: {},
			placeholder: 'Add Destination',
			description:
				'Who receives the money: several M-Pesa numbers (mobile wallets in the API), several bank accounts, one till or one paybill',
			options: Object.entries(DESTINATION_TYPES).map(([name, { label, fields }]) => ({
				name,
				displayName: label,
				values: [...fields, ...sharedFields(amount)].map(({ property }) => property),
			})),
		},
		(raw, context) => parseDestinations(raw, context, amount),
	);
