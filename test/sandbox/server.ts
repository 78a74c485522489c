import formbody from '@fastify/formbody';
import fastify, { type FastifyRequest, type FastifyServerOptions } from 'fastify';

import { Business, Waits } from './clock';
import { Company } from './company';
import { DEFAULT_CONFIG, type SandboxConfig } from './config';
import { controlRoutes } from './control';
import { Deliveries, type Delivery, type Letter } from './deliveries';
import { Door, UNREADABLE } from './door';
import { endpoints, statusBody } from './endpoints';
import { Ledger } from './ledger';
import { References } from './money';
import { Tokens } from './oauth';
import { Orders, type Ordered } from './orders';
import { Impossible, type BankAct, type CustomerAct, type Resource, type World } from './resource';
import { Till } from './till';
import { WeatherStation } from './weather';
import { Webhooks } from './webhooks';

type Details<A extends { deed: string }> = Omit<A, 'deed'>;

/** A running Kopo Kopo: where it is, and its puppet strings. */
export interface Sandbox extends SandboxConfig {
	url: string;
	controlUrl: string;
	customer: {
		pay(id: string, details?: Details<CustomerAct>): void;
		refuse(id: string, details?: Details<CustomerAct>): void;
		insufficientFunds(id: string, details?: Details<CustomerAct>): void;
		/** STK: the prompt lapses. Payment link: it expires. */
		letExpire(id: string, details?: Details<CustomerAct>): void;
		act(id: string, act: CustomerAct): void;
		/** Standing order: what the next (`times: n`) or every customer does. */
		will(order: Ordered<CustomerAct>): void;
		forget(): void;
	};
	bank: {
		transfer(id: string, details?: Details<BankAct>): void;
		cancel(id: string, details?: Details<BankAct>): void;
		partly(id: string, details?: Details<BankAct>): void;
		act(id: string, act: BankAct): void;
		will(order: Ordered<BankAct>): void;
		forget(): void;
	};
	till: Pick<Till, 'transactions' | 'find' | 'buygoods' | 'b2b' | 'card' | 'reverse' | 'undoCard'>;
	company: Pick<Company, 'settle' | 'meetCustomer'>;
	weather: WeatherStation;
	ledger: Ledger;
	deliveries: Deliveries;
	tokens: Pick<Tokens, 'end'>;
	/** Posts this very body, signed, wrongly signed or unsigned. */
	send(letter: Omit<Letter, 'kind'>): Delivery;
	/** Resolves when every standing order is carried out and all post is delivered or given up. */
	settled(): Promise<void>;
	/** The status body of a resource, as a GET would show it. */
	status(id: string): Record<string, unknown>;
	/** Back to an empty sandbox; tokens in use may stay valid. */
	reset(options?: { keepTokens?: boolean }): Promise<void>;
	close(): Promise<void>;
}

const MULTIPART_FIELD = /name="([^"]+)"[^\r\n]*\r?\n(?:[^\r\n]+\r?\n)*\r?\n([\s\S]*?)\r?\n--/g;

/** JSON whatever the content type claims, or the multipart that the reference's curl samples send. */
function readBody(text: string): unknown {
	if (!text.trim()) return undefined;
	if (text.startsWith('--')) {
		return Object.fromEntries([...text.matchAll(MULTIPART_FIELD)].map((part) => part.slice(1)));
	}
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return UNREADABLE;
	}
}

