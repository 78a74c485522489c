import { InvalidParameterError } from '../domain/errors';
import { itemError } from './itemError';
import { isWrong, type Preparation } from './prepare';
import type { PreparedItem, Run } from './run';

const inShillings = (cents: number) => `KES ${(cents / 100).toLocaleString('en')}`;

/** Amounts have at most two decimals. */
const cents = (amount: number) => Math.round(amount * 100);

/**
 * Marks items that exceed Maximum Amount as wrong, and all items if their sum exceeds Maximum Total. Sums
 * are calculated in cents.
 */
export function checkLimits(run: Run, items: Preparation['items']): void {
	const { operation } = run;
	const fail = (index: number, message: string, remedy: string) => {
		const error = itemError(run, new InvalidParameterError(message, remedy), index);
		items[index] = { kind: 'failed', itemIndex: index, error };
	};
	const amountOf = ({ params }: PreparedItem) => operation.amountOf?.(params);
	for (const [index, item] of items.entries()) {
		if (isWrong(item)) continue;
		const { amount: maximum, total } = item.settings.limits;
		if (maximum === undefined && total === undefined) continue;
		const amount = amountOf(item);
		if (amount === undefined) {
			fail(
				index,
				`'${maximum === undefined ? 'Maximum Total' : 'Maximum Amount'}' cannot be checked: the amount of '${operation.name}' is not known before it is sent`,
				'Remove the option.',
			);
		} else if (maximum !== undefined && cents(amount) > cents(maximum)) {
			fail(
				index,
				`The amount, ${inShillings(cents(amount))}, is more than 'Maximum Amount', ${inShillings(cents(maximum))}`,
				"Correct the amount, or raise 'Maximum Amount' under 'Options'.",
			);
		}
	}

	const rest = items.filter((item): item is PreparedItem => !isWrong(item));
	const sum = rest.reduce((total, item) => total + cents(amountOf(item) ?? 0), 0);
	const totals = rest.flatMap(({ settings }) => settings.limits.total ?? []);
	if (totals.length === 0) return;
	// With an expression, the limit can differ from item to item; the smallest one applies.
	const maximum = cents(Math.min(...totals));
	if (sum <= maximum) return;
	for (const { itemIndex } of rest) {
		fail(
			itemIndex,
			`The items add up to ${inShillings(sum)}, which is more than 'Maximum Total', ${inShillings(maximum)}`,
			"Correct the amounts, or raise 'Maximum Total' under 'Options'.",
		);
	}
}
