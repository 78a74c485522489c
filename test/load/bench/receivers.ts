import { createHmac, randomUUID } from 'node:crypto';
import type { IDataObject, INode, INodeParameters, INodeType } from 'n8n-workflow';
import { redirectHttps, type HttpsRedirect } from '../../support/httpsRedirect';
import { sandboxCredentialData } from '../../support/sandboxCredential';
import { node } from '../../support/workflows';
import { EVENT } from '../deliveries';
import { publishWorkflow, webhookNode, withCredential } from '../workflows';
import type { BenchEnvironment } from './benchEnvironment';

export const TRIGGER = 'Kopo Kopo Trigger';
export const TRIGGER_WITH_DUPLICATES = 'Kopo Kopo Trigger, Ignore Duplicates off';
export const TRIGGER_WITH_HISTORY = 'Kopo Kopo Trigger, 580 remembered';
/** As many as a trigger remembers that receives 500 deliveries a day. */
const REMEMBERED = 580;
export const WEBHOOK = 'Webhook node';
export const WEBHOOK_WITH_AUTH = 'Webhook node with header auth';
/** n8n's own trigger that verifies signatures too: HMAC-SHA256 of the body, as Kopo Kopo's. */
export const STRIPE_TRIGGER = 'Stripe Trigger, signature verified';
/** In practice the next node has an expression, and then n8n needs a JavaScript isolate in any case. */
export const TRIGGER_AND_EXPRESSION = 'Kopo Kopo Trigger, then an expression';
export const WEBHOOK_AND_EXPRESSION = 'Webhook node, then an expression';

const SECRET = { name: 'X-Bench-Secret', value: 'the-secret-of-the-bench' };
/** What the mock of Stripe's API returns when the Stripe Trigger subscribes; n8n stores the secret. */
const STRIPE_ENDPOINT = {
	id: 'we_bench',
	secret: 'whsec_bench',
	status: 'enabled',
	enabled_events: ['*'],
};
const EXPRESSION: INodeParameters = {
	mode: 'raw',
	jsonOutput: '={{ JSON.stringify({ received: $json }) }}',
};

/** A published workflow that receives deliveries. */
export interface Receiver {
	name: string;
	workflowId: string;
	url: string;
	/** Headers with which the delivery of a body is accepted, or rejected if `isValid` is false. */
	headers(body: string, isValid: boolean): Record<string, string>;
	/** Fields without which the node ignores a delivery. */
	requiredFields?: IDataObject;
	/** The status of the response to a rejected delivery. */
	rejectionStatus: number;
	/** How many bytes n8n's deduplication store writes for a delivery. */
	storedBytes?: () => Promise<number>;
}

/** Answers the Stripe Trigger's requests to Stripe while it subscribes. Start n8n with its variables. */
export async function mockStripe(): Promise<HttpsRedirect> {
	return await redirectHttps('bench-stripe', async (_request, reply) => {
		await reply.send(STRIPE_ENDPOINT);
	});
}

/** Publishes all receivers that are measured. */
export async function saveReceivers(environment: BenchEnvironment): Promise<Receiver[]> {
	const { client, sandbox, installedPackage } = environment;
	const kopoKopo = await client.createCredential(
		'Trigger',
		'kopoKopoApi',
		sandboxCredentialData(sandbox),
	);
	const secret = await client.createCredential('Secret', 'httpHeaderAuth', SECRET);
	const stripe = await client.createCredential('Stripe', 'stripeApi', { secretKey: 'sk_bench' });
	const typeVersion = await defaultVersion(installedPackage);
	const json = { 'content-type': 'application/json' };

	const save = async (name: string, first: INode) => {
		const next = [TRIGGER_AND_EXPRESSION, WEBHOOK_AND_EXPRESSION].includes(name)
			? { ...node('Next', 'n8n-nodes-base.set', EXPRESSION), typeVersion: 3.4 }
			: node('Next', 'n8n-nodes-base.noOp');
		return { name, workflowId: await publishWorkflow(client, name, [first, next]) };
	};
	const trigger = async (
		name: string,
		options: INodeParameters,
		rememberedDeliveries = 0,
	): Promise<Receiver> => {
		const webhookId = randomUUID();
		const parameters = { triggerOn: [EVENT], registration: 'manual', options };
		const triggerNode: INode = {
			...node('Kopo Kopo Trigger', 'n8n-nodes-kopokopo.kopoKopoTrigger', parameters),
			typeVersion,
			webhookId,
		};
		const saved = await save(name, withCredential(triggerNode, kopoKopo));
		const storedBytes = async (...entries: string[]) =>
			await environment.deduplicationRow(saved.workflowId, triggerNode.id, ...entries);
		if (rememberedDeliveries > 0) await storedBytes(String(rememberedDeliveries));
		return {
			...saved,
			storedBytes: async () => await storedBytes(),
			url: `${client.url}/webhook/${webhookId}/kopo-kopo`,
			headers: (body, isValid) => ({
				...json,
				'x-kopokopo-signature': createHmac('sha256', isValid ? sandbox.apiKey : 'another key')
					.update(body)
					.digest('hex'),
			}),
			rejectionStatus: 401,
		};
	};
	const webhook = async (name: string, path: string): Promise<Receiver> => ({
		...(await save(name, webhookNode(path))),
		url: `${client.url}/webhook/${path}`,
		headers: () => json,
		rejectionStatus: 403,
	});
	const stripeTrigger = async (): Promise<Receiver> => {
		const webhookId = randomUUID();
		const first = node('Stripe Trigger', 'n8n-nodes-base.stripeTrigger', { events: ['*'] });
		return {
			...(await save(STRIPE_TRIGGER, withCredential({ ...first, webhookId }, stripe))),
			url: `${client.url}/webhook/${webhookId}/webhook`,
			requiredFields: { type: 'charge.succeeded' },
			headers: (body, isValid) => {
				const timestamp = Math.floor(Date.now() / 1000);
				const signature = createHmac('sha256', isValid ? STRIPE_ENDPOINT.secret : 'another secret')
					.update(`${timestamp}.${body}`)
					.digest('hex');
				return { ...json, 'stripe-signature': `t=${timestamp},v1=${signature}` };
			},
			rejectionStatus: 401,
		};
	};
	const webhookWithAuth = webhookNode('bench-auth', { authentication: 'headerAuth' });

	return [
		await trigger(TRIGGER, {}),
		await trigger(TRIGGER_WITH_DUPLICATES, { ignoreDuplicates: false }),
		await trigger(TRIGGER_WITH_HISTORY, {}, REMEMBERED),
		await trigger(TRIGGER_AND_EXPRESSION, {}),
		await webhook(WEBHOOK, 'bench-plain'),
		await webhook(WEBHOOK_AND_EXPRESSION, 'bench-expression'),
		{
			...(await save(WEBHOOK_WITH_AUTH, withCredential(webhookWithAuth, secret))),
			url: `${client.url}/webhook/bench-auth`,
			headers: (_body, isValid) => ({ ...json, [SECRET.name]: isValid ? SECRET.value : 'wrong' }),
			rejectionStatus: 403,
		},
		await stripeTrigger(),
	];
}

/** The version of the trigger that the editor adds to new workflows. */
async function defaultVersion(installedPackage: string): Promise<number> {
	const file = `${installedPackage}/dist/nodes/KopoKopo/KopoKopoTrigger.node.js`;
	const { KopoKopoTrigger } = (await import(file)) as { KopoKopoTrigger: new () => INodeType };
	const { description } = new KopoKopoTrigger();
	return description.defaultVersion ?? Math.max(...[description.version].flat());
}
