import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { InvalidParameterError } from '../domain/errors';
import type { ParseContext } from '../parsers/text';

/** One input: what the editor shows, and how its value becomes the type that a request is built from. */
export interface Field<Name extends string = string, Value = unknown> {
	property: INodeProperties & { name: Name };
	/** @throws InputRefused */
	parse(raw: unknown, context: ParseContext): Value;
}

/** Keeps a field's name as a literal type, so that an operation's `request` gets typed parameters. */
export function defineField<const Name extends string, Value>(
	property: INodeProperties & { name: Name },
	parse: (raw: unknown, context: ParseContext) => Value,
): Field<Name, Value> {
	return { property, parse };
}

/** Whether the values of the fields before it let a field be seen. */
function isShown({ displayOptions }: INodeProperties, given: Map<string, unknown>): boolean {
	return Object.entries(displayOptions?.show ?? {}).every(
		([name, values]) =>
			!given.has(name) || (values ?? []).some((value) => value === given.get(name)),
	);
}

/**
 * Parses the fields of one item: checks required fields, normalises values, types the names. A field that the
 * editor hides is undefined.
 * @param rawOf returns the stored value of a field, or undefined
 * @throws InputRefused naming the field
 */
export function parseFields<const Fields extends readonly Field[]>(
	fields: Fields,
	rawOf: (property: INodeProperties) => unknown,
	parseContext: Omit<ParseContext, 'label'>,
): Params<Fields> {
	const given = new Map<string, unknown>();
	const values = fields.map(({ property, parse }) => {
		const raw = rawOf(property) ?? property.default;
		given.set(property.name, raw);
		const context = { ...parseContext, label: property.displayName };
		// A field that the editor hides keeps what was typed before; it does not count.
		if (!isShown(property, given)) return [property.name, undefined];
		const isBlank = raw === undefined || raw === null || String(raw).trim() === '';
		if (property.required === true && isBlank) {
			throw new InvalidParameterError(
				`'${property.displayName}' is empty`,
				`Enter a value for '${property.displayName}'${
					property.placeholder === undefined ? '' : `, ${property.placeholder}`
				}.`,
			);
		}
		const value = parse(raw, context);
		// The parsed value, since an expression can set a switch to the text FALSE.
		given.set(property.name, value);
		return [property.name, value];
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
		parse(raw, place) {
			const given = (raw ?? {}) as IDataObject;
			const added = fields.filter(({ property: { name } }) => given[name] !== undefined);
			return parseFields(added, ({ name }) => given[name], place) as Partial<Params<Fields>>;
		},
	};
}

/** The same field where it must be filled in. */
export function required<const Name extends string, Value>({
	property,
	parse,
}: Field<Name, Value>): Field<Name, NonNullable<Value>> {
	return {
		property: { ...property, required: true },
		parse(raw, place) {
			const value = parse(raw, place);
			if (value !== undefined && value !== null) return value;
			throw new InvalidParameterError(
				`'${place.label}' is empty`,
				`Enter a value for '${place.label}'.`,
			);
		},
	};
}

/** The same field, seen only for certain values of a field before it; undefined for the others. */
export function shownFor<const Name extends string, Value>(
	show: Record<string, string[]>,
	{ property, parse }: Field<Name, Value>,
): Field<Name, Value | undefined> {
	return { property: { ...property, displayOptions: { show } }, parse };
}

/** The parameters that `fields` give, by name. */
export type Params<Fields extends readonly Field[]> = {
	[F in Fields[number] as F['property']['name']]: ReturnType<F['parse']>;
};

/** Parameters of some operation or other. */
export type AnyParams = Params<readonly Field[]>;

/**
 * Reads an operation's fields for one item out of the node's parameters.
 * @throws InputRefused naming the field
 */
export function readParameters<const Fields extends readonly Field[]>(
	context: Pick<IExecuteFunctions, 'getNodeParameter'>,
	fields: Fields,
	itemIndex: number,
	parseContext: Omit<ParseContext, 'label'>,
): Params<Fields> {
	return parseFields(
		fields,
		({ name, default: fallback }) => context.getNodeParameter(name, itemIndex, fallback) as unknown,
		parseContext,
	);
}
