import * as fc from 'fast-check';
import { type IDataObject, sleep } from 'n8n-workflow';
import { type ActionInstance, newProcess, type SentHttpRequest } from '../support/actionInstance';
import type { DeduplicationStore } from '../support/deduplicationStore';
import { actionNode, EMPTY, PAYOUT, statusBody, useFakeTimers } from './actionSetup';

useFakeTimers();

/** The default of Allow Repeats After, in ms. */
const WINDOW_MS = 10 * 60_000;

/** The entries in n8n's store have no times, only periods of half of that. ms since the epoch. */
const BEGINNING_OF_PERIOD = 1_000_000 * WINDOW_MS;

/** How many random orders are tried. */
const RUNS_OF_MODEL = 120;

/** How Kopo Kopo treats a request. A lost one has no response; it is paid, as a node must assume. */
const FATES = ['rejected', 'lost', 'paid', 'pending', 'failed'] as const;
type Fate = (typeof FATES)[number];

/** Loading a process takes long, so all nodes use the same ones. What they remember belongs to a node. */
const processes: Array<ReturnType<typeof newProcess>> = [];

/** By how much the clock of the second process is ahead of the first one's, in ms. */
let clockAheadMs = 0;
beforeEach(() => (clockAheadMs = 0));

interface SentPayout {
	id: string;
	execution: string;
	sentAt: number;
	fate: Fate;
}

const disbursement = (status: string) => ({ status, amount: '100.0' });
const BODIES: Record<Fate, IDataObject> = {
	rejected: {},
	lost: {},
	paid: { transfer_batches: [{ disbursements: [disbursement('Transferred')] }] },
	pending: { transfer_batches: [{ disbursements: [disbursement('Scheduled')] }] },
	failed: { transfer_batches: [{ disbursements: [disbursement('Failed')] }] },
};

/** A Kopo Kopo to which several executions, in one or two processes of n8n, send equal payouts. */
class EqualPayouts {
	readonly sent: SentPayout[] = [];
	/** What must never happen: an equal payout although one of another execution may still be paid. */
	readonly violations: string[] = [];
	private readonly processes: [ActionInstance, ActionInstance];
	private readonly executions = new Map<string, { data: IDataObject; runIndex: number }>();
	/** What happens while Kopo Kopo responds to a payout. */
	whileResponding: (() => Promise<void>) | undefined;
	/** What becomes of the next requests. */
	fates: Fate[] = [];
	private started = 0;
	/** Whether n8n was restarted, or has run the node in a second process. */
	private hasForgotten = false;

	constructor() {
		const node = actionNode({
			...PAYOUT,
			destinations: ({ execution }: IDataObject) => ({
				mpesaNumber: [{ phoneNumber: '0712345678', amount: 100, description: execution }],
			}),
		});
		const other = actionNode({});
		Object.assign(other, { store: node.store, nodeId: node.nodeId, parameters: node.parameters });
		this.processes = [node, other];
		other.restart(this.nextProcess());
		for (const process of this.processes)
			process.respond = async (request) => await this.respond(request);
	}

	private async respond({ method, path, body }: SentHttpRequest) {
		if (method === 'GET') {
			const payout = this.sent.find(({ id }) => path.endsWith(`/${id}`));
			const attributes = BODIES[payout?.fate ?? 'pending'];
			return { statusCode: 200, body: statusBody('Processed', attributes, 'send_money') };
		}
		const [destination] = body?.destinations as IDataObject[];
		const execution = String(destination?.description);
		const first = this.sent.find((payout) => payout.execution === execution)?.sentAt ?? Infinity;
		for (const earlier of this.sent) {
			if (earlier.execution === execution || earlier.sentAt < Date.now() - WINDOW_MS) continue;
			if (earlier.fate === 'rejected' || earlier.fate === 'failed') continue;
			// An execution that has lost its memory still sends its own equal items.
			if (this.hasForgotten && earlier.sentAt >= first) continue;
			this.violations.push(`${execution} after ${earlier.id} of ${earlier.execution}`);
		}
		const id = `payout-${this.sent.length + 1}`;
		const fate = this.fates.shift() ?? 'pending';
		this.sent.push({ id, execution, sentAt: Date.now(), fate });
		await this.whileResponding?.();
		if (fate === 'rejected') return { statusCode: 400, body: {} };
		if (fate === 'lost') return { statusCode: 503 };
		return { statusCode: 201, headers: { location: `https://sandbox.kopokopo.com${path}/${id}` } };
	}

