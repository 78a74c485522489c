import {
	type Assumption,
	type Check,
	compare,
	describeAnswer,
	describeType,
	NotObservedError,
	notTried,
	objectAt,
	valueAt,
} from '../assumption';
import { createdFrom, creation, findReadable, readUntilFinal } from '../creation';
import { describeWord, shapeOf } from '../masking';
import { resultUrl } from './callbackUrl';

const OPERATION = 'nodes/KopoKopo/resources/v2/paymentRequest.ts';
const RESULT = 'nodes/KopoKopo/domain/paymentRequestResult.ts';
const WORDS = 'nodes/KopoKopo/domain/statusWords.ts';
const PAYMENT = 'nodes/KopoKopo/domain/payment.ts';
const PATH = '/api/v2/incoming_payments';

const createRequest = async (check: Check) => {
	const { payment, till } = check.settings;
	if (payment === undefined) throw new NotObservedError('needs --request-payment');
	return await creation(check, 'payment request', PATH, {
		payment_channel: 'M-PESA STK Push',
		till_number: till,
		subscriber: { phone_number: payment.phone },
		amount: { currency: 'KES', value: payment.amount },
		metadata: { purpose: 'contract check' },
		_links: { callback_url: resultUrl(check.settings) },
	});
};

/** The payment request, read until the customer has paid or refused. */
export const paymentRead = async (check: Check) => {
	const created = createdFrom(check, PATH, await createRequest(check));
	return await check.once('payment request', async () => {
		check.progress('Pay or refuse the request on your phone');
		const final = await readUntilFinal(check, created, {
			finalWords: ['success', 'failed'],
			pendingWords: ['pending', 'received', 'processing'],
			statusOf: (json) => valueAt(json, 'data', 'attributes', 'status'),
			what: 'you to pay or refuse on your phone',
		});
		return { ...final, id: created.id };
	});
};

const finalAttributes = async (check: Check) => {
	const { answer, isFinal, statuses } = await paymentRead(check);
	if (!isFinal) throw new NotObservedError(`not final: ${statuses.join(', ')}`);
	return objectAt(answer.json, 'data', 'attributes');
};

const paid = async (check: Check) => {
	const attributes = await finalAttributes(check);
	if (String(attributes.status).toLowerCase() === 'success') return attributes;
	throw new NotObservedError('the request was not paid');
};

