import {
	NodeOperationError,
	type IDataObject,
	type IHookFunctions,
	type IHttpRequestOptions,
} from 'n8n-workflow';
import type { KopoKopoCredential } from '../../nodes/KopoKopo/transport/environment';
import { KopoKopoApiError } from '../../nodes/KopoKopo/transport/errors';
import { describeRemainingWhileInactive } from '../../nodes/KopoKopo/webhooks/remainingSubscriptions';
import {
	allSubscribed,
	subscribeMissing,
	withSingleLineErrors,
} from '../../nodes/KopoKopo/webhooks/subscriptions';
import { loadAnew } from '../support/isolatedModules';
import { kopoKopoNode, readFixtures, storedCredential } from './testData';

jest.mock('n8n-workflow', () => ({
	...jest.requireActual<object>('n8n-workflow'),
	sleep: async () => await Promise.resolve(),
}));

const URL_OF_TRIGGER = 'https://n8n.example.com/webhook/1/kopo-kopo';

/** An answer of Kopo Kopo, or an error as n8n throws it. */
type Answer = { statusCode: number; headers: IDataObject; body: unknown } | Error;

const failing = (status: number, data: unknown = '', headers: IDataObject = {}): Error =>
	Object.assign(new Error(`HTTP ${status}`), { response: { status, headers, data } });
const broken = (code: string): Error => Object.assign(new Error(code), { code });

/** Kopo Kopo, as far as subscriptions go: keeps what it was sent and answers as told. */
class KopoKopoStandIn {
	readonly sent: IHttpRequestOptions[] = [];

	/** Answers to come for creates; when there are none, each is accepted. */
	readonly creates: Answer[] = [];

	/** Answers to lookups, by id; others exist. */
	readonly lookups = new Map<string, Answer>();

	private last = 0;

	answer(options: IHttpRequestOptions): Answer {
		this.sent.push(options);
		if (options.method === 'GET') {
			const id = options.url.split('/').pop() ?? '';
			return this.lookups.get(id) ?? { statusCode: 200, headers: {}, body: { data: { id } } };
		}
		const planned = this.creates.shift();
		if (planned !== undefined) return planned;
		const location = `https://sandbox.kopokopo.com/api/v2/webhook_subscriptions/id-${++this.last}`;
		return { statusCode: 201, headers: { location }, body: '' };
	}

	get bodies(): IDataObject[] {
		return this.sent
			.filter(({ method }) => method === 'POST')
			.map(({ body }) => body as unknown as IDataObject);
	}

	get topics(): unknown[] {
		return this.bodies.map(({ event_type: topic }) => topic);
	}
}

interface Trigger {
	triggerOn?: string[];
	registration?: 'automatic' | 'manual';
	scope?: 'company' | 'till';
	tillNumber?: string | null;
	darajaPayload?: unknown;
	/** Further Options. */
	options?: IDataObject;
	credential?: Partial<KopoKopoCredential>;
	/** Null if n8n has none. */
	url?: string | null;
	/** Whether n8n listens for a test event. */
	isTest?: boolean;
}

let clients = 0;
/** The process remembers subscriptions by workflow, so each test has its own workflow and client. */
const newClient = () => ({ clientId: `client of the trigger ${++clients}` });

/** What was logged. */
let warnings: string[] = [];
beforeEach(() => (warnings = []));

/** A trigger node's hook context; its static data lives as long as `staticData` does. */
function hooks(
	kopoKopo: KopoKopoStandIn,
	staticData: IDataObject,
	{
		triggerOn = ['buygoods_transaction_received'],
		registration = 'automatic',
		scope = 'company',
		tillNumber = '',
		darajaPayload,
		options = {},
		credential = {},
		url = URL_OF_TRIGGER,
		isTest = false,
	}: Trigger,
): IHookFunctions {
	const parameters: Record<string, unknown> = {
		triggerOn,
		registration,
		scope,
		tillNumber,
		options: { ...options, ...(darajaPayload !== undefined && { darajaPayload }) },
		...(darajaPayload !== undefined && { 'options.darajaPayload': darajaPayload }),
	};
	const context = {
		getNode: () => kopoKopoNode,
		getWorkflow: () => ({ id: `workflow ${clients}` }),
		getMode: () => (isTest ? 'manual' : 'trigger'),
		logger: { warn: (text: string) => warnings.push(text) },
		getCredentials: async () => await Promise.resolve(storedCredential(credential)),
		getNodeParameter: (name: string, fallback?: unknown) => parameters[name] ?? fallback,
		getNodeWebhookUrl: (name: string) => (name === 'default' ? (url ?? undefined) : undefined),
		getWorkflowStaticData: (part: string) => (part === 'global' ? staticData : {}),
		helpers: {
			async httpRequestWithAuthentication(_credential: string, options: IHttpRequestOptions) {
				const answer = kopoKopo.answer(options);
				return answer instanceof Error ? await Promise.reject(answer) : answer;
			},
		},
	};
	return context as unknown as IHookFunctions;
}

