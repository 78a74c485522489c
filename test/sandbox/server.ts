import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';

import { DEFAULT_CONFIG, type SandboxConfig } from './config';
import { controlRoutes } from './controlApi';
import { createControls, type SandboxControls } from './controls';
import { resourceEndpoints } from './endpoints';
import { acceptBodies } from './requestBody';
import { RequestPipeline } from './requestPipeline';
import { PAGE_PATH, pageRoutes } from './page/pageRoutes';
import { rejectOtherWebsites } from './sameMachine';
import { createSimulation, type Simulation } from './simulation';

/** A running sandbox: its configuration, its addresses and its controls. */
export interface Sandbox extends SandboxConfig, SandboxControls {
	url: string;
	controlUrl: string;
	/** Where a person plays the customers and the bank. */
	pageUrl: string;
	/** Stops the server, all timers and all deliveries. */
	close(): Promise<void>;
}

/** Starts a Kopo Kopo on this machine: its API, the control API under /control, and the page under /phone. */
export async function startSandbox(options: Partial<SandboxConfig> = {}): Promise<Sandbox> {
	const config: SandboxConfig = { ...DEFAULT_CONFIG, ...options };
	let url = '';
	const simulation = createSimulation(config, () => url);
	const serverOptions: FastifyServerOptions = {
		forceCloseConnections: true,
		exposeHeadRoutes: false,
		keepAliveTimeout: 60_000,
		// No route has a schema. Fastify's own compilers would take a tenth of a second to load.
		schemaController: {
			compilersFactory: { buildValidator: () => refuseSchema, buildSerializer: () => refuseSchema },
		},
		// As a Rails server does: the Ruby SDK doubles a slash where its base URL ends with one.
		routerOptions: { ignoreDuplicateSlashes: true, ignoreTrailingSlash: true },
	};
	// With `https`, Fastify returns another type; nothing here depends on the difference.
	const app = fastify({ ...serverOptions, https: config.tls } as FastifyServerOptions);
	const sandbox: Sandbox = {
		...config,
		...createControls(simulation),
		url: '',
		controlUrl: '',
		pageUrl: '',
		async close() {
			await simulation.stop();
			await app.close();
		},
	};

	await acceptBodies(app);
	rejectOtherWebsites(app);
	registerApi(app, simulation, () => url);
	await app.register(controlRoutes(sandbox), { prefix: '/control' });
	await app.register(await pageRoutes(sandbox, simulation));

	url = await app.listen({ port: config.port, host: config.host });
	sandbox.port = Number(new URL(url).port);
	sandbox.url = url;
	sandbox.controlUrl = `${url}/control`;
	sandbox.pageUrl = `${url}${PAGE_PATH}`;
	return sandbox;
}

function refuseSchema(): never {
	throw new Error('The routes of the sandbox have no schemas.');
}

/** Adds Kopo Kopo's own endpoints; any other path is answered 404. */
function registerApi(
	app: FastifyInstance,
	{ context, faults, ledger, tokens, timers }: Simulation,
	baseUrl: () => string,
): void {
	const pipeline = new RequestPipeline(ledger, faults, tokens, timers);
	app.post(
		'/oauth/token',
		pipeline.handler((request) => tokens.issue(request), 'none'),
	);
	app.post(
		'/oauth/revoke',
		pipeline.handler((request) => tokens.revoke(request), 'none'),
	);
	app.post(
		'/oauth/introspect',
		pipeline.handler((request) => tokens.introspect(request), 'none'),
	);
	app.get(
		'/oauth/token/info',
		pipeline.handler((request) => tokens.info(request), 'none'),
	);
	for (const { method, url, handler } of resourceEndpoints(context, baseUrl)) {
		app.route({ method, url, handler: pipeline.handler(handler) });
	}
	app.setNotFoundHandler(pipeline.handler(() => ({ status: 404 }), 'none'));
}
