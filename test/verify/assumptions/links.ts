import {
	type Assumption,
	type Check,
	compare,
	describeAnswer,
	describeType,
	NotObservedError,
	objectAt,
	valueAt,
} from '../assumption';
import {
	type Created,
	createdFrom,
	creation,
	findReadable,
	read,
	UnreadableError,
} from '../creation';
import { describeWord, shapeOf } from '../masking';
import { resultUrl } from './callbackUrl';
import { authorized } from './tokens';

const OPERATION = 'nodes/KopoKopo/resources/v2/paymentLink.ts';
const RESULT = 'nodes/KopoKopo/domain/paymentLinkResult.ts';
const WORDS = 'nodes/KopoKopo/domain/statusWords.ts';
const PATH = '/api/v2/payment_links';
const AMOUNT = 10;
const METADATA = { purpose: 'contract check' };
const DAY_MS = 24 * 60 * 60 * 1000;

const createLink = async (check: Check) => {
	if (!check.settings.createLink) throw new NotObservedError('needs --create-link');
	return await creation(check, 'payment link', PATH, {
		till_number: check.settings.till,
		currency: 'KES',
		amount: AMOUNT,
		payment_reference: 'contract-check',
		note: 'Contract check. Please do not pay.',
		metadata: METADATA,
		_links: { callback_url: resultUrl(check.settings) },
	});
};

interface Link extends Created {
	body: unknown;
	attributes: Record<string, unknown>;
	details: Record<string, unknown>;
}

async function readLink(check: Check, created: Created): Promise<Link> {
	const answer = await read(check, created);
	if (answer.status !== 200) throw new UnreadableError(answer);
	const attributes = objectAt(answer.json, 'data', 'attributes');
	return {
		...created,
		body: answer.json,
		attributes,
		details: objectAt(attributes, 'payment_link'),
	};
}

const link = async (check: Check): Promise<Link> => {
	const created = createdFrom(check, PATH, await createLink(check));
	return await check.once('payment link', async () => await readLink(check, created));
};

const cancel = async (check: Check, name: string) => {
	const { id } = createdFrom(check, PATH, await createLink(check));
	return await check.once(
		name,
		async () => await authorized(check, { method: 'POST', path: `${PATH}/${id}/cancel` }),
	);
};

const cancelled = async (check: Check): Promise<Link> => {
	await link(check);
	const answer = await cancel(check, 'first cancellation');
	if (answer.status >= 300) throw new NotObservedError('the link could not be cancelled');
	const created = createdFrom(check, PATH, await createLink(check));
	return await check.once('cancelled link', async () => await readLink(check, created));
};

/** Cancels the payment link that the run has created, unless an assumption has done so. */
export async function cancelLink(check: Check): Promise<void> {
	if (!check.creations.some(({ path, answer }) => path === PATH && answer.status < 300)) return;
	await cancel(check, 'first cancellation');
}

