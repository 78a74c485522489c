import { preciseTime } from './clock';
import { callbackUrlOf } from './receiving';
import type { ResourceKind } from './resource';
import { firstOf, required, textOrNull, TILL, time, url, type JsonObject } from './validation';

/** What was received between two times; nobody acts, the answer comes by itself (contract, 8). */
export const polling: ResourceKind = {
	type: 'polling',
	noun: 'Polling',
	collections: ['/api/v2/polling', '/api/v1/polling'],
	check: (body, { version, world }) =>
		firstOf(
			required(body.scope, 'Scope', /^(till|company)$/),
			body.scope === 'till' && !TILL.test(String(body.scope_reference ?? ''))
				? 'Invalid scope reference'
				: undefined,
			time(body.from_time, 'From time'),
			time(body.to_time, 'To time'),
			url(callbackUrlOf(body, version), 'Callback url', world.config),
		),
	open(birth, world) {
		const { body } = birth;
		const till = body.scope === 'till' ? String(body.scope_reference) : undefined;
		let status = 'Pending';
		let transactions: JsonObject[] = [];
		world.later(world.config.processingMs, () => {
			const from = Date.parse(String(body.from_time));
			const to = Date.parse(String(body.to_time));
			transactions = world.till.transactions
				.filter(({ at }) => at.getTime() >= from && at.getTime() <= to)
				.filter((transaction) => till === undefined || transaction.till === till)
				.map(({ eventType, resource }) => ({ type: eventType, resource }));
			status = 'Success';
			world.report(birth);
		});
		return {
			attributes: () => ({
				status,
				created_at: preciseTime(birth.at),
				from_time: body.from_time,
				to_time: body.to_time,
				transactions,
				scope: till === undefined ? 'Company' : 'Till',
				scope_reference: till === undefined ? null : textOrNull(till),
				_links: birth.links,
			}),
		};
	},
};

/** The deprecated SMS to a customer who paid (contract, 12.3). */
export const transactionSmsNotification: ResourceKind = {
	type: 'transaction_sms_notification',
	noun: 'Transaction sms notification',
	collections: ['/api/v1/transaction_sms_notifications'],
	check: (body, { version, world }) =>
		firstOf(
			required(body.webhook_event_reference, 'Webhook event reference'),
			required(body.message, 'Message'),
			url(callbackUrlOf(body, version), 'Callback url', world.config),
		),
	open(birth, world) {
		const { body } = birth;
		let status = 'Pending';
		world.later(world.config.processingMs, () => {
			status = 'Success';
			world.report(birth);
		});
		return {
			attributes: () => ({
				status,
				message: body.message,
				webhook_event_reference: body.webhook_event_reference,
				_links: birth.links,
			}),
		};
	},
};
