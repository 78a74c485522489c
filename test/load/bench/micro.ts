import execa from 'execa';
import { readJson, stat } from 'fs-extra';
import { N8N_VERSION, readRuntime, ROOT } from '../../support/n8nInstallation';
import { summarize } from '../statistics';
import type { BenchEnvironment } from './benchEnvironment';
import type { Report } from './report';
import { findByName, measureInterleaved, ratio } from './rounds';

/** Where install.mjs installs n8n and the other packages. */
const INSTALLED = `${ROOT}/.run`;

/** Microseconds per call of each step in deliveryParsing.mjs, by body size. */
interface ParsingTimes {
	bytes: number;
	samples: Record<'signature' | 'parsing' | 'baseline' | 'rejection', number[]>;
}

interface LoadingCost {
	ms: number;
	heapKb: number;
	residentKb: number;
}

/** The output of packageLoading.mjs. */
interface PackageCost {
	dependencies: LoadingCost;
	own: LoadingCost;
}

/** Published community packages to compare with. */
const PEERS = ['n8n-nodes-evolution-api', '@mendable/n8n-nodes-firecrawl'];
const OWN = 'this package';
const MAX_MICROSECONDS = 50;
const MAX_TARBALL_BYTES = 150_000;

/** Measures parsing and loading of the installed package outside of n8n, on n8n's own Node.js. */
export async function benchMicro(
	{ installedPackage }: BenchEnvironment,
	rounds: number,
): Promise<Report> {
	const { node } = await readRuntime(N8N_VERSION);
	const run = async (...nodeArguments: string[]) =>
		JSON.parse((await execa(node, nodeArguments)).stdout);

	const scripts = `${ROOT}/test/load/bench`;
	const parsing = (await run(
		...['--import', 'tsx', `${scripts}/deliveryParsing.mjs`, `${rounds}`],
	)) as ParsingTimes[];
	const loading = await measureInterleaved(
		rounds,
		[
			{ name: OWN, folder: installedPackage },
			...PEERS.map((name) => ({ name, folder: `${INSTALLED}/peers/node_modules/${name}` })),
		].map(({ name, folder }) => ({
			name,
			run: async () =>
				(await run('--expose-gc', `${scripts}/packageLoading.mjs`, folder)) as PackageCost,
		})),
	);
	const ownLoading = findByName(loading, OWN);
	const loadMs = ({ own }: PackageCost) => own.ms;
	const fastestPeer = loading
		.filter(({ name }) => name !== OWN)
		.sort((a, b) => summarize(a.samples, loadMs).median - summarize(b.samples, loadMs).median)[0];
	const { tarball } = (await readJson(`${INSTALLED}/packed.json`)) as { tarball: string };
	const { size } = await stat(`${INSTALLED}/${tarball}`);
	const summary = (values: number[]) => summarize(values, (value) => value);
	const sum = (left: number[], right: number[]) =>
		left.map((value, round) => value + (right[round] ?? 0));
	const costRow = (name: string, samples: LoadingCost[]) => [
		name,
		summarize(samples, ({ ms }) => ms),
		summarize(samples, ({ heapKb }) => heapKb),
		summarize(samples, ({ residentKb }) => residentKb),
	];
	const smallest = parsing.find(({ bytes }) => bytes < 2000)?.samples;
	return {
		tables: [
			{
				title: 'Micro: one delivery in the trigger, in microseconds',
				columns: [
					...['body bytes', 'signature', 'parse + schema + item', 'sum'],
					...['baseline', 'rejection'],
				],
				rows: parsing.map(({ bytes, samples }) => [
					String(bytes),
					summary(samples.signature),
					summary(samples.parsing),
					summary(sum(samples.signature, samples.parsing)),
					summary(samples.baseline),
					summary(samples.rejection),
				]),
				notes: ['baseline: only an HMAC and JSON.parse. rejection: verifying a wrong signature.'],
			},
			{
				title: 'Micro: loading the credentials and nodes of a package into a new process',
				columns: ['', 'ms', 'heap KB', 'resident KB'],
				rows: [
					costRow(
						'n8n-workflow and zod (n8n loads them anyway)',
						(ownLoading?.samples ?? []).map(({ dependencies }) => dependencies),
					),
					...loading.map(({ name, samples }) =>
						costRow(
							name,
							samples.map(({ own }) => own),
						),
					),
				],
				notes: [`The packed package: ${(size / 1000).toFixed(1)} KB.`],
			},
		],
		targets: [
			{
				name: 'microseconds for signature, schema and item of a delivery of 1 KB',
				atMost: MAX_MICROSECONDS,
				measured: summary(sum(smallest?.signature ?? [], smallest?.parsing ?? [])),
			},
			{
				name: `time to load the package / ${fastestPeer?.name ?? 'the faster peer'}`,
				atMost: 2,
				measured: ratio(ownLoading, fastestPeer, loadMs),
			},
			{
				name: 'bytes of the packed package',
				atMost: MAX_TARBALL_BYTES,
				measured: summary([size]),
			},
		],
		problems: [],
	};
}