/** One trigger node at one client, with a Kopo Kopo of its own. */
function trigger(settings: Trigger = {}) {
	const kopoKopo = new KopoKopoStandIn();
	const staticData: IDataObject = {};
	const credential = { ...newClient(), ...settings.credential };
	const context = (changed: Trigger = {}, data = staticData) =>
		hooks(kopoKopo, data, {
			...settings,
			...changed,
			credential: { ...credential, ...changed.credential },
		});
	return {
		kopoKopo,
		staticData,
		create: async (changed?: Trigger, data?: IDataObject) =>
			await subscribeMissing(context(changed, data)),
		exists: async (changed?: Trigger, data?: IDataObject) =>
			await allSubscribed(context(changed, data)),
		leftBehind: () => describeRemainingWhileInactive(context()),
		rememberedIds: () =>
			Object.values((staticData.kopoKopoSubscriptions ?? {}) as Record<string, { id?: string }>)
				.map(({ id }) => id)
				.sort(),
	};
}

async function thrownBy(hook: Promise<unknown>): Promise<Error & { description?: unknown }> {
	const thrown: unknown = await hook.then(
		() => undefined,
		(error: unknown) => error,
	);
	expect(thrown).toBeInstanceOf(Error);
	return thrown as Error;
}

describe('an activation', () => {
	const bodyOf = (name: string) =>
		readFixtures('requests').find((fixture) => fixture.name === name)?.body;

	test('subscribes to one event of the company, with the body of the contract', async () => {
		const { kopoKopo, create } = trigger({
			triggerOn: ['settlement_transfer_completed'],
			url: 'https://webhook.site/52fd1913-778e-4ee1-bdc4-74517abb758d',
		});

		await create();

		expect(kopoKopo.sent[0]).toMatchObject({
			method: 'POST',
			url: '/api/v2/webhook_subscriptions',
		});
		expect(kopoKopo.bodies).toEqual([bodyOf('webhook-subscription.create.company')]);
	});

	test('subscribes to one event of a till as a Daraja payload, with the body of the contract', async () => {
		const { kopoKopo, create } = trigger({
			scope: 'till',
			tillNumber: '112233',
			darajaPayload: true,
			url: 'https://webhook.site/52fd1913-778e-4ee1-bdc4-74517abb758d',
		});

		await create();

		expect(kopoKopo.bodies).toEqual([bodyOf('webhook-subscription.create.till-daraja')]);
	});

	test('waits 30 seconds at most for each response', async () => {
		const { kopoKopo, create, exists } = trigger();

		await create();
		await exists();

		expect(kopoKopo.sent.map(({ method, timeout }) => [method, timeout])).toEqual([
			['POST', 30_000],
			['GET', 30_000],
		]);
	});

	test('makes one subscription for each event', async () => {
		const events = ['card_transaction_voided', 'buygoods_transaction_received'];
		const { kopoKopo, create } = trigger({ triggerOn: events });

		await create();

		expect(kopoKopo.topics).toEqual(events);
	});

	test('subscribes once for each till, with any separator', async () => {
		const { kopoKopo, create } = trigger({ scope: 'till', tillNumber: ' 11, 22;33\n11 ,' });

		await create();

		expect(kopoKopo.bodies.map(({ scope_reference: till }) => till)).toEqual(['11', '22', '33']);
	});

	test('subscribes once for the company to events that exist only there, even if tills are set', async () => {
		const { kopoKopo, create } = trigger({
			triggerOn: ['customer_created', 'settlement_transfer_completed', 'card_transaction_received'],
			scope: 'till',
			tillNumber: '11,22',
		});

		await create();

		const asked = kopoKopo.bodies.map((body) => [
			body.event_type,
			body.scope,
			body.scope_reference,
		]);
		expect(asked).toEqual([
			['customer_created', 'company', null],
			['settlement_transfer_completed', 'company', null],
			['card_transaction_received', 'till', '11'],
			['card_transaction_received', 'till', '22'],
		]);
	});

	test.each<[unknown, boolean]>([
		['TRUE', true],
		[1, true],
		['false', false],
		[0, false],
	])('Daraja Payload is %j by expression', async (darajaPayload, expected) => {
		const { kopoKopo, create } = trigger({ darajaPayload });
		await create();
		expect(kopoKopo.bodies).toMatchObject([{ enable_daraja_payload: expected }]);
	});

	test('is rejected, and nothing is sent, while a switch is neither true nor false', async () => {
		const { kopoKopo, create } = trigger({ options: { ignoreDuplicates: 'perhaps' } });
		expect(await thrownBy(create())).toMatchObject({
			message: "'Ignore Duplicates' is neither true nor false: perhaps",
			description: expect.stringContaining('Enter true or false.') as string,
		});
		expect(kopoKopo.sent).toEqual([]);
	});

	test('requests Daraja payloads only for events that have one', async () => {
		const { kopoKopo, create } = trigger({
			triggerOn: [
				'buygoods_transaction_received',
				'buygoods_transaction_reversed',
				'b2b_transaction_received',
				'b2b_transaction_reversed',
				'card_transaction_received',
				'settlement_transfer_completed',
				'customer_created',
			],
			darajaPayload: true,
		});

		await create();

		expect(
			kopoKopo.bodies.filter((body) => body.enable_daraja_payload).map((body) => body.event_type),
		).toEqual(['buygoods_transaction_received', 'b2b_transaction_received']);
	});

	test('subscribes to nothing for results, which come by themselves', async () => {
		const { kopoKopo, create, exists } = trigger({ triggerOn: ['incoming_payment_result'] });
		await create();
		expect(await exists()).toBe(true);
		expect(kopoKopo.sent).toEqual([]);
	});

	test('subscribes to nothing when Registration is Manual', async () => {
		const { kopoKopo, create, exists } = trigger({ registration: 'manual', url: 'http://local' });

		expect(await exists()).toBe(true);
		await create();

		expect(kopoKopo.sent).toEqual([]);
	});
});

