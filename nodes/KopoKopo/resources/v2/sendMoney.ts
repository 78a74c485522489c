import type { IDataObject } from 'n8n-workflow';
import { defineOperation, type Resource } from '../../operations/defineOperation';
import { defineField } from '../../operations/parameters';
import { MAX_AMOUNT } from '../../parsers/amount';
import { joinMetadata } from '../../parsers/metadata';
import { parseText } from '../../parsers/text';
import { destinationsField, sourceTillNumber } from './sendMoneyDestinations';
import { additionalFields, callbackUrlIfChecking, callbackUrlIfNotWaiting } from '../shared/fields';
import { getById, resourceById } from '../shared/getById';
import { metadataFields } from '../shared/metadata';
import { amountToSend, type PayoutParams, requestedPayout } from '../shared/payoutFields';
import {
	accountReference,
	accountType,
	API_ACCOUNT_TYPES,
} from '../shared/transferAccountReference';

/** In KES, for one destination. */
const MAX_AMOUNT_TO_SEND = MAX_AMOUNT;

const amount = amountToSend(MAX_AMOUNT_TO_SEND);
const destinations = destinationsField(amount);

/** If added but empty, it is sent as null, as in Kopo Kopo's sample (docs/kopokopo-api.md#send-money-destinations). */
const accountDescription = defineField(
	{
		displayName: 'Description',
		name: 'description',
		type: 'string',
		default: '',
		placeholder: 'e.g. Settlement for May',
		description: 'What the money is for',
	},
	(raw, context) => parseText(raw, context) ?? null,
);

const path = '/api/v2/send_money';

/** `POST /api/v2/send_money`. Without destinations, it settles all funds (docs/kopokopo-api.md#send-money). */
function sendMoneyRequest(params: PayoutParams, callbackUrl: string, rows?: IDataObject[]) {
	return {
		method: 'POST' as const,
		path,
		body: {
			destinations: rows,
			source_identifier: params.additionalFields.sourceTillNumber,
			currency: 'KES',
			metadata: joinMetadata(params.additionalFields),
			_links: { callback_url: callbackUrl },
		},
	};
}

const sourceOf = ({ additionalFields: { sourceTillNumber: till } }: PayoutParams) => till ?? null;

/** Fields that change neither who is paid nor how much. */
const NOT_COMPARED = new Set(['description', 'nickname', 'favourite', 'account_name', 'network']);

const comparedDestination = (destination: IDataObject) =>
	JSON.stringify(Object.entries(destination).filter(([name]) => !NOT_COMPARED.has(name)));

const statusOf = resourceById(path);

/** Payouts to others and settlements to own accounts (docs/kopokopo-api.md#send-money). */
export const sendMoney: Resource = {
	name: 'Send Money',
	value: 'sendMoney',
	operations: [
		defineOperation({
			value: 'toPeopleOrBusinesses',
			name: 'To People or Businesses',
			action: 'Send money to people or businesses',
			description:
				'Pay M-Pesa numbers, bank accounts, a till or a paybill (external recipients in the API)',
			effect: 'sendOnce',
			amountOf: (params) => params.destinations.total,
			repeat: {
				of: (params) => [
					sourceOf(params),
					...params.destinations.rows.map(comparedDestination).sort(),
				],
				allowedAfter: 'failure',
			},
			statusOf,
			fields: [
				destinations,
				callbackUrlIfNotWaiting,
				additionalFields([callbackUrlIfChecking, ...metadataFields, sourceTillNumber]),
			],
			request: (params, callbackUrl) =>
				sendMoneyRequest(params, callbackUrl, params.destinations.rows),
			summary: (params) =>
				requestedPayout(params, {
					amount: params.destinations.total,
					phoneNumber: params.destinations.phoneNumbers,
				}),
		}),
		defineOperation({
			value: 'toMyAccount',
			name: 'To My Account',
			action: 'Send money to my account',
			description: 'Settle an amount to one of your bank accounts or mobile wallets',
			effect: 'sendOnce',
			amountOf: (params) => params.amount,
			repeat: {
				of: (params) => [sourceOf(params), params.accountReference, params.amount],
				allowedAfter: 'failure',
			},
			statusOf,
			fields: [
				accountType,
				accountReference,
				amount,
				callbackUrlIfNotWaiting,
				additionalFields([
					callbackUrlIfChecking,
					accountDescription,
					...metadataFields,
					sourceTillNumber,
				]),
			],
			request: (params, callbackUrl) =>
				sendMoneyRequest(params, callbackUrl, [
					{
						type: API_ACCOUNT_TYPES[params.accountType],
						reference: params.accountReference,
						amount: params.amount,
						description: params.additionalFields.description,
					},
				]),
			summary: (params) => requestedPayout(params, { amount: params.amount }),
		}),
		defineOperation({
			value: 'settleEverythingToMyAccounts',
			name: 'Settle Everything to My Accounts',
			action: 'Settle everything to my accounts',
			description: 'Settle all available money to your preferred accounts',
			effect: 'sendOnce',
			repeat: { of: sourceOf, allowedAfter: 'failure' },
			statusOf,
			fields: [
				callbackUrlIfNotWaiting,
				additionalFields([callbackUrlIfChecking, ...metadataFields, sourceTillNumber]),
			],
			request: (params, callbackUrl) => sendMoneyRequest(params, callbackUrl),
			summary: (params) => requestedPayout(params),
		}),
		getById({
			resource: 'Send Money',
			parameter: 'sendMoneyId',
			action: 'Get send money request',
			description: 'Look up the result of a payout or a settlement',
			request: statusOf,
		}),
	],
};
