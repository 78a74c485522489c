import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { incomingPayment } from './incomingPayment';
import type { Field, Operation, Params, Place, Resource } from './operation';
import { InputRefused } from './operation';
import { webhookSubscription } from './webhookSubscription';

/** Every resource of the node, in the order of the menu. A new resource is a file and a line here. */
export const resources: readonly Resource[] = [incomingPayment, webhookSubscription];

/** The operation behind two stored values, or undefined (n8n also offers values of its own). */
export function findOperation(resource: string, operation: string): Operation | undefined {
	return resources
		.find(({ value }) => value === resource)
		?.operations.find(({ value }) => value === operation);
}

function operationProperties({
	value: resource,
	operations,
	defaultOperation,
}: Resource): INodeProperties[] {
	return [
		{
			displayName: 'Operation',
			name: 'operation',
			type: 'options',
			noDataExpression: true,
			displayOptions: { show: { resource: [resource] } },
			options: operations
				.map(({ name, value, action, description }) => ({ name, value, action, description }))
				.sort((a, b) => a.name.localeCompare(b.name)),
			default: defaultOperation,
		},
		...operations.flatMap(({ value: operation, fields }) =>
			fields.map(({ property }) => ({
				...property,
				displayOptions: {
					...property.displayOptions,
					show: {
						...property.displayOptions?.show,
						resource: [resource],
						operation: [operation],
					},
				},
			})),
		),
	];
}

/** The node's properties: what is shown when is added here, once, and nowhere else. */
export function nodeProperties(): INodeProperties[] {
	return [
		{
			displayName: 'Resource',
			name: 'resource',
			type: 'options',
			noDataExpression: true,
			options: resources.map(({ name, value }) => ({ name, value })),
			default: 'incomingPayment',
		},
		...resources.flatMap(operationProperties),
		{
			displayName: 'Simplify',
			name: 'simplify',
			type: 'boolean',
			default: true,
			description: 'Whether to return a simplified version of the response instead of the raw data',
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
					displayName: 'Timeout (Ms)',
					name: 'timeout',
					type: 'number',
					typeOptions: { minValue: 1 },
					default: 30000,
					description: 'How long to wait for an answer of Kopo Kopo, in milliseconds',
				},
			],
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
