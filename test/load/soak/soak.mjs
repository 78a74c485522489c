/**
 * `npm run soak`: reads the arguments and runs three tests, one after the other, for about three quarters of
 * an hour; --only selects one:
 * - payouts: 10,000 payouts with random faults, compared with the sandbox's ledger (payoutSoak.ts);
 * - duplicates: 10,000 deliveries, a third of them duplicates, and a kill of n8n (duplicateSoak.ts);
 * - faults: 30 minutes of 50 deliveries per second while n8n, the sandbox and the network fail
 *   (faultSoak.ts); n8n's own Webhook node receives deliveries for comparison. Results: .run/soak.json.
 * A fourth one runs only with --only pair: both triggers in one workflow, while n8n is killed at polls and
 * deliveries (pairSoak.ts).
 */

import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import { writeJson } from 'fs-extra/esm';
import { ROOT } from '../../support/n8nInstallation.ts';
import { nodeOptionsWithMeter, numberOption, readArguments, runCommand } from '../command.mjs';
import { runDuplicateSoak } from './duplicateSoak.ts';
import { runFaultSoak } from './faultSoak.ts';
import { runPairSoak } from './pairSoak.ts';
import { runPayoutSoak } from './payoutSoak.ts';
import { startTcpProxy } from './tcpProxy.mjs';

const USAGE = `npm run soak -- [--items 10000] [--seed 1] [--deliveries 10000]
             [--minutes 30] [--rate 50] [--no-load-balancer] [--polling-only] [--durable]
             [--only payouts|duplicates|faults|pair]
  --items             number of payouts, from 100 to 100000
  --seed              seed of the random faults; the same seed gives the same faults for the same requests
  --deliveries        number of deliveries in duplicates, from 100 to 100000
  --minutes           duration of faults or pair, from 1 to 1440
  --rate              deliveries per second in faults, or payments per minute in pair, from 1 to 1000
  --no-load-balancer  sends deliveries to n8n also while it starts, when it responds 200 and runs nothing,
                      and while it stops, when it accepts deliveries that it does not finish
  --polling-only      in pair, 20 workflows with only the polling trigger
  --durable           in pair, n8n stores cursors and executions together (its durable scheduler)
  --only              runs only this test`;

/** What runs without --only. */
const DEFAULT_PARTS = ['payouts', 'duplicates', 'faults'];
const PARTS = [...DEFAULT_PARTS, 'pair'];
const RESULT_FILE = `${ROOT}/.run/soak.json`;

const options = readArguments(() => {
	const { values } = parseArgs({
		options: {
			items: { type: 'string', default: '10000' },
			seed: { type: 'string', default: '1' },
			deliveries: { type: 'string', default: '10000' },
			minutes: { type: 'string', default: '30' },
			rate: { type: 'string', default: '50' },
			'no-load-balancer': { type: 'boolean', default: false },
			'polling-only': { type: 'boolean', default: false },
			durable: { type: 'boolean', default: false },
			only: { type: 'string' },
		},
	});
	if (![undefined, ...PARTS].includes(values.only)) {
		throw new Error(`--only takes ${PARTS.join(', ')}.`);
	}
	return {
		items: numberOption(values, 'items', { min: 100, max: 100_000 }),
		seed: numberOption(values, 'seed', { min: 0, max: Number.MAX_SAFE_INTEGER }),
		deliveries: numberOption(values, 'deliveries', { min: 100, max: 100_000 }),
		minutes: numberOption(values, 'minutes', { min: 1, max: 1440, isWhole: false }),
		rate: numberOption(values, 'rate', { min: 1, max: 1000, isWhole: false }),
		isPollingOnly: values['polling-only'],
		isDurable: values.durable,
		isBehindLoadBalancer: !values['no-load-balancer'],
		only: values.only,
	};
}, USAGE);

await runCommand(async (terminal) => {
	const { only, items, seed, deliveries, minutes, rate, isBehindLoadBalancer } = options;
	const { isPollingOnly, isDurable } = options;
	const parts = {
		payouts: async () => await runPayoutSoak({ items, seed, ...terminal }),
		duplicates: async () => await runDuplicateSoak({ deliveries, ...terminal }),
		faults: async () => {
			const nodeOptions = nodeOptionsWithMeter();
			const results = await runFaultSoak({
				...{ minutes, rate, isBehindLoadBalancer, startTcpProxy, nodeOptions },
				...terminal,
			});
			await writeJson(RESULT_FILE, results, { spaces: '\t' });
			terminal.write(`Results: ${relative(process.cwd(), RESULT_FILE)}`);
			return results.problems;
		},
		pair: async () => await runPairSoak({ minutes, rate, isPollingOnly, isDurable, ...terminal }),
	};
	const problems = [];
	for (const part of only === undefined ? DEFAULT_PARTS : [only])
		problems.push(...(await parts[part]()));
	return problems;
});