	/** The next pass of a loop in an execution; the first one starts it. */
	async run(
		execution: string,
		count: number,
		{ waits = false, inProcess = 0, isRetry = false, isSequential = false } = {},
	): Promise<Array<'sent' | 'error' | 'duplicate' | 'unknown'>> {
		const state = this.executions.get(execution) ?? { data: {}, runIndex: -1 };
		if (!isRetry || state.runIndex === -1) state.runIndex += 1;
		this.executions.set(execution, state);
		if (inProcess === 1) this.hasForgotten = true;
		const process = this.processes[inProcess] as ActionInstance;
		const { items } = await process.execute(
			Array.from({ length: count }, () => ({ execution })),
			{
				...state,
				executionId: execution,
				node: { onError: 'continueRegularOutput' },
				parameters: {
					waitForResult: waits ? 'keepChecking' : 'continueImmediately',
					options: isSequential ? { batching: { batch: { batchSize: 1 } } } : {},
				},
			},
		);
		return items.map((item) => {
			if ('error' in item) return 'error';
			if (item.isDuplicate === true) return 'duplicate';
			return item.outcome === 'unknown' ? 'unknown' : 'sent';
		});
	}

	get store(): DeduplicationStore {
		return this.processes[0].store;
	}

	restart(): void {
		this.hasForgotten = true;
		for (const process of this.processes) process.restart(this.nextProcess());
	}

	/** A process that knows nothing of this node. */
	private nextProcess() {
		return (processes[this.started++] ??= newProcess(() => clockAheadMs));
	}

	/** Kopo Kopo carries out everything that is pending. */
	settle(fate: Fate): void {
		for (const payout of this.sent) if (payout.fate === 'pending') payout.fate = fate;
	}
}

const wait = (minutes: number) => jest.setSystemTime(Date.now() + minutes * 60_000);

let payouts: EqualPayouts;
beforeEach(() => (payouts = new EqualPayouts()));
afterEach(() => expect(payouts.violations).toEqual([]));

describe('two equal payouts', () => {
	const pairs = FATES.flatMap((one) => FATES.map((other) => [one, other] as const));
	const isOver = (fate: Fate) => fate === 'rejected' || fate === 'failed';

	describe.each([
		['of one list', false],
		['of two passes of a loop', true],
	])('%s', (_title, isLoop) => {
		it.each(pairs)('of which one is %s and one %s', async (one, other) => {
			payouts.fates = [one, other];
			if (isLoop) {
				await payouts.run('first', 1);
				await payouts.run('first', 1);
			} else await payouts.run('first', 2);
			expect(payouts.sent).toHaveLength(2);

			const isAllowed = isOver(one) && isOver(other);
			const expected = isAllowed ? ['sent', 'sent'] : ['duplicate', 'duplicate'];
			expect(await payouts.run('second', 2)).toEqual(expected);
			expect(payouts.sent).toHaveLength(isAllowed ? 4 : 2);
		});

		it.each(pairs)('of which one is %s and one %s, after a restart', async (one, other) => {
			payouts.fates = [one, other];
			if (isLoop) {
				await payouts.run('first', 1);
				payouts.restart();
				await payouts.run('first', 1);
			} else await payouts.run('first', 2);
			expect(payouts.sent).toHaveLength(2);

			payouts.restart();
			const isAllowed = one === 'rejected' && other === 'rejected';
			const expected = isAllowed ? ['sent', 'sent'] : ['duplicate', 'duplicate'];
			expect(await payouts.run('second', 2)).toEqual(expected);
		});
	});

	it.each(pairs)(
		'of which one is %s and one %s, for whose results the run waits',
		async (one, other) => {
			payouts.fates = [one, other].map((fate) => (fate === 'pending' ? 'paid' : fate));
			await payouts.run('first', 2, { waits: true });
			const isAllowed = isOver(one) && isOver(other);
			const expected = isAllowed ? ['sent', 'sent'] : ['duplicate', 'duplicate'];
			expect(await payouts.run('second', 2)).toEqual(expected);
		},
	);

	it("of which n8n's Retry in another process sends the rejected one", async () => {
		payouts.fates = ['pending', 'rejected', 'pending'];
		expect(await payouts.run('first', 2)).toEqual(['sent', 'error']);
		expect(await payouts.run('first', 2, { isRetry: true, inProcess: 1 })).toEqual([
			'sent',
			'sent',
		]);
		// The first process knows only the first payout.
		(payouts.sent[0] as SentPayout).fate = 'failed';
		expect(await payouts.run('second', 2)).toEqual(['duplicate', 'duplicate']);
		wait(16);
		expect(await payouts.run('third', 1, { inProcess: 1 })).toEqual(['sent']);
	});

	it('of two executions that are over are only sent again if both are known in this process', async () => {
		payouts.fates = ['pending', 'rejected', 'pending'];
		await payouts.run('first', 2);
		await payouts.run('first', 2, { isRetry: true, inProcess: 1 });
		wait(16);
		payouts.fates = ['failed'];
		expect(await payouts.run('second', 1)).toEqual(['sent']);
		expect(await payouts.run('third', 1)).toEqual(['duplicate']);
	});

	it("of two passes of a loop, of which n8n's Retry in another process sends the rejected one", async () => {
		payouts.fates = ['pending', 'rejected', 'pending'];
		await payouts.run('first', 1);
		expect(await payouts.run('first', 1)).toEqual(['error']);
		expect(await payouts.run('first', 1, { isRetry: true, inProcess: 1 })).toEqual(['sent']);
	});
});

