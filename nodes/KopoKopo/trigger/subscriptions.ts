import { createHash } from 'node:crypto';
import { NodeOperationError, type IHookFunctions } from 'n8n-workflow';
import {
	CREDENTIAL_NAME,
	isCallbackAllowed,
	readCredential,
	requireApiKey,
	type KopoKopoCredential,
} from '../api/environment';
import { KopoKopoApiError } from '../api/faults';
import { callKopoKopo, segment, type ApiRequest } from '../api/request';
import { oneText } from '../api/wording';
import { eventOf, isTopic, type Topic } from './events';
import { isResultTopic } from './results';
import { recall, remember } from './subscriptionMemory';

/** One subscription as Kopo Kopo takes it. */
export interface Subscription {
	topic: Topic;
	url: string;
	scope: 'company' | 'till';
	/** Null for the company (contract, section 6). */
	tillNumber: string | null;
	daraja: boolean;
}

/** `POST /api/v2/webhook_subscriptions` (contract, section 6). */
export function subscribeRequest({
	topic,
	url,
	scope,
	tillNumber,
	daraja,
}: Subscription): ApiRequest {
	return {
		method: 'POST',
		path: '/api/v2/webhook_subscriptions',
		body: {
			event_type: topic,
			url,
			scope,
			scope_reference: tillNumber,
			enable_daraja_payload: daraja,
		},
	};
}

/** How long an unconfirmed subscription is not asked for again: longer than n8n's five attempts take. */
const UNCONFIRMED_FOR_MS = 5 * 60_000;

/** A till may be written with others, separated by commas or spaces. */
function readTills(raw: string): string[] {
	return [...new Set(raw.split(/[\s,;]+/).filter((till) => till !== ''))];
}

/**
 * The subscriptions that the trigger's parameters ask for. Events that Kopo Kopo only knows for the
 * company are subscribed for the company whatever the scope.
 * @throws NodeOperationError when the trigger cannot work as it is set
 */
async function wantedSubscriptions(
	context: IHookFunctions,
): Promise<{ wanted: Subscription[]; credential: KopoKopoCredential }> {
	const node = context.getNode();
	const refuse = (message: string, description: string) =>
		new NodeOperationError(node, message, { description });

	const credential = readCredential(await context.getCredentials(CREDENTIAL_NAME));
	requireApiKey(credential, node);
	if (context.getNodeParameter('registration') === 'manual') return { wanted: [], credential };

	const url = context.getNodeWebhookUrl('default') ?? '';
	if (!isCallbackAllowed(url, credential)) {
		throw refuse(
			`Kopo Kopo only calls addresses that begin with https://, and this n8n gives ${url === '' ? 'none' : url}`,
			"Set WEBHOOK_URL in n8n's environment to its public https address and restart n8n.",
		);
	}
	const topics = context.getNodeParameter('events') as string[];
	if (topics.length === 0) {
		throw refuse("'Trigger On' is empty", 'Choose at least one event.');
	}
	const tills =
		context.getNodeParameter('scope') === 'till'
			? readTills(String(context.getNodeParameter('tillNumber')))
			: [];
	const darajaWanted = context.getNodeParameter('options.darajaPayload', false) === true;

	const wanted = topics.flatMap((topic): Subscription[] => {
		// Results come by themselves, to the Callback URL of their request.
		if (isResultTopic(topic)) return [];
		if (!isTopic(topic)) {
			throw refuse(`'Trigger On' holds an unknown event: ${topic}`, 'Choose events from the list.');
		}
		const { companyOnly, daraja } = eventOf(topic);
		const common = { topic, url, daraja: darajaWanted && daraja !== undefined };
		if (companyOnly || context.getNodeParameter('scope') !== 'till') {
			return [{ ...common, scope: 'company', tillNumber: null }];
		}
		if (tills.length === 0) {
			throw refuse(
				"'Till Number' is empty",
				"Enter the till whose events are wanted, or set 'Scope' to Company.",
			);
		}
		return tills.map((tillNumber) => ({ ...common, scope: 'till', tillNumber }));
	});
	return { wanted, credential };
}

