import { createHmac } from 'node:crypto';
import * as fc from 'fast-check';
import { verifySignature } from '../../nodes/KopoKopo/webhooks/signature';
import { TriggerInstance } from '../support/triggerInstance';
import { RUNS } from './arbitraries';
import { readFixtures, storedCredential } from './testData';

interface Vector {
	key: string;
	rawBody: string;
	header: Record<string, string>;
	valid: boolean;
}

/** As Kopo Kopo signs. */
const sign = (body: Buffer | string, key: string) =>
	createHmac('sha256', key).update(body).digest('hex');

const KEY = 'the key of a test';
const BODY = Buffer.from('{"topic": "buygoods_transaction_received", "amount": 100.0}');
const GOOD = sign(BODY, KEY);

describe('the vectors of the contract', () => {
	test.each(readFixtures<Vector>('signatures'))(
		'$name is valid: $valid',
		({ key, rawBody, header, valid }) => {
			const body = Buffer.from(rawBody);

			const verified = verifySignature(body, header['X-KopoKopo-Signature'], key);

			expect(verified).toBe(valid ? body : undefined);
		},
	);
});

describe('what is accepted:', () => {
	test.each([
		['as Kopo Kopo sends it', GOOD],
		['in upper case', GOOD.toUpperCase()],
		['with sha256= before it', `sha256=${GOOD}`],
		['with SHA256= before it', `SHA256=${GOOD.toUpperCase()}`],
		['with blanks around it', ` ${GOOD}\t`],
	])('%s', (_how, header) => {
		expect(verifySignature(BODY, header, KEY)).toBe(BODY);
	});

	test('an empty body that is signed', () => {
		const nothing = Buffer.alloc(0);

		expect(verifySignature(nothing, sign(nothing, KEY), KEY)).toBe(nothing);
	});

	test('bytes that are not text', () => {
		const bytes = Buffer.from([0xff, 0x00, 0xfe, 0x80]);

		expect(verifySignature(bytes, sign(bytes, KEY), KEY)).toBe(bytes);
	});
});

describe('what is rejected:', () => {
	const parsedAndWritten = Buffer.from(JSON.stringify(JSON.parse(BODY.toString())));

	test.each<[string, Buffer, unknown, string]>([
		['no header', BODY, undefined, KEY],
		['null for a header', BODY, null, KEY],
		['an empty header', BODY, '', KEY],
		['only the prefix', BODY, 'sha256=', KEY],
		['the header twice', BODY, [GOOD, GOOD], KEY],
		['a list of one', BODY, [GOOD], KEY],
		['two values in one header', BODY, `${GOOD}, ${GOOD}`, KEY],
		['a number', BODY, 42, KEY],
		['an object', BODY, { toString: () => GOOD }, KEY],
		['40 hex digits, as one document prints', BODY, GOOD.slice(0, 40), KEY],
		['63 hex digits', BODY, GOOD.slice(0, 63), KEY],
		['65 hex digits', BODY, `${GOOD}0`, KEY],
		['the digest twice', BODY, GOOD + GOOD, KEY],
		['the prefix twice', BODY, `sha256=sha256=${GOOD}`, KEY],
		['another prefix', BODY, `sha1=${GOOD}`, KEY],
		['a digest of noughts', BODY, '0'.repeat(64), KEY],
		['a letter that is no hex digit', BODY, `g${GOOD.slice(1)}`, KEY],
		['digits of another script', BODY, GOOD.replace(/\d/g, '٣'), KEY],
		['full-width digits', BODY, GOOD.replace(/\d/g, '３'), KEY],
		['a blank within', BODY, `${GOOD.slice(0, 32)} ${GOOD.slice(32)}`, KEY],
		['a line break and more', BODY, `${GOOD}\n${GOOD}`, KEY],
		['the digest in base64', BODY, Buffer.from(GOOD, 'hex').toString('base64'), KEY],
		['another key', BODY, sign(BODY, 'another key'), KEY],
		['the key with a blank', BODY, sign(BODY, `${KEY} `), KEY],
		['an empty key in the credential', BODY, sign(BODY, ''), ''],
		['a body cut at its end', BODY.subarray(0, -1), GOOD, KEY],
		['a body with a line break added', Buffer.concat([BODY, Buffer.from('\n')]), GOOD, KEY],
		['a body parsed and written again', parsedAndWritten, GOOD, KEY],
		['no body at all', Buffer.alloc(0), GOOD, KEY],
	])('%s', (_what, body, header, key) => {
		expect(verifySignature(body, header, key)).toBeUndefined();
	});
});

