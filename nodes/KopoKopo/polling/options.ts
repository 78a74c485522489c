import { choices } from '../parsers/text';

/** What the description of the node needs. n8n loads it when it starts, and the rest with the first poll. */

export const DONE_WHEN = choices(
	{
		name: 'Execution Finishes',
		value: 'executionFinishes',
		description:
			'A payment is done when the execution that took it has ended or waits, with or without an error. If n8n stops before, the payment comes again.',
	},
	{
		name: 'Execution Finishes Successfully',
		value: 'executionFinishesSuccessfully',
		description:
			'As above, but an execution that failed gets its payments again, five times at most',
	},
	{
		name: 'Immediately',
		value: 'immediately',
		description:
			'A payment is done before the execution starts. It never comes again, not even if n8n stops in the middle.',
	},
);

export const START_FROM = choices(
	{ name: 'Now', value: 'now', description: 'Payments from the first activation on' },
	{
		name: 'Time',
		value: 'time',
		description: 'Payments since a moment in the past, for catching up',
	},
);

export const DEFAULT_OVERLAP_MINUTES = 60;
export const DEFAULT_ITEMS_PER_EXECUTION = 100;
