import { sharedN8n } from './sharedN8n';
import { createTestEnvironment, type TestEnvironment } from './testEnvironment';

/** Prepares the shared n8n and a sandbox before the tests of a file. The fields are there once they run. */
export function sharedTestEnvironment(): TestEnvironment {
	const testEnv = {} as TestEnvironment;
	beforeAll(async () => {
		Object.assign(testEnv, await createTestEnvironment(await sharedN8n()));
	});
	afterAll(async () => await testEnv.close());
	return testEnv;
}
