import { createHmac } from 'node:crypto';
import * as fc from 'fast-check';
import type { IWebhookFunctions } from 'n8n-workflow';
import { KopoKopoTrigger } from '../../nodes/KopoKopo/KopoKopoTrigger.node';
import { verifySignature } from '../../nodes/KopoKopo/webhooks/signature';
import { readFixtures, storedCredential } from './testData';
import { RUNS } from './arbitraries';

const sign = (body: Buffer, key: string) => createHmac('sha256', key).update(body).digest('hex');

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
	const place = Math.floor(at / 8) % Math.max(1, copy.length);
	if (copy.length > 0) copy[place] = (copy[place] ?? 0) ^ (1 << at % 8);
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
	const place = at % text.length;
	return text.slice(0, place) + insert + text.slice(place + removed);
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

test('the signature check accepts what was signed and nothing else, whatever is changed', () => {
	const seen = { accepted: 0, refused: 0 };
	fc.assert(
		fc.property(tampered, ({ body, header, key }) => {
			const wanted = isSigned(body, header, key);
			seen[wanted ? 'accepted' : 'refused'] += 1;
			expect(verifySignature(body, header, key)).toBe(wanted ? body : undefined);
		}),
		{ numRuns: RUNS * 3 },
	);
	// Or the check would have been put to no test.
	expect(seen.accepted).toBeGreaterThan(10);
	expect(seen.refused).toBeGreaterThan(RUNS);
});

test('every single bit of a body and of its signature counts', () => {
	const body = realBodies[0] as Buffer;
	const key = 'the key of a test';
	const good = Buffer.from(sign(body, key), 'hex');
	for (let bit = 0; bit < body.length * 8; bit += 1) {
		expect(verifySignature(flipped(body, bit), good.toString('hex'), key)).toBeUndefined();
	}
	for (let bit = 0; bit < good.length * 8; bit += 1) {
		expect(verifySignature(body, flipped(good, bit).toString('hex'), key)).toBeUndefined();
	}
});

test('no value at all is taken for a signature by chance, and none makes the check throw', () => {
	fc.assert(
		fc.property(bodies, fc.anything(), keys, (body, header, key) => {
			expect(verifySignature(body, header, key)).toBeUndefined();
		}),
		{ numRuns: RUNS },
	);
});

describe('the trigger', () => {
	/** Hands a delivery to webhook() and tells the answer, and whether a workflow would start. */
	async function deliver(body: Buffer, header: unknown, apiKey: string) {
		let status = 200;
		const logged: string[] = [];
		const log = (line: string) => logged.push(line);
		const answer = { json: () => undefined };
		const context = {
			getRequestObject: () => ({ rawBody: body, body: { topic: 'buygoods_transaction_received' } }),
			getBodyData: () => ({ topic: 'buygoods_transaction_received' }),
			getHeaderData: () => ({ 'x-kopokopo-signature': header }),
			getCredentials: async () => await Promise.resolve(storedCredential({ apiKey })),
			getNodeParameter: (name: string, fallback?: unknown) =>
				name === 'triggerOn' ? [] : fallback,
			getResponseObject: () => ({
				status(code: number) {
					status = code;
					return answer;
				},
				once: () => undefined,
			}),
			getMode: () => 'webhook',
			getNode: () => ({ id: `node-${(nodes += 1)}` }),
			getWorkflow: () => ({ id: 'workflow' }),
			getWorkflowStaticData: () => ({}),
			logger: { info: log, warn: log, error: log },
		} as unknown as IWebhookFunctions;
		const result = await new KopoKopoTrigger().webhook.call(context);
		return { status, result, logged: logged.join('\n') };
	}
	let nodes = 0;

	test('answers 401 and nothing else to what was not signed, and never throws', async () => {
		// Credentials are read trimmed, as people paste them.
		const deliveries = tampered.filter(({ key }) => key === key.trim());
		await fc.assert(
			fc.asyncProperty(deliveries, async ({ body, header, key }) => {
				const { status, result, logged } = await deliver(body, header, key);
				if (isSigned(body, header, key)) {
					expect(status).toBe(200);
					return;
				}
				expect(status).toBe(401);
				expect(result).toEqual({ noWebhookResponse: true });
				expect(logged).toContain('refused a delivery');
				if (key.length > 3) expect(logged).not.toContain(key);
			}),
			{ numRuns: RUNS },
		);
	});
});
