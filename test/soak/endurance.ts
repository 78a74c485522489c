import { randomUUID } from 'node:crypto';
import fastify from 'fastify';
import { remove } from 'fs-extra';
import getPort from 'get-port';
import { sleep, type INode } from 'n8n-workflow';
import { fetch } from 'undici';
import { startSandbox } from '../sandbox/server';
import type { N8nClient, SavedCredential } from '../support/n8nClient';
import { RUN } from '../support/n8nInstallation';
import { startN8n } from '../support/n8nProcess';
import { sandboxCredentialData } from '../support/sandboxCredential';
import { waitFor } from '../support/waitFor';
import { chain, node, TRIGGER } from '../support/workflows';
import { count, EVENT, letterOf } from './deliveries';
import { account, printAccount, type Account, type Death, type Heap } from './endured';
import { Sender } from './sender';
import type { SoakOptions } from './soak';

/** The network between Kopo Kopo and n8n (network.mjs). */
export interface Network {
	port: number;
	open(yes: boolean): void;
	reset(): void;
	stall(): void;
	loseAnswers(): void;
	go(): void;
	close(): Promise<void>;
}

export interface EnduranceOptions extends Pick<SoakOptions, 'write' | 'onStop'> {
	minutes: number;
	/** New deliveries a second to the trigger, copies not counted as new. */
	rate: number;
	openNetwork(target: number): Promise<Network>;
	/** Has n8n load the gauge of the bench (gauge.mjs), which collects garbage and reads the heap. */
	nodeOptions: string;
	/**
	 * Whether n8n is reached only while it is ready, as behind a load balancer that asks /healthz/readiness
	 * and is told before n8n is stopped.
	 */
	isGated: boolean;
}

const FOLDER = `${RUN}/soak-endurance`;
const HOST = '127.0.0.1';
/** What n8n's own Webhook node gets at the same time, a second: it tells n8n's losses from ours. */
const RATE_OF_WEBHOOK = 5;
/** Every so many events one comes twice: in turn at once and some time later. */
const COPY_EVERY = 10;
const LATE_BY_MS = 10_000;
const FORGED_PER_SECOND = 1;
const BETWEEN_FAULTS_MS = 20_000;
const STALL_MS = 15_000;
const LOSE_ANSWERS_MS = 3_000;
const SANDBOX_DOWN_MS = 3_000;
/** What n8n has taken it has stored after so long. */
const DRAINED_AFTER_MS = 1_000;
const TICK_MS = 20;
/** So many letters not taken yet hold the next ones back: a machine that is too slow gets fewer, not ever more. */
const MOST_OUTSTANDING = 1000;
const ALL_TAKEN_WITHIN_MS = 900_000;

type Fault = 'reset' | 'stall' | 'answers lost' | 'Kopo Kopo restarted' | 'kill -9' | 'SIGTERM';

/** In turn; the kill of n8n is every second time a SIGTERM. */
const FAULTS: Fault[] = ['reset', 'kill -9', 'answers lost', 'Kopo Kopo restarted', 'stall'];

/** Both receivers by name, with the path that Kopo Kopo posts to. */
interface Receivers {
	ours: { workflowId: string; path: string };
	theirs: { workflowId: string; path: string };
}

/**
 * Delivers signed events at a steady rate into the real n8n while n8n is stopped, killed, and cut off, and
 * Kopo Kopo goes down. What a workflow did is counted where it did it: at a server that its HTTP Request
 * node calls. n8n's own Webhook node receives beside the trigger. All restarts of n8n come in the first
 * half, so that its heap is seen over the second.
 * @returns the account of the run, and what went wrong
 */
