import { type IDataObject, type IExecuteFunctions, isExpression } from 'n8n-workflow';
import { InvalidParameterError } from '../domain/errors';
import { isCalledByAgent, isSubworkflow } from '../n8n/compat';
import type { Operation } from '../operations/defineOperation';
import type { ReadParameter } from '../operations/parameters';
import {
	DEFAULT_BATCH_SIZE,
	DEFAULT_REPEAT_MINUTES,
	DEFAULT_TIMEOUT_MS,
	DEFAULT_WAIT_S,
	MAX_REPEAT_MINUTES,
	type WaitMode,
	waitModes,
} from '../operations/settingsProperties';
import { parseAmount } from '../parsers/amount';
import { parseReference } from '../parsers/identifier';
import { type NumberRange, parseNumber } from '../parsers/number';
import { parseSwitch } from '../parsers/switch';
import { asText, parseChoice } from '../parsers/text';
import type { Batching } from './concurrency';
import type { ItemSettings, Limits, OutputFormat, Run } from './run';
import type { SentRequests } from './sentRequests';

/** An hour. A longer time is a mistake in an expression, and above 24 days a timer would end immediately. */
const MAX_TIMEOUT_MS = 60 * 60 * 1000;

/** n8n returns the fallback for an option that was not added. */
const NOT_ADDED = 'kopoKopoNotAdded';

/** A year, so that the end of the wait is a valid date. */
const MAX_WAIT_S = 365 * 24 * 60 * 60;

/**
 * Reads and checks every setting of one item. After a request was sent, nothing may fail for a reason that
 * could have been known before.
 * @throws InvalidParameterError, or what n8n throws for an expression that cannot be evaluated
 */
export function parseSettings(
	{ context, operation, isTool, waitMode, parseContext }: Run,
	itemIndex: number,
): ItemSettings {
	const read: ReadParameter = (name, missing) => context.getNodeParameter(name, itemIndex, missing);
	const number = (name: string, label: string, missing: number, range: NumberRange) =>
		parseNumber(read(name, missing), { label }, range);
	if (operation.statusOf !== undefined) {
		parseChoice(waitModes)(readWaitMode(context), { label: 'Wait for Result' });
	}
	return {
		timeoutMs: number('options.timeout', 'Timeout (Ms)', DEFAULT_TIMEOUT_MS, TIMEOUT),
		waitMs:
			waitMode === 'continueImmediately'
				? 0
				: number('waitUpTo', 'Wait Up To (Seconds)', DEFAULT_WAIT_S, WAIT) * 1000,
		output: parseOutputFormat(read, isTool),
		duplicateKey:
			operation.effect === 'sendOnce'
				? parseDuplicateKey(read('options.duplicateProtectionKey', ''), context)
				: undefined,
		repeatWindowMs:
			operation.repeat === undefined
				? 0
				: number(
						'options.allowRepeatsAfter',
						'Allow Repeats After (Minutes)',
						DEFAULT_REPEAT_MINUTES,
						REPEAT_WINDOW,
					) * 60_000,
		limits: operation.effect === 'sendOnce' ? parseLimits(read, parseContext) : {},
	};
}

const BATCH_SIZE: NumberRange = {
	minimum: 1,
	maximum: 10_000,
	unit: 'items',
	example: DEFAULT_BATCH_SIZE,
	blank: DEFAULT_BATCH_SIZE,
	// The number of items at once does not change what is sent, so every number is brought within the limits.
	raisedFrom: -Infinity,
	loweredTo: Infinity,
};

const BATCH_INTERVAL: NumberRange = {
	minimum: 0,
	maximum: MAX_TIMEOUT_MS,
	unit: 'milliseconds',
	example: 1000,
	blank: 0,
	raisedFrom: -Infinity,
};

/** Other numbers are rejected, because a request that is ended too early has an unknown outcome. */
const TIMEOUT: NumberRange = {
	minimum: 1,
	maximum: MAX_TIMEOUT_MS,
	unit: 'milliseconds',
	example: DEFAULT_TIMEOUT_MS,
};

const WAIT: NumberRange = {
	minimum: 1,
	maximum: MAX_WAIT_S,
	unit: 'seconds',
	example: DEFAULT_WAIT_S,
	blank: DEFAULT_WAIT_S,
	raisedFrom: 0,
	// A huge number means to wait as long as possible.
	loweredTo: Infinity,
};

/** A blank is rejected: without the comparison, payouts could be sent twice unnoticed. */
const REPEAT_WINDOW: NumberRange = {
	minimum: 0,
	maximum: MAX_REPEAT_MINUTES,
	unit: 'minutes',
	example: DEFAULT_REPEAT_MINUTES,
};

/**
 * Reads the option Batching, which holds for all items.
 * @throws InvalidParameterError, or what n8n throws for an expression that cannot be evaluated
 */
