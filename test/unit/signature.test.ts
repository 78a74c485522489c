import { createHmac } from 'node:crypto';
import * as fc from 'fast-check';
import { verifySignature } from '../../nodes/KopoKopo/webhooks/signature';
import { readFixtures } from './testData';

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

describe('accepted', () => {
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

	test('bytes that are no text', () => {
		const bytes = Buffer.from([0xff, 0x00, 0xfe, 0x80]);

		expect(verifySignature(bytes, sign(bytes, KEY), KEY)).toBe(bytes);
	});
});

describe('refused', () => {
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

describe('for any input', () => {
	const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
	const key = fc.string({ unit: 'binary', minLength: 1 });

	test('what was signed with the key is accepted', () => {
		fc.assert(
			fc.property(bytes, key, (body, secret) => {
				expect(verifySignature(body, sign(body, secret), secret)).toBe(body);
			}),
		);
	});

	test('one changed bit of the body is never accepted', () => {
		const withPlace = bytes
			.filter(({ length }) => length > 0)
			.chain((body) => fc.tuple(fc.constant(body), fc.nat(body.length * 8 - 1)));
		fc.assert(
			fc.property(withPlace, key, ([body, bit], secret) => {
				const changed = Buffer.from(body);
				const at = Math.floor(bit / 8);
				changed[at] = (changed[at] ?? 0) ^ (1 << bit % 8);
				expect(verifySignature(changed, sign(body, secret), secret)).toBeUndefined();
			}),
		);
	});

	test('another body or another key is never accepted', () => {
		fc.assert(
			fc.property(bytes, bytes, key, key, (body, other, secret, otherSecret) => {
				fc.pre(!body.equals(other) && Buffer.from(secret).compare(Buffer.from(otherSecret)) !== 0);
				expect(verifySignature(other, sign(body, secret), secret)).toBeUndefined();
				// HMAC itself fills keys up with noughts, so those that differ only in them are the same.
				fc.pre(secret.replace(/\0+$/, '') !== otherSecret.replace(/\0+$/, ''));
				expect(verifySignature(body, sign(body, otherSecret), secret)).toBeUndefined();
			}),
		);
	});

	test('nothing that is no signature is accepted, and nothing is thrown', () => {
		const header = fc.oneof(
			fc.anything(),
			fc.string({ unit: 'binary' }),
			fc.stringMatching(/^(sha256=)?[0-9a-fA-F]{60,70}$/),
		);
		fc.assert(
			fc.property(bytes, header, fc.string(), (body, value, secret) => {
				expect(verifySignature(body, value, secret)).toBeUndefined();
			}),
		);
	});
});
