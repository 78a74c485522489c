import { InvalidParameterError } from '../domain/errors';
import { ClaimError } from '../n8n/deduplicationClaims';
import { nodeKey } from '../n8n/deduplicationStore';
import { abortableSleep } from '../n8n/sleep';
import type { UnknownReason } from './itemResult';
import { claimEntries, entriesOf, releaseEntries, severalProcessesEntry } from './repeatEntries';
import {
	forgetRequest,
	isWithin,
	type RecentRequest,
	recentRequests,
	rememberRequest,
} from './repeatHistory';
import type { PayoutLineage } from './payoutLineage';
import { areKnown, notSentAgain, requestsThatAreOver } from './repeatRule';
import type { PreparedItem, Run } from './run';

/** How long a process keeps the entries of a claim that is refused, in ms; usually it takes half of this. */
const REFUSAL_MS = 500;

/** Why an item must not be sent, or the error that prevented its comparison. */
export type Verdict = { reason: UnknownReason } | { error: ClaimError } | undefined;

/** A request that is compared with those of other executions, however many items of this run are equal to it. */
export class PayoutClaim {
	private readonly itemIndexes: number[] = [];

	/** The requests that were, or may still be, sent, by item. */
	private readonly requests = new Map<number, RecentRequest>();

	/** Its name in the memory of this process. */
	private readonly name: string;

	/** The execution that sends it. */
	private readonly execution: string;

	/** Its entries in n8n's store. */
	private readonly entries: string[];

	/** Those that this run has written. */
	private written: string[] = [];

	/** This execution, or one that it retries, has sent an equal one already, as in an earlier pass of a loop. */
	private readonly isOwn: boolean;

	/** Ends when the entries of the items that are being sent are in the store. */
	private recording: Promise<void> = Promise.resolve();

	verdict: Verdict;

	/** @param item the first of the equal items */
	constructor(
		private readonly run: Run,
		private readonly item: PreparedItem,
		private readonly fingerprint: string,
		private readonly lineage: PayoutLineage,
	) {
		const { context } = run;
		this.execution = context.getExecutionId();
		this.name = `${nodeKey(context)} ${fingerprint}`;
		this.isOwn = !run.isTool && lineage.hasSent(fingerprint);
		this.entries = entriesOf(fingerprint, this.window, Date.now());
	}

	add(itemIndex: number): void {
		this.itemIndexes.push(itemIndex);
	}

	/** Claims the request, or gives it a verdict. Never throws. */
	async claim(): Promise<void> {
		const { context } = this.run;
		try {
			const taken = await claimEntries(context, this.fingerprint, this.entries);
			this.written = this.entries.filter((entry) => !taken.includes(entry));
			await this.compare(taken);
		} catch (error) {
			this.verdict = { error: asClaimError(error) };
		}
		if (this.verdict !== undefined) {
			await releaseEntries(context, this.fingerprint, this.written);
		}
	}

	/** @param times entries that were in the store */
	private async compare(times: string[]): Promise<void> {
		const { run, item, fingerprint, name, execution, window } = this;
		const recordedAt = Date.now();
		const isKnown = () => areKnown(times, window, recentRequests(name));
		const isOwnElsewhere = this.isOwn && !isKnown();
		if (isOwnElsewhere) {
			const entries = this.lineage.executions.map((each) =>
				severalProcessesEntry(fingerprint, each),
			);
			await claimEntries(run.context, fingerprint, entries);
		}
		const requests = this.requestsOfOthers();
		const over = await requestsThatAreOver(run, item, { fingerprint, requests, times });
		// From here on nothing may wait: another execution with an equal request would decide in between.
		const open = this.requestsOfOthers().filter((request) => !over.has(request));
		if (open.length > 0 || (!this.isOwn && !isKnown())) {
			this.verdict = { reason: notSentAgain(run, item, open) };
			return;
		}
		for (const request of over) if (isWithin(request, window)) forgetRequest(name, request);
		// What the other process has sent cannot be looked up, so it counts as if it were sent now.
		if (isOwnElsewhere) {
			rememberRequest(name, { execution, recordedAt, endedAt: recordedAt, window });
		}
		for (const itemIndex of this.itemIndexes) {
			const request: RecentRequest = { execution, recordedAt, window };
			this.requests.set(itemIndex, request);
			rememberRequest(name, request);
		}
		this.lineage.add(fingerprint);
	}

