import type { IDataObject, INode, INodeParameters } from 'n8n-workflow';
import type { Sandbox } from '../sandbox/server';
import { SEND_MONEY_PARAMETERS, payoutRequests, phoneOf } from '../load/payouts';
import type { N8nClient, SavedCredential } from './n8nClient';
import {
	branches,
	branchNodes,
	chain,
	KOPO_KOPO,
	kopoKopoNode,
	saveWorkflow,
	START,
} from './workflows';

/**
 * A Send Money node that pays one mobile wallet for each item. `settings` are settings of the node, such
 * as Retry On Fail.
 */
export function payoutNode(
	credential: SavedCredential,
	options: INodeParameters = {},
	settings: Partial<INode> = {},
): INode {
	return {
		...kopoKopoNode(KOPO_KOPO, 'kopoKopo', { ...SEND_MONEY_PARAMETERS, options }, credential),
		...settings,
	};
}

/** Options that send one request after the other. */
export const ONE_BY_ONE = { batching: { batch: { batchSize: 1, batchInterval: 0 } } };

/** Saves start -> Send Money -> Success and Failure; resolves with the workflow's ID. */
export async function savePayouts(
	n8n: N8nClient,
	items: IDataObject[],
	payout: INode,
): Promise<string> {
	return await saveWorkflow(n8n, items, [payout, ...branchNodes()], {
		...chain(START, KOPO_KOPO),
		...branches(KOPO_KOPO),
	});
}

/** The phone numbers of all payout requests that reached the sandbox, in order. */
export const requestedPayouts = ({ ledger }: Sandbox) =>
	payoutRequests(ledger.requests).map(phoneOf);

/** The phone numbers of the payout requests that the sandbox accepted, in order. */
export const acceptedPayouts = ({ ledger }: Sandbox) =>
	payoutRequests(ledger.requests)
		.filter(({ processed }) => processed)
		.map(phoneOf);

/** A payee's phone number as it is sent to Kopo Kopo: 254, then the number without its leading zero. */
export const wirePhone = ({ phone }: { phone: string }) => phone.replace(/^0/, '254');
