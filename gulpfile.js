'use strict';

/**
 * The second half of `npm run build`. `n8n-node build` has emptied `dist`, compiled into it and copied
 * the icons; here the icons are made smaller, and a codex file that n8n would silently ignore stops the
 * build.
 */

const { readFile } = require('node:fs/promises');
const { basename, join } = require('node:path');
const { Transform } = require('node:stream');
const { dest, parallel, src } = require('gulp');
const { optimize } = require('svgo');

const packageJson = require('./package.json');

/** The categories of n8n's own nodes; n8n does not complain about a misspelt one. */
const CATEGORIES = new Set([
	'Analytics',
	'Communication',
	'Core Nodes',
	'Data & Storage',
	'Development',
	'Finance & Accounting',
	'Marketing',
	'Miscellaneous',
	'Productivity',
	'Sales',
	'Utility',
]);

function icons() {
	return src('dist/icons/*.svg', { encoding: false })
		.pipe(eachFile((text, path) => optimize(text, { path, multipass: true }).data))
		.pipe(dest('dist/icons'));
}

/** n8n looks for the codex file of a node beside its code. */
async function codex() {
	for (const nodeFile of packageJson.n8n.nodes) {
		const file = nodeFile.replace(/js$/, 'json');
		checkCodex(JSON.parse(await readFile(join(__dirname, file), 'utf8')), file);
	}
}

/** Every codex names the node beside it, a category n8n knows, and https documents. */
function checkCodex(content, path) {
	const faults = [];
	const nodeName = basename(path, '.node.json').replace(/^./, (first) => first.toLowerCase());
	const { node, nodeVersion, codexVersion, categories, resources, alias } = content;

	if (node !== `${packageJson.name}.${nodeName}`) {
		faults.push(`"node" must be "${packageJson.name}.${nodeName}"`);
	}
	if (!/^\d+\.\d+$/.test(nodeVersion)) faults.push('"nodeVersion" must look like "1.0"');
	if (codexVersion !== '1.0') faults.push('"codexVersion" must be "1.0"');
	if (!isFilledList(categories, (category) => CATEGORIES.has(category))) {
		faults.push('"categories" must list categories that n8n knows');
	}
	if (!isFilledList(alias, (word) => typeof word === 'string' && word.trim() !== '')) {
		faults.push('"alias" must list search words');
	}
	for (const kind of ['primaryDocumentation', 'credentialDocumentation']) {
		if (!isFilledList(resources?.[kind], ({ url }) => String(url).startsWith('https://'))) {
			faults.push(`"resources.${kind}" must list https addresses`);
		}
	}
	if (faults.length > 0) throw new Error(`${basename(path)}: ${faults.join('; ')}`);
}

function isFilledList(list, isGood) {
	return Array.isArray(list) && list.length > 0 && list.every(isGood);
}

function eachFile(rewrite) {
	return new Transform({
		objectMode: true,
		transform(file, _encoding, done) {
			try {
				file.contents = Buffer.from(rewrite(file.contents.toString('utf8'), file.path));
				done(null, file);
			} catch (error) {
				done(error);
			}
		},
	});
}

exports.default = parallel(icons, codex);
