import execa from 'execa';
import { readJson, stat } from 'fs-extra';
import { ROOT } from '../support/n8nInstallation';
import type { Report } from './report';
import { ratio, sideBySide, spread } from './rounds';
import type { Stage } from './stage';

/** Where install.mjs puts n8n and describes it. */
const INSTALLED = `${ROOT}/.run`;

interface Reading {
	bytes: number;
	samples: Record<'signature' | 'reading' | 'floor' | 'refusing', number[]>;
}

interface Cost {
	ms: number;
	heapKb: number;
	residentKb: number;
}

interface Loading {
	surroundings: Cost;
	own: Cost;
}

/** Published packages of the same kind, where install.mjs puts them. */
const PEERS = ['n8n-nodes-evolution-api', '@mendable/n8n-nodes-firecrawl'];
const OWN = 'this package';
const MICROSECONDS = 50;
const TARBALL_BYTES = 60_000;

/** What the installed package costs by itself, without n8n around it, on n8n's own Node.js. */
export async function benchMicro(
	{ installedPackage: folder }: Stage,
	rounds: number,
): Promise<Report> {
	const node = await nodeOfN8n();
	const run = async (nodeArguments: string[]) =>
		JSON.parse((await execa(node, nodeArguments)).stdout);

	const reading = `${ROOT}/test/bench/reading.mjs`;
	const readings = (await run(['--import', 'tsx', reading, `${rounds}`])) as Reading[];
	const loadings = await sideBySide(
		rounds,
		[
			{ name: OWN, place: folder },
			...PEERS.map((name) => ({ name, place: `${INSTALLED}/peers/node_modules/${name}` })),
		].map(({ name, place }) => ({
			name,
			run: async () =>
				(await run(['--expose-gc', `${ROOT}/test/bench/loading.mjs`, place])) as Loading,
		})),
	);
	const ownLoading = loadings.find(({ name }) => name === OWN);
	const loadMs = ({ own }: Loading) => own.ms;
	const lightest = loadings
		.filter(({ name }) => name !== OWN)
		.sort((a, b) => spread(a.samples, loadMs).median - spread(b.samples, loadMs).median)[0];
	const { tarball } = (await readJson(`${INSTALLED}/packed.json`)) as { tarball: string };
	const { size } = await stat(`${INSTALLED}/${tarball}`);
	const itself = (value: number) => value;
	const sum = (left: number[], right: number[]) =>
		left.map((value, round) => value + (right[round] ?? 0));
	const costs = (name: string, samples: Cost[]) => [
		name,
		spread(samples, ({ ms }) => ms),
		spread(samples, ({ heapKb }) => heapKb),
		spread(samples, ({ residentKb }) => residentKb),
	];
	const ofOneKilobyte = readings.find(({ bytes }) => bytes < 2000)?.samples;
	return {
		tables: [
			{
				title: 'Micro: one delivery in the trigger, in microseconds',
				columns: ['body bytes', 'signature', 'parse + schema + item', 'both', 'floor', 'refused'],
				rows: readings.map(({ bytes, samples: { signature, reading, floor, refusing } }) => [
					String(bytes),
					spread(signature, itself),
					spread(reading, itself),
					spread(sum(signature, reading), itself),
					spread(floor, itself),
					spread(refusing, itself),
				]),
				notes: [
					'floor: a bare HMAC and a bare JSON.parse. refused: until a wrong signature is out.',
				],
			},
			{
				title: 'Micro: loading credentials and nodes of a package into a fresh process',
				columns: ['', 'ms', 'heap KB', 'resident KB'],
				rows: [
					costs(
						'n8n-workflow and zod (n8n has them anyway)',
						(ownLoading?.samples ?? []).map(({ surroundings }) => surroundings),
					),
					...loadings.map(({ name, samples }) =>
						costs(
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
				what: 'microseconds for signature, schema and item of a delivery of 1 KB',
				atMost: MICROSECONDS,
				measured: spread(sum(ofOneKilobyte?.signature ?? [], ofOneKilobyte?.reading ?? []), itself),
			},
			{
				what: `time to load the package / ${lightest?.name ?? 'the lighter peer'}`,
				atMost: 1.5,
				measured: ratio(ownLoading, lightest, loadMs),
			},
			{
				what: 'bytes of the packed package',
				atMost: TARBALL_BYTES,
				measured: spread([size], itself),
			},
		],
		problems: [],
	};
}

async function nodeOfN8n(): Promise<string> {
	const { node } = (await readJson(`${INSTALLED}/n8n-2.40.7.json`)) as { node: string };
	return /^([A-Za-z]:)?[\\/]/.test(node) ? node : `${INSTALLED}/${node}`;
}
