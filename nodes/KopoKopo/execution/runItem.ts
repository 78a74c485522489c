import { type IDataObject, type IExecuteFunctions, NodeOperationError } from 'n8n-workflow';
import { InvalidParameterError, UserFacingError } from '../domain/errors';
import type { Item, Operation, ResponseContext } from '../operations/defineOperation';
import { type AnyParams, readParameters } from '../operations/parameters';
import { isSimplified } from '../operations/settingsProperties';
import { asText, type ParseContext } from '../parsers/text';
import {
	type ApiResponse,
	DEFAULT_TIMEOUT_MS,
	type RequestOptions,
	sendRequest,
} from '../transport/client';
import { KopoKopoApiError } from '../transport/errors';
import { toSingleLine } from '../transport/failure';
import { claimDuplicateKey, releaseDuplicateKey } from './duplicateKeys';
import { itemsOf, unknownItem } from './output';
import type { SentRequests } from './sentRequests';

/** What one execution knows for all its items. */
export interface Run {
	context: IExecuteFunctions;
	operation: Operation;
	parseContext: Omit<ParseContext, 'label'>;
	sent: SentRequests;
	/** n8n runs the execution once more from its beginning, and what it sent the first time is not known. */
	isRestarted: boolean;
	/**
	 * Where the result is called back to, instead of what the field says: the execution that waits for it.
	 * @throws NodeOperationError when it cannot be; for each item on its own, or n8n would take the input of a
	 * node that goes on after errors for its output
	 */
	callbackUrl?: () => string;
	/** The node is an AI agent's tool, whose model sees an error's message and nothing else of it. */
	isTool: boolean;
}

export type ItemError = NodeOperationError | KopoKopoApiError;

/**
 * One input item from parameters to output items, or to an error that names the item. Money goes out at
 * most once: what an earlier try has sent is answered from memory, and a used key is not sent again.
 */
export async function runItem(
	run: Run,
	itemIndex: number,
): Promise<{ items: Item[] } | { error: ItemError }> {
	const { context, operation } = run;
	try {
		const params = readParameters(context, operation.fields, itemIndex, run.parseContext);
		if (run.callbackUrl !== undefined) params.callbackUrl = run.callbackUrl();
		const items =
			operation.effect === 'movesMoney'
				? await moveMoney(run, params, itemIndex)
				: await perform(run, params, itemIndex);
		return { items };
	} catch (thrown) {
		return { error: itemError(run, thrown, itemIndex) };
	}
}

async function perform(run: Run, params: AnyParams, itemIndex: number): Promise<Item[]> {
	const { operation } = run;
	const step = stepOf(run, params, itemIndex);
	step.response = await step.send(operation.request(params), {
		expectsLocation: operation.effect === 'create',
		idFrom: operation.idFrom,
	});
	return await itemsOf(operation, step);
}

/** The door, for one item with its own time limit. */
export function requesterFor(
	{ context }: Run,
	itemIndex: number,
): ResponseContext<AnyParams>['send'] {
	const timeoutMs = Number(
		context.getNodeParameter('options.timeout', itemIndex, DEFAULT_TIMEOUT_MS),
	);
	return async (request, options: RequestOptions = {}) =>
		await sendRequest(context, request, { itemIndex, timeoutMs, ...options });
}

/** What the user wants the output of an item to look like. */
export const outputSettings = ({ context, isTool }: Run, itemIndex: number) => ({
	isTool,
	read: (name: string, fallback: unknown): unknown =>
		context.getNodeParameter(name, itemIndex, fallback),
});

/** The answer of the operation's own request is filled in once it is there. */
function stepOf(run: Run, params: AnyParams, itemIndex: number): ResponseContext<AnyParams> {
	return {
		params,
		response: { status: 0 },
		simplify: isSimplified(outputSettings(run, itemIndex)),
		send: requesterFor(run, itemIndex),
		signal: run.context.getExecutionCancelSignal(),
	};
}

