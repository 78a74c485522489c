import { readFile } from 'fs-extra';
import {
	NodeHelpers,
	type INode,
	type INodeParameters,
	type INodeProperties,
	type INodePropertyCollection,
	type INodeTypeDescription,
} from 'n8n-workflow';
import { KopoKopo } from '../../nodes/KopoKopo/KopoKopo.node';
import { KopoKopoPollingTrigger } from '../../nodes/KopoKopo/KopoKopoPollingTrigger.node';
import { KopoKopoTrigger } from '../../nodes/KopoKopo/KopoKopoTrigger.node';
import { EXAMPLES, exampleNames, readExample } from '../support/exampleFiles';
import type { WorkflowDraft } from '../support/n8nClient';

const NOTE = 'n8n-nodes-base.stickyNote';
const ONCE = 'n8n-nodes-base.removeDuplicates';
const POLLING = 'n8n-nodes-kopokopo.kopoKopoPollingTrigger';
const DELIVERED = 'n8n-nodes-kopokopo.kopoKopoTrigger';
const SWITCH = 'n8n-nodes-base.switch';
const CHAT = '@n8n/n8n-nodes-langchain.chatTrigger';
/** What is allowed between a trigger and its Remove Duplicates, since it changes nothing anywhere. */
const READING = new Map<string, (parameters: INode['parameters']) => boolean>([
	['n8n-nodes-kopokopo.kopoKopo', ({ operation }) => operation === 'getAll'],
	['n8n-nodes-base.googleSheets', ({ operation }) => (operation ?? 'read') === 'read'],
]);
/** Nodes that may run twice with an item, since the second run changes the same row. */
const isUpsert = ({ type, parameters }: INode) =>
	type === 'n8n-nodes-base.googleSheets' && parameters.operation === 'appendOrUpdate';
/** Wait for several branches; what reads on one of them is no event that could come twice. */
const JOINS = new Set(['n8n-nodes-base.compareDatasets', 'n8n-nodes-base.merge']);
/** Where a person reads what a workflow does not decide by itself. */
const PERSON = new Set(['n8n-nodes-base.slack', 'n8n-nodes-base.gmail', 'n8n-nodes-base.telegram']);
const MONEY = new Map([
	['paymentRequest', ['request']],
	['paymentLink', ['create']],
	['sendMoney', ['toPeopleOrBusinesses', 'toMyAccount', 'settleEverythingToMyAccounts']],
	['reversal', ['refund']],
]);

/** n8n adds this parameter to each node that polls. */
function withPollTimes(description: INodeTypeDescription): INodeTypeDescription {
	const pollTimes: INodeProperties = {
		displayName: 'Poll Times',
		name: 'pollTimes',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		default: {},
		options: [
			{
				name: 'item',
				displayName: 'Item',
				values: [
					{
						displayName: 'Mode',
						name: 'mode',
						type: 'options',
						options: [{ name: 'Every X', value: 'everyX' }],
						default: 'everyX',
					},
					{ displayName: 'Value', name: 'value', type: 'number', default: 2 },
					{
						displayName: 'Unit',
						name: 'unit',
						type: 'options',
						options: [{ name: 'Minutes', value: 'minutes' }],
						default: 'minutes',
					},
				],
			},
		],
	};
	return { ...description, properties: [pollTimes, ...description.properties] };
}

const own: Record<string, INodeTypeDescription> = {
	'n8n-nodes-kopokopo.kopoKopo': new KopoKopo().description,
	'n8n-nodes-kopokopo.kopoKopoTrigger': new KopoKopoTrigger().description,
	[POLLING]: withPollTimes(new KopoKopoPollingTrigger().description),
};
/** As n8n makes a tool of a node: with a description for the model, and without inputs. */
const tool: INodeTypeDescription = {
	...new KopoKopo().description,
	name: 'kopoKopoTool',
	properties: [
		{ displayName: 'Set Description', name: 'descriptionType', type: 'string', default: 'auto' },
		{ displayName: 'Description', name: 'toolDescription', type: 'string', default: '' },
		...new KopoKopo().description.properties,
	],
};

