import type { Resource } from '../../operations/defineOperation';
import { paymentRequestV1 } from './paymentRequest';
import { paymentV1 } from './payment';
import { payoutV1 } from './payout';
import { payRecipientV1 } from './payRecipient';
import { settlementTransferV1 } from './settlementTransfer';
import { smsNotificationV1 } from './smsNotification';
import { transactionV1 } from './transaction';
import { transferV1 } from './transfer';
import { transferAccountV1 } from './transferAccount';
import { webhookSubscriptionV1 } from './webhookSubscription';

/**
 * Every resource of v1 (docs/kopokopo-api.md#api-v1), the most used first. Their stored values end in V1 although the version is
 * stored too, because n8n's list of actions looks up an operation by the value of its resource alone.
 */
export const v1Resources: readonly Resource[] = [
	paymentRequestV1,
	transactionV1,
	paymentV1,
	payoutV1,
	payRecipientV1,
	settlementTransferV1,
	transferV1,
	transferAccountV1,
	smsNotificationV1,
	webhookSubscriptionV1,
];
