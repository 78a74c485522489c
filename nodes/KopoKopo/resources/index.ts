import { apiVersionOf, type Operation, type Resource } from '../operations/defineOperation';
import { accessToken } from './v2/accessToken';
import { externalRecipient } from './v2/externalRecipient';
import { paymentLink } from './v2/paymentLink';
import { paymentRequest } from './v2/paymentRequest';
import { reversal } from './v2/reversal';
import { sendMoney } from './v2/sendMoney';
import { smsNotification } from './v2/smsNotification';
import { transaction } from './v2/transaction';
import { transferAccount } from './v2/transferAccount';
import { v1Resources } from './v1';
import { webhookSubscription } from './v2/webhookSubscription';

/** Every resource of the node, the most used first: the editor lists them in this order. */
export const resources: readonly Resource[] = [
	paymentRequest,
	paymentLink,
	transaction,
	sendMoney,
	reversal,
	externalRecipient,
	transferAccount,
	smsNotification,
	webhookSubscription,
	accessToken,
	...v1Resources,
];

/** The operation with these stored values; undefined if there is none, as for the 'Custom API Call' that n8n adds. */
export function findOperation(
	apiVersion: string,
	resource: string,
	operation: string,
): Operation | undefined {
	return resources
		.find((candidate) => apiVersionOf(candidate) === apiVersion && candidate.value === resource)
		?.operations.find(({ value }) => value === operation);
}