	/** Requests of other executions. Of an AI agent, its other calls in the same execution count, too. */
	private requestsOfOthers(): RecentRequest[] {
		return recentRequests(this.name).filter(
			({ execution }) => this.run.isTool || !this.lineage.executions.includes(execution),
		);
	}

	/**
	 * Compares an item from now on, right before it is sent: in a long list, this may be long after the claim.
	 * Gives the request a verdict if it must not be sent. Never throws.
	 */
	async beforeSending(itemIndex: number): Promise<void> {
		// Equal items that are sent at the same time take turns: each would find the other's entries.
		this.recording = this.recording.then(async () => await this.record());
		await this.recording;
		if (this.verdict !== undefined && this.forget(itemIndex)) await this.release();
	}

	/** Records the request again if its entries do not reach far enough from now on. Never throws. */
	private async record(): Promise<void> {
		const now = Date.now();
		const missing = entriesOf(this.fingerprint, this.window, now).filter(
			(entry) => !this.entries.includes(entry),
		);
		if (this.verdict !== undefined || missing.length === 0) return;
		try {
			// Another process that has just tried to claim the request keeps its entries until it is refused.
			if (!(await this.claimFurther(missing))) {
				await abortableSleep(REFUSAL_MS);
				if (!(await this.claimFurther(missing))) {
					// Another process has sent it, since the claim was too old to stop it.
					this.verdict = { reason: notSentAgain(this.run, this.item) };
					return;
				}
			}
			for (const request of this.requests.values()) request.recordedAt = now;
		} catch (error) {
			this.verdict = { error: asClaimError(error) };
		}
	}

	/** Claims all of these entries or, if another process has some of them, none. @throws ClaimError */
	private async claimFurther(entries: string[]): Promise<boolean> {
		const { context } = this.run;
		const taken = await claimEntries(context, this.fingerprint, entries);
		const written = entries.filter((entry) => !taken.includes(entry));
		if (taken.length > 0) {
			await releaseEntries(context, this.fingerprint, written);
			return false;
		}
		this.entries.push(...written);
		this.written.push(...written);
		return true;
	}

	/**
	 * Records that the request of an item has ended.
	 * @param id of the accepted request, with which its result can be looked up
	 */
	ended(itemIndex: number, id: string | undefined): void {
		const request = this.requests.get(itemIndex);
		if (request === undefined) return;
		request.endedAt = Date.now();
		if (id !== undefined) request.id = id;
	}

	/** Forgets the request of an item. @returns whether none is left */
	forget(itemIndex: number): boolean {
		const request = this.requests.get(itemIndex);
		if (request === undefined) return false;
		this.requests.delete(itemIndex);
		forgetRequest(this.name, request);
		if (this.requests.size > 0) return false;
		if (!this.isOwn) this.lineage.remove(this.fingerprint);
		return true;
	}

	/** Removes from n8n's store what no equal request needs any more. */
	async release(): Promise<void> {
		const left = recentRequests(this.name).filter((request) => isWithin(request, this.window));
		const isOnlyOwnLeft = left.every(({ execution }) =>
			this.lineage.executions.includes(execution),
		);
		if (left.length > 0 && !(this.isOwn && isOnlyOwnLeft)) return;
		const entries = left.length > 0 ? this.written : this.entries;
		await releaseEntries(this.run.context, this.fingerprint, entries);
	}

	/** The time of 'Allow Repeats After', in ms. */
	private get window(): number {
		return this.item.settings.repeatWindowMs;
	}
}

/** The error of an item that could not be compared, and was not sent. */
export const notCompared = ({ message }: ClaimError): InvalidParameterError =>
	new InvalidParameterError(
		"n8n's database could not be read to check whether this was sent before",
		`Run it again. n8n reported: ${message}.`,
	);

const asClaimError = (error: unknown): ClaimError =>
	error instanceof ClaimError ? error : new ClaimError('database', false, error);
