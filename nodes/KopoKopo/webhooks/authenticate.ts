import type { IWebhookFunctions } from 'n8n-workflow';
import { rawBodyOf } from '../n8n/compat';
import { CREDENTIAL_NAME, parseCredential } from '../transport/environment';
import { isSignature, SIGNATURE_HEADER, verifySignature, type VerifiedBody } from './signature';

/** The keys that deliveries may be signed with, as the credential had them. */
interface CachedKeys {
	/** The current key first, then the previous one; none if the credential has no API key. */
	apiKeys: string[];
	/** ms since the epoch */
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

async function readKeys(context: IWebhookFunctions, cacheKey: string): Promise<CachedKeys> {
	const { apiKey, previousApiKey } = parseCredential(await context.getCredentials(CREDENTIAL_NAME));
	const apiKeys = apiKey === '' ? [] : [apiKey, previousApiKey];
	const keys = { apiKeys, readAt: Date.now() };
	cache.set(cacheKey, keys);
	return keys;
}

/** The keys from the cache, or read again if they are older than `lifetime`, in ms. */
async function cachedKeys(context: IWebhookFunctions, lifetime: number): Promise<CachedKeys> {
	const { id: nodeId, credentials } = context.getNode();
	const cacheKey = [
		context.getWorkflow().id,
		nodeId,
		credentials?.[CREDENTIAL_NAME]?.id,
		context.getMode(),
	].join(':');
	const kept = cache.get(cacheKey);
	const isFresh = kept !== undefined && Date.now() - kept.readAt < lifetime;
	return isFresh ? kept : await readKeys(context, cacheKey);
}

async function verify(
	context: IWebhookFunctions,
	signature: string,
): Promise<VerifiedBody | undefined> {
	const bytes = await rawBodyOf(context);
	const verifyWith = ({ apiKeys }: CachedKeys) => {
		for (const apiKey of apiKeys) {
			const body = verifySignature(bytes, signature, apiKey);
			if (body !== undefined) return body;
		}
		return undefined;
	};
	const keys = await cachedKeys(context, CACHE_MS);
	const body = verifyWith(keys);
	if (body !== undefined) return body;
	const reread = await cachedKeys(context, REREAD_AFTER_MS);
	if (reread.apiKeys.length === 0) {
		context.logger.warn("Kopo Kopo: the credential has no 'API Key' to verify deliveries with");
	}
	return reread === keys ? undefined : verifyWith(reread);
}

/**
 * The raw bytes of a delivery if their signature is valid; otherwise undefined, with a line in the log. For a
 * header that cannot be a signature, neither the bytes nor the key are read.
 * @throws if n8n cannot read the credential
 */
export async function authenticate(context: IWebhookFunctions): Promise<VerifiedBody | undefined> {
	const signature = context.getHeaderData()[SIGNATURE_HEADER];
	const body = isSignature(signature) ? await verify(context, signature) : undefined;
	if (body === undefined) {
		const why = signature === undefined ? 'it is not signed' : 'its signature does not match';
		context.logger.warn(`Kopo Kopo: rejected a delivery because ${why}`);
	}
	return body;
}
