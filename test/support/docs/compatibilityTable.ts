import type {
	ICredentialType,
	INodeProperties,
	INodePropertyCollection,
	INodePropertyOptions,
	INodeTypeDescription,
} from 'n8n-workflow';
import { triggerOnOptions } from '../../../nodes/KopoKopo/operations/eventOptions';
import { resourceParameter } from '../../../nodes/KopoKopo/operations/properties';
import { table, withGeneratedParts } from './markdownTables';

/** What the package offers to n8n. */
export interface PackageContents {
	action: INodeTypeDescription;
	trigger: INodeTypeDescription;
	pollingTrigger: INodeTypeDescription;
	credential: ICredentialType;
}

/** A name that saved workflows hold, and the label that the user sees for it. */
export interface StoredName {
	kind: 'Node' | 'Credential' | 'Resource' | 'Operation' | 'Parameter' | 'Option' | 'Topic';
	label: string;
	/** The name itself. */
	value: string;
	/** What it is stored in, outermost first: `['kopoKopo', 'additionalFields', 'metadata']`. */
	inside: readonly string[];
	/** What else saved workflows rely on: the default of a parameter, the parameters of an operation. */
	details?: string;
}

type Option = NonNullable<INodeProperties['options']>[number];
const isGroup = (option: Option): option is INodePropertyCollection => 'values' in option;
const isProperty = (option: Option): option is INodeProperties => 'type' in option;
const isChoice = (option: Option): option is INodePropertyOptions =>
	!isGroup(option) && !isProperty(option);

const RESOURCE_PARAMETERS = [resourceParameter('v2'), resourceParameter('v1')];
const isResource = ({ name }: INodeProperties) => RESOURCE_PARAMETERS.includes(name);
const isOperation = ({ name }: INodeProperties) => name === 'operation';
/** A notice has no label, and stores nothing. */
const isStored = ({ type }: INodeProperties) => type !== 'notice';

const topics = new Set<unknown>(triggerOnOptions.map(({ value }) => value));
const optionKind = ({ value }: INodePropertyOptions): StoredName['kind'] =>
	topics.has(value) ? 'Topic' : 'Option';

const code = (text: string) => `\`${text}\``;
const defaultOf = ({ default: value }: INodeProperties) => `default ${code(JSON.stringify(value))}`;

/** A property, its options and what is inside it. */
function namesOf(property: INodeProperties, inside: readonly string[]): StoredName[] {
	const { displayName, name, options = [] } = property;
	const here = [...inside, name];
	// The resources and operations, with the default operation of each resource, have rows of their own.
	const hasOwnRows = isResource(property) || isOperation(property);
	const details = isOperation(property) ? '' : defaultOf(property);
	return [
		{ kind: 'Parameter', label: displayName, value: name, inside, details },
		...(hasOwnRows ? [] : options.filter(isChoice)).map((option) => ({
			kind: optionKind(option),
			label: option.name,
			value: String(option.value),
			inside: here,
		})),
		...options.filter(isProperty).flatMap((inner) => namesOf(inner, here)),
		...options
			.filter(isGroup)
			.flatMap(({ displayName: label, name: value, values }) => [
				{ kind: 'Parameter' as const, label, value, inside: here },
				...values.flatMap((inner) => namesOf(inner, [...here, value])),
			]),
	];
}

/** The values of another parameter for which a property is shown. */
const shownFor = ({ displayOptions }: INodeProperties, name: string): string[] =>
	(displayOptions?.show?.[name] ?? []).map(String);
const choicesOf = ({ options = [] }: INodeProperties) => options.filter(isChoice);

/** Each resource of a menu, followed by its operations. */
function resourceNames(menu: INodeProperties, { name: node, properties }: INodeTypeDescription) {
	const hasOtherDefault = (field: INodeProperties) =>
		properties.some((other) => other.name === field.name && defaultOf(other) !== defaultOf(field));
	return choicesOf(menu).flatMap((resource): StoredName[] => {
		const value = String(resource.value);
		const ofResource = properties.filter((field) => shownFor(field, menu.name).includes(value));
		const operations = ofResource.filter(isOperation);
		const defaults = operations.map((field) => code(String(field.default))).join();
		return [
			{
				kind: 'Resource',
				label: resource.name,
				value,
				inside: [node, menu.name],
				details: `default operation ${defaults}`,
			},
			...operations.flatMap(choicesOf).map((operation) => ({
				kind: 'Operation' as const,
				label: operation.name,
				value: String(operation.value),
				inside: [node, value],
				details: ofResource
					.filter((field) => shownFor(field, 'operation').includes(String(operation.value)))
					.map(
						(field) => code(field.name) + (hasOtherDefault(field) ? ` (${defaultOf(field)})` : ''),
					)
					.join(', '),
			})),
		];
	});
}

/** Every name that a saved workflow or credential may hold; one of several operations comes several times. */
export const storedNames = ({
	action,
	trigger,
	pollingTrigger,
	credential,
}: PackageContents): StoredName[] => [
	...[action, trigger, pollingTrigger].map(({ displayName: label, name: value, version }) => ({
		kind: 'Node' as const,
		label,
		value,
		inside: [],
		details: `version ${String(version)}`,
	})),
	{ kind: 'Credential', label: credential.displayName, value: credential.name, inside: [] },
	...action.properties.filter(isResource).flatMap((menu) => resourceNames(menu, action)),
	...[action, trigger, pollingTrigger, credential].flatMap(({ name, properties }) =>
		properties.filter(isStored).flatMap((property) => namesOf(property, [name])),
	),
];

/** One row for each name in one place, with every default that it has there. */
function compatibilityTable(contents: PackageContents): string {
	const rows = new Map<string, { name: StoredName; details: Set<string> }>();
	for (const name of storedNames(contents)) {
		const key = JSON.stringify([name.kind, name.label, name.inside, name.value]);
		const row = rows.get(key) ?? { name, details: new Set() };
		row.details.add(name.details ?? '');
		rows.set(key, row);
	}
	return table(
		['Kind', 'Label', 'Stored value', 'Stored in', 'Details'],
		[...rows.values()].map(({ name: { kind, label, value, inside }, details }) => [
			kind,
			label,
			code(value),
			inside.length === 0 ? '' : code(inside.join('.')),
			[...details].join(' or '),
		]),
	);
}

/**
 * docs/compatibility.md with its generated table.
 * @throws Error when a mark is missing
 */
export const withCompatibilityTable = (page: string, contents: PackageContents): string =>
	withGeneratedParts(page, { 'stored names': () => compatibilityTable(contents) });
