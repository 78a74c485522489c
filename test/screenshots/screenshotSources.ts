import { createHash } from 'node:crypto';
import { pathExists, readdir, readFile, readJson } from 'fs-extra';
import type { INodeParameters, INodeProperties, INodeTypeDescription } from 'n8n-workflow';
import { KopoKopoApi } from '../../credentials/KopoKopoApi.credentials';
import { VisibleFields } from '../editor/visibleFields';
import type { WorkflowDraft } from '../support/n8nClient';

export const NODE_PICTURES = '.github/pictures';
export const EXAMPLE_PICTURES = 'examples/pictures';
/** Hashes of what each screenshot shows, by which a test knows whether one is out of date. */
export const MADE_FROM = `${NODE_PICTURES}/made-from.json`;

/** The workflow in the screenshot of the demo. */
export const DEMO_WORKFLOW = 'test/support/demo/askForPayment.json';

const ICONS = ['icons/kopokopo.svg', 'icons/kopokopo.dark.svg'];

/** The parameters of the nodes in the screenshots. */
export const PAYMENT_REQUEST: INodeParameters = {
	resource: 'paymentRequest',
	operation: 'request',
	waitForResult: 'keepChecking',
	tillNumber: 'K000001',
	phoneNumber: '0712 345 678',
	amount: '1,500',
};
export const TRIGGER_SETTINGS: INodeParameters = {
	triggerOn: ['buygoods_transaction_received'],
	scope: 'company',
};
export const PAYMENT_LOOKUP: INodeParameters = {
	resource: 'paymentRequest',
	operation: 'get',
	paymentRequestId: "={{ $fromAI('payment_request_id', 'Which payment to look up', 'string') }}",
};

/** An example workflow and the path of its screenshot. */
export interface Example {
	picture: string;
	workflow: WorkflowDraft;
}

/** Every workflow in `examples`. */
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

/** What a screenshot shows of a field. Its description is behind a question mark. */
const visibleParts = ({
	displayName,
	type,
	placeholder,
	default: unset,
	required,
}: INodeProperties) => ({
	displayName,
	type,
	placeholder,
	unset,
	required,
});

const visiblePartsOfNode = (description: INodeTypeDescription, parameters: INodeParameters) => [
	description.displayName,
	new VisibleFields(description, parameters).fields().map(visibleParts),
];

/** The descriptions of the two nodes. */
export interface NodeDescriptions {
	action: INodeTypeDescription;
	trigger: INodeTypeDescription;
}

/** The hash of what each screenshot shows, by its path. */
export async function sourceHashes({
	action,
	trigger,
}: NodeDescriptions): Promise<Record<string, string>> {
	const icons = await Promise.all(ICONS.map(async (file) => await readFile(file, 'utf8')));
	const tool = { ...action, name: `${action.name}Tool` };
	const notices = trigger.properties.filter(({ type }) => type === 'notice').map(visibleParts);
	const shown: Record<string, unknown> = {
		workflow: [action.subtitle, action.displayName],
		credential: new KopoKopoApi().properties.map(visibleParts),
		trigger: [visiblePartsOfNode(trigger, TRIGGER_SETTINGS), notices],
		'payment-request': visiblePartsOfNode(action, PAYMENT_REQUEST),
		error: visiblePartsOfNode(action, PAYMENT_REQUEST),
		'ai-tool': visiblePartsOfNode(tool, PAYMENT_LOOKUP),
		demo: [action.subtitle, await readJson(DEMO_WORKFLOW)],
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
