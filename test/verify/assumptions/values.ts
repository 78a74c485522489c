import type { ApiAnswer } from '../apiClient';
import { type Assumption, type Check, compare, describeAnswer, notTried } from '../assumption';
import { maskNames } from '../masking';
import { DISCARD_URL } from './callbackUrl';
import { authorized } from './tokens';

const PARSERS = 'nodes/KopoKopo/parsers';
const SANDBOX_RULES = 'test/sandbox/resources/validation.ts';

/** Kopo Kopo's sample number, which nobody has (docs/kopokopo-api.md#phone-numbers). */
const SAMPLE_NUMBER = '999999999';
/** Kopo Kopo's sample till; used when the tester names none. */
const SAMPLE_TILL = 'K000000';

/** One pair more than allowed, so that the request is rejected even if the missing fields are not noticed. */
const TOO_MUCH_METADATA = Object.fromEntries(
	[1, 2, 3, 4, 5, 6].map((number) => [`pair_${number}`, number]),
);

/**
 * A value that is tried in a request that Kopo Kopo certainly rejects for another reason. The message tells
 * whether the value was rejected as well. `control` is a value that cannot be valid: if the message does not name
 * the field even then, nothing can be concluded.
 */
interface Trial {
	id: string;
	statement: string;
	heading: string;
	reliesOn: string[];
	path: string;
	/** How the message names the field. */
	field: RegExp;
	control: unknown;
	value: unknown;
	isAccepted: boolean;
	body(value: unknown, check: Check): unknown;
	/** Why it is not tried in this run. */
	unless?(check: Check): string | undefined;
}

function trial({
	id,
	statement,
	heading,
	reliesOn,
	path,
	field,
	control,
	value,
	isAccepted,
	body,
	unless,
}: Trial): Assumption {
	return {
		id,
		statement,
		heading,
		reliesOn,
		async run(check) {
			const reason = unless?.(check);
			if (reason !== undefined) return notTried(reason);
			const ask = async (tried: unknown): Promise<ApiAnswer> => {
				const call = { method: 'POST' as const, path, json: body(tried, check) };
				return await check.once(JSON.stringify(call), async () => await authorized(check, call));
			};
			const controlled = await ask(control);
			if (controlled.status < 300) return notTried('Kopo Kopo accepts an incomplete request');
			if (!field.test(controlled.message)) {
				return notTried(
					`Kopo Kopo names another field even for a wrong value (${describeAnswer(controlled)})`,
				);
			}
			const answer = await ask(value);
			const isRejected = answer.status >= 400 && field.test(answer.message);
			return compare(
				isRejected !== isAccepted,
				isRejected
					? `rejected: ${maskNames(answer.message)}`
					: 'not among the reasons for the rejection',
			);
		},
	};
}

type TrialOf = Pick<Trial, 'id' | 'statement' | 'value' | 'reliesOn'> & Partial<Trial>;

const till = ({ settings }: Check) =>
	settings.till?.startsWith('K') ? settings.till : SAMPLE_TILL;

/** A payment request without an amount and without a callback URL. */
const phone = (more: TrialOf) =>
	trial({
		heading: 'phone-numbers',
		path: '/api/v2/incoming_payments',
		field: /phone/i,
		control: 'not-a-phone',
		isAccepted: true,
		body: (value, check) => ({
			payment_channel: 'M-PESA STK Push',
			till_number: till(check),
			subscriber: { phone_number: value },
			amount: { currency: 'KES' },
			metadata: TOO_MUCH_METADATA,
		}),
		...more,
	});

/** A payment request to a number that nobody has, with too much metadata and without a callback URL. */
const paymentField = (
	more: TrialOf & Pick<Trial, 'heading' | 'field' | 'control'>,
	fields: (value: unknown) => Record<string, unknown>,
) =>
	trial({
		path: '/api/v2/incoming_payments',
		isAccepted: true,
		body: (value, check) => ({
			payment_channel: 'M-PESA STK Push',
			till_number: till(check),
			subscriber: { phone_number: `+254${SAMPLE_NUMBER}` },
			amount: { currency: 'KES', value: 10 },
			metadata: TOO_MUCH_METADATA,
			...fields(value),
		}),
		...more,
	});

