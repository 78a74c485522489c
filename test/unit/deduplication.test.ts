import type { IExecuteFunctions, IWebhookFunctions } from 'n8n-workflow';
import { DeduplicationStore } from '../support/deduplicationStore';

type Deduplication = typeof import('../../nodes/KopoKopo/webhooks/deduplication');

/** The module as each process of n8n in queue mode has it. */
const [processor, worker, otherWorker] = Array.from({ length: 3 }, () => {
	let loaded: Deduplication | undefined;
	jest.isolateModules(() => {
		loaded = jest.requireActual<Deduplication>('../../nodes/KopoKopo/webhooks/deduplication');
	});
	return loaded as Deduplication;
}) as [Deduplication, Deduplication, Deduplication];

let nodes = 0;
let nodeId: string;
let staticData: object;
let store: DeduplicationStore;
let warnings: string[];

beforeEach(() => {
	// A node of its own for each test, since the module remembers deliveries by node.
	nodeId = `node-${++nodes}`;
	staticData = {};
	store = new DeduplicationStore();
	warnings = [];
});

const common = () => ({
	getNode: () => ({ id: nodeId }),
	getWorkflow: () => ({ id: 'workflow' }),
	getWorkflowStaticData: () => staticData,
	logger: { warn: (text: string) => warnings.push(text) },
});

/** Delivers to a process, whose response is sent with status 200. */
const deliver = async (by: Deduplication, dedupeKey: string) =>
	await by.claimDelivery(
		{
			...common(),
			getResponseObject: () => ({
				statusCode: 200,
				writableEnded: true,
				writableFinished: true,
				once: () => undefined,
			}),
		} as unknown as IWebhookFunctions,
		dedupeKey,
	);

/** Starts an execution in a process. @returns whether the execution continues */
async function execute(by: Deduplication, dedupeKey: string, execution = '1', mode = 'webhook') {
	const context = {
		...common(),
		getExecutionId: () => execution,
		getMode: () => mode,
		getInputData: () => [{ json: { dedupeKey } }],
		helpers: store.helpersFor(nodeId),
	} as unknown as IExecuteFunctions;
	return await by.isFirstExecution(context);
}

it('does not write to the store when the same process receives and executes a delivery', async () => {
	expect(await deliver(processor, 'a')).toBe('new');
	expect(await deliver(processor, 'a')).toBe('duplicate');
	expect(await execute(processor, 'a')).toBe(true);
	expect(store.writes).toBe(0);
	expect(Object.keys(staticData)).toEqual([`kopoKopoSeen:${nodeId}`]);
});

it('lets one of two executions of a delivery continue, on whichever workers they run', async () => {
	const both = await Promise.all([
		execute(worker, 'a', '1'),
		execute(otherWorker, 'a', '2'),
		execute(worker, 'b', '3'),
	]);
	expect(both).toEqual([true, false, true]);
	expect(await execute(worker, 'a', '4')).toBe(false);
	expect(await execute(otherWorker, 'b', '5')).toBe(false);
	// What a worker writes to static data replaces all of it.
	expect(staticData).toEqual({});
});

it('lets an execution continue that n8n restarts or a person retries', async () => {
	expect(await execute(worker, 'a', '1')).toBe(true);
	expect(await execute(otherWorker, 'a', '1')).toBe(true);
	expect(await execute(otherWorker, 'a', '9', 'retry')).toBe(true);
	expect(await execute(otherWorker, 'a', '9')).toBe(false);
});

it('lets an execution continue when the store fails, and logs a warning', async () => {
	store.beforeRead = () => {
		throw new Error('The database is locked');
	};
	expect(await execute(worker, 'a')).toBe(true);
	expect(warnings.join()).toContain('The database is locked');
});
