import type { ResourceKind } from './resource';
import { callbackUrlOf, firstProblem, required, url } from './validation';

/**
 * The deprecated SMS to a customer who paid; it is sent after `processingMs`
 * (docs/kopokopo-api.md#sms-notifications).
 */
export const transactionSmsNotification: ResourceKind = {
	type: 'transaction_sms_notification',
	noun: 'Transaction sms notification',
	collections: ['/api/v1/transaction_sms_notifications'],
	check: (body, { version, context }) =>
		firstProblem(
			required(body.webhook_event_reference, 'Webhook event reference'),
			required(body.message, 'Message'),
			url(callbackUrlOf(body, version), 'Callback url', context.config),
		),
	create(request, context) {
		const { body } = request;
		let status = 'Pending';
		context.schedule(context.config.processingMs, () => {
			status = 'Success';
			context.sendResult(request);
		});
		return {
			attributes: () => ({
				status,
				message: body.message,
				webhook_event_reference: body.webhook_event_reference,
				_links: request.links,
			}),
		};
	},
};