const amount = (more: TrialOf) =>
	paymentField({ heading: 'amounts', field: /amount/i, control: 'ten', ...more }, (value) => ({
		amount: { currency: 'KES', value },
	}));

/** A merchant wallet without a network. */
const walletPhone = (more: TrialOf) =>
	phone({
		path: '/api/v2/merchant_wallets',
		body: (value) => ({ first_name: 'Contract', last_name: 'Check', phone_number: value }),
		...more,
	});

/** A subscription without a URL. */
const eventType = (event: string, isAccepted: boolean) =>
	trial({
		id: `event-type-${event}`,
		statement: `${event} is ${isAccepted ? 'an' : 'not an'} event type`,
		heading: 'event-types',
		reliesOn: ['nodes/KopoKopo/domain/eventCatalogue.ts'],
		path: '/api/v2/webhook_subscriptions',
		field: /event.?type/i,
		control: 'nothing_happened',
		value: event,
		isAccepted,
		body: (value) => ({ event_type: value, scope: 'company' }),
	});

/** A poll without a callback URL. */
const time = (more: TrialOf) =>
	trial({
		heading: 'times',
		path: '/api/v2/polling',
		field: /time/i,
		control: 'yesterday',
		isAccepted: true,
		body: (value) => ({ scope: 'company', from_time: value, to_time: '2024-01-02T00:00:00+03:00' }),
		...more,
	});

