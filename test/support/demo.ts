import { pathExists, readJson, remove, writeJson } from 'fs-extra';
import getPort from 'get-port';
import type { INode } from 'n8n-workflow';
import { request } from 'undici';
import { PIN } from '../sandbox/phones';
import { firstReferenceAt } from '../sandbox/references';
import { startSandbox, type Sandbox } from '../sandbox/server';
import { errorOf, itemsOf, type Execution } from './executions';
import type { N8nClient, SavedCredential, SavedWorkflow, WorkflowDraft } from './n8nClient';
import { OWNER } from './n8nConnection';
import { ROOT, RUN } from './n8nInstallation';
import { startN8n, type N8n } from './n8nProcess';
import { sandboxCredentialData } from './sandboxCredential';
import { waitFor } from './waitFor';
import { credentialReference } from './workflows';

const OWN_NODES = 'n8n-nodes-kopokopo.';
const TRIGGER = `${OWN_NODES}kopoKopoTrigger`;
const RESPONSE_DELAY_MS = 2000;
/** Where the running demo writes its addresses. A second one would use the same n8n folder. */
const ADDRESSES = `${RUN}/demo.json`;
/** How long the first workflow may take to ask for the payment, and the webhook to start the second. */
const PROMPT_TIMEOUT_MS = 30_000;
const RECEIPT_TIMEOUT_MS = 30_000;
/** The width of the labels before the lines for the user. */
const LABEL_WIDTH = 12;
/** Nodes of the workflows, whose items `--once` prints. */
const PAID = 'Thank the Customer';
const NOTED = 'Note the Payment';
const CREDENTIAL = { name: 'Kopo Kopo (local sandbox)', type: 'kopoKopoApi' };

export interface DemoOptions {
	port: number;
	sandboxPort: number;
	/** Whether the demo plays the customer itself. */
	once: boolean;
	/** Prints a line for the user. */
	write(line: string): void;
	/** Shows that a step, such as "starting n8n", is running, until the returned function is called. */
	begin(step: string): (isDone: boolean) => void;
	/** The columns of the terminal; none where the output is no terminal. */
	columns?: number;
	/** Adds a clean-up. Clean-ups run newest first. */
	onStop(cleanUp: () => Promise<void>): void;
}

/** What the user is told about the sandbox. */
type DemoSandbox = Pick<Sandbox, 'pageUrl' | 'url' | 'clientId' | 'clientSecret' | 'apiKey'>;

/** An error to show the user, as one sentence. */
export class DemoError extends Error {}

/** The demo's three workflows, in the order in which they are to be tried. */
export const WORKFLOWS = ['askForPayment', 'receivePayments', 'payListOut'] as const;

/**
 * Starts the sandbox and n8n on this machine and saves the three workflows of the demo. With `once`, plays the
 * customer: requests a payment, pays it, and waits for the workflow that the signed webhook starts. Resolves
 * with what to tell the user; the sandbox and n8n keep running. Throws DemoError if another demo is running or
 * a port is in use.
 */
export async function runDemo(options: DemoOptions): Promise<string[]> {
	const { port, sandboxPort, once, columns, write, onStop } = options;
	await requireNoOtherDemo();
	await requireFreePort(port, '--port');
	await requireFreePort(sandboxPort, '--sandbox-port');

	const sandbox = await startSandbox({
		port: sandboxPort,
		firstReference: firstReferenceAt(Date.now()),
	});
	onStop(async () => await sandbox.close());
	await writeJson(ADDRESSES, { editor: `http://127.0.0.1:${port}`, phone: sandbox.pageUrl });
	onStop(async () => await remove(ADDRESSES));

	const n8n = await startN8nStep(options);
	const { client } = n8n;
	const credential = await saveCredential(client, sandbox);
	const saved: SavedWorkflow[] = [];
	// In reverse, because n8n lists the workflow that was saved last as the first one.
	for (const file of [...WORKFLOWS].reverse()) {
		saved.unshift(await saveWorkflow(client, file, credential));
	}
	const [asking, receiving] = saved as [SavedWorkflow, SavedWorkflow];
	// A new sandbox has no subscriptions. A trigger subscribes when its workflow is published again.
	await client.deactivate(receiving.id);
	const { status, errors } = await client.activate(receiving.id);
	if (status !== 'published') {
		throw new DemoError(`The trigger did not start: ${errors.join(' ') || status}`);
	}
	await publishAgain(client, receiving.id, write);

	if (once) {
		await playCustomer({ client, sandbox, asking, receiving, write });
	} else {
		// Without the phone page open, customers pay and the bank transfers by themselves.
		sandbox.customer.addBehaviour({ action: 'pay', afterMs: RESPONSE_DELAY_MS });
		sandbox.bank.addBehaviour({ action: 'transfer', afterMs: RESPONSE_DELAY_MS });
	}
	return instructions(`${n8n.url}/workflow/${asking.id}`, sandbox, columns);
}

