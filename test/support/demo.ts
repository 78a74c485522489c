import { readJson } from 'fs-extra';
import getPort from 'get-port';
import type { INode } from 'n8n-workflow';
import { startSandbox, type Sandbox } from '../sandbox/server';
import { errorOf, itemsOf } from './executions';
import type { N8nClient, SavedCredential, SavedWorkflow, WorkflowDraft } from './n8nClient';
import { OWNER } from './n8nConnection';
import { ROOT, RUN } from './n8nInstallation';
import { startN8n } from './n8nProcess';
import { sandboxCredentialData } from './sandboxCredential';
import { waitForPaymentRequests } from './testEnvironment';
import { credentialReference } from './workflows';

const OWN_NODES = 'n8n-nodes-kopokopo.';
const RESPONSE_DELAY_MS = 2000;
const CREDENTIAL = { name: 'Kopo Kopo (local sandbox)', type: 'kopoKopoApi' };

export interface DemoOptions {
	port: number;
	sandboxPort: number;
	/** Prints a line for the user. */
	write(line: string): void;
	/** Adds a clean-up. Clean-ups run newest first. */
	onStop(cleanUp: () => Promise<void>): void;
}

/** An error to show the user, as one sentence. */
export class DemoError extends Error {}

/**
 * Runs one payment on this machine: starts the sandbox and n8n, requests a payment, lets the customer pay, and
 * waits for the workflow that the signed webhook starts. Resolves with instructions for the user; the sandbox
 * and n8n keep running.
 */
export async function runDemo({
	port,
	sandboxPort,
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
	const n8n = await startN8n({ folder: `${RUN}/user`, port, codeNodes: true, onStop });
	write(`${elapsed()}  n8n at ${n8n.url}`);

	const { client } = n8n;
	const credential = await saveCredential(client, sandbox);
	const requestWorkflow = await saveWorkflow(client, 'askForPayment', credential);
	const triggerWorkflow = await saveWorkflow(client, 'paymentReceived', credential);
	// A new sandbox has no subscriptions. The trigger subscribes when it is activated again.
	await client.deactivate(triggerWorkflow.id);
	const { status, errors } = await client.activate(triggerWorkflow.id);
	if (status !== 'published') {
		throw new DemoError(`The trigger did not start: ${errors.join(' ') || status}`);
	}
	write(`${elapsed()}  "${triggerWorkflow.name}" is active: the trigger has subscribed`);

	const alreadyReceived = (await client.listExecutions(triggerWorkflow.id)).length;
	const executionId = await client.run(requestWorkflow.id, triggerName(requestWorkflow));
	const [requestId = ''] = await waitForPaymentRequests(sandbox, 1);
	sandbox.customer.pay(requestId);
	const requested = await client.waitForExecution(executionId);
	const [request] = itemsOf(requested, 'Kopo Kopo');
	if (requested.status !== 'success' || !request) {
		throw new DemoError(`The payment was not requested: ${errorOf(requested) ?? requested.status}`);
	}
	write(
		`${elapsed()}  "${requestWorkflow.name}" requested a payment, and the customer paid. Its item:`,
	);
	write(JSON.stringify(request.json, null, 2));

	const received = await client.waitForExecutions(triggerWorkflow.id, alreadyReceived + 1, 30_000);
	const webhook = received.at(-1);
	const [item] = webhook ? itemsOf(webhook, 'Your next step') : [];
	if (!item) throw new DemoError('The webhook started no workflow.');
	write(`${elapsed()}  "${triggerWorkflow.name}" ran on the signed webhook. Its item:`);
	write(JSON.stringify(item.json, null, 2));

	// From here on, only the user requests payments, in the editor.
	sandbox.customer.addBehaviour({ action: 'pay', afterMs: RESPONSE_DELAY_MS });
	sandbox.bank.addBehaviour({ action: 'transfer', afterMs: RESPONSE_DELAY_MS });
	return [
		`The editor is open at ${n8n.url}`,
		`  email     ${OWNER.email}`,
		`  password  ${OWNER.password}`,
		`Customers of the sandbox pay ${RESPONSE_DELAY_MS / 1000} s after a request. To change that, open ${sandbox.controlUrl}/`,
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
