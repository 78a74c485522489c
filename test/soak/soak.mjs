/** `npm run soak`: the arguments, the signals and the terminal; what is run and checked is in soak.ts. */

import { parseArgs } from 'node:util';
import { runDeliveries } from './duplicates.ts';
import { runSoak } from './soak.ts';

const USAGE = `npm run soak -- [--items 10000] [--seed 1] [--deliveries 10000] [--only payouts|deliveries]
  --items        how many payouts, from 100 to 100000
  --seed         which weather; the same number draws the same weather for the same requests
  --deliveries   how many deliveries to the trigger, a third of them copies, from 100 to 100000
  --only         one of the two instead of both`;

const options = readArguments();
const cleanUps = [];
let stopping;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
	process.on(signal, () => void leave(signal === 'SIGINT' ? 130 : 143));
}

try {
	const { only, deliveries, ...payouts } = options;
	const surroundings = {
		write: (text) => process.stdout.write(`${text}\n`),
		onStop: (cleanUp) => cleanUps.unshift(cleanUp),
	};
	const problems = [];
	if (only !== 'deliveries') problems.push(...(await runSoak({ ...payouts, ...surroundings })));
	if (only !== 'payouts') problems.push(...(await runDeliveries(deliveries, surroundings)));
	for (const problem of problems) console.error(`Broken: ${problem}`);
	await leave(problems.length > 0 ? 1 : 0);
} catch (error) {
	if (!stopping) console.error(error);
	await leave(1);
}

/** Ends whatever runs, the newest first, and then this process. */
async function leave(code) {
	stopping ??= (async () => {
		for (const cleanUp of cleanUps) {
			await cleanUp().catch((error) => console.error(`Not everything ended: ${error}`));
		}
		process.exit(code);
	})();
	await stopping;
}

function readArguments() {
	try {
		const { values } = parseArgs({
			options: {
				items: { type: 'string', default: '10000' },
				seed: { type: 'string', default: '1' },
				deliveries: { type: 'string', default: '10000' },
				only: { type: 'string' },
			},
		});
		const items = Number(values.items);
		const seed = Number(values.seed);
		const deliveries = Number(values.deliveries);
		if (!Number.isInteger(items) || items < 100 || items > 100_000) {
			throw new Error('--items takes a whole number from 100 to 100000.');
		}
		if (!Number.isInteger(seed) || seed < 0) throw new Error('--seed takes a whole number.');
		if (!Number.isInteger(deliveries) || deliveries < 100 || deliveries > 100_000) {
			throw new Error('--deliveries takes a whole number from 100 to 100000.');
		}
		if (![undefined, 'payouts', 'deliveries'].includes(values.only)) {
			throw new Error('--only takes payouts or deliveries.');
		}
		return { items, seed, deliveries, only: values.only };
	} catch (error) {
		console.error(`${error.message}\n\n${USAGE}`);
		return process.exit(1);
	}
}
