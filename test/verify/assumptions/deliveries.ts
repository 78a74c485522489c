import { createHmac } from 'node:crypto';

import { idFromLocation } from '../../../nodes/KopoKopo/domain/resourceUrl';
import {
	type Assumption,
	type Check,
	compare,
	contentTypeOf,
	describeType,
	differs,
	holds,
	NotObservedError,
	notTried,
	objectAt,
	valueAt,
} from '../assumption';
import { describeWord, isSameShape, shapeOf } from '../masking';
import type { Arrival } from '../receiver';
import { paymentRead } from './payments';
import { BUYGOODS_KEYS, isDecimalText, isHashOf } from './polls';
import { EVENT } from './subscriptions';

const SIGNATURE = 'nodes/KopoKopo/webhooks/signature.ts';
const PARSE = 'nodes/KopoKopo/webhooks/parseDelivery.ts';
const RESPOND = 'nodes/KopoKopo/webhooks/respond.ts';
const DEDUPLICATION = 'nodes/KopoKopo/webhooks/deduplication.ts';

const SUBSCRIPTIONS = '/api/v2/webhook_subscriptions';

const WAIT_MS = 1_000;
/** Without anything new for this long, and with everything there that was waited for, the check goes on. */
const QUIET_MS = 5_000;

/** All that Kopo Kopo has sent when it has been quiet for a while, or time is up. */
const arrivals = async (check: Check): Promise<Arrival[]> => {
	const { receiver } = check;
	if (receiver === undefined) throw new NotObservedError('needs --receive');
	await check.once('deliveries', async () => {
		let count = -1;
		let quietMs = 0;
		for (let waitedMs = 0; waitedMs < check.settings.listenSeconds * 1000; waitedMs += WAIT_MS) {
			quietMs = receiver.arrivals.length === count ? quietMs + WAIT_MS : 0;
			count = receiver.arrivals.length;
			if (quietMs >= QUIET_MS && isComplete(check, receiver.arrivals)) return;
			check.progress(`Listening on port ${receiver.port}: ${count} deliveries`);
			await check.sleep(WAIT_MS);
		}
	});
	if (receiver.arrivals.length === 0) throw new NotObservedError('nothing arrived');
	return receiver.arrivals;
};

/**
 * Whether the first delivery was repeated, every result has arrived, and a payment that was received has been
 * delivered to each subscription.
 */
function isComplete(check: Check, received: Arrival[]): boolean {
	const results = received.filter(isResult);
	const awaited = check.creations
		.filter(({ path, answer }) => path !== SUBSCRIPTIONS && answer.status < 300)
		.flatMap(({ answer }) => idFromLocation(answer.headers.location ?? '') ?? []);
	const arrived = new Set(results.map(({ json }) => valueAt(json, 'data', 'id')));
	const isPaid = results.some(
		({ json }) =>
			valueAt(json, 'data', 'type') === 'incoming_payment' &&
			/^success$/i.test(String(valueAt(json, 'data', 'attributes', 'status'))),
	);
	return (
		repeatsOf(received).length > 0 &&
		awaited.every((id) => arrived.has(id)) &&
		(!isPaid || received.filter(isEvent).length >= subscriptionsOf(check))
	);
}

/** How many subscriptions this run has made. */
const subscriptionsOf = ({ creations }: Check) =>
	creations.filter(({ path, answer }) => path === SUBSCRIPTIONS && answer.status < 300).length;

const repeatsOf = (received: Arrival[]) =>
	received.slice(1).filter(({ raw }) => received[0]?.raw.equals(raw));

const isEvent = ({ json }: Arrival) => typeof valueAt(json, 'topic') === 'string';
const isResult = ({ json }: Arrival) => typeof valueAt(json, 'data', 'type') === 'string';
const isDaraja = ({ json }: Arrival) => typeof valueAt(json, 'TransactionType') === 'string';

const signatureOf = ({ headers }: Arrival) => String(headers['x-kopokopo-signature'] ?? '').trim();

interface Signer {
	key: string;
	bytes: string;
	/** Without a prefix. */
	form: string;
}

