import { createHash } from 'node:crypto';
import { parseResult } from '../domain/result';
import { ClaimError, type Claimed } from '../n8n/deduplicationClaims';
import { claimWith, nodeKey, release } from '../n8n/deduplicationStore';
import { sendRequest } from '../transport/client';
import type { ItemResult, UnknownReason } from './itemResult';
import { forgetRequest, recentRequest, rememberRequest, setRequestId } from './repeatHistory';
import { areFromRequest, entriesOf } from './repeatEntries';
import type { PreparedItem, Run } from './run';
import { accountName, targetOf } from './target';

const REPEATS = { name: 'repeats', count: 512 };

/**
 * How many entries a row keeps, the newest. A payout has four, so all rows together keep 32,000 payouts, and a
 * claim reads and writes 7 KB.
 */
const ROW_LIMIT = 250;

/** Where the execution that sent the payouts is kept, in n8n's context data of the node. */
const OWNER_KEY = 'kopoKopoOwner';

/** Why an item must not be sent, or the error that prevented its comparison. */
type Verdict = { reason: UnknownReason } | { error: ClaimError } | undefined;

/** One payout, however many items of this run are equal to it. */
interface Payout {
	item: PreparedItem;
	fingerprint: string;
	/** Entries in n8n's store; the last one is claimed. */
	entries: string[];
	/** Those that this run has written. */
	written: string[];
	/** This execution has sent an equal one already, as in an earlier pass of a loop. */
	isOwn: boolean;
	/** How many items of this run were, or may still be, sent. */
	unfinished: number;
	verdict: Verdict;
}

/**
 * Prevents a payout from being sent if it equals one that an earlier execution of this node has sent, within a
 * time that the user can set. Equal items of one execution are intended, unless an AI agent creates them.
 * Payouts are stored in n8n's deduplication store, as Duplicate Protection Keys are; all items of a run are
 * claimed together.
 */
export class Repeats {
	private readonly payouts = new Map<string, Payout>();
	private readonly byItem = new Map<number, Payout>();

	constructor(private readonly run: Run) {}

	/** Claims every item that is to be compared, before the first request. */
	async claim(items: PreparedItem[]): Promise<void> {
		const { operation, sentRequests, isTool, restart } = this.run;
		if (operation.repeat === undefined || restart.isRestarted) return;
		for (const item of items) {
			const { duplicateKey, repeatWindowMs } = item.settings;
			const isCompared =
				duplicateKey === undefined &&
				repeatWindowMs > 0 &&
				sentRequests.get(item.itemIndex) === undefined;
			if (isCompared) this.add(item, isTool);
		}
		await Promise.all([...this.payouts.values()].map(async (payout) => await this.decide(payout)));
		if ([...this.payouts.values()].some(({ verdict }) => isUncheckable(verdict))) {
			this.run.context.addExecutionHints({
				message:
					'Payouts were not compared with those of earlier executions: n8n stores them with the workflow, which is not saved yet',
				location: 'outputPane',
			});
		}
	}

	/** Why an item must not be sent; undefined if it may be. */
	verdictOf(itemIndex: number): Verdict {
		const verdict = this.byItem.get(itemIndex)?.verdict;
		return isUncheckable(verdict) ? undefined : verdict;
	}

	/** Stores the ID of an accepted item, with which its result can be looked up. */
	accepted(itemIndex: number, id: string): void {
		const payout = this.byItem.get(itemIndex);
		if (payout !== undefined) setRequestId(this.nameOf(payout), id);
	}

	/** Releases items for which nothing was carried out: rejected, or never started. */
	async release(itemIndexes: number[]): Promise<void> {
		const released = itemIndexes.flatMap((itemIndex) => {
			const payout = this.byItem.get(itemIndex);
			this.byItem.delete(itemIndex);
			if (payout === undefined || payout.verdict !== undefined) return [];
			payout.unfinished -= 1;
			return payout.unfinished === 0 ? [payout] : [];
		});
		await Promise.all(released.map(async (payout) => await this.releasePayout(payout)));
	}

	/** Releases the items whose result allows another request. */
	async releaseFinal(results: Array<ItemResult | undefined>): Promise<void> {
		await this.release(
			results.flatMap((result, itemIndex) =>
				result?.kind === 'accepted' && this.isOver(result.accepted.awaited?.body)
					? [itemIndex]
					: [],
			),
		);
	}

	private add(item: PreparedItem, isTool: boolean): void {
		const { request, settings, itemIndex, params } = item;
		const { baseUrl } = targetOf(this.run, request.path);
		const values = JSON.stringify(this.run.operation.repeat?.of(params) ?? null);
		const fingerprint = createHash('sha256')
			.update(`${baseUrl} ${request.path} ${values}`)
			.digest('base64');
		const earlier = this.payouts.get(fingerprint);
		if (earlier !== undefined && isTool) {
			this.byItem.set(itemIndex, { ...earlier, verdict: { reason: this.repeated(item) } });
			return;
		}
		if (earlier !== undefined) earlier.unfinished += 1;
		const payout = earlier ?? {
			item,
			fingerprint,
			entries: entriesOf(fingerprint, settings.repeatWindowMs, Date.now()),
			written: [],
			isOwn: false,
			unfinished: 1,
			verdict: undefined,
		};
		this.payouts.set(fingerprint, payout);
		this.byItem.set(itemIndex, payout);
	}

