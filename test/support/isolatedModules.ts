import * as n8nWorkflow from 'n8n-workflow';
import * as zod from 'zod';

/**
 * Loads modules of the package anew, as another process of n8n has them. What has no memory of the package is
 * shared, since loading it takes seconds.
 */
export function loadAnew<Loaded>(load: () => Loaded): Loaded {
	let loaded: { modules: Loaded } | undefined;
	jest.isolateModules(() => {
		jest.doMock('n8n-workflow', () => n8nWorkflow);
		jest.doMock('zod', () => zod);
		loaded = { modules: load() };
	});
	if (loaded === undefined) throw new Error('The modules were not loaded');
	return loaded.modules;
}
