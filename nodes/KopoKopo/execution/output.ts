import { paymentItem } from '../domain/payment';
import { parseResult } from '../domain/result';
import type { Item, Operation } from '../operations/defineOperation';
import { KopoKopoApiError } from '../transport/errors';
import { toSingleLine } from '../transport/failure';
import type { ItemError } from './itemError';
import type { ItemResult, Run } from './runItem';
import type { OutputFormat } from './settings';

type Accepted = Extract<ItemResult, { kind: 'accepted' }>;
type Unknown = Extract<ItemResult, { kind: 'unknown' }>;

/** The items that the user sees for one input item. Made last, from the result, and never read back. */
export function presentItems({ operation, context }: Run, result: ItemResult): Item[] {
	if (result.kind === 'failed') {
		const hasErrorBranch = context.getNode().onError === 'continueErrorOutput';
		return [failedItem(result.error, operation, hasErrorBranch)];
	}
	const { output } = result.settings;
	return itemsOf(operation, result).map((item) => selectFields(item, output));
}

function itemsOf(operation: Operation, result: Exclude<ItemResult, { kind: 'failed' }>): Item[] {
	switch (result.kind) {
		case 'completed':
			return result.items;
		case 'unknown':
			return [unknownItem(operation, result)];
		case 'accepted':
			return [acceptedItem(operation, result)];
	}
}

/** A request of which it is not known whether it was carried out, and which must not be repeated blindly. */
function unknownItem({ summary }: Operation, { params, reason, isDuplicate }: Unknown): Item {
	return {
		id: null,
		outcome: 'unknown',
		isFinal: false,
		...summary?.(params),
		message: toSingleLine(reason),
		...(isDuplicate && { isDuplicate }),
	};
}

/** An accepted request: its result, or while there is none, what is known. */
function acceptedItem(operation: Operation, accepted: Accepted): Item {
	const { awaited } = accepted.accepted;
	if (awaited === undefined) return createdItem(operation, accepted);
	const result = parseResult(awaited.body);
	if (result.isFinal) {
		return accepted.settings.output.simplify ? paymentItem(result) : { ...awaited.body };
	}
	return {
		...pendingItem(operation, accepted),
		...(result.status !== null && { status: result.status }),
		message: result.message ?? 'There is no result yet; look it up with Get later',
	};
}

/** What is known right after a create. Accepted does not mean paid, so money is pending. */
function createdItem(operation: Operation, { accepted, params, settings }: Accepted): Item {
	const { id, location, body, readBack } = accepted;
	const { simplify } = settings.output;
	const where = location === undefined ? {} : { location };
	const known = operation.summary?.(params) ?? {};
	const pending = { id, outcome: 'pending', isFinal: false };
	if (readBack !== undefined)
		return simplify ? paymentItem(parseResult(readBack)) : { ...readBack };
	if (operation.readBack !== undefined) {
		return { ...known, ...pending, ...operation.readBack.unavailable, ...where };
	}
	if (!simplify) return { ...body, id, ...where };
	if (operation.idFrom === 'body' && body !== undefined) {
		// The response is a status already, and replaces what was asked for once it is final.
		const result = parseResult(body);
		return { ...paymentItem(result), id, ...(!result.isFinal && known) };
	}
	return operation.effect === 'movesMoney'
		? { ...pending, ...known, ...where }
		: { id, ...known, ...where };
}

/** An accepted request whose result is still to come, in a form that never looks like a payment. */
export function pendingItem(operation: Operation, result: Accepted): Item {
	const { accepted, settings } = result;
	if (settings.output.simplify) {
		const item = createdItem(operation, result);
		if ('outcome' in item) return item;
	}
	const { id, location, readBack } = accepted;
	const link = readBack === undefined ? undefined : parseResult(readBack).link;
	return {
		id,
		outcome: 'pending',
		isFinal: false,
		...(link !== undefined && { link }),
		location,
	};
}

/** What a model must never be without: which payment it is, and whether it was one. */
const ALWAYS_KEPT = ['id', 'outcome'];

/**
 * The item with only the fields that the user chose, its `id` and its `outcome`. One that failed, or whose
 * outcome is unknown, stays complete, since its text says what to do; so does one without any of these fields.
 */
export function selectFields(item: Item, { fields }: OutputFormat): Item {
	if (fields === undefined || item.outcome === 'unknown' || 'error' in item) return item;
	const selected = new Set([...ALWAYS_KEPT, ...fields]);
	const kept = Object.entries(item).filter(([name]) => selected.has(name));
	return kept.length > 0 ? Object.fromEntries(kept) : item;
}

/**
 * A failed item. Where there is an error branch, n8n sends only certain shapes there and all others to the
 * success branch; before 2.36 only `error`, alone or with `message`.
 * `details.outcome` tells a request that was not carried out (`failure`) from one that may have been.
 */
export function failedItem(
	error: ItemError,
	{ effect }: Pick<Operation, 'effect'>,
	hasErrorBranch: boolean,
): Item {
	if (hasErrorBranch) {
		return { error: error.message, ...(error.description && { message: error.description }) };
	}
	const failure = error instanceof KopoKopoApiError ? error.requestFailure : undefined;
	return {
		error: error.message,
		details: {
			description: error.description ?? '',
			...(effect !== 'read' && {
				outcome: failure?.certainty === 'unknown' ? 'unknown' : 'failure',
			}),
			...(failure?.status !== undefined && { status: failure.status }),
			...(failure?.apiMessage !== undefined && { apiMessage: failure.apiMessage }),
			...(failure?.requestId !== undefined && { requestId: failure.requestId }),
		},
	};
}