/** A payment link of KES 10 that is read and cancelled; `--create-link`. */
export const linkAssumptions: Assumption[] = [
	{
		id: 'link-create',
		statement: 'A payment link is accepted',
		heading: 'payment-links',
		reliesOn: [OPERATION],
		async run(check) {
			const answer = await createLink(check);
			return compare(answer.status < 300, describeAnswer(answer));
		},
	},
	{
		id: 'link-read',
		statement: 'A payment link is read by the last segment of its Location',
		heading: 'resource-ids',
		reliesOn: [OPERATION, 'nodes/KopoKopo/domain/resourceUrl.ts'],
		run: async (check) => await findReadable(link(check)),
	},
	{
		id: 'link-type',
		statement: 'data.type of a payment link is payment_link',
		heading: 'api-v2',
		reliesOn: [RESULT],
		async run(check) {
			const { body } = await link(check);
			const type = valueAt(body, 'data', 'type');
			return compare(type === 'payment_link', `data.type: ${describeWord(type)}`, shapeOf(body));
		},
	},
	{
		id: 'link-outer-status',
		statement: 'The outer status of a new payment link is Processed',
		heading: 'final-statuses',
		reliesOn: [RESULT, WORDS],
		async run(check) {
			const { status } = (await link(check)).attributes;
			return compare(
				String(status).toLowerCase() === 'processed',
				`status: ${describeWord(status)}`,
			);
		},
	},
	{
		id: 'link-active',
		statement: 'payment_link.status of a new payment link is Active',
		heading: 'payment-link-results',
		reliesOn: [RESULT, WORDS],
		async run(check) {
			const { status } = (await link(check)).details;
			return compare(
				String(status).toLowerCase() === 'active',
				`payment_link.status: ${describeWord(status)}`,
			);
		},
	},
	{
		id: 'link-amount',
		statement: 'The amount of a payment link is a number',
		heading: 'amounts',
		reliesOn: ['nodes/KopoKopo/domain/money.ts'],
		async run(check) {
			const { amount } = (await link(check)).attributes;
			return compare(amount === AMOUNT, describeType(amount));
		},
	},
	{
		id: 'link-address',
		statement: 'payment_link.link is an https address',
		heading: 'payment-link-results',
		reliesOn: ['nodes/KopoKopo/domain/payment.ts'],
		async run(check) {
			const address = (await link(check)).details.link;
			const isHttps = String(address).startsWith('https://');
			// A sandbox on this machine has no https.
			const isLocal =
				!check.settings.baseUrl.startsWith('https://') && URL.canParse(String(address));
			return compare(isHttps || isLocal, describeType(address));
		},
	},
	{
		id: 'link-expiry',
		statement: 'A payment link expires after seven days',
		heading: 'payment-links',
		reliesOn: ['test/sandbox/resources/paymentLink.ts'],
		async run(check) {
			const expiry = (await link(check)).details.expires_at;
			const days = (Date.parse(String(expiry)) - Date.now()) / DAY_MS;
			if (Number.isNaN(days)) return compare(false, `expires_at: ${describeType(expiry)}`);
			return compare(Math.abs(days - 7) < 0.5, `after ${days.toFixed(1)} days`);
		},
	},
	{
		id: 'link-metadata',
		statement: 'Results return the metadata of their request',
		heading: 'metadata',
		reliesOn: [RESULT],
		async run(check) {
			const { metadata } = (await link(check)).attributes;
			const isSame = JSON.stringify(metadata) === JSON.stringify(METADATA);
			return compare(isSame, isSame ? 'the same' : describeType(metadata));
		},
	},
	{
		id: 'link-cancel',
		statement: 'Cancelling a payment link is answered with 200 and a message',
		heading: 'created-resources',
		reliesOn: [OPERATION],
		async run(check) {
			// What is read before it is cancelled is that of an active link.
			await link(check).catch(() => undefined);
			const { status, json } = await cancel(check, 'first cancellation');
			const message = valueAt(json, 'message');
			return compare(
				status === 200 && typeof message === 'string',
				`HTTP ${status}, message: ${describeType(message)}`,
				shapeOf(json ?? null),
			);
		},
	},
	{
		id: 'link-cancelled',
		statement: 'payment_link.status of a cancelled link is Cancelled',
		heading: 'final-statuses',
		reliesOn: [WORDS],
		async run(check) {
			const { status } = (await cancelled(check)).details;
			return compare(
				String(status).toLowerCase() === 'cancelled',
				`payment_link.status: ${describeWord(status)}`,
			);
		},
	},
	{
		id: 'link-cancel-twice',
		statement: 'Cancelling a link again is rejected with 400',
		heading: 'http-statuses',
		reliesOn: ['nodes/KopoKopo/transport/errorMessages.ts'],
		async run(check) {
			await cancelled(check);
			const answer = await cancel(check, 'second cancellation');
			return compare(answer.status === 400, describeAnswer(answer));
		},
	},
];
