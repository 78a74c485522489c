import { pathSegment } from '../../nodes/KopoKopo/domain/resourceUrl';

/** Keys whose values belong to a person, a merchant or one resource. */
const PRIVATE_KEY =
	/name|phone|email|msisdn|till|reference|account|uid|owner|token|secret|link|url|location|(^|_)id$/i;

/** Kopo Kopo's own words, which also stand under such keys. */
const OWN_WORD = /^(Unavailable|Mobile Wallet|Bank Account|Bearer|Safaricom|null)$/i;

/** The shortest word, and the shortest number, that is replaced wherever it stands alone. */
const MIN_LENGTH = { word: 2, number: 3 };

/** The shortest part of a secret that is replaced wherever it occurs. */
const PIECE_LENGTH = 8;

const PATTERNS: Array<[pattern: RegExp, label: string]> = [
	[/[\w.+-]+@[\w-]+\.[\w.-]+/g, '<email>'],
	[/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/gi, '<id>'],
	[/[\da-f]{24,}/gi, '<hash>'],
	[/[\w-]{40,}/g, '<token>'],
	// Base64 and the like: at least one digit and one capital letter.
	[/(?=[\w+/-]*\d)(?=[\w+/-]*[A-Z])[\w+/-]{20,}={0,2}/g, '<token>'],
	[/\+?\d(?:[ .()-]{0,2}\d){8,}/g, '<number>'],
	[/\bK?\d{5,8}\b/g, '<number>'],
	[/\b(?=[A-Z\d]*\d)(?=[A-Z\d]*[A-Z])[A-Z\d]{10,}\b/g, '<reference>'],
];

const escape = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Removes secrets, names, phone numbers and IDs from everything that the check prints or writes. */
export class Masker {
	private readonly known = new Map<string, { label: string; pattern: RegExp }>();
	private readonly secrets: string[] = [];

	/** Replaces this value from now on, without regard to case, and as it stands in a URL, in JSON or in Base64. */
	add(value: string | undefined, label: string): void {
		const text = value?.trim() ?? '';
		if (text.length < (/^\d+$/.test(text) ? MIN_LENGTH.number : MIN_LENGTH.word)) return;
		for (const form of formsOf(text)) {
			if (this.known.has(form)) continue;
			const isWord = /^[\p{L}\p{N}_].*[\p{L}\p{N}_]$/su.test(form);
			const pattern = isWord
				? `(?<![\\p{L}\\p{N}_])${escape(form)}(?![\\p{L}\\p{N}_])`
				: escape(form);
			this.known.set(form, { label: `<${label}>`, pattern: new RegExp(pattern, 'giu') });
		}
	}

	/** The same for a secret, of which parts are replaced as well. */
	addSecret(value: string | undefined, label: string): void {
		if (value === undefined || value === '') return;
		this.add(value, label);
		this.secrets.push(value.toLowerCase());
	}

	/** Replaces from now on every private value in a response or a delivery. */
	learn(value: unknown, key = ''): void {
		if (Array.isArray(value)) {
			for (const item of value) this.learn(item, key);
		} else if (typeof value === 'object' && value !== null) {
			for (const [name, item] of Object.entries(value)) this.learn(item, name);
		} else if ((typeof value === 'string' || typeof value === 'number') && PRIVATE_KEY.test(key)) {
			const text = String(value);
			if (!OWN_WORD.test(text)) this.add(text, /^[\w-]{1,30}$/.test(key) ? key : 'private');
		}
	}

	/** The text without private values. */
	mask(text: string): string {
		let masked = text;
		// Longest first, so that no part of a longer value remains.
		const values = [...this.known].sort(([a], [b]) => b.length - a.length);
		for (const [, { label, pattern }] of values) masked = masked.replace(pattern, () => label);
		masked = this.withoutPieces(masked);
		for (const [pattern, label] of PATTERNS) masked = masked.replace(pattern, () => label);
		return masked;
	}

	/** A shape without private values in its keys. */
	maskShape(shape: unknown): unknown {
		if (Array.isArray(shape)) return shape.map((item) => this.maskShape(item));
		if (typeof shape !== 'object' || shape === null) return shape;
		return Object.fromEntries(
			Object.entries(shape).map(([key, item]) => [
				/^[a-z_][\w-]{0,39}$/i.test(key) ? this.mask(key) : '<key>',
				this.maskShape(item),
			]),
		);
	}

