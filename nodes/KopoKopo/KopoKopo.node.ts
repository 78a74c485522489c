import {
	NodeConnectionTypes,
	NodeOperationError,
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';
import { findOperation, nodeProperties, readParams } from './actions';
import { inBatches, type Batching } from './actions/batches';
import { InputRefused, type Item, type Operation, type Place } from './actions/operation';
import { CREDENTIAL_NAME, readCredential } from './api/environment';
import { KopoKopoApiError } from './api/faults';
import { callKopoKopo, DEFAULT_TIMEOUT_MS } from './api/request';

export class KopoKopo implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Kopo Kopo',
		name: 'kopoKopo',
		icon: { light: 'file:../../icons/kopokopo.svg', dark: 'file:../../icons/kopokopo.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: '={{$parameter["operation"] + ": " + $parameter["resource"]}}',
		description: 'Take and send money with M-Pesa, cards and banks through Kopo Kopo',
		defaults: { name: 'Kopo Kopo' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: CREDENTIAL_NAME, required: true }],
		properties: nodeProperties(),
	};

	/** The one item loop: read, send, shape; every item on its own, linked to its input. */
	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const inputs = this.getInputData();
		if (inputs.length === 0) return [[]];

		const resource = this.getNodeParameter('resource', 0);
		const name = this.getNodeParameter('operation', 0);
		const operation = findOperation(resource, name);
		if (operation === undefined) {
			throw new NodeOperationError(
				this.getNode(),
				`The Kopo Kopo node has no operation '${name}' of '${resource}'`,
				{ description: "Choose one from the list of 'Operation'." },
			);
		}
		const surroundings: Omit<Place, 'label'> = {
			credential: readCredential(await this.getCredentials(CREDENTIAL_NAME)),
			instanceUrl: this.getInstanceBaseUrl(),
		};
		const { batch } = this.getNodeParameter('options.batching', 0, {}) as { batch?: Batching };

		const outputs = await inBatches(
			inputs.length,
			batch ?? {},
			async (itemIndex) => {
				try {
					return await runItem(this, operation, itemIndex, surroundings);
				} catch (thrown) {
					const error = nodeError(this, thrown, itemIndex);
					if (!this.continueOnFail()) throw error;
					return [failedItem(error, operation)];
				}
			},
			this.getExecutionCancelSignal(),
		);
		return [
			outputs.flatMap((items, itemIndex) =>
				(items ?? []).map((json) => ({ json, pairedItem: { item: itemIndex } })),
			),
		];
	}
}

async function runItem(
	context: IExecuteFunctions,
	operation: Operation,
	itemIndex: number,
	surroundings: Omit<Place, 'label'>,
): Promise<Item[]> {
	const params = readParams(context, operation.fields, itemIndex, surroundings);
	const simplify = context.getNodeParameter('simplify', itemIndex, true) === true;
	const timeoutMs = Number(
		context.getNodeParameter('options.timeout', itemIndex, DEFAULT_TIMEOUT_MS),
	);
	try {
		const answer = await callKopoKopo(context, operation.request(params), {
			itemIndex,
			timeoutMs,
			expectsLocation: operation.effect !== 'read',
		});
		return operation.items({ params, answer, simplify });
	} catch (thrown) {
		if (
			operation.unknown !== undefined &&
			thrown instanceof KopoKopoApiError &&
			thrown.fault.certainty === 'unknown'
		) {
			const { message, description } = thrown.fault;
			return [
				{
					...operation.unknown(params),
					outcome: 'unknown',
					isFinal: false,
					message: `${message}. ${description}`,
				},
			];
		}
		throw nodeError(context, thrown, itemIndex);
	}
}

/** Anything thrown, as an error that names the item. */
function nodeError(
	context: IExecuteFunctions,
	thrown: unknown,
	itemIndex: number,
): NodeOperationError | KopoKopoApiError {
	if (thrown instanceof KopoKopoApiError || thrown instanceof NodeOperationError) return thrown;
	const error = thrown instanceof Error ? thrown : new Error(String(thrown));
	return new NodeOperationError(context.getNode(), error, {
		message: error.message,
		itemIndex,
		...(error instanceof InputRefused && {
			description: `${error.remedy} Nothing was sent for this item.`,
		}),
	});
}

/**
 * The shape that n8n takes for a failed item: only these keys, or it goes to the success branch.
 * `details.outcome` tells a request that was not carried out (`failure`) from one that may have been.
 */
function failedItem(
	error: NodeOperationError | KopoKopoApiError,
	{ effect }: Operation,
): IDataObject {
	const fault = error instanceof KopoKopoApiError ? error.fault : undefined;
	return {
		error: error.message,
		details: {
			description: error.description ?? '',
			...(effect !== 'read' && {
				outcome: fault?.certainty === 'unknown' ? 'unknown' : 'failure',
			}),
			...(fault?.status !== undefined && { status: fault.status }),
			...(fault?.apiMessage !== undefined && { apiMessage: fault.apiMessage }),
			...(fault?.requestId !== undefined && { requestId: fault.requestId }),
		},
	};
}
