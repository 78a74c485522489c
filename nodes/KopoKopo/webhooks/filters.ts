import type { IDataObject, IWebhookFunctions } from 'n8n-workflow';
import { eventOf, isTopic } from '../domain/eventCatalogue';
import type { ReadParameter } from '../operations/parameters';
import { parseMinimumAmount, reachesMinimum } from '../parsers/amount';
import { parseTills } from '../parsers/till';
import { subscriptionSettings } from './subscriptionSettings';
import { subscriptionsOfNode } from './subscriptionStore';

/** The filters of the trigger, as its Options store them. */
export interface Filters {
	/** Tills separated by commas, semicolons or line breaks; empty for all. */
	tillFilter?: unknown;
	/** KES; empty or zero for all. */
	minimumAmount?: unknown;
	/** Of results only. */
	outcome?: 'all' | 'onlySuccess' | 'onlyFailure';
}

/** Whether a list of tills contains this one, without regard to case and to the K of online payments tills. */
export function includesTill(tills: string[], till: string): boolean {
	const normalize = (number: string) => number.toUpperCase().replace(/^K/, '');
	return tills.map(normalize).includes(normalize(till));
}

/** Reads and checks the filters by till and by amount. @throws InvalidParameterError */
export function parseFilters({ tillFilter, minimumAmount }: Filters): {
	tills: string[];
	/** KES */
	minimumAmount: number;
} {
	return {
		tills: parseTills(tillFilter, { label: 'Till Filter' }),
		minimumAmount: parseMinimumAmount(minimumAmount, { label: 'Minimum Amount' }),
	};
}

/**
 * Whether an event passes the filters by till and by amount. An event without a till or an amount passes
 * that filter. Every event passes if a filter cannot be read, which stops the activation of the trigger.
 */
export function isWanted({ tillNumber, amount }: IDataObject, filters: Filters): boolean {
	try {
		const { tills, minimumAmount } = parseFilters(filters);
		if (tills.length > 0 && typeof tillNumber === 'string' && !includesTill(tills, tillNumber)) {
			return false;
		}
		return reachesMinimum(amount, minimumAmount);
	} catch {
		return true;
	}
}

/**
 * Whether a result passes the Outcome option. Only Failure takes every result that needs attention: also
 * `partial`, because not all of the money moved, and `unknown`. Neither option takes `pending`.
 */
export function isOutcomeWanted(outcome: unknown, { outcome: wanted = 'all' }: Filters): boolean {
	if (wanted === 'all') return true;
	if (wanted === 'onlySuccess') return outcome === 'success';
	return outcome !== 'success' && outcome !== 'pending';
}

/**
 * Whether an event is of a till that this node subscribed to earlier and that its settings no longer include. The
 * event of a till that it never subscribed to is accepted: it may come from a subscription that a person made
 * for this URL.
 * @param topic null for a Daraja payload of a type that this version does not know
 */
export function isOfRemovedTill(
	context: IWebhookFunctions,
	topic: string | null,
	tillNumber: unknown,
	read: ReadParameter,
): boolean {
	if (typeof tillNumber !== 'string') return false;
	if (topic !== null && (!isTopic(topic) || eventOf(topic).companyOnly)) return false;
	const subscribed = subscriptionsOfNode(context).flatMap((known) => known.tillNumber ?? []);
	if (!includesTill(subscribed, tillNumber)) return false;
	const { registration, tills } = subscriptionSettings(read);
	if (registration === 'manual') return false;
	return tills.length > 0 && !includesTill(tills, tillNumber);
}
