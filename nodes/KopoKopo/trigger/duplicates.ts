import { createHash } from 'node:crypto';
import type { IDataObject, IExecuteFunctions, IWebhookFunctions } from 'n8n-workflow';

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
 * write the memory down.
 */
class DeliveryMemory {
	private readonly hashes = new Set<string>();

	/** Adds what was written down before a restart, or by another process. */
	learn(written: string): void {
		// From the newest backwards: what other processes add lies between what this one added itself.
		const fresh: string[] = [];
		let known = 0;
		for (let end = written.length; end >= WIDTH && known < OVERLAP; end -= WIDTH) {
			const hash = written.slice(end - WIDTH, end);
			known = this.hashes.has(hash) ? known + 1 : 0;
			if (known === 0) fresh.push(hash);
		}
		for (const hash of fresh.reverse()) this.add(hash);
	}

	/** Takes a delivery for the first one. @returns false when it came before */
	claim(hash: string): boolean {
		if (this.hashes.has(hash)) return false;
		this.add(hash);
		return true;
	}

	forget(hash: string): void {
		this.hashes.delete(hash);
	}

	toText(): string {
		return [...this.hashes].join('');
	}

	private add(hash: string): void {
		this.hashes.add(hash);
		if (this.hashes.size > CAPACITY) {
			for (const oldest of this.hashes) {
				this.hashes.delete(oldest);
				break;
			}
		}
	}
}

const memories = new Map<string, DeliveryMemory>();

type Context = IWebhookFunctions | IExecuteFunctions;

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
 * Has n8n store the memory at the end of this execution, with the delivery that started it: in queue mode
 * that was taken by another process.
 */
export function writeDown(context: IExecuteFunctions): void {
	const memory = memoryOf(context);
	for (const { json } of context.getInputData()) {
		if (typeof json.dedupeKey === 'string') memory.claim(shortHash(json.dedupeKey));
	}
	// Becomes text when it is stored: an execution that began earlier and ends later would otherwise
	// write what it knew at its beginning over what others have written since.
	context.getWorkflowStaticData('global')[storedUnder(context)] = Object.create({
		toJSON: () => memory.toText(),
	}) as IDataObject;
}