const realBodies = readFixtures('webhooks')
	.filter(({ body }) => body !== null)
	.map(({ body }) => Buffer.from(JSON.stringify(body)));
const bodies = fc.oneof(
	fc.constantFrom(...realBodies),
	fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
);
const keys = fc.oneof(fc.string({ minLength: 1 }), fc.string({ unit: 'binary', minLength: 1 }));

type Change<Value> = [how: string, change: (value: Value, at: number) => Value];

const flipped = (bytes: Buffer, at: number): Buffer => {
	const copy = Buffer.from(bytes);
	const position = Math.floor(at / 8) % Math.max(1, copy.length);
	if (copy.length > 0) copy[position] = (copy[position] ?? 0) ^ (1 << at % 8);
	return copy;
};
const withText = (bytes: Buffer, change: (text: string) => string) =>
	Buffer.from(change(bytes.toString('utf8')));
const cutAt = (length: number, at: number) => at % Math.max(1, length);

const BODY_CHANGES: Array<Change<Buffer>> = [
	['one bit', flipped],
	['cut short', (body, at) => body.subarray(0, cutAt(body.length, at))],
	['cut in front', (body, at) => body.subarray(cutAt(body.length, at) + 1)],
	['a blank more', (body) => Buffer.concat([body, Buffer.from(' ')])],
	['a line break more', (body) => Buffer.concat([body, Buffer.from('\r\n')])],
	['a byte order mark', (body) => Buffer.concat([Buffer.from('\ufeff'), body])],
	['twice', (body) => Buffer.concat([body, body])],
	['upper case', (body) => withText(body, (text) => text.toUpperCase())],
	['composed', (body) => withText(body, (text) => text.normalize('NFC'))],
	['decomposed', (body) => withText(body, (text) => text.normalize('NFKD'))],
	['read as UTF-8 and written again', (body) => withText(body, (text) => text)],
	['UTF-16', (body) => Buffer.from(body.toString('utf8'), 'utf16le')],
	['Latin 1 as UTF-8', (body) => Buffer.from(body.toString('latin1'), 'utf8')],
	['base64', (body) => Buffer.from(body.toString('base64'))],
	['without blanks', (body) => withText(body, (text) => text.replaceAll(' ', ''))],
	['indented', (body) => withText(body, (text) => `\t${text}`)],
	['a key twice', (body) => withText(body, (text) => text.replace('{', '{"topic":"x",'))],
	['escapes', (body) => withText(body, (text) => text.replaceAll('a', '\\u0061'))],
	['slashes escaped', (body) => withText(body, (text) => text.replaceAll('/', '\\/'))],
	['as it is', (body) => body],
];

const HEADER_CHANGES: Array<Change<unknown>> = [
	['as it is', (header) => header],
	['upper case', (header) => String(header).toUpperCase()],
	['prefixed', (header) => `sha256=${String(header)}`],
	['prefixed with a long s', (header) => `ſha256=${String(header)}`],
	['prefixed twice', (header) => `sha256=sha256=${String(header)}`],
	['another prefix', (header) => `sha512=${String(header)}`],
	['blanks around', (header) => ` ${String(header)}\t`],
	['a blank within', (header, at) => spliced(String(header), at, ' ')],
	['one digit', (header, at) => spliced(String(header), at, '0', 1)],
	['one digit less', (header, at) => spliced(String(header), at, '', 1)],
	['one digit more', (header, at) => spliced(String(header), at, '0')],
	['a nought byte', (header, at) => spliced(String(header), at, '\u0000')],
	['full-width digits', (header) => String(header).replace(/\d/g, wide)],
	['a list', (header) => [header]],
	['a list of two', (header) => [header, header]],
	['two in one', (header) => `${String(header)}, ${String(header)}`],
	['two lines', (header) => `${String(header)}\n${String(header)}`],
	['a boxed text', (header) => Object(header)],
	['an object', (header) => ({ toString: () => header })],
	['bytes', (header) => Buffer.from(String(header))],
	['base64', (header) => Buffer.from(String(header), 'hex').toString('base64')],
	['nothing', () => undefined],
	['empty', () => ''],
	['noughts', () => '0'.repeat(64)],
];

