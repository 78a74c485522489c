/** The parts of Kopo Kopo's Node.js SDK that the tests use. It has no types of its own. */
declare module 'k2-connect-node' {
	type Options = Record<string, unknown>;
	type Create = (options: Options) => Promise<string>;
	type Status = (options: { location: string; accessToken: string }) => Promise<{ data: Options }>;

	interface K2 {
		TokenService: {
			getToken(): Promise<Record<string, unknown>>;
			revokeToken(options: { accessToken: string }): Promise<unknown>;
			introspectToken(options: { accessToken: string }): Promise<unknown>;
			infoToken(options: { accessToken: string }): Promise<Record<string, unknown>>;
		};
		Webhooks: {
			subscribe: Create;
			getStatus: Status;
			webhookHandler(
				request: { body: unknown; get(header: string): string | undefined },
				response: { status(code: number): { json(): void } },
			): Promise<unknown>;
		};
		StkService: { initiateIncomingPayment: Create; getStatus: Status };
		PayService: { addPayRecipient: Create; sendPay: Create; getStatus: Status };
		TransferService: {
			createMerchantBankAccount: Create;
			createMerchantWallet: Create;
			settleFunds: Create;
			getStatus: Status;
		};
		PollingService: { pollTransactions: Create; getStatus: Status };
		SmsNotificationService: { sendTransactionSmsNotification: Create; getStatus: Status };
	}

	function connect(options: {
		clientId: string;
		clientSecret: string;
		apiKey: string;
		baseUrl: string;
	}): K2;

	export = connect;
}