/** Forms of values, each in a request that is rejected because required fields are missing. */
export const valueAssumptions: Assumption[] = [
	{
		id: 'incomplete-payment-request',
		statement: 'A payment request without an amount and a callback URL is rejected with 400',
		heading: 'incoming-payments',
		reliesOn: ['nodes/KopoKopo/resources/v2/paymentRequest.ts'],
		async run(check) {
			const json = {
				payment_channel: 'M-PESA STK Push',
				till_number: till(check),
				subscriber: { phone_number: `+254${SAMPLE_NUMBER}` },
			};
			const path = '/api/v2/incoming_payments';
			const answer = await authorized(check, { method: 'POST', path, json });
			return compare(answer.status === 400, describeAnswer(answer));
		},
	},
	phone({
		id: 'phone-plus-254',
		statement: 'A payment request takes a phone number as +254 and nine digits',
		reliesOn: [`${PARSERS}/phone.ts`],
		value: `+254${SAMPLE_NUMBER}`,
	}),
	phone({
		id: 'phone-254',
		statement: 'A payment request takes a phone number as 254 and nine digits',
		reliesOn: [SANDBOX_RULES],
		value: `254${SAMPLE_NUMBER}`,
	}),
	phone({
		id: 'phone-0',
		statement: 'A payment request takes a phone number as 0 and nine digits',
		reliesOn: [SANDBOX_RULES],
		value: `0${SAMPLE_NUMBER}`,
	}),
	phone({
		id: 'phone-landline-form',
		statement: 'A payment request rejects a phone number of seven digits',
		reliesOn: [`${PARSERS}/phone.ts`],
		value: '9999999',
		isAccepted: false,
	}),
	walletPhone({
		id: 'wallet-phone-254',
		statement: 'A merchant wallet takes a phone number as 254 and nine digits',
		reliesOn: ['nodes/KopoKopo/resources/v2/transferAccount.ts'],
		value: `254${SAMPLE_NUMBER}`,
	}),
	walletPhone({
		id: 'wallet-phone-plus-254',
		statement: 'A merchant wallet takes a phone number as +254 and nine digits',
		reliesOn: [SANDBOX_RULES],
		value: `+254${SAMPLE_NUMBER}`,
	}),
	phone({
		id: 'recipient-phone-plus-254',
		statement: 'An external recipient takes a phone number as +254 and nine digits',
		reliesOn: ['nodes/KopoKopo/resources/shared/recipient.ts'],
		path: '/api/v2/external_recipients',
		value: `+254${SAMPLE_NUMBER}`,
		body: (value) => ({
			type: 'mobile_wallet',
			external_recipient: { first_name: 'Contract', last_name: 'Check', phone_number: value },
		}),
	}),
	amount({
		id: 'amount-integer',
		statement: 'An amount can be a whole JSON number',
		reliesOn: [`${PARSERS}/amount.ts`],
		value: 10,
	}),
	amount({
		id: 'amount-decimals',
		statement: 'A payment request takes an amount with two decimals',
		reliesOn: [`${PARSERS}/amount.ts`],
		value: 10.55,
	}),
	amount({
		id: 'amount-text',
		statement: 'An amount can be text',
		reliesOn: [SANDBOX_RULES],
		value: '10',
	}),
	amount({
		id: 'amount-zero',
		statement: 'An amount of zero is rejected',
		reliesOn: [`${PARSERS}/amount.ts`],
		value: 0,
		isAccepted: false,
	}),
	paymentField(
		{
			id: 'currency-kes-only',
			statement: 'A currency other than KES is rejected',
			heading: 'currency',
			reliesOn: ['nodes/KopoKopo/resources/v2/paymentRequest.ts'],
			field: /currency/i,
			control: '',
			value: 'USD',
			isAccepted: false,
		},
		(value) => ({ amount: { currency: value, value: 10 } }),
	),
	paymentField(
		{
			id: 'stk-till-with-k',
			statement: 'A payment request rejects a till without a K',
			heading: 'tills',
			reliesOn: [`${PARSERS}/till.ts`, 'nodes/KopoKopo/transport/errorMessages.ts'],
			field: /till/i,
			control: 'no-till',
			value: '000000',
			isAccepted: false,
		},
		(value) => ({ till_number: value }),
	),
	paymentField(
		{
			id: 'metadata-five-pairs',
			statement: 'Metadata of more than five pairs is rejected',
			heading: 'metadata',
			reliesOn: [`${PARSERS}/metadata.ts`],
			field: /metadata/i,
			control: 'text',
			value: TOO_MUCH_METADATA,
			isAccepted: false,
		},
		(value) => ({ metadata: value }),
	),
	eventType('buygoods_transaction_received', true),
	eventType('buygoods_transaction_reversed', true),
	eventType('b2b_transaction_received', true),
	eventType('b2b_transaction_reversed', true),
	eventType('settlement_transfer_completed', true),
	eventType('card_transaction_received', true),
	eventType('card_transaction_voided', true),
	eventType('card_transaction_reversed', true),
	eventType('customer_created', true),
	eventType('m2m_transaction_received', false),
	trial({
		id: 'webhook-url-https',
		statement: 'A subscription rejects a plain HTTP address',
		heading: 'callback-urls',
		reliesOn: ['nodes/KopoKopo/webhooks/subscriptions.ts', `${PARSERS}/url.ts`],
		path: '/api/v2/webhook_subscriptions',
		field: /url/i,
		control: 'not a URL',
		value: DISCARD_URL.replace('https:', 'http:'),
		isAccepted: false,
		// The scope is not one of the two words.
		body: (value) => ({ event_type: 'buygoods_transaction_received', url: value, scope: 'none' }),
		unless: ({ settings: { plainHttpUrl } }) =>
			plainHttpUrl === undefined ? 'the base URL itself is plain HTTP' : undefined,
	}),
	time({
		id: 'time-with-offset',
		statement: 'A poll takes times with the offset +03:00',
		reliesOn: [`${PARSERS}/time.ts`],
		value: '2024-01-01T00:00:00+03:00',
	}),
	time({
		id: 'time-with-milliseconds',
		statement: 'A poll takes times with milliseconds',
		reliesOn: ['nodes/KopoKopo/polling/requestPoll.ts', `${PARSERS}/time.ts`],
		value: '2024-01-01T00:00:00.000+03:00',
	}),
];
