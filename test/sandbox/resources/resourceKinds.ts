import { externalRecipient } from './externalRecipient';
import { incomingPayment } from './incomingPayment';
import { paymentLink } from './paymentLink';
import { polling } from './polling';
import type { ResourceKind } from './resource';
import { reversal } from './reversal';
import { sendMoney } from './sendMoney';
import { transactionSmsNotification } from './smsNotification';
import { thirdPartyIncomingPayment, thirdPartyPayout, thirdPartySettlement } from './thirdPartyV1';
import { merchantBankAccount, merchantWallet } from './transferAccounts';
import { v1Payment, v1Settlement } from './v1Transfers';
import { webhookSubscription } from './webhookSubscription';

/** Every type of resource, of v2 and v1. A new one is added here. */
export const RESOURCE_KINDS: ResourceKind[] = [
	// These come before the official kinds on the same path, because the first that claims a body gets it.
	thirdPartyIncomingPayment,
	thirdPartySettlement,
	thirdPartyPayout,
	incomingPayment,
	paymentLink,
	sendMoney,
	reversal,
	polling,
	webhookSubscription,
	merchantWallet,
	merchantBankAccount,
	externalRecipient,
	transactionSmsNotification,
	v1Payment,
	v1Settlement,
];
