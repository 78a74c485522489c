import { apiVersionOf, type Operation, type Resource } from '../operations/defineOperation';
import { accessToken } from './accessToken';
import { externalRecipient } from './externalRecipient';
import { paymentLink } from './paymentLink';
import { paymentRequest } from './paymentRequest';
import { reversal } from './reversal';
import { sendMoney } from './sendMoney';
import { smsNotification } from './smsNotification';
import { transaction } from './transaction';
import { transferAccount } from './transferAccount';
import { v1Resources } from './v1';
import { webhookSubscription } from './webhookSubscription';

/** Every resource of the node. A new one is a file and a line here; the menus are sorted by name. */
export const resources: readonly Resource[] = [
	accessToken,
	externalRecipient,
	paymentRequest,
	paymentLink,
	reversal,
	sendMoney,
	smsNotification,
	transaction,
	transferAccount,
	webhookSubscription,
	...v1Resources,
];

/** The operation that stored values name, or undefined (n8n also offers values of its own). */
export function findOperation(
	apiVersion: string,
	resource: string,
	operation: string,
): Operation | undefined {
	return resources
		.find((candidate) => apiVersionOf(candidate) === apiVersion && candidate.value === resource)
		?.operations.find(({ value }) => value === operation);
}