const isTrigger = ({ type }: INode) => /Trigger$/.test(type);
const isMoney = ({ type, parameters }: INode) => {
	if (!type.startsWith('n8n-nodes-kopokopo.kopoKopo') || type.endsWith('Trigger')) return false;
	const { resource = 'paymentRequest', operation = 'request' } = parameters;
	return MONEY.get(String(resource))?.includes(String(operation)) ?? false;
};

/** The nodes that a node's output leads to; every output when none is named. */
function after({ nodes, connections }: WorkflowDraft, { name }: INode, output?: number): INode[] {
	const outputs = connections[name]?.main ?? [];
	const targets = output === undefined ? outputs.flat() : (outputs[output] ?? []);
	return targets.flatMap((target) => nodes.find((node) => node.name === target?.node) ?? []);
}

/** All nodes that can run after this one, by way of one of its outputs or of any. */
function downstream(workflow: WorkflowDraft, node: INode, output?: number): INode[] {
	const found = new Set<INode>();
	const queue = after(workflow, node, output);
	for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
		if (found.has(next)) continue;
		found.add(next);
		queue.push(...after(workflow, next));
	}
	return [...found];
}

/** Values of a node's parameters that its description does not offer, as `path: value`. */
function strays(description: INodeTypeDescription, node: INode): string[] {
	const { properties } = description;
	const { parameters } = node;
	const known = NodeHelpers.getNodeParameters(
		properties,
		parameters,
		true,
		false,
		node,
		description,
	);
	const filled = { ...node, parameters: known ?? {} };
	const issues = NodeHelpers.getNodeParametersIssues(properties, filled, description);
	const refused = Object.entries(issues?.parameters ?? {}).map(
		([name, why]) => `${name}: ${why.join()}`,
	);
	const shown = properties.filter((property) =>
		NodeHelpers.displayParameter(known ?? {}, property, node, description),
	);
	return [...lost(parameters, known), ...refused, ...misfits(shown, known ?? {})];
}

/** Values, also inside of collections, that are not on their list or of another type. */
function misfits(properties: INodeProperties[], values: INodeParameters): string[] {
	return properties.flatMap(({ name, type, options = [] }) => {
		const value = values[name];
		if (value === undefined) return [];
		if (type === 'options' || type === 'multiOptions') {
			const allowed = options.map((option) => ('value' in option ? option.value : undefined));
			return [value]
				.flat()
				.filter((one) => !allowed.includes(one as string) && !String(one).startsWith('='))
				.map((one) => `${name}: ${JSON.stringify(one)} is not on the list`);
		}
		if (type === 'boolean' || type === 'number') {
			const isRight = typeof value === type || String(value).startsWith('=');
			return isRight ? [] : [`${name}: ${JSON.stringify(value)} is no ${type}`];
		}
		if (type === 'collection') {
			return misfits(options as INodeProperties[], value as INodeParameters);
		}
		if (type !== 'fixedCollection') return [];
		return (options as INodePropertyCollection[]).flatMap((group) =>
			[(value as INodeParameters)[group.name] ?? []]
				.flat()
				.flatMap((row) => misfits(group.values, row as INodeParameters)),
		);
	});
}

function lost(given: unknown, kept: unknown, path = ''): string[] {
	if (typeof given !== 'object' || given === null) {
		return given === kept ? [] : [`${path}: ${JSON.stringify(given)}`];
	}
	return Object.entries(given).flatMap(([key, value]) => {
		const counterpart = (kept as Record<string, unknown> | undefined)?.[key];
		return lost(value, counterpart, path === '' ? key : `${path}.${key}`);
	});
}

let names: string[] = [];
let examples: Array<[name: string, workflow: WorkflowDraft, text: string]> = [];

