import { z } from 'zod';

import type { ApiAnswer } from '../apiClient';
import {
	type Assumption,
	type Check,
	compare,
	describeAnswer,
	describeType,
	notTried,
	valueAt,
} from '../assumption';
import { maskNames, shapeOf } from '../masking';
import { authorized } from './tokens';

const STATUSES = 'nodes/KopoKopo/transport/errorMessages.ts';
const BODIES = 'nodes/KopoKopo/domain/apiErrorText.ts';
const RETRY = 'nodes/KopoKopo/transport/retry.ts';

interface Resource {
	id: string;
	path: string;
	/** The file that defines its operations. */
	file: string;
	heading: string;
	/** Whether an empty body is posted. Never for a resource that can send money. */
	canBePosted?: true;
}

const v2 = (file: string) => `nodes/KopoKopo/resources/v2/${file}.ts`;
const v1 = (file: string) => `nodes/KopoKopo/resources/v1/${file}.ts`;

const RESOURCES: Resource[] = [
	{
		id: 'incoming-payment',
		path: '/api/v2/incoming_payments',
		file: v2('paymentRequest'),
		heading: 'incoming-payments',
		canBePosted: true,
	},
	{
		id: 'payment-link',
		path: '/api/v2/payment_links',
		file: v2('paymentLink'),
		heading: 'payment-links',
		canBePosted: true,
	},
	{
		id: 'poll',
		path: '/api/v2/polling',
		file: v2('transaction'),
		heading: 'polling',
		canBePosted: true,
	},
	{
		id: 'webhook-subscription',
		path: '/api/v2/webhook_subscriptions',
		file: v2('webhookSubscription'),
		heading: 'webhook-subscriptions',
		canBePosted: true,
	},
	{
		id: 'merchant-wallet',
		path: '/api/v2/merchant_wallets',
		file: v2('transferAccount'),
		heading: 'merchant-wallets',
		canBePosted: true,
	},
	{
		id: 'merchant-bank-account',
		path: '/api/v2/merchant_bank_accounts',
		file: v2('transferAccount'),
		heading: 'merchant-bank-accounts',
		canBePosted: true,
	},
	{
		id: 'external-recipient',
		path: '/api/v2/external_recipients',
		file: v2('externalRecipient'),
		heading: 'external-recipients',
		canBePosted: true,
	},
	{ id: 'send-money', path: '/api/v2/send_money', file: v2('sendMoney'), heading: 'send-money' },
	{ id: 'reversal', path: '/api/v2/reversals', file: v2('reversal'), heading: 'reversals' },
	{
		id: 'sms-notification',
		path: '/api/v1/transaction_sms_notifications',
		file: v2('smsNotification'),
		heading: 'sms-notifications',
		canBePosted: true,
	},
	{
		id: 'v1-incoming-payment',
		path: '/api/v1/incoming_payments',
		file: v1('paymentRequest'),
		heading: 'api-v1',
		canBePosted: true,
	},
	{
		id: 'v1-poll',
		path: '/api/v1/polling',
		file: v1('transaction'),
		heading: 'api-v1',
		canBePosted: true,
	},
	{
		id: 'v1-webhook-subscription',
		path: '/api/v1/webhook_subscriptions',
		file: v1('webhookSubscription'),
		heading: 'api-v1',
		canBePosted: true,
	},
	{
		id: 'v1-pay-recipient',
		path: '/api/v1/pay_recipients',
		file: v1('payRecipient'),
		heading: 'api-v1',
		canBePosted: true,
	},
	{ id: 'v1-payment', path: '/api/v1/payments', file: v1('payment'), heading: 'api-v1' },
	{
		id: 'v1-settlement-transfer',
		path: '/api/v1/settlement_transfers',
		file: v1('settlementTransfer'),
		heading: 'api-v1',
	},
];

/** Remembers a rejected request for the assumptions about error bodies. */
function rejected(check: Check, label: string, answer: ApiAnswer, isEmptyBody = false): ApiAnswer {
	if (answer.status >= 400) check.rejections.push({ label, answer, isEmptyBody });
	return answer;
}

function emptyBody({ id, path, file, heading }: Resource): Assumption {
	return {
		id: `empty-body-${id}`,
		statement: `POST ${path} with an empty object is rejected with 400`,
		heading,
		reliesOn: [file, STATUSES],
		async run(check) {
			const answer = await authorized(check, { method: 'POST', path, json: {} });
			return compare(
				rejected(check, `POST ${path}`, answer, true).status === 400,
				describeAnswer(answer),
			);
		},
	};
}

function unknownId({ id, path, file, heading }: Resource): Assumption {
	return {
		id: `unknown-${id}`,
		statement: `GET ${path}/{id} with an unknown ID is answered with 404`,
		heading,
		reliesOn: [file, STATUSES],
		async run(check) {
			const answer = await authorized(check, {
				method: 'GET',
				path: `${path}/${crypto.randomUUID()}`,
			});
			return compare(rejected(check, `GET ${path}`, answer).status === 404, describeAnswer(answer));
		},
	};
}

const errorBody = z
	.object({
		error_code: z.unknown(),
		error_message: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
	})
	.passthrough();

