import type {
	IDataObject,
	IExecuteFunctions,
	INodeProperties,
	NodeParameterValueType,
} from 'n8n-workflow';
import { missingValue, type ParseContext } from '../parsers/text';

/** Reads a parameter of one item from any context of n8n. A parameter that does not exist has the value `missing`. */
export type ReadParameter = (name: string, missing: NodeParameterValueType) => unknown;

/** A field of the node: its property in the editor, and the parser of its value. */
export interface Field<Name extends string = string, Value = unknown> {
	property: INodeProperties & { name: Name };
	/** @throws InvalidParameterError */
	parse(raw: unknown, context: ParseContext): Value;
}

/** A field whose name stays a literal type, so an operation's `request` gets typed parameters. */
export function defineField<const Name extends string, Value>(
	property: INodeProperties & { name: Name },
	parse: (raw: unknown, context: ParseContext) => Value,
): Field<Name, Value> {
	return { property, parse };
}

/** Whether the editor shows a field, given the values of the fields before it. */
function isShown({ displayOptions }: INodeProperties, values: Map<string, unknown>): boolean {
	return Object.entries(displayOptions?.show ?? {}).every(
		([name, shownFor]) =>
			!values.has(name) || (shownFor ?? []).some((value) => value === values.get(name)),
	);
}

/**
 * Parses the fields of one item. A field that the editor hides is undefined, even if it holds a value from
 * before it was hidden.
 * @param rawOf returns the stored value of a field, or undefined
 * @throws InvalidParameterError that names the field
 */
export function parseFields<const Fields extends readonly Field[]>(
	fields: Fields,
	rawOf: (property: INodeProperties) => unknown,
	parseContext: Omit<ParseContext, 'label'>,
): Params<Fields> {
	const values = new Map<string, unknown>();
	// The name that fields beside it use, and the one that fields in a collection use.
	for (const name of ['waitForResult', '/waitForResult']) {
		if (parseContext.waitForResult !== undefined) values.set(name, parseContext.waitForResult);
	}
	const entries = fields.map(({ property, parse }) => {
		const raw = rawOf(property) ?? property.default;
		values.set(property.name, raw);
		const context = { ...parseContext, label: property.displayName };
		if (!isShown(property, values)) return [property.name, undefined];
		// The parser of a collection says what to add.
		const isRequired = property.required === true && property.type !== 'fixedCollection';
		const isBlank = raw === undefined || raw === null || String(raw).trim() === '';
		if (isRequired && isBlank) {
			throw missingValue(context, property.placeholder);
		}
		const value = parse(raw, context);
		// The parsed value, since an expression can set a switch to the text FALSE.
		values.set(property.name, value);
		return [property.name, value];
	});
	return Object.fromEntries(entries) as Params<Fields>;
}

/** A collection of optional fields; fields that the user has not added are undefined. */
export function optionalFields<const Name extends string, const Fields extends readonly Field[]>(
	property: INodeProperties & { name: Name },
	fields: Fields,
): Field<Name, Partial<Params<Fields>>> {
	return {
		property: { ...property, options: fields.map((inner) => inner.property) },
		parse(raw, context) {
			const given = (raw ?? {}) as IDataObject;
			const added = fields.filter(({ property: { name } }) => given[name] !== undefined);
			return parseFields(added, ({ name }) => given[name], context) as Partial<Params<Fields>>;
		},
	};
}

/** The same field as a required one. */
export function required<const Name extends string, Value>({
	property,
	parse,
}: Field<Name, Value>): Field<Name, NonNullable<Value>> {
	return {
		property: { ...property, required: true },
		parse(raw, context) {
			const value = parse(raw, context);
			if (value !== undefined && value !== null) return value;
			throw missingValue(context, property.placeholder);
		},
	};
}

/** The same field, shown only for certain values of a field before it; otherwise undefined. */
export function shownFor<const Name extends string, Value>(
	show: Record<string, string[]>,
	{ property, parse }: Field<Name, Value>,
): Field<Name, Value | undefined> {
	return { property: { ...property, displayOptions: { show } }, parse };
}

/** The parsed values of `fields`, by name. */
export type Params<Fields extends readonly Field[]> = {
	[F in Fields[number] as F['property']['name']]: ReturnType<F['parse']>;
};

/** The parameters of any operation. */
export type AnyParams = Params<readonly Field[]>;

/**
 * Reads and parses an operation's fields for one item.
 * @throws InvalidParameterError that names the field
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
