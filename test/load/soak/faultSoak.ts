import { remove } from 'fs-extra';
import getPort from 'get-port';
import { sleep } from 'n8n-workflow';
import { startSandbox } from '../../sandbox/server';
import { RUN } from '../../support/n8nInstallation';
import { startN8n } from '../../support/n8nProcess';
import { sandboxCredentialData } from '../../support/sandboxCredential';
import { waitFor } from '../../support/waitFor';
import { prepareMeter } from '../meterClient';
import type { Terminal } from '../terminal';
import { waitUntilIdle } from '../workflows';
import { DeliverySender } from './deliverySender';
import { EventGenerator } from './eventGenerator';
import { saveReportingWorkflows, startExecutionRecorder } from './executionRecorder';
import {
	createReport,
	findProblems,
	printReport,
	type HeapGrowth,
	type Restart,
	type SoakReport,
} from './soakReport';

/** A proxy between Kopo Kopo and n8n that can simulate network faults (tcpProxy.mjs). */
export interface TcpProxy {
	port: number;
	setAccepting(accepting: boolean): void;
	resetConnections(): void;
	stall(): void;
	dropResponses(): void;
	resume(): void;
	close(): Promise<void>;
}

export interface FaultSoakOptions extends Terminal {
	minutes: number;
	/** New events per second for the trigger, without duplicates. */
	rate: number;
	startTcpProxy(target: number): Promise<TcpProxy>;
	/** NODE_OPTIONS of n8n; they load the meter, which reads its heap. */
	nodeOptions: string;
	/**
	 * Whether deliveries reach n8n only while it is ready, as behind a load balancer that checks
	 * /healthz/readiness and stops sending before n8n is stopped.
	 */
	isBehindLoadBalancer: boolean;
}

const FOLDER = `${RUN}/soak-faults`;
const HOST = '127.0.0.1';
const FAULT_INTERVAL_MS = 20_000;
const STALL_MS = 15_000;
const DROP_RESPONSES_MS = 3_000;
const SANDBOX_DOWN_MS = 3_000;
/** After so long n8n has stored all deliveries that it has accepted. */
const DRAIN_MS = 1_000;
const IDLE_TIMEOUT_MS = 900_000;

type Fault =
	| 'connections reset'
	| 'network stalled'
	| 'responses dropped'
	| 'Kopo Kopo restarted'
	| 'kill -9'
	| 'SIGTERM';

const FAULTS: Fault[] = [
	'connections reset',
	'kill -9',
	'responses dropped',
	'Kopo Kopo restarted',
	'network stalled',
];
/** Every second restart of n8n is a kill, every other one a SIGTERM. */
const FAULTS_WITH_RESTARTS: Fault[] = [...FAULTS, ...FAULTS.with(1, 'SIGTERM')];
const FAULTS_WITHOUT_RESTARTS = FAULTS.filter((fault) => fault !== 'kill -9');

/**
 * Delivers signed events at a steady rate to a real n8n while n8n is stopped and killed, the network fails and
 * Kopo Kopo restarts. Each workflow reports its events to a server, where executions are counted. n8n's own
 * Webhook node receives events for comparison. n8n restarts only in the first half, so that the growth of its
 * heap can be measured in the second.
 * @returns the report, and what went wrong
 */
