import { randomUUID } from 'node:crypto';
import {
	NodeConnectionTypes,
	type IConnections,
	type ICredentialDataDecryptedObject,
	type IDataObject,
	type INode,
	type INodeParameters,
} from 'n8n-workflow';
import { startSandbox, type Sandbox } from '../sandbox/server';
import { eventually, type N8nClient, type SavedCredential } from '../support/n8nClient';

export const START = 'Start';
export const ASK = 'Kopo Kopo';
export const TRIGGER = 'Kopo Kopo Trigger';
export const SUCCESS = 'Success';
export const FAILURE = 'Failure';

/** A Kopo Kopo of its own, and an n8n with a credential for it. */
export interface Stage {
	sandbox: Sandbox;
	n8n: N8nClient;
	/** The credential's values as a user would type them. */
	secrets: ICredentialDataDecryptedObject;
	credential: SavedCredential;
	/** Saves start node -> Kopo Kopo (Request) -> success and error branch; resolves with its id. */
	saveAsking(asking?: Asking): Promise<string>;
	/** Saves trigger -> next step; resolves with its id. */
	saveReceiving(parameters?: INodeParameters, credential?: SavedCredential): Promise<string>;
	close(): Promise<void>;
}

interface Asking {
	/** What the start node gives, one item each; one empty item when left out. */
	items?: IDataObject[];
	parameters?: INodeParameters;
	onError?: INode['onError'];
	credential?: SavedCredential;
}

/** Sets up a Kopo Kopo for one test file, in which nothing has happened yet. */
export async function setStage(n8n: N8nClient): Promise<Stage> {
	const sandbox = await startSandbox({ port: 0 });
	const secrets = secretsFor(sandbox);
	const credential = await n8n.createCredential(`Sandbox ${sandbox.port}`, 'kopoKopoApi', secrets);
	const withCredential = ({ id, name, type } = credential) => ({ [type]: { id, name } });

	return {
		sandbox,
		n8n,
		secrets,
		credential,
		saveAsking: async ({ items, parameters, onError, credential: own } = {}) => {
			const { id } = await n8n.createWorkflow({
				name: `Asking ${sandbox.port}`,
				nodes: [
					node(START, 'n8n-nodes-base.manualTrigger'),
					{
						...node(ASK, 'n8n-nodes-kopokopo.kopoKopo', {
							resource: 'incomingPayment',
							operation: 'create',
							waitForResult: 'no',
							tillNumber: 'K000001',
							phoneNumber: '0712345678',
							amount: 100,
							...parameters,
						}),
						credentials: withCredential(own),
						...(onError && { onError }),
					},
					node(SUCCESS, 'n8n-nodes-base.noOp'),
					node(FAILURE, 'n8n-nodes-base.noOp'),
				],
				connections: {
					...chain(START, ASK),
					[ASK]: { main: [[to(SUCCESS)], [to(FAILURE)]] },
				},
				...(items && { pinData: { [START]: items.map((json) => ({ json })) } }),
			});
			return id;
		},
		saveReceiving: async (parameters, own) => {
			const { id } = await n8n.createWorkflow({
				name: `Receiving ${sandbox.port}`,
				nodes: [
					{
						...node(TRIGGER, 'n8n-nodes-kopokopo.kopoKopoTrigger', {
							events: ['buygoods_transaction_received'],
							scope: 'company',
							...parameters,
						}),
						webhookId: randomUUID(),
						credentials: withCredential(own),
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

/** What a user types into the credential for a sandbox. */
export function secretsFor(sandbox: Sandbox): ICredentialDataDecryptedObject {
	return {
		environment: 'custom',
		baseUrl: sandbox.url,
		clientId: sandbox.clientId,
		clientSecret: sandbox.clientSecret,
		apiKey: sandbox.apiKey,
		oauthBaseUrl: '',
		accessToken: '',
	};
}

/** A node at its default state, in the first version that it has. */
export function node(name: string, type: string, parameters: INodeParameters = {}): INode {
	const typeVersion = type.endsWith('.kopoKopoTrigger') ? 2 : 1;
	return { id: randomUUID(), name, type, typeVersion, position: [0, 0], parameters };
}

/** Connections from each node to the next. */
export function chain(...names: string[]): IConnections {
	return Object.fromEntries(
		names.slice(0, -1).map((name, index) => [name, { main: [[to(names[index + 1] ?? '')]] }]),
	);
}

function to(name: string) {
	return { node: name, type: NodeConnectionTypes.Main, index: 0 };
}

/** The requests for payment that reached the sandbox. */
export function paymentRequests(sandbox: Sandbox) {
	return sandbox.ledger.requests.filter(
		({ method, path }) => method === 'POST' && path === '/api/v2/incoming_payments',
	);
}

/** Waits until the sandbox holds this many payment requests, and gives their ids. */
export async function requestedPayments(sandbox: Sandbox, count: number): Promise<string[]> {
	return await eventually(`${count} payment requests`, 30_000, async () => {
		const ids = paymentRequests(sandbox).flatMap(({ resourceId }) => resourceId ?? []);
		return ids.length >= count ? ids : undefined;
	});
}
