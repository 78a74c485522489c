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

/**
 * The base URL in one spelling: without the default port, a final dot or slash, and in lower case. Empty where
 * the credential has no usable base URL; then nothing is sent, and the error says why.
 */
function baseUrlOf(credential: KopoKopoCredential): string {
	try {
		const { origin, pathname } = new URL(apiBaseUrl(credential).toLowerCase());
		return `${origin.replace(/\.(?=:|$)/, '')}${pathname === '/' ? '' : pathname}`;
	} catch {
		return '';
	}
}

/** The address of a target's account, for the user. */
const describeAddress = ({ environment, baseUrl }: Target): string =>
	`environment ${environment} at ${baseUrl}`;

/** The account of a target, for the user; to be put in brackets. */
export const describeAccount = (target: Target): string =>
	`${describeAddress(target)}, client ID ${target.clientId}`;

/** An account that has the address of the target, but another client ID; to be put in brackets. */
export const describeOtherAccount = (target: Target): string =>
	`${describeAddress(target)}, with a client ID other than ${target.clientId}`;

/** Whether two requests have the same target, so that the response to one also holds for the other. */
export const isSameTarget = (one: Target, other: Target): boolean =>
	one.environment === other.environment &&
	one.baseUrl === other.baseUrl &&
	one.clientId === other.clientId &&
	one.apiVersion === other.apiVersion &&
	one.path === other.path;
