import { createHash } from 'node:crypto';
import type { IDataObject, IExecuteFunctions, IWebhookFunctions } from 'n8n-workflow';
import { beginsAgain, claim } from '../store/claims';

/** How many deliveries are remembered; the oldest are forgotten first. */
const CAPACITY = 10_000;

/** 48 bits of a key's hash as text: at full capacity one delivery in 28,000 million is mistaken for another. */
const WIDTH = 8;
const shortHash = (dedupeKey: string) =>
	createHash('sha256').update(dedupeKey).digest('base64').slice(0, WIDTH);

/** How many known ones in a row are taken to mean that all before them are known too. */
const OVERLAP = 100;

/**
 * Deliveries that started an execution, of one trigger node.
 *
 * n8n's static data alone cannot say it: parallel deliveries each read a copy of their own, and what
 * webhook() changes is not stored when an execution starts. So the process remembers, and the executions
 * write the memory down. In queue mode, where they run elsewhere, n8n's deduplication store decides.
 */
class DeliveryMemory {
	/** Deliveries whose execution has ended, in that order. */
	private readonly ended = new Set<string>();
	/**
	 * Deliveries that are known here and nowhere else: were they written down, one whose execution dies with
	 * n8n would be taken for a copy when Kopo Kopo sends it again, and lost.
	 */
	private readonly underWay = new Set<string>();

	/** Adds what was written down before a restart. */
	learn(written: string): void {
		// From the newest backwards: what other processes add lies between what this one added itself.
		const fresh: string[] = [];
		let known = 0;
		for (let end = written.length; end >= WIDTH && known < OVERLAP; end -= WIDTH) {
			const hash = written.slice(end - WIDTH, end);
			known = this.ended.has(hash) ? known + 1 : 0;
			if (known === 0) fresh.push(hash);
		}
		for (const hash of fresh.reverse()) this.end(hash);
	}

	/** Takes a delivery for the first one. @returns false when it came before */
	claim(hash: string): boolean {
		if (this.ended.has(hash) || this.underWay.has(hash)) return false;
		add(this.underWay, hash);
		return true;
	}

	isUnderWay(hash: string): boolean {
		return this.underWay.has(hash);
	}

	forget(hash: string): void {
		this.underWay.delete(hash);
	}

	/** The execution that a delivery started is over. */
	end(hash: string): void {
		this.underWay.delete(hash);
		add(this.ended, hash);
	}

	toText(): string {
		return [...this.ended].join('');
	}
}

function add(hashes: Set<string>, hash: string): void {
	hashes.add(hash);
	if (hashes.size <= CAPACITY) return;
	for (const oldest of hashes) {
		hashes.delete(oldest);
		break;
	}
}

const memories = new Map<string, DeliveryMemory>();

type Context = IWebhookFunctions | IExecuteFunctions;

/** What started this execution: one delivery. */
const keysOf = (context: IExecuteFunctions) =>
	context.getInputData().map(({ json }) => String(json.dedupeKey));

/** Workflow-wide, by the node's id: the node's own static data would be lost with a rename. */
const storedUnder = (context: Context) => `kopoKopoSeen:${context.getNode().id}`;

function memoryOf(context: Context): DeliveryMemory {
	const place = `${context.getWorkflow().id ?? ''}:${context.getNode().id}`;
	const memory = memories.get(place) ?? new DeliveryMemory();
	memories.set(place, memory);
	const written = context.getWorkflowStaticData('global')[storedUnder(context)];
	if (typeof written === 'string') memory.learn(written);
	return memory;
}

/**
 * Whether this delivery is the first of its kind here. It is taken for delivered at once, so that a copy
 * that comes at the same moment is refused, and given up again when n8n then answers with an error:
 * Kopo Kopo will send it once more.
 */
export function isFirstDelivery(context: IWebhookFunctions, dedupeKey: string): boolean {
	const memory = memoryOf(context);
	const hash = shortHash(dedupeKey);
	if (!memory.claim(hash)) return false;
	const response = context.getResponseObject();
	response.once('finish', () => {
		if (response.statusCode >= 400) memory.forget(hash);
	});
	return true;
}

/**
 * Has n8n store the memory at the end of this execution, with the delivery that started it.
 * @returns false, and nothing is stored, when another process took the delivery, as in queue mode: n8n gives
 * its workers no static data, and what one of them writes replaces all there is, the ids of subscriptions too
 */
export function writeDown(context: IExecuteFunctions): boolean {
	const memory = memoryOf(context);
	const own = keysOf(context).map(shortHash);
	if (!own.some((hash) => memory.isUnderWay(hash))) return false;
	// Becomes text when it is stored: an execution that began earlier and ends later would otherwise
	// write what it knew at its beginning over what others have written since.
	context.getWorkflowStaticData('global')[storedUnder(context)] = Object.create({
		toJSON: () => {
			for (const hash of own) memory.end(hash);
			return memory.toText();
		},
	}) as IDataObject;
	return true;
}

/**
 * Whether a delivery that another process took is the first of its kind in all of them: copies that come
 * to several webhook processors, or to one that was started anew, are all taken for the first, and of
 * their executions one goes on. Never refuses an execution that is run again.
 */
export async function isFirstExecution(context: IExecuteFunctions): Promise<boolean> {
	if (context.getMode() === 'retry') return true;
	const key = keysOf(context).join();
	const own = beginsAgain(context) ? [`${key} ${context.getExecutionId()}`] : [];
	try {
		// What is claimed in the same breath is written together.
		const [isFirst, isNew] = await Promise.all(
			[key, ...own].map(async (each) => await claim(context, each, CAPACITY)),
		);
		return isFirst === true || isNew === false;
	} catch (error) {
		context.logger.warn(
			`Kopo Kopo Trigger: copies of a delivery could not be looked for: ${error instanceof Error ? error.message : String(error)}`,
		);
		return true;
	}
}
