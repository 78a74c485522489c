import type { FastifyReply } from 'fastify';

import { RESPONSE_HEADERS } from '../sameMachine';
import type { Sandbox } from '../server';
import type { Simulation } from '../simulation';
import { ChangeDetector, type ViewChanges } from './changes';
import { promptExpiry, viewOf, type PageView } from './view';

/** How often the view is compared with the last one, while somebody has the page open. */
const INTERVAL_MS = 150;

/** How long a browser waits before it connects again after the sandbox has stopped. */
const RETRY_MS = 1_000;

/**
 * Sends the open pages what changes, as server-sent events. The view is computed again at an interval, because
 * every part of the sandbox would otherwise have to report each of its changes.
 */
export class LiveUpdates {
	private readonly connections = new Set<FastifyReply['raw']>();
	private isRunning = false;

	constructor(
		private readonly sandbox: Sandbox,
		private readonly simulation: Simulation,
	) {}

	/** Keeps a response open, and sends everything first and each change from then on. */
	connect(response: FastifyReply['raw']): void {
		const { attendance, pageTimers } = this.simulation;
		const leave = attendance.arrive(async (ms) => await pageTimers.wait(ms));
		response.writeHead(200, { ...RESPONSE_HEADERS, 'Content-Type': 'text/event-stream' });
		response.write(`retry: ${RETRY_MS}\n`);
		send(response, 'view', new ChangeDetector().changesTo(this.view()) ?? {});
		this.connections.add(response);
		response.on('close', () => {
			this.connections.delete(response);
			leave();
		});
		// A page that is loaded again connects before the loop has noticed that it had gone.
		if (!this.isRunning) void this.run();
	}

	private async run(): Promise<void> {
		this.isRunning = true;
		const detector = new ChangeDetector();
		detector.changesTo(this.view());
		while (await this.simulation.pageTimers.wait(INTERVAL_MS)) {
			if (this.connections.size === 0) break;
			this.expirePrompts();
			const changes = detector.changesTo(this.view());
			if (!changes) continue;
			for (const response of this.connections) send(response, 'change', changes);
		}
		this.isRunning = false;
	}

	private view(): PageView {
		const { context, ledger, till, deliveries, faults, attendance } = this.simulation;
		return viewOf({
			config: this.sandbox,
			url: this.sandbox.url,
			resources: context.resources.values(),
			ledger,
			transactions: till.transactions,
			deliveries,
			faultRules: faults.rules,
			attendedSince: attendance.since,
		});
	}

	/** Ends the prompts that the person at the page has not answered in time. */
	private expirePrompts(): void {
		const { attendance, context } = this.simulation;
		for (const { id, prompt, isOpen } of context.resources.values()) {
			const shown = prompt?.();
			if (!shown || shown.phone === null || !isOpen?.()) continue;
			const expiry = promptExpiry(shown, attendance.since, this.sandbox);
			if (expiry !== null && expiry.getTime() <= Date.now()) this.sandbox.customer.ignorePrompt(id);
		}
	}
}

function send(response: FastifyReply['raw'], event: 'view' | 'change', data: ViewChanges): void {
	response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}
