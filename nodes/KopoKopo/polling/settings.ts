import type { IDataObject } from 'n8n-workflow';
import { InvalidParameterError } from '../domain/errors';
import type { ReadParameter } from '../operations/parameters';
import { parseMinimumAmount } from '../parsers/amount';
import { parseCount, parseNumber } from '../parsers/number';
import { parseSwitch } from '../parsers/switch';
import { choices, parseChoice } from '../parsers/text';
import { parseTills } from '../parsers/till';
import { parseTime } from '../parsers/time';
import {
	DEFAULT_ITEMS_PER_EXECUTION,
	DEFAULT_OVERLAP_MINUTES,
	DONE_WHEN,
	MAX_OVERLAP_MINUTES,
	START_FROM,
} from './settingsDefaults';

/** The scope of one request: a till, or the whole company. Kopo Kopo accepts one till in a request. */
export interface PollScope {
	/** `company`, or the till number. */
	key: string;
	/** Undefined for the whole company. */
	tillNumber?: string;
}

const SCOPES = choices({ name: 'Company', value: 'company' }, { name: 'Till', value: 'till' });

/** The settings of a polling trigger. */
export interface Settings {
	scopes: PollScope[];
	/** ms since the epoch; undefined to start from now. */
	startFrom: number | undefined;
	doneWhen: (typeof DONE_WHEN)[number]['value'];
	simplify: boolean;
	/** KES */
	minimumAmount: number;
	overlapMs: number;
	itemsPerExecution: number;
}

/** Reads and checks the parameters of the trigger. @throws InvalidParameterError */
export function parseSettings(read: ReadParameter): Settings {
	const options = read('options', {}) as IDataObject;
	return {
		scopes: parseScopes(read),
		startFrom: parseStartFrom(read),
		doneWhen: parseChoice(DONE_WHEN)(read('doneWhen', 'executionFinishes'), field('Done When')),
		simplify: parseSwitch(options.simplify ?? true, field('Simplify')),
		minimumAmount: parseMinimumAmount(options.minimumAmount, field('Minimum Amount')),
		overlapMs:
			60_000 *
			parseNumber(options.overlap ?? DEFAULT_OVERLAP_MINUTES, field('Overlap (Minutes)'), {
				minimum: 0,
				maximum: MAX_OVERLAP_MINUTES,
				unit: 'minutes',
				example: DEFAULT_OVERLAP_MINUTES,
			}),
		itemsPerExecution: parseCount(
			options.itemsPerExecution ?? DEFAULT_ITEMS_PER_EXECUTION,
			field('Items per Execution'),
		),
	};
}

const field = (label: string) => ({ label });

/** The scopes that the trigger polls. @throws InvalidParameterError if 'Till Number' is empty */
export function parseScopes(read: ReadParameter): PollScope[] {
	const scope = parseChoice(SCOPES)(read('scope', 'company'), field('Scope'));
	if (scope === 'company') return [{ key: 'company' }];
	const tills = parseTills(read('tillNumber', ''), field('Till Number'));
	if (tills.length === 0) {
		throw new InvalidParameterError(
			"'Till Number' is empty",
			"Enter at least one till number, or set 'Scope' to Company.",
		);
	}
	return tills.map((tillNumber) => ({ key: tillNumber, tillNumber }));
}

function parseStartFrom(read: ReadParameter): number | undefined {
	const startFrom = parseChoice(START_FROM)(read('startFrom', 'now'), field('Start From'));
	if (startFrom === 'now') return undefined;
	return Date.parse(parseTime(read('startTime', ''), field('Start Time')));
}
