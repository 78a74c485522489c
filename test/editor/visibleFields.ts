import {
	NodeHelpers,
	type INode,
	type INodeParameters,
	type INodeProperties,
	type INodePropertyCollection,
	type INodePropertyOptions,
	type INodeTypeDescription,
} from 'n8n-workflow';
import { resourceParameter } from '../../nodes/KopoKopo/operations/properties';
import { node } from '../support/workflows';

type Option = NonNullable<INodeProperties['options']>[number];
const isProperty = (option: Option): option is INodeProperties => 'type' in option;
const isGroup = (option: Option): option is INodePropertyCollection => 'values' in option;

/** The labels of a field's options, in order. */
export const optionLabels = ({ options = [] }: INodeProperties): string[] =>
	options.flatMap((option) => ('value' in option ? [option.name] : []));

/** The fields that the editor shows for a node with these parameters, by n8n's own rules. */
export class VisibleFields {
	private readonly node: INode;
	private readonly values: INodeParameters;

	constructor(
		private readonly description: INodeTypeDescription,
		parameters: INodeParameters,
	) {
		this.node = node('Node', `n8n-nodes-kopokopo.${description.name}`, parameters);
		this.values =
			NodeHelpers.getNodeParameters(
				description.properties,
				parameters,
				true,
				false,
				this.node,
				description,
			) ?? {};
	}

	/** The fields at the top level, without notices, which have no label. */
	fields(): INodeProperties[] {
		return this.visible(this.description.properties).filter(
			({ type }) => type !== 'notice' && type !== 'hidden',
		);
	}

	private visible(properties: INodeProperties[], values = this.values): INodeProperties[] {
		return properties.filter((property) =>
			NodeHelpers.displayParameter(values, property, this.node, this.description, this.values),
		);
	}

	/** The labels of the options that can be added to a collection. */
	addableTo({ options = [], type }: INodeProperties): string[] {
		return type === 'collection'
			? this.visible(options.filter(isProperty)).map(({ displayName }) => displayName)
			: options.filter(isGroup).map(({ displayName }) => displayName);
	}

	/** Parameters in which every optional field has been added once. */
	allAdded(): INodeParameters {
		return Object.fromEntries(this.fields().map((field) => [field.name, this.filled(field)]));
	}

	private filled(property: INodeProperties): INodeParameters[string] {
		const { type, name, default: defaultValue, options = [], typeOptions } = property;
		if (type === 'collection') {
			const inner = this.visible(options.filter(isProperty));
			return Object.fromEntries(inner.map((field) => [field.name, this.filled(field)]));
		}
		if (type === 'fixedCollection') {
			return Object.fromEntries(
				options.filter(isGroup).map(({ name: group, values }) => {
					const entry = Object.fromEntries(values.map((field) => [field.name, this.filled(field)]));
					return [group, typeOptions?.multipleValues === true ? [entry] : entry];
				}),
			);
		}
		return (this.values[name] ?? defaultValue) as INodeParameters[string];
	}

	/** The labels of all fields in that case, including those of collections and groups. */
	allLabels(): string[] {
		return this.fields().flatMap((field) => this.labelsOf(field));
	}

	private labelsOf({ type, displayName, options = [] }: INodeProperties): string[] {
		if (type === 'collection') {
			const inner = this.visible(options.filter(isProperty));
			return [displayName, ...inner.flatMap((field) => this.labelsOf(field))];
		}
		if (type === 'fixedCollection') {
			return [
				displayName,
				...options.filter(isGroup).flatMap(({ values, displayName: group }) => {
					const entry = Object.fromEntries(values.map((field) => [field.name, this.filled(field)]));
					const inner = this.visible(values, entry).flatMap((field) => this.labelsOf(field));
					// The editor shows no heading for a single group.
					return options.length > 1 ? [group, ...inner] : inner;
				}),
			];
		}
		return [displayName];
	}
}

/** One operation of the action node, with the options that select it. */
export interface OperationPath {
	apiVersion: INodePropertyOptions;
	/** The name of the field that selects the resource of this API version. */
	resourceField: string;
	resource: INodePropertyOptions;
	operation: INodePropertyOptions;
}

/** Every operation of a description, in the order of its options. */
export function operationPaths(description: INodeTypeDescription): OperationPath[] {
	const optionsOf = (name: string, parameters: INodeParameters) =>
		new VisibleFields(description, parameters)
			.fields()
			.filter((field) => field.name === name)
			.flatMap(({ options = [] }) => options as INodePropertyOptions[]);
	return optionsOf('apiVersion', {}).flatMap((apiVersion) => {
		const version = { apiVersion: apiVersion.value };
		const resourceField = resourceParameter(String(apiVersion.value));
		return optionsOf(resourceField, version).flatMap((resource) =>
			optionsOf('operation', { ...version, [resourceField]: resource.value }).map((operation) => ({
				apiVersion,
				resourceField,
				resource,
				operation,
			})),
		);
	});
}
