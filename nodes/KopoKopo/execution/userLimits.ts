import { InvalidParameterError } from '../domain/errors';
import { formatAmount, toCents } from '../domain/money';
import { itemError } from './itemError';
import { isInvalid, type Preparation } from './prepare';
import type { PreparedItem, Run } from './run';

/**
 * Marks items that exceed Maximum Amount as invalid, and all items if their sum exceeds Maximum Total. Sums
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
		if (isInvalid(item)) continue;
		const { amount: maximum, total } = item.settings.limits;
		if (maximum === undefined && total === undefined) continue;
		const amount = amountOf(item);
		if (amount === undefined) {
			fail(
				index,
				`'${maximum === undefined ? 'Maximum Total' : 'Maximum Amount'}' cannot be checked: the amount of '${operation.name}' is not known before it is sent`,
				'Remove the option.',
			);
		} else if (maximum !== undefined && toCents(amount) > toCents(maximum)) {
			fail(
				index,
				`The amount, ${formatAmount(amount)}, is more than 'Maximum Amount', ${formatAmount(maximum)}`,
				"Correct the amount, or raise 'Maximum Amount' under 'Options'.",
			);
		}
	}

	const rest = items.filter((item): item is PreparedItem => !isInvalid(item));
	const sum = rest.reduce((total, item) => total + toCents(amountOf(item) ?? 0), 0);
	const totals = rest.flatMap(({ settings }) => settings.limits.total ?? []);
	if (totals.length === 0) return;
	// With an expression, the limit can differ from item to item; the smallest one applies.
	const maximum = Math.min(...totals);
	if (sum <= toCents(maximum)) return;
	for (const { itemIndex } of rest) {
		fail(
			itemIndex,
			`The items add up to ${formatAmount(sum / 100)}, which is more than 'Maximum Total', ${formatAmount(maximum)}`,
			"Correct the amounts, or raise 'Maximum Total' under 'Options'.",
		);
	}
}
