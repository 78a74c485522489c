import type { IDataObject } from 'n8n-workflow';
import {
	accountName,
	accountNumber,
	bankBranchRef,
	description,
	network,
	nickname,
	payeeTillNumber,
	paybillAccountNumber,
	paybillNumber,
} from './fields';
import {
	field,
	InputRefused,
	readFields,
	required,
	type Field,
	type Params,
	type Place,
} from './operation';
import { readBoolean, readPhoneBare, readText, readWholeAmount } from './readers';

/** Send money takes whole shillings only (contract, section 7). */
export const amountToSend = field(
	{
		displayName: 'Amount',
		name: 'amount',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. 1500',
		description: 'How much to send, in whole Kenyan shillings (KES)',
	},
	readWholeAmount,
);

const favourite = field(
	{
		displayName: 'Favourite',
		name: 'favourite',
		type: 'boolean',
		default: false,
		description: 'Whether to keep the receiver among your favourites at Kopo Kopo',
	},
	(raw) => (readBoolean(raw) ? true : undefined),
);

const phoneNumber = field(
	{
		displayName: 'Phone Number',
		name: 'phoneNumber',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. 0712345678',
		description: 'The M-Pesa number that receives the money',
	},
	readPhoneBare,
);

/** The till whose money is sent; left out, it is the available balance (contract, section 6). */
export const sourceTill = field(
	{
		displayName: 'Source Till Number',
		name: 'sourceTill',
		type: 'string',
		default: '',
		placeholder: 'e.g. 112233',
		description: 'The till whose money is sent. Leave it out to send from the available balance.',
	},
	readText,
);

const shared = [amountToSend, required(description), nickname, favourite] as const;
type Shared = Params<typeof shared>;

interface Kind {
	label: string;
	/** Kopo Kopo takes several destinations only of two kinds (contract, section 6). */
	isRepeatable: boolean;
	fields: readonly Field[];
	toApi(row: IDataObject): IDataObject;
}

function kind<const Fields extends readonly Field[]>(
	label: string,
	isRepeatable: boolean,
	own: Fields,
	toApi: (row: Params<Fields>) => IDataObject,
): Kind {
	return {
		label,
		isRepeatable,
		fields: [...own, ...shared],
		toApi: (row) => ({
			...toApi(row as Params<Fields>),
			nickname: (row as unknown as Shared).nickname,
			amount: (row as unknown as Shared).amount,
			description: (row as unknown as Shared).description,
			favourite: (row as unknown as Shared).favourite,
		}),
	};
}

/** The kinds of external destination, by stored value, in the order of the menu. */
const KINDS: Record<string, Kind> = {
	bankAccount: kind('Bank Account', true, [bankBranchRef, accountName, accountNumber], (row) => ({
		type: 'bank_account',
		bank_branch_ref: row.bankBranchRef,
		account_name: row.accountName,
		account_number: row.accountNumber,
	})),
	mobileWallet: kind('Mobile Wallet', true, [phoneNumber, network], (row) => ({
		type: 'mobile_wallet',
		phone_number: row.phoneNumber,
		network: row.network,
	})),
	paybill: kind('Paybill', false, [paybillNumber, paybillAccountNumber], (row) => ({
		type: 'paybill',
		paybill_number: row.paybillNumber,
		paybill_account_number: row.paybillAccountNumber,
	})),
	till: kind('Till', false, [payeeTillNumber], (row) => ({
		type: 'till',
		till_number: row.tillNumber,
	})),
};

/** Destinations as Kopo Kopo takes them, and what is worth telling of them. */
export interface Destinations {
	rows: IDataObject[];
	/** KES */
	total: number;
	/** Of mobile wallets, separated by commas. */
	phoneNumbers: string | null;
}

function readDestinations(raw: unknown, place: Place): Destinations {
	const given = (raw ?? {}) as Record<string, IDataObject[] | IDataObject | undefined>;
	const filled = Object.entries(KINDS).flatMap(([name, { label, isRepeatable, fields, toApi }]) => {
		const stored = given[name] ?? [];
		const rows = Array.isArray(stored) ? stored : [stored];
		return rows.length === 0 ? [] : [{ label, isRepeatable, fields, toApi, rows }];
	});
	const [only, other] = filled;
	if (only === undefined) {
		throw new InputRefused(
			`'${place.label}' is empty`,
			'Add a destination: a mobile wallet, a bank account, a till or a paybill.',
		);
	}
	if (other !== undefined) {
		throw new InputRefused(
			`'${place.label}' mixes ${only.label} and ${other.label}`,
			'Kopo Kopo takes destinations of one kind at a time. Use an item for each kind.',
		);
	}
	if (only.rows.length > 1 && !only.isRepeatable) {
		throw new InputRefused(
			`'${place.label}' has ${only.rows.length} of ${only.label}, and Kopo Kopo takes one`,
			'Use an item for each; several at a time are for mobile wallets and bank accounts.',
		);
	}
	const rows = only.rows.map((row) =>
		only.toApi(readFields(only.fields, ({ name }) => row[name], place) as IDataObject),
	);
	return {
		rows,
		total: rows.reduce((sum, row) => sum + Number(row.amount), 0),
		phoneNumbers:
			rows
				.map((row) => row.phone_number)
				.filter((phone) => phone !== undefined)
				.join(', ') || null,
	};
}

export const destinations = field(
	{
		displayName: 'Destinations',
		name: 'destinations',
		type: 'fixedCollection',
		required: true,
		typeOptions: { multipleValues: true },
		default: {},
		placeholder: 'Add Destination',
		description:
			'Who receives the money: several mobile wallets, several bank accounts, one till or one paybill',
		options: Object.entries(KINDS).map(([name, { label, fields }]) => ({
			name,
			displayName: label,
			values: fields.map(({ property }) => property),
		})),
	},
	readDestinations,
);