/**
 * Publishes the user's own workflows again, in the version that was published: only then do their Kopo Kopo
 * Triggers subscribe at the new sandbox. Prints a line about each that n8n does not publish.
 * @param except the ID of the demo's own workflow, which is published already
 */
export async function publishAgain(
	client: Pick<N8nClient, 'listWorkflows' | 'readWorkflow' | 'deactivate' | 'activate'>,
	except: string,
	write: DemoOptions['write'],
): Promise<void> {
	for (const { id, name, active } of await client.listWorkflows()) {
		if (!active || id === except) continue;
		const { activeVersion } = await client.readWorkflow(id);
		if (!activeVersion?.nodes.some(({ type }) => type === TRIGGER)) continue;
		await client.deactivate(id);
		const { status, errors } = await client.activate(id, activeVersion.versionId);
		if (status === 'published') continue;
		write(`n8n could not publish your workflow "${name}" again: ${errors.join(' ') || status}`);
	}
}

async function startN8nStep({ port, begin, onStop }: DemoOptions): Promise<N8n> {
	const end = begin('starting n8n');
	let isDone = false;
	try {
		const n8n = await startN8n({
			folder: `${RUN}/user`,
			port,
			codeNodes: true,
			env: { GENERIC_TIMEZONE: 'Africa/Nairobi' },
			onStop,
		});
		isDone = true;
		return n8n;
	} finally {
		end(isDone);
	}
}

interface Story extends Pick<DemoOptions, 'write'> {
	client: N8nClient;
	sandbox: Sandbox;
	/** The workflow that asks for a payment, and the one that receives payments. */
	asking: SavedWorkflow;
	receiving: SavedWorkflow;
}

/** Runs the first workflow, pays as the customer does, and waits for both workflows. Tells what happens. */
async function playCustomer({ client, sandbox, asking, receiving, write }: Story): Promise<void> {
	const before = new Set((await client.listExecutions(receiving.id)).map(({ id }) => id));
	const executionId = await client.run(asking.id, triggerName(asking));
	const paymentId = await waitFor('the payment request', PROMPT_TIMEOUT_MS, () => {
		const created = sandbox.ledger.requests.find(({ path }) => path.endsWith('/incoming_payments'));
		return created?.resourceId ?? undefined;
	});
	write(`"${asking.name}" has sent a payment request to the customer's phone.`);
	// Not by itself: a page that is still open from an earlier demo would make the customer wait.
	sandbox.customer.enterPin(paymentId, PIN);
	write('The customer has entered the PIN.');

	// The webhook comes first: the first workflow learns of the payment when it asks for the status again.
	const received = await waitForNewExecution(client, receiving.id, before);
	write(`"${receiving.name}" has processed the signed webhook: ${textIn(received, NOTED)}`);
	const requested = await client.waitForExecution(executionId);
	write(`"${asking.name}" has continued with the result: ${textIn(requested, PAID)}`);
}

/** The text that the node made. Throws DemoError if it made none. */
function textIn(execution: Execution, node: string): string {
	const [item] = itemsOf(execution, node);
	if (item) return String(item.json.text);
	throw new DemoError(`"${node}" returned no item: ${errorOf(execution) ?? execution.status}`);
}

