import { InvalidParameterError } from '../domain/errors';
import { asText, type ParseContext, shorten } from './text';

/** A domain reserved by RFC 2606, which no host has, so that a result sent there reaches nobody. */
const DISCARD_URL = 'https://n8n.invalid/kopo-kopo/result-not-awaited';

/**
 * Where Kopo Kopo sends a result that the user does not need, since it requires an address: this n8n's own
 * address if that is https, and otherwise one that reaches nobody. The result contains names and phone
 * numbers.
 */
export const unusedCallbackUrl = ({ instanceUrl }: Pick<ParseContext, 'instanceUrl'>): string =>
	/^https:\/\//i.test(instanceUrl)
		? new URL('webhook/kopo-kopo/result-not-awaited', instanceUrl).href
		: DISCARD_URL;

/** Where Kopo Kopo sends the result; see unusedCallbackUrl() for an empty field. @throws InvalidParameterError */
export function parseCallbackUrl(raw: unknown, context: ParseContext): string {
	const { label, allowHttp } = context;
	const url = asText(raw);
	if (url === '') return unusedCallbackUrl(context);
	if (!isCallbackAllowed(url, { allowHttp })) {
		throw new InvalidParameterError(
			`'${label}' is not an https address: ${shorten(url)}`,
			"Enter the Production URL of a Kopo Kopo Trigger. If that begins with http://, set WEBHOOK_URL in n8n's environment to the public https address of your n8n.",
		);
	}
	return url;
}

/**
 * Whether Kopo Kopo may be given `url` as a callback address: https only
 * (docs/kopokopo-api.md#callback-urls), plain http also in a custom environment (a sandbox on the
 * same machine).
 */
export function isCallbackAllowed(
	url: string,
	{ allowHttp }: Pick<ParseContext, 'allowHttp'>,
): boolean {
	// The URL parser corrects mistakes, but Kopo Kopo gets the text unchanged.
	if (!/^https?:\/\/\S+$/i.test(url) || !URL.canParse(url)) return false;
	const { protocol } = new URL(url);
	return protocol === 'https:' || (protocol === 'http:' && allowHttp);
}
