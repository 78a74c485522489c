/** One of those that are measured side by side. */
export interface Contender<Sample> {
	name: string;
	run(): Promise<Sample>;
}

/** Its samples, one for each round. */
export interface Measured<Sample> {
	name: string;
	samples: Sample[];
}

/** What is left of a row of numbers. */
export interface Spread {
	median: number;
	min: number;
	max: number;
}

/**
 * Runs all contenders in turn, so that whatever else the machine does meets them alike, and in the other
 * direction every second time (A B C, C B A, …), so that what one leaves behind does not always meet the
 * same next one. Their first turn only warms up and is thrown away.
 */
export async function sideBySide<Sample>(
	rounds: number,
	contenders: Array<Contender<Sample>>,
): Promise<Array<Measured<Sample>>> {
	const measured = contenders.map(({ name }) => ({ name, samples: [] as Sample[] }));
	for (let round = 0; round <= rounds; round++) {
		const turns = [...contenders.entries()];
		if (round % 2 === 0) turns.reverse();
		for (const [place, { run }] of turns) {
			const sample = await run();
			if (round > 0) measured[place]?.samples.push(sample);
		}
	}
	return measured;
}

/** The value below which this part (0 to 1) of the values lies; 0 for no values. */
export function quantile(values: number[], part: number): number {
	const sorted = [...values].sort((a, b) => a - b);
	const position = (sorted.length - 1) * part;
	const below = sorted[Math.floor(position)] ?? 0;
	const above = sorted[Math.ceil(position)] ?? below;
	return below + (above - below) * (position % 1);
}

/** Median, smallest and largest of one number taken from each sample. */
export function spread<Sample>(samples: Sample[], of: (sample: Sample) => number): Spread {
	const values = samples.map(of);
	return { median: quantile(values, 0.5), min: Math.min(...values), max: Math.max(...values) };
}

/** How one contender's number compares with another's, round by round: both met the same weather. */
export function ratio<Sample>(
	ours: Measured<Sample> | undefined,
	theirs: Measured<Sample> | undefined,
	of: (sample: Sample) => number,
): Spread {
	const pairs = (ours?.samples ?? []).flatMap((sample, round) => {
		const other = theirs?.samples[round];
		return other === undefined ? [] : [of(sample) / of(other)];
	});
	return spread(pairs, (pair) => pair);
}
