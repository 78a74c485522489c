import {
	additionalFields,
	callbackUrlIfChecking,
	callbackUrlIfNotWaiting,
	description,
	reference,
} from '../shared/fields';
import { getById, resourceById } from '../shared/getById';
import { defineOperation, type Resource } from '../../operations/defineOperation';
import { recipientPhoneNumber } from '../shared/recipient';
import { amountToSend, requestedPayout } from '../shared/payoutFields';
import { markLegacy } from './legacy';
import { listOperation } from './pages';

const path = '/api/v1/pay';
const statusOf = resourceById(path);

/** Payouts to a phone number that is not registered as a recipient (docs/kopokopo-api.md#flat-v1-bodies). */
export const payoutV1: Resource = {
	name: 'Payout (Legacy)',
	value: 'payoutV1',
	apiVersion: 'v1',
	operations: [
		markLegacy(
			defineOperation({
				value: 'create',
				name: 'Create',
				action: 'Create payout',
				description: 'Pay an M-Pesa number',
				effect: 'sendOnce',
				amountOf: ({ amount }) => amount,
				repeat: {
					of: ({ phoneNumber: phone, amount }) => [phone, amount],
					allowedAfter: 'failure',
				},
				idFrom: 'body',
				statusOf,
				fields: [
					recipientPhoneNumber,
					amountToSend(),
					callbackUrlIfNotWaiting,
					additionalFields([callbackUrlIfChecking, description, reference]),
				],
				request: ({ additionalFields: more, ...params }, callbackUrl) => ({
					method: 'POST',
					path,
					body: {
						phone_number: params.phoneNumber,
						amount: params.amount,
						currency: 'KES',
						reference: more.reference,
						description: more.description,
						callback_url: callbackUrl,
					},
				}),
				summary: ({ amount, phoneNumber: phone }) =>
					requestedPayout({}, { amount, phoneNumber: phone }),
			}),
			'unofficial',
		),
		markLegacy(
			getById({
				resource: 'Payout',
				parameter: 'payoutId',
				action: 'Get payout',
				description: 'Look up the result of a payout',
				request: statusOf,
			}),
			'unofficial',
		),
		listOperation(path, {
			action: 'Get many payouts',
			description: 'List payouts, one item each',
		}),
	],
};