/** A missing field, in the words of Kopo Kopo's messages. */
const NAMES_A_FIELD =
	/\b(channel|till|phone|amount|currency|callback|event|url|scope|time|name|account|bank|branch|network|type|reference|message|recipient)\b/i;

/** What Kopo Kopo answers to requests that it rejects, and to those for unknown IDs. */
export const errorAssumptions: Assumption[] = [
	...RESOURCES.filter(({ canBePosted }) => canBePosted).map(emptyBody),
	...RESOURCES.map(unknownId),
	{
		id: 'unreadable-body',
		statement: 'A body that is not JSON is rejected with 400',
		heading: 'http-statuses',
		reliesOn: [STATUSES],
		async run(check) {
			const path = '/api/v2/polling';
			const answer = await authorized(check, { method: 'POST', path, rawBody: '{"scope": ' });
			return compare(
				rejected(check, 'a body that is not JSON', answer).status === 400,
				describeAnswer(answer),
			);
		},
	},
	{
		id: 'malformed-id',
		statement: 'An ID in another format is answered with 404',
		heading: 'resource-ids',
		reliesOn: ['nodes/KopoKopo/parsers/id.ts', STATUSES],
		async run(check) {
			const path = '/api/v2/incoming_payments/not-an-id';
			const answer = await authorized(check, { method: 'GET', path });
			return compare(
				rejected(check, 'an ID in another format', answer).status === 404,
				describeAnswer(answer),
			);
		},
	},
	{
		id: 'cancel-unknown-link',
		statement: 'Cancelling an unknown payment link is answered with 404',
		heading: 'api-v2',
		reliesOn: [v2('paymentLink')],
		async run(check) {
			const path = `/api/v2/payment_links/${crypto.randomUUID()}/cancel`;
			const answer = await authorized(check, { method: 'POST', path });
			return compare(
				rejected(check, 'POST /api/v2/payment_links/{id}/cancel', answer).status === 404,
				describeAnswer(answer),
			);
		},
	},
	{
		id: 'no-list-of-subscriptions',
		statement: 'Webhook subscriptions cannot be listed',
		heading: 'missing-endpoints',
		reliesOn: ['nodes/KopoKopo/webhooks/subscriptionStore.ts'],
		async run(check) {
			const path = '/api/v2/webhook_subscriptions';
			const answer = await authorized(check, { method: 'GET', path });
			return compare(
				answer.status >= 400,
				describeAnswer(answer),
				answer.status >= 400 ? undefined : shapeOf(answer.json),
			);
		},
	},
	{
		id: 'unknown-path',
		statement: 'A path that does not exist is answered with 404',
		heading: 'http-statuses',
		reliesOn: [STATUSES],
		async run(check) {
			const answer = await authorized(check, { method: 'GET', path: '/api/v2/no_such_resource' });
			return compare(answer.status === 404, describeAnswer(answer));
		},
	},
	{
		id: 'error-body',
		statement: 'Error bodies have error_message, which is text or a list of texts',
		heading: 'error-bodies',
		reliesOn: [BODIES],
		run({ rejections }) {
			if (rejections.length === 0) return notTried('no request was rejected');
			const other = rejections.filter(({ answer }) => !errorBody.safeParse(answer.json).success);
			return compare(
				other.length === 0,
				other.length === 0
					? `${rejections.length} error bodies`
					: `another body for ${other.map(({ label }) => label).join(', ')}`,
				other.length === 0 ? undefined : shapeOf(other[0]?.answer.json),
			);
		},
	},
	{
		id: 'error-code',
		statement: 'error_code, where present, is the HTTP status',
		heading: 'error-bodies',
		reliesOn: [BODIES, RETRY],
		run({ rejections }) {
			const coded = rejections
				.map(({ label, answer }) => ({
					label,
					status: answer.status,
					code: valueAt(answer.json, 'error_code'),
				}))
				.filter(({ code }) => code !== undefined);
			if (coded.length === 0) return notTried('no error body has error_code');
			const other = coded.filter(({ status, code }) => Number(code) !== status);
			const first = other[0];
			return compare(
				first === undefined,
				first === undefined
					? `the same in ${coded.length} error bodies`
					: `${typeof first.code === 'number' ? first.code : describeType(first.code)} with HTTP ${first.status} for ${other.map(({ label }) => label).join(', ')}`,
			);
		},
	},
	{
		id: 'error-names-field',
		statement: 'The message for a missing field names the field',
		heading: 'http-statuses',
		reliesOn: [STATUSES],
		run({ rejections }) {
			const empty = rejections.filter(
				({ isEmptyBody, answer }) => isEmptyBody && answer.status === 400 && answer.message !== '',
			);
			if (empty.length === 0) return notTried('no message for a missing field');
			const other = empty.filter(({ answer }) => !NAMES_A_FIELD.test(answer.message));
			return compare(
				other.length === 0,
				other.length === 0
					? `${empty.length} messages, such as: ${maskNames(empty[0]?.answer.message ?? '')}`
					: other.map(({ label, answer }) => `${label}: ${maskNames(answer.message)}`).join('; '),
			);
		},
	},
];
