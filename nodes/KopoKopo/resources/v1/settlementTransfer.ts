import { defineOperation, type Operation, type Resource } from '../../operations/defineOperation';
import { amountToSend, requestedPayout } from '../shared/payoutFields';
import {
	accountReference,
	accountType,
	API_ACCOUNT_TYPES,
} from '../shared/transferAccountReference';
import {
	additionalFields,
	callbackUrlIfNotWaiting,
	description,
	idField,
	reference,
} from '../shared/fields';
import { getById, resourceById } from '../shared/getById';
import { markLegacy } from './legacy';

/**
 * Create for a collection of transfers of an amount to one of the merchant's own accounts
 * (docs/kopokopo-api.md#api-v1).
 */
export const createTransfer = (
	path: string,
	texts: Pick<Operation, 'action' | 'description'>,
): Operation =>
	defineOperation({
		...texts,
		value: 'create',
		name: 'Create',
		effect: 'sendOnce',
		amountOf: ({ amount }) => amount,
		repeat: {
			of: (params) => [params.accountReference, params.amount],
			allowedAfter: 'failure',
		},
		statusOf: resourceById(path),
		fields: [accountType, accountReference, amountToSend(), callbackUrlIfNotWaiting],
		request: (params, callbackUrl) => ({
			method: 'POST',
			path,
			body: {
				amount: { currency: 'KES', value: params.amount },
				destination_type: API_ACCOUNT_TYPES[params.accountType],
				destination_reference: params.accountReference,
				_links: { callback_url: callbackUrl },
			},
		}),
		summary: ({ amount }) => requestedPayout({}, { amount }),
	});

const path = '/api/v1/settlement_transfers';
const statusOf = resourceById(path);

/** Settlements to the merchant's own accounts (docs/kopokopo-api.md#api-v1). */
export const settlementTransferV1: Resource = {
	name: 'Settlement Transfer (Legacy)',
	value: 'settlementTransferV1',
	apiVersion: 'v1',
	operations: [
		markLegacy(
			createTransfer(path, {
				action: 'Create settlement transfer',
				description: 'Settle an amount to one of your accounts',
			}),
		),
		markLegacy(
			defineOperation({
				value: 'settleEverything',
				name: 'Settle Everything',
				action: 'Settle everything',
				description:
					'Settle all available money to your preferred accounts (blind transfer in the API)',
				effect: 'sendOnce',
				repeat: { of: () => 'everything', allowedAfter: 'failure' },
				statusOf,
				fields: [callbackUrlIfNotWaiting],
				// A blind transfer has an empty amount and no destination.
				request: (_params, callbackUrl) => ({
					method: 'POST',
					path,
					body: { amount: {}, _links: { callback_url: callbackUrl } },
				}),
				summary: () => requestedPayout({}),
			}),
		),
		// A separate operation because its fields differ: the account has another ID, and there is no callback
		// URL, so nothing can wait for the result.
		markLegacy(
			defineOperation({
				value: 'createForSettlementAccount',
				name: 'Create for Settlement Account',
				action: 'Create settlement transfer for settlement account',
				description: 'Settle an amount to a settlement account, selected by its ID',
				effect: 'sendOnce',
				amountOf: ({ amount }) => amount,
				repeat: {
					of: ({ settlementAccountId, amount }) => [settlementAccountId, amount],
					allowedAfter: 'failure',
				},
				idFrom: 'body',
				fields: [
					idField('Settlement Account', 'settlementAccountId'),
					amountToSend(),
					additionalFields([description, reference]),
				],
				request: ({ additionalFields: more, ...params }) => ({
					method: 'POST',
					path,
					body: {
						settlement_account_id: params.settlementAccountId,
						amount: params.amount,
						currency: 'KES',
						reference: more.reference,
						description: more.description,
					},
				}),
				summary: ({ amount }) => requestedPayout({}, { amount }),
			}),
			'unofficial',
		),
		markLegacy(
			getById({
				resource: 'Settlement Transfer',
				parameter: 'settlementTransferId',
				action: 'Get settlement transfer',
				description: 'Look up the result of a settlement transfer',
				request: statusOf,
			}),
		),
	],
};
