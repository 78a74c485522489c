import * as fc from 'fast-check';
import {
	FakeKopoKopo,
	FakeN8n,
	HOUR,
	MINUTE,
	type ModelExecution,
	SECOND,
} from '../support/pollingModel';

type Step =
	| { kind: 'pay'; ago: number; delay: number; till: string }
	| { kind: 'poll'; trigger: number }
	| { kind: 'deliver'; index: number; begins: boolean }
	| { kind: 'begin' | 'end'; index: number }
	| { kind: 'fail' | 'lose' | 'endUnsaved'; index: number }
	| { kind: 'kill'; savesLast: boolean; recovers: boolean; delivers: number | undefined }
	| { kind: 'publish'; savesLast: boolean }
	| { kind: 'wait'; ms: number }
	| { kind: 'outage'; status: number | undefined }
	| { kind: 'slow'; looks: number }
	| { kind: 'refuse'; longestPeriod: number; longestListedPeriod: number }
	| { kind: 'scope'; tillNumber: string | undefined };

const TILLS = ['11', '22'];
const LENGTHS = [Infinity, 3 * HOUR, 45 * MINUTE, 20 * MINUTE];

const step: fc.Arbitrary<Step> = fc.oneof(
	{
		weight: 8,
		arbitrary: fc.record({
			kind: fc.constant('pay' as const),
			ago: fc.integer({ min: SECOND, max: 2 * MINUTE }),
			// Reported later than it was made, but within the overlap.
			delay: fc.constantFrom(0, 0, 10 * MINUTE, 50 * MINUTE),
			till: fc.constantFrom(...TILLS),
		}),
	},
	{
		weight: 10,
		arbitrary: fc.record({ kind: fc.constant('poll' as const), trigger: fc.nat(1) }),
	},
	{
		weight: 4,
		arbitrary: fc.record({
			kind: fc.constant('deliver' as const),
			index: fc.nat(9),
			begins: fc.boolean(),
		}),
	},
	{
		weight: 16,
		arbitrary: fc.record({
			kind: fc.constantFrom(
				'begin' as const,
				'begin',
				'end',
				'end',
				'end',
				'fail',
				'fail',
				'endUnsaved',
			),
			index: fc.nat(5),
		}),
	},
	{ weight: 1, arbitrary: fc.record({ kind: fc.constant('lose' as const), index: fc.nat(5) }) },
	{
		weight: 3,
		arbitrary: fc.record({
			kind: fc.constant('kill' as const),
			savesLast: fc.boolean(),
			// n8n starts the executions that it had stored and not begun.
			recovers: fc.boolean(),
			// A delivery that arrives before n8n has activated the trigger again.
			delivers: fc.option(fc.nat(9), { nil: undefined }),
		}),
	},
	{
		weight: 1,
		arbitrary: fc.record({ kind: fc.constant('publish' as const), savesLast: fc.boolean() }),
	},
	{
		weight: 2,
		arbitrary: fc.record({
			kind: fc.constant('wait' as const),
			ms: fc.constantFrom(10 * MINUTE, 40 * MINUTE, 5 * HOUR),
		}),
	},
	{
		weight: 1,
		arbitrary: fc.record({
			kind: fc.constant('outage' as const),
			status: fc.constantFrom(undefined, 503, 429, 403),
		}),
	},
	{
		weight: 1,
		arbitrary: fc.record({ kind: fc.constant('slow' as const), looks: fc.constantFrom(0, 12, 30) }),
	},
	{
		weight: 1,
		arbitrary: fc.record({
			kind: fc.constant('refuse' as const),
			longestPeriod: fc.constantFrom(...LENGTHS),
			longestListedPeriod: fc.constantFrom(...LENGTHS),
		}),
	},
	{
		weight: 1,
		arbitrary: fc.record({
			kind: fc.constant('scope' as const),
			tillNumber: fc.constantFrom(undefined, '11, 22'),
		}),
	},
);

const DONE_WHEN = ['executionFinishes', 'executionFinishesSuccessfully', 'immediately'] as const;

/** What may happen to a payment. */
class History {
	/** Executions that passed it on. */
	begun = 0;
	/** Executions with it that ended, with and without an error. */
	ended = 0;
	succeeded = 0;
	/** How often it may come again: executions with it that were cut off, lost or, where that counts, failed. */
	reasons = 0;

