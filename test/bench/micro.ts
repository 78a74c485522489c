import execa from 'execa';
import { readJson } from 'fs-extra';
import { ROOT } from '../support/n8nProcess';
import type { Report } from './report';
import { spread } from './rounds';
import { INSTALLED_PACKAGE } from './stage';

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

/** What the installed package costs by itself, without n8n around it, on n8n's own Node.js. */
export async function benchMicro(rounds: number): Promise<Report> {
	const node = await nodeOfN8n();
	const run = async (nodeArguments: string[]) =>
		JSON.parse((await execa(node, nodeArguments)).stdout);
	const folder = INSTALLED_PACKAGE;

	const readings = (await run([
		`${ROOT}/test/bench/reading.mjs`,
		folder,
		`${rounds}`,
	])) as Reading[];
	const loadings: Loading[] = [];
	for (let round = 0; round <= rounds; round++) {
		const loading = (await run([
			'--expose-gc',
			`${ROOT}/test/bench/loading.mjs`,
			folder,
		])) as Loading;
		if (round > 0) loadings.push(loading);
	}
	const itself = (value: number) => value;
	const sum = (left: number[], right: number[]) =>
		left.map((value, round) => value + (right[round] ?? 0));
	const row = (name: string, of: (loading: Loading) => Cost) => [
		name,
		spread(loadings, (loading) => of(loading).ms),
		spread(loadings, (loading) => of(loading).heapKb),
		spread(loadings, (loading) => of(loading).residentKb),
	];
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
				title: 'Micro: loading the package into a fresh process',
				columns: ['', 'ms', 'heap KB', 'resident KB'],
				rows: [
					row('n8n-workflow and zod (n8n has them anyway)', ({ surroundings }) => surroundings),
					row('credential and both nodes', ({ own }) => own),
				],
			},
		],
		targets: [],
		problems: [],
	};
}

async function nodeOfN8n(): Promise<string> {
	const { node } = (await readJson(`${INSTALLED}/n8n-2.40.7.json`)) as { node: string };
	return /^([A-Za-z]:)?[\\/]/.test(node) ? node : `${INSTALLED}/${node}`;
}
