import type { IDataObject } from 'n8n-workflow';
import { parseAmount } from '../parsers/amount';
import { asText } from '../parsers/text';
import { parseTills } from '../parsers/till';

/** The filters of the trigger, as its Options store them. */
export interface Filters {
	/** Tills separated by commas, semicolons or line breaks; empty for all. */
	tillFilter?: unknown;
	/** KES; empty or zero for all. */
	minimumAmount?: unknown;
}

interface ParsedFilters {
	/** Without their K. */
	tills: Set<string>;
	/** KES */
	minimumAmount: number;
}

/** An online payments till counts with and without its K. */
const withoutK = (till: string) => till.toUpperCase().replace(/^K/, '');

/** Reads and checks the filters. @throws InvalidParameterError */
export function parseFilters({ tillFilter, minimumAmount }: Filters): ParsedFilters {
	const isSet = asText(minimumAmount) !== '' && Number(minimumAmount) !== 0;
	return {
		tills: new Set(parseTills(tillFilter, { label: 'Till Filter' }).map(withoutK)),
		minimumAmount: isSet ? parseAmount(minimumAmount, { label: 'Minimum Amount' }) : 0,
	};
}

/**
 * Whether an event passes the filters of the trigger. An event that names no till, or no amount, passes:
 * it is not known to be foreign or small. So does every event if a filter cannot be read, which stops
 * the activation of the trigger.
 */
export function isWanted({ tillNumber, amount }: IDataObject, filters: Filters): boolean {
	try {
		const { tills, minimumAmount } = parseFilters(filters);
		if (tills.size > 0 && typeof tillNumber === 'string' && !tills.has(withoutK(tillNumber))) {
			return false;
		}
		return typeof amount !== 'number' || amount >= minimumAmount;
	} catch {
		return true;
	}
}
