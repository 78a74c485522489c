'use strict';

/**
 * The second part of `npm run build`. By now `n8n-node build` has compiled into `dist` and copied the icons and
 * codex files. This optimizes the icons, and fails the build on a codex file that n8n would silently ignore.
 */

const { readFile } = require('node:fs/promises');
const { basename, join } = require('node:path');
const { Transform } = require('node:stream');
const { dest, parallel, src } = require('gulp');
const { optimize } = require('svgo');

const packageJson = require('./package.json');

/** The categories of n8n's own nodes. n8n ignores a misspelled one without a warning. */
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

/** Optimizes the icons in `dist`. */
function optimizeIcons() {
	return src('dist/icons/*.svg', { encoding: false })
		.pipe(mapContents((text, path) => optimize(text, { path, multipass: true }).data))
		.pipe(dest('dist/icons'));
}

/** Checks the codex files in `dist`, where n8n looks for them: beside the code of each node. */
async function checkCodexFiles() {
	for (const nodeFile of packageJson.n8n.nodes) {
		const file = nodeFile.replace(/js$/, 'json');
		checkCodex(JSON.parse(await readFile(join(__dirname, file), 'utf8')), file);
	}
}

/** Throws unless a codex file names its node, valid categories, search words and https URLs. */
function checkCodex(content, path) {
	const problems = [];
	const nodeName = basename(path, '.node.json').replace(/^./, (first) => first.toLowerCase());
	const { node, nodeVersion, codexVersion, categories, resources, alias } = content;

	if (node !== `${packageJson.name}.${nodeName}`) {
		problems.push(`"node" must be "${packageJson.name}.${nodeName}"`);
	}
	if (!/^\d+\.\d+$/.test(nodeVersion)) problems.push('"nodeVersion" must look like "1.0"');
	if (codexVersion !== '1.0') problems.push('"codexVersion" must be "1.0"');
	if (!isNonEmptyList(categories, (category) => CATEGORIES.has(category))) {
		problems.push('"categories" must list categories that n8n knows');
	}
	if (!isNonEmptyList(alias, (word) => typeof word === 'string' && word.trim() !== '')) {
		problems.push('"alias" must list search words');
	}
	for (const kind of ['primaryDocumentation', 'credentialDocumentation']) {
		if (!isNonEmptyList(resources?.[kind], ({ url }) => String(url).startsWith('https://'))) {
			problems.push(`"resources.${kind}" must list https URLs`);
		}
	}
	if (problems.length > 0) throw new Error(`${basename(path)}: ${problems.join('; ')}`);
}

function isNonEmptyList(list, isValid) {
	return Array.isArray(list) && list.length > 0 && list.every(isValid);
}

/** A stream that replaces the contents of each file with the result of `rewrite`. */
function mapContents(rewrite) {
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

exports.default = parallel(optimizeIcons, checkCodexFiles);
