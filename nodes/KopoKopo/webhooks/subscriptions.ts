import { type IDataObject, type IHookFunctions, NodeOperationError } from 'n8n-workflow';
import { createHash } from 'node:crypto';
import { isCallbackTopic } from '../domain/callbacks';
import { InvalidParameterError } from '../domain/errors';
import { eventOf, isTopic } from '../domain/eventCatalogue';
import type { ReadParameter } from '../operations/parameters';
import { DEFAULT_TIMEOUT_MS } from '../operations/settingsProperties';
import { isCallbackAllowed } from '../parsers/url';
import {
	subscribeRequest,
	subscriptionById,
	type Subscription,
} from '../resources/v2/webhookSubscription';
import { sendRequest } from '../transport/client';
import {
	allowsHttp,
	CREDENTIAL_NAME,
	type KopoKopoCredential,
	parseCredential,
	requireApiKey,
} from '../transport/environment';
import { KopoKopoApiError } from '../transport/errors';
import { toSingleLine } from '../transport/failure';
import { parseFilters } from './filters';
import { describeRemaining } from './remainingSubscriptions';
import { parseScopeTills, subscriptionSettings } from './subscriptionSettings';
import { findSubscription, storeSubscription } from './subscriptionStore';
import { checkSwitches } from './triggerSwitches';

/** How long an unconfirmed subscription is not requested again, in ms. n8n's five attempts take less time. */
const UNCONFIRMED_MS = 5 * 60_000;

const readerOf =
	(context: IHookFunctions): ReadParameter =>
	(name, missing) =>
		context.getNodeParameter(name, missing);

/** Logs the subscriptions that remain from earlier settings. */
function logRemaining(context: IHookFunctions): void {
	const remaining = describeRemaining(context, readerOf(context));
	if (remaining !== undefined) context.logger.warn(`${context.getNode().name}: ${remaining}`);
}

/**
 * The subscriptions that the trigger's parameters require. A subscription to an event that exists only for the
 * whole company is for the company, whatever the scope.
 * @throws NodeOperationError when the trigger cannot work as it is set
 */
async function wantedSubscriptions(
	context: IHookFunctions,
): Promise<{ wanted: Subscription[]; credential: KopoKopoCredential }> {
	const node = context.getNode();
	const refuse = (message: string, description: string) =>
		new NodeOperationError(node, message, { description });
	const checked = <Value>(parse: () => Value): Value => {
		try {
			return parse();
		} catch (error) {
			throw error instanceof InvalidParameterError
				? refuse(error.message, error.remedy)
				: new NodeOperationError(node, error as Error);
		}
	};

	const credential = parseCredential(await context.getCredentials(CREDENTIAL_NAME));
	requireApiKey(credential, node);
	const options = context.getNodeParameter('options', {}) as IDataObject;
	checked(() => parseFilters(options));
	checked(() => checkSwitches(options));
	const settings = subscriptionSettings(readerOf(context));
	if (settings.registration === 'manual') return { wanted: [], credential };
	checked(() => parseScopeTills(readerOf(context)));

	const url = context.getNodeWebhookUrl('default') ?? '';
	if (!isCallbackAllowed(url, { allowHttp: allowsHttp(credential) })) {
		throw refuse(
			`Kopo Kopo only calls addresses that begin with https://, and ${url === '' ? 'this n8n has no public address' : `the address of this n8n is ${url}`}`,
			"Set WEBHOOK_URL in n8n's environment to its public https address and restart n8n.",
		);
	}
	const { events: topics, scope, tills, darajaPayload } = settings;
	if (topics.length === 0) {
		throw refuse("'Trigger On' is empty", 'Choose at least one event.');
	}

	const wanted = topics.flatMap((topic): Subscription[] => {
		// Results need no subscription: Kopo Kopo sends them to the Callback URL of their request.
		if (isCallbackTopic(topic)) return [];
		if (!isTopic(topic)) {
			throw refuse(
				`'Trigger On' contains an unknown event: ${topic}`,
				'Choose events from the list.',
			);
		}
		const { companyOnly, daraja } = eventOf(topic);
		const common = { topic, url, daraja: darajaPayload && daraja !== undefined };
		if (companyOnly || scope !== 'till') {
			return [{ ...common, scope: 'company', tillNumber: null }];
		}
		if (tills.length === 0) {
			throw refuse(
				"'Till Number' is empty",
				"Enter the till whose events you want, or set 'Scope' to Company.",
			);
		}
		return tills.map((tillNumber) => ({ ...common, scope: 'till', tillNumber }));
	});
	return { wanted, credential };
}

