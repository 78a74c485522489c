import { readJson } from 'fs-extra';
import getPort from 'get-port';
import type { INode } from 'n8n-workflow';
import { PIN } from '../sandbox/phones';
import { startSandbox, type Sandbox } from '../sandbox/server';
import { errorOf, itemsOf } from './executions';
import type { N8nClient, SavedCredential, SavedWorkflow, WorkflowDraft } from './n8nClient';
import { OWNER } from './n8nConnection';
import { ROOT, RUN } from './n8nInstallation';
import { startN8n } from './n8nProcess';
import { sandboxCredentialData } from './sandboxCredential';
import { credentialReference } from './workflows';

const OWN_NODES = 'n8n-nodes-kopokopo.';
const RESPONSE_DELAY_MS = 2000;
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
 * with what to tell the user; the sandbox and n8n keep running.
 */
export async function runDemo({
	port,
	sandboxPort,
	once,
	write,
	onStop,
}: DemoOptions): Promise<string[]> {
	const elapsed = stopwatch();
	await requireFreePort(port, '--port');
	await requireFreePort(sandboxPort, '--sandbox-port');

	const sandbox = await startSandbox({ port: sandboxPort });
	onStop(async () => await sandbox.close());
	write(`${elapsed()}  Kopo Kopo sandbox at ${sandbox.url}`);

	write(`${elapsed()}  Starting n8n …`);
	const n8n = await startN8n({
		folder: `${RUN}/user`,
		port,
		codeNodes: true,
		env: { GENERIC_TIMEZONE: 'Africa/Nairobi' },
		onStop,
	});
	write(`${elapsed()}  n8n at ${n8n.url}`);

	const { client } = n8n;
	const credential = await saveCredential(client, sandbox);
	const saved: SavedWorkflow[] = [];
	for (const file of WORKFLOWS) saved.push(await saveWorkflow(client, file, credential));
	const [request, receipt] = saved as [SavedWorkflow, SavedWorkflow];
	// A new sandbox has no subscriptions. The trigger subscribes when it is activated again.
	await client.deactivate(receipt.id);
	const { status, errors } = await client.activate(receipt.id);
	if (status !== 'published') {
		throw new DemoError(`The trigger did not start: ${errors.join(' ') || status}`);
	}
	write(`${elapsed()}  "${receipt.name}" is active: the trigger has subscribed`);

	// Without the phone page open, customers pay and the bank transfers by themselves.
	sandbox.customer.addBehaviour({ action: 'pay', afterMs: RESPONSE_DELAY_MS });
	sandbox.bank.addBehaviour({ action: 'transfer', afterMs: RESPONSE_DELAY_MS });
	if (once) await playCustomer(client, request, receipt, (line) => write(`${elapsed()}  ${line}`));
	return instructions(`${n8n.url}/workflow/${request.id}`, sandbox);
}

/** Requests a payment, which the sandbox's customer pays, and waits for both workflows. */
async function playCustomer(
	client: N8nClient,
	request: SavedWorkflow,
	receipt: SavedWorkflow,
	write: (line: string) => void,
): Promise<void> {
	const alreadyReceived = (await client.listExecutions(receipt.id)).length;
	const executionId = await client.run(request.id, triggerName(request));
	const requested = await client.waitForExecution(executionId);
	const [paid] = itemsOf(requested, PAID);
	if (requested.status !== 'success' || !paid) {
		throw new DemoError(`The customer did not pay: ${errorOf(requested) ?? requested.status}`);
	}
	write(`"${request.name}" requested a payment, and the customer paid: ${String(paid.json.text)}`);

	const received = await client.waitForExecutions(receipt.id, alreadyReceived + 1, 30_000);
	const delivery = received.at(-1);
	const [item] = delivery ? itemsOf(delivery, NOTED) : [];
	if (!item) throw new DemoError('The webhook started no workflow.');
	write(`"${receipt.name}" ran on the signed webhook: ${String(item.json.text)}`);
}

/** What the user needs to try the demo: five lines. */
export function instructions(
	editorUrl: string,
	{ pageUrl, url, clientId, clientSecret, apiKey }: DemoSandbox,
): string[] {
	return [
		`Editor      ${editorUrl}`,
		`Login       ${OWNER.email}, password ${OWNER.password}`,
		`Phone       ${pageUrl} (open it beside the editor)`,
		`Credential  saved as "${CREDENTIAL.name}"; to make one yourself: Environment Custom, Base URL ${url}, Client ID ${clientId}, Client Secret ${clientSecret}, API Key ${apiKey}`,
		`Try first   Open the phone, execute the workflow in the editor, and enter the PIN ${PIN}`,
	];
}

/** Seconds since the last call, as a column. */
function stopwatch(): () => string {
	let last = Date.now();
	return () => {
		const seconds = (Date.now() - last) / 1000;
		last = Date.now();
		return `${seconds.toFixed(1).padStart(5)} s`;
	};
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
