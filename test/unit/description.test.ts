import { readJsonSync } from 'fs-extra';
import {
	NodeConnectionTypes,
	type INodeProperties,
	type INodePropertyCollection,
	type INodePropertyOptions,
	type INodeType,
} from 'n8n-workflow';
import { KopoKopoApi } from '../../credentials/KopoKopoApi.credentials';
import { KopoKopo } from '../../nodes/KopoKopo/KopoKopo.node';
import { KopoKopoPollingTrigger } from '../../nodes/KopoKopo/KopoKopoPollingTrigger.node';
import { KopoKopoTrigger } from '../../nodes/KopoKopo/KopoKopoTrigger.node';
import { EVENTS } from '../../nodes/KopoKopo/domain/eventCatalogue';
import { CALLBACKS } from '../../nodes/KopoKopo/domain/callbacks';

const action: INodeType = new KopoKopo();
const trigger: INodeType = new KopoKopoTrigger();
const pollingTrigger: INodeType = new KopoKopoPollingTrigger();

/** A property, where it stands, and those it stands among. */
interface Found {
	where: string;
	property: INodeProperties;
	siblings: INodeProperties[];
}

type Option = NonNullable<INodeProperties['options']>[number];
const isMenuEntry = (option: Option): option is INodePropertyOptions => 'value' in option;
const isGroup = (option: Option): option is INodePropertyCollection => 'values' in option;
const isProperty = (option: Option): option is INodeProperties => 'type' in option;

/** Every property, those within collections included. */
function found(siblings: INodeProperties[], path: string): Found[] {
	return siblings.flatMap((property) => {
		const shown = Object.entries(property.displayOptions?.show ?? {})
			.filter(([name]) => ['resource', 'resourceV1', 'operation'].includes(name))
			.map(([, values]) => String(values));
		const where = [path, ...shown, property.name].join(' > ');
		const options = property.options ?? [];
		return [
			{ where, property, siblings },
			...found(options.filter(isProperty), where),
			...options.filter(isGroup).flatMap(({ values }) => found(values, where)),
		];
	});
}

const everywhere = [
	...found(action.description.properties, 'Kopo Kopo'),
	...found(trigger.description.properties, 'Kopo Kopo Trigger'),
	...found(pollingTrigger.description.properties, 'Kopo Kopo Polling Trigger'),
	...found(new KopoKopoApi().properties, 'credential'),
];
const menuOf = ({ options }: INodeProperties): INodePropertyOptions[] =>
	(options ?? []).filter(isMenuEntry);
const operations = action.description.properties.filter(({ name }) => name === 'operation');

/** Places where something does not hold; a test wants none. */
const placesWhere = (isWrong: (found: Found) => boolean): string[] =>
	everywhere.filter(isWrong).map(({ where }) => where);

/** Written by the editor beside a label, or as a label. */
const texts = everywhere.flatMap(({ where, property }) => [
	...[property.description, property.hint]
		.filter((text) => text !== undefined)
		.map((text) => ({ where, text })),
	...menuOf(property)
		.filter(({ description }) => description !== undefined)
		.map(({ name, description }) => ({ where: `${where}: ${name}`, text: String(description) })),
]);
const labels = everywhere.flatMap(({ where, property }) => [
	...(property.type === 'notice' ? [] : [{ where, label: property.displayName }]),
	...menuOf(property).map(({ name }) => ({ where, label: name })),
	...(property.options ?? []).filter(isGroup).map(({ displayName }) => ({
		where,
		label: displayName,
	})),
]);

