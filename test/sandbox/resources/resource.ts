import type { BankAction, Behaviours, CustomerAction } from '../actions';
import type { Attendance } from '../attendance';
import type { SandboxConfig } from '../config';
import type { JsonObject } from '../json';
import type { Ledger, MovementCause } from '../ledger';
import type { TransactionReferences } from '../references';
import type { TillPayments } from '../tillPayments';
import type { Webhooks } from '../webhooks';
import type { Problem } from './validation';

export type ApiVersion = 'v1' | 'v2';

/** The create request that a resource began with. */
export interface AcceptedRequest {
	/** The new resource's ID. */
	id: string;
	/** The cause under which the ledger records the money that this resource moves. */
	cause: MovementCause & { requestSeq: number };
	acceptedAt: Date;
	version: ApiVersion;
	/** The resource's own URL. */
	self: string;
	body: JsonObject;
	callbackUrl: string | null;
	/** `{ callback_url, self }`, as every asynchronous result contains it. */
	links: JsonObject;
}

/** What a customer is asked to pay. */
export interface Prompt {
	till: string;
	/** KES. */
	amount: number;
	/** +254…; null while nobody has opened the payment link on a phone. */
	phone: string | null;
	askedAt: Date;
}

/** One transfer that the bank is asked to make. */
export interface RequestedPayout {
	to: string;
	/** +254…; null when the payee has no phone. */
	phone: string | null;
	/** KES. */
	amount: number;
}

/** What the customer sees of a payment link. */
export interface LinkDetails {
	/** The path of its page. */
	path: string;
	status: string;
	till: string;
	/** KES. */
	amount: number;
	note: string | null;
	paymentReference: string | null;
	expiresAt: Date;
}

/** What one resource can do. Its state is in the closure of the `create` that returns this. */
export interface ResourceMethods {
	attributes(): JsonObject;
	/** Whether the customer or the bank can still act. It is asked before either does. */
	isOpen?(): boolean;
	/** Carries out an action of the customer; absent when no customer is involved. */
	customer?(action: CustomerAction): void;
	/** What the customer is asked to pay; absent when no customer is involved. */
	prompt?(): Prompt;
	/** Shows the prompt of a payment link on this phone, +254…; absent when the request names the phone. */
	sendPrompt?(phone: string): void;
	link?(): LinkDetails;
	/** What the bank is asked to transfer; absent when no bank is involved. */
	payouts?(): RequestedPayout[];
	/** Carries out an action of the bank; absent when no bank is involved. */
	bank?(action: BankAction): void;
	/** Cancels the resource, or returns the reason why that is not possible. */
	cancel?(): string | undefined;
	/** Replaces `{ data: { id, type, attributes } }` as the body of a GET. */
	body?(): JsonObject;
	/** Replaces that body in the result callback. */
	callbackBody?(): JsonObject;
	/** Replaces the response to the create, by default 201 with Location and without a body. */
	createResponse?: { status: number; body?: JsonObject };
}

export interface Resource extends ResourceMethods {
	id: string;
	kind: ResourceKind;
	request: AcceptedRequest;
}

/** The parts of the sandbox that resources use. */
export interface ResourceContext {
	config: SandboxConfig;
	ledger: Ledger;
	till: TillPayments;
	references: TransactionReferences;
	webhooks: Webhooks;
	customerBehaviours: Behaviours<CustomerAction>;
	bankBehaviours: Behaviours<BankAction>;
	resources: Map<string, Resource>;
	/** Automatic actions wait while somebody has the page open. */
	attendance: Attendance;
	/** Sends the resource's present state to its callback URL, if it has one. */
	sendResult(request: AcceptedRequest): void;
	/** Runs something after `ms` milliseconds, unless the sandbox is reset or closed first. */
	schedule(ms: number, action: () => void): void;
}

/** A type of resource: its paths, what it rejects, and how its resources behave. */
export interface ResourceKind {
	/** `data.type` of its bodies. */
	type: string;
	/** As Kopo Kopo writes it in "… not found". */
	noun: string;
	/** The paths on which it is created. */
	collections: string[];
	/** Replaces the usual UUID. */
	newId?(): string;
	/** Whether a create on a path of several kinds is meant for this one; always when absent. */
	claims?(body: JsonObject, version: ApiVersion): boolean;
	/** Why a create is rejected, or nothing when it is valid. */
	check(body: JsonObject, options: { version: ApiVersion; context: ResourceContext }): Problem;
	create(request: AcceptedRequest, context: ResourceContext): ResourceMethods;
	/**
	 * GET of the collection; only a third-party document describes it
	 * (docs/kopokopo-api.md#pagination).
	 */
	list?(resources: Resource[], query: URLSearchParams): JsonObject;
}
