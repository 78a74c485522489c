import type { INodePropertyOptions } from 'n8n-workflow';
import { CALLBACKS } from '../domain/callbacks';
import { EVENTS } from '../domain/eventCatalogue';

/**
 * Converts title case to sentence case, except for names and what is in brackets:
 * `M-Pesa Payment Received (Buy Goods)` becomes `M-Pesa payment received (Buy Goods)`.
 */
const toSentenceCase = (title: string) =>
	title
		.split(' ')
		.map((word) => (/^[A-Z][a-z]+$/.test(word) ? word.toLowerCase() : word))
		.join(' ');

/**
 * The events of a catalogue as options, in its order. `action` is the label in n8n's list of triggers; without
 * it, n8n would show "On M Pesa Payment Received Buy Goods".
 */
const toOptions = (
	catalogue: Record<string, { name: string; description: string }>,
): INodePropertyOptions[] =>
	Object.entries(catalogue).map(([value, { name, description }]) => ({
		name,
		value,
		description,
		action: `On ${toSentenceCase(name)}`,
	}));

/** The events that can be subscribed to. */
export const eventOptions = toOptions(EVENTS);

/** Everything a trigger can start on: subscribed events, and results that are sent to a Callback URL. */
export const triggerOnOptions = toOptions({ ...EVENTS, ...CALLBACKS });
