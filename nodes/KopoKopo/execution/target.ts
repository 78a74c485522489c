import { apiBaseUrl, type KopoKopoCredential } from '../transport/environment';

/** Where a request goes: the account and the path. */
export interface Target {
	environment: string;
	baseUrl: string;
	clientId: string;
	apiVersion: string;
	/** Path of the request. */
	path: string;
}

/** Where a request of this run goes. */
export function targetOf(
	{ credential, apiVersion }: { credential: KopoKopoCredential; apiVersion: string },
	path: string,
): Target {
	const { environment, clientId } = credential;
	return { environment, baseUrl: baseUrlOf(credential), clientId, apiVersion, path };
}

/** Empty where the credential has no usable base URL; then nothing is sent, and the error says why. */
function baseUrlOf(credential: KopoKopoCredential): string {
	try {
		return apiBaseUrl(credential).toLowerCase();
	} catch {
		return '';
	}
}

/** The account of a target, for the user. */
export const describeAccount = ({ environment, baseUrl, clientId }: Target): string =>
	`${environment} (${baseUrl}), client ID ${clientId}`;

/** Whether two requests have the same target, so that the response to one also holds for the other. */
export const isSameTarget = (one: Target, other: Target): boolean =>
	one.environment === other.environment &&
	one.baseUrl === other.baseUrl &&
	one.clientId === other.clientId &&
	one.apiVersion === other.apiVersion &&
	one.path === other.path;
