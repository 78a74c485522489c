import type { IDataObject, INodeProperties } from 'n8n-workflow';
import type { ApiAnswer, ApiRequest, CallOptions } from '../api/request';
import type { KopoKopoCredential } from '../api/environment';

/** What a reader may know beside the value: where it stands, for texts, and the rules of the environment. */
export interface Place {
	/** The field's label, as the user sees it. */
	label: string;
	credential: KopoKopoCredential;
	/** This n8n's own address, for a callback that nobody waits for. */
	instanceUrl: string;
	/** IANA name of the workflow's time zone, for times written without one. */
	timezone: string;
}

/** What stops an item, in words for a person, and what to do about it. */
export class Mendable extends Error {
	/**
	 * @param message what is wrong; of an input, naming the field by its label
	 * @param remedy what to write or do instead
	 */
	constructor(
		message: string,
		readonly remedy: string,
	) {
		super(message);
	}
}

/** An input that cannot be right. Nothing is sent for the item. */
export class InputRefused extends Mendable {}

/** Kopo Kopo answered, but not with what was asked for. */
export class AnswerUnusable extends Mendable {}

/** One input: what the editor shows, and how its value becomes the type that a request is built from. */
export interface Field<Name extends string = string, Value = unknown> {
	property: INodeProperties & { name: Name };
	/** @throws InputRefused */
	read(raw: unknown, place: Place): Value;
}

/** Keeps a field's name as a literal type, so that an operation's `request` gets typed parameters. */
export function field<const Name extends string, Value>(
	property: INodeProperties & { name: Name },
	read: (raw: unknown, place: Place) => Value,
): Field<Name, Value> {
	return { property, read };
}

/** Whether the values of the fields before it let a field be seen. */
function isShown({ displayOptions }: INodeProperties, given: Map<string, unknown>): boolean {
	return Object.entries(displayOptions?.show ?? {}).every(
		([name, values]) =>
			!given.has(name) || (values ?? []).some((value) => value === given.get(name)),
	);
}

/**
 * THE reader: required is enforced, values are normalised, names are typed.
 * A field that the editor hides is undefined.
 * @param rawOf the stored value of a field, or undefined
 * @throws InputRefused naming the field
 */
export function readFields<const Fields extends readonly Field[]>(
	fields: Fields,
	rawOf: (property: INodeProperties) => unknown,
	surroundings: Omit<Place, 'label'>,
): Params<Fields> {
	const given = new Map<string, unknown>();
	const values = fields.map(({ property, read }) => {
		const raw = rawOf(property) ?? property.default;
		given.set(property.name, raw);
		const place = { ...surroundings, label: property.displayName };
		// A field that the editor hides keeps what was typed before; it does not count.
		if (!isShown(property, given)) return [property.name, undefined];
		const isBlank = raw === undefined || raw === null || String(raw).trim() === '';
		if (property.required === true && isBlank) {
			throw new InputRefused(
				`'${property.displayName}' is empty`,
				`Enter a value for '${property.displayName}'${
					property.placeholder === undefined ? '' : `, ${property.placeholder}`
				}.`,
			);
		}
		return [property.name, read(raw, place)];
	});
	return Object.fromEntries(values) as Params<Fields>;
}

/** Optional fields behind one "Add Field" button; those that were not added are undefined. */
export function optionalFields<const Name extends string, const Fields extends readonly Field[]>(
	property: INodeProperties & { name: Name },
	fields: Fields,
): Field<Name, Partial<Params<Fields>>> {
	return {
		property: { ...property, options: fields.map((inner) => inner.property) },
		read(raw, place) {
			const given = (raw ?? {}) as IDataObject;
			const added = fields.filter(({ property: { name } }) => given[name] !== undefined);
			return readFields(added, ({ name }) => given[name], place) as Partial<Params<Fields>>;
		},
	};
}

/** The same field where it must be filled in. */
export function required<const Name extends string, Value>({
	property,
	read,
}: Field<Name, Value>): Field<Name, NonNullable<Value>> {
	return {
		property: { ...property, required: true },
		read(raw, place) {
			const value = read(raw, place);
			if (value !== undefined && value !== null) return value;
			throw new InputRefused(`'${place.label}' is empty`, `Enter a value for '${place.label}'.`);
		},
	};
}

/** The same field, seen only for certain values of a field before it; undefined for the others. */
export function shownFor<const Name extends string, Value>(
	show: Record<string, string[]>,
	{ property, read }: Field<Name, Value>,
): Field<Name, Value | undefined> {
	return { property: { ...property, displayOptions: { show } }, read };
}

/** The parameters that `fields` give, by name. */
export type Params<Fields extends readonly Field[]> = {
	[F in Fields[number] as F['property']['name']]: ReturnType<F['read']>;
};

/** Parameters of some operation or other. */
export type AnyParams = Params<readonly Field[]>;

/** One output item, before it is linked to its input. */
export type Item = IDataObject;

/** A request went well: what an operation makes its items of. */
export interface Step<P> {
	params: P;
	answer: ApiAnswer;
	/** Whether the user wants flat, ready-to-use fields. */
	simplify: boolean;
	/** The door, for operations that need more than one request. */
	call(request: ApiRequest, options?: CallOptions): Promise<ApiAnswer>;
	/** Set when the user cancels the execution. */
	signal: AbortSignal | undefined;
}

interface OperationDefinition<Fields extends readonly Field[]> {
	/** Stored in saved workflows: never changes. */
	value: string;
	/** Title case, without the resource. */
	name: string;
	/** Sentence case, with the resource. */
	action: string;
	description: string;
	fields: Fields;
	/**
	 * - `read`: changes nothing.
	 * - `create`: answered with a Location, whose absence is doubt.
	 * - `movesMoney`: a create that is sent once whatever happens; a lost answer becomes an item with
	 *   outcome `unknown` instead of something that looks like a plain no.
	 * - `act`: changes something and is answered without a Location.
	 */
	effect: 'read' | 'create' | 'movesMoney' | 'act';
	/** A create of the one document whose answers name the new id in a body (contract, section 5). */
	idFrom?: 'body';
	/** Pure: the only place that writes Kopo Kopo's field names. @throws InputRefused */
	request(params: Params<Fields>): ApiRequest;
	/** What is known of the new resource beside its id. */
	summary?(params: Params<Fields>): Item;
	/** Where the result is looked up, of what is answered later: such an operation can wait for it. */
	statusOf?(id: string): ApiRequest;
	/** How it waits unless told: not at all. */
	waitByDefault?: 'poll';
	/** Makes the items, where they are not simply the new resource or the status that was read. */
	items?(step: Step<Params<Fields>>): Item[] | Promise<Item[]>;
}

/** An operation with its parameter types folded away, as the item loop sees it. */
export type Operation = OperationDefinition<readonly Field[]>;

/** Checks an operation's parts against its own fields. */
export function operation<const Fields extends readonly Field[]>(
	definition: OperationDefinition<Fields>,
): Operation {
	return definition as unknown as Operation;
}

/** One entry of the resource list with its operations. */
export interface Resource {
	/** Title case; Kopo Kopo's own words. */
	name: string;
	/** Stored in saved workflows: never changes. */
	value: string;
	/** v2 unless told; `v1` is shown only where 'API Version' is v1 (Legacy). */
	apiVersion?: 'v1';
	/** The one used most comes first: it is chosen when the resource is picked. */
	operations: readonly Operation[];
}
