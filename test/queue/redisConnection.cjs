'use strict';

const { connect } = require('node:net');
const { createInterface } = require('node:readline');

/**
 * Sends commands to Redis whose replies are integers.
 * @returns {Promise<number[]>} the replies, in the order of the commands
 */
module.exports = async function sendCommands(host, port, commands) {
	const socket = connect(port, host);
	const lines = createInterface(socket)[Symbol.asyncIterator]();
	socket.write(commands.map((command) => `${command}\r\n`).join(''));
	const replies = [];
	for (const _command of commands) replies.push(String((await lines.next()).value));
	socket.destroy();
	// Redis writes an integer as ":" and its digits.
	return replies.map((reply) => Number(reply.slice(1)));
};
