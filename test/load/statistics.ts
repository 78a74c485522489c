/** A summary of one number over several samples. */
export interface Summary {
	median: number;
	min: number;
	max: number;
}

/** The quantile `part` (0 to 1) of the values, linearly interpolated; 0 if there are no values. */
export function quantile(values: number[], part: number): number {
	const sorted = [...values].sort((a, b) => a - b);
	const position = (sorted.length - 1) * part;
	const below = sorted[Math.floor(position)] ?? 0;
	const above = sorted[Math.ceil(position)] ?? below;
	return below + (above - below) * (position % 1);
}

/** Median, minimum and maximum of one number taken from each sample. */
export function summarize<Sample>(samples: Sample[], of: (sample: Sample) => number): Summary {
	const values = samples.map(of);
	return { median: quantile(values, 0.5), min: Math.min(...values), max: Math.max(...values) };
}