/** The module in a new process of n8n. */
const restart = () =>
	loadAnew(() =>
		jest.requireActual<typeof import('../../nodes/KopoKopo/webhooks/subscriptions')>(
			'../../nodes/KopoKopo/webhooks/subscriptions',
		),
	);

describe('nothing is subscribed twice', () => {
	test('when the trigger is activated after a deactivation or a restart', async () => {
		const { kopoKopo, create, exists } = trigger({ triggerOn: ['customer_created'] });
		expect(await exists()).toBe(false);
		await create();

		expect(await exists()).toBe(true);
		await create();

		expect(kopoKopo.bodies).toHaveLength(1);
	});

	test('when a new process reads the subscriptions from static data', async () => {
		const { kopoKopo, staticData, create } = trigger();
		await create();

		const restarted = restart();
		const credential = { clientId: `client of the trigger ${clients}` };
		const saved = JSON.parse(JSON.stringify(staticData)) as IDataObject;
		expect(await restarted.allSubscribed(hooks(kopoKopo, {}, { credential }))).toBe(false);
		expect(await restarted.allSubscribed(hooks(kopoKopo, saved, { credential }))).toBe(true);
		expect(kopoKopo.bodies).toHaveLength(1);
	});

	test('when a second test listen has empty static data', async () => {
		const { kopoKopo, create, exists } = trigger({ isTest: true });
		await create({}, {});

		expect(await exists({}, {})).toBe(true);
		await create({}, {});

		expect(kopoKopo.bodies).toHaveLength(1);
	});

	test('when an event is added, which adds one subscription', async () => {
		const { kopoKopo, create, exists } = trigger({ triggerOn: ['customer_created'] });
		await create();
		const more = { triggerOn: ['customer_created', 'card_transaction_received'] };

		expect(await exists(more)).toBe(false);
		await create(more);

		expect(kopoKopo.topics).toEqual(['customer_created', 'card_transaction_received']);
		expect(await exists(more)).toBe(true);
	});

	test('when a till is added, which adds one subscription', async () => {
		const { kopoKopo, create } = trigger({ scope: 'till', tillNumber: '11' });
		await create();

		await create({ tillNumber: '11, 22' });

		expect(kopoKopo.bodies.map(({ scope_reference: till }) => till)).toEqual(['11', '22']);
	});

	test('when n8n restarts after an unknown outcome', async () => {
		const { kopoKopo, staticData, create } = trigger();
		kopoKopo.creates.push(failing(500));
		await thrownBy(create());

		const credential = { clientId: `client of the trigger ${clients}` };
		const saved = JSON.parse(JSON.stringify(staticData)) as IDataObject;
		const created = restart().subscribeMissing(hooks(kopoKopo, saved, { credential }));
		expect((await thrownBy(created)).message).toContain(
			'It is not known whether the subscription to',
		);
		expect(kopoKopo.bodies).toHaveLength(1);
	});

	test('except when a test listen does not know the subscriptions of the active workflow', async () => {
		const { create, exists } = trigger();
		await create();

		expect(await exists({ isTest: true }, {})).toBe(false);
	});

	test('when an event is removed and added again', async () => {
		const events = ['customer_created', 'card_transaction_received'];
		const { kopoKopo, create, exists } = trigger({ triggerOn: events });
		await create();

		expect(await exists({ triggerOn: ['customer_created'] })).toBe(true);
		expect(await exists({ triggerOn: events })).toBe(true);

		expect(kopoKopo.bodies).toHaveLength(2);
	});

	test('when an option changes that does not concern Kopo Kopo', async () => {
		const { kopoKopo, create, exists } = trigger({ triggerOn: ['customer_created'] });
		await create();

		expect(await exists({ darajaPayload: true, scope: 'till', tillNumber: '11' })).toBe(true);
		expect(await exists({ credential: { clientSecret: 'new', apiKey: 'new' } })).toBe(true);

		expect(kopoKopo.bodies).toHaveLength(1);
	});

	test.each<[string, Trigger]>([
		['another client', { credential: { clientId: 'another client of the trigger' } }],
		['another environment', { credential: { environment: 'production' } }],
		['another address', { url: 'https://n8n.example.com/webhook-test/1/kopo-kopo' }],
		['another scope', { scope: 'till', tillNumber: '11' }],
		['another form', { darajaPayload: true }],
	])('although a changed setting adds a subscription: %s', async (_what, changed) => {
		const { kopoKopo, create, exists } = trigger();
		await create();

		expect(await exists(changed)).toBe(false);
		await create(changed);

		expect(kopoKopo.bodies).toHaveLength(2);
	});
});

