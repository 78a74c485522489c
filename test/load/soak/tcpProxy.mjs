import { connect, createServer } from 'node:net';

const HOST = '127.0.0.1';

/**
 * A TCP proxy between Kopo Kopo and n8n that passes bytes on and can simulate network faults.
 * @param {number} target the port that it connects to
 */
export async function startTcpProxy(target) {
	const connections = new Set();
	let isStalled = false;
	let dropsResponses = false;
	let isAccepting = true;

	const reset = (connection) => {
		connections.delete(connection);
		for (const socket of connection) socket.resetAndDestroy();
	};
	// Half-open, so that what a client wrote before it gave up still arrives, as on a real network.
	const server = createServer({ allowHalfOpen: true }, (client) => {
		if (!isAccepting) {
			client.on('error', () => {}).resetAndDestroy();
			return;
		}
		const upstream = connect({ port: target, host: HOST, allowHalfOpen: true });
		const connection = [client, upstream];
		connections.add(connection);
		for (const socket of connection) {
			socket.on('error', () => reset(connection));
			socket.on('close', () => reset(connection));
		}
		client.on('data', (bytes) => upstream.write(bytes));
		client.on('end', () => upstream.end());
		upstream.on('data', (bytes) => {
			if (dropsResponses) reset(connection);
			else client.write(bytes);
		});
		upstream.on('end', () => client.end());
		if (isStalled) for (const socket of connection) socket.pause();
	});
	await new Promise((resolve) => server.listen(0, HOST, resolve));

	return {
		port: server.address().port,
		/** Sets whether new connections are accepted. A load balancer accepts none for an n8n that is not ready. */
		setAccepting(accepting) {
			isAccepting = accepting;
		},
		/** Resets every connection; data in transit is lost. */
		resetConnections() {
			for (const connection of [...connections]) reset(connection);
		},
		/** Holds back all data in both directions until resume() is called, and then delivers it. */
		stall() {
			isStalled = true;
			for (const socket of [...connections].flat()) socket.pause();
		},
		/** Passes requests on and resets the connection instead of returning the response, until resume(). */
		dropResponses() {
			dropsResponses = true;
		},
		resume() {
			isStalled = false;
			dropsResponses = false;
			for (const socket of [...connections].flat()) socket.resume();
		},
		async close() {
			for (const connection of [...connections]) reset(connection);
			await new Promise((resolve) => server.close(resolve));
		},
	};
}
