import type { IDataObject } from 'n8n-workflow';
import { defineOperation, type Resource } from '../../operations/defineOperation';
import { defineField } from '../../operations/parameters';
import { parseId } from '../../parsers/id';
import { joinMetadata } from '../../parsers/metadata';
import { choices, parseChoice, parseText } from '../../parsers/text';
import { destinations, sourceTillNumber } from '../shared/destinations';
import {
	additionalFields,
	amountToSend,
	callbackUrlIfChecking,
	callbackUrlIfNotWaiting,
} from '../shared/fields';
import { getById, resourceById } from '../shared/getById';
import { metadataFields } from '../shared/metadata';

const accountTypes = choices(
	{ name: 'Bank Account', value: 'bankAccount' },
	{ name: 'Mobile Wallet', value: 'mobileWallet' },
);

/** Kopo Kopo's names of the merchant's account types. */
export const API_ACCOUNT_TYPES = {
	bankAccount: 'merchant_bank_account',
	mobileWallet: 'merchant_wallet',
} as const;

export const accountType = defineField(
	{
		displayName: 'Account Type',
		name: 'accountType',
		type: 'options',
		options: [...accountTypes],
		default: 'bankAccount',
		description: 'The type of your account that receives the money',
	},
	parseChoice(accountTypes),
);

export const accountReference = defineField(
	{
		displayName: 'Account Reference',
		name: 'accountReference',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. af033d43-75f7-4123-b5c3-252377d96739',
		description:
			"The account's API reference. In the Kopo Kopo dashboard, open Payments > My Bank Accounts and the account.",
	},
	parseId,
);

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

interface Common {
	additionalFields: {
		sourceTillNumber?: string | undefined;
		metadata?: IDataObject | undefined;
		metadataJson?: IDataObject | undefined;
	};
}

const path = '/api/v2/send_money';

/** `POST /api/v2/send_money`. Without destinations, it settles all funds (docs/kopokopo-api.md#send-money). */
function sendMoneyRequest(params: Common, callbackUrl: string, rows?: IDataObject[]) {
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

/** The fields of the item for a transfer that Kopo Kopo has accepted. */
export const acceptedTransfer = (params: Partial<Common>, more: IDataObject = {}) => ({
	currency: 'KES',
	tillNumber: params.additionalFields?.sourceTillNumber,
	...more,
	message: 'Kopo Kopo accepted the request. Nothing is paid yet',
	metadata: joinMetadata(params.additionalFields ?? {}) ?? {},
});

/** Fields that change neither who is paid nor how much. */
const NOT_COMPARED = new Set(['description', 'nickname', 'favourite', 'account_name']);

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
			effect: 'movesMoney',
			amountOf: ({ destinations: { total } }) => total,
			repeat: {
				of: ({ destinations: { rows } }) => rows.map(comparedDestination).sort(),
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
				acceptedTransfer(params, {
					amount: params.destinations.total,
					phoneNumber: params.destinations.phoneNumbers,
				}),
		}),
		defineOperation({
			value: 'toMyAccount',
			name: 'To My Account',
			action: 'Send money to my account',
			description: 'Settle an amount to one of your bank accounts or mobile wallets',
			effect: 'movesMoney',
			amountOf: ({ amount }) => amount,
			repeat: {
				of: ({ accountReference: account, amount }) => [account, amount],
				allowedAfter: 'failure',
			},
			statusOf,
			fields: [
				accountType,
				accountReference,
				amountToSend,
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
			summary: (params) => acceptedTransfer(params, { amount: params.amount }),
		}),
		defineOperation({
			value: 'settleEverythingToMyAccounts',
			name: 'Settle Everything to My Accounts',
			action: 'Settle everything to my accounts',
			description: 'Settle all available money to your preferred accounts',
			effect: 'movesMoney',
			repeat: { of: () => 'everything', allowedAfter: 'failure' },
			statusOf,
			fields: [
				callbackUrlIfNotWaiting,
				additionalFields([callbackUrlIfChecking, ...metadataFields, sourceTillNumber]),
			],
			request: (params, callbackUrl) => sendMoneyRequest(params, callbackUrl),
			summary: (params) => acceptedTransfer(params),
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
