import type { IWebhookFunctions } from 'n8n-workflow';
import { CREDENTIAL_NAME, readCredential } from '../api/environment';

interface Kept {
	apiKey: string;
	/** ms since the epoch */
	readAt: number;
}

/**
 * Reading a credential costs n8n more than everything else a delivery needs of us, since it starts an
 * expression engine for it. A key is kept for as long as a burst of deliveries lasts: one that was
 * taken out of the credential is believed for at most so long.
 */
const KEPT_FOR_MS = 10_000;
/** A key that was just changed is found at once; a flood of forgeries reads it once a second. */
const READ_AGAIN_AFTER_MS = 1000;

const keys = new Map<string, Kept>();

async function readKey(context: IWebhookFunctions, place: string): Promise<string> {
	const { apiKey } = readCredential(await context.getCredentials(CREDENTIAL_NAME));
	keys.set(place, { apiKey, readAt: Date.now() });
	return apiKey;
}

/**
 * The key that signs deliveries to this node.
 * @param doesNotFit a key that was tried and did not fit; read again then, unless that was just done
 */
export async function apiKeyOf(context: IWebhookFunctions, doesNotFit?: string): Promise<string> {
	const { id: nodeId, credentials } = context.getNode();
	const place = [
		context.getWorkflow().id,
		nodeId,
		credentials?.[CREDENTIAL_NAME]?.id,
		context.getMode(),
	].join(':');
	const kept = keys.get(place);
	const age = Date.now() - (kept?.readAt ?? 0);
	const lifetime = doesNotFit === undefined ? KEPT_FOR_MS : READ_AGAIN_AFTER_MS;
	return kept !== undefined && age < lifetime ? kept.apiKey : await readKey(context, place);
}
