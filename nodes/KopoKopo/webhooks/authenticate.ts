import type { IWebhookFunctions } from 'n8n-workflow';
import { CREDENTIAL_NAME, parseCredential } from '../transport/environment';
import { isSignature, verifySignature, type VerifiedBody } from './signature';

interface CachedKey {
	apiKey: string;
	/** ms since the epoch */
	readAt: number;
}

/**
 * Reading a credential costs n8n more than everything else a delivery needs of us, since it starts an
 * expression engine for it. A key is kept for as long as a burst of deliveries lasts: one that was
 * taken out of the credential is believed for at most so long.
 */
const CACHE_MS = 10_000;
/** A key that was just changed is found at once; a flood of forgeries reads it once a second. */
const REREAD_AFTER_MS = 1000;

const keys = new Map<string, CachedKey>();

async function readApiKey(context: IWebhookFunctions, place: string): Promise<string> {
	const { apiKey } = parseCredential(await context.getCredentials(CREDENTIAL_NAME));
	keys.set(place, { apiKey, readAt: Date.now() });
	return apiKey;
}

/**
 * The key that signs deliveries to this node.
 * @param doesNotFit a key that was tried and did not fit; read again then, unless that was just done
 */
async function cachedApiKey(context: IWebhookFunctions, doesNotFit?: string): Promise<string> {
	const { id: nodeId, credentials } = context.getNode();
	const place = [
		context.getWorkflow().id,
		nodeId,
		credentials?.[CREDENTIAL_NAME]?.id,
		context.getMode(),
	].join(':');
	const kept = keys.get(place);
	const age = Date.now() - (kept?.readAt ?? 0);
	const lifetime = doesNotFit === undefined ? CACHE_MS : REREAD_AFTER_MS;
	return kept !== undefined && age < lifetime ? kept.apiKey : await readApiKey(context, place);
}

async function verify(
	context: IWebhookFunctions,
	signature: string,
): Promise<VerifiedBody | undefined> {
	const request = context.getRequestObject();
	// Version 2 of a node has n8n read some content types only on demand.
	if (request.rawBody === undefined) await request.readRawBody();
	const bytes = request.rawBody ?? Buffer.alloc(0);
	const apiKey = await cachedApiKey(context);
	const body = verifySignature(bytes, signature, apiKey);
	if (body !== undefined) return body;
	const changed = await cachedApiKey(context, apiKey);
	if (changed === '') {
		context.logger.warn("Kopo Kopo: the credential has no 'API Key' to check deliveries with");
	}
	return changed === apiKey ? undefined : verifySignature(bytes, signature, changed);
}

/**
 * The raw bytes of a delivery once their signature was checked, or undefined, with a line in the log.
 * What cannot be a signature costs neither a read of the bytes nor one of the key.
 * @throws when n8n cannot give the credential
 */
export async function authenticate(context: IWebhookFunctions): Promise<VerifiedBody | undefined> {
	const signature = context.getHeaderData()['x-kopokopo-signature'];
	const body = isSignature(signature) ? await verify(context, signature) : undefined;
	if (body === undefined) {
		const why = signature === undefined ? 'it is not signed' : 'its signature does not fit';
		context.logger.warn(`Kopo Kopo: refused a delivery, ${why}`);
	}
	return body;
}
