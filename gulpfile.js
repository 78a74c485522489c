'use strict';

/**
 * The build: `dist` emptied, then compiled code, icons and codex files written side by side.
 * n8n's own build tool copies icons and codex files as they are; here icons are made smaller
 * and a codex that n8n would silently ignore stops the build.
 */

const { execFile } = require('node:child_process');
const { rm, writeFile } = require('node:fs/promises');
const { basename, join } = require('node:path');
const { Transform } = require('node:stream');
const { promisify } = require('node:util');
const { dest, parallel, series, src } = require('gulp');
const { optimize } = require('svgo');

const packageJson = require('./package.json');

const DIST = join(__dirname, 'dist');

/** The groups n8n's own nodes are filed under; n8n itself does not complain about a misspelt one. */
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

async function clean() {
	await rm(DIST, { recursive: true, force: true });
}

async function code() {
	const compiler = require.resolve('typescript/bin/tsc');
	try {
		await promisify(execFile)(process.execPath, [compiler, '-p', join(__dirname, 'tsconfig.json')]);
	} catch (error) {
		// The compiler reports on stdout, which the error's own message leaves out.
		throw new Error(error.stdout?.trim() || error.message);
	}
	// The compiler copies the whole package.json beside the code, which only asks it for the version.
	const { name, version } = packageJson;
	await writeFile(join(DIST, 'package.json'), JSON.stringify({ name, version }));
}

function icons() {
	return src('icons/*.svg', { encoding: false })
		.pipe(eachFile((text, path) => optimize(text, { path, multipass: true }).data))
		.pipe(dest('dist/icons'));
}

function codex() {
	return src('nodes/**/*.node.json', { base: '.' })
		.pipe(eachFile((text, path) => JSON.stringify(checkedCodex(JSON.parse(text), path))))
		.pipe(dest('dist'));
}

/** Every codex names the node beside it, a category n8n knows, and https documents. */
function checkedCodex(content, path) {
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
	return content;
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

exports.clean = clean;
exports.build = series(clean, parallel(code, icons, codex));
exports.default = exports.build;