describe('names that saved workflows contain', () => {
	test('are camel case', () => {
		expect(placesWhere(({ property }) => !/^[a-z][A-Za-z0-9]*$/.test(property.name))).toEqual([]);
	});

	test.each(['resource', 'resourceV1', 'operation'])('values of %s are camel case', (name) => {
		const values = action.description.properties
			.filter((property) => property.name === name)
			.flatMap(menuOf)
			.map(({ value }) => String(value));

		expect(values.filter((value) => !/^[a-z][A-Za-z0-9]*$/.test(value))).toEqual([]);
	});

	test('topics are Kopo Kopo’s own words', () => {
		const events = trigger.description.properties.find(({ name }) => name === 'triggerOn');

		expect(
			menuOf(events ?? ({} as INodeProperties))
				.map(({ value }) => value)
				.sort(),
		).toEqual([...Object.keys(EVENTS), ...Object.keys(CALLBACKS)].sort());
	});

	test('no operation has the value to which n8n gives its own meaning', () => {
		expect(operations.flatMap(menuOf).map(({ value }) => value)).not.toContain('sendAndWait');
	});
});

describe('menus', () => {
	const menus = everywhere.filter(({ property }) =>
		['options', 'multiOptions'].includes(property.type),
	);

	/** Ordered by use, because n8n's lists of actions and triggers follow them. */
	const orderedByUse = ['resource', 'resourceV1', 'operation', 'triggerOn', 'event'];

	test('are in alphabetical order, except those that n8n makes its list of actions from', () => {
		const unsorted = menus.filter(({ property }) => {
			if (orderedByUse.includes(property.name)) return false;
			const names = menuOf(property).map(({ name }) => name);
			return names.join() !== [...names].sort((a, b) => a.localeCompare(b)).join();
		});

		expect(unsorted.map(({ where }) => where)).toEqual([]);
	});

	test('contain each value and each name once', () => {
		const doubled = menus.filter(({ property }) => {
			const entries = menuOf(property);
			const values = new Set(entries.map(({ value }) => value));
			const names = new Set(entries.map(({ name }) => name));
			return values.size !== entries.length || names.size !== entries.length;
		});

		expect(doubled.map(({ where }) => where)).toEqual([]);
	});

	test('have a default that they contain', () => {
		const astray = menus.filter(({ property }) => {
			const values = menuOf(property).map(({ value }) => value);
			const begins = Array.isArray(property.default) ? property.default : [property.default];
			return begins.length === 0 || !begins.every((value) => values.includes(value as string));
		});

		expect(astray.map(({ where }) => where)).toEqual([]);
	});

	test('collections list their fields in alphabetical order', () => {
		const unsorted = everywhere.filter(({ property }) => {
			if (property.type !== 'collection') return false;
			const names = (property.options ?? []).filter(isProperty).map((inner) => inner.displayName);
			return names.join() !== [...names].sort((a, b) => a.localeCompare(b)).join();
		});

		expect(unsorted.map(({ where }) => where)).toEqual([]);
	});
});

describe('resource and operation', () => {
	test('the resource is first, the operation second, and neither accepts an expression', () => {
		const chosen = action.description.properties.filter(({ name }) =>
			['resource', 'operation'].includes(name),
		);

		expect(chosen[0]?.name).toBe('resource');
		expect(chosen.every(({ noDataExpression }) => noDataExpression === true)).toBe(true);
	});

	test('every resource has operations, and every operation a resource', () => {
		const resources = action.description.properties
			.filter(({ name }) => name === 'resource')
			.flatMap(menuOf)
			.map(({ value }) => value);
		const served = operations.flatMap(({ displayOptions }) => displayOptions?.show?.resource ?? []);

		expect([...new Set(served)].sort()).toEqual([...new Set(resources)].sort());
		expect(operations.filter((property) => menuOf(property).length === 0)).toEqual([]);
	});

	test('every operation has an action in sentence case of its own, and a description that rewords it', () => {
		const entries = operations.flatMap(menuOf);
		const actions = entries.map((entry) => entry.action ?? '');

		expect(new Set(actions).size).toBe(actions.length);
		expect(actions.filter((text) => !/^[A-Z]\S*( \S+)+[^.]$/.test(text))).toEqual([]);
		const same = entries.filter(
			(entry) => !entry.description || entry.description === entry.action,
		);
		expect(same.map(({ name }) => name)).toEqual([]);
	});

	test('operations that return many items are named Get Many', () => {
		const entries = operations.flatMap(menuOf);
		const many = entries.filter(({ value }) => value === 'getAll');

		expect(many.length).toBeGreaterThan(0);
		for (const { name, action: text } of many) {
			expect(name).toBe('Get Many');
			expect(text).toMatch(/^Get many /);
		}
		expect(entries.filter(({ name }) => /^(get all|list|search)$/i.test(name))).toEqual([]);
	});

	test('actions have no articles', () => {
		const actions = operations.flatMap(menuOf).map(({ action: text }) => String(text));

		expect(actions.length).toBeGreaterThan(40);
		expect(actions.filter((text) => /^(an?|the) | (an?|the) /i.test(text))).toEqual([]);
	});
});

