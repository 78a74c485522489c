import type { INodePropertyOptions } from 'n8n-workflow';
import { CALLBACKS } from '../domain/callbacks';
import { EVENTS } from '../domain/events';

/**
 * Sorts menus. Not with localeCompare: its first call in a process takes about 10 ms, and this runs when
 * the package is loaded.
 */
export const byName = (a: { name: string }, b: { name: string }) =>
	a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1;

/** Title case as sentence case: `B2B Received` is `B2B received`. */
const asSentence = (title: string) =>
	title.replace(/\b[A-Z](?=[a-z])/g, (letter) => letter.toLowerCase());

/**
 * A catalogue as a menu, in alphabetical order. The action is how the list of nodes offers the event; n8n
 * itself would make "On B 2 B Received" of it.
 */
export const asOptions = (
	catalogue: Record<string, { name: string; description: string }>,
): INodePropertyOptions[] =>
	Object.entries(catalogue)
		.map(([value, { name, description }]) => ({
			name,
			value,
			description,
			action: `On ${asSentence(name)}`,
		}))
		.sort(byName);

/** What can be subscribed. */
export const eventOptions = asOptions(EVENTS);

/** All that a trigger can start on: what is subscribed, and what comes to a Callback URL. */
export const triggerOptions = asOptions({ ...EVENTS, ...CALLBACKS });
