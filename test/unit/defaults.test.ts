import { readFileSync } from 'fs-extra';
import type { INodeProperties, INodeType } from 'n8n-workflow';
import { KopoKopoPollingTrigger } from '../../nodes/KopoKopo/KopoKopoPollingTrigger.node';
import { KopoKopoTrigger } from '../../nodes/KopoKopo/KopoKopoTrigger.node';
import {
	DEFAULT_BATCH_SIZE,
	DEFAULT_REPEAT_MINUTES,
	DEFAULT_TIMEOUT_MS,
	MIN_PAUSE_S,
} from '../../nodes/KopoKopo/operations/settingsProperties';
import { MAX_WAITING } from '../../nodes/KopoKopo/polling/catchUp';
import { parseSettings } from '../../nodes/KopoKopo/polling/settings';
import { DEFAULT_ITEMS_PER_EXECUTION } from '../../nodes/KopoKopo/polling/settingsDefaults';
import { MAX_FAILURES } from '../../nodes/KopoKopo/polling/startExecutions';
import { MAX_DELIVERIES, RETENTION } from '../../nodes/KopoKopo/webhooks/deliveryHistory';
import { subscriptionSettings } from '../../nodes/KopoKopo/webhooks/subscriptionSettings';
import { isSwitchedOn } from '../../nodes/KopoKopo/webhooks/triggerSwitches';

/** The properties in the collection Options of a node. */
const optionsOf = ({ description }: INodeType): INodeProperties[] =>
	(description.properties.find(({ name }) => name === 'options')?.options ??
		[]) as INodeProperties[];

/** Reads a new node: every parameter, and every option as if it had been added, has the editor's default. */
const newNode = (node: INodeType) => (path: string) => {
	const options = optionsOf(node);
	if (path === 'options') {
		return Object.fromEntries(options.map(({ name, default: value }) => [name, value]));
	}
	const [, option] = path.split('.');
	const siblings = option === undefined ? node.description.properties : options;
	return siblings.find(({ name }) => name === (option ?? path))?.default;
};

/** Reads a node for which n8n has no parameters. */
const withoutParameters = (_path: string, missing?: unknown) => missing;

describe('without parameters, the code uses the defaults that the editor shows', () => {
	test('in the settings of the polling trigger', () => {
		const node = new KopoKopoPollingTrigger();
		expect(parseSettings(withoutParameters)).toEqual(parseSettings(newNode(node)));
	});

	test('in the subscriptions of the trigger', () => {
		const read = newNode(new KopoKopoTrigger());
		expect(subscriptionSettings(withoutParameters)).toEqual({
			...subscriptionSettings(read),
			events: [],
		});
	});

	test('in the options of the trigger that are on or off', () => {
		const switches = optionsOf(new KopoKopoTrigger()).filter(({ type }) => type === 'boolean');
		expect(switches).toHaveLength(4);
		for (const { name, default: shown } of switches) {
			expect(isSwitchedOn(name as Parameters<typeof isSwitchedOn>[0], undefined)).toBe(shown);
		}
	});
});

const WORDS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
const inWords = (count: number) => WORDS[count] ?? String(count);
const grouped = (count: number) => count.toLocaleString('en');

describe('the documents give the figures of the code', () => {
	test.each([
		['docs/waiting.md', `a pause ends after ${MIN_PAUSE_S} seconds at the earliest`],
		['docs/operations.md', `How many items run at once (${DEFAULT_BATCH_SIZE} by default)`],
		['docs/operations.md', `${DEFAULT_TIMEOUT_MS / 1000} seconds by default`],
		['docs/money-safety.md', `is not sent for ${DEFAULT_REPEAT_MINUTES} minutes`],
		['SECURITY.md', `(${DEFAULT_REPEAT_MINUTES} minutes by default)`],
		['docs/polling.md', `${DEFAULT_ITEMS_PER_EXECUTION} by default`],
		['docs/polling.md', `reads at most ${grouped(MAX_WAITING)} payments at a time`],
		['docs/polling.md', `After ${inWords(MAX_FAILURES)} failures, the trigger gives up`],
		['docs/events.md', `the last ${grouped(MAX_DELIVERIES)} deliveries`],
		['docs/events.md', `at least ${RETENTION.one.minimum}`],
		['docs/running-n8n.md', `the last ${grouped(MAX_DELIVERIES)} of a node`],
		[
			'SECURITY.md',
			`always the last ${RETENTION.one.minimum} (in queue mode ${RETENTION.several.ms / 3_600_000} hours and ${RETENTION.several.minimum})`,
		],
	])('in %s: %s', (page, text) => {
		expect(readFileSync(page, 'utf8')).toContain(text);
	});

	test('and so does the option Execution Finishes Successfully', () => {
		const { properties } = new KopoKopoPollingTrigger().description;
		expect(JSON.stringify(properties)).toContain(
			`until ${inWords(MAX_FAILURES)} executions have failed`,
		);
	});
});