/** Starts a Kopo Kopo on this machine (contract, all of it). */
export async function startSandbox(options: Partial<SandboxConfig> = {}): Promise<Sandbox> {
	const config: SandboxConfig = { ...DEFAULT_CONFIG, ...options };
	let baseUrl = '';
	const waits = new Waits();
	const business = new Business();
	const ledger = new Ledger(config.openingBalance);
	const weather = new WeatherStation(config.seed);
	const deliveries = new Deliveries(config, waits, business);
	const tokens = new Tokens(config, ledger);
	const webhooks = new Webhooks(ledger, deliveries, () => baseUrl);
	const references = new References();
	const company = new Company(ledger, webhooks, references);
	const till = new Till(config, ledger, webhooks, references, company);
	const resources = new Map<string, Resource>();
	const world: World = {
		config,
		ledger,
		deliveries,
		till,
		references,
		webhooks,
		waits,
		resources,
		customers: new Orders<CustomerAct>(),
		bankers: new Orders<BankAct>(),
		report({ id, callbackUrl }) {
			const resource = resources.get(id);
			if (!resource || !callbackUrl) return;
			deliveries.send({
				kind: 'result',
				url: callbackUrl,
				resourceId: id,
				body: JSON.stringify(resource.letter?.() ?? statusBody(resource)),
			});
		},
		later(ms, deed) {
			const turn = waits.wait(ms).then((isTime) => {
				if (isTime) deed();
			});
			void business.during(turn);
		},
	};

	const resource = (id: string) => {
		const found = resources.get(id);
		if (!found) throw new Impossible(`No resource ${id}`, 404);
		return found;
	};
	const refuseIfDone = ({ isOpen, kind, attributes }: Resource) => {
		const { status } = attributes();
		if (!isOpen?.()) throw new Impossible(`The ${kind.type} is ${String(status)} already`);
	};
	const customerActs = (id: string, act: CustomerAct) => {
		const asked = resource(id);
		const { customer, kind } = asked;
		if (!customer) throw new Impossible(`No customer is asked about a ${kind.type}`);
		refuseIfDone(asked);
		customer(act);
	};
	const bankActs = (id: string, act: BankAct) => {
		const asked = resource(id);
		const { bank, kind } = asked;
		if (!bank) throw new Impossible(`No bank is asked about a ${kind.type}`);
		refuseIfDone(asked);
		bank(act);
	};

	const plain: FastifyServerOptions = {
		forceCloseConnections: true,
		exposeHeadRoutes: false,
		keepAliveTimeout: 60_000,
	};
	// Typed as plain http: nothing below depends on which of the two it is.
	const app = fastify({ ...plain, https: config.tls } as FastifyServerOptions);
	app.removeAllContentTypeParsers();
	await app.register(formbody);
	app.addContentTypeParser(
		'*',
		{ parseAs: 'string' },
		async (_request: FastifyRequest, text: string) => readBody(text),
	);

	const sandbox: Sandbox = {
		...config,
		url: '',
		controlUrl: '',
		customer: {
			pay: (id, details) => customerActs(id, { ...details, deed: 'pay' }),
			refuse: (id, details) => customerActs(id, { ...details, deed: 'refuse' }),
			insufficientFunds: (id, details) => customerActs(id, { ...details, deed: 'insufficient' }),
			letExpire: (id, details) => customerActs(id, { ...details, deed: 'expire' }),
			act: customerActs,
			will: (order) => world.customers.add(order),
			forget: () => world.customers.clear(),
		},
		bank: {
			transfer: (id, details) => bankActs(id, { ...details, deed: 'transfer' }),
			cancel: (id, details) => bankActs(id, { ...details, deed: 'cancel' }),
			partly: (id, details) => bankActs(id, { ...details, deed: 'partial' }),
			act: bankActs,
			will: (order) => world.bankers.add(order),
			forget: () => world.bankers.clear(),
		},
		till,
		company,
		weather,
		ledger,
		deliveries,
		tokens,
		send: (letter) => deliveries.send({ ...letter, kind: 'raw' }),
		settled: async () => await business.settled(),
		status: (id) => statusBody(resource(id)),
		async reset({ keepTokens = false } = {}) {
			waits.stop();
			await deliveries.clear();
			resources.clear();
			till.clear();
			company.clear();
			references.clear();
			webhooks.clear();
			weather.reset();
			world.customers.clear();
			world.bankers.clear();
			ledger.clear();
			if (!keepTokens) tokens.clear();
		},
		async close() {
			waits.stop();
			await deliveries.close();
			await app.close();
		},
	};

	const door = new Door(ledger, weather, tokens, waits);
	app.post(
		'/oauth/token',
		door.handler((call) => tokens.issue(call), 'open'),
	);
	app.post(
		'/oauth/revoke',
		door.handler((call) => tokens.revoke(call), 'open'),
	);
	app.post(
		'/oauth/introspect',
		door.handler((call) => tokens.introspect(call), 'open'),
	);
	app.get(
		'/oauth/token/info',
		door.handler((call) => tokens.info(call), 'open'),
	);
	for (const { method, url, work } of endpoints(world, () => baseUrl)) {
		app.route({ method, url, handler: door.handler(work) });
	}
	app.setNotFoundHandler(door.handler(() => ({ status: 404 }), 'open'));
	await app.register(controlRoutes(sandbox), { prefix: '/control' });

	baseUrl = await app.listen({ port: config.port, host: config.host });
	sandbox.port = Number(new URL(baseUrl).port);
	sandbox.url = baseUrl;
	sandbox.controlUrl = `${baseUrl}/control`;
	return sandbox;
}
