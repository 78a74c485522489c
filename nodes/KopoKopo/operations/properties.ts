import type { INodeProperties } from 'n8n-workflow';
import { resources, versionOf } from '../resources';
import { callbackUrl } from '../resources/shared/fields';
import type { Operation, Resource } from './defineOperation';
import { outputProperties, waitingFields } from './settingsProperties';

const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);

function resourceProperty(apiVersion: 'v1' | 'v2', defaultResource: string): INodeProperties {
	return {
		displayName: 'Resource',
		name: 'resource',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { apiVersion: [apiVersion] } },
		options: resources
			.filter((resource) => versionOf(resource) === apiVersion)
			.map(({ name, value }) => ({ name, value }))
			.sort(byName),
		default: defaultResource,
	};
}

function operationProperties(resource: Resource): INodeProperties[] {
	const { value, operations } = resource;
	const mostUsed = operations[0]?.value ?? '';
	const shown = { apiVersion: [versionOf(resource)], resource: [value] };
	return [
		{
			displayName: 'Operation',
			name: 'operation',
			type: 'options',
			noDataExpression: true,
			displayOptions: { show: shown },
			options: operations
				.map(({ name, value, action, description }) => ({ name, value, action, description }))
				.sort(byName),
			default: mostUsed,
		},
		...operations.flatMap((operation) =>
			operationFields(operation).map((property) => ({
				...property,
				displayOptions: {
					...property.displayOptions,
					show: { ...property.displayOptions?.show, ...shown, operation: [operation.value] },
				},
			})),
		),
	];
}

/** Where there is something to wait for, that is asked before what only matters to those who do not wait. */
function operationFields({ fields, statusOf, waitByDefault }: Operation): INodeProperties[] {
	const properties: INodeProperties[] = fields.map(({ property }) => property);
	if (statusOf === undefined) return properties;
	const isCallback = ({ name }: INodeProperties) => name === callbackUrl.property.name;
	const before = properties.findIndex(isCallback);
	return [
		...properties.slice(0, before),
		...waitingFields(waitByDefault ?? 'no'),
		// An execution that sleeps is called back at an address of its own.
		...properties
			.slice(before)
			.map((property) =>
				isCallback(property)
					? { ...property, displayOptions: { hide: { waitForResult: ['pause'] } } }
					: property,
			),
	];
}

/** Resources and operations that move money, for the fields that are about them only. */
function shownForMoney(): INodeProperties['displayOptions'] {
	const moneyOf = ({ operations }: Resource) =>
		operations.filter(({ effect }) => effect === 'movesMoney').map(({ value }) => value);
	const movers = resources.filter((resource) => moneyOf(resource).length > 0);
	return {
		show: {
			'/resource': [...new Set(movers.map(({ value }) => value))],
			'/operation': [...new Set(movers.flatMap(moneyOf))],
		},
	};
}

/** The node's properties: what is shown when is added here, once, and nowhere else. */
export function nodeProperties(): INodeProperties[] {
	return [
		resourceProperty('v2', 'incomingPayment'),
		resourceProperty('v1', 'incomingPaymentV1'),
		...resources.flatMap(operationProperties),
		...outputProperties,
		{
			displayName: 'Allow AI to Move Money',
			name: 'allowAiToMoveMoney',
			type: 'boolean',
			// Or the editor would offer a button that lets the model itself decide.
			noDataExpression: true,
			default: false,
			displayOptions: { show: { '@tool': [true] } },
			description:
				'Whether an AI agent may use this tool to request, send or reverse money. Reading is always allowed.',
		},
		{
			displayName: 'Options',
			name: 'options',
			type: 'collection',
			placeholder: 'Add Option',
			default: {},
			options: [
				{
					displayName: 'Batching',
					name: 'batching',
					type: 'fixedCollection',
					placeholder: 'Add Batching',
					default: { batch: {} },
					options: [
						{
							displayName: 'Batching',
							name: 'batch',
							values: [
								{
									displayName: 'Items per Batch',
									name: 'batchSize',
									type: 'number',
									typeOptions: { minValue: 1 },
									default: 10,
									description: 'How many items are under way at the same time',
								},
								{
									displayName: 'Batch Interval (Ms)',
									name: 'batchInterval',
									type: 'number',
									typeOptions: { minValue: 0 },
									default: 0,
									description:
										'Time to wait between two batches, in milliseconds. With 0 the next item starts as soon as one is done.',
								},
							],
						},
					],
				},
				{
					displayName: 'Duplicate Protection Key',
					name: 'duplicateProtectionKey',
					type: 'string',
					default: '',
					placeholder: 'e.g. payout-2041',
					displayOptions: shownForMoney(),
					description:
						"A name of your own for this payment, such as the payout's number in your books. It is kept in n8n's database, and this node sends nothing twice under the same key, in whatever execution.",
				},
				{
					displayName: 'Timeout (Ms)',
					name: 'timeout',
					type: 'number',
					typeOptions: { minValue: 1 },
					default: 30000,
					description: 'How long to wait for an answer of Kopo Kopo, in milliseconds',
				},
			],
		},
		{
			displayName: 'API Version',
			name: 'apiVersion',
			type: 'options',
			noDataExpression: true,
			options: [
				{
					name: 'V1 (Legacy)',
					value: 'v1',
					description: 'Only for applications that Kopo Kopo has not moved to v2 yet',
				},
				{ name: 'V2', value: 'v2', description: 'For everybody else' },
			],
			default: 'v2',
		},
	];
}
