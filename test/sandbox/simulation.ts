import { Behaviours, type BankAction, type CustomerAction } from './actions';
import { Attendance } from './attendance';
import { Company } from './company';
import type { SandboxConfig } from './config';
import { Deliveries } from './deliveries';
import { statusBody } from './endpoints';
import { FaultInjector } from './faultInjection';
import { Ledger } from './ledger';
import { Tokens } from './oauth';
import { TransactionReferences } from './references';
import type { Resource, ResourceContext } from './resources/resource';
import { ActivityTracker, Timers } from './scheduling';
import { TillPayments } from './tillPayments';
import { Webhooks } from './webhooks';

/** The state of a sandbox, without its HTTP server. */
export interface Simulation {
	ledger: Ledger;
	faults: FaultInjector;
	deliveries: Deliveries;
	tokens: Tokens;
	company: Company;
	till: TillPayments;
	timers: Timers;
	/** Timers of the page's connections, which a reset does not cancel. */
	pageTimers: Timers;
	attendance: Attendance;
	/** Scheduled actions and deliveries in progress. */
	activity: ActivityTracker;
	/** What the resources work on. */
	context: ResourceContext;
	/** Empties the sandbox; with `keepTokens` the access tokens stay valid. */
	reset(options?: { keepTokens?: boolean }): Promise<void>;
	/** Stops all timers and deliveries. */
	stop(): Promise<void>;
}

/**
 * Creates the state of one Kopo Kopo. `baseUrl` is asked for every link, because the server has no
 * address until it listens.
 */
export function createSimulation(config: SandboxConfig, baseUrl: () => string): Simulation {
	const timers = new Timers();
	const pageTimers = new Timers();
	const attendance = new Attendance();
	const activity = new ActivityTracker();
	const ledger = new Ledger(config.openingBalance);
	const faults = new FaultInjector(config.seed);
	const deliveries = new Deliveries(config, timers, activity);
	const tokens = new Tokens(config, ledger);
	const webhooks = new Webhooks(ledger, deliveries, baseUrl);
	const references = new TransactionReferences(config.firstReference);
	const company = new Company(ledger, webhooks, references);
	const till = new TillPayments(config, ledger, webhooks, references, company);
	const resources = new Map<string, Resource>();
	const customerBehaviours = new Behaviours<CustomerAction>();
	const bankBehaviours = new Behaviours<BankAction>();

	const context: ResourceContext = {
		config,
		ledger,
		till,
		references,
		webhooks,
		resources,
		attendance,
		customerBehaviours,
		bankBehaviours,
		sendResult({ id, callbackUrl }) {
			const resource = resources.get(id);
			if (!resource || !callbackUrl) return;
			deliveries.send({
				kind: 'result',
				url: callbackUrl,
				resourceId: id,
				body: JSON.stringify(resource.callbackBody?.() ?? statusBody(resource)),
			});
		},
		schedule(ms, action) {
			const scheduled = timers.wait(ms).then((isTime) => {
				if (isTime) action();
			});
			void activity.track(scheduled);
		},
	};

	return {
		ledger,
		faults,
		deliveries,
		tokens,
		company,
		till,
		timers,
		pageTimers,
		attendance,
		activity,
		context,
		async reset({ keepTokens = false } = {}) {
			timers.cancelAll();
			attendance.clear();
			await deliveries.clear();
			resources.clear();
			till.clear();
			company.clear();
			webhooks.clear();
			faults.reset();
			customerBehaviours.clear();
			bankBehaviours.clear();
			ledger.clear();
			if (!keepTokens) tokens.clear();
		},
		async stop() {
			timers.cancelAll();
			pageTimers.cancelAll();
			await deliveries.close();
		},
	};
}
