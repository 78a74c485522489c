import { TILLS, type OwnTill } from './tills';

export interface SandboxConfig {
	/** 0 chooses a free port. */
	port: number;
	host: string;
	/** PEM texts; with them the sandbox speaks https, which is all that some SDKs accept. */
	tls: { key: string; cert: string } | null;
	clientId: string;
	clientSecret: string;
	apiKey: string;
	tills: OwnTill[];
	/**
	 * KES per payment request, payment link, and payout to a wallet, till or paybill. Kopo Kopo documents no
	 * limit; this one is the sandbox's own, and as high as M-Pesa's for one transaction.
	 */
	transactionLimit: number;
	/** How long a prompt waits for the person at the page; Kopo Kopo's own time is not documented. */
	promptLifetimeMs: number;
	tokenLifetimeSeconds: number;
	/** Each new token invalidates the earlier ones, so two clients that cache a token disturb each other. */
	singleToken: boolean;
	/** Production rejects http callback URLs; a server on the same machine usually has no https. */
	allowHttpCallbacks: boolean;
	/** Off by default, because sample callback URLs name real hosts that a test must never call. */
	deliverToRemoteHosts: boolean;
	/** Waits before the second and each later attempt; one attempt more than there are waits. */
	webhookRetryDelaysMs: number[];
	deliveryTimeoutMs: number;
	/** How long a polling request and an SMS notification take; no customer or bank acts on them. */
	processingMs: number;
	/** KES available before the first payment. A sweep transfers all that is available. */
	openingBalance: number;
	/**
	 * Number of the first transaction reference. A sandbox that is started again for the same n8n needs other
	 * references than before, because the trigger ignores a payment that it has received already.
	 */
	firstReference: number;
	/** Sends customer_created on the first payment of each phone number. */
	announceCustomers: boolean;
	/** Seed of the injected faults; the same seed gives the same faults for the same requests. */
	seed: number;
}

export const DEFAULT_CONFIG: SandboxConfig = {
	port: 4010,
	host: '127.0.0.1',
	tls: null,
	clientId: 'sandbox-client-id-example',
	clientSecret: 'sandbox-client-secret-example',
	apiKey: 'sandbox-api-key-example',
	tills: TILLS,
	transactionLimit: 250_000,
	promptLifetimeMs: 60_000,
	tokenLifetimeSeconds: 3600,
	singleToken: false,
	allowHttpCallbacks: true,
	deliverToRemoteHosts: false,
	webhookRetryDelaysMs: [1_000, 4_000, 16_000, 64_000],
	deliveryTimeoutMs: 10_000,
	processingMs: 20,
	openingBalance: 1_000_000,
	firstReference: 1,
	announceCustomers: false,
	seed: 1,
};