beforeAll(async () => {
	names = await exampleNames();
	examples = await Promise.all(
		names.map(
			async (name): Promise<(typeof examples)[number]> => [
				name,
				await readExample(name),
				await readFile(`${EXAMPLES}/${name}.json`, 'utf8'),
			],
		),
	);
});

/** What is wrong in any example; the rule is written once and holds for all of them. */
const findings = (rule: (workflow: WorkflowDraft, text: string) => string[]) =>
	examples.flatMap(([name, workflow, text]) =>
		rule(workflow, text).map((what) => `${name}: ${what}`),
	);

it('there are twelve examples, and their README links each of them and its picture', async () => {
	expect(names).toHaveLength(12);
	const readme = await readFile(`${EXAMPLES}/README.md`, 'utf8');
	for (const [name, { name: title }] of examples) {
		expect(readme).toContain(`(${name}.json)`);
		expect(readme).toContain(`(pictures/${name}.png)`);
		expect(readme).toContain(title);
	}
	const linked = [...readme.matchAll(/\(([a-z-]+)\.json\)/g)].map(([, name]) => name);
	expect([...new Set(linked)].sort()).toEqual(names);
});

it('an example contains only a workflow: no credentials, no data, no real phone numbers', () => {
	const rules = findings((workflow, text) => {
		const keys = Object.keys(workflow).filter(
			(key) => !['name', 'nodes', 'connections', 'settings', 'tags'].includes(key),
		);
		const secrets = [
			/"credentials"/,
			/(\+?254|\b0)\s?[17]\d{2}\s?\d{3}\s?\d{3}/,
			/\bK?\d{6,}\b/,
			/xox[abp]-|sk-[A-Za-z0-9]|pat-|Bearer |-----BEGIN/,
			/spreadsheets\/d\/(?!PUT-THE-ADDRESS)/,
			/@(?!mpesa\.example\.com|example\.com|n8n\/)[a-z0-9-]+\.[a-z]/,
			/hooks\.slack\.com|https?:\/\/(?!docs\.google\.com)/,
		];
		// Ids of nodes and their webhooks are made up.
		const bare = text
			.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '')
			.replace(/"historySize": 100000/g, '');
		const found = secrets.flatMap((secret) => secret.exec(bare)?.[0] ?? []);
		return [...keys, ...found];
	});
	expect(rules).toEqual([]);
	for (const [, { settings }] of examples) {
		expect(settings).toEqual({ executionOrder: 'v1', timezone: 'Africa/Nairobi' });
	}
});

