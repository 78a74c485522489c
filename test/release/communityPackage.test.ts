import { readJson, remove } from 'fs-extra';
import { jsonOf } from '../support/executions';
import { readOwnPackage, ROOT, RUN } from '../support/n8nInstallation';
import { startN8n, type N8n } from '../support/n8nProcess';
import {
	createTestEnvironment,
	waitForPaymentRequests,
	type TestEnvironment,
} from '../support/testEnvironment';
import { KOPO_KOPO, PUBLISHED, START } from '../support/workflows';
import { startPackageRegistry, type PackageRegistry } from './packageRegistry';

const NAME = 'n8n-nodes-kopokopo';
const PACKAGES = '/rest/community-packages';

/** What n8n reports about a package that it has installed. */
interface InstalledPackage {
	packageName: string;
	installedVersion: string;
	installedNodes: Array<{ type: string }>;
	failedLoading?: boolean;
}

const folder = `${RUN}/release-n8n`;
let registry: PackageRegistry;
let n8n: N8n;
let testEnv: TestEnvironment;

beforeAll(async () => {
	await remove(folder);
	registry = await startPackageRegistry();
	await registry.publish((await readOwnPackage()).tarball);
	n8n = await startN8n({ folder, nodePackage: 'none', env: registry.env });
});

afterAll(async () => {
	await testEnv?.close();
	await n8n?.stop();
	await registry?.close();
});

it('is not there before it is installed', async () => {
	const types = await n8n.client.listNodeTypes();

	expect(types.filter(({ name }) => name.startsWith(NAME))).toEqual([]);
});

it('is installed by n8n from the registry, as in Settings > Community nodes', async () => {
	const { version } = (await readJson(`${ROOT}/package.json`)) as { version: string };

	const installed = await n8n.client.request<InstalledPackage>('POST', PACKAGES, { name: NAME });

	expect(installed).toMatchObject({ packageName: NAME, installedVersion: version });
	expect(installed.installedNodes.map(({ type }) => type).sort()).toEqual([
		`${NAME}.kopoKopo`,
		`${NAME}.kopoKopoPollingTrigger`,
		`${NAME}.kopoKopoTrigger`,
	]);
});

it('requests a payment and receives the webhook, without a restart of n8n', async () => {
	testEnv = await createTestEnvironment(n8n.client);
	await requestAndReceive();
});

it('still works after a restart', async () => {
	await n8n.stop();
	await n8n.start();

	const [listed] = await n8n.client.request<InstalledPackage[]>('GET', PACKAGES);
	expect(listed).toMatchObject({ packageName: NAME });
	expect(listed?.failedLoading).toBeFalsy();
	await requestAndReceive();
});

/** A payment request whose webhook starts a second workflow. */
async function requestAndReceive(): Promise<void> {
	const { sandbox, n8n: client } = testEnv;
	const earlier = (await waitForPaymentRequests(sandbox, 0)).length;
	const trigger = await testEnv.saveTrigger();
	expect(await client.activate(trigger)).toEqual(PUBLISHED);
	const request = await testEnv.savePaymentRequest();

	const requested = await client.waitForExecution(await client.run(request, START));
	const id = (await waitForPaymentRequests(sandbox, earlier + 1)).at(-1) ?? '';
	sandbox.customer.pay(id);
	const [received] = await client.waitForExecutions(trigger, 1);

	expect(jsonOf(requested, KOPO_KOPO)).toEqual([
		expect.objectContaining({ id, outcome: 'pending' }),
	]);
	expect(received?.status).toBe('success');
}
