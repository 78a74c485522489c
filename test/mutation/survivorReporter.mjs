import { relative } from 'node:path';
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin';

/** Prints each mutant that survives as soon as it does. A full run takes long. */
class SurvivorReporter {
	onMutantTested({ status, fileName, location: { start }, replacement, mutatorName }) {
		if (status !== 'Survived' && status !== 'NoCoverage') return;
		const place = `${relative('', fileName)}:${start.line}:${start.column}`;
		console.log(`\n${status} ${place} (${mutatorName}) -> ${replacement ?? ''}`);
	}
}

export const strykerPlugins = [
	declareClassPlugin(PluginKind.Reporter, 'survivors', SurvivorReporter),
];