it('connections link existing nodes, and every node has its own name and position', () => {
	const rules = findings(({ nodes, connections }) => {
		const known = new Set(nodes.map(({ name }) => name));
		const ends = Object.entries(connections).flatMap(([from, kinds]) => [
			from,
			...Object.values(kinds).flatMap((outputs) =>
				outputs.flatMap((targets) => (targets ?? []).map(({ node }) => node)),
			),
		]);
		const loose = nodes.filter(({ name, type }) => type !== NOTE && !ends.includes(name));
		const references = [...JSON.stringify(nodes).matchAll(/\$\((?:'|\\")(.+?)(?:'|\\")\)/g)];
		return [
			...ends.filter((name) => !known.has(name)),
			...loose.map(({ name }) => `${name} is not connected`),
			...references.map(([, name = '']) => name).filter((name) => !known.has(name)),
			...(known.size < nodes.length ? ['two nodes with one name'] : []),
			...(new Set(nodes.map(({ id }) => id)).size < nodes.length ? ['two equal ids'] : []),
		];
	});
	expect(rules).toEqual([]);
});

it('notes explain the setup, and no element covers another', () => {
	const rules = findings(({ nodes }) => {
		const boxes = nodes.map(({ name, type, position: [x, y], parameters }) => {
			const isNote = type === NOTE;
			// A node's name stands below it.
			const width = isNote ? Number(parameters.width) : 180;
			const height = isNote ? Number(parameters.height) : 150;
			return { name, left: isNote ? x : x - 42, top: y, width, height };
		});
		const covered = boxes.flatMap((one, index) =>
			boxes
				.slice(index + 1)
				.filter(
					(other) =>
						one.left < other.left + other.width &&
						other.left < one.left + one.width &&
						one.top < other.top + other.height &&
						other.top < one.top + one.height,
				)
				.map((other) => `${one.name} covers ${other.name}`),
		);
		const offGrid = nodes.filter(
			({ type, position }) => type !== NOTE && position.some((place) => place % 220 !== 0),
		);
		const notes = nodes.filter(({ type }) => type === NOTE);
		const setUp = String(notes[0]?.parameters.content);
		const kinds = [/Kopo Kopo/, /### Setup/];
		return [
			...covered,
			...offGrid.map(({ name }) => `${name} is off the grid`),
			...(notes.length < 3 ? ['too few notes'] : []),
			...kinds.filter((kind) => !kind.test(setUp)).map((kind) => `the first note lacks ${kind}`),
		];
	});
	expect(rules).toEqual([]);
});

/** Whether payments come again until they are processed, which Remove Duplicates would prevent. */
const isPolled = ({ nodes }: WorkflowDraft) => nodes.some(({ type }) => type === POLLING);

it('what a polling trigger gives updates a row, and no Remove Duplicates drops it', () => {
	const rules = findings((workflow) =>
		isPolled(workflow)
			? workflow.nodes
					.filter((node) => node.type !== NOTE && !isTrigger(node) && !isUpsert(node))
					.map(({ name }) => name)
			: [],
	);
	expect(rules).toEqual([]);
	expect(examples.filter(([, workflow]) => isPolled(workflow))).toHaveLength(2);
});

/** Whether running a node twice with an item leaves only a second message, which does no harm. */
const isRepeatable = (node: INode) =>
	isUpsert(node) || PERSON.has(node.type) || node.type === SWITCH;

/** Whether the workflow only updates rows and tells people what the Kopo Kopo Trigger reports. */
const isRepeatableAfterDelivery = (workflow: WorkflowDraft, trigger: INode) =>
	trigger.type === DELIVERED && downstream(workflow, trigger).every(isRepeatable);

it('Remove Duplicates comes before every other node that must not run twice', () => {
	const rules = findings((workflow) =>
		workflow.nodes
			// Two equal questions are two questions.
			.filter((node) => isTrigger(node) && node.type !== CHAT && !isPolled(workflow))
			.filter((trigger) => !isRepeatableAfterDelivery(workflow, trigger))
			.flatMap((trigger) => {
				const reached: INode[] = [];
				const queue = after(workflow, trigger);
				for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
					if (next.type === ONCE || reached.includes(next)) continue;
					const isReading = READING.get(next.type)?.(next.parameters) ?? false;
					if (isReading) queue.push(...after(workflow, next, 0));
					reached.push(next);
				}
				const unguarded = reached.filter(
					({ type, parameters }) => !(READING.get(type)?.(parameters) ?? false) && !JOINS.has(type),
				);
				const guards = downstream(workflow, trigger).filter(({ type }) => type === ONCE);
				return [
					...unguarded.map(({ name }) => `${name} before Remove Duplicates`),
					...(guards.length === 0 ? [`${trigger.name} without Remove Duplicates`] : []),
				];
			}),
	);
	expect(rules).toEqual([]);
});

it('the Kopo Kopo Trigger ignores duplicates itself where no Remove Duplicates follows', () => {
	const rules = findings((workflow) =>
		workflow.nodes
			.filter((node) => isRepeatableAfterDelivery(workflow, node))
			.filter(({ parameters }) => JSON.stringify(parameters).includes('ignoreDuplicates'))
			.map(({ name }) => name),
	);
	expect(rules).toEqual([]);
	const found = examples.filter(([, workflow]) =>
		workflow.nodes.some((node) => isRepeatableAfterDelivery(workflow, node)),
	);
	expect(found.map(([name]) => name)).toEqual([
		'alert-on-reversals-and-settlements',
		'alert-on-reversals-and-settlements-by-email',
		'every-payment-once',
		'log-payments-to-sheets-and-slack',
	]);
});

it('nodes that move money have an error branch, and unknown outcomes alert a person and move no money', () => {
	const rules = findings((workflow) =>
		workflow.nodes.filter(isMoney).flatMap((node) => {
			const { name, type } = node;
			if (type.endsWith('Tool')) {
				const [review] = (workflow.connections[name]?.ai_tool ?? []).flatMap((to) => to ?? []);
				const reviewer = workflow.nodes.find((other) => other.name === review?.node);
				return reviewer?.type.endsWith('HitlTool') ? [] : [`${name} without a review`];
			}
			const switches = after(workflow, node, 0);
			const [decision] = switches;
			const isSwitch = switches.length === 1 && decision?.type === 'n8n-nodes-base.switch';
			if (!isSwitch) return [`${name} is not followed by a Switch`];
			const { rules: cases, options } = decision.parameters as {
				rules: { values: unknown[] };
				options: { fallbackOutput?: string };
			};
			const unknown = downstream(workflow, decision, cases.values.length);
			return [
				...(node.onError === 'continueErrorOutput' ? [] : [`${name} without an error branch`]),
				...(after(workflow, node, 1).length > 0 ? [] : [`the error branch of ${name} is empty`]),
				...(node.retryOnFail === true ? [`${name} is tried again`] : []),
				...(options.fallbackOutput === 'extra' ? [] : [`${decision.name} without a fallback`]),
				...(unknown.some((one) => PERSON.has(one.type)) ? [] : [`${name}: unknown, nobody told`]),
				...downstream(workflow, node)
					.filter(isMoney)
					.map((next) => `${next.name} can move money after ${name}`),
			];
		}),
	);
	expect(rules).toEqual([]);
	const money = examples.flatMap(([, { nodes }]) => nodes.filter(isMoney));
	expect(money.length).toBeGreaterThan(3);
});

it('every Kopo Kopo node has only parameters and values that its description offers', () => {
	const rules = findings(({ nodes }) =>
		nodes
			.filter(({ type }) => type.startsWith('n8n-nodes-kopokopo.'))
			.flatMap((node) => {
				const description = node.type.endsWith('Tool') ? tool : own[node.type];
				if (description === undefined) return [`${node.name} is no node of this package`];
				const isVersion = [description.version].flat().includes(node.typeVersion);
				return [
					...(isVersion ? [] : [`${node.name} has version ${node.typeVersion}`]),
					...strays(description, node).map((stray) => `${node.name}, ${stray}`),
				];
			}),
	);
	expect(rules).toEqual([]);
});

it('the rules detect violations', () => {
	const [, links] =
		examples.find(([name]) => name === 'send-payment-links-for-unpaid-invoices') ?? [];
	const node = links?.nodes.find(({ name }) => name === 'Create a Payment Link');
	const description = own['n8n-nodes-kopokopo.kopoKopo'];
	if (node === undefined || description === undefined) throw new Error('It is gone');
	const changed = (parameters: INode['parameters']) =>
		strays(description, { ...node, parameters: { ...node.parameters, ...parameters } });
	expect(changed({})).toEqual([]);
	expect(changed({ renamed: 'x' })).toEqual(['renamed: "x"']);
	expect(changed({ operation: 'make' })).toContain('operation: "make" is not on the list');
	expect(changed({ simplify: 'yes' }).join()).toContain('simplify');
	expect(changed({ options: { key: 'x' } })).toEqual(['options.key: "x"']);
	expect(changed({ amount: '' }).join()).toContain('Amount');
});
