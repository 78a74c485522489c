import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { incomingPayment } from './incomingPayment';
import type { Field, Operation, Params, Place, Resource } from './operation';
import { InputRefused } from './operation';
import { webhookSubscription } from './webhookSubscription';

/** Every resource of the node. A new one is a file and a line here; the menus sort themselves. */
export const resources: readonly Resource[] = [incomingPayment, webhookSubscription];

const versionOf = ({ apiVersion }: Resource) => apiVersion ?? 'v2';
const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);

/** The operation behind the stored values, or undefined (n8n also offers values of its own). */
export function findOperation(
	apiVersion: string,
	resource: string,
	operation: string,
): Operation | undefined {
	return resources
		.find((candidate) => versionOf(candidate) === apiVersion && candidate.value === resource)
		?.operations.find(({ value }) => value === operation);
}

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
	const { value, operations, defaultOperation } = resource;
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
			default: defaultOperation,
		},
		...operations.flatMap(({ value: operation, fields }) =>
			fields.map(({ property }) => ({
				...property,
				displayOptions: {
					...property.displayOptions,
					show: { ...property.displayOptions?.show, ...shown, operation: [operation] },
				},
			})),
		),
	];
}

/** Resources and operations that move money, for the fields that are about them only. */
function moneyOnly(): INodeProperties['displayOptions'] {
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
		...resources.flatMap(operationProperties),
		{
			displayName: 'Simplify',
			name: 'simplify',
			type: 'boolean',
			default: true,
			description: 'Whether to return a simplified version of the response instead of the raw data',
		},
		{
			displayName: 'Allow AI to Move Money',
			name: 'allowAiToMoveMoney',
			type: 'boolean',
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
					displayOptions: moneyOnly(),
					description:
						"A name of your own for this payment, such as the payout's number in your books. It is kept in n8n's database, and nothing is ever sent twice under the same key.",
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

/** Whether the values of the fields before it let a field be seen. */
function isShown({ displayOptions }: INodeProperties, given: Map<string, unknown>): boolean {
	return Object.entries(displayOptions?.show ?? {}).every(
		([name, values]) =>
			!given.has(name) || (values ?? []).some((value) => value === given.get(name)),
	);
}

/**
 * THE parameter reader: required is enforced, values are normalised, names are typed.
 * @throws InputRefused naming the field
 */
export function readParams<const Fields extends readonly Field[]>(
	context: Pick<IExecuteFunctions, 'getNodeParameter'>,
	fields: Fields,
	itemIndex: number,
	surroundings: Omit<Place, 'label'>,
): Params<Fields> {
	const given = new Map<string, unknown>();
	const values = fields.map(({ property, read }) => {
		const raw: unknown = context.getNodeParameter(property.name, itemIndex, property.default);
		given.set(property.name, raw);
		const place = { ...surroundings, label: property.displayName };
		// A field that the editor hides keeps what was typed before; it does not count.
		if (!isShown(property, given)) return [property.name, read(property.default, place)];
		if (property.required === true && (raw === undefined || raw === null || raw === '')) {
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
