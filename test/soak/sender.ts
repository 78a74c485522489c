import { Pool } from 'undici';
import { sleep } from 'n8n-workflow';

/** What may be posted, and to which address. */
export interface Letter {
	eventId: string;
	/** Path at n8n. */
	path: string;
	body: string;
	headers: Record<string, string>;
	/** A good letter is posted again until it is answered 2xx; a forged one is posted once. */
	isForged: boolean;
}

/** What became of all letters. */
export interface Tally {
	/** Requests begun, repeats and copies included. */
	sent: number;
	/** Requests that followed one without a 2xx. */
	repeats: number;
	/** When each event was first answered 2xx, ms since the epoch. */
	acknowledged: Map<string, number>;
	/** Answers that say that the event came before. */
	ignored: number;
	/** Events that n8n took with its 200 for every request that comes while it starts, and never looked at. */
	early: Set<string>;
	/** Answers by status, or `none` when the connection ended without one. */
	statuses: Record<string, number>;
	forgedAccepted: number;
}

/** Kopo Kopo says that it repeats, not when: the same waits as the sandbox has, the last one for ever. */
const WAITS_MS = [1_000, 4_000, 16_000, 64_000];
const AT_ONCE = 20;
const ANSWER_WITHIN_MS = 10_000;
const TICK_MS = 20;

interface Due {
	at: number;
	letter: Letter;
	/** How often it was posted before. */
	tried: number;
}

/** Posts as Kopo Kopo does: on time, whatever became of the last ones, and again what was not taken. */
export class Sender {
	readonly tally: Tally = {
		sent: 0,
		repeats: 0,
		acknowledged: new Map(),
		ignored: 0,
		early: new Set(),
		statuses: {},
		forgedAccepted: 0,
	};
	private readonly due: Due[] = [];
	private pool: Pool | undefined;
	private underWay = 0;
	private isEnding = false;

	constructor(private readonly origin: string) {
		this.open();
	}

	/** How many letters are neither answered 2xx nor given up. */
	get outstanding(): number {
		return this.due.length + this.underWay;
	}

	/** Hands a letter in, to be posted then. */
	post(letter: Letter, at = Date.now()): void {
		this.due.push({ at, letter, tried: 0 });
	}

	open(): void {
		this.pool = new Pool(this.origin, {
			connections: AT_ONCE,
			pipelining: 1,
			headersTimeout: ANSWER_WITHIN_MS,
			bodyTimeout: ANSWER_WITHIN_MS,
			connectTimeout: ANSWER_WITHIN_MS,
		});
	}

	/** Kopo Kopo goes down: what is on its way is cut off, what was not answered is kept. */
	async close(): Promise<void> {
		const { pool } = this;
		this.pool = undefined;
		await pool?.destroy();
	}

	/** Posts what is due until end() is called. */
	async run(): Promise<void> {
		while (!this.isEnding) {
			const now = Date.now();
			for (let index = 0; index < this.due.length && this.underWay < AT_ONCE; ) {
				const { at } = this.due[index] as Due;
				if (this.pool === undefined) break;
				if (at > now) index += 1;
				else void this.attempt(this.due.splice(index, 1)[0] as Due, this.pool);
			}
			await sleep(TICK_MS);
		}
	}

	async end(): Promise<void> {
		this.isEnding = true;
		await this.close();
	}

	private async attempt({ letter, tried }: Due, pool: Pool): Promise<void> {
		const { tally } = this;
		this.underWay += 1;
		tally.sent += 1;
		if (tried > 0) tally.repeats += 1;
		let status = 0;
		try {
			const { path, body, headers } = letter;
			const answer = await pool.request({ method: 'POST', path, body, headers });
			const text = await answer.body.text();
			status = answer.statusCode;
			if (text.includes('Seen before')) tally.ignored += 1;
			if (text.includes('n8n is starting up')) tally.early.add(letter.eventId);
		} catch {
			// No answer, whatever the reason: to the sender they are all the same.
			status = 0;
		}
		this.underWay -= 1;
		const name = status === 0 ? 'none' : String(status);
		tally.statuses[name] = (tally.statuses[name] ?? 0) + 1;
		const isTaken = status >= 200 && status < 300;
		if (letter.isForged) {
			if (isTaken) tally.forgedAccepted += 1;
			return;
		}
		if (!isTaken) {
			const wait = WAITS_MS[tried] ?? (WAITS_MS.at(-1) as number);
			this.due.push({ at: Date.now() + wait, letter, tried: tried + 1 });
		} else if (!tally.acknowledged.has(letter.eventId)) {
			tally.acknowledged.set(letter.eventId, Date.now());
		}
	}
}