describe("n8n's list of actions", () => {
	/** n8n lists the operations of each resource in the order of both menus, and legacy resources not at all. */
	const actions = action.description.properties
		.filter(({ name }) => name === 'resource')
		.flatMap(menuOf)
		.flatMap(({ value }) =>
			operations
				.filter(({ displayOptions }) => displayOptions?.show?.resource?.includes(value))
				.flatMap(menuOf)
				.map(({ action: text }) => text),
		);

	test('begins with what people do most', () => {
		const wanted = [
			'Request payment',
			'Create payment link',
			'Get many transactions',
			'Send money to people or businesses',
			'Refund (reverse) payment',
		];

		expect(actions[0]).toBe('Request payment');
		expect(actions.filter((text) => wanted.includes(String(text)))).toEqual(wanted);
	});

	test('ends with access tokens', () => {
		expect(actions.slice(-3)).toEqual([
			'Get access token info',
			'Introspect access token',
			'Revoke access token',
		]);
	});

	test('has the payment of a customer as its first trigger', () => {
		const events = trigger.description.properties.find(({ name }) => name === 'triggerOn');
		const triggers = menuOf(events ?? ({} as INodeProperties)).map(({ action: text }) => text);

		expect(triggers.slice(0, 3)).toEqual([
			'On M-Pesa payment received (Buy Goods)',
			'On M-Pesa payment reversed (Buy Goods)',
			'On business payment received (B2B)',
		]);
		expect(triggers).toContain('On result of SMS notification');
	});
});

describe('the order of the fields', () => {
	const shownForAi = action.description.properties.findIndex(
		({ name }) => name === 'allowAiToMakeChanges',
	);

	test('the permission of an AI agent comes right after the operation', () => {
		const before = action.description.properties.slice(0, shownForAi).map(({ name }) => name);

		expect(new Set(before)).toEqual(new Set(['resource', 'resourceV1', 'operation']));
		expect(before.filter((name) => name === 'operation')).toHaveLength(operations.length);
	});

	test('Callback URL is shown where nothing waits, and otherwise among the additional fields', () => {
		const top = everywhere.filter(
			({ where, property }) =>
				property.name === 'callbackUrl' && !where.includes('additionalFields'),
		);
		const canWait = new Set(
			action.description.properties
				.filter(({ name }) => name === 'waitForResult')
				.map(({ displayOptions }) => JSON.stringify(displayOptions?.show?.operation)),
		);
		const always = top.filter(
			({ property }) => !JSON.stringify(property.displayOptions).includes('waitForResult'),
		);

		expect(canWait.size).toBeGreaterThan(3);
		expect(
			new Set(always.map(({ property }) => property.displayOptions?.show?.operation?.[0])),
		).toEqual(new Set(['startSearch']));
		for (const { property } of top.filter((one) => !always.includes(one))) {
			expect(property.displayOptions?.show?.waitForResult).toEqual(['continueImmediately']);
		}
	});
});

