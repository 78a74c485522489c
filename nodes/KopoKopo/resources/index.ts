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

/** Every resource of the node. Add a new one here; the editor's lists are sorted by name. */
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

/** The operation with these stored values, or undefined: n8n adds a "Custom API Call" of its own. */
export function findOperation(
	apiVersion: string,
	resource: string,
	operation: string,
): Operation | undefined {
	return resources
		.find((candidate) => apiVersionOf(candidate) === apiVersion && candidate.value === resource)
		?.operations.find(({ value }) => value === operation);
}
