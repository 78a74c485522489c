import type { Resource } from '../../operations/defineOperation';
import { smsNotification } from '../smsNotification';
import { asV1Operations } from './legacy';

/** The same that v2 offers, for it never left v1 (docs/kopokopo-api.md#sms-notifications). */
export const smsNotificationV1: Resource = {
	...smsNotification,
	name: 'SMS Notification (Legacy)',
	value: 'smsNotificationV1',
	apiVersion: 'v1',
	operations: asV1Operations(smsNotification, 'send', 'get'),
};