describe('an activation that fails', () => {
	const events = ['b2b_transaction_received', 'buygoods_transaction_received', 'customer_created'];
	const accepted: Answer = {
		statusCode: 201,
		headers: { location: 'https://sandbox.kopokopo.com/webhook-subscriptions/first' },
		body: '',
	};

	test('stores each ID at once, and the next activation continues from there', async () => {
		const { kopoKopo, create, rememberedIds } = trigger({ triggerOn: events });
		kopoKopo.creates.push(accepted, failing(400, { error_message: 'Not now' }));

		await thrownBy(create());
		expect(rememberedIds()).toEqual(['first']);
		await create();

		expect(kopoKopo.topics).toEqual([
			'b2b_transaction_received',
			'buygoods_transaction_received',
			'buygoods_transaction_received',
			'customer_created',
		]);
	});

	test("names the rejected event and quotes Kopo Kopo's message", async () => {
		const { kopoKopo, create } = trigger({ triggerOn: ['customer_created'] });
		kopoKopo.creates.push(
			failing(400, { error_code: 400, error_message: 'Event type is invalid' }),
		);

		const error = await thrownBy(create());

		expect(error).toBeInstanceOf(KopoKopoApiError);
		expect(error.message).toContain("Could not subscribe to 'Customer Created'");
		expect(error.message).toContain('Event type is invalid');
	});

	test.each<[string, () => Answer]>([
		['no response in time', () => broken('ECONNABORTED')],
		['a connection that broke', () => broken('ECONNRESET')],
		['HTTP 500', () => failing(500)],
		['HTTP 503', () => failing(503)],
		['201 without a Location', () => ({ statusCode: 201, headers: {}, body: '' })],
	])('sends one request in five attempts of n8n after %s', async (_what, answer) => {
		const { kopoKopo, create, exists } = trigger();
		kopoKopo.creates.push(answer());

		for (let tried = 0; tried < 5; tried++) {
			expect(await exists()).toBe(false);
			const error = await thrownBy(create());
			expect(error).toBeInstanceOf(NodeOperationError);
			expect(error.message).toContain(
				"It is not known whether the subscription to 'M-Pesa Payment Received (Buy Goods)' was created",
			);
			expect(error.description).toContain('in five minutes');
		}

		expect(kopoKopo.bodies).toHaveLength(1);
	});

	test('sends one request when a test listen follows an unknown outcome', async () => {
		const { kopoKopo, create } = trigger();
		kopoKopo.creates.push(failing(500));
		await thrownBy(create({}, {}));

		await thrownBy(create({}, {}));

		expect(kopoKopo.bodies).toHaveLength(1);
	});

	test('sends another request five minutes after an unknown outcome', async () => {
		const { kopoKopo, create, exists } = trigger();
		kopoKopo.creates.push(broken('ECONNABORTED'));
		jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'], now: 0 });
		await thrownBy(create());

		jest.setSystemTime(5 * 60_000 - 1);
		await thrownBy(create());
		expect(kopoKopo.bodies).toHaveLength(1);
		jest.setSystemTime(5 * 60_000);
		await create();
		jest.useRealTimers();

		expect(kopoKopo.bodies).toHaveLength(2);
		expect(await exists()).toBe(true);
	});

	test('sends another request in the next attempt if there was no connection', async () => {
		const { kopoKopo, create } = trigger();
		kopoKopo.creates.push(...Array.from({ length: 4 }, () => broken('ECONNREFUSED')));
		await thrownBy(create());

		await create();

		expect(kopoKopo.bodies).toHaveLength(5);
	});
});

