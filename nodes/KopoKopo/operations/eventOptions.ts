import type { INodePropertyOptions } from 'n8n-workflow';
import { CALLBACKS } from '../domain/callbacks';
import { EVENTS } from '../domain/events';

/**
 * Compares options by name. Does not use localeCompare(): its first call in a process takes about 10 ms, and
 * this runs while n8n loads the package.
 */
export const byName = (a: { name: string }, b: { name: string }) =>
	a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1;

/** Converts title case to sentence case: `B2B Received` becomes `B2B received`. */
const toSentenceCase = (title: string) =>
	title.replace(/\b[A-Z](?=[a-z])/g, (letter) => letter.toLowerCase());

/**
 * The events of a catalogue as options in alphabetical order. `action` is the label in n8n's list of triggers;
 * without it, n8n would show "On B 2 B Received".
 */
const toOptions = (
	catalogue: Record<string, { name: string; description: string }>,
): INodePropertyOptions[] =>
	Object.entries(catalogue)
		.map(([value, { name, description }]) => ({
			name,
			value,
			description,
			action: `On ${toSentenceCase(name)}`,
		}))
		.sort(byName);

/** The events that can be subscribed to. */
export const eventOptions = toOptions(EVENTS);

/** Everything a trigger can start on: subscribed events, and results that are sent to a Callback URL. */
export const triggerOnOptions = toOptions({ ...EVENTS, ...CALLBACKS });