it('a rejected payout is not sent by a Retry if another process has sent an equal one', async () => {
	payouts.fates = ['rejected'];
	await payouts.run('first', 1);
	expect(await payouts.run('second', 1, { inProcess: 1 })).toEqual(['sent']);
	expect(await payouts.run('first', 1, { isRetry: true })).toEqual(['duplicate']);
});

describe('a payout that failed', () => {
	beforeEach(async () => {
		payouts.fates = ['failed'];
		await payouts.run('first', 1);
	});

	it('is sent again by one of three executions that try at the same time', async () => {
		const results = await Promise.all(
			['second', 'third', 'fourth'].map(async (execution) => await payouts.run(execution, 1)),
		);
		expect(results.flat().sort()).toEqual(['duplicate', 'duplicate', 'sent']);
	});

	it('does not release another that replaced it when its own execution learns that it failed', async () => {
		await payouts.run('second', 1);
		payouts.fates = [];
		expect(await payouts.run('third', 1)).toEqual(['duplicate']);
		expect(await payouts.run('first', 1)).toEqual(['duplicate']);
	});
});

describe('a payout that failed while its execution was waiting for the result', () => {
	/** Runs the next pass of the first execution, and another execution once its payout has failed. */
	const runBoth = async () => {
		const { length } = payouts.sent;
		const first = payouts.run('first', 1, { waits: true });
		while (payouts.sent.length === length) await jest.advanceTimersToNextTimerAsync();
		payouts.settle('failed');
		expect(await payouts.run('second', 1)).toEqual(['sent']);
		await first;
	};

	it.each([
		['in the same process', false],
		['after a restart', true],
	])(
		'does not release the one that another execution has sent meanwhile, %s',
		async (_title, isRestarted) => {
			await runBoth();
			if (isRestarted) payouts.restart();
			expect(await payouts.run('third', 1)).toEqual(['duplicate']);
		},
	);

	it('does not release it either if the one of an earlier pass of a loop has failed, too', async () => {
		jest.setSystemTime(BEGINNING_OF_PERIOD);
		payouts.fates = ['failed'];
		await payouts.run('first', 1);
		wait(6);
		await runBoth();
		payouts.restart();
		jest.setSystemTime(BEGINNING_OF_PERIOD + 15.5 * 60_000);
		expect(await payouts.run('third', 1)).toEqual(['duplicate']);
	});
});