describe('a subscription that a GET does not return', () => {
	test('is made again after a 404 with a message from Kopo Kopo', async () => {
		const { kopoKopo, create, exists, rememberedIds } = trigger();
		await create();
		kopoKopo.lookups.set('id-1', failing(404, { error_code: 404, error_message: 'Not found' }));

		expect(await exists()).toBe(false);
		expect(rememberedIds()).toEqual([]);
		await create();

		expect(kopoKopo.bodies).toHaveLength(2);
		expect(rememberedIds()).toEqual(['id-2']);
	});

	test.each<[string, Answer]>([
		['a 404 without words', failing(404)],
		['a 404 page', failing(404, '<html>Not found</html>')],
		['a rejection', failing(403, { error_message: 'No' })],
		['a server error', failing(500, { error_message: 'No' })],
		['no answer', broken('ECONNABORTED')],
	])('is not made again after %s', async (_what, answer) => {
		const { kopoKopo, create, exists, rememberedIds } = trigger();
		await create();
		kopoKopo.lookups.set('id-1', answer);

		expect(await exists()).toBe(true);

		expect(rememberedIds()).toEqual(['id-1']);
		expect(kopoKopo.bodies).toHaveLength(1);
	});
});

describe('an invalid setting is reported before anything is sent', () => {
	test.each<[string, Trigger, string]>([
		['no API key', { credential: { apiKey: '' } }, "The Kopo Kopo credential has no 'API Key'"],
		[
			'no API key, with Registration Manual',
			{ registration: 'manual', credential: { apiKey: '' } },
			"The Kopo Kopo credential has no 'API Key'",
		],
		[
			'a plain http address',
			{ url: 'http://localhost:5678/webhook/1' },
			'Kopo Kopo only calls addresses that begin with https://, and the address of this n8n is http://localhost:5678/webhook/1',
		],
		['no address', { url: '' }, 'this n8n has no public address'],
		['no events', { triggerOn: [] }, "'Trigger On' is empty"],
		['an unknown event', { triggerOn: ['gift'] }, "'Trigger On' contains an unknown event: gift"],
		['no till', { scope: 'till', tillNumber: '' }, "'Till Number' is empty"],
		[
			'a till that n8n does not have',
			{ scope: 'till', tillNumber: null },
			"'Till Number' is empty",
		],
		['only commas for a till', { scope: 'till', tillNumber: ' , ' }, "'Till Number' is empty"],
		[
			'two tills with a space between',
			{ scope: 'till', tillNumber: '8329219 112233' },
			"'Till Number' contains two numbers: 8329219 112233",
		],
		[
			'a spreadsheet error as a till',
			{ scope: 'till', tillNumber: '#REF!' },
			"'Till Number' is a spreadsheet error: #REF!",
		],
		[
			'a Till Filter that is not a till',
			{ options: { tillFilter: 'my shop' } },
			"'Till Filter' is not a till number: my shop",
		],
		[
			'a Till Filter in exponent form, with Registration Manual',
			{ registration: 'manual', options: { tillFilter: '8.32922E+06' } },
			"'Till Filter' was shortened to an exponent: 8.32922E+06",
		],
		[
			'a Minimum Amount that is not a number',
			{ options: { minimumAmount: 'a lot' } },
			"'Minimum Amount' is not a number: a lot",
		],
	])('%s', async (_what, settings, sentence) => {
		const { kopoKopo, create, exists } = trigger(settings);

		for (const hook of [create, exists]) {
			const error = await thrownBy(hook());
			expect(error).toBeInstanceOf(NodeOperationError);
			expect(error.message).toContain(sentence);
			expect(String(error.description).length).toBeGreaterThan(10);
		}
		expect(kopoKopo.sent).toEqual([]);
	});

	test('no URL at all', async () => {
		const { create } = trigger({ url: null });
		expect((await thrownBy(create())).message).toBe(
			'Kopo Kopo only calls addresses that begin with https://, and this n8n has no public address',
		);
	});
});