describe('wording', () => {
	test('booleans begin with Whether', () => {
		expect(
			placesWhere(
				({ property }) =>
					property.type === 'boolean' && !property.description?.startsWith('Whether '),
			),
		).toEqual([]);
	});

	test('booleans have a boolean default', () => {
		expect(
			placesWhere(
				({ property }) => property.type === 'boolean' && typeof property.default !== 'boolean',
			),
		).toEqual([]);
	});

	test('placeholders show an example, except on buttons', () => {
		expect(
			placesWhere(({ property: { placeholder, type } }) => {
				if (placeholder === undefined) return false;
				const isButton = ['collection', 'fixedCollection'].includes(type);
				return !placeholder.startsWith(isButton ? 'Add ' : 'e.g. ');
			}),
		).toEqual([]);
	});

	test('one sentence has no full stop, and several sentences do', () => {
		const wrong = texts.filter(({ text }) => {
			const isOne = !/[.!?] [A-Z]/.test(text.replace(/\be\.g\. /g, ''));
			return isOne === text.endsWith('.');
		});

		expect(wrong).toEqual([]);
	});

	test('every text begins with a capital and has no extra spaces', () => {
		expect(texts.filter(({ text }) => !/^[A-Z0-9"']/.test(text))).toEqual([]);
		expect(texts.filter(({ text }) => / {2}|^\s|\s$/.test(text))).toEqual([]);
	});

	test('labels are in title case', () => {
		const small = /^(?:a|an|and|as|at|by|for|from|in|of|on|or|per|the|to|with)$/;
		const wrong = labels.filter(({ label }) =>
			label
				.split(/[\s(/-]+/)
				.some((word, at) => /^[a-z]/.test(word) && !(at > 0 && small.test(word))),
		);

		expect(wrong).toEqual([]);
	});

	test('there are no emoji', () => {
		const all = [...labels.map(({ label }) => label), ...texts.map(({ text }) => text)];

		expect(all.filter((text) => /\p{Extended_Pictographic}/u.test(text))).toEqual([]);
	});

	test('Simplify, Return All and Limit read as they do everywhere in n8n', () => {
		const standard: Record<string, Partial<INodeProperties>> = {
			simplify: {
				type: 'boolean',
				description:
					'Whether to return a simplified version of the response instead of the raw data',
			},
			returnAll: {
				type: 'boolean',
				description: 'Whether to return all results or only up to a given limit',
			},
			limit: { type: 'number', default: 50, description: 'Max number of results to return' },
		};
		for (const { property } of everywhere) {
			const wanted = Object.hasOwn(standard, property.name) ? standard[property.name] : undefined;
			if (wanted !== undefined) expect(property).toMatchObject(wanted);
		}
	});
});

describe('display conditions', () => {
	test('refer only to parameters of the same collection or the top level', () => {
		const topLevel = new Set(
			[action, trigger, pollingTrigger].flatMap(({ description }) =>
				description.properties.map(({ name }) => name),
			),
		);
		const astray = placesWhere(({ property, siblings }) => {
			const beside = new Set(siblings.map(({ name }) => name));
			const { show, hide } = property.displayOptions ?? {};
			return Object.keys({ ...show, ...hide }).some((name) => {
				const isTop = name.startsWith('/') && topLevel.has(name.slice(1));
				return !beside.has(name) && !isTop && !name.startsWith('@');
			});
		});

		expect(astray).toEqual([]);
	});

	test('refer only to values that the parameter can have', () => {
		const astray = everywhere.filter(({ property, siblings }) =>
			Object.entries(property.displayOptions?.show ?? {}).some(([name, values]) => {
				const menu = siblings.filter((sibling) => sibling.name === name).flatMap(menuOf);
				if (menu.length === 0) return false;
				const possible = menu.map(({ value }) => value);
				return !(values ?? []).every((value) => possible.includes(value as string));
			}),
		);

		expect(astray.map(({ where }) => where)).toEqual([]);
	});

	test('show no two fields with the same name in one operation', () => {
		const keys = action.description.properties.map(({ name, displayOptions }) =>
			JSON.stringify([name, displayOptions]),
		);

		expect(keys.filter((key, at) => keys.indexOf(key) !== at)).toEqual([]);
	});

	test('required texts have an empty default', () => {
		expect(
			placesWhere(
				({ property }) =>
					property.required === true && property.type === 'string' && property.default !== '',
			),
		).toEqual([]);
	});
});

describe('the nodes', () => {
	test.each([
		['kopoKopo', 1, action],
		// For version 1 of a trigger n8n evaluates an expression with every delivery.
		['kopoKopoTrigger', 2, trigger],
		['kopoKopoPollingTrigger', 1, pollingTrigger],
	])(
		'%s has a description that meets the requirements of n8n',
		(name, version, { description }) => {
			expect(description).toMatchObject({
				name,
				version,
				credentials: [{ name: 'kopoKopoApi', required: true }],
				outputs: [NodeConnectionTypes.Main],
				icon: {
					light: expect.stringMatching(/^file:.+\.svg$/) as string,
					dark: expect.stringMatching(/^file:.+\.dark\.svg$/) as string,
				},
			});
			expect(description.subtitle).toMatch(/^=\{\{.+\}\}$/);
			expect(description.defaults.name).toBe(description.displayName);
			expect(description.description).toMatch(/^[A-Z].*[^.]$/);
		},
	);

	test('the action node accepts items and can be the tool of an AI agent', () => {
		expect(action.description).toMatchObject({
			displayName: 'Kopo Kopo',
			group: ['transform'],
			inputs: [NodeConnectionTypes.Main],
			usableAsTool: true,
		});
	});

	test.each([
		['Kopo Kopo Trigger', trigger],
		['Kopo Kopo Polling Trigger', pollingTrigger],
	])('the %s has no input and cannot be a tool', (displayName, { description }) => {
		expect(description).toMatchObject({ displayName, group: ['trigger'], inputs: [] });
		expect(description).not.toHaveProperty('usableAsTool');
	});

	test('the polling trigger is polled, and is found by what people look for', () => {
		const { alias } = readJsonSync('nodes/KopoKopo/KopoKopoPollingTrigger.node.json') as {
			alias: string[];
		};
		const { displayName, polling } = pollingTrigger.description;
		const words = [displayName, ...alias].join('\n').toLowerCase();

		expect(polling).toBe(true);
		for (const word of ['kopo', 'mpesa', 'm-pesa', 'payment', 'safaricom', 'receipt']) {
			expect(words).toContain(word);
		}
	});

	test('the trigger sends its own responses and receives the raw body', () => {
		expect(trigger.description.webhooks).toEqual([
			{
				name: 'default',
				httpMethod: 'POST',
				responseMode: 'onReceived',
				responseData: '',
				path: 'kopo-kopo',
			},
		]);
		expect(Object.keys(trigger.webhookMethods?.default ?? {}).sort()).toEqual([
			'checkExists',
			'create',
			'delete',
		]);
	});

	test('the field of its events is named Trigger On', () => {
		const events = trigger.description.properties.find(({ name }) => name === 'triggerOn');

		expect(events).toMatchObject({
			displayName: 'Trigger On',
			required: true,
			default: ['buygoods_transaction_received'],
		});
		expect(events?.description).toBeUndefined();
	});
});

describe('codex files', () => {
	interface Codex {
		node: string;
		nodeVersion: string;
		codexVersion: string;
		categories: string[];
		resources: Record<string, Array<{ url: string }>>;
		alias: string[];
	}

	test.each([
		['KopoKopo', 'n8n-nodes-kopokopo.kopoKopo'],
		['KopoKopoTrigger', 'n8n-nodes-kopokopo.kopoKopoTrigger'],
	])('%s.node.json contains the search terms that users type', (file, node) => {
		const codex = readJsonSync(`nodes/KopoKopo/${file}.node.json`) as Codex;

		expect(codex).toMatchObject({ node, nodeVersion: '1.0', codexVersion: '1.0' });
		expect(codex.categories).toContain('Finance & Accounting');
		expect(codex.alias).toEqual(
			expect.arrayContaining(['M-Pesa', 'Till', 'Mobile Money', 'Safaricom', 'Receipt']),
		);
		expect(new Set(codex.alias).size).toBe(codex.alias.length);
		const urls = Object.values(codex.resources).flat();
		expect(urls.length).toBeGreaterThanOrEqual(2);
		expect(urls.filter(({ url }) => !/^https:\/\/\S+$/.test(url))).toEqual([]);
	});
});
