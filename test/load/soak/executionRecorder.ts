import { randomUUID } from 'node:crypto';
import fastify from 'fastify';
import type { INode } from 'n8n-workflow';
import type { N8nClient, SavedCredential } from '../../support/n8nClient';
import { node, TRIGGER } from '../../support/workflows';
import { EVENT } from '../deliveries';
import { publishWorkflow, webhookNode, withCredential } from '../workflows';
import type { ReceiverName } from './eventGenerator';

/** A server that the workflows call, which shows which events they have executed. */
export interface ExecutionRecorder {
	url: string;
	/** For each event, when a workflow reported it, in ms since the epoch. */
	executed: Map<string, number[]>;
	close(): Promise<void>;
}

/** A published workflow that reports its events to the recorder. */
export interface ReportingWorkflow {
	workflowId: string;
	/** Path of its webhook in n8n. */
	path: string;
}

/** Starts a recorder on a free port. */
export async function startExecutionRecorder(): Promise<ExecutionRecorder> {
	const executed = new Map<string, number[]>();
	const server = fastify({ forceCloseConnections: true });
	server.get<{ Params: { eventId: string } }>('/:eventId', async ({ params: { eventId } }) => {
		executed.set(eventId, [...(executed.get(eventId) ?? []), Date.now()]);
		return await Promise.resolve({});
	});
	const url = await server.listen({ port: 0, host: '127.0.0.1' });
	return { url, executed, close: async () => await server.close() };
}

/**
 * Publishes two workflows whose HTTP Request node reports each event: one with the Kopo Kopo Trigger, one with
 * n8n's own Webhook node.
 */
export async function saveReportingWorkflows(
	client: N8nClient,
	credential: SavedCredential,
	recorderUrl: string,
): Promise<Record<ReceiverName, ReportingWorkflow>> {
	const save = async (receiver: INode, eventId: string, path: string) => {
		const url = `=${recorderUrl}/{{ ${eventId} }}`;
		const report = {
			...node('Report', 'n8n-nodes-base.httpRequest', { url }),
			typeVersion: 4.2,
		};
		const name = `Soak of ${receiver.name}`;
		const workflowId = await publishWorkflow(client, name, [receiver, report]);
		return { workflowId, path: `/webhook/${path}` };
	};
	const webhookId = randomUUID();
	const trigger = {
		...node(TRIGGER, 'n8n-nodes-kopokopo.kopoKopoTrigger', { triggerOn: [EVENT] }),
		webhookId,
	};
	const path = randomUUID();
	return {
		trigger: await save(
			withCredential(trigger, credential),
			'$json.eventId',
			`${webhookId}/kopo-kopo`,
		),
		webhook: await save(webhookNode(path), '$json.body.id', path),
	};
}