/** How a delivery was signed; undefined if with no key, bytes and form that are known. */
function signerOf(check: Check, arrival: Arrival): Signer | undefined {
	const { apiKey, clientSecret, clientId } = check.settings;
	const keys = { 'API key': apiKey, 'client secret': clientSecret, 'client ID': clientId };
	const bytes = {
		'the raw bytes': arrival.raw,
		'JSON written again': Buffer.from(JSON.stringify(arrival.json) ?? ''),
		'JSON written again with spaces': Buffer.from(JSON.stringify(arrival.json, null, 2) ?? ''),
	};
	const signature = signatureOf(arrival).replace(/^[a-z\d-]+=(?=.)/i, '');
	for (const [bytesName, signed] of Object.entries(bytes)) {
		for (const [key, secret] of Object.entries(keys)) {
			for (const algorithm of ['sha256', 'sha1', 'sha512']) {
				const digest = createHmac(algorithm, secret).update(signed).digest();
				const hex = digest.toString('hex');
				const forms = {
					hexadecimal: hex,
					'upper-case hexadecimal': hex.toUpperCase(),
					Base64: digest.toString('base64'),
					base64url: digest.toString('base64url'),
				};
				const form = Object.entries(forms).find(([, text]) => text === signature)?.[0];
				if (form !== undefined) {
					return { key, bytes: bytesName, form: `${algorithm.toUpperCase()} in ${form}` };
				}
			}
		}
	}
	return undefined;
}

/** What stays the same when a delivery is repeated, even if its bytes do not. */
function identityOf({ json, raw }: Arrival): string {
	const { id: resultId, attributes } = objectAt(json, 'data');
	if (resultId !== undefined) return JSON.stringify([resultId, attributes]);
	const { id: paymentId, status } = objectAt(json, 'event', 'resource');
	const id = paymentId ?? valueAt(json, 'id') ?? valueAt(json, 'TransID');
	return id === undefined ? raw.toString('base64') : JSON.stringify([topicOf(json), id, status]);
}

const signed = async (check: Check) => {
	const all = (await arrivals(check)).filter((arrival) => signatureOf(arrival) !== '');
	if (all.length === 0) throw new NotObservedError('no delivery is signed');
	return all;
};

const topicOf = (json: unknown) => String(valueAt(json, 'topic'));

/** The resource of the first event. @throws NotObservedError if there is none */
async function eventResource(check: Check): Promise<Record<string, unknown>> {
	const event = (await arrivals(check)).filter(isEvent).find(({ json }) => topicOf(json) === EVENT);
	if (event === undefined) throw new NotObservedError('no payment event arrived');
	return objectAt(event.json, 'event', 'resource');
}

/** Different texts, for a finding. */
const distinct = (texts: string[]) => [...new Set(texts)].join(', ');