describe('executions that start at the same time', () => {
	it('send a payout once', async () => {
		const results = await Promise.all(
			['first', 'second', 'third', 'fourth'].map(
				async (execution) => await payouts.run(execution, 1),
			),
		);
		expect(results.flat().filter((result) => result === 'sent')).toHaveLength(1);
	});

	it('in two processes send a payout at most once', async () => {
		const results = await Promise.all(
			['first', 'second'].map(async (name, inProcess) => await payouts.run(name, 1, { inProcess })),
		);
		expect(results.flat().sort()).toEqual(['duplicate', 'sent']);
	});

	it('send nothing that another process has sent', async () => {
		await payouts.run('first', 1, { inProcess: 1 });
		const results = await Promise.all(
			['second', 'third'].map(async (execution) => await payouts.run(execution, 1)),
		);
		expect(results.flat()).toEqual(['duplicate', 'duplicate']);
	});
});

// n8n's store has no times, so an entry names a period of half the window.
describe('two workers that claim a payout on the two sides of a boundary between periods', () => {
	const BOUNDARY = 6_000_000 * (WINDOW_MS / 2);

	/** Both workers have used the node before, so that nothing but claims of the payout is written. */
	const prepare = async () => {
		jest.setSystemTime(BOUNDARY - 4 * WINDOW_MS);
		await payouts.run('older', 1);
		wait(20);
		await payouts.run('old', 1, { inProcess: 1 });
		payouts.sent.splice(0);
		jest.setSystemTime(BOUNDARY - 1);
	};

	describe.each([
		['clocks that agree', 0],
		['clocks that are two seconds apart', 2000],
	])('with %s', (_clocks, aheadMs) => {
		it.each([
			['first', false],
			['last', true],
		])(
			'send it once if the claim of the earlier period is written %s',
			async (_title, isEarlierLast) => {
				await prepare();
				clockAheadMs = aheadMs;
				jest.setSystemTime(BOUNDARY - Math.max(1, aheadMs - 1));
				const { store } = payouts;
				const turns = async (until: () => boolean) => {
					while (!until()) await Promise.resolve();
				};
				let second: ReturnType<EqualPayouts['run']> | undefined;
				// Both have read the row before one of them writes it.
				store.beforeWrite = async () => {
					let hasRead = false;
					store.beforeRead = () => void (hasRead = true);
					const { writes } = store;
					const isWritten = () => store.writes > writes;
					store.beforeWrite = async () => {
						store.beforeWrite = () => undefined;
						if (!isEarlierLast) await turns(isWritten);
					};
					if (aheadMs === 0) jest.setSystemTime(BOUNDARY);
					second = payouts.run('second', 1, { inProcess: 1 });
					await turns(isEarlierLast ? isWritten : () => hasRead);
				};
				const results = [...(await payouts.run('first', 1)), ...((await second) ?? [])];
				expect(results.sort()).toEqual(['duplicate', 'sent']);
				expect(payouts.sent).toHaveLength(1);
			},
		);
	});

	it('of one process send it once, and it is compared after a restart', async () => {
		jest.setSystemTime(BOUNDARY - 1);
		let second: ReturnType<EqualPayouts['run']> | undefined;
		// While the first execution finds out whether the node can have rows of its own, the second one starts.
		payouts.store.beforeWrite = () => {
			payouts.store.beforeWrite = () => undefined;
			jest.setSystemTime(BOUNDARY);
			second = payouts.run('second', 1);
		};
		const results = [...(await payouts.run('first', 1)), ...((await second) ?? [])];
		expect(results.sort()).toEqual(['duplicate', 'sent']);
		payouts.restart();
		wait(6);
		expect(await payouts.run('third', 1)).toEqual(['duplicate']);
	});

	it('never both send it, however long each of them reads and writes', async () => {
		/** No process takes longer than a claim stays in the store before it is checked. */
		const delay = fc.integer({ min: 0, max: 60 });
		const sentCounts = new Set<number>();
		await fc.assert(
			fc.asyncProperty(
				fc.array(delay, { minLength: 40, maxLength: 40 }),
				fc.integer({ min: 0, max: 300 }),
				fc.integer({ min: 0, max: 200 }),
				fc.constantFrom(0, 100, 2000),
				async (delays, beforeBoundary, later, aheadMs) => {
					clockAheadMs = 0;
					payouts = new EqualPayouts();
					await prepare();
					const { store } = payouts;
					let operations = 0;
					const pause = async () => await sleep(delays[operations++] ?? 0);
					store.beforeRead = pause;
					store.beforeWrite = pause;
					clockAheadMs = aheadMs;
					jest.setSystemTime(BOUNDARY - beforeBoundary - aheadMs / 2);
					const second = sleep(later).then(
						async () => await payouts.run('second', 1, { inProcess: 1 }),
					);
					await payouts.run('first', 1);
					// The first one can end before the second one starts.
					await jest.advanceTimersByTimeAsync(later);
					await second;
					expect(payouts.violations).toEqual([]);
					expect(payouts.sent.length).toBeLessThanOrEqual(1);
					sentCounts.add(payouts.sent.length);
				},
			),
			{ numRuns: RUNS_OF_MODEL },
		);
		expect(sentCounts).toContain(1);
	}, 60_000);
});

