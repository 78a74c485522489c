'use strict';

/**
 * Loaded into a child process before its own code. Ends it when its parent is gone, even if the parent was
 * killed and could not clean up: an orphan is given another parent, which shows in `process.ppid`. (Watching
 * standard input would be faster, but n8n closes its own on its first start.)
 */
const CHECK_INTERVAL_MS = 1000;
const parent = process.ppid;

setInterval(() => {
	if (process.ppid !== parent) process.kill(process.pid, 'SIGTERM');
}, CHECK_INTERVAL_MS).unref();
