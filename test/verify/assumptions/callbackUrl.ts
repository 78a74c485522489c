import type { Settings } from '../settings';

/** Reserved by RFC 2606: names no host, so a result sent there reaches nobody. */
export const DISCARD_URL = 'https://n8n.invalid/kopo-kopo/contract-check';

/** Where Kopo Kopo sends results during the check: to the tester's listener, if there is one. */
export const resultUrl = ({ callbackUrl }: Settings): string =>
	callbackUrl === undefined ? DISCARD_URL : `${callbackUrl}/result`;