describe('settings with which the trigger is activated', () => {
	test('an http URL in a custom environment', async () => {
		const { kopoKopo, create } = trigger({
			url: 'http://localhost:5678/webhook/1',
			credential: { environment: 'custom', baseUrl: 'http://localhost:4010' },
		});

		await create();

		expect(kopoKopo.bodies).toHaveLength(1);
	});

	test('invalid tills if Scope is Company', async () => {
		const { kopoKopo, create } = trigger({ scope: 'company', tillNumber: 'my shop' });

		await create();

		expect(kopoKopo.bodies).toHaveLength(1);
	});

	test('no tills if all events exist for the company only', async () => {
		const { kopoKopo, create } = trigger({
			triggerOn: ['customer_created'],
			scope: 'till',
			tillNumber: '',
		});

		await create();

		expect(kopoKopo.bodies).toHaveLength(1);
	});
});

describe('the message about remaining subscriptions after a deactivation', () => {
	test('names each event once, as the menu does', async () => {
		const { create, leftBehind } = trigger({
			triggerOn: ['customer_created', 'card_transaction_received'],
			scope: 'till',
			tillNumber: '11, 22',
		});
		await create();

		expect(leftBehind()).toContain(
			'no way to unsubscribe. It still sends Customer Created of the company, Card Payment Received of till 11, Card Payment Received of till 22, and n8n rejects',
		);
	});

	test('is undefined when nothing was subscribed', () => {
		expect(trigger().leftBehind()).toBeUndefined();
	});

	test('does not name an event that may not have been subscribed', async () => {
		const { kopoKopo, create, leftBehind } = trigger();
		kopoKopo.creates.push(failing(500));
		await thrownBy(create());

		expect(leftBehind()).toBeUndefined();
	});
});