export async function runFaultSoak(
	options: FaultSoakOptions,
): Promise<{ report: SoakReport; problems: string[] }> {
	const { minutes, rate, write, onStop, isBehindLoadBalancer } = options;
	await remove(FOLDER);
	let sandbox = await startSandbox({ port: 0 });
	onStop(async () => await sandbox.close());
	const port = await getPort({ host: HOST });
	const { meter, env: meterEnv } = await prepareMeter();
	const proxy = await options.startTcpProxy(port);
	onStop(proxy.close);
	const recorder = await startExecutionRecorder();
	onStop(recorder.close);
	const proxyUrl = `http://${HOST}:${proxy.port}`;
	const n8n = await startN8n({
		folder: FOLDER,
		port,
		env: {
			WEBHOOK_URL: `${proxyUrl}/`,
			// By default n8n deletes all but the last 10,000 executions, which are counted here.
			EXECUTIONS_DATA_PRUNE: 'false',
			// By default n8n creates a JavaScript isolate for each execution with an expression, which two cores
			// cannot do fifty times a second.
			N8N_EXPRESSION_ENGINE: 'legacy',
			NODE_OPTIONS: options.nodeOptions,
			...meterEnv,
		},
		onStop,
	});
	const { client } = n8n;
	const credential = await client.createCredential(
		'Soak',
		'kopoKopoApi',
		sandboxCredentialData(sandbox),
	);
	const workflows = await saveReportingWorkflows(client, credential, recorder.url);
	const subscriptions = sandbox.ledger.subscriptions.length;
	// The sandbox loses its subscriptions when it restarts. Without them, later ones show that n8n subscribed
	// again.
	await sandbox.reset();

	const sender = new DeliverySender(proxyUrl);
	onStop(async () => await sender.stop());
	const sending = sender.run();
	const generator = new EventGenerator(sender, {
		rate,
		apiKey: sandbox.apiKey,
		paths: { trigger: workflows.trigger.path, webhook: workflows.webhook.path },
	});
	const restarts: Restart[] = [];
	const faults: Record<string, number> = {};
	let subscriptionsAfterRestarts = 0;

	const restartN8n = async (kind: Restart['kind'], end: () => Promise<void>) => {
		// After a SIGTERM n8n accepts deliveries until it ends; a load balancer stops sending before.
		if (kind === 'stop' && isBehindLoadBalancer) {
			proxy.setAccepting(false);
			proxy.resetConnections();
			await sleep(DRAIN_MS);
		}
		const restart: Restart = { kind, at: Date.now(), readyAt: 0 };
		restarts.push(restart);
		await end();
		proxy.setAccepting(!isBehindLoadBalancer);
		// On a busy machine n8n may need longer than start() waits.
		await n8n.start().catch(async () => {
			await n8n.kill();
			await n8n.start();
		});
		proxy.setAccepting(true);
		restart.readyAt = Date.now();
	};
	const restartSandbox = async () => {
		await sender.disconnect();
		subscriptionsAfterRestarts += sandbox.ledger.subscriptions.length;
		const { port: samePort } = sandbox;
		await sandbox.close();
		await sleep(SANDBOX_DOWN_MS);
		sandbox = await startSandbox({ port: samePort });
		sender.connect();
	};
	const inject: Record<Fault, () => Promise<void>> = {
		'connections reset': async () => await Promise.resolve(proxy.resetConnections()),
		'network stalled': async () => {
			proxy.stall();
			await sleep(STALL_MS);
			proxy.resume();
		},
		'responses dropped': async () => {
			proxy.dropResponses();
			await sleep(DROP_RESPONSES_MS);
			proxy.resume();
		},
		'Kopo Kopo restarted': restartSandbox,
		'kill -9': async () => await restartN8n('kill', n8n.kill),
		SIGTERM: async () => await restartN8n('stop', n8n.stop),
	};
	const injectFaults = async (until: number, sequence: Fault[]) => {
		for (let turn = 0; ; turn += 1) {
			await sleep(Math.min(FAULT_INTERVAL_MS, Math.max(0, until - Date.now())));
			if (Date.now() >= until) return;
			const fault = sequence[turn % sequence.length] ?? 'connections reset';
			faults[fault] = (faults[fault] ?? 0) + 1;
			writeProgress(fault);
			await inject[fault]();
		}
	};
	const writeProgress = (what: string) => {
		const counts = `${generator.events.trigger.length} events, ${recorder.executed.size} executed`;
		write(`${elapsed(startedAt)}  ${what}; ${counts}, ${sender.pending} deliveries pending`);
	};
	const measureHeap = async () => {
		generator.isPaused = true;
		await waitFor(
			'every delivery to be accepted',
			IDLE_TIMEOUT_MS,
			async () => await Promise.resolve(sender.pending === 0 ? true : undefined),
		);
		for (const { workflowId } of Object.values(workflows)) {
			await waitUntilIdle(client, workflowId, { timeoutMs: IDLE_TIMEOUT_MS });
		}
		await meter.start();
		const { heapAtStart } = await meter.stop();
		generator.isPaused = false;
		return heapAtStart;
	};

	const startedAt = Date.now();
	const generating = generator.run();
	await injectFaults(startedAt + minutes * 60_000 * 0.5, FAULTS_WITH_RESTARTS);
	// Until n8n has filled its caches, its heap grows.
	await sleep(minutes * 60_000 * 0.1);
	const bytesAtStart = await measureHeap();
	const heapMeasuredAt = Date.now();
	writeProgress('heap measured');
	await injectFaults(heapMeasuredAt + minutes * 60_000 * 0.4, FAULTS_WITHOUT_RESTARTS);
	const endedAt = Date.now();
	const heap: HeapGrowth = {
		bytesAtStart,
		bytesAtEnd: await measureHeap(),
		seconds: (Date.now() - heapMeasuredAt) / 1000,
	};
	generator.stop();
	await generating;
	await sender.stop();
	await sending;
	writeProgress('finished');

	const report = await createReport({
		client,
		startedAt,
		endedAt,
		workflowIds: {
			trigger: workflows.trigger.workflowId,
			webhook: workflows.webhook.workflowId,
		},
		events: generator.events,
		executed: recorder.executed,
		statistics: sender.statistics,
		restarts,
		rate,
		isBehindLoadBalancer,
		secondsActive: generator.secondsActive,
		subscriptions,
		subscriptionsAfterRestarts: subscriptionsAfterRestarts + sandbox.ledger.subscriptions.length,
		faults,
		heap,
	});
	write(`\n${printReport(report)}\n`);
	return { report, problems: findProblems(report) };
}

function elapsed(startedAt: number): string {
	const seconds = Math.floor((Date.now() - startedAt) / 1000);
	return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
