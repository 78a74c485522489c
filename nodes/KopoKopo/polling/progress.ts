import type { IDataObject } from 'n8n-workflow';
import { asObject, asTextOrNull } from '../domain/json';
import { SeenPayments, type StoredSeen } from './seenPayments';
import type { Settings } from './settings';

/** A poll that Kopo Kopo is working on. */
export interface PendingPoll {
	id: string;
	/** The period, ms since the epoch. */
	from: number;
	to: number;
	/** Kopo Kopo's time when it accepted the poll, ms since the epoch; missing if it did not tell. */
	askedAt?: number;
}

/** How far the trigger is with one scope, in ms since the epoch by Kopo Kopo's clock. */
export interface ScopeProgress {
	/** Every payment that Kopo Kopo had listed up to here is done. */
	cursor: number;
	/** Payments from here on are remembered. A poll never looks further back. */
	since: number;
	pending?: PendingPoll;
}

/** How often the executions of a payment have failed, by its hash. */
type Attempts = Record<string, number>;

/** What n8n stores of a trigger, as JSON. */
interface StoredProgress extends IDataObject {
	/** The start time that this progress began with; missing if it began when the trigger was activated. */
	startedFrom?: number;
	/** When the trigger was first activated, by this machine's clock, until Kopo Kopo's time is known. */
	activatedAt?: number;
	scopes: IDataObject;
	seen: StoredSeen;
	attempts: Attempts;
}

/**
 * What a trigger has to know after a restart. It only grows: what several processes have stored can be
 * merged in any order, and the result is true if each part is.
 */
export class Progress {
	startedFrom: number | undefined;
	activatedAt: number | undefined;
	readonly scopes = new Map<string, ScopeProgress>();
	seen = new SeenPayments();
	readonly attempts = new Map<string, number>();

	/** Adds what n8n has stored, unless it belongs to another start time than the trigger is set to. */
	load(stored: unknown, { startFrom }: Pick<Settings, 'startFrom'>): void {
		const other = asObject(stored) as Partial<StoredProgress>;
		if (startFrom !== undefined && other.startedFrom !== startFrom) return;
		this.activatedAt ??= asNumber(other.activatedAt);
		this.seen.load(asTexts(other.seen));
		for (const [hash, attempts] of Object.entries(asObject(other.attempts))) {
			this.attempts.set(hash, Math.max(Number(attempts), this.attempts.get(hash) ?? 0));
		}
		for (const [key, value] of Object.entries(asObject(other.scopes))) {
			const scope = asScope(value);
			if (scope !== undefined) this.mergeScope(key, scope);
		}
	}

	/**
	 * Begins again at another start time, if the trigger is set to one. What is done then comes again.
	 * @returns whether it did
	 */
	restartFor({ startFrom }: Pick<Settings, 'startFrom'>): boolean {
		const isAnother = startFrom !== undefined && startFrom !== this.startedFrom;
		this.startedFrom = startFrom;
		if (!isAnother) return false;
		this.scopes.clear();
		this.attempts.clear();
		this.seen = new SeenPayments();
		return true;
	}

	/**
	 * Gives each scope a beginning: that of the other scopes if the trigger has run before, so that a changed
	 * Scope or Till Number misses nothing. Scopes that are no longer wanted are forgotten.
	 * @param start for a trigger that begins, ms since the epoch; undefined if it is not known yet
	 */
	setScopes(keys: string[], start: number | undefined): void {
		const earlier = [...this.scopes.values()];
		const company = this.scopes.get('company');
		for (const key of keys) {
			if (this.scopes.has(key)) continue;
			const cursor =
				company?.cursor ?? Math.min(...earlier.map((one) => one.cursor), start ?? Infinity);
			if (cursor === Infinity) continue;
			// A till that is added to others has nothing to look back to.
			const isKnown = company !== undefined || (key === 'company' && earlier.length > 0);
			const since = isKnown ? Math.max(...earlier.map((one) => one.since)) : cursor;
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
			attempts: Object.fromEntries(this.attempts),
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
	// What lies between the cursor and a later period was listed to a process that has ended.
	const isUsable = poll !== undefined && poll.from <= at;
	return { cursor: at, since: asNumber(since) ?? at, ...(isUsable && { pending: poll }) };
}

function asPending(value: unknown): PendingPoll | undefined {
	const { id, from, to, askedAt } = asObject(value);
	const poll = { id: asTextOrNull(id), from: asNumber(from), to: asNumber(to) };
	if (poll.id === null || poll.from === undefined || poll.to === undefined) return undefined;
	const at = asNumber(askedAt);
	return { id: poll.id, from: poll.from, to: poll.to, ...(at !== undefined && { askedAt: at }) };
}
