'use strict';

/**
 * The build: `dist` emptied, then compiled code, icons and codex files written side by side.
 * n8n's own build tool copies icons and codex files as they are; here icons are made smaller
 * and a codex that n8n would silently ignore stops the build.
 */

const { execFile } = require('node:child_process');
const { mkdir, rm, writeFile } = require('node:fs/promises');
const { basename, dirname, join, relative, sep } = require('node:path');
const { Transform } = require('node:stream');
const { promisify } = require('node:util');
const { build } = require('esbuild');
const { dest, parallel, series, src } = require('gulp');
const { optimize } = require('svgo');

const packageJson = require('./package.json');

const DIST = join(__dirname, 'dist');
/** What all doors lead to. */
const EVERYTHING = 'kopoKopo.js';

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

/**
 * One file with everything, and for each that n8n loads a door into it: n8n finds nodes and credentials
 * by file, and a package of one file is smaller and loads in half the time.
 */
async function code() {
	const compiler = require.resolve('typescript/bin/tsc');
	const project = ['-p', join(__dirname, 'tsconfig.json'), '--noEmit'];
	try {
		await promisify(execFile)(process.execPath, [compiler, ...project]);
	} catch (error) {
		// The compiler reports on stdout, which the error's own message leaves out.
		throw new Error(error.stdout?.trim() || error.message);
	}
	const doors = [...packageJson.n8n.credentials, ...packageJson.n8n.nodes].map((file) => ({
		file,
		source: file.replace(/^dist/, '.').replace(/js$/, 'ts'),
		name: basename(file).replace(/\.(node|credentials)\.js$/, ''),
	}));
	await build({
		stdin: {
			contents: doors.map(({ name, source }) => `export { ${name} } from '${source}';`).join('\n'),
			resolveDir: __dirname,
		},
		outfile: join(DIST, EVERYTHING),
		bundle: true,
		packages: 'external',
		platform: 'node',
		format: 'cjs',
		target: 'node20',
		logLevel: 'warning',
	});
	for (const { file, name } of doors) {
		const path = join(__dirname, file);
		const everything = relative(dirname(path), join(DIST, EVERYTHING)).split(sep).join('/');
		await mkdir(dirname(path), { recursive: true });
		await writeFile(path, `exports.${name} = require('${everything}').${name};\n`);
	}
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
