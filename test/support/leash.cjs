'use strict';

/**
 * Loaded into n8n before its own code: ends it when the process that started it is gone, even if
 * that was killed and could not clean up. Its end of this pipe closes in any case.
 */
process.stdin.on('end', () => process.kill(process.pid, 'SIGTERM'));
process.stdin.resume();
process.stdin.unref?.();