export function parseBatching(context: IExecuteFunctions): Required<Batching> {
	const { batch } = context.getNodeParameter('options.batching', 0, {}) as { batch?: IDataObject };
	const { batchSize, batchInterval } = batch ?? {};
	return {
		batchSize: parseNumber(batchSize ?? '', { label: 'Items per Batch' }, BATCH_SIZE),
		batchInterval: parseNumber(
			batchInterval ?? '',
			{ label: 'Batch Interval (Ms)' },
			BATCH_INTERVAL,
		),
	};
}

/** An option that was not added sets no limit. */
function parseLimits(read: ReadParameter, parseContext: Run['parseContext']): Limits {
	const limit = (name: string, label: string) => {
		const raw = read(`options.${name}`, NOT_ADDED);
		return raw === NOT_ADDED ? undefined : parseAmount(raw, { ...parseContext, label });
	};
	const amount = limit('maximumAmount', 'Maximum Amount');
	const total = limit('maximumTotal', 'Maximum Total');
	return { ...(amount !== undefined && { amount }), ...(total !== undefined && { total }) };
}

/**
 * A blank is no key, unless an expression returned it, as for a row whose cell is empty: the item would be
 * unprotected unnoticed.
 */
function parseDuplicateKey(raw: unknown, context: IExecuteFunctions): string | undefined {
	const isBlank = asText(raw) === '';
	if (isBlank && (raw === null || isKeyExpression(context))) {
		throw new InvalidParameterError(
			"'Duplicate Protection Key' is empty",
			'Its expression returns nothing for this item. Correct it, fill in the column, or remove the option.',
		);
	}
	// The key of a list or an object is its JSON text.
	const key = typeof raw === 'object' ? asText(raw) : raw;
	return parseReference(key, { label: 'Duplicate Protection Key' });
}

/** Whether the stored key, or all options, are an expression. */
function isKeyExpression(context: IExecuteFunctions): boolean {
	const { options } = context.getNode().parameters;
	const stored =
		typeof options === 'object' ? (options as IDataObject | null)?.duplicateProtectionKey : options;
	return isExpression(stored);
}

/**
 * What the user wants the items to look like.
 * @param isTool the node is an AI agent's tool, which has the setting Output instead of Simplify
 * @throws InvalidParameterError
 */
function parseOutputFormat(read: ReadParameter, isTool: boolean): OutputFormat {
	if (!isTool) return { simplify: parseSwitch(read('simplify', true), { label: 'Simplify' }) };
	const output = asText(read('output', 'simplified'));
	if (output === 'raw') return { simplify: false };
	if (output !== 'selectedFields') return { simplify: true, isCompact: true };
	const fields = read('fields', []);
	if (Array.isArray(fields)) return { simplify: true, fields: fields.map(asText) };
	throw new InvalidParameterError(
		"'Fields' is not a list of fields",
		"Choose the fields from the list, or set 'Output' to Simplified.",
	);
}

/** Why this execution cannot pause until the callback, for the user; undefined where it can. */
function obstacleToPause(
	context: IExecuteFunctions,
	sentRequests: SentRequests,
): string | undefined {
	// With an agent that calls its tool itself, n8n would continue immediately with the node's input.
	if (isCalledByAgent(context)) return 'an AI agent of this version cannot wait for a paused tool';
	if (context.getMode() === 'retry' && sentRequests.get(0) !== undefined) {
		return 'Kopo Kopo notifies the execution that failed, not this one';
	}
	if (isSubworkflow(context)) {
		return 'n8n would return only one result of a sub-workflow that pauses';
	}
	return undefined;
}

/** The value of 'Wait for Result', which holds for all items. */
const readWaitMode = (context: IExecuteFunctions): string =>
	asText(context.getNodeParameter('waitForResult', 0, 'continueImmediately'));

/** What the user chose under 'Wait for Result'. If it is invalid, parseSettings() rejects every item. */
export function storedWaitMode(context: IExecuteFunctions): WaitMode {
	try {
		return readWaitMode(context) as WaitMode;
	} catch {
		return 'continueImmediately';
	}
}

/** How this execution waits. Where it cannot pause it keeps checking, and the output panel says why. */
export function resolveWaitMode(
	context: IExecuteFunctions,
	operation: Operation,
	sentRequests: SentRequests,
): WaitMode {
	if (operation.statusOf === undefined) return 'continueImmediately';
	const mode = storedWaitMode(context);
	const obstacle =
		mode === 'pauseUntilNotified' ? obstacleToPause(context, sentRequests) : undefined;
	if (obstacle === undefined) return mode;
	context.addExecutionHints({
		message: `Kept checking instead of pausing: ${obstacle}`,
		location: 'outputPane',
	});
	return 'keepChecking';
}
