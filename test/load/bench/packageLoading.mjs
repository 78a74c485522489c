/**
 * Loads a community package as n8n does and prints time and memory as JSON. Runs in a process of its own,
 * on n8n's Node.js: `node --expose-gc packageLoading.mjs <package folder>`. The dependencies n8n-workflow and
 * zod are loaded and measured first, since n8n has loaded them long before it loads the package.
 */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [folder] = process.argv.slice(2);
const require = createRequire(join(folder, 'package.json'));
const { n8n } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

const dependencies = measure(() => {
	require('n8n-workflow');
	require('zod');
});
const own = measure(() =>
	[...(n8n.credentials ?? []), ...n8n.nodes].map((file) => {
		const className = file
			.split('/')
			.pop()
			.replace(/(\.node|\.credentials)\.js$/, '');
		return new (require(`./${file}`)[className])();
	}),
);
process.stdout.write(JSON.stringify({ dependencies, own }));

function measure(load) {
	const before = readMemory();
	const startedAt = performance.now();
	const loaded = load();
	const ms = performance.now() - startedAt;
	const after = readMemory();
	return {
		ms,
		heapKb: (after.heapUsed - before.heapUsed) / 1024,
		residentKb: (after.rss - before.rss) / 1024,
		// Keeps the instances alive until their memory has been read.
		instances: loaded?.length ?? 0,
	};
}

function readMemory() {
	globalThis.gc();
	globalThis.gc();
	return process.memoryUsage();
}
