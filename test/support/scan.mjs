/**
 * `node test/support/scan.mjs source|package <folder>`: runs n8n's own scanner for community packages on a
 * folder, with n8n's rules and settings. Comments that disable a rule have no effect. After each release, n8n
 * scans the checkout (`source`) and the unpacked tarball (`package`).
 *
 * Runs in its own process, because the scanner is an ES module, which Jest does not load.
 */

import { resolve } from 'node:path';
import {
	analyzePackage,
	SOURCE_FILE_PATTERNS,
} from '@n8n/scan-community-package/scanner/scanner.mjs';

/** The scanner exports only the first; the second is copied from its command line. */
const PATTERNS = { source: SOURCE_FILE_PATTERNS, package: ['**/*.js', 'package.json'] };

const [kind, folder] = process.argv.slice(2);
const {
	passed,
	message = '',
	details = '',
} = await analyzePackage(resolve(folder), PATTERNS[kind]);
process.stdout.write(`${message}${details}`);
// A folder without any matching file also passes, but with a message.
process.exitCode = passed && message === '' ? 0 : 1;