/** Waits until an execution that is not one of `before` has ended, and reads it. */
async function waitForNewExecution(client: N8nClient, workflowId: string, before: Set<string>) {
	const { id } = await waitFor('the webhook to start a workflow', RECEIPT_TIMEOUT_MS, async () => {
		const executions = await client.listExecutions(workflowId);
		return executions.find((execution) => !before.has(execution.id));
	});
	return await client.waitForExecution(id);
}

/**
 * What the user needs to try the demo: five lines, each with a label. In a terminal that is `columns` wide, a
 * longer line goes on below its text.
 */
export function instructions(
	editorUrl: string,
	{ pageUrl, url, clientId, clientSecret, apiKey }: DemoSandbox,
	columns = Infinity,
): string[] {
	const lines = {
		Editor: editorUrl,
		Login: `${OWNER.email}, password ${OWNER.password}`,
		Phone: `${pageUrl} (open it beside the editor)`,
		Credential: `saved as "${CREDENTIAL.name}"; to create one yourself: Environment Custom, Base URL ${url}, Client ID ${clientId}, Client Secret ${clientSecret}, API Key ${apiKey}`,
		'Try first': `Open the phone, execute the workflow in the editor, and enter the PIN ${PIN}`,
	};
	return Object.entries(lines).map(([label, text]) =>
		[label.padEnd(LABEL_WIDTH), wrapped(text, columns - LABEL_WIDTH)].join(''),
	);
}

/** Wraps a text at spaces into lines of this width, which are indented after the first one. */
function wrapped(text: string, width: number): string {
	const lines: string[] = [];
	for (const word of text.split(' ')) {
		const longer = [...lines.slice(-1), word].join(' ');
		if (lines.length > 0 && longer.length <= width) lines.splice(-1, 1, longer);
		else lines.push(word);
	}
	return lines.join(`\n${' '.repeat(LABEL_WIDTH)}`);
}

/** Throws DemoError if the demo whose addresses are in this file is running. */
export async function requireNoOtherDemo(file = ADDRESSES): Promise<void> {
	if (!(await pathExists(file))) return;
	const { editor, phone } = (await readJson(file)) as { editor: string; phone: string };
	const isRunning = await request(phone).then(
		async ({ statusCode, body }) => {
			await body.dump();
			return statusCode === 200;
		},
		() => false,
	);
	if (!isRunning) return;
	throw new DemoError(
		`The demo is already running, with the editor at ${editor} and the phone at ${phone}. To start it again, first stop it with Ctrl-C in its terminal.`,
	);
}

async function requireFreePort(port: number, option: string): Promise<void> {
	if ((await getPort({ port, host: '127.0.0.1' })) === port) return;
	throw new DemoError(
		`Port ${port} is in use. Stop the program that uses it, or choose another port with ${option}.`,
	);
}

async function saveCredential(client: N8nClient, sandbox: Sandbox): Promise<SavedCredential> {
	const data = sandboxCredentialData(sandbox);
	const saved = (await client.listCredentials()).find(({ name }) => name === CREDENTIAL.name);
	if (!saved) return await client.createCredential(CREDENTIAL.name, CREDENTIAL.type, data);
	await client.updateCredential(saved, data);
	return saved;
}

async function saveWorkflow(
	client: N8nClient,
	file: string,
	credential: SavedCredential,
): Promise<SavedWorkflow> {
	const draft = (await readJson(`${ROOT}/test/support/demo/${file}.json`)) as WorkflowDraft;
	const workflow: WorkflowDraft = {
		...draft,
		nodes: draft.nodes.map((node) => ({
			...node,
			...(node.type.startsWith(OWN_NODES) && { credentials: credentialReference(credential) }),
		})),
	};
	const saved = (await client.listWorkflows()).find(({ name }) => name === draft.name);
	return saved
		? await client.updateWorkflow(saved.id, workflow)
		: await client.createWorkflow(workflow);
}

function triggerName({ nodes }: { nodes: INode[] }): string {
	return nodes.find(({ type }) => type.endsWith('Trigger'))?.name ?? '';
}
