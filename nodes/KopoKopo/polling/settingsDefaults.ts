import { choices } from '../parsers/text';

/** What the node's description needs. n8n loads this file when it starts, and the others with the first poll. */

export const DONE_WHEN = choices(
	{
		name: 'Execution Finishes',
		value: 'executionFinishes',
		description:
			'When the execution has ended, with or without an error, or is waiting. If n8n stops in the middle of it, the payment starts the workflow again.',
	},
	{
		name: 'Execution Finishes Successfully',
		value: 'executionFinishesSuccessfully',
		description:
			'When the execution has ended without an error, or is waiting. A payment whose execution fails starts the workflow again, until five executions have failed.',
	},
	{
		name: 'Immediately',
		value: 'immediately',
		description:
			'Before the execution starts. If n8n stops in the middle of it, the workflow loses the payment.',
	},
);

export const START_FROM = choices(
	{
		name: 'Now',
		value: 'now',
		description: 'Payments made after the workflow is first published (activated)',
	},
	{
		name: 'Time',
		value: 'time',
		description: 'Payments made since a time in the past',
	},
);

export const DEFAULT_OVERLAP_MINUTES = 60;

/** A week. Each poll reads all payments within the overlap again. */
export const MAX_OVERLAP_MINUTES = 7 * 24 * 60;

export const DEFAULT_ITEMS_PER_EXECUTION = 100;
