import { createHash } from 'node:crypto';
import type { AnyParams } from '../operations/parameters';
import { PayoutClaim, type Verdict } from './payoutClaim';
import type { ItemResult } from './itemResult';
import { isOver, notSentAgain } from './repeatRule';
import { PayoutLineage } from './payoutLineage';
import type { PreparedItem, Run } from './run';
import { targetOf } from './target';

/**
 * Prevents a request from being sent if it equals one that another execution of this node has sent, within a
 * time that the user can set, unless the results of all equal ones allow it. Equal items of one execution are
 * intended, unless an AI agent creates them. Requests are stored in n8n's deduplication store, as Duplicate
 * Protection Keys are; all items of a run are claimed together.
 */
export class Repeats {
	/** By fingerprint. */
	private readonly payouts = new Map<string, PayoutClaim>();

	private readonly byItem = new Map<number, PayoutClaim>();

	/** Verdicts on items that an AI agent has asked for twice in one call. */
	private readonly copies = new Map<number, Verdict>();

	private lineage: PayoutLineage | undefined;

	constructor(private readonly run: Run) {}

	/** Claims every item that is to be compared, before the first request. */
	async claim(items: PreparedItem[]): Promise<void> {
		const { operation, sentRequests, restart } = this.run;
		if (operation.repeat === undefined || restart.isRestarted) return;
		for (const item of items) {
			const { duplicateKey, repeatWindowMs } = item.settings;
			const isCompared =
				duplicateKey === undefined &&
				repeatWindowMs > 0 &&
				sentRequests.get(item.itemIndex) === undefined;
			if (isCompared) this.add(item);
		}
		const payouts = [...this.payouts.values()];
		await Promise.all(payouts.map(async (payout) => await payout.claim()));
		if (payouts.some(({ verdict }) => isUncheckable(verdict))) {
			this.run.context.addExecutionHints({
				message:
					'Requests were not compared with those of earlier executions: n8n stores them with the workflow, which is not saved yet',
				location: 'outputPane',
			});
		}
	}

	/** Why an item must not be sent; undefined if it may be. */
	verdictOf(itemIndex: number): Verdict {
		const verdict = this.copies.get(itemIndex) ?? this.byItem.get(itemIndex)?.verdict;
		return isUncheckable(verdict) ? undefined : verdict;
	}

	/** As verdictOf(), and compares the item from now on if it may be sent. To be called right before. */
	async beforeSending(itemIndex: number): Promise<Verdict> {
		await this.byItem.get(itemIndex)?.beforeSending(itemIndex);
		return this.verdictOf(itemIndex);
	}

	/**
	 * Records that the request of an item has ended.
	 * @param id of the accepted request, with which its result can be looked up
	 */
	ended(itemIndex: number, id?: string): void {
		this.byItem.get(itemIndex)?.ended(itemIndex, id);
	}

	/** Releases items for which nothing was carried out: rejected, or never started. */
	async release(itemIndexes: number[]): Promise<void> {
		const released = itemIndexes.flatMap((itemIndex) => {
			const payout = this.byItem.get(itemIndex);
			return payout?.forget(itemIndex) === true ? [payout] : [];
		});
		await Promise.all(released.map(async (payout) => await payout.release()));
	}

	/** Releases the items whose result allows another request. */
	async releaseFinal(results: Array<ItemResult | undefined>): Promise<void> {
		await this.release(
			results.flatMap((result, itemIndex) =>
				result?.kind === 'accepted' && isOver(this.run, result.accepted.awaited?.body)
					? [itemIndex]
					: [],
			),
		);
	}

	private add(item: PreparedItem): void {
		const { request, itemIndex, params } = item;
		const { baseUrl } = targetOf(this.run, request.path);
		const compared = this.run.operation.repeat?.of(inOneSpelling(params) as AnyParams);
		const values = JSON.stringify(compared ?? null);
		const fingerprint = createHash('sha256')
			.update(`${baseUrl} ${request.path} ${values}`)
			.digest('base64');
		const earlier = this.payouts.get(fingerprint);
		if (earlier !== undefined && this.run.isTool) {
			this.copies.set(itemIndex, { reason: notSentAgain(this.run, item) });
			return;
		}
		this.lineage ??= new PayoutLineage(this.run.context);
		const payout = earlier ?? new PayoutClaim(this.run, item, fingerprint, this.lineage);
		payout.add(itemIndex);
		this.payouts.set(fingerprint, payout);
		this.byItem.set(itemIndex, payout);
	}
}

/**
 * Values without what can differ between two spellings of one receiver: capital letters, spaces, dashes and
 * other signs. Of a false match the user is told, and a missed one pays twice.
 */
function inOneSpelling(value: unknown): unknown {
	if (typeof value === 'string') return value.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
	if (Array.isArray(value)) return value.map(inOneSpelling);
	if (typeof value !== 'object' || value === null) return value;
	return Object.fromEntries(
		Object.entries(value).map(([name, each]) => [name, inOneSpelling(each)]),
	);
}

/** Whether n8n stores nothing for this workflow, so that there is nothing to compare with. */
const isUncheckable = (verdict: Verdict): boolean =>
	verdict !== undefined && 'error' in verdict && verdict.error.reason === 'unsavedWorkflow';