describe('the warning about a subscription with earlier settings', () => {
	const till = { scope: 'till', tillNumber: '112233' } as const;

	test.each<[what: string, before: Trigger, after: Trigger, said: string]>([
		['Scope', till, { scope: 'company' }, 'M-Pesa Payment Received (Buy Goods) of till 112233'],
		['Scope', {}, till, 'M-Pesa Payment Received (Buy Goods) of the company'],
		['tills', till, { tillNumber: '445566' }, 'M-Pesa Payment Received (Buy Goods) of till 112233'],
		[
			'Daraja Payload',
			{ darajaPayload: true },
			{ darajaPayload: false },
			'M-Pesa Payment Received (Buy Goods) of the company as Daraja Payload',
		],
		[
			'Registration',
			{},
			{ registration: 'manual' },
			'M-Pesa Payment Received (Buy Goods) of the company',
		],
	])('is logged with each activation after a change of %s', async (_what, before, after, said) => {
		const { create, exists } = trigger(before);
		await create();
		expect(warnings).toEqual([]);

		const isLogged = await exists(after);
		expect(warnings).toHaveLength(isLogged ? 1 : 0);
		if (!isLogged) await create(after);
		expect(warnings).toHaveLength(1);

		const [line] = warnings;
		expect(line).toContain(`with earlier settings, since it has no way to unsubscribe: ${said}.`);
		warnings = [];
		expect(await exists(after)).toBe(true);
		expect(warnings).toEqual([line]);
	});

	test('names all of them', async () => {
		const { create } = trigger({ ...till, tillNumber: '11, 22' });
		await create();

		await create({ scope: 'company' });

		expect(warnings[0]).toContain(
			'unsubscribe: M-Pesa Payment Received (Buy Goods) of till 11, M-Pesa Payment Received (Buy Goods) of till 22.',
		);
	});

	test('is not logged for a subscription that may not exist', async () => {
		const { kopoKopo, create } = trigger(till);
		kopoKopo.creates.push(failing(500));
		await thrownBy(create());

		await create({ scope: 'company' });

		expect(warnings).toEqual([]);
	});

	test('is not logged for an event that has no Daraja payload', async () => {
		const { create, exists } = trigger({
			triggerOn: ['buygoods_transaction_reversed'],
			darajaPayload: true,
		});
		await create();

		expect(await exists()).toBe(true);

		expect(warnings).toEqual([]);
	});

	test('is not logged for events that are no longer selected', async () => {
		const { create } = trigger(till);
		await create();

		await create({ triggerOn: ['customer_created'], scope: 'company' });

		expect(warnings).toEqual([]);
	});
});

describe('static data', () => {
	// Other keys would be unknown to an n8n that has stored these.
	test('has keys of 32 hexadecimal digits', async () => {
		const { create, staticData } = trigger();
		await create();

		expect(Object.keys(staticData.kopoKopoSubscriptions as object)).toEqual([
			expect.stringMatching(/^[0-9a-f]{32}$/),
		]);
	});

	test('is not written when there is nothing new', async () => {
		const { create, exists, staticData } = trigger();
		await create();
		const before = staticData.kopoKopoSubscriptions;

		await exists();
		await create();

		expect(staticData.kopoKopoSubscriptions).toBe(before);
	});

	test('keeps the subscriptions of another trigger, whichever is saved last', async () => {
		const { create, kopoKopo } = trigger();
		const [first, second]: IDataObject[] = [{}, {}];
		await create({}, first);
		await create({ triggerOn: ['customer_created'] }, second);

		for (const data of [first, second]) {
			const saved = JSON.parse(JSON.stringify(data)) as { kopoKopoSubscriptions: object };
			expect(Object.keys(saved.kopoKopoSubscriptions)).toHaveLength(kopoKopo.bodies.length);
		}
	});

	test('is written again by the next activation if it was undone', async () => {
		const { create, exists, kopoKopo } = trigger();
		await create();
		const undone: IDataObject = {};

		expect(await exists({}, undone)).toBe(true);

		expect(Object.keys(undone.kopoKopoSubscriptions as object)).toHaveLength(1);
		expect(kopoKopo.bodies).toHaveLength(1);
	});

	test('does not undo the confirmation of a subscription', async () => {
		const { create, exists, kopoKopo, staticData } = trigger();
		kopoKopo.creates.push(failing(500));
		await thrownBy(create());
		const undone = JSON.parse(JSON.stringify(staticData)) as IDataObject;
		jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 6 * 60_000);
		await create();
		jest.restoreAllMocks();

		expect(await exists({}, undone)).toBe(true);
	});
});

describe('what a hook throws', () => {
	const context = { getNode: () => kopoKopoNode } as unknown as IHookFunctions;
	const thrown = async (error: Error) =>
		await thrownBy(
			withSingleLineErrors(context, async () => {
				await Promise.resolve();
				throw error;
			}),
		);

	test('says what happened and what to do in one text', async () => {
		const error = await thrown(
			new NodeOperationError(kopoKopoNode, 'It failed', { description: 'Try again.' }),
		);
		expect(error).toBeInstanceOf(NodeOperationError);
		expect(error.message).toBe('It failed. Try again.');
	});

	test('is only the message if there is no remedy', async () => {
		expect((await thrown(new Error('It failed'))).message).toBe('It failed');
	});

	test('is nothing if the hook succeeds', async () => {
		expect(await withSingleLineErrors(context, async () => await Promise.resolve(5))).toBe(5);
	});
});
