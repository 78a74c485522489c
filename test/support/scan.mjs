/**
 * What n8n's own scanner says of a folder, with its rules and its settings: comments that switch a rule
 * off do not count. `node test/support/scan.mjs source|package <folder>` tells the two folders that it
 * looks at after each publish: the checkout, and what was unpacked from the published tarball.
 *
 * A process of its own, since the scanner is an ES module, which Jest does not load.
 */

import { resolve } from 'node:path';
import {
	analyzePackage,
	SOURCE_FILE_PATTERNS,
} from '@n8n/scan-community-package/scanner/scanner.mjs';

/** The scanner exports the first and names the second only where it calls itself. */
const PATTERNS = { source: SOURCE_FILE_PATTERNS, package: ['**/*.js', 'package.json'] };

const [kind, folder] = process.argv.slice(2);
const {
	passed,
	message = '',
	details = '',
} = await analyzePackage(resolve(folder), PATTERNS[kind]);
process.stdout.write(`${message}${details}`);
// A folder in which it finds nothing to look at passes as well, with a message.
process.exitCode = passed && message === '' ? 0 : 1;
