import { randomUUID } from 'node:crypto';
import type { IDataObject, INode } from 'n8n-workflow';
import { Pool } from 'undici';
import { sign } from '../sandbox/deliveries';
import type { Sandbox } from '../sandbox/server';
import type { N8nClient, SavedCredential } from '../support/n8nClient';
import { waitFor } from '../support/waitFor';
import { chain, node, TRIGGER } from '../support/workflows';

export const EVENT = 'buygoods_transaction_received';
/** How many deliveries are under way at once. */
const AT_ONCE = 10;
const ENDED_WITHIN_MS = 120_000;

export interface Receiving {
	workflowId: string;
	url: string;
	testUrl: string;
}

/** Publishes trigger -> next step, by itself one that does nothing. */
export async function saveReceiver(
	n8n: N8nClient,
	{ id, name }: SavedCredential,
	options: IDataObject = {},
	next: INode = node('Next', 'n8n-nodes-base.noOp'),
): Promise<Receiving> {
	const webhookId = randomUUID();
	const trigger: INode = {
		...node(TRIGGER, 'n8n-nodes-kopokopo.kopoKopoTrigger', {
			events: [EVENT],
			registration: 'manual',
			options: options as INode['parameters'],
		}),
		webhookId,
		credentials: { kopoKopoApi: { id, name } },
	};
	const saved = await n8n.createWorkflow({
		name: `Receiving ${webhookId}`,
		nodes: [trigger, next],
		connections: chain(TRIGGER, next.name),
	});
	const { status, errors } = await n8n.activate(saved.id);
	if (status !== 'published') throw new Error(`The workflow is ${status}: ${errors.join()}`);
	const path = `${webhookId}/kopo-kopo`;
	return {
		workflowId: saved.id,
		url: `${n8n.url}/webhook/${path}`,
		testUrl: `${n8n.url}/webhook-test/${path}`,
	};
}

/** A signed delivery of a sale. */
export function letterOf(eventId: string, { apiKey }: Pick<Sandbox, 'apiKey'>) {
	const body = JSON.stringify({
		topic: EVENT,
		id: eventId,
		created_at: '2026-01-31T10:00:00+03:00',
		event: {
			type: 'Buygoods Transaction',
			resource: {
				id: `sale-${eventId}`,
				amount: '100.0',
				status: 'Received',
				system: 'Lipa Na M-PESA',
				currency: 'KES',
				reference: 'OJM6Q1W84K',
				till_number: '112233',
				sender_phone_number: '+254712345678',
				origination_time: '2026-01-31T10:00:00+03:00',
				sender_first_name: 'Jane',
				sender_last_name: 'Doe',
			},
		},
	});
	return {
		body,
		headers: { 'content-type': 'application/json', 'x-kopokopo-signature': sign(body, apiKey) },
	};
}

/** How long after the first delivery a late copy comes. */
const LATE_BY = 50;

/**
 * Names of events in the order of their deliveries; every second one is delivered twice, in turn at the
 * same moment and some time later, so that a third of all are copies.
 */
export function withCopies(count: number, prefix: string): string[] {
	const events = Math.ceil((count * 2) / 3);
	const order: string[] = [];
	for (let index = 0; index < events + LATE_BY; index++) {
		if (index < events) order.push(`${prefix}-${index}`);
		if (index < events && index % 4 === 0) order.push(`${prefix}-${index}`);
		const late = index - LATE_BY;
		if (late >= 0 && late % 4 === 2) order.push(`${prefix}-${late}`);
	}
	return order;
}

/** How deliveries were answered. */
export interface Answers {
	seconds: number;
	/** How many answers had which status. */
	statuses: Map<number, number>;
	/** How many deliveries of each event started an execution, as n8n says in its answers. */
	started: Map<string, number>;
}

/** Delivers events to an address in this order, ten at a time. */
export async function deliver(
	url: string,
	events: string[],
	sandbox: Pick<Sandbox, 'apiKey'>,
): Promise<Answers> {
	const { origin, pathname } = new URL(url);
	const pool = new Pool(origin, { connections: AT_ONCE, pipelining: 1 });
	const statuses = new Map<number, number>();
	const started = new Map<string, number>();
	const waiting = events.values();
	const sender = async () => {
		for (const eventId of waiting) {
			const letter = letterOf(eventId, sandbox);
			const answer = await pool.request({ method: 'POST', path: pathname, ...letter });
			const text = await answer.body.text();
			statuses.set(answer.statusCode, (statuses.get(answer.statusCode) ?? 0) + 1);
			if (text.includes('Workflow was started')) {
				started.set(eventId, (started.get(eventId) ?? 0) + 1);
			}
		}
	};
	const began = Date.now();
	try {
		await Promise.all(Array.from({ length: AT_ONCE }, sender));
	} finally {
		await pool.destroy();
	}
	return { seconds: (Date.now() - began) / 1000, statuses, started };
}

/** How many executions of a workflow there are with one of these statuses. */
export async function count(
	n8n: N8nClient,
	workflowId: string,
	...status: string[]
): Promise<number> {
	const filter = encodeURIComponent(JSON.stringify({ workflowId, status }));
	const counted = await n8n.request<{ count: number }>(
		'GET',
		`/rest/executions?filter=${filter}&limit=1`,
	);
	return counted.count;
}

/** How many executions have succeeded, once at most so many are still under way. */
export async function succeeded(
	n8n: N8nClient,
	workflowId: string,
	stillRunning = 0,
): Promise<number> {
	await waitFor('n8n to be idle', ENDED_WITHIN_MS, async () => {
		const underWay = await count(n8n, workflowId, 'new', 'running');
		return underWay <= stillRunning || undefined;
	});
	return await count(n8n, workflowId, 'success');
}
