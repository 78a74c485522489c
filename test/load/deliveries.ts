import { randomUUID } from 'node:crypto';
import type { IDataObject, INode } from 'n8n-workflow';
import { sign } from '../sandbox/deliveries';
import type { Sandbox } from '../sandbox/server';
import { jsonOf, runsOf } from '../support/executions';
import type { N8nClient, SavedCredential } from '../support/n8nClient';
import { node, TRIGGER } from '../support/workflows';
import { generateLoad, increment, type LoadRequest } from './loadGenerator';
import { countExecutions, publishWorkflow, waitUntilIdle, withCredential } from './workflows';

export const EVENT = 'buygoods_transaction_received';
const NEXT = 'Next';
const CONNECTIONS = 10;
const TIMEOUT_MS = 300_000;

/** A published workflow with a Kopo Kopo Trigger. */
export interface Receiver {
	workflowId: string;
	url: string;
	testUrl: string;
}

/** Publishes a workflow: Kopo Kopo Trigger, then `next`, by default a node that does nothing. */
export async function saveReceiver(
	client: N8nClient,
	credential: SavedCredential,
	options: IDataObject = {},
	next: INode = node(NEXT, 'n8n-nodes-base.noOp'),
): Promise<Receiver> {
	const webhookId = randomUUID();
	const trigger = node(TRIGGER, 'n8n-nodes-kopokopo.kopoKopoTrigger', {
		triggerOn: [EVENT],
		registration: 'manual',
		options: options as INode['parameters'],
	});
	const workflowId = await publishWorkflow(client, `Receiving ${webhookId}`, [
		withCredential({ ...trigger, webhookId }, credential),
		next,
	]);
	const path = `${webhookId}/kopo-kopo`;
	return {
		workflowId,
		url: `${client.url}/webhook/${path}`,
		testUrl: `${client.url}/webhook-test/${path}`,
	};
}

/** A signed delivery of a sale, as Kopo Kopo sends it. */
export function signedSale(eventId: string, { apiKey }: Pick<Sandbox, 'apiKey'>): LoadRequest {
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
				// A payment is recognized by its receipt.
				reference: eventId.toUpperCase(),
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

/** How many events lie between a delivery and its late duplicate. */
const LATE_DUPLICATE_AFTER = 50;

/**
 * Event ids in the order of their deliveries. Every second event is delivered twice, so a third of all
 * deliveries are duplicates: alternately right after the first delivery and some time later.
 */
export function withDuplicates(count: number, prefix: string): string[] {
	const events = Math.ceil((count * 2) / 3);
	const order: string[] = [];
	for (let index = 0; index < events + LATE_DUPLICATE_AFTER; index++) {
		if (index < events) order.push(`${prefix}-${index}`);
		if (index < events && index % 4 === 0) order.push(`${prefix}-${index}`);
		const late = index - LATE_DUPLICATE_AFTER;
		if (late >= 0 && late % 4 === 2) order.push(`${prefix}-${late}`);
	}
	return order;
}

/** How n8n responded to deliveries. */
export interface DeliveryResults {
	seconds: number;
	/** Number of responses by status. */
	statuses: Map<number, number>;
	/** Number of executions that each event started, according to the responses. */
	started: Map<string, number>;
}

/** Delivers events to a URL in this order, ten at a time. */
export async function deliver(
	url: string,
	events: string[],
	sandbox: Pick<Sandbox, 'apiKey'>,
): Promise<DeliveryResults> {
	const statuses = new Map<number, number>();
	const started = new Map<string, number>();
	const requests = function* () {
		for (const eventId of events) yield { eventId, ...signedSale(eventId, sandbox) };
	};
	const seconds = await generateLoad(
		url,
		requests(),
		{ connections: CONNECTIONS, timeoutMs: TIMEOUT_MS },
		({ status, body }, { eventId }) => {
			increment(statuses, status);
			if (body.includes('Workflow was started')) increment(started, eventId);
		},
	);
	return { seconds, statuses, started };
}

/** Waits until at most `stillRunning` executions have not ended, and counts those that succeeded. */
export async function countSucceeded(
	client: N8nClient,
	workflowId: string,
	stillRunning = 0,
): Promise<number> {
	await waitUntilIdle(client, workflowId, { stillRunning });
	return await countExecutions(client, workflowId, 'success');
}

/** How many executions may be read at the same time. */
const READERS = 4;

/**
 * How often each event got past the trigger, by event id, once all executions have ended. In the execution
 * of a copy that arrives after a restart, the trigger returns nothing.
 */
export async function countPassed(
	client: N8nClient,
	workflowId: string,
): Promise<Map<string, number>> {
	await waitUntilIdle(client, workflowId);
	const passed = new Map<string, number>();
	const executions = await client.listAllExecutions(workflowId);
	const readNext = async () => {
		for (let next = executions.pop(); next !== undefined; next = executions.pop()) {
			const execution = await client.readExecution(next.id);
			if (runsOf(execution, NEXT) === 0) continue;
			for (const { eventId } of jsonOf(execution, TRIGGER)) increment(passed, String(eventId));
		}
	};
	await Promise.all(Array.from({ length: READERS }, readNext));
	return passed;
}