/** A payment request that the tester pays or refuses; `--request-payment`. */
export const paymentAssumptions: Assumption[] = [
	{
		id: 'payment-create',
		statement: 'A payment request is accepted',
		heading: 'incoming-payments',
		reliesOn: [OPERATION],
		async run(check) {
			const answer = await createRequest(check);
			return compare(answer.status < 300, describeAnswer(answer));
		},
	},
	{
		id: 'payment-read',
		statement: 'A payment request is read by the last segment of its Location',
		heading: 'resource-ids',
		reliesOn: [OPERATION, 'nodes/KopoKopo/domain/resourceUrl.ts'],
		run: async (check) =>
			await findReadable(paymentRead(check).then(({ id, answer }) => ({ id, body: answer.json }))),
	},
	{
		id: 'payment-type',
		statement: 'data.type of a payment request is incoming_payment',
		heading: 'api-v2',
		reliesOn: [RESULT],
		async run(check) {
			const { answer } = await paymentRead(check);
			const type = valueAt(answer.json, 'data', 'type');
			return compare(type === 'incoming_payment', `data.type: ${describeWord(type)}`);
		},
	},
	{
		id: 'payment-pending',
		statement: 'A payment request is Pending, without a resource, until the customer has acted',
		heading: 'incoming-payment-results',
		reliesOn: [RESULT, WORDS],
		async run(check) {
			const { first, statuses } = await paymentRead(check);
			if (first === undefined) return notTried('the request was final at once');
			const resource = valueAt(first.json, 'data', 'attributes', 'event', 'resource');
			return compare(
				statuses[0]?.toLowerCase() === 'pending' && (resource ?? null) === null,
				`status: ${statuses[0] ?? ''}, event.resource: ${describeType(resource)}`,
				shapeOf(first.json),
			);
		},
	},
	{
		id: 'payment-final-status',
		statement: 'A payment request ends with Success or Failed',
		heading: 'final-statuses',
		reliesOn: [RESULT, WORDS],
		async run(check) {
			const { isFinal, statuses, answer } = await paymentRead(check);
			if (!isFinal && statuses.at(-1)?.toLowerCase() === 'pending')
				return notTried(`not final after ${check.settings.resultSeconds} s`);
			return compare(isFinal, statuses.join(', '), shapeOf(answer.json));
		},
	},
	{
		id: 'payment-initiation-time',
		statement: 'A payment request has initiation_time as ISO 8601 with an offset',
		heading: 'result-bodies',
		reliesOn: [PAYMENT],
		async run(check) {
			const time = (await finalAttributes(check)).initiation_time;
			const isIso = /^\d{4}-\d{2}-\d{2}T[\d:.]+([+-]\d{2}:\d{2}|Z)$/.test(String(time));
			return compare(isIso, describeType(time));
		},
	},
	{
		id: 'payment-resource-status',
		statement: 'The resource of a paid request is Received',
		heading: 'final-statuses',
		reliesOn: [RESULT, WORDS],
		async run(check) {
			const status = valueAt(await paid(check), 'event', 'resource', 'status');
			return compare(String(status).toLowerCase() === 'received', describeWord(status));
		},
	},
	{
		id: 'payment-resource-fields',
		statement: 'The resource of a paid request has reference, amount, phone number and names',
		heading: 'incoming-payment-results',
		reliesOn: [PAYMENT],
		async run(check) {
			const resource = objectAt(await paid(check), 'event', 'resource');
			const keys = [
				'reference',
				'amount',
				'sender_phone_number',
				'sender_first_name',
				'sender_last_name',
			];
			const missing = keys.filter((key) => !(key in resource));
			return compare(
				missing.length === 0,
				missing.length === 0 ? 'all of them' : `without ${missing.join(', ')}`,
				shapeOf(resource),
			);
		},
	},
	{
		id: 'payment-amount',
		statement: 'The amount of a paid request is decimal text or a number',
		heading: 'amounts',
		reliesOn: ['nodes/KopoKopo/domain/money.ts', PAYMENT],
		async run(check) {
			const amount = valueAt(await paid(check), 'event', 'resource', 'amount');
			if (amount === undefined) return notTried('the resource has no amount');
			const isDecimal = /^\d+(\.\d{1,2})?$/.test(String(amount));
			const isSame = Number(amount) === check.settings.payment?.amount;
			return compare(
				isDecimal && isSame,
				isDecimal
					? `${describeType(amount)}, ${isSame ? 'as requested' : 'another amount'}`
					: `${describeType(amount)} in another format`,
			);
		},
	},
	{
		id: 'payment-phone',
		statement: 'sender_phone_number of a paid request is +254 and nine digits',
		heading: 'phone-numbers',
		reliesOn: ['nodes/KopoKopo/domain/parties.ts'],
		async run(check) {
			const phone = valueAt(await paid(check), 'event', 'resource', 'sender_phone_number');
			if (phone === undefined) return notTried('the resource has no sender_phone_number');
			const isSame = phone === check.settings.payment?.phone;
			return compare(isSame, isSame ? 'as requested' : 'another form');
		},
	},
	{
		id: 'payment-failed',
		statement: 'A request that was not paid has errors and no resource',
		heading: 'errors-in-results',
		reliesOn: [RESULT, 'nodes/KopoKopo/domain/paymentMessages.ts'],
		async run(check) {
			const attributes = await finalAttributes(check);
			if (String(attributes.status).toLowerCase() !== 'failed') return notTried('it was paid');
			const { errors, resource } = objectAt(attributes, 'event');
			return compare(
				(errors ?? null) !== null && (resource ?? null) === null,
				`errors: ${describeType(errors)}, resource: ${describeType(resource)}`,
				shapeOf(attributes),
			);
		},
	},
	{
		id: 'payment-metadata',
		statement: 'The result of a payment request returns its metadata',
		heading: 'metadata',
		reliesOn: [RESULT],
		async run(check) {
			const purpose = valueAt(await finalAttributes(check), 'metadata', 'purpose');
			return compare(purpose === 'contract check', describeType(purpose));
		},
	},
];