export async function runEndurance(
	options: EnduranceOptions,
): Promise<{ account: Account; problems: string[] }> {
	const { minutes, rate, write, onStop, openNetwork } = options;
	await remove(FOLDER);
	let sandbox = await startSandbox({ port: 0 });
	onStop(async () => await sandbox.close());
	const [port, gaugePort] = [await getPort({ host: HOST }), await getPort({ host: HOST })];
	const network = await openNetwork(port);
	onStop(network.close);
	const shop = await openShop();
	onStop(shop.close);
	const outside = `http://${HOST}:${network.port}`;
	const n8n = await startN8n({
		folder: FOLDER,
		port,
		env: {
			WEBHOOK_URL: `${outside}/`,
			// n8n would throw away all but the last 10,000 executions, which are counted here.
			EXECUTIONS_DATA_PRUNE: 'false',
			// The default makes a JavaScript isolate for each execution, which two cores cannot do fifty times
			// a second; the workflows report with an expression.
			N8N_EXPRESSION_ENGINE: 'legacy',
			NODE_OPTIONS: options.nodeOptions,
			BENCH_GAUGE_PORT: String(gaugePort),
		},
		onStop,
	});
	const { client } = n8n;
	const credential = await client.createCredential('Soak', 'kopoKopoApi', sandboxCredentialData(sandbox));
	const receivers = await saveReceivers(client, credential, shop.url);
	const subscriptions = sandbox.ledger.subscriptions.length;
	// The sandbox forgets all at a restart; what is there afterwards was subscribed again.
	await sandbox.reset();

	const sender = new Sender(outside);
	onStop(async () => await sender.end());
	const running = sender.run();
	const deaths: Death[] = [];
	const faults: Record<string, number> = {};
	const offered = { ours: new Map<string, number>(), theirs: new Map<string, number>() };
	/** How long new events were sent, at the full rate. */
	const offering = { seconds: 0 };
	let isPaused = false;
	let isOver = false;
	let subscribedAgain = 0;

	const offer = async () => {
		const { apiKey } = sandbox;
		const [ours, theirs] = [receivers.ours.path, receivers.theirs.path];
		const owed = { ours: 0, theirs: 0, forged: 0 };
		for (let last = Date.now(); !isOver; await sleep(TICK_MS)) {
			const now = Date.now();
			const isHeld = isPaused || sender.outstanding > MOST_OUTSTANDING;
			const seconds = isHeld ? 0 : (now - last) / 1000;
			offering.seconds += seconds;
			last = now;
			for (owed.ours += seconds * rate; owed.ours >= 1; owed.ours -= 1) {
				const eventId = `sale-${offered.ours.size}`;
				const letter = { eventId, path: ours, isForged: false, ...letterOf(eventId, { apiKey }) };
				const isCopied = offered.ours.size % COPY_EVERY === 0;
				const isLate = offered.ours.size % (2 * COPY_EVERY) === 0;
				offered.ours.set(eventId, now);
				sender.post(letter);
				if (isCopied) sender.post(letter, isLate ? now + LATE_BY_MS : now);
			}
			for (owed.theirs += seconds * RATE_OF_WEBHOOK; owed.theirs >= 1; owed.theirs -= 1) {
				const eventId = `plain-${offered.theirs.size}`;
				offered.theirs.set(eventId, now);
				sender.post({ eventId, path: theirs, isForged: false, ...letterOf(eventId, { apiKey }) });
			}
			for (owed.forged += seconds * FORGED_PER_SECOND; owed.forged >= 1; owed.forged -= 1) {
				const eventId = `forged-${now}`;
				const letter = letterOf(eventId, { apiKey: `${apiKey} of somebody else` });
				sender.post({ eventId, path: ours, isForged: true, ...letter });
			}
		}
	};

	const dying = async (kind: Death['kind'], end: () => Promise<void>) => {
		// Told to stop, n8n goes on taking deliveries until it ends; a good load balancer stops sending first.
		if (kind === 'stop' && options.isGated) {
			network.open(false);
			network.reset();
			await sleep(DRAINED_AFTER_MS);
		}
		const death: Death = { kind, at: Date.now(), backAt: 0 };
		deaths.push(death);
		await end();
		network.open(!options.isGated);
		// Where the machine is busy with other things n8n may need longer than the launcher waits.
		await n8n.start().catch(async () => {
			await n8n.kill();
			await n8n.start();
		});
		network.open(true);
		death.backAt = Date.now();
	};
	const breakings: Record<Fault, () => Promise<void>> = {
		reset: async () => await Promise.resolve(network.reset()),
		stall: async () => {
			network.stall();
			await sleep(STALL_MS);
			network.go();
		},
		'answers lost': async () => {
			network.loseAnswers();
			await sleep(LOSE_ANSWERS_MS);
			network.go();
		},
		'Kopo Kopo restarted': async () => {
			await sender.close();
			subscribedAgain += sandbox.ledger.subscriptions.length;
			const { port: same } = sandbox;
			await sandbox.close();
			await sleep(SANDBOX_DOWN_MS);
			sandbox = await startSandbox({ port: same });
			sender.open();
		},
		'kill -9': async () => await dying('kill', n8n.kill),
		SIGTERM: async () => await dying('stop', n8n.stop),
	};
	const disturb = async (until: number, turns: Fault[]) => {
		for (let turn = 0; ; turn += 1) {
			await sleep(Math.min(BETWEEN_FAULTS_MS, Math.max(0, until - Date.now())));
			if (Date.now() >= until) return;
			const fault = turns[turn % turns.length] ?? 'reset';
			faults[fault] = (faults[fault] ?? 0) + 1;
			write(`${clock(began)}  ${fault}; ${progress()}`);
			await breakings[fault]();
		}
	};
	const progress = () => {
		const waits = sender.outstanding;
		return `${offered.ours.size} events, ${shop.seen.size} executed, ${waits} letters to come`;
	};
	const quiet = async () => {
		await waitFor(
			'every letter to be answered',
			ALL_TAKEN_WITHIN_MS,
			async () => await Promise.resolve(sender.outstanding === 0 ? true : undefined),
		);
		for (const { workflowId } of Object.values(receivers)) {
			await waitFor('n8n to be idle', ALL_TAKEN_WITHIN_MS, async () =>
				(await count(client, workflowId, 'new', 'running')) === 0 ? true : undefined,
			);
		}
	};
	const weigh = async () => {
		isPaused = true;
		await quiet();
		await fetch(`http://${HOST}:${gaugePort}/start`);
		const answer = await fetch(`http://${HOST}:${gaugePort}/stop`);
		isPaused = false;
		return ((await answer.json()) as { heapAtStart: number }).heapAtStart;
	};

	const began = Date.now();
	const offers = offer();
	await disturb(began + minutes * 60_000 * 0.5, [...FAULTS, ...FAULTS.with(1, 'SIGTERM')]);
	// The heap settles while n8n fills its caches.
	await sleep(minutes * 60_000 * 0.1);
	const heapAtStart = await weigh();
	const weighedAt = Date.now();
	write(`${clock(began)}  heap weighed; ${progress()}`);
	const harmless = FAULTS.filter((fault) => fault !== 'kill -9');
	await disturb(weighedAt + minutes * 60_000 * 0.4, harmless);
	const lasted = Date.now() - began;
	const heap: Heap = {
		bytesAtStart: heapAtStart,
		bytesAtEnd: await weigh(),
		overSeconds: (Date.now() - weighedAt) / 1000,
	};
	isOver = true;
	await offers;
	await sender.end();
	await running;
	write(`${clock(began)}  over; ${progress()}`);

	const told = await account({
		client,
		receivers: { ours: receivers.ours.workflowId, theirs: receivers.theirs.workflowId },
		offered,
		executed: shop.seen,
		tally: sender.tally,
		deaths,
	});
	const result: Account = {
		minutes: lasted / 60_000,
		rate,
		isGated: options.isGated,
		secondsOffering: offering.seconds,
		...told,
		subscriptions,
		subscribedAgain: subscribedAgain + sandbox.ledger.subscriptions.length,
		faults,
		heap,
	};
	write(`\n${printAccount(result)}\n`);
	return { account: result, problems: problemsOf(result) };
}

