import { NodeOperationError } from 'n8n-workflow';
import { KopoKopoApiError } from '../transport/errors';
import { toSingleLine } from '../transport/failure';
import { NOTHING_SENT_FOR_ITEM } from './itemError';
import type { ItemResult } from './itemResult';
import type { InvalidItem } from './prepare';
import type { ItemError, Run } from './run';
import { isFailed } from './stopRule';

/** A failed item, whose request was not sent or may have been sent. */
interface FailedRow {
	itemIndex: number;
	error: ItemError;
}

/** How many rows an error describes one by one. */
const MAX_LISTED_ROWS = 100;

/** Rows as people count them: the first item is row 1. */
const rowOf = (itemIndex: number) => itemIndex + 1;

/** `row 3`, or `rows 1 to 4, 7 and 9`. */
function namesOfRows(itemIndexes: number[]): string {
	const ranges: Array<{ from: number; to: number }> = [];
	for (const row of itemIndexes.map(rowOf)) {
		const last = ranges.at(-1);
		if (last?.to === row - 1) last.to = row;
		else ranges.push({ from: row, to: row });
	}
	const texts = ranges.flatMap(({ from, to }) => {
		if (to - from > 1) return [`${from} to ${to}`];
		return to === from ? [`${from}`] : [`${from}`, `${to}`];
	});
	const all = [texts.slice(0, -1).join(', '), texts.at(-1)].filter(Boolean).join(' and ');
	return `${itemIndexes.length === 1 ? 'row' : 'rows'} ${all}`;
}

const capitalized = (text: string) => text.replace(/^./, (first) => first.toUpperCase());

/** The remedy of an item's error, without the sentence that appears once for all rows. */
function remedyOf({ message, description }: ItemError): string {
	const remedy = description && !message.includes(description) ? description : '';
	return remedy.replaceAll(NOTHING_SENT_FOR_ITEM, '').trim();
}

/** An item's error and its remedy in one line, without the sentence that appears once for all rows. */
function textOf(error: ItemError): string {
	const message = error.message.replaceAll(NOTHING_SENT_FOR_ITEM, '').trim();
	const description = remedyOf(error);
	return description === '' ? message : toSingleLine({ message, description });
}

/** One line for each different error, with its rows. Of a single row, the message says what is wrong. */
function linesOf(failed: FailedRow[]): string {
	const [only] = failed;
	if (only !== undefined && failed.length === 1) return remedyOf(only.error);
	const rowsByText = new Map<string, number[]>();
	for (const { itemIndex, error } of failed) {
		const text = textOf(error);
		rowsByText.set(text, [...(rowsByText.get(text) ?? []), itemIndex]);
	}
	const all = [...rowsByText].map(([text, rows]) => `${capitalized(namesOfRows(rows))}: ${text}`);
	const unlisted = [...rowsByText.values()].slice(MAX_LISTED_ROWS).flat();
	return [
		...all.slice(0, MAX_LISTED_ROWS),
		...(unlisted.length > 0 ? [`Also affected: ${namesOfRows(unlisted)}.`] : []),
	].join('\n');
}

const messageOf = ({ itemIndex, error }: FailedRow) =>
	`Row ${rowOf(itemIndex)}: ${error.message.replaceAll(NOTHING_SENT_FOR_ITEM, '').trim().replace(/\.$/, '')}`;

/**
 * The error of a run in which nothing was sent, because items are invalid. A run of one item has that item's
 * own error.
 * @param count how many items the run has
 */
export function invalidItemsError(run: Run, invalid: InvalidItem[], count: number): ItemError {
	const [first] = invalid;
	if (first === undefined) throw new Error('No item is invalid');
	if (count === 1) return first.error;
	const indexes = invalid.map(({ itemIndex }) => itemIndex);
	const sentBefore = Array.from({ length: count }, (_, index) => index).filter(
		(index) => run.sentRequests.get(index) !== undefined,
	);
	const nothing = sentBefore.length > 0 ? 'Nothing more was sent' : 'Nothing was sent';
	return stopError(run, first.itemIndex, {
		message: `${nothing}: ${namesOfRows(indexes)} of ${count} ${invalid.length === 1 ? 'is' : 'are'} invalid. ${messageOf(first)}`,
		description: [
			linesOf(invalid),
			...(sentBefore.length > 0
				? [
						`An earlier attempt has sent ${namesOfRows(sentBefore)}, which ${sentBefore.length === 1 ? 'is' : 'are'} not sent again.`,
					]
				: []),
			`Correct ${invalid.length === 1 ? 'it' : 'them'} and run the node again.`,
		]
			.filter(Boolean)
			.join('\n'),
	});
}

