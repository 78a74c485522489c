import { createHmac, timingSafeEqual } from 'node:crypto';

declare const verified: unique symbol;
/** Bytes whose signature was checked; only verifySignature() makes them, so nothing else can be parsed. */
export type VerifiedBody = Buffer & { readonly [verified]: true };

/** The header with the signature of a delivery (docs/kopokopo-api.md#signatures), as n8n names it: in lower case. */
export const SIGNATURE_HEADER = 'x-kopokopo-signature';

/** Whether a header has the form of a signature. Checked before the API key is read. */
export const isSignature = (header: unknown): header is string =>
	typeof header === 'string' && HEADER_SHAPE.test(header.trim());

const HEADER_SHAPE = /^(?:sha256=)?([0-9a-f]{64})$/i;

/**
 * Verifies who sent a body: `X-KopoKopo-Signature` is the hex HMAC-SHA256 of the raw bytes under the API
 * key (docs/kopokopo-api.md#signatures; a `sha256=` prefix and upper case are accepted). Only the original
 * bytes can be verified: JSON that is serialized again differs in spaces, `100.0` and escapes. Never
 * throws; a malformed header is no signature.
 * @returns the same bytes, marked as verified, or undefined
 */
export function verifySignature(
	rawBody: Buffer,
	header: unknown,
	apiKey: string,
): VerifiedBody | undefined {
	if (apiKey === '' || typeof header !== 'string') return undefined;
	const hex = HEADER_SHAPE.exec(header.trim())?.[1];
	if (hex === undefined) return undefined;
	const expected = createHmac('sha256', apiKey).update(rawBody).digest();
	return timingSafeEqual(expected, Buffer.from(hex, 'hex')) ? (rawBody as VerifiedBody) : undefined;
}