describe('a list that takes longer than the time of Allow Repeats After', () => {
	/** Runs a list of equal rows, of which each starts minutes after the one before. */
	const runSlowly = async (
		minutes: number,
		rows: number,
		meanwhile = async () => {},
		waits = false,
	) => {
		payouts.whileResponding = async () => {
			payouts.whileResponding = undefined;
			wait(minutes);
			await meanwhile();
			payouts.whileResponding = async () => await Promise.resolve(wait(minutes));
		};
		const results = await payouts.run('first', rows, { isSequential: true, waits });
		payouts.whileResponding = undefined;
		return results;
	};

	it.each([
		['in the same process', false],
		['after a restart', true],
	])(
		'is compared by when its rows were sent, not by when it started, %s',
		async (_title, isRestarted) => {
			expect(await runSlowly(6, 3)).toEqual(['sent', 'sent', 'sent']);
			if (isRestarted) payouts.restart();
			expect(await payouts.run('second', 1)).toEqual(['duplicate']);
			wait(16);
			expect(await payouts.run('second', 1)).toEqual(['sent']);
		},
	);

	it('stops an equal payout of the same process before it has sent its own', async () => {
		let meanwhile: string[] = [];
		await runSlowly(20, 2, async () => {
			meanwhile = await payouts.run('second', 1);
		});
		expect(meanwhile).toEqual(['duplicate']);
		expect(payouts.sent).toHaveLength(2);
	});

	it('sends no row that another process has sent after the claim was over', async () => {
		let meanwhile: string[] = [];
		const results = await runSlowly(20, 2, async () => {
			meanwhile = await payouts.run('second', 1, { inProcess: 1 });
		});
		expect(meanwhile).toEqual(['sent']);
		expect(results).toEqual(['sent', 'duplicate']);
	});

	/** Runs two rows, of which the first is rejected and the other one was sent meanwhile by another process. */
	const runRejectedAndSentElsewhere = async () => {
		payouts.fates = ['rejected'];
		const results = await runSlowly(20, 2, async () => {
			expect(await payouts.run('second', 1, { inProcess: 1 })).toEqual(['sent']);
		});
		expect(results).toEqual(['error', 'duplicate']);
	};

	it('leaves the entries of the payout that another process has sent meanwhile', async () => {
		await runRejectedAndSentElsewhere();
		payouts.restart();
		expect(await payouts.run('third', 1)).toEqual(['duplicate']);
	});

	it('leaves no entries of its own if it has sent nothing', async () => {
		await runRejectedAndSentElsewhere();
		// Those of the other process: one for each of three periods.
		expect(payouts.store.size()).toBe(EMPTY + 3);
	});

	it('leaves the entries of a payout that another process has sent if its own ones fail', async () => {
		payouts.fates = ['failed'];
		const meanwhile = async () => {
			expect(await payouts.run('second', 1, { inProcess: 1 })).toEqual(['sent']);
		};
		expect(await runSlowly(20, 2, meanwhile, true)).toEqual(['sent', 'duplicate']);
		expect(await payouts.run('third', 1)).toEqual(['duplicate']);
	});

	it('sends a row although another process that has just tried to send it is refused', async () => {
		await payouts.run('older', 1, { inProcess: 1 });
		payouts.sent.splice(0);
		wait(60);
		let second: Promise<string[]> | undefined;
		payouts.whileResponding = async () => {
			payouts.whileResponding = undefined;
			wait(6);
			const { writes } = payouts.store;
			second = payouts.run('second', 1, { inProcess: 1 });
			while (payouts.store.writes === writes) await Promise.resolve();
		};
		expect(await payouts.run('first', 2, { isSequential: true })).toEqual(['sent', 'sent']);
		expect(await second).toEqual(['duplicate']);
		payouts.restart();
		wait(9);
		expect(await payouts.run('third', 1)).toEqual(['duplicate']);
	});
});

