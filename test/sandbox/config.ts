export interface SandboxConfig {
	/** 0 takes any free port. */
	port: number;
	host: string;
	/** PEM texts, for SDKs that speak nothing but https. */
	tls: { key: string; cert: string } | null;
	clientId: string;
	clientSecret: string;
	apiKey: string;
	tokenLifetimeSeconds: number;
	/** Every new token kills the older ones, so two callers that each cache one fight. */
	singleToken: boolean;
	/** Production refuses plain http callback URLs; a laptop has nothing else. */
	allowHttpCallbacks: boolean;
	/** Off by default: sample callback URLs name real hosts that must never be called by a test. */
	deliverToRemoteHosts: boolean;
	/** Waits before the second, third, … attempt; their number bounds the attempts. */
	webhookRetryDelaysMs: number[];
	deliveryTimeoutMs: number;
	/** How long a polling query and an SMS notification take: nobody acts on them. */
	processingMs: number;
	/** Shillings available before the first payment; a sweep moves what is there. */
	openingBalance: number;
	/** Fire customer_created on the first payment of each phone number. */
	announceCustomers: boolean;
	/** Seeds the weather, so that a run repeats. */
	seed: number;
}

export const DEFAULT_CONFIG: SandboxConfig = {
	port: 4010,
	host: '127.0.0.1',
	tls: null,
	clientId: 'sandbox-client-id-example',
	clientSecret: 'sandbox-client-secret-example',
	apiKey: 'sandbox-api-key-example',
	tokenLifetimeSeconds: 3600,
	singleToken: false,
	allowHttpCallbacks: true,
	deliverToRemoteHosts: false,
	webhookRetryDelaysMs: [1_000, 4_000, 16_000, 64_000],
	deliveryTimeoutMs: 10_000,
	processingMs: 20,
	openingBalance: 1_000_000,
	announceCustomers: false,
	seed: 1,
};
