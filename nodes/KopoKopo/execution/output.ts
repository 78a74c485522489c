import {
	compactItem,
	type Payment,
	paymentItem,
	statusItem,
	withRequested,
} from '../domain/payment';
import { parseResult } from '../domain/result';
import type { Item, Operation } from '../operations/defineOperation';
import type { AnyParams } from '../operations/parameters';
import { KopoKopoApiError } from '../transport/errors';
import { toSingleLine } from '../transport/failure';
import type { ItemResult } from './itemResult';
import type { ItemError, OutputFormat, Run } from './run';

type Accepted = Extract<ItemResult, { kind: 'accepted' }>;
type Unknown = Extract<ItemResult, { kind: 'unknown' }>;

/**
 * The items that the user sees for one input item. They are created from the result in the last step, and
 * never read back.
 */
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

/** The requested values, under the names of the item fields. */
const requestedOf = ({ summary }: Operation, params: AnyParams): Partial<Payment> =>
	summary?.(params) ?? {};

/** A request that must not simply be repeated, because it is not known whether Kopo Kopo carried it out. */
function unknownItem(operation: Operation, { params, reason, isDuplicate }: Unknown): Item {
	return paymentItem({
		...requestedOf(operation, params),
		outcome: 'unknown',
		message: toSingleLine(reason),
		...(isDuplicate && { isDuplicate }),
	});
}

/** An accepted request: its result or, until there is one, what is known so far. */
function acceptedItem(operation: Operation, accepted: Accepted): Item {
	const { awaited, location, id } = accepted.accepted;
	const { simplify } = accepted.settings.output;
	if (awaited === undefined) return createdItem(operation, accepted);
	const result = parseResult(awaited.body);
	if (result.outcome === 'pending') {
		if (!simplify) return pendingItem(accepted);
		const { link } = parseResult(accepted.accepted.readBack);
		const message =
			awaited.body === undefined ? result.message : `${result.message}. Look it up with Get later`;
		const payment = { ...result, message, location, id, ...(link && { link }) };
		return resultItem(operation, requestedOf(operation, accepted.params), payment);
	}
	if (!simplify) return { ...awaited.body };
	return resultItem(operation, requestedOf(operation, accepted.params), result);
}

/** A result as a simplified item, with the requested values where Kopo Kopo does not return them. */
export function resultItem(
	{ effect }: Pick<Operation, 'effect'>,
	requested: Partial<Payment>,
	result: Partial<Payment>,
): Item {
	return effect === 'sendOnce' ? paymentItem(withRequested(requested, result)) : statusItem(result);
}

/** What is known right after a create. Accepted does not mean paid, so the outcome is pending. */
function createdItem(operation: Operation, { accepted, params, settings }: Accepted): Item {
	const { id, location, body, readBack } = accepted;
	const where = location === undefined ? {} : { location };
	if (readBack !== undefined && !settings.output.simplify) return { ...readBack };
	if (operation.readBack === undefined && !settings.output.simplify) {
		return { ...body, id, ...where };
	}
	const requested = requestedOf(operation, params);
	if (readBack !== undefined) return resultItem(operation, requested, parseResult(readBack));
	if (operation.idFrom === 'body' && body !== undefined) {
		// The response is a status already.
		const result = parseResult(body);
		const message = result.isFinal ? result.message : (requested.message ?? result.message);
		return resultItem(operation, requested, { ...result, message, id });
	}
	if (operation.effect !== 'sendOnce') return { ...requested, ...where, id } as Item;
	return paymentItem({
		...requested,
		...operation.readBack?.unavailable,
		...where,
		outcome: 'pending',
		id,
	});
}

/** An accepted request whose result is still to come, in a form that never looks like a payment. */
function pendingItem({ accepted: { id, location, readBack } }: Accepted): Item {
	const { link } = parseResult(readBack);
	return { ...(link && { link }), outcome: 'pending', location, id };
}

/** The fields that an AI model always gets. */
const ALWAYS_KEPT = ['id', 'outcome'];

/**
 * The item with only the fields that the user chose, its `id` and its `outcome`. An item that failed, or
 * whose outcome is unknown, stays complete, because its texts say what to do. So does an item that has none
 * of these fields.
 */
export function selectFields(item: Item, { fields, isCompact }: OutputFormat): Item {
	if (isCompact) return compactItem(item);
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
function failedItem(
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
