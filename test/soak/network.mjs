import { connect, createServer } from 'node:net';

const HOST = '127.0.0.1';

/**
 * The network between Kopo Kopo and n8n: hands bytes on, and breaks on demand.
 * @param {number} target the port behind it
 */
export async function openNetwork(target) {
	const pairs = new Set();
	let isStalled = false;
	let losesAnswers = false;
	let isOpen = true;

	const cut = (pair) => {
		pairs.delete(pair);
		for (const end of pair) end.resetAndDestroy();
	};
	// Half-open, so that what a sender wrote before it gave up still arrives, as on a real network.
	const server = createServer({ allowHalfOpen: true }, (sender) => {
		if (!isOpen) {
			sender.on('error', () => {}).resetAndDestroy();
			return;
		}
		const receiver = connect({ port: target, host: HOST, allowHalfOpen: true });
		const pair = [sender, receiver];
		pairs.add(pair);
		for (const end of pair) {
			end.on('error', () => cut(pair));
			end.on('close', () => cut(pair));
		}
		sender.on('data', (bytes) => receiver.write(bytes));
		sender.on('end', () => receiver.end());
		receiver.on('data', (bytes) => {
			if (losesAnswers) cut(pair);
			else sender.write(bytes);
		});
		receiver.on('end', () => sender.end());
		if (isStalled) for (const end of pair) end.pause();
	});
	await new Promise((resolve) => server.listen(0, HOST, resolve));

	return {
		port: server.address().port,
		/** Whether anybody is let through. A load balancer lets nobody through to an n8n that is not ready. */
		open(yes) {
			isOpen = yes;
		},
		/** Cuts every connection, with whatever is on its way. */
		reset() {
			for (const pair of [...pairs]) cut(pair);
		},
		/** Holds everything back, in both directions, until go() lets it arrive late. */
		stall() {
			isStalled = true;
			for (const end of [...pairs].flat()) end.pause();
		},
		/** What is sent arrives; the connection breaks before its answer, until go(). */
		loseAnswers() {
			losesAnswers = true;
		},
		go() {
			isStalled = false;
			losesAnswers = false;
			for (const end of [...pairs].flat()) end.resume();
		},
		async close() {
			for (const pair of [...pairs]) cut(pair);
			await new Promise((resolve) => server.close(resolve));
		},
	};
}
