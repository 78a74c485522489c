import { randomUUID } from 'node:crypto';
import type {
	ICredentialDataDecryptedObject,
	IDataObject,
	INode,
	INodeParameters,
} from 'n8n-workflow';
import { startSandbox, type Sandbox } from '../sandbox/server';
import type { N8nClient, SavedCredential } from './n8nClient';
import { sandboxCredentialData } from './sandboxCredential';
import { waitFor } from './waitFor';
import {
	branches,
	branchNodes,
	chain,
	KOPO_KOPO,
	kopoKopoNode,
	node,
	START,
	SUCCESS,
	TRIGGER,
} from './workflows';

export const INCOMING_PAYMENTS = '/api/v2/incoming_payments';

/** A sandbox, and an n8n with a credential for it. */
export interface TestEnvironment {
	sandbox: Sandbox;
	n8n: N8nClient;
	/** The values of the credential as a user would enter them. */
	credentialData: ICredentialDataDecryptedObject;
	credential: SavedCredential;
	/** Saves start -> payment request -> Success and Failure; resolves with the workflow's ID. */
	savePaymentRequest(options?: PaymentRequestOptions): Promise<string>;
	/** Saves trigger -> Success; resolves with the workflow's ID. */
	saveTrigger(parameters?: INodeParameters, credential?: SavedCredential): Promise<string>;
	close(): Promise<void>;
}

export interface PaymentRequestOptions {
	/** What the start node outputs; one empty item by default. */
	items?: IDataObject[];
	parameters?: INodeParameters;
	onError?: INode['onError'];
	credential?: SavedCredential;
}

/** Starts an empty sandbox for one test file and saves a credential for it. */
export async function createTestEnvironment(n8n: N8nClient): Promise<TestEnvironment> {
	const sandbox = await startSandbox({ port: 0 });
	const credentialData = sandboxCredentialData(sandbox);
	const credential = await n8n.createCredential(
		`Sandbox ${sandbox.port}`,
		'kopoKopoApi',
		credentialData,
	);

	return {
		sandbox,
		n8n,
		credentialData,
		credential,
		savePaymentRequest: async ({ items, parameters, onError, credential: own } = {}) => {
			const request = {
				resource: 'paymentRequest',
				operation: 'request',
				waitForResult: 'continueImmediately',
				tillNumber: 'K000001',
				phoneNumber: '0712345678',
				amount: 100,
				...parameters,
			};
			const { id } = await n8n.createWorkflow({
				name: `Payment request ${sandbox.port}`,
				nodes: [
					node(START, 'n8n-nodes-base.manualTrigger'),
					{
						...kopoKopoNode(KOPO_KOPO, 'kopoKopo', request, own ?? credential),
						...(onError && { onError }),
					},
					...branchNodes(),
				],
				connections: { ...chain(START, KOPO_KOPO), ...branches(KOPO_KOPO) },
				...(items && { pinData: { [START]: items.map((json) => ({ json })) } }),
			});
			return id;
		},
		saveTrigger: async (parameters, own = credential) => {
			const settings = {
				triggerOn: ['buygoods_transaction_received'],
				scope: 'company',
				...parameters,
			};
			const { id } = await n8n.createWorkflow({
				name: `Trigger ${sandbox.port}`,
				nodes: [
					{
						...kopoKopoNode(TRIGGER, 'kopoKopoTrigger', settings, own),
						webhookId: randomUUID(),
					},
					node(SUCCESS, 'n8n-nodes-base.noOp'),
				],
				connections: chain(TRIGGER, SUCCESS),
			});
			return id;
		},
		close: async () => await sandbox.close(),
	};
}

/** The payment requests that reached the sandbox. */
export function paymentRequests(sandbox: Sandbox) {
	return sandbox.ledger.requests.filter(
		({ method, path }) => method === 'POST' && path === INCOMING_PAYMENTS,
	);
}

/** Waits until the sandbox has accepted this many payment requests; resolves with their IDs. */
export async function waitForPaymentRequests(sandbox: Sandbox, count: number): Promise<string[]> {
	return await waitFor(`${count} payment requests`, 30_000, () => {
		const ids = paymentRequests(sandbox).flatMap(({ resourceId }) => resourceId ?? []);
		return ids.length >= count && ids;
	});
}

/** The payment requests that the sandbox accepted. */
export function acceptedPaymentRequests(sandbox: Sandbox) {
	return paymentRequests(sandbox).filter(({ processed }) => processed);
}
