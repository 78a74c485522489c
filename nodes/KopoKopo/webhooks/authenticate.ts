import type { IWebhookFunctions } from 'n8n-workflow';
import { rawBodyOf } from '../n8n/compat';
import { CREDENTIAL_NAME, parseCredential } from '../transport/environment';
import { isSignature, SIGNATURE_HEADER, verifySignature, type VerifiedBody } from './signature';

/** The keys that deliveries may be signed with, as the credential had them. */
interface CachedKeys {
	/**
	 * The current key first, then the previous one; none if the credential has no API key. A promise, so that
	 * deliveries that arrive during a read share it.
	 */
	apiKeys: Promise<string[]>;
	/** When the read began, in ms since the epoch. */
	readAt: number;
}

/**
 * How long keys are cached, in ms. Reading the credential runs n8n's expression engine. In a burst of deliveries,
 * that would take longer than everything else the node does. A key that was removed from the credential is
 * accepted for at most this long.
 */
const CACHE_MS = 10_000;
/**
 * If no key matches, keys that were read longer ago than this are read again. So a new key works within a
 * second, and forged deliveries cause at most one read per second.
 */
const REREAD_AFTER_MS = 1000;

const cache = new Map<string, CachedKeys>();

async function readKeys(context: IWebhookFunctions): Promise<string[]> {
	const { apiKey, previousApiKey } = parseCredential(await context.getCredentials(CREDENTIAL_NAME));
	return apiKey === '' ? [] : [apiKey, previousApiKey];
}

/** The keys from the cache, or read again if they are older than `lifetime`, in ms. */
function cachedKeys(context: IWebhookFunctions, lifetime: number): CachedKeys {
	const { id: nodeId, credentials } = context.getNode();
	const cacheKey = [
		context.getWorkflow().id,
		nodeId,
		credentials?.[CREDENTIAL_NAME]?.id,
		context.getMode(),
	].join(':');
	const kept = cache.get(cacheKey);
	if (kept !== undefined && Date.now() - kept.readAt < lifetime) return kept;
	const keys = { apiKeys: readKeys(context), readAt: Date.now() };
	cache.set(cacheKey, keys);
	keys.apiKeys.catch(() => {
		if (cache.get(cacheKey) === keys) cache.delete(cacheKey);
	});
	return keys;
}

/** @returns the bytes of a delivery if the signature is valid, otherwise why it is rejected */
async function verify(
	context: IWebhookFunctions,
	signature: string,
): Promise<{ body: VerifiedBody } | { why: string }> {
	const bytes = await rawBodyOf(context);
	const verifyWith = (apiKeys: string[]) => {
		for (const apiKey of apiKeys) {
			const body = verifySignature(bytes, signature, apiKey);
			if (body !== undefined) return { body };
		}
		return undefined;
	};
	const keys = cachedKeys(context, CACHE_MS);
	const verified = verifyWith(await keys.apiKeys);
	if (verified !== undefined) return verified;
	const reread = cachedKeys(context, REREAD_AFTER_MS);
	const apiKeys = await reread.apiKeys;
	if (apiKeys.length === 0) return { why: "the credential has no 'API Key' to verify it with" };
	const isReread = reread !== keys;
	return (isReread && verifyWith(apiKeys)) || { why: 'its signature does not match' };
}

/**
 * The raw bytes of a delivery if their signature is valid; otherwise undefined, with a line in the log. For a
 * header that cannot be a signature, neither the bytes nor the key are read.
 * @throws if n8n cannot read the credential
 */
export async function authenticate(context: IWebhookFunctions): Promise<VerifiedBody | undefined> {
	const signature = context.getHeaderData()[SIGNATURE_HEADER];
	const result = isSignature(signature)
		? await verify(context, signature)
		: { why: signature === undefined ? 'it is not signed' : 'its signature is malformed' };
	if ('body' in result) return result.body;
	context.logger.warn(`Kopo Kopo: rejected a delivery because ${result.why}`);
	return undefined;
}