	private nameOf({ fingerprint }: Payout): string {
		return `${nodeKey(this.run.context)} ${fingerprint}`;
	}

	/** The entry that records which execution sent the payout. n8n's Retry of an execution counts as the same. */
	private ownerEntry({ fingerprint }: Payout): string {
		const { context } = this.run;
		const data = context.getContext('node');
		data[OWNER_KEY] ??= context.getExecutionId();
		return `repeat of ${String(data[OWNER_KEY])} ${fingerprint}`;
	}

	private async decide(payout: Payout): Promise<void> {
		const { context, isTool } = this.run;
		const key = payout.entries.at(-1) as string;
		const owner = this.ownerEntry(payout);
		const alsoRecord = [...payout.entries.slice(0, -1), owner];
		let claimed: Claimed;
		try {
			claimed = await claimWith(context, key, {
				alsoRecord,
				group: REPEATS,
				limit: ROW_LIMIT,
				rowKey: payout.fingerprint,
			});
		} catch (error) {
			payout.verdict = {
				error: error instanceof ClaimError ? error : new ClaimError('database', false, error),
			};
			return;
		}
		const { isNew, known } = claimed;
		const taken = [...known, ...(isNew ? [] : [key])];
		payout.written = [key, ...alsoRecord].filter((entry) => !taken.includes(entry));
		payout.isOwn = !isTool && known.includes(owner);
		const times = taken.filter((entry) => entry !== owner);
		if (times.length > 0 && !payout.isOwn && !(await this.isAllowed(payout, times))) {
			await this.releaseEntries(payout, payout.written);
			payout.verdict = { reason: this.repeated(payout.item) };
			return;
		}
		rememberRequest(this.nameOf(payout), payout.item.settings.repeatWindowMs);
	}

	/**
	 * Whether the entries in the store come from a request of this process that no longer counts: its time
	 * is over, or its result allows another one. The store contains only periods, no IDs.
	 */
	private async isAllowed(payout: Payout, taken: string[]): Promise<boolean> {
		const known = recentRequest(this.nameOf(payout));
		if (known === undefined) return false;
		const window = payout.item.settings.repeatWindowMs;
		if (!areFromRequest(taken, window, known.sentAt)) return false;
		if (Date.now() - known.sentAt > window) return true;
		const status = known.id === undefined ? undefined : this.run.operation.statusOf?.(known.id);
		if (status === undefined) return false;
		try {
			const { body } = await sendRequest(this.run.context, status, {
				itemIndex: payout.item.itemIndex,
				timeoutMs: payout.item.settings.timeoutMs,
			});
			return this.isOver(body);
		} catch {
			return false;
		}
	}

	private isOver(body: Parameters<typeof parseResult>[0]): boolean {
		const { isFinal, outcome } = parseResult(body);
		return this.run.operation.repeat?.allowedAfter === 'result' ? isFinal : outcome === 'failure';
	}

	private async releasePayout(payout: Payout): Promise<void> {
		if (payout.isOwn) {
			await this.releaseEntries(payout, payout.written);
			return;
		}
		forgetRequest(this.nameOf(payout));
		await this.releaseEntries(payout, [...payout.entries, this.ownerEntry(payout)]);
	}

	private async releaseEntries({ fingerprint }: Payout, entries: string[]): Promise<void> {
		const [first, ...also] = entries;
		if (first === undefined) return;
		await release(this.run.context, first, { also, group: REPEATS, rowKey: fingerprint });
	}

	private repeated({ settings: { repeatWindowMs }, request }: PreparedItem): UnknownReason {
		const minutes = Math.round((repeatWindowMs / 60_000) * 100) / 100;
		const isRequest = this.run.operation.repeat?.allowedAfter === 'result';
		return {
			message: isRequest
				? `Not sent: an identical payment request that was sent within the last ${minutes} minutes may still be open`
				: `Not sent: this node sent an identical payout in an earlier execution within the last ${minutes} minutes`,
			description: `Look it up in the Kopo Kopo dashboard of ${accountName(targetOf(this.run, request.path))}. To send it anyway, give the item a 'Duplicate Protection Key' of its own, or set 'Allow Repeats After (Minutes)' under 'Options' to 0.`,
		};
	}
}

/** Whether n8n stores nothing for this workflow, so that there is nothing to compare with. */
const isUncheckable = (verdict: Verdict): boolean =>
	verdict !== undefined && 'error' in verdict && verdict.error.reason === 'unsavedWorkflow';
