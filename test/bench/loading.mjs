/**
 * Run by itself, with `--expose-gc`, in the Node.js that runs n8n: `node loading.mjs <package folder>`.
 * Loads what a community package brings into n8n and prints time and memory as JSON: first n8n-workflow
 * and zod, which n8n has loaded long before, then the package's own files, each made as n8n makes it.
 */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [folder] = process.argv.slice(2);
const require = createRequire(join(folder, 'package.json'));
const { n8n } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

const surroundings = cost(() => {
	require('n8n-workflow');
	require('zod');
});
const own = cost(() =>
	[...(n8n.credentials ?? []), ...n8n.nodes].map((file) => {
		const className = file
			.split('/')
			.pop()
			.replace(/(\.node|\.credentials)\.js$/, '');
		return new (require(`./${file}`)[className])();
	}),
);
process.stdout.write(JSON.stringify({ surroundings, own }));

function cost(load) {
	const before = memory();
	const began = performance.now();
	const loaded = load();
	const ms = performance.now() - began;
	const after = memory();
	return {
		ms,
		heapKb: (after.heapUsed - before.heapUsed) / 1024,
		residentKb: (after.rss - before.rss) / 1024,
		// Held until it was weighed.
		parts: loaded?.length ?? 0,
	};
}

function memory() {
	globalThis.gc();
	globalThis.gc();
	return process.memoryUsage();
}