	/** The text without any part of a secret that is long enough to be recognized. */
	private withoutPieces(text: string): string {
		const lower = text.toLowerCase();
		const isCovered = new Array<boolean>(text.length).fill(false);
		for (const secret of this.secrets) {
			for (let start = 0; start + PIECE_LENGTH <= secret.length; start += 1) {
				const piece = secret.slice(start, start + PIECE_LENGTH);
				for (let at = lower.indexOf(piece); at >= 0; at = lower.indexOf(piece, at + 1)) {
					isCovered.fill(true, at, at + PIECE_LENGTH);
				}
			}
		}
		return [...isCovered.keys()]
			.map((at) => {
				if (!isCovered[at]) return text[at];
				return isCovered[at - 1] ? '' : '<secret>';
			})
			.join('');
	}
}

/** How a value can be written. */
function formsOf(text: string): Set<string> {
	const forms = new Set([text, JSON.stringify(text).slice(1, -1), pathSegment(text)]);
	if (text.length >= PIECE_LENGTH) {
		forms.add(Buffer.from(text).toString('base64'));
		forms.add(Buffer.from(text).toString('base64url'));
	}
	return forms;
}

/** The words with a capital letter that Kopo Kopo's messages, and those of OAuth and HTTP servers, consist of. */
const MESSAGE_WORDS = new Set(
	`a access account action active already amount an api application approved authentication authorization
	bad bank be bearer blank body branch buygoods b2b callback cancelled card channel client code company complete
	content could couldn't created credentials currency customer daraja description destination destinations duplicate
	email error eft event expired external failed field first flag for forbidden from grant has header http https id
	identifier in incoming initiator insufficient internal invalid is it json kes kopo k2 last link links location m
	maximum merchant message metadata method minimum missing mobile money mpesa must network nickname no not note
	number of only or parameter password pay paybill payment payments pending pesa phone please poll polling processed
	push reason received recipient record reference request required resource reversal reversed rts scheduled scope
	send server service settlement sms some something source status stk subscriber subscription success the there this
	till time timeout to token too transaction transfer transferred true type unauthorized unavailable unexpected
	unknown unprocessable unsupported uri url user valid value version wallet webhook while wrong you your`
		.trim()
		.split(/\s+/),
);

/**
 * A message of the server, in which each word with a capital letter that is not one of the API's is replaced: it
 * could be a name.
 */
export function maskNames(message: string): string {
	return message.replace(/(?<![\p{L}\p{N}_%+/=-])\p{Lu}[\p{L}\p{N}'’_-]*/gu, (word) => {
		const parts = word.toLowerCase().split(/[_-]/);
		return parts.every((part) => MESSAGE_WORDS.has(part)) ? word : '<word>';
	});
}

/** A status, a type or another single word of the server; a longer text is not shown. */
export function describeWord(value: unknown): string {
	if (typeof value === 'boolean') return String(value);
	if (typeof value !== 'string') return value === undefined ? 'missing' : typeof value;
	if (/^[\p{L}\d_-]{1,30}$/u.test(value)) return value;
	return /^[\p{L}\d_ -]{1,60}$/u.test(value) ? maskNames(value) : 'another text';
}

/** The keys of a body with the types of their values: what a report may show of it. Metadata is one value. */
export function shapeOf(value: unknown): unknown {
	if (value === null) return 'null';
	if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])];
	if (typeof value !== 'object') return typeof value;
	return Object.fromEntries(
		Object.entries(value).map(([key, item]) => [
			key,
			key === 'metadata' && item !== null ? 'metadata' : shapeOf(item),
		]),
	);
}

/** Whether two shapes have the same keys and types, in any order. */
export function isSameShape(one: unknown, other: unknown): boolean {
	if (typeof one !== 'object' || typeof other !== 'object') return one === other;
	const [first, second] = [one ?? {}, other ?? {}] as Array<Record<string, unknown>>;
	const keys = new Set([...Object.keys(first ?? {}), ...Object.keys(second ?? {})]);
	return (
		Array.isArray(one) === Array.isArray(other) &&
		[...keys].every((key) => isSameShape(first?.[key], second?.[key]))
	);
}