function problemsOf({ ours, forgedAccepted, subscriptions, subscribedAgain, heap }: Account) {
	const growth = heap.bytesAtEnd / heap.bytesAtStart - 1;
	return [
		...(ours.lost > 0 ? [`${ours.lost} acknowledged events were lost`] : []),
		...(ours.twice > 0 ? [`${ours.twice} events were executed twice`] : []),
		...(forgedAccepted > 0 ? [`${forgedAccepted} forged deliveries were accepted`] : []),
		...(subscriptions !== 1 || subscribedAgain > 0
			? [`${subscriptions + subscribedAgain} subscriptions for one event`]
			: []),
		...(growth > 0.1 ? [`The heap grew by ${(growth * 100).toFixed(1)} %`] : []),
	];
}

function clock(began: number): string {
	const seconds = Math.floor((Date.now() - began) / 1000);
	return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** Where the workflows report what they did: how often, and when, for each event. */
async function openShop() {
	const seen = new Map<string, number[]>();
	const server = fastify({ forceCloseConnections: true });
	server.get<{ Params: { eventId: string } }>('/:eventId', async ({ params: { eventId } }) => {
		seen.set(eventId, [...(seen.get(eventId) ?? []), Date.now()]);
		return await Promise.resolve({});
	});
	const url = await server.listen({ port: 0, host: HOST });
	return { url, seen, close: async () => await server.close() };
}

async function saveReceivers(
	client: N8nClient,
	{ id, name }: SavedCredential,
	shop: string,
): Promise<Receivers> {
	const save = async (trigger: INode, eventId: string, path: string) => {
		const doing: INode = {
			...node('Sell', 'n8n-nodes-base.httpRequest', { url: `=${shop}/{{ ${eventId} }}` }),
			typeVersion: 4.2,
		};
		const saved = await client.createWorkflow({
			name: `Soak of ${trigger.name}`,
			nodes: [trigger, doing],
			connections: chain(trigger.name, doing.name),
		});
		const { status, errors } = await client.activate(saved.id);
		if (status !== 'published') throw new Error(`The workflow is ${status}: ${errors.join()}`);
		return { workflowId: saved.id, path: `/webhook/${path}` };
	};
	const webhookId = randomUUID();
	const ours: INode = {
		...node(TRIGGER, 'n8n-nodes-kopokopo.kopoKopoTrigger', { events: [EVENT] }),
		webhookId,
		credentials: { kopoKopoApi: { id, name } },
	};
	const path = randomUUID();
	const theirs: INode = {
		...node('Webhook', 'n8n-nodes-base.webhook', {
			httpMethod: 'POST',
			path,
			responseMode: 'onReceived',
		}),
		typeVersion: 2.1,
		webhookId: path,
	};
	return {
		ours: await save(ours, '$json.eventId', `${webhookId}/kopo-kopo`),
		theirs: await save(theirs, '$json.body.id', path),
	};
}
