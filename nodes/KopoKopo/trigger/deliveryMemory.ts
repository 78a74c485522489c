import { createHash } from 'node:crypto';

/** How many deliveries are remembered; the oldest are forgotten first. */
export const CAPACITY = 10_000;

/** 48 bits of a key's hash as text: at full capacity one delivery in 28,000 million is mistaken for another. */
const WIDTH = 8;
export const shortHash = (dedupeKey: string) =>
	createHash('sha256').update(dedupeKey).digest('base64').slice(0, WIDTH);

/** How many known ones in a row are taken to mean that all before them are known too. */
const OVERLAP = 100;

/** What n8n answers a delivery with: good or not, it is out once it was ended, whoever still listens. */
interface Answer {
	readonly statusCode: number;
	readonly writableEnded: boolean;
	/** Whether all of it was handed over to a sender who still listened. */
	readonly writableFinished: boolean;
	once(event: 'close', listener: () => void): unknown;
}

/** A delivery that was taken and whose execution is not over. */
interface UnderWay {
	/** Resolves when the answer is out, or its sender gone; not kept from then on. */
	closed?: Promise<void>;
	/** Of the execution, once it has begun. */
	executionId?: string;
	/** Until it is out and a good one: so long n8n may not have stored anything of the delivery. */
	answer?: Answer;
	/** Whether the sender got a good answer: then whatever comes again is a copy, even after a crash. */
	isAcknowledged?: boolean;
}

/**
 * What a delivery is to those that came before it: `undecided` is the copy of one of which it is not
 * known yet whether n8n takes it.
 */
export type Standing = 'first' | 'copy' | 'undecided';

/**
 * Deliveries that started an execution, of one trigger node.
 *
 * n8n's static data alone cannot say it: parallel deliveries each read a copy of their own, and what
 * webhook() changes is not stored when an execution starts. So the process remembers, and the executions
 * write the memory down. In queue mode, where they run elsewhere, n8n's deduplication store decides.
 */
export class DeliveryMemory {
	/** Deliveries whose execution has ended, in that order. */
	private readonly ended = new Set<string>();
	/** The same as it is written down: to put 10,000 of them together each time would take longer than all else. */
	private text = '';
	/**
	 * Deliveries whose execution has not ended. Written down are those of them that began and were
	 * acknowledged. What was not acknowledged Kopo Kopo sends again when the execution died with n8n, and what
	 * did not begin n8n runs at its next start: taken for copies then, both would be lost.
	 */
	private readonly underWay = new Map<string, UnderWay>();
	/** Deliveries that came before this process began, or to another one, and whose execution is here. */
	private readonly fromElsewhere = new Set<string>();

	/** Adds what was written down before a restart. */
	learn(written: string): void {
		// From the newest backwards: what other processes add lies between what this one added itself.
		const fresh: string[] = [];
		let known = 0;
		for (let end = written.length; end >= WIDTH && known < OVERLAP; end -= WIDTH) {
			const hash = written.slice(end - WIDTH, end);
			known = this.ended.has(hash) || this.underWay.has(hash) ? known + 1 : 0;
			if (known === 0) fresh.push(hash);
		}
		for (const hash of fresh.reverse()) this.end(hash);
	}

	/** Takes a delivery for the first one, unless one came before it. */
	claim(hash: string, answer: Answer): Standing {
		this.look(hash);
		if (this.underWay.get(hash)?.answer !== undefined) return 'undecided';
		const isKnown = [this.ended, this.underWay, this.fromElsewhere].some((some) => some.has(hash));
		if (isKnown) return 'copy';
		const taken: UnderWay = { answer };
		taken.closed = new Promise((resolve) => {
			answer.once('close', () => {
				this.look(hash);
				taken.isAcknowledged = answer.writableFinished && answer.statusCode < 400;
				taken.closed = undefined;
				resolve();
			});
		});
		this.underWay.set(hash, taken);
		dropOldest(this.underWay);
		return 'first';
	}

	/** Sees what n8n answered. An error before the execution began means that there is none. */
	private look(hash: string): void {
		const known = this.underWay.get(hash);
		if (known?.answer?.writableEnded !== true) return;
		if (known.answer.statusCode >= 400) this.underWay.delete(hash);
		// Seen, it need not stay in memory.
		else known.answer = undefined;
	}

	/** Takes a delivery that is under way for this execution. @returns false when another one has it */
	begin(hash: string, executionId: string): boolean {
		const known = this.underWay.get(hash);
		if (known === undefined || (known.executionId ?? executionId) !== executionId) return false;
		known.executionId = executionId;
		known.answer = undefined;
		return true;
	}

	/** Knows, from now on, a delivery that this process did not take. @returns false when it is over */
	meet(hash: string): boolean {
		if (this.ended.has(hash)) return false;
		this.fromElsewhere.add(hash);
		dropOldest(this.fromElsewhere);
		return true;
	}

	/** Resolves when the answer to a delivery is out or its sender gone; undefined when it is, or was not taken here. */
	closed(hash: string): Promise<void> | undefined {
		return this.underWay.get(hash)?.closed;
	}

	isUnderWay(hash: string): boolean {
		return this.underWay.has(hash);
	}

	/** The execution that a delivery started is over. */
	end(hash: string): void {
		this.underWay.delete(hash);
		if (this.ended.has(hash)) return;
		this.ended.add(hash);
		dropOldest(this.ended);
		this.text = (this.text + hash).slice(-CAPACITY * WIDTH);
	}

	toText(): string {
		const begun = [...this.underWay]
			.filter(([, { executionId, isAcknowledged }]) => isAcknowledged && executionId !== undefined)
			.map(([hash]) => hash);
		return (this.text + begun.join('')).slice(-CAPACITY * WIDTH);
	}
}

function dropOldest(hashes: Set<string> | Map<string, unknown>): void {
	if (hashes.size <= CAPACITY) return;
	for (const oldest of hashes.keys()) {
		hashes.delete(oldest);
		break;
	}
}
