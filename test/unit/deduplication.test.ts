import type { IExecuteFunctions, IWebhookFunctions } from 'n8n-workflow';

type Duplicates = typeof import('../../nodes/KopoKopo/webhooks/deduplication');

/** The trigger as each process of n8n in queue mode has it. */
const [processor, worker, otherWorker] = Array.from({ length: 3 }, () => {
	let loaded: Duplicates | undefined;
	jest.isolateModules(() => {
		loaded = jest.requireActual<Duplicates>('../../nodes/KopoKopo/webhooks/deduplication');
	});
	return loaded as Duplicates;
}) as [Duplicates, Duplicates, Duplicates];

let place = 0;
let staticData: object;
let stored: string[];
let isBroken: boolean;
let warnings: string[];

beforeEach(() => {
	place++;
	staticData = {};
	stored = [];
	isBroken = false;
	warnings = [];
});

const common = () => ({
	getNode: () => ({ id: `node-${place}` }),
	getWorkflow: () => ({ id: 'workflow' }),
	getWorkflowStaticData: () => staticData,
	logger: { warn: (text: string) => warnings.push(text) },
});

/** Delivered to the process, and answered well; what it takes it for. */
const take = async (by: Duplicates, dedupeKey: string) =>
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

/** Executed by the process; whether it goes on. */
async function execute(by: Duplicates, dedupeKey: string, execution = '1', mode = 'webhook') {
	const context = {
		...common(),
		getExecutionId: () => execution,
		getMode: () => mode,
		getInputData: () => [{ json: { dedupeKey } }],
		helpers: {
			checkProcessedAndRecord: async (items: string[]) => {
				if (isBroken) throw new Error('The database is locked');
				const fresh = items.filter((item) => !stored.includes(item));
				stored.push(...fresh);
				return await Promise.resolve({ new: fresh, processed: [] });
			},
			removeProcessed: async (items: string[]) => {
				stored = stored.filter((item) => !items.includes(item));
				await Promise.resolve();
			},
		},
	} as unknown as IExecuteFunctions;
	return await by.isFirstExecution(context);
}

it('asks nothing of the database where the same process takes and executes', async () => {
	expect(await take(processor, 'a')).toBe('new');
	expect(await take(processor, 'a')).toBe('duplicate');
	expect(await execute(processor, 'a')).toBe(true);
	expect(stored).toEqual([]);
	expect(Object.keys(staticData)).toEqual([`kopoKopoSeen:node-${place}`]);
});

it('goes on with one of two executions of the same delivery, on whatever workers', async () => {
	const both = await Promise.all([
		execute(worker, 'a', '1'),
		execute(otherWorker, 'a', '2'),
		execute(worker, 'b', '3'),
	]);
	expect(both).toEqual([true, false, true]);
	expect(await execute(worker, 'a', '4')).toBe(false);
	expect(await execute(otherWorker, 'b', '5')).toBe(false);
	// n8n would replace all that is there with it.
	expect(staticData).toEqual({});
});

it('goes on with an execution that n8n or a person runs again', async () => {
	expect(await execute(worker, 'a', '1')).toBe(true);
	expect(await execute(otherWorker, 'a', '1')).toBe(true);
	expect(await execute(otherWorker, 'a', '9', 'retry')).toBe(true);
	expect(await execute(otherWorker, 'a', '9')).toBe(false);
});

it('goes on when n8n cannot keep it, and says so in the log', async () => {
	isBroken = true;
	expect(await execute(worker, 'a')).toBe(true);
	expect(warnings.join()).toContain('The database is locked');
});
