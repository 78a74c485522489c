import {
	NodeHelpers,
	type INode,
	type INodeParameters,
	type INodeProperties,
	type INodePropertyCollection,
	type INodePropertyOptions,
	type INodeTypeDescription,
} from 'n8n-workflow';
import { node } from '../support/workflows';

type Option = NonNullable<INodeProperties['options']>[number];
const isProperty = (option: Option): option is INodeProperties => 'type' in option;
const isGroup = (option: Option): option is INodePropertyCollection => 'values' in option;

/** The labels of a menu, in its order. */
export const menuOf = ({ options = [] }: INodeProperties): string[] =>
	options.flatMap((option) => ('value' in option ? [option.name] : []));

/** What a node with these parameters shows, by n8n's own rules for its description. */
export class Shown {
	private readonly node: INode;
	private readonly values: INodeParameters;

	constructor(
		private readonly description: INodeTypeDescription,
		parameters: INodeParameters,
	) {
		this.node = node('Shown', `n8n-nodes-kopokopo.${description.name}`, parameters);
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

	/** The fields at the top level; a notice has no label, and is not one of them. */
	fields(): INodeProperties[] {
		return this.among(this.description.properties).filter(
			({ type }) => type !== 'notice' && type !== 'hidden',
		);
	}

	private among(properties: INodeProperties[], values = this.values): INodeProperties[] {
		return properties.filter((property) =>
			NodeHelpers.displayParameter(values, property, this.node, this.description, this.values),
		);
	}

	/** What the button of a collection offers to add. */
	offered({ options = [], type }: INodeProperties): string[] {
		return type === 'collection'
			? this.among(options.filter(isProperty)).map(({ displayName }) => displayName)
			: options.filter(isGroup).map(({ displayName }) => displayName);
	}

	/** Values in which everything that can be added has been added once. */
	allAdded(): INodeParameters {
		return Object.fromEntries(this.fields().map((field) => [field.name, this.filled(field)]));
	}

	private filled(property: INodeProperties): INodeParameters[string] {
		const { type, name, default: unchanged, options = [], typeOptions } = property;
		if (type === 'collection') {
			const inner = this.among(options.filter(isProperty));
			return Object.fromEntries(inner.map((one) => [one.name, this.filled(one)]));
		}
		if (type === 'fixedCollection') {
			return Object.fromEntries(
				options.filter(isGroup).map(({ name: group, values }) => {
					const entry = Object.fromEntries(values.map((one) => [one.name, this.filled(one)]));
					return [group, typeOptions?.multipleValues === true ? [entry] : entry];
				}),
			);
		}
		return (this.values[name] ?? unchanged) as INodeParameters[string];
	}

	/** The labels of all fields once everything has been added, those of collections and groups included. */
	allLabels(): string[] {
		return this.fields().flatMap((field) => this.labelsOf(field));
	}

	private labelsOf({ type, displayName, options = [] }: INodeProperties): string[] {
		if (type === 'collection') {
			const inner = this.among(options.filter(isProperty));
			return [displayName, ...inner.flatMap((one) => this.labelsOf(one))];
		}
		if (type === 'fixedCollection') {
			return [
				displayName,
				...options.filter(isGroup).flatMap(({ values, displayName: group }) => {
					const entry = Object.fromEntries(values.map((one) => [one.name, this.filled(one)]));
					const inner = this.among(values, entry).flatMap((one) => this.labelsOf(one));
					// The editor leaves out the heading of the only group there is.
					return options.length > 1 ? [group, ...inner] : inner;
				}),
			];
		}
		return [displayName];
	}
}

/** One operation of the action node, as its menus lead to it. */
export interface Path {
	apiVersion: INodePropertyOptions;
	resource: INodePropertyOptions;
	operation: INodePropertyOptions;
}

/** Every operation that the description offers, in the order of its menus. */
export function paths(description: INodeTypeDescription): Path[] {
	const named = (name: string, parameters: INodeParameters) =>
		new Shown(description, parameters)
			.fields()
			.filter((field) => field.name === name)
			.flatMap(({ options = [] }) => options as INodePropertyOptions[]);
	return named('apiVersion', {}).flatMap((apiVersion) => {
		const version = { apiVersion: apiVersion.value };
		return named('resource', version).flatMap((resource) =>
			named('operation', { ...version, resource: resource.value }).map((operation) => ({
				apiVersion,
				resource,
				operation,
			})),
		);
	});
}
