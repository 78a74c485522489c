'use strict';

/**
 * Loaded into n8n before its own code: ends it when the process that started it is gone, even if
 * that was killed and could not clean up. An orphan gets another parent, which shows here. (A pipe
 * that closes would show it at once, but n8n's first start closes its own standard input.)
 */
const LOOK_AGAIN_MS = 1000;
const parent = process.ppid;

setInterval(() => {
	if (process.ppid !== parent) process.kill(process.pid, 'SIGTERM');
}, LOOK_AGAIN_MS).unref();
