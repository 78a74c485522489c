import { relative } from 'node:path';

/** Prints each mutant that survives as soon as it does. A full run takes long. */
class SurvivorReporter {
	onMutantTested({ status, fileName, location: { start }, replacement, mutatorName }) {
		if (status !== 'Survived' && status !== 'NoCoverage') return;
		const place = `${relative('', fileName)}:${start.line}:${start.column}`;
		console.log(`\n${status} ${place} (${mutatorName}) -> ${replacement ?? ''}`);
	}
}

export const strykerPlugins = [
	{ kind: 'Reporter', name: 'survivors', injectableClass: SurvivorReporter },
];