	/** What happened to it in executions of two triggers. */
	static sum(one: History, other: History): History {
		const sum = new History();
		for (const key of ['begun', 'ended', 'succeeded', 'reasons'] as const) {
			sum[key] = one[key] + other[key];
		}
		return sum;
	}
}

class Run {
	readonly kopoKopo = new FakeKopoKopo();
	readonly n8n: FakeN8n;
	private readonly histories = new Map<string, History>();
	private payments = 0;
	private readonly delivered = new Set<string>();
	/** Executions that have ended, and whose end n8n could not store. */
	private readonly unsaved = new Set<ModelExecution>();
	/** What the database held before the last poll, if nothing was saved since. */
	private before: string | undefined;

	constructor(
		private readonly doneWhen: (typeof DONE_WHEN)[number],
		isDurable: boolean,
		offset: number,
		/** Minutes. */
		private readonly overlap: number,
		/** How many polling triggers the workflow has. */
		triggers: number,
	) {
		jest.setSystemTime(this.kopoKopo.now() + offset);
		const options = { itemsPerExecution: 2, overlap };
		this.n8n = new FakeN8n(this.kopoKopo, { doneWhen, options });
		if (isDurable) this.n8n.cursor = '{}';
		for (let n = 1; n < triggers; n++) this.n8n.addTrigger({ doneWhen, options });
		this.n8n.start();
	}

	private of(node: string, receipt: unknown): History {
		const key = `${node} ${String(receipt)}`;
		const history = this.histories.get(key) ?? new History();
		this.histories.set(key, history);
		return history;
	}

	async take(one: Step): Promise<void> {
		const { n8n, kopoKopo } = this;
		const pick = (index: number, state: string) => {
			const some = n8n.executions.filter((execution) => execution.state === state);
			return some[index % Math.max(1, some.length)];
		};
		switch (one.kind) {
			case 'pay':
				// A payment that is reported later than the overlap may be missed.
				return kopoKopo.pay(`R${this.payments++}`, this.overlap < 60 ? { ...one, delay: 0 } : one);
			case 'poll': {
				this.before = n8n.database;
				return await n8n.poll(n8n.triggers[one.trigger % n8n.triggers.length]);
			}
			case 'deliver': {
				// With Immediately, only what the trigger gives itself comes once.
				const payment = kopoKopo.payments[one.index];
				if (payment === undefined || this.doneWhen === 'immediately') return;
				if (this.delivered.has(payment.reference)) return;
				this.delivered.add(payment.reference);
				const execution = n8n.deliver(payment);
				if (execution !== undefined && one.begins) await this.begin(execution);
				return;
			}
			case 'begin': {
				const execution = pick(one.index, 'created');
				if (execution !== undefined) await this.begin(execution);
				return;
			}
			case 'end':
			case 'fail':
			case 'lose': {
				const execution = pick(one.index, 'begun');
				if (execution === undefined) return;
				const status = { end: 'success', fail: 'error', lose: 'crashed' } as const;
				this.note(execution, one.kind);
				this.before = undefined;
				return await n8n.end(execution, status[one.kind]);
			}
			case 'endUnsaved': {
				const execution = pick(one.index, 'begun');
				if (execution === undefined) return;
				this.note(execution, 'end');
				// n8n says so to the polling trigger that has started it, unless that was before a restart.
				const isReported = execution.isDelivered !== true && execution.isRecovered !== true;
				if (isReported) this.unsaved.add(execution);
				else this.note(execution, 'lose');
				return await n8n.end(execution, 'success', false);
			}
			case 'kill':
				for (const execution of n8n.executions) {
					if (execution.state === 'begun' || this.unsaved.delete(execution)) {
						this.note(execution, 'lose');
					}
				}
				// n8n does not wait until the static data is saved when it starts an execution.
				if (!one.savesLast && this.before !== undefined) n8n.database = this.before;
				this.before = undefined;
				n8n.kill(one.recovers);
				if (one.delivers !== undefined) {
					await this.take({ kind: 'deliver', index: one.delivers, begins: true });
				}
				return await n8n.activate();
			case 'publish':
				this.before = undefined;
				if (one.savesLast) n8n.save();
				n8n.publish();
				return await n8n.activate();
			case 'wait':
				// The end of an execution that takes longer than an hour is not waited for.
				for (const execution of n8n.executions) {
					const { state, isDelivered } = execution;
					if (state === 'begun' && isDelivered === true) this.note(execution, 'lose');
				}
				return void (await jest.advanceTimersByTimeAsync(one.ms));
			case 'outage':
				kopoKopo.outage = one.status;
				return;
			case 'slow':
				kopoKopo.looksUntilReady = one.looks;
				return;
			case 'refuse':
				kopoKopo.longestPeriod = one.longestPeriod;
				kopoKopo.longestListedPeriod = one.longestListedPeriod;
				return;
			case 'scope':
				n8n.parameters = {
					...n8n.parameters,
					...(one.tillNumber === undefined
						? { scope: 'company' }
						: { scope: 'till', tillNumber: one.tillNumber }),
				};
		}
	}

