/** The parts of a Node.js or axios error that show how far a request got. */
export interface NetworkError {
	code?: unknown;
	/** Where n8n 1 keeps the code of an error that it wraps. */
	httpCode?: unknown;
	syscall?: unknown;
	cause?: unknown;
	errors?: unknown;
}

/** How far a request without a complete response got. With the first three, the request was never sent. */
export type NetworkFailureKind =
	| 'neverConnected'
	| 'tlsHandshake'
	| 'invalidUrl'
	| 'timeout'
	| 'cancelled'
	| 'connectionLost';

/** Codes of a connection that was never established. */
const NEVER_CONNECTED = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'];

/** Only codes from the TLS handshake; other TLS codes may follow the first byte of the request. */
const TLS_HANDSHAKE = /^CERT_|SELF_SIGNED|^UNABLE_TO_|^ERR_TLS_CERT|WRONG_VERSION_NUMBER/;

/** The error's code, or an empty text. */
export function networkCodeOf({ code, httpCode }: NetworkError): string {
	const value = code ?? httpCode;
	return typeof value === 'string' ? value : '';
}

/** The syscall that failed. `connect` and `getaddrinfo` run before the first byte is sent. */
function findSyscall(error: NetworkError | undefined, depth = 0): unknown {
	if (error === undefined || error === null || depth > 4) return undefined;
	const inner = Array.isArray(error.errors) ? error.errors[0] : error.cause;
	return error.syscall ?? findSyscall(inner as NetworkError | undefined, depth + 1);
}

/** How far the request got, from the error of n8n's request helper. An unknown code means a lost connection. */
export function networkFailureKind(error: NetworkError): NetworkFailureKind {
	const code = networkCodeOf(error);
	const syscall = findSyscall(error);
	if (NEVER_CONNECTED.includes(code) || syscall === 'connect' || syscall === 'getaddrinfo') {
		return 'neverConnected';
	}
	if (TLS_HANDSHAKE.test(code)) return 'tlsHandshake';
	if (code === 'ERR_INVALID_URL') return 'invalidUrl';
	if (code === 'ECONNABORTED' || code === 'ETIMEDOUT') return 'timeout';
	return code === 'ERR_CANCELED' ? 'cancelled' : 'connectionLost';
}
