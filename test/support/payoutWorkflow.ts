import {
	NodeConnectionTypes,
	type IConnections,
	type IDataObject,
	type INode,
	type INodeParameters,
} from 'n8n-workflow';
import type { Sandbox } from '../sandbox/server';
import { PAY, payoutRequests, phoneOf } from '../soak/payouts';
import type { N8nClient, SavedCredential } from '../support/n8nClient';
import { chain, FAILURE, node, START, SUCCESS } from './stage';

export const PAYING = 'Kopo Kopo';

/** A Send Money node, for one mobile wallet an item; `more` are settings of the node, such as Retry On Fail. */
export function paying(
	{ id, name, type }: SavedCredential,
	options: INodeParameters = {},
	more: Partial<INode> = {},
): INode {
	return {
		...node(PAYING, 'n8n-nodes-kopokopo.kopoKopo', { ...PAY, options }),
		credentials: { [type]: { id, name } },
		...more,
	};
}

/** Options that send one after the other. */
export const ONE_BY_ONE = { batching: { batch: { batchSize: 1, batchInterval: 0 } } };

/** Saves start node -> Send Money -> success and error branch; resolves with its id. */
export async function savePaying(
	n8n: N8nClient,
	items: IDataObject[],
	underTest: INode,
): Promise<string> {
	const to = (name: string) => [{ node: name, type: NodeConnectionTypes.Main, index: 0 }];
	return await save(
		n8n,
		items,
		[underTest, node(SUCCESS, 'n8n-nodes-base.noOp'), node(FAILURE, 'n8n-nodes-base.noOp')],
		{ ...chain(START, PAYING), [PAYING]: { main: [to(SUCCESS), to(FAILURE)] } },
	);
}

/** Saves a workflow that begins with these items; resolves with its id. */
export async function save(
	n8n: N8nClient,
	items: IDataObject[],
	nodes: INode[],
	connections: IConnections,
): Promise<string> {
	const { id } = await n8n.createWorkflow({
		name: `Paying ${items.length}`,
		nodes: [node(START, 'n8n-nodes-base.manualTrigger'), ...nodes],
		connections,
		pinData: { [START]: items.map((json) => ({ json })) },
	});
	return id;
}

/** Whom Kopo Kopo was asked to pay, in order, and whom it did pay. */
export const asked = ({ ledger }: Sandbox) => payoutRequests(ledger.requests).map(phoneOf);
export const paid = ({ ledger }: Sandbox) =>
	payoutRequests(ledger.requests)
		.filter(({ worked }) => worked)
		.map(phoneOf);

/** A payee's number as Kopo Kopo is given it. */
export const bare = ({ phone }: { phone: string }) => phone.replace(/^0/, '254');