/** What Kopo Kopo sends to the tester's listener; `--receive`. */
export const deliveryAssumptions: Assumption[] = [
	{
		id: 'delivery-result',
		statement: 'The result of a request is sent to its callback URL',
		heading: 'callback-urls',
		reliesOn: ['nodes/KopoKopo/execution/resume.ts', 'nodes/KopoKopo/domain/callbacks.ts'],
		async run(check) {
			const { receiver } = check;
			if (receiver === undefined) return notTried('needs --receive');
			if (check.creations.length === 0) return notTried('nothing was requested');
			const all = await arrivals(check).catch(() => receiver.arrivals);
			const results = all.filter(isResult);
			return compare(results.length > 0, `${results.length} results`);
		},
	},
	{
		id: 'delivery-signature-header',
		statement: 'Deliveries are signed in X-KopoKopo-Signature',
		heading: 'signatures',
		reliesOn: [SIGNATURE, 'nodes/KopoKopo/webhooks/authenticate.ts'],
		async run(check) {
			const all = await arrivals(check);
			const unsigned = all.filter((arrival) => signatureOf(arrival) === '');
			return compare(
				unsigned.length === 0,
				`${all.length - unsigned.length} of ${all.length} deliveries`,
			);
		},
	},
	{
		id: 'delivery-signature-key',
		statement: 'The API key is the key of the signature',
		heading: 'signatures',
		reliesOn: [SIGNATURE, 'nodes/KopoKopo/transport/environment.ts'],
		async run(check) {
			const keys = (await signed(check)).map(
				(one) => signerOf(check, one)?.key ?? 'an unknown key',
			);
			return compare(
				keys.every((key) => key === 'API key'),
				distinct(keys),
			);
		},
	},
	{
		id: 'delivery-signature-bytes',
		statement: 'The signature is computed over the bytes as received',
		heading: 'signatures',
		reliesOn: [SIGNATURE],
		async run(check) {
			const known = (await signed(check)).flatMap((one) => signerOf(check, one) ?? []);
			if (known.length === 0) return notTried('the key is not known');
			const bytes = known.map((signer) => signer.bytes);
			return compare(
				bytes.every((name) => name === 'the raw bytes'),
				distinct(bytes),
			);
		},
	},
	{
		id: 'delivery-signature-form',
		statement: 'A signature is 64 lower-case hexadecimal digits, without a prefix',
		heading: 'signatures',
		reliesOn: [SIGNATURE],
		async run(check) {
			const all = await signed(check);
			const first = all.find((one) => !/^[\da-f]{64}$/.test(signatureOf(one)));
			if (first === undefined) return holds(`${all.length} deliveries`);
			const text = signatureOf(first);
			const prefix = /^[a-z\d-]{1,10}=(?=.)/i.exec(text)?.[0];
			const form = signerOf(check, first)?.form ?? `another form of ${text.length} characters`;
			return differs(prefix ? `the prefix ${prefix}, ${form}` : form);
		},
	},
	{
		id: 'delivery-json',
		statement: 'Deliveries are JSON and say so in Content-Type',
		heading: 'payload-types',
		reliesOn: [PARSE],
		async run(check) {
			const all = await arrivals(check);
			const types = all.map(({ headers, json }) =>
				json === undefined ? 'no JSON' : contentTypeOf(headers['content-type']),
			);
			return compare(
				types.every((type) => type === 'application/json'),
				distinct(types),
			);
		},
	},
	{
		id: 'delivery-payload',
		statement: 'Every delivery is a result, a K2 webhook or a Daraja payload',
		heading: 'payload-types',
		reliesOn: [PARSE],
		async run(check) {
			const all = await arrivals(check);
			const kinds = all.map((one) =>
				isResult(one) ? 'result' : isEvent(one) ? 'webhook' : isDaraja(one) ? 'Daraja' : 'unknown',
			);
			const unknown = all.find((_one, index) => kinds[index] === 'unknown');
			return compare(
				unknown === undefined,
				distinct(kinds),
				unknown && shapeOf(unknown.json ?? null),
			);
		},
	},
	{
		id: 'delivery-same-as-get',
		statement: 'A result has the same body as a GET of the resource',
		heading: 'result-bodies',
		reliesOn: ['nodes/KopoKopo/domain/result.ts'],
		async run(check) {
			const results = (await arrivals(check)).filter(isResult);
			const { answer, isFinal } = await paymentRead(check);
			if (!isFinal) return notTried('the payment request is not final');
			const id = valueAt(answer.json, 'data', 'id');
			const result = results.find(({ json }) => valueAt(json, 'data', 'id') === id);
			if (result === undefined) return notTried('the result of the payment did not arrive');
			// In any order.
			const shapes = [result, answer].map(({ json }) => shapeOf(json));
			const isSame = isSameShape(shapes[0], shapes[1]);
			return compare(isSame, isSame ? 'the same keys' : 'other keys or types', shapes);
		},
	},
	{
		id: 'delivery-repeated',
		statement: 'A delivery that is not answered with 2xx is sent again, with the same bytes',
		heading: 'deliveries',
		reliesOn: [RESPOND, DEDUPLICATION],
		async run(check) {
			const all = await arrivals(check);
			const repeats = repeatsOf(all);
			const seconds = repeats.map(({ at }) => `${Math.round((at - (all[0]?.at ?? at)) / 1000)} s`);
			return compare(
				repeats.length > 0,
				repeats.length > 0
					? `${repeats.length} more after 503: ${seconds.join(', ')}`
					: `not within ${check.settings.listenSeconds} s after 503`,
			);
		},
	},
	{
		id: 'delivery-not-repeated',
		statement: 'A delivery that is answered with 200 is not sent again',
		heading: 'deliveries',
		reliesOn: [DEDUPLICATION],
		async run(check) {
			const all = await arrivals(check);
			const answered = all.filter(({ status }) => status === 200);
			// Two subscriptions receive the same event at different addresses.
			const seen = answered.map((one) => `${one.url} ${identityOf(one)}`);
			const repeated = seen.length - new Set(seen).size;
			return compare(repeated === 0, `${repeated} of ${seen.length} repeated`);
		},
	},
	{
		id: 'delivery-event-shape',
		statement: 'A K2 webhook has topic, id, created_at, event and _links',
		heading: 'payload-types',
		reliesOn: [PARSE],
		async run(check) {
			const event = (await arrivals(check)).find(isEvent);
			if (event === undefined) return notTried('no webhook arrived');
			const body = objectAt(event.json);
			const keys = ['topic', 'id', 'created_at', 'event', '_links'];
			const missing = keys.filter((key) => !(key in body));
			return compare(
				missing.length === 0 && typeof valueAt(body, 'event', 'type') === 'string',
				missing.length === 0
					? `event.type: ${describeType(valueAt(body, 'event', 'type'))}`
					: `without ${missing.join(', ')}`,
				shapeOf(body),
			);
		},
	},
	{
		id: 'delivery-topic',
		statement: 'topic of a K2 webhook is the event type that was subscribed to',
		heading: 'event-types',
		reliesOn: [PARSE, 'nodes/KopoKopo/domain/eventCatalogue.ts'],
		async run(check) {
			const topics = (await arrivals(check)).filter(isEvent).map(({ json }) => topicOf(json));
			if (topics.length === 0) return notTried('no webhook arrived');
			return compare(
				topics.every((topic) => topic === EVENT),
				distinct(topics.map(describeWord)),
			);
		},
	},
	{
		id: 'delivery-event-fields',
		statement: 'The resource of an event has the fields of a buygoods payment',
		heading: 'event-resources',
		reliesOn: ['nodes/KopoKopo/domain/eventSchemas.ts', 'nodes/KopoKopo/domain/transaction.ts'],
		async run(check) {
			const resource = await eventResource(check);
			const missing = BUYGOODS_KEYS.filter((key) => !(key in resource));
			return compare(
				missing.length === 0,
				missing.length === 0 ? 'all of them' : `without ${missing.join(', ')}`,
				shapeOf(resource),
			);
		},
	},
	{
		id: 'delivery-event-amount',
		statement: 'The amount of an event is decimal text',
		heading: 'amounts',
		reliesOn: ['nodes/KopoKopo/domain/money.ts'],
		async run(check) {
			const { amount } = await eventResource(check);
			if (amount === undefined) return notTried('the resource has no amount');
			return compare(isDecimalText(amount), describeType(amount));
		},
	},
	{
		id: 'delivery-event-status',
		statement: 'The resource of a payment event is Received',
		heading: 'event-types',
		reliesOn: ['nodes/KopoKopo/domain/eventCatalogue.ts', 'nodes/KopoKopo/domain/statusWords.ts'],
		async run(check) {
			const { status } = await eventResource(check);
			if (status === undefined) return notTried('the resource has no status');
			return compare(/^received$/i.test(String(status)), describeWord(status));
		},
	},
	{
		id: 'delivery-phone-hash',
		statement: 'hashed_sender_phone of an event is the SHA-256 of 254 and nine digits',
		heading: 'phone-number-hashes',
		reliesOn: ['nodes/KopoKopo/domain/parties.ts'],
		async run(check) {
			const resources = (await arrivals(check))
				.filter(isEvent)
				.map(({ json }) => objectAt(json, 'event', 'resource'))
				.filter(({ hashed_sender_phone: hash }) => typeof hash === 'string');
			if (resources.length === 0) return notTried('no event has hashed_sender_phone');
			const isSame = resources.every(({ hashed_sender_phone: hash, sender_phone_number: phone }) =>
				isHashOf(hash, phone),
			);
			return compare(isSame, isSame ? 'the same' : 'another hash');
		},
	},
	{
		id: 'delivery-both-subscriptions',
		statement:
			'A payment to a till is delivered to the subscriptions of the till and of the company',
		heading: 'event-scope',
		reliesOn: ['nodes/KopoKopo/webhooks/subscriptions.ts', DEDUPLICATION],
		async run(check) {
			const events = (await arrivals(check)).filter(isEvent);
			if (events.length === 0) return notTried('no webhook arrived');
			if (subscriptionsOf(check) < 2) return notTried('there are not two subscriptions');
			const fired = ['company', 'till'].filter((name) =>
				events.some(({ url }) => url.includes(`subscription=${name}`)),
			);
			return compare(fired.length === 2, fired.join(', ') || 'neither');
		},
	},
];