const wide = (digit: string) => String.fromCodePoint(0xff10 + Number(digit));

function spliced(text: string, at: number, insert: string, removed = 0): string {
	const position = at % text.length;
	return text.slice(0, position) + insert + text.slice(position + removed);
}

const KEY_CHANGES: Array<Change<string>> = [
	['as it is', (key) => key],
	['as it is', (key) => key],
	['upper case', (key) => key.toUpperCase()],
	['lower case', (key) => key.toLowerCase()],
	['cut short', (key) => key.slice(0, -1)],
	['a blank more', (key) => `${key} `],
	['composed', (key) => key.normalize('NFKC')],
	['decomposed', (key) => key.normalize('NFKD')],
	['empty', () => ''],
	['twice', (key) => key + key],
	['a nought byte more', (key) => `${key}\u0001`],
];

const one = <Value>(changes: Array<Change<Value>>) => fc.constantFrom(...changes);

/**
 * What the contract calls signed (docs/kopokopo-api.md#signatures), written without a regular
 * expression.
 */
function isSigned(body: Buffer, header: unknown, key: string): boolean {
	if (typeof header !== 'string' || key === '') return false;
	const bare = header.trim().toLowerCase();
	const digest = bare.startsWith('sha256=') ? bare.slice('sha256='.length) : bare;
	return digest === sign(body, key) && [...header.trim()].every((letter) => letter <= '~');
}

/** A body that was signed, then body, header and key each changed in some way. */
const tampered = fc
	.tuple(bodies, keys, one(BODY_CHANGES), one(HEADER_CHANGES), one(KEY_CHANGES), fc.nat(5000))
	.map(([original, key, [ofBody, body], [ofHeader, header], [ofKey, change], at]) => ({
		how: `body: ${ofBody}; header: ${ofHeader}; key: ${ofKey}`,
		body: body(original, at),
		header: header(sign(original, key), at),
		key: change(key, at),
	}));

test('accepts a signed body and rejects it once body, header or key are changed', () => {
	const seen = { accepted: 0, rejected: 0 };
	fc.assert(
		fc.property(tampered, ({ body, header, key }) => {
			const expected = isSigned(body, header, key);
			seen[expected ? 'accepted' : 'rejected'] += 1;
			expect(verifySignature(body, header, key)).toBe(expected ? body : undefined);
		}),
		{ numRuns: RUNS * 3 },
	);
	// Both happened often enough.
	expect(seen.accepted).toBeGreaterThan(10);
	expect(seen.rejected).toBeGreaterThan(RUNS);
});

test('rejects a body or a signature in which any one bit is changed', () => {
	const body = realBodies[0] as Buffer;
	const key = 'the key of a test';
	const good = Buffer.from(sign(body, key), 'hex');
	expect(verifySignature(body, good.toString('hex'), key)).toBe(body);
	for (let bit = 0; bit < body.length * 8; bit += 1) {
		expect(verifySignature(flipped(body, bit), good.toString('hex'), key)).toBeUndefined();
	}
	for (let bit = 0; bit < good.length * 8; bit += 1) {
		expect(verifySignature(body, flipped(good, bit).toString('hex'), key)).toBeUndefined();
	}
});

test('rejects any other value for a signature, without throwing', () => {
	fc.assert(
		fc.property(bodies, fc.anything(), keys, (body, header, key) => {
			expect(verifySignature(body, header, key)).toBeUndefined();
		}),
		{ numRuns: RUNS },
	);
});

test('the trigger answers an unsigned delivery with 401, logs it without the key, and never throws', async () => {
	// Credentials are read trimmed, because people paste them with blanks.
	const deliveries = tampered.filter(({ key }) => key === key.trim());
	await fc.assert(
		fc.asyncProperty(deliveries, async ({ body, header, key }) => {
			const trigger = new TriggerInstance(storedCredential({ apiKey: key }));
			const { status, result } = await trigger.deliver(body, { 'x-kopokopo-signature': header });
			if (isSigned(body, header, key)) {
				expect(status).toBe(200);
				return;
			}
			expect(status).toBe(401);
			expect(result).toEqual({ noWebhookResponse: true });
			const logged = trigger.log.join('\n');
			expect(logged).toContain('rejected a delivery');
			if (key.length > 3) expect(logged).not.toContain(key);
		}),
		{ numRuns: RUNS },
	);
});
