import { summarize, type Summary } from '../statistics';

/** Something to measure, such as one way to send the same requests. */
export interface Candidate<Sample> {
	name: string;
	run(): Promise<Sample>;
}

/** The samples of a candidate, one for each round. */
export interface Measurement<Sample> {
	name: string;
	samples: Sample[];
}

/** A cell is text, or a summary that is shown as median (min–max). */
export type Cell = string | Summary;

/**
 * Runs all candidates in every round, so that other load on the machine affects them alike. The order is
 * reversed in every second round (A B C, C B A, …), so that no candidate always runs after the same one.
 * The first round is a warm-up and is not measured.
 */
export async function measureInterleaved<Sample>(
	rounds: number,
	candidates: Array<Candidate<Sample>>,
): Promise<Array<Measurement<Sample>>> {
	const measurements = candidates.map(({ name }) => ({ name, samples: [] as Sample[] }));
	for (let round = 0; round <= rounds; round++) {
		const order = [...candidates.entries()];
		if (round % 2 === 0) order.reverse();
		for (const [index, { run }] of order) {
			const sample = await run();
			if (round > 0) measurements[index]?.samples.push(sample);
		}
	}
	return measurements;
}

/** The measurement of the candidate with this name. */
export function findByName<Sample>(
	measurements: Array<Measurement<Sample>>,
	wanted: string,
): Measurement<Sample> | undefined {
	return measurements.find(({ name }) => name === wanted);
}

/** Ratios of two candidates' numbers, each from the same round and so under the same conditions. */
export function ratio<Sample>(
	left: Measurement<Sample> | undefined,
	right: Measurement<Sample> | undefined,
	of: (sample: Sample) => number,
): Summary {
	const ratios = (left?.samples ?? []).flatMap((sample, round) => {
		const other = right?.samples[round];
		return other === undefined ? [] : [of(sample) / of(other)];
	});
	return summarize(ratios, (value) => value);
}

/** Two cells: a number of one candidate, and its ratio to the reference. */
export function valueAndRatio<Sample>(
	measurement: Measurement<Sample>,
	reference: Measurement<Sample> | undefined,
	of: (sample: Sample) => number,
): [Cell, Cell] {
	const { samples } = measurement;
	if (samples.some((sample) => Number.isNaN(of(sample)))) return ['not measured', '–'];
	return [
		summarize(samples, of),
		measurement === reference ? '1' : ratio(measurement, reference, of),
	];
}