	/** Everything works again until nothing is left to do. */
	async settle(): Promise<void> {
		this.kopoKopo.outage = undefined;
		this.kopoKopo.looksUntilReady = 0;
		await this.endAll();
		await jest.advanceTimersByTimeAsync(HOUR);
		for (let quiet = 0, rounds = 0; quiet < 3 && rounds < 60; rounds++) {
			for (const trigger of this.n8n.triggers.keys()) await this.take({ kind: 'poll', trigger });
			quiet = (await this.endAll()) === 0 ? quiet + 1 : 0;
		}
	}

	/** Begins and ends all executions. @returns how many there were */
	private async endAll(): Promise<number> {
		const open = this.n8n.executions.filter(({ state }) => ['created', 'begun'].includes(state));
		for (const execution of open) {
			if (execution.state === 'created') await this.begin(execution);
			this.note(execution, 'end');
			await this.n8n.end(execution);
		}
		return open.length;
	}

	/** An execution begins, and processes what passes the trigger. */
	private async begin(execution: FakeN8n['executions'][number]): Promise<void> {
		const receipts = await this.n8n.begin(execution);
		execution.items = execution.items.filter(({ reference }) => receipts.includes(reference));
		for (const receipt of receipts) this.of(execution.node, receipt).begun += 1;
	}

	check(): void {
		for (const { id } of this.n8n.triggers) {
			for (const { reference } of this.kopoKopo.payments) this.checkPayment(id, reference);
		}
	}

	/** Each polling trigger starts the workflow with a payment, unless an execution of a delivery has finished it. */
	private checkPayment(node: string, receipt: string): void {
		const delivered = this.of('webhook-node', receipt);
		const { begun, ended, succeeded, reasons } = History.sum(this.of(node, receipt), delivered);
		const what = `${node}, ${receipt}: ${JSON.stringify({ begun, ended, succeeded, reasons })}`;
		if (this.doneWhen === 'immediately') {
			expect(begun > 1 && what).toBe(false);
			return;
		}
		const isProcessed =
			this.doneWhen === 'executionFinishes' ? ended > 0 : succeeded > 0 || reasons >= 5;
		expect(!isProcessed && what).toBe(false);
		expect(begun > 1 + reasons && what).toBe(false);
	}

	private note({ node, items }: ModelExecution, how: 'end' | 'fail' | 'lose'): void {
		for (const { reference } of items) {
			const history = this.of(node, reference);
			if (how !== 'lose') history.ended += 1;
			if (how === 'end') history.succeeded += 1;
			const mayComeAgain =
				how === 'lose' || (how === 'fail' && this.doneWhen === 'executionFinishesSuccessfully');
			if (mayComeAgain) history.reasons += 1;
		}
	}
}

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

test.each(
	DONE_WHEN.flatMap((doneWhen) => [
		[doneWhen, 'static data', false] as const,
		[doneWhen, 'durable cursors', true] as const,
	]),
)(
	'whatever happens, and with %s and %s, no payment is missed, and none comes again without a reason',
	async (doneWhen, _where, isDurable) => {
		await fc.assert(
			fc.asyncProperty(
				fc.array(step, { minLength: 5, maxLength: 60 }),
				fc.constantFrom(0, -HOUR, HOUR),
				fc.constantFrom(60, 5),
				fc.constantFrom(1, 2),
				async (steps, offset, overlap, triggers) => {
					const run = new Run(doneWhen, isDurable, offset, overlap, triggers);
					await run.n8n.activate();
					for (const trigger of run.n8n.triggers) await run.n8n.poll(trigger);
					for (const one of steps) await run.take(one);
					await run.settle();
					run.check();
				},
			),
			{ numRuns: 60 },
		);
	},
);
