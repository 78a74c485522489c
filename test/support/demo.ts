import { readJson } from 'fs-extra';
import getPort from 'get-port';
import type { ICredentialDataDecryptedObject, INode } from 'n8n-workflow';
import { startSandbox, type Sandbox } from '../sandbox/server';
import {
	errorOf,
	eventually,
	itemsOf,
	OWNER,
	type N8nClient,
	type SavedCredential,
	type SavedWorkflow,
	type WorkflowDraft,
} from './n8nClient';
import { ROOT, RUN, startN8n } from './n8nProcess';

const OWN_NODES = 'n8n-nodes-kopokopo.';
const ANSWER_AFTER_MS = 2000;
const CREDENTIAL = { name: 'Kopo Kopo (local sandbox)', type: 'kopoKopoApi' };

export interface DemoOptions {
	port: number;
	sandboxPort: number;
	/** Takes what the person at the terminal is to read, line by line. */
	write(line: string): void;
	/** Takes a clean-up the moment there is something to clean up; they run newest first. */
	onStop(cleanUp: () => Promise<void>): void;
}

/** A sentence for the person at the terminal, who can do something about it. */
export class DemoStopped extends Error {}

/**
 * The main job on this machine, from nothing to a signed webhook: starts the sandbox and n8n, asks a
 * customer for a payment, lets the customer pay and waits for the workflow that the webhook starts.
 * Resolves with everything still running, and with what to tell about it.
 */
export async function runDemo({
	port,
	sandboxPort,
	write,
	onStop,
}: DemoOptions): Promise<string[]> {
	const clock = stopwatch();
	await claimPort(port, '--port');
	await claimPort(sandboxPort, '--sandbox-port');

	const sandbox = await startSandbox({ port: sandboxPort });
	onStop(async () => await sandbox.close());
	write(`${clock()}  Kopo Kopo sandbox at ${sandbox.url}`);

	write(`${clock()}  Starting n8n …`);
	const n8n = await startN8n({ folder: `${RUN}/user`, port, codeNodes: true, onStop });
	write(`${clock()}  n8n at ${n8n.url}`);

	const { client } = n8n;
	const credential = await saveCredential(client, sandbox);
	const asking = await saveWorkflow(client, 'askForPayment', credential);
	const receiving = await saveWorkflow(client, 'paymentReceived', credential);
	// The sandbox forgets everything when it ends; taken offline first, the trigger subscribes anew.
	await client.deactivate(receiving.id);
	const { status, errors } = await client.activate(receiving.id);
	if (status !== 'published') {
		throw new DemoStopped(`The trigger did not start: ${errors.join(' ') || status}`);
	}
	write(`${clock()}  "${receiving.name}" is active: the trigger has subscribed`);

	const alreadyReceived = (await client.listExecutions(receiving.id)).length;
	const executionId = await client.run(asking.id, nameOfTrigger(asking));
	const requestId = await eventually('the payment request to reach the sandbox', 30_000, async () =>
		sandbox.ledger.requests
			.find(({ method, path }) => method === 'POST' && path === '/api/v2/incoming_payments')
			?.resourceId?.toString(),
	);
	sandbox.customer.pay(requestId);
	const asked = await client.waitForExecution(executionId);
	const [request] = itemsOf(asked, 'Kopo Kopo');
	if (asked.status !== 'success' || !request) {
		throw new DemoStopped(`The payment was not asked for: ${errorOf(asked) ?? asked.status}`);
	}
	write(`${clock()}  "${asking.name}" asked the customer, who paid; its item:`);
	write(JSON.stringify(request.json, null, 2));

	const received = await client.waitForExecutions(receiving.id, alreadyReceived + 1, 30_000);
	const webhook = received.at(-1);
	const [item] = webhook ? itemsOf(webhook, 'Your next step') : [];
	if (!item) throw new DemoStopped('The webhook started no workflow.');
	write(`${clock()}  "${receiving.name}" ran on the signed webhook; its item:`);
	write(JSON.stringify(item.json, null, 2));

	// From here on a person at the editor is the only one who asks for payments.
	sandbox.customer.addBehaviour({ action: 'pay', afterMs: ANSWER_AFTER_MS });
	sandbox.bank.addBehaviour({ action: 'transfer', afterMs: ANSWER_AFTER_MS });
	return [
		`The editor is open at ${n8n.url}`,
		`  email     ${OWNER.email}`,
		`  password  ${OWNER.password}`,
		`Customers of the sandbox pay ${ANSWER_AFTER_MS / 1000} s after they are asked; ${sandbox.controlUrl}/ changes that.`,
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

async function claimPort(port: number, option: string): Promise<void> {
	if ((await getPort({ port, host: '127.0.0.1' })) === port) return;
	throw new DemoStopped(
		`Port ${port} is taken: end what runs there, or choose another one with ${option}.`,
	);
}

async function saveCredential(client: N8nClient, sandbox: Sandbox): Promise<SavedCredential> {
	const data: ICredentialDataDecryptedObject = {
		environment: 'custom',
		baseUrl: sandbox.url,
		clientId: sandbox.clientId,
		clientSecret: sandbox.clientSecret,
		apiKey: sandbox.apiKey,
		oauthBaseUrl: '',
		accessToken: '',
	};
	const saved = (await client.listCredentials()).find(({ name }) => name === CREDENTIAL.name);
	if (!saved) return await client.createCredential(CREDENTIAL.name, CREDENTIAL.type, data);
	await client.updateCredential(saved, data);
	return saved;
}

async function saveWorkflow(
	client: N8nClient,
	file: string,
	{ id, name, type }: SavedCredential,
): Promise<SavedWorkflow> {
	const draft = (await readJson(`${ROOT}/test/support/demo/${file}.json`)) as WorkflowDraft;
	const ready: WorkflowDraft = {
		...draft,
		nodes: draft.nodes.map((node) => ({
			...node,
			...(node.type.startsWith(OWN_NODES) && { credentials: { [type]: { id, name } } }),
		})),
	};
	const saved = (await client.listWorkflows()).find((workflow) => workflow.name === draft.name);
	return saved ? await client.updateWorkflow(saved.id, ready) : await client.createWorkflow(ready);
}

function nameOfTrigger({ nodes }: { nodes: INode[] }): string {
	return nodes.find(({ type }) => type.endsWith('Trigger'))?.name ?? '';
}
