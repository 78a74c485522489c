import type { Resource } from '../../operations/defineOperation';
import { smsNotification } from '../v2/smsNotification';
import { asV1Operations } from './legacy';

/** The same as in v2, which also uses the v1 path (docs/kopokopo-api.md#sms-notifications). */
export const smsNotificationV1: Resource = {
	...smsNotification,
	name: 'SMS Notification (Legacy)',
	value: 'smsNotificationV1',
	apiVersion: 'v1',
	operations: asV1Operations(smsNotification, 'send', 'get'),
};