async function moveMoney(run: Run, params: AnyParams, itemIndex: number): Promise<Item[]> {
	const { context, operation, sent } = run;
	const step = stepOf(run, params, itemIndex);
	const before = sent.get(itemIndex);
	if (before !== undefined) {
		if (!('id' in before)) return [unknownItem(operation, params, before)];
		step.response = { status: 201, ...before };
		return await itemsOf(operation, step);
	}
	// As it is stored: an expression may ask the model, which must not be who allows it.
	if (run.isTool && context.getNode().parameters.allowAiToMoveMoney !== true) {
		throw new InvalidParameterError(
			'An AI agent may not move money with this tool',
			"A person can allow it with 'Allow AI to Move Money' in the tool's settings.",
		);
	}

	const request = operation.request(params);
	const key = readKey(run, itemIndex);
	if (key === '' && run.isRestarted) {
		sent.set(itemIndex, CUT_OFF);
		return [unknownItem(operation, params, CUT_OFF)];
	}
	if (key !== '' && !(await claimDuplicateKey(context, key, itemIndex))) {
		return [usedKeyItem(operation, params, key)];
	}
	if (step.signal?.aborted === true) {
		// Stopped while the key was being kept; the door would call the request's fate unknown.
		if (key !== '') await releaseDuplicateKey(context, key);
		throw new InvalidParameterError('The execution was stopped before this item', 'Run it again.');
	}
	const { idFrom } = operation;
	const result = await step.send(request, { expectsLocation: true, idFrom }).then(
		(answer: ApiResponse) => ({ answer }),
		(error: unknown) => ({ error }),
	);
	if ('error' in result) {
		const fault =
			result.error instanceof KopoKopoApiError ? result.error.requestFailure : undefined;
		if (fault?.certainty !== 'unknown') {
			const error = itemError(run, result.error, itemIndex);
			if (key !== '' && !(await releaseDuplicateKey(context, key))) {
				error.description = `${error.description ?? ''} The Duplicate Protection Key '${key}' stays used, since n8n could not free it; send it under another one.`;
			}
			throw error;
		}
		sent.set(itemIndex, { message: fault.message, description: fault.description });
		return [unknownItem(operation, params, fault)];
	}
	step.response = result.answer;
	const { id = '', location } = result.answer;
	sent.set(itemIndex, { id, ...(location !== undefined && { location }) });
	return await itemsOf(operation, step);
}

const CUT_OFF = {
	message:
		'Not sent: n8n was cut off in this execution, runs it again, and may have sent this before',
	description: 'Look it up at Kopo Kopo, and run a new execution if it was not sent.',
};

/** Left blank there is none; an expression that finds nothing would leave the item unprotected unseen. */
function readKey({ context }: Run, itemIndex: number): string {
	const given = context.getNodeParameter(
		'options.duplicateProtectionKey',
		itemIndex,
		'',
	) as unknown;
	if (given !== undefined && given !== null) return asText(given);
	throw new InvalidParameterError(
		"'Duplicate Protection Key' is empty",
		'Its expression finds nothing for this item. Correct it, or remove the option.',
	);
}

function usedKeyItem(operation: Operation, params: AnyParams, key: string): Item {
	return {
		...unknownItem(operation, params, {
			message: `Not sent: the Duplicate Protection Key '${key}' was used before`,
			description: 'Look up what became of the request that was sent under it.',
		}),
		isDuplicate: true,
	};
}

/** Anything thrown, as an error that names the item. */
function itemError({ context, isTool }: Run, thrown: unknown, itemIndex: number): ItemError {
	if (thrown instanceof KopoKopoApiError || thrown instanceof NodeOperationError) {
		if (isTool && thrown.description && !thrown.message.includes(thrown.description)) {
			const { message, description } = thrown;
			thrown.message = toSingleLine({ message, description });
		}
		return thrown;
	}
	const { message, remedy } =
		thrown instanceof UserFacingError
			? thrown
			: { message: thrown instanceof Error ? thrown.message : String(thrown), remedy: undefined };
	const cause = thrown instanceof Error ? thrown : new Error(message);
	const description =
		thrown instanceof InvalidParameterError
			? `${thrown.remedy} Nothing was sent for this item.`
			: remedy;
	return new NodeOperationError(context.getNode(), cause, {
		message: isTool && description !== undefined ? toSingleLine({ message, description }) : message,
		itemIndex,
		...(description !== undefined && { description }),
	});
}

/**
 * A failed item. Where there is an error branch n8n sends only certain shapes there and the rest to the
 * success branch; before 2.36 that is `error`, alone or with `message`.
 * `details.outcome` tells a request that was not carried out (`failure`) from one that may have been.
 */
export function failedItem(
	error: ItemError,
	{ effect }: Operation,
	hasErrorBranch: boolean,
): IDataObject {
	if (hasErrorBranch) {
		return { error: error.message, ...(error.description && { message: error.description }) };
	}
	const fault = error instanceof KopoKopoApiError ? error.requestFailure : undefined;
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
