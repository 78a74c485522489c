import type { INodeProperties, IWebhookDescription } from 'n8n-workflow';
import { apiVersionOf, type Operation, type Resource } from './defineOperation';
import { outputProperties } from './outputProperties';
import { optionsProperty, waitProperties } from './settingsProperties';

type ApiVersion = ReturnType<typeof apiVersionOf>;

/**
 * The parameter that holds the resource. n8n's list of actions shows the operations of every parameter that is
 * named or labelled "Resource". V1's has another name and label, so its legacy actions stay out of that list.
 */
const RESOURCE_PARAMETERS = {
	v1: { name: 'resourceV1', displayName: 'Legacy Resource' },
	v2: { name: 'resource', displayName: 'Resource' },
} as const;

/** Name of the parameter that holds the resource of an API version. */
export const resourceParameter = (apiVersion: string): string =>
	RESOURCE_PARAMETERS[apiVersion === 'v1' ? 'v1' : 'v2'].name;

function resourceProperty(
	resources: readonly Resource[],
	apiVersion: ApiVersion,
	defaultResource: string,
): INodeProperties {
	return {
		...RESOURCE_PARAMETERS[apiVersion],
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { apiVersion: [apiVersion] } },
		options: resources
			.filter((resource) => apiVersionOf(resource) === apiVersion)
			.map(({ name, value }) => ({ name, value })),
		default: defaultResource,
	};
}

/** Display conditions of a resource. */
function conditionsOf(resource: Resource): Record<string, string[]> {
	const apiVersion = apiVersionOf(resource);
	return { apiVersion: [apiVersion], [resourceParameter(apiVersion)]: [resource.value] };
}

function operationProperty(resource: Resource): INodeProperties {
	const { operations } = resource;
	const mostUsed = operations[0]?.value ?? '';
	return {
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: conditionsOf(resource) },
		options: operations.map(({ name, value, action, description }) => ({
			name,
			value,
			action,
			description,
		})),
		default: mostUsed,
	};
}

const fieldProperties = (resource: Resource): INodeProperties[] =>
	resource.operations.flatMap((operation) =>
		operationFields(operation).map((property) => ({
			...property,
			displayOptions: {
				show: {
					...property.displayOptions?.show,
					...conditionsOf(resource),
					operation: [operation.value],
				},
			},
		})),
	);

/** The wait settings come before Callback URL, which is shown only if the node does not wait. */
function operationFields({ fields, statusOf, waitByDefault }: Operation): INodeProperties[] {
	const properties: INodeProperties[] = fields.map(({ property }) => property);
	if (statusOf === undefined) return properties;
	const before = properties.findIndex(({ name }) => name === 'callbackUrl');
	return [
		...properties.slice(0, before),
		...waitProperties(waitByDefault ?? 'continueImmediately'),
		...properties.slice(before),
	];
}

/** Display conditions of the operations of an API version that an option is for. */
function displayConditions(
	resources: readonly Resource[],
	apiVersion: ApiVersion,
	isFor: (operation: Operation) => boolean,
): Record<string, string[]> {
	const valuesOf = ({ operations }: Resource) => operations.filter(isFor).map(({ value }) => value);
	const shown = resources.filter(
		(resource) => apiVersionOf(resource) === apiVersion && valuesOf(resource).length > 0,
	);
	return {
		'/apiVersion': [apiVersion],
		[`/${resourceParameter(apiVersion)}`]: shown.map(({ value }) => value),
		'/operation': [...new Set(shown.flatMap(valuesOf))],
	};
}

/** The node's properties. The display conditions for resource and operation are added here and nowhere else. */
export function nodeProperties(resources: readonly Resource[]): INodeProperties[] {
	const shownFor = (isFor: (operation: Operation) => boolean) =>
		(['v2', 'v1'] as const).map((apiVersion) => displayConditions(resources, apiVersion, isFor));
	return [
		resourceProperty(resources, 'v2', 'paymentRequest'),
		resourceProperty(resources, 'v1', 'paymentRequestV1'),
		...resources.map(operationProperty),
		{
			displayName: 'Allow AI to Make Changes',
			name: 'allowAiToMakeChanges',
			type: 'boolean',
			// Otherwise the editor would offer a button that lets the model decide.
			noDataExpression: true,
			default: false,
			displayOptions: { show: { '@tool': [true] } },
			description:
				'Whether an AI agent may use this tool to make changes at Kopo Kopo, such as moving money. Reading is always allowed. See <a href="https://github.com/n8n-nodes-kopokopo/n8n-nodes-kopokopo/blob/main/docs/ai-agents.md" target="_blank">AI agents</a>.',
		},
		...resources.flatMap(fieldProperties),
		...outputProperties,
		optionsProperty({
			money: shownFor(({ effect }) => effect === 'sendOnce'),
			repeats: shownFor(({ repeat }) => repeat !== undefined),
		}),
		{
			displayName: 'API Version',
			name: 'apiVersion',
			type: 'options',
			noDataExpression: true,
			options: [
				{
					name: 'V1 (Legacy)',
					value: 'v1',
					description: 'Only for applications that Kopo Kopo has not moved to version 2 yet',
				},
				{ name: 'V2', value: 'v2', description: 'For all other applications' },
			],
			default: 'v2',
		},
	];
}

/** Where a paused execution is called back: n8n's resume URL, then the ID of the node. */
export const resumeWebhooks: IWebhookDescription[] = [
	{
		name: 'default',
		httpMethod: 'POST',
		responseMode: 'onReceived',
		responseData: '',
		path: '={{ $nodeId }}',
		isFullPath: true,
		restartWebhook: true,
	},
];
