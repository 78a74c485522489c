/** Keys whose values belong to a person, a merchant or one resource. */
const PRIVATE_KEY =
	/name|phone|email|msisdn|till|reference|account|uid|owner|token|secret|link|url|location|(^|_)id$/i;

/** The shortest value that is replaced wherever it occurs; shorter ones are parts of ordinary words. */
const MIN_LENGTH = 3;

const PATTERNS: Array<[pattern: RegExp, label: string]> = [
	[/[\w.+-]+@[\w-]+\.[\w.-]+/g, '<email>'],
	[/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/gi, '<id>'],
	[/[\da-f]{32,}/gi, '<hash>'],
	[/[\w-]{40,}/g, '<token>'],
	[/\+?\d{9,}/g, '<number>'],
	[/\bK?\d{5,8}\b/g, '<number>'],
	[/\b(?=[A-Z\d]*\d)(?=[A-Z\d]*[A-Z])[A-Z\d]{10}\b/g, '<reference>'],
];

const escape = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Removes secrets, names, phone numbers and IDs from everything that the check prints or writes. */
export class Masker {
	private readonly known = new Map<string, string>();

	/** Replaces this value from now on. */
	add(value: string | undefined, label: string): void {
		if (value !== undefined && value.length >= MIN_LENGTH) this.known.set(value, `<${label}>`);
	}

	/** Replaces from now on every private value in a response or a delivery. */
	learn(value: unknown, key = ''): void {
		if (Array.isArray(value)) {
			for (const item of value) this.learn(item, key);
		} else if (typeof value === 'object' && value !== null) {
			for (const [name, item] of Object.entries(value)) this.learn(item, name);
		} else if ((typeof value === 'string' || typeof value === 'number') && PRIVATE_KEY.test(key)) {
			const text = String(value);
			// Kopo Kopo's own words also stand under such keys.
			if (!/^(Unavailable|Mobile Wallet|Bank Account|Bearer)$/i.test(text)) this.add(text, key);
		}
	}

	/** The text without private values. */
	mask(text: string): string {
		let masked = text;
		// Longest first, so that no part of a longer value remains.
		const values = [...this.known].sort(([a], [b]) => b.length - a.length);
		for (const [value, label] of values) {
			const isWord = /^\w.*\w$/s.test(value);
			const pattern = isWord ? `(?<!\\w)${escape(value)}(?!\\w)` : escape(value);
			masked = masked.replace(new RegExp(pattern, 'g'), label);
		}
		for (const [pattern, label] of PATTERNS) masked = masked.replace(pattern, label);
		return masked;
	}
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
