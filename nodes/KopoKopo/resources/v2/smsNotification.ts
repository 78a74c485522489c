import { statusItem } from '../../domain/payment';
import { parseResult } from '../../domain/result';
import { defineOperation, type Resource } from '../../operations/defineOperation';
import { defineField } from '../../operations/parameters';
import { parseId } from '../../parsers/id';
import { parseRequiredText } from '../../parsers/text';
import { callbackUrlIfNotWaiting } from '../shared/fields';
import { getById, resourceById } from '../shared/getById';

const webhookEventReference = defineField(
	{
		displayName: 'Webhook Event Reference',
		name: 'webhookEventReference',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. e51438e9-c42b-4bf2-a261-faeaf189e3ed',
		description: "The 'eventId' of the payment, from a Kopo Kopo Trigger",
	},
	parseId,
);

const message = defineField(
	{
		displayName: 'Message',
		name: 'message',
		type: 'string',
		typeOptions: { rows: 3 },
		required: true,
		default: '',
		placeholder: 'e.g. Thank you for shopping with us',
		description: 'The text of the SMS',
	},
	parseRequiredText,
);

const path = '/api/v1/transaction_sms_notifications';

const statusOf = resourceById(path);

/** SMS messages to payers. Kopo Kopo's API reference lists only a v1 path (docs/kopokopo-api.md#sms-notifications). */
export const smsNotification: Resource = {
	name: 'SMS Notification (Deprecated)',
	value: 'smsNotification',
	operations: [
		defineOperation({
			value: 'send',
			name: 'Send',
			action: 'Send SMS notification',
			description: 'Send an SMS to a customer who paid. Kopo Kopo has deprecated this.',
			effect: 'create',
			ifUnknown: 'If you send it again, the customer may get the SMS twice.',
			statusOf,
			fields: [webhookEventReference, message, callbackUrlIfNotWaiting],
			request: (params, callbackUrl) => ({
				method: 'POST',
				path,
				body: {
					webhook_event_reference: params.webhookEventReference,
					message: params.message,
					_links: { callback_url: callbackUrl },
				},
			}),
			summary: () => ({ outcome: 'pending', message: 'Kopo Kopo accepted the message' }),
		}),
		getById({
			resource: 'SMS Notification',
			parameter: 'smsNotificationId',
			action: 'Get SMS notification',
			description: 'Look up whether an SMS was sent. Kopo Kopo has deprecated this.',
			request: statusOf,
			simplify: (body) => statusItem(parseResult(body)),
		}),
	],
};