/** Equal for two activations that would create the same subscription, and different for another merchant. */
function subscriptionKey(subscription: Subscription, credential: KopoKopoCredential): string {
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

/**
 * False only if Kopo Kopo's response says that the subscription does not exist. A 404 without a message is
 * not enough, because the reference does not document the lookup
 * (docs/kopokopo-api.md#api-v2).
 */
async function stillExists(context: IHookFunctions, id: string): Promise<boolean> {
	try {
		await sendRequest(context, subscriptionById(id), { timeoutMs: DEFAULT_TIMEOUT_MS });
		return true;
	} catch (error) {
		const failure = error instanceof KopoKopoApiError ? error.requestFailure : undefined;
		return !(failure?.status === 404 && failure.apiMessage !== undefined);
	}
}

/**
 * Whether all wanted subscriptions exist already.
 * @throws NodeOperationError when the trigger cannot work as it is set
 */
export async function allSubscribed(context: IHookFunctions): Promise<boolean> {
	const { wanted, credential } = await wantedSubscriptions(context);
	const found = await Promise.all(
		wanted.map(async (subscription) => {
			const key = subscriptionKey(subscription, credential);
			const known = findSubscription(context, key);
			if (known?.id === undefined) return false;
			if (await stillExists(context, known.id)) {
				storeSubscription(context, key, known);
				return true;
			}
			storeSubscription(context, key, undefined);
			return false;
		}),
	);
	const areAll = found.every(Boolean);
	if (areAll) logRemaining(context);
	return areAll;
}

/**
 * Creates the wanted subscriptions that do not exist yet. Each ID is stored as soon as it is known, so that
 * another attempt continues where this one stopped.
 * @throws KopoKopoApiError if Kopo Kopo rejects one, NodeOperationError if it is not known whether one was
 * created
 */
export async function subscribeMissing(context: IHookFunctions): Promise<void> {
	const { wanted, credential } = await wantedSubscriptions(context);
	for (const subscription of wanted) {
		const key = subscriptionKey(subscription, credential);
		const known = findSubscription(context, key);
		const stored = { ...subscription, nodeId: context.getNode().id };
		if (known?.id !== undefined) continue;
		const { unconfirmedSince = -Infinity } = known ?? {};
		if (Date.now() - unconfirmedSince < UNCONFIRMED_MS) {
			throw unconfirmedError(context, subscription);
		}
		try {
			const { id } = await sendRequest(context, subscribeRequest(subscription), {
				timeoutMs: DEFAULT_TIMEOUT_MS,
				expectsLocation: true,
			});
			storeSubscription(context, key, { ...stored, id: id ?? '' });
		} catch (error) {
			if (error instanceof KopoKopoApiError && error.requestFailure.certainty === 'unknown') {
				storeSubscription(context, key, { ...stored, unconfirmedSince: Date.now() });
				throw unconfirmedError(context, subscription);
			}
			throw error instanceof KopoKopoApiError
				? withEventName(error, subscription)
				: new NodeOperationError(context.getNode(), error as Error);
		}
	}
	logRemaining(context);
}

/** Adds the name of the event to the error. */
function withEventName(error: KopoKopoApiError, { topic }: Subscription): KopoKopoApiError {
	error.message = `Could not subscribe to '${eventOf(topic).name}'. ${error.message}`;
	return error;
}

function unconfirmedError(context: IHookFunctions, { topic }: Subscription): NodeOperationError {
	return new NodeOperationError(
		context.getNode(),
		`It is not known whether the subscription to '${eventOf(topic).name}' was created: there was no clear response`,
		{
			description:
				'Publish (activate) the workflow again in five minutes. An earlier attempt could create a second subscription.',
		},
	);
}

/**
 * Runs a hook. n8n shows only one text of an error that a hook throws: the message or, for an API error in
 * n8n 1, the description. So the message says both what happened and what to do.
 * @throws NodeOperationError
 */
export async function withSingleLineErrors<T>(
	context: IHookFunctions,
	work: () => Promise<T>,
): Promise<T> {
	try {
		return await work();
	} catch (error) {
		const { message, description } = error as KopoKopoApiError | NodeOperationError;
		throw new NodeOperationError(
			context.getNode(),
			description ? toSingleLine({ message, description }) : message,
		);
	}
}
