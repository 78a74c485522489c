import { isoTimeWithMilliseconds } from '../formats';
import { textOrNull, type JsonObject } from '../json';
import type { ResourceKind } from './resource';
import { callbackUrlOf, firstProblem, ownTill, required, time, url } from './validation';

/**
 * A search for the payments of a period; its result follows after `processingMs`
 * (docs/kopokopo-api.md#polling).
 */
export const polling: ResourceKind = {
	type: 'polling',
	noun: 'Polling',
	collections: ['/api/v2/polling', '/api/v1/polling'],
	check: (body, { version, context }) =>
		firstProblem(
			required(body.scope, 'Scope', /^(till|company)$/),
			body.scope === 'till'
				? ownTill(body.scope_reference, context.config, 'Invalid scope reference')
				: undefined,
			time(body.from_time, 'From time'),
			time(body.to_time, 'To time'),
			url(callbackUrlOf(body, version), 'Callback url', context.config),
		),
	create(request, context) {
		const { body } = request;
		const till = body.scope === 'till' ? String(body.scope_reference) : undefined;
		let status = 'Pending';
		let transactions: JsonObject[] = [];
		context.schedule(context.config.processingMs, () => {
			const from = Date.parse(String(body.from_time));
			const to = Date.parse(String(body.to_time));
			transactions = context.till.transactions
				.filter(({ at }) => at.getTime() >= from && at.getTime() <= to)
				.filter((transaction) => till === undefined || transaction.till === till)
				.map(({ eventType, resource, status: now }) => ({
					type: eventType,
					resource: now === 'Reversed' ? { ...resource, status: now } : resource,
				}));
			status = 'Success';
			context.sendResult(request);
		});
		return {
			attributes: () => ({
				status,
				created_at: isoTimeWithMilliseconds(request.acceptedAt),
				from_time: body.from_time,
				to_time: body.to_time,
				transactions,
				scope: till === undefined ? 'Company' : 'Till',
				scope_reference: till === undefined ? null : textOrNull(till),
				_links: request.links,
			}),
		};
	},
};
