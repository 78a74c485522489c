import type { Resource } from '../operation';
import { smsNotification } from '../smsNotification';
import { sameInV1 } from './legacy';

/** The same that v2 offers, for it never left v1 (contract, section 12.3). */
export const smsNotificationV1: Resource = {
	...smsNotification,
	name: 'SMS Notification (Legacy)',
	value: 'smsNotificationV1',
	apiVersion: 'v1',
	operations: sameInV1(smsNotification, 'create', 'get'),
};
