import * as fc from 'fast-check';
import * as n8nWorkflow from 'n8n-workflow';
import {
	ObservableObject,
	type IDataObject,
	type IExecuteFunctions,
	type IHookFunctions,
	type IWebhookFunctions,
} from 'n8n-workflow';
import { DeduplicationStore } from '../support/deduplicationStore';
import { storedCredential } from './testData';

/** The modules that have memory, as one process of n8n has them. */
interface Modules {
	deduplication: typeof import('../../nodes/KopoKopo/webhooks/deduplication');
	subscriptions: typeof import('../../nodes/KopoKopo/webhooks/subscriptions');
}

const TRIGGERS = ['first', 'second'] as const;
type Trigger = (typeof TRIGGERS)[number];

/** The tills that a trigger may be set to. */
const TILLS = ['11', '22', '11, 22'];

type Step =
	| { kind: 'deliver'; trigger: Trigger; event: number; hangsUp: boolean }
	| { kind: 'begin' | 'end'; index: number }
	| { kind: 'poll' | 'publish'; part: 'begin' | 'end' }
	| { kind: 'set'; trigger: Trigger; tills: string }
	| { kind: 'restart' };

const step: fc.Arbitrary<Step> = fc.oneof(
	{
		weight: 8,
		arbitrary: fc.record({
			kind: fc.constant('deliver' as const),
			trigger: fc.constantFrom(...TRIGGERS),
			event: fc.nat(3),
			hangsUp: fc.boolean(),
		}),
	},
	{
		weight: 10,
		arbitrary: fc.record({ kind: fc.constantFrom('begin' as const, 'end'), index: fc.nat(3) }),
	},
	{
		weight: 8,
		arbitrary: fc.record({
			kind: fc.constantFrom('poll' as const, 'publish'),
			part: fc.constantFrom('begin' as const, 'end'),
		}),
	},
	{
		weight: 2,
		arbitrary: fc.record({
			kind: fc.constant('set' as const),
			trigger: fc.constantFrom(...TRIGGERS),
			tills: fc.constantFrom(...TILLS),
		}),
	},
	{ weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
);

type ObservableData = NonNullable<Parameters<typeof ObservableObject.create>[1]>;

/** n8n's Workflow, as far as static data goes: a copy of the database that notices changes at its top. */
class Workflow {
	readonly staticData: IDataObject & ObservableData;

	constructor(private readonly database: Database) {
		const stored = JSON.parse(database.staticData) as typeof this.staticData;
		const options = { ignoreEmptyOnFirstChild: true };
		this.staticData = ObservableObject.create(stored, undefined, options) as typeof stored;
	}

	/** As Workflow.getStaticData() of n8n-workflow. */
	part(key: string): IDataObject {
		this.staticData[key] ??= ObservableObject.create({}, this.staticData);
		return this.staticData[key] as IDataObject;
	}

	/** n8n stores all of it if any of it has changed. */
	save(): void {
		if (this.staticData.__dataChanged !== true) return;
		this.database.staticData = JSON.stringify(this.staticData);
		this.staticData.__dataChanged = false;
	}
}

/** What outlasts a restart. */
class Database {
	staticData = '{}';
	readonly store = new DeduplicationStore();
	executions = 0;

	get cursor(): number {
		const data = JSON.parse(this.staticData) as Record<string, { cursor?: number } | undefined>;
		return data['node:Gmail Trigger']?.cursor ?? 0;
	}
}

interface Execution {
	id: string;
	trigger: Trigger;
	event: number;
	key: string;
	workflow: Workflow;
	status: 'new' | 'running' | 'ended' | 'crashed';
	/** Whether the trigger passed its item on. */
	passed?: boolean;
	/** The process that it began in. */
	process?: number;
}

/** One n8n, in regular mode, with a workflow of two Kopo Kopo Triggers and one that polls. */
class N8n {
	readonly database = new Database();
	readonly executions: Execution[] = [];
	readonly subscribed: string[] = [];
	/** Deliveries whose sender hung up before the response. */
	readonly missed = new Set<string>();
	private process = 0;
	private modules = loadModules(this);
	private readonly tills: Record<Trigger, string> = { first: '11', second: '22' };
	private polling?: Workflow;
	private publishing?: Workflow;
	private begun: Array<Promise<void>> = [];
	/** What the process does in the database. */
	private operations: Array<Promise<unknown>> = [];

	async take(next: Step): Promise<void> {
		const { cursor } = this.database;
		if (next.kind === 'deliver') await this.deliver(next.trigger, next.event, next.hangsUp);
		if (next.kind === 'begin') this.begin(next.index);
		if (next.kind === 'end') this.end(next.index);
		if (next.kind === 'poll') this.poll(next.part);
		if (next.kind === 'publish') await this.publish(next.part);
		if (next.kind === 'set') this.tills[next.trigger] = next.tills;
		if (next.kind === 'restart') await this.restart();
		if (this.database.cursor < cursor) throw new Error('The cursor of the other trigger went back');
	}

	/** Lets everything come to its end. Then n8n restarts, and everything is delivered once more. */
	async finish(): Promise<void> {
		await this.settle();
		const { executions } = this;
		await this.restart();
		for (const trigger of TRIGGERS) {
			const events = executions.filter((execution) => execution.trigger === trigger);
			for (const event of new Set(events.map((execution) => execution.event))) {
				await this.deliver(trigger, event, false);
			}
		}
		await this.settle();
	}

	private async settle(): Promise<void> {
		for (const part of ['begin', 'end'] as const) {
			this.poll(part);
			await this.publish(part);
		}
		for (const execution of this.executions) {
			if (execution.status === 'new') this.run(execution);
		}
		await Promise.all(this.begun);
		while (this.executions.some(({ status }) => status === 'running')) this.end(0);
	}

	private common(trigger: Trigger, workflow: Workflow) {
		return {
			getNode: () => ({ id: `node ${trigger}`, name: trigger }),
			getWorkflow: () => ({ id: 'workflow' }),
			getWorkflowStaticData: (part: string) => workflow.part(part),
			getNodeParameter: (name: string, missing: unknown) =>
				({
					triggerOn: ['buygoods_transaction_received'],
					registration: 'automatic',
					scope: 'till',
					tillNumber: this.tills[trigger],
				})[name] ?? missing,
			logger: { warn: () => undefined, info: () => undefined },
		};
	}

	private async deliver(trigger: Trigger, event: number, hangsUp: boolean): Promise<void> {
		const workflow = new Workflow(this.database);
		const key = `payment:${event}`;
		let close: () => void = () => undefined;
		const response = {
			statusCode: 200,
			destroyed: false,
			writableFinished: false,
			once: (_event: string, listener: () => void) => (close = listener),
		};
		const context = { ...this.common(trigger, workflow), getResponseObject: () => response };
		const claim = await this.modules.deduplication.claimDelivery(
			context as unknown as IWebhookFunctions,
			{ dedupeKey: key },
		);
		if (claim === 'new') {
			const id = String(++this.database.executions);
			this.executions.push({ id, trigger, event, key, workflow, status: 'new' });
			if (hangsUp) this.missed.add(`${trigger} ${key}`);
		} else {
			workflow.save();
		}
		response.writableFinished = !hangsUp;
		close();
	}

	private begin(index: number): void {
		const waiting = this.executions.filter(({ status }) => status === 'new');
		const execution = waiting[index % (waiting.length || 1)];
		if (execution !== undefined) this.run(execution);
	}

	private run(execution: Execution): void {
		const { id, trigger, key, workflow } = execution;
		const { process, modules } = this;
		Object.assign(execution, { status: 'running', process });
		const context = {
			...this.common(trigger, workflow),
			getExecutionId: () => id,
			getMode: () => 'webhook',
			getInputData: () => [{ json: { dedupeKey: key } }],
			helpers: this.helpersFor(trigger),
		} as unknown as IExecuteFunctions;
		const execute = async () => {
			const delivery = modules.deduplication.beginExecution(context);
			if (delivery === undefined) throw new Error('The item has no key');
			await modules.deduplication.waitForResponse(context, delivery);
			const passed = await modules.deduplication.isFirstExecution(context, delivery);
			if (execution.status === 'running') execution.passed = passed;
		};
		this.begun.push(execute());
	}

	/** The database for a process: once it is killed, it begins nothing more. */
	private helpersFor(trigger: Trigger) {
		const { process } = this;
		const helpers = this.database.store.helpersFor(`node ${trigger}`);
		const whileAlive =
			<Args extends unknown[], Result>(operation: (...args: Args) => Promise<Result>) =>
			async (...args: Args) => {
				if (this.process !== process) return await new Promise<never>(() => undefined);
				const running = operation(...args);
				this.operations.push(running);
				return await running;
			};
		return {
			checkProcessedAndRecord: whileAlive(helpers.checkProcessedAndRecord),
			removeProcessed: whileAlive(helpers.removeProcessed),
			getProcessedDataCount: whileAlive(helpers.getProcessedDataCount),
		};
	}

	private end(index: number): void {
		const running = this.executions.filter(
			({ status, passed }) => status === 'running' && passed !== undefined,
		);
		const execution = running[index % (running.length || 1)];
		if (execution === undefined) return;
		execution.status = 'ended';
		execution.workflow.save();
	}

	/** A trigger that keeps a cursor in static data. n8n itself loses that when hooks write static data meanwhile. */
	private poll(part: 'begin' | 'end'): void {
		if (part === 'begin' && this.publishing === undefined) {
			this.polling ??= new Workflow(this.database);
		}
		if (part === 'begin' || this.polling === undefined) return;
		const data = this.polling.part('node:Gmail Trigger');
		data.cursor = Number(data.cursor ?? 0) + 1;
		this.polling.save();
		this.polling = undefined;
	}

	/** n8n runs the hooks of all triggers of a workflow at the same time, and stores static data after them. */
	private async publish(part: 'begin' | 'end'): Promise<void> {
		if (part === 'begin' && this.polling === undefined) {
			this.publishing ??= new Workflow(this.database);
		}
		if (part === 'begin' || this.publishing === undefined) return;
		const workflow = this.publishing;
		await Promise.all(
			TRIGGERS.map(async (trigger) => {
				const context = {
					...this.common(trigger, workflow),
					getMode: () => 'trigger',
					getNodeWebhookUrl: () => `https://n8n.example.com/${trigger}`,
					getCredentials: async () => await Promise.resolve(storedCredential()),
				} as unknown as IHookFunctions;
				if (!(await this.modules.subscriptions.allSubscribed(context))) {
					await this.modules.subscriptions.subscribeMissing(context);
				}
			}),
		);
		workflow.save();
		this.publishing = undefined;
	}

	/**
	 * A kill. What had begun is lost, except that the database still ends what it was asked; n8n runs what it
	 * had stored and not begun. Never within a hook.
	 */
	private async restart(): Promise<void> {
		for (const execution of this.executions) {
			if (execution.status === 'running') execution.status = 'crashed';
		}
		this.process++;
		await Promise.allSettled(this.operations);
		this.operations = [];
		this.modules = loadModules(this);
		this.polling = undefined;
		this.publishing = undefined;
		this.begun = [];
	}
}

const SHARED = [
	'domain/callbacks',
	'domain/eventCatalogue',
	'parsers/url',
	'resources/v2/webhookSubscription',
	'transport/environment',
	'transport/errors',
].map((path) => {
	const file = `../../nodes/KopoKopo/${path}`;
	return [file, jest.requireActual<object>(file)] as const;
});

/** Loads the modules anew, with a Kopo Kopo that records what it is asked to subscribe. */
function loadModules(n8n: { readonly subscribed: string[] }): Modules {
	let modules: Modules | undefined;
	jest.isolateModules(() => {
		// Modules without memory are shared, since loading them takes long.
		jest.doMock('n8n-workflow', () => n8nWorkflow);
		for (const [path, shared] of SHARED) jest.doMock(path, () => shared);
		jest.doMock('../../nodes/KopoKopo/n8n/sleep', () => ({ abortableSleep: tick }));
		jest.doMock('../../nodes/KopoKopo/transport/client', () => ({
			sendRequest: async (...[, request]: [unknown, { method: string; body?: IDataObject }]) => {
				await tick();
				if (request.method === 'GET') return {};
				n8n.subscribed.push(JSON.stringify(request.body));
				return { id: `subscription-${n8n.subscribed.length}` };
			},
		}));
		modules = {
			deduplication: jest.requireActual('../../nodes/KopoKopo/webhooks/deduplication'),
			subscriptions: jest.requireActual('../../nodes/KopoKopo/webhooks/subscriptions'),
		};
	});
	return modules as Modules;
}

const tick = async () => await Promise.resolve();

/** Everything that is wrong after the steps. */
function problems({ executions, missed, subscribed }: N8n): string[] {
	const found = subscribed.filter((each, index) => subscribed.indexOf(each) !== index);
	const nameOf = ({ trigger, key }: Execution) => `${trigger} ${key}`;
	for (const delivery of new Set(executions.map(nameOf))) {
		const all = executions.filter((execution) => nameOf(execution) === delivery);
		const passed = all.filter((execution) => execution.passed === true);
		const crashed = all.filter(({ status }) => status === 'crashed');
		if (passed.length + crashed.length === 0) found.push(`${delivery} was lost`);
		// A sender without a response sends again, and after a crash nobody knows what it had sent.
		const processes = new Set(passed.map(({ process }) => process));
		const allowed = missed.has(delivery) ? processes.size : 1;
		if (passed.length > allowed) found.push(`${delivery} was passed on ${passed.length} times`);
	}
	return found;
}

it('loses no delivery, subscription or cursor in 1,000 random interleavings', async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.array(step, { minLength: 10, maxLength: 60 }),
			fc.array(fc.nat(2), { minLength: 1, maxLength: 20 }),
			async (steps, delays) => {
				const n8n = new N8n();
				let reads = 0;
				n8n.database.store.beforeWrite = async () => {
					const delay = delays[reads++ % delays.length] ?? 0;
					for (let count = 0; count < delay; count++) await tick();
				};
				for (const next of steps) {
					await n8n.take(next);
					if (next.kind !== 'begin') await tick();
				}
				await n8n.finish();
				expect(problems(n8n)).toEqual([]);
			},
		),
		{ numRuns: 1000 },
	);
}, 300_000);

it('would notice an execution that writes static data', () => {
	const database = new Database();
	const execution = new Workflow(database);
	const poll = new Workflow(database);
	poll.part('node:Gmail Trigger').cursor = 1;
	poll.save();
	expect(database.cursor).toBe(1);
	execution.part('global').written = true;
	execution.save();
	expect(database.cursor).toBe(0);
});