/** Two activations that would subscribe the same get the same key; another merchant gets another. */
function keyOf(subscription: Subscription, credential: KopoKopoCredential): string {
	const { topic, url, scope, tillNumber, daraja } = subscription;
	return createHash('sha256')
		.update(
			JSON.stringify([
				credential.environment,
				credential.baseUrl,
				credential.clientId,
				topic,
				url,
				scope,
				tillNumber,
				daraja,
			]),
		)
		.digest('hex')
		.slice(0, 32);
}

/** False only when Kopo Kopo says in so many words that it does not have it (the lookup is not in S1). */
async function stillExists(context: IHookFunctions, id: string): Promise<boolean> {
	try {
		await callKopoKopo(context, {
			method: 'GET',
			path: `/api/v2/webhook_subscriptions/${segment(id)}`,
		});
		return true;
	} catch (error) {
		const fault = error instanceof KopoKopoApiError ? error.fault : undefined;
		return !(fault?.status === 404 && fault.apiMessage !== undefined);
	}
}

/**
 * Whether everything that is wanted is subscribed already.
 * @throws NodeOperationError when the trigger cannot work as it is set
 */
export async function allSubscribed(context: IHookFunctions): Promise<boolean> {
	const { wanted, credential } = await wantedSubscriptions(context);
	const found = await Promise.all(
		wanted.map(async (subscription) => {
			const key = keyOf(subscription, credential);
			const known = recall(context, key);
			if (known === undefined || !('id' in known)) return false;
			if (await stillExists(context, known.id)) {
				remember(context, key, known);
				return true;
			}
			remember(context, key, undefined);
			return false;
		}),
	);
	return found.every(Boolean);
}

/**
 * Subscribes what is wanted and not known yet; each id is remembered the moment it is known, so that
 * another attempt goes on where this one stopped.
 * @throws KopoKopoApiError in Kopo Kopo's words, NodeOperationError when it is not known whether it worked
 */
export async function subscribeMissing(context: IHookFunctions): Promise<void> {
	const { wanted, credential } = await wantedSubscriptions(context);
	for (const subscription of wanted) {
		const key = keyOf(subscription, credential);
		const known = recall(context, key);
		if (known !== undefined && 'id' in known) continue;
		if (known !== undefined && Date.now() - known.unconfirmedSince < UNCONFIRMED_FOR_MS) {
			throw unconfirmed(context, subscription);
		}
		try {
			const { id } = await callKopoKopo(context, subscribeRequest(subscription), {
				expectsLocation: true,
			});
			remember(context, key, { id: id ?? '', event: subscription.topic });
		} catch (error) {
			if (error instanceof KopoKopoApiError && error.fault.certainty === 'unknown') {
				remember(context, key, { unconfirmedSince: Date.now(), event: subscription.topic });
				throw unconfirmed(context, subscription);
			}
			throw error instanceof KopoKopoApiError
				? named(error, subscription)
				: new NodeOperationError(context.getNode(), error as Error);
		}
	}
}

/** Says which event it was; the rest is Kopo Kopo's own sentence. */
function named(error: KopoKopoApiError, { topic }: Subscription): KopoKopoApiError {
	error.message = `'${eventOf(topic).name}' could not be subscribed. ${error.message}`;
	return error;
}

function unconfirmed(context: IHookFunctions, { topic }: Subscription): NodeOperationError {
	return new NodeOperationError(
		context.getNode(),
		`It is not known whether Kopo Kopo subscribed '${eventOf(topic).name}': no clear answer came`,
		{
			description:
				'It is not asked for again at once, since that could subscribe it twice. Activate the workflow again in five minutes.',
		},
	);
}

/**
 * Runs a hook's work. Of what a hook throws n8n shows one text: the message, or, n8n 1 for an API error,
 * the description. So what happened and what to do are said in one.
 * @throws NodeOperationError
 */
export async function inOneText<T>(context: IHookFunctions, work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (error) {
		const { message, description } = error as KopoKopoApiError | NodeOperationError;
		throw new NodeOperationError(
			context.getNode(),
			description ? oneText({ message, description }) : message,
		);
	}
}
