'use strict';

/**
 * Which file may import which, as rules for dependency-cruiser. Types count: a type that is imported
 * ties two files together as much as a value.
 */

/** The folders of nodes/KopoKopo by level. A folder may import its own level and those before it. */
const LEVELS = [
	['domain', 'n8n'],
	['parsers', 'transport'],
	['operations'],
	['resources'],
	['webhooks', 'polling'],
	['execution'],
];

const NODE = 'nodes/KopoKopo';
const FOLDERS = LEVELS.flat();

const inFolders = (folders) => `^${NODE}/(${folders.join('|')})/`;

/** Who may import what of the package; neither npm packages nor Node.js' own modules are meant. */
const ALLOWED = [
	{ name: 'domain', from: inFolders(['domain']), to: ['domain'] },
	...LEVELS.flatMap((level, index) =>
		level
			.filter((folder) => folder !== 'domain')
			.map((folder) => ({
				name: folder,
				from: inFolders([folder]),
				to: LEVELS.slice(0, index + 1).flat(),
			})),
	),
	{ name: 'nodes', from: `^${NODE}/[^/]+$`, to: FOLDERS },
	{ name: 'credentials', from: '^credentials/', to: ['domain', 'n8n', 'transport'] },
];

module.exports = {
	forbidden: [
		{
			name: 'no-cycle-of-files',
			severity: 'error',
			from: {},
			to: { circular: true },
		},
		{
			name: 'no-cycle-of-folders',
			severity: 'error',
			scope: 'folder',
			from: {},
			to: { circular: true },
		},
		{
			name: 'no-import-of-tests',
			severity: 'error',
			from: { path: '^(nodes|credentials)/' },
			to: { path: '^test/' },
		},
		{
			name: 'no-import-of-nothing',
			severity: 'error',
			from: {},
			to: { couldNotResolve: true },
		},
		...ALLOWED.map(({ name, from, to }) => ({
			name: `${name}-one-way`,
			severity: 'error',
			from: { path: from },
			// The version is read from package.json.
			to: { dependencyTypes: ['local'], pathNot: [inFolders(to), '^package\\.json$'] },
		})),
	],
	options: {
		tsPreCompilationDeps: true,
		doNotFollow: { path: ['node_modules', '^test/'] },
	},
};
