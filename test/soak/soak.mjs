/**
 * `npm run soak`: the arguments, the signals and the terminal. Runs all three, one after the other, about
 * three quarters of an hour; --only chooses one:
 * - payouts: 10,000 payouts in any weather, audited against the sandbox's ledger (soak.ts);
 * - deliveries: 10,000 deliveries, a third of them copies, over a kill of n8n (duplicates.ts);
 * - endurance: 30 minutes of 50 deliveries a second while n8n, Kopo Kopo and the network break
 *   (endurance.ts), beside n8n's own Webhook node. The numbers go to .run/soak.json.
 */

import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import { writeJson } from 'fs-extra/esm';
import { ROOT } from '../support/n8nInstallation.ts';
import { handleSignals } from '../support/terminal.mjs';
import { runDeliveries } from './duplicates.ts';
import { runEndurance } from './endurance.ts';
import { openNetwork } from './network.mjs';
import { runSoak } from './soak.ts';

const USAGE = `npm run soak -- [--items 10000] [--seed 1] [--deliveries 10000]
             [--minutes 30] [--rate 50] [--ungated] [--only payouts|deliveries|endurance]
  --items        how many payouts, from 100 to 100000
  --seed         which weather; the same number draws the same weather for the same requests
  --deliveries   how many deliveries to the trigger, a third of them copies, from 100 to 100000
  --minutes      how long the endurance lasts, from 1 to 1440
  --rate         deliveries a second in it, from 1 to 1000
  --ungated      lets Kopo Kopo reach n8n while it starts, when it takes everything and does nothing,
                 and while it stops, when it takes what it does not finish
  --only         one of the three instead of all`;

const PARTS = ['payouts', 'deliveries', 'endurance'];
const RESULT_FILE = `${ROOT}/.run/soak.json`;
/** n8n's own Node.js gets the gauge of the bench, which reads its heap. */
const GAUGE = new URL('../bench/gauge.mjs', import.meta.url);

const options = readArguments();
const { isStopping, leave, onStop } = handleSignals();

try {
	const { only, deliveries, minutes, rate, isGated, ...payouts } = options;
	const surroundings = {
		write: (text) => process.stdout.write(`${text}\n`),
		onStop,
	};
	const problems = [];
	const parts = {
		payouts: async () => await runSoak({ ...payouts, ...surroundings }),
		deliveries: async () => await runDeliveries(deliveries, surroundings),
		endurance: async () => {
			const nodeOptions = [process.env.NODE_OPTIONS, `--import=${GAUGE}`].filter(Boolean).join(' ');
			const endured = await runEndurance({
				...{ minutes, rate, isGated, openNetwork, nodeOptions },
				...surroundings,
			});
			await writeJson(RESULT_FILE, endured, { spaces: '\t' });
			console.log(`The numbers are in ${relative(process.cwd(), RESULT_FILE)}.`);
			return endured.problems;
		},
	};
	for (const part of only === undefined ? PARTS : [only]) problems.push(...(await parts[part]()));
	for (const problem of problems) console.error(`Broken: ${problem}`);
	await leave(problems.length > 0 ? 1 : 0);
} catch (error) {
	if (!isStopping()) console.error(error);
	await leave(1);
}

function readArguments() {
	try {
		const { values } = parseArgs({
			options: {
				items: { type: 'string', default: '10000' },
				seed: { type: 'string', default: '1' },
				deliveries: { type: 'string', default: '10000' },
				minutes: { type: 'string', default: '30' },
				rate: { type: 'string', default: '50' },
				ungated: { type: 'boolean', default: false },
				only: { type: 'string' },
			},
		});
		const items = Number(values.items);
		const seed = Number(values.seed);
		const deliveries = Number(values.deliveries);
		const minutes = Number(values.minutes);
		const rate = Number(values.rate);
		if (!Number.isInteger(items) || items < 100 || items > 100_000) {
			throw new Error('--items takes a whole number from 100 to 100000.');
		}
		if (!Number.isInteger(seed) || seed < 0) throw new Error('--seed takes a whole number.');
		if (!Number.isInteger(deliveries) || deliveries < 100 || deliveries > 100_000) {
			throw new Error('--deliveries takes a whole number from 100 to 100000.');
		}
		if (!(minutes >= 1 && minutes <= 1440)) throw new Error('--minutes takes 1 to 1440.');
		if (!(rate >= 1 && rate <= 1000)) throw new Error('--rate takes 1 to 1000.');
		if (![undefined, ...PARTS].includes(values.only)) {
			throw new Error(`--only takes ${PARTS.join(', ')}.`);
		}
		return { items, seed, deliveries, minutes, rate, isGated: !values.ungated, only: values.only };
	} catch (error) {
		console.error(`${error.message}\n\n${USAGE}`);
		return process.exit(1);
	}
}
