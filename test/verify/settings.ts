/** What a run of the contract check may do, and with which account. */
export interface Settings {
	environment: 'sandbox' | 'production' | 'custom';
	/** Without a trailing slash. */
	baseUrl: string;
	/** A second host that may issue tokens (docs/kopokopo-api.md#base-urls). */
	oauthBaseUrl?: string;
	/** The same host over plain http; absent if the base URL itself is plain http. */
	plainHttpUrl?: string;
	clientId: string;
	clientSecret: string;
	apiKey: string;
	/** One of the merchant's tills. */
	till?: string;
	/** The public https address that leads to `receivePort`. */
	callbackUrl?: string;
	createLink: boolean;
	waitForExpiry: boolean;
	subscribeUrl?: string;
	payment?: { phone: string; amount: number };
	receivePort?: number;
	/** How long to wait for deliveries at most. */
	listenSeconds: number;
	/** How long to wait for the result of a poll or a payment request at most. */
	resultSeconds: number;
}

/** Base URLs by environment (docs/kopokopo-api.md#base-urls). */
export const BASE_URLS = {
	sandbox: 'https://sandbox.kopokopo.com',
	production: 'https://api.kopokopo.com',
};

/** The older host for tokens, which the guide names (docs/kopokopo-api.md#base-urls). */
export const OLDER_OAUTH_URL = 'https://app.kopokopo.com';
