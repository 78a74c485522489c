import type { Waits } from './clock';
import type { SandboxConfig } from './config';
import type { Deliveries } from './deliveries';
import type { Cause, Ledger } from './ledger';
import type { References } from './money';
import type { Orders } from './orders';
import type { Till } from './till';
import type { JsonObject, Problem } from './validation';
import type { Webhooks } from './webhooks';

/** Something asked of the customer, the bank or the till that cannot happen (any more). */
export class Impossible extends Error {
	constructor(
		message: string,
		readonly status: 404 | 409 = 409,
	) {
		super(message);
	}
}

export interface CustomerAct {
	deed: 'pay' | 'refuse' | 'insufficient' | 'expire';
	/** Replaces the words of a refusal. */
	reason?: string;
	/** Who pays a payment link. */
	phone?: string;
}

export interface BankAct {
	deed: 'transfer' | 'cancel' | 'partial';
	/** Replaces the words of a cancellation. */
	reason?: string;
	/** Which destinations a partial transfer leaves out, counted from 0; the last when absent. */
	cancelled?: number[];
	/** What to give back for a reversal of a transaction this sandbox never saw. */
	amount?: number;
}

/** What every resource is born with. */
export interface Birth {
	id: string;
	/** Under what the ledger books the shillings that this resource moves. */
	cause: Cause & { requestSeq: number };
	at: Date;
	version: 'v1' | 'v2';
	self: string;
	body: JsonObject;
	callbackUrl: string | null;
	/** `{ callback_url, self }`, as every async result carries it. */
	links: JsonObject;
}

/** What differs from resource to resource; state lives in the closure that `open` returns. */
export interface Life {
	attributes(): JsonObject;
	/** Whether the customer or the bank can still act; asked before either does. */
	isOpen?(): boolean;
	customer?(act: CustomerAct): void;
	bank?(act: BankAct): void;
	/** Why it cannot be cancelled, or nothing when it was. */
	cancel?(): string | undefined;
	/** Replaces the usual `{ data: { id, type, attributes } }`. */
	body?(): JsonObject;
	/** Replaces the status body in the result callback. */
	letter?(): JsonObject;
	/** What a create is answered with instead of 201, Location and no body. */
	created?: { status: number; body?: JsonObject };
}

export interface Resource extends Life {
	id: string;
	kind: ResourceKind;
	birth: Birth;
}

export interface World {
	config: SandboxConfig;
	ledger: Ledger;
	deliveries: Deliveries;
	till: Till;
	references: References;
	webhooks: Webhooks;
	waits: Waits;
	customers: Orders<CustomerAct>;
	bankers: Orders<BankAct>;
	resources: Map<string, Resource>;
	/** Tells the result callback URL how the resource stands. */
	report(birth: Birth): void;
	/** Does something after a while, unless the sandbox is reset or closed first. */
	later(ms: number, deed: () => void): void;
}

/** One row of the table of endpoints: where it lives, what it refuses, how it behaves. */
export interface ResourceKind {
	/** data.type of the answers. */
	type: string;
	/** As in "… not found". */
	noun: string;
	collections: string[];
	/** Replaces the usual UUID. */
	newId?(): string;
	/** Whether a body on a shared collection is meant for this row; the first that claims it wins. */
	claims?(body: JsonObject, version: 'v1' | 'v2'): boolean;
	check(body: JsonObject, context: { version: 'v1' | 'v2'; world: World }): Problem;
	open(birth: Birth, world: World): Life;
	/** GET of the collection, which nothing official offers. */
	list?(resources: Resource[], query: URLSearchParams): JsonObject;
}