describe("a row that n8n's database cannot record right before it is sent", () => {
	/** Runs a list of two rows: the second starts six minutes after the first, when the database fails. */
	const runUntilFailure = async () => {
		payouts.whileResponding = async () => {
			wait(6);
			payouts.store.beforeRead = (operation) => {
				if (operation === 'record') throw new Error('SQLITE_BUSY');
			};
			await Promise.resolve();
		};
		const results = await payouts.run('first', 2, { isSequential: true });
		payouts.whileResponding = undefined;
		payouts.store.beforeRead = () => undefined;
		return results;
	};

	it('is not sent, and can be run again', async () => {
		payouts.fates = ['rejected'];
		expect(await runUntilFailure()).toEqual(['error', 'error']);
		expect(payouts.sent).toHaveLength(1);
		expect(await payouts.run('second', 1)).toEqual(['sent']);
	});

	it('does not release an equal row that was sent', async () => {
		jest.setSystemTime(BEGINNING_OF_PERIOD);
		await payouts.run('first', 1);
		wait(6);
		expect(await runUntilFailure()).toEqual(['sent', 'error']);
		payouts.restart();
		jest.setSystemTime(BEGINNING_OF_PERIOD + 15.5 * 60_000);
		expect(await payouts.run('second', 1)).toEqual(['duplicate']);
	});
});

/** A run, or what happens between two runs. */
const steps = fc.array(
	fc.oneof(
		{
			weight: 4,
			arbitrary: fc.record({
				execution: fc.constantFrom('first', 'second', 'third'),
				count: fc.integer({ min: 1, max: 3 }),
				fates: fc.array(fc.constantFrom(...FATES), { minLength: 3, maxLength: 3 }),
				isRetry: fc.boolean(),
				waits: fc.boolean(),
				inProcess: fc.constantFrom(0, 1),
				/** The next run starts at the same time, in one process. */
				isConcurrent: fc.boolean(),
			}),
		},
		{
			weight: 3,
			arbitrary: fc.record({
				minutes: fc.constantFrom(0.1, 2, 4.9, 6, 10.1),
				settled: fc.constantFrom<Fate>('paid', 'failed', 'pending'),
				isRestart: fc.boolean(),
			}),
		},
	),
	{ minLength: 2, maxLength: 8 },
);

it.each([
	['one process', false],
	['two processes and restarts', true],
])(
	'no order of runs, results and times sends a payout that may be paid already: %s',
	async (_title, isDistributed) => {
		await fc.assert(
			fc.asyncProperty(steps, async (given) => {
				const tried = new EqualPayouts();
				const running = new Map<string, Promise<unknown>>();
				const end = async () => {
					await Promise.all(running.values());
					running.clear();
				};
				for (const step of given) {
					if ('minutes' in step) {
						await end();
						wait(step.minutes);
						tried.settle(step.settled);
						if (step.isRestart && isDistributed) tried.restart();
						continue;
					}
					const { execution, count, isRetry, waits, isConcurrent } = step;
					const inProcess = isDistributed ? step.inProcess : 0;
					// n8n runs a node of an execution once at a time.
					if (running.has(execution)) await end();
					if (running.size === 0) tried.fates = [...step.fates];
					running.set(execution, tried.run(execution, count, { isRetry, waits, inProcess }));
					if (!isConcurrent || isDistributed) await end();
				}
				await end();
				expect(tried.violations).toEqual([]);
			}),
			{ numRuns: RUNS_OF_MODEL },
		);
	},
	60_000,
);
