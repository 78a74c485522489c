import { createHash } from 'node:crypto';
import { pathExists, readdir, readFile, readJson } from 'fs-extra';
import type { INodeParameters, INodeProperties, INodeTypeDescription } from 'n8n-workflow';
import { KopoKopoApi } from '../../credentials/KopoKopoApi.credentials';
import { Shown } from '../editor/visibleFields';
import type { WorkflowDraft } from '../support/n8nClient';

export const NODE_PICTURES = '.github/pictures';
export const EXAMPLE_PICTURES = 'examples/pictures';
/** What each picture was made from, as hashes: how a test knows that one is out of date. */
export const MADE_FROM = `${NODE_PICTURES}/made-from.json`;

const ICONS = ['icons/kopokopo.svg', 'icons/kopokopo.dark.svg'];

/** What the pictures of the node show it set to. */
export const PAYMENT_REQUEST: INodeParameters = {
	resource: 'incomingPayment',
	operation: 'create',
	waitForResult: 'poll',
	tillNumber: 'K000001',
	phoneNumber: '0712 345 678',
	amount: '1,500',
};
export const RECEIVING: INodeParameters = {
	events: ['buygoods_transaction_received'],
	scope: 'company',
};
export const LOOKING_UP: INodeParameters = {
	resource: 'incomingPayment',
	operation: 'get',
	incomingPaymentId: "={{ $fromAI('payment_request_id', 'Which payment to look up', 'string') }}",
};

/** An example workflow and where its picture is. */
export interface Example {
	picture: string;
	workflow: WorkflowDraft;
}

/** Every workflow in `examples`; none before there is one. */
export async function examples(): Promise<Example[]> {
	const files = (await pathExists('examples')) ? await readdir('examples') : [];
	const names = files.filter((file) => file.endsWith('.json')).map((file) => file.slice(0, -5));
	return await Promise.all(
		names.sort().map(async (name) => ({
			picture: `${EXAMPLE_PICTURES}/${name}.png`,
			workflow: (await readJson(`examples/${name}.json`)) as WorkflowDraft,
		})),
	);
}

/** What a picture shows of a field; its help text is behind a question mark. */
const seenOf = ({ displayName, type, placeholder, default: unset, required }: INodeProperties) => ({
	displayName,
	type,
	placeholder,
	unset,
	required,
});

const seenOfNode = (description: INodeTypeDescription, parameters: INodeParameters) => [
	description.displayName,
	new Shown(description, parameters).fields().map(seenOf),
];

/** The descriptions of the two nodes. */
export interface Nodes {
	action: INodeTypeDescription;
	trigger: INodeTypeDescription;
}

/** The hash of what each picture shows, by the picture's path. */
export async function sourceHashes({ action, trigger }: Nodes): Promise<Record<string, string>> {
	const icons = await Promise.all(ICONS.map(async (file) => await readFile(file, 'utf8')));
	const tool = { ...action, name: `${action.name}Tool` };
	const notices = trigger.properties.filter(({ type }) => type === 'notice').map(seenOf);
	const shown: Record<string, unknown> = {
		workflow: [action.subtitle, action.displayName],
		credential: new KopoKopoApi().properties.map(seenOf),
		trigger: [seenOfNode(trigger, RECEIVING), notices],
		'payment-request': seenOfNode(action, PAYMENT_REQUEST),
		error: seenOfNode(action, PAYMENT_REQUEST),
		'ai-tool': seenOfNode(tool, LOOKING_UP),
	};
	const hashes = Object.entries(shown).map(([name, what]) => [
		`${NODE_PICTURES}/${name}.png`,
		hashOf([icons, what]),
	]);
	const ofExamples = (await examples()).map(({ picture, workflow }) => [picture, hashOf(workflow)]);
	return Object.fromEntries([...hashes, ...ofExamples]) as Record<string, string>;
}

function hashOf(what: unknown): string {
	return createHash('sha256').update(JSON.stringify(what)).digest('hex').slice(0, 16);
}