/**
 * The error of a run that stopped at a failed item: what was sent before the stop, what was not, and what a
 * second run does. A run of one item, and one that only reads, has the item's own error.
 */
export function stoppedError(run: Run, results: Array<ItemResult | undefined>): ItemError {
	const rows = results.map((result, itemIndex) => ({ itemIndex, result }));
	const failed = rows.flatMap(({ itemIndex, result }) =>
		isFailed(result) ? [{ itemIndex, error: result.error }] : [],
	);
	const [first] = failed;
	if (first === undefined) throw new Error('No item has failed');
	if (results.length === 1 || run.operation.effect === 'read') return first.error;

	const indexesOf = (matches: (result: ItemResult | undefined) => boolean) =>
		rows.filter(({ result }) => matches(result)).map(({ itemIndex }) => itemIndex);
	const sent = indexesOf((result) => result?.kind === 'accepted' || result?.kind === 'completed');
	const unknown = indexesOf((result) => result?.kind === 'unknown' && !result.isDuplicate);
	const duplicates = indexesOf(
		(result) => result?.kind === 'unknown' && result.isDuplicate === true,
	);
	const mayBeSent = failed
		.filter(({ error }) => isOutcomeUnknown(error))
		.map(({ itemIndex }) => itemIndex);
	const notStarted = indexesOf((result) => result === undefined);
	const notSent = [...notStarted, ...failed.map(({ itemIndex }) => itemIndex)]
		.filter((index) => !mayBeSent.includes(index))
		.sort((one, other) => one - other);
	const inDoubt = [...unknown, ...mayBeSent];

	const ids = sent
		.slice(0, MAX_LISTED_ROWS)
		.map((itemIndex) => `row ${rowOf(itemIndex)}${idText(results[itemIndex])}`);
	const unlisted = sent.slice(MAX_LISTED_ROWS);
	if (unlisted.length > 0) ids.push(namesOfRows(unlisted));
	return stopError(run, first.itemIndex, {
		message: `${messageOf(first)}. ${whatWasSent(sent, inDoubt, results.length)}, and no further row was started`,
		description: [
			linesOf(failed),
			`Sent: ${ids.join(', ') || 'none'}.`,
			...(inDoubt.length > 0 ? [`Not known whether sent: ${namesOfRows(inDoubt)}.`] : []),
			...(duplicates.length > 0
				? [`Not sent because of an earlier request: ${namesOfRows(duplicates)}.`]
				: []),
			...(notSent.length > 0 ? [`Not sent: ${namesOfRows(notSent)}.`] : []),
			secondRun(run),
		]
			.filter(Boolean)
			.join('\n'),
	});
}

/** What became of the rows that were started, as the beginning of a sentence: n8n's lists show only this. */
function whatWasSent(sent: number[], inDoubt: number[], count: number): string {
	const doubt = `it is not known whether ${namesOfRows(inDoubt)} ${inDoubt.length === 1 ? 'was' : 'were'} sent`;
	if (sent.length === 0) return inDoubt.length === 0 ? 'No row was sent' : capitalized(doubt);
	const known = `${capitalized(namesOfRows(sent))} of ${count} ${sent.length === 1 ? 'was' : 'were'} sent`;
	return inDoubt.length === 0 ? known : `${known}, ${doubt}`;
}

const isOutcomeUnknown = (error: ItemError) =>
	error instanceof KopoKopoApiError && error.requestFailure.certainty === 'unknown';

function idText(result: ItemResult | undefined): string {
	const id =
		result?.kind === 'accepted'
			? result.accepted.id
			: result?.kind === 'completed'
				? result.id
				: undefined;
	return id ? ` (ID ${id})` : '';
}

function secondRun({ operation }: Run): string {
	if (operation.effect !== 'sendOnce') {
		return 'A second run sends all rows again, so first remove the rows that were sent.';
	}
	const identicalRows =
		operation.repeat === undefined
			? ''
			: " and rows that are identical to one sent within the time of 'Allow Repeats After (Minutes)'";
	return `n8n's Retry of this execution sends only the rows that were not sent. A new execution skips rows whose Duplicate Protection Key is used${identicalRows}. It sends all other rows again, so remove those that were sent.`;
}

/** An error for the whole run. The model of an AI agent sees the message only. */
function stopError(
	{ context, isTool }: Run,
	itemIndex: number,
	texts: { message: string; description: string },
): NodeOperationError {
	return new NodeOperationError(context.getNode(), texts.message, {
		message: isTool ? toSingleLine(texts) : texts.message,
		description: texts.description,
		itemIndex,
	});
}
