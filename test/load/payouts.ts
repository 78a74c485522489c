import type { IDataObject, INodeParameters } from 'n8n-workflow';
import type { RequestEntry } from '../sandbox/ledger';

/** The recipient of one payout. Phone and amount are unique, so they identify the payout in the ledger. */
export interface Payee extends IDataObject {
	phone: string;
	amount: number;
}

/** Payees with different phones and amounts; a larger `first` gives others. */
export function payees(count: number, first = 0): Payee[] {
	return Array.from({ length: count }, (_, index) => ({
		phone: `07${String(10_000_000 + first + index)}`,
		amount: 100 + first + index,
	}));
}

/**
 * A payee whom the node always rejects. n8n's Retry On Fail runs a node that continues on errors again only
 * if its first item failed, so tests put this one first.
 */
export const INVALID_PAYEE: Payee = { phone: '07twelve', amount: 100 };

/** Parameters of Send Money with one M-Pesa number for each item, and further fields of that destination. */
export const sendMoneyParameters = (wallet: INodeParameters): INodeParameters => ({
	resource: 'sendMoney',
	operation: 'toPeopleOrBusinesses',
	destinations: {
		mpesaNumber: [{ phoneNumber: '={{ $json.phone }}', amount: '={{ $json.amount }}', ...wallet }],
	},
});

/** Parameters of Send Money as the tests use them. */
export const SEND_MONEY_PARAMETERS = sendMoneyParameters({ description: 'Salary' });

/** The endpoint of Send Money. */
export const SEND_MONEY_PATH = '/api/v2/send_money';

/** The requests that create a payout. */
export function payoutRequests(requests: RequestEntry[]): RequestEntry[] {
	return requests.filter(({ method, path }) => method === 'POST' && path === SEND_MONEY_PATH);
}

/** The phone number of the first recipient of a payout request, as it was sent. */
export function phoneOf({ body }: RequestEntry): string {
	const { destinations } = body as { destinations: Array<{ phone_number: string }> };
	return destinations[0]?.phone_number ?? '';
}
