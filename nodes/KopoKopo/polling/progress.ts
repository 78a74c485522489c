import type { IDataObject } from 'n8n-workflow';
import { asObject, asTextOrNull } from '../domain/json';
import { GivenUpPayments, type StoredGivenUp } from './givenUpPayments';
import { SeenPayments, type StoredSeen } from './seenPayments';
import type { Settings } from './settings';

/** A poll whose result Kopo Kopo has not returned yet. Times are in ms since the epoch. */
export interface PendingPoll {
	id: string;
	/** The period. */
	from: number;
	to: number;
	/** Kopo Kopo's time when it accepted the poll, if its response reported the time. */
	requestedAt?: number;
}

/** How far the trigger has come with a scope. Times are in ms since the epoch by Kopo Kopo's clock. */
export interface ScopeProgress {
	/** Every listed payment made before this time is done. */
	cursor: number;
	/** The earliest start of a period. Payments from this time on are recognized if they are listed again. */
	since: number;
	pending?: PendingPoll;
}

/** How often executions of a payment have failed or were lost, by its hash. */
type Failures = Record<string, number>;

/** What n8n stores about a trigger, as JSON. */
interface StoredProgress extends IDataObject {
	/** The start time in the settings with which the trigger started; missing if it started from now. */
	startedFrom?: number;
	/** When the trigger was activated, by this machine's clock; only stored until Kopo Kopo's time is known. */
	activatedAt?: number;
	scopes: IDataObject;
	seen: StoredSeen;
	failures: Failures;
	givenUp?: StoredGivenUp;
}

/**
 * What a trigger needs to know after a restart. The states that several processes have stored can be merged in
 * any order, since a payment that is done stays done and cursors only move forward.
 */
export class Progress {
	startedFrom: number | undefined;
	activatedAt: number | undefined;
	readonly scopes = new Map<string, ScopeProgress>();
	seen = new SeenPayments();
	readonly failures = new Map<string, number>();
	givenUp = new GivenUpPayments();

	/** Adds what n8n has stored, unless it was stored for another start time than the one in the settings. */
	load(stored: unknown, { startFrom }: Pick<Settings, 'startFrom'>): void {
		const other = asObject(stored) as Partial<StoredProgress>;
		if (startFrom !== undefined && other.startedFrom !== startFrom) return;
		this.activatedAt ??= asNumber(other.activatedAt);
		this.seen.load(asTexts(other.seen));
		this.givenUp.load(other.givenUp);
		for (const [hash, failures] of Object.entries(asObject(other.failures))) {
			this.failures.set(hash, Math.max(Number(failures), this.failures.get(hash) ?? 0));
		}
		for (const [key, value] of Object.entries(asObject(other.scopes))) {
			const scope = asScope(value);
			if (scope !== undefined) this.mergeScope(key, scope);
		}
	}

	/**
	 * Starts over if the start time in the settings has changed. Payments that are done are then emitted again.
	 * @returns whether the start time has changed
	 */
	restartFor({ startFrom }: Pick<Settings, 'startFrom'>): boolean {
		const hasChanged = startFrom !== undefined && startFrom !== this.startedFrom;
		this.startedFrom = startFrom;
		if (!hasChanged) return false;
		this.scopes.clear();
		this.failures.clear();
		this.seen = new SeenPayments();
		this.givenUp = new GivenUpPayments();
		return true;
	}

	/**
	 * Gives each new scope a cursor, and deletes the scopes that are no longer in the settings. If the trigger
	 * has polled other scopes before, it takes over their cursor, so that a changed Scope or Till Number misses nothing.
	 * @param start the cursor if there are no other scopes, ms since the epoch; undefined if it is not known yet
	 */
	setScopes(keys: string[], start: number | undefined): void {
		const earlier = [...this.scopes.values()];
		const company = this.scopes.get('company');
		for (const key of keys) {
			if (this.scopes.has(key)) continue;
			const cursor =
				company?.cursor ?? Math.min(...earlier.map((one) => one.cursor), start ?? Infinity);
			if (cursor === Infinity) continue;
			// A till that is added to others has no payments before its cursor that could be recognized.
			const isCovered = company !== undefined || (key === 'company' && earlier.length > 0);
			const since = isCovered ? Math.max(...earlier.map((one) => one.since)) : cursor;
			this.scopes.set(key, { cursor, since });
		}
		for (const key of this.scopes.keys()) if (!keys.includes(key)) this.scopes.delete(key);
	}

	toJSON(): StoredProgress {
		return {
			...(this.startedFrom !== undefined && { startedFrom: this.startedFrom }),
			...(this.activatedAt !== undefined && { activatedAt: this.activatedAt }),
			scopes: JSON.parse(JSON.stringify(Object.fromEntries(this.scopes))) as IDataObject,
			seen: this.seen.toJSON(),
			failures: Object.fromEntries(this.failures),
			givenUp: this.givenUp.toJSON(),
		};
	}

	private mergeScope(key: string, other: ScopeProgress): void {
		const own = this.scopes.get(key);
		if (own === undefined) {
			this.scopes.set(key, other);
			return;
		}
		if (other.cursor <= own.cursor) return;
		own.cursor = other.cursor;
		own.since = Math.max(own.since, other.since);
	}
}

const asNumber = (value: unknown): number | undefined =>
	typeof value === 'number' && Number.isFinite(value) ? value : undefined;

const asTexts = (value: unknown): StoredSeen =>
	Object.fromEntries(
		Object.entries(asObject(value)).filter(
			(entry): entry is [string, string] => typeof entry[1] === 'string',
		),
	);

function asScope(value: unknown): ScopeProgress | undefined {
	const { cursor, since, pending } = asObject(value);
	const at = asNumber(cursor);
	if (at === undefined) return undefined;
	const poll = asPending(pending);
	// If the period starts after the cursor, the payments in between were listed in a process that has ended.
	const isUsable = poll !== undefined && poll.from <= at;
	return { cursor: at, since: asNumber(since) ?? at, ...(isUsable && { pending: poll }) };
}

function asPending(value: unknown): PendingPoll | undefined {
	const { id, from, to, requestedAt } = asObject(value);
	const poll = { id: asTextOrNull(id), from: asNumber(from), to: asNumber(to) };
	if (poll.id === null || poll.from === undefined || poll.to === undefined) return undefined;
	const at = asNumber(requestedAt);
	return {
		id: poll.id,
		from: poll.from,
		to: poll.to,
		...(at !== undefined && { requestedAt: at }),
	};
}
