import { DateTime } from 'luxon';
import type { INodePropertyOptions } from 'n8n-workflow';
import { isCallbackAllowed } from '../api/environment';
import { idFromLocation } from '../api/request';
import { InputRefused, type Place } from './operation';

/** The value as trimmed text; numbers as people see them, nothing as ''. */
export function asText(raw: unknown): string {
	if (raw === undefined || raw === null) return '';
	if (typeof raw === 'object') return JSON.stringify(raw);
	return String(raw).trim();
}

/** A reader of optional text. */
export function readText(raw: unknown): string | undefined {
	const text = asText(raw);
	return text === '' ? undefined : text;
}

/** A reader of text that must be there. */
export function readRequiredText(raw: unknown, { label }: Place): string {
	const text = asText(raw);
	if (text === '') {
		throw new InputRefused(`'${label}' is empty`, `Enter a value for '${label}'.`);
	}
	return text;
}

/** The value of an options field, which an expression can set to anything. */
export function readChoice<const Value extends string>(
	options: readonly { value: Value; name: string }[],
) {
	return (raw: unknown, { label }: Place): Value => {
		const text = asText(raw);
		const chosen = options.find(({ value }) => value === text);
		if (chosen === undefined) {
			throw new InputRefused(
				`'${label}' cannot be '${text}'`,
				`Choose one of: ${options.map(({ value }) => value).join(', ')}.`,
			);
		}
		return chosen.value;
	};
}

/** The value of a switch. */
export const readBoolean = (raw: unknown): boolean => raw === true || raw === 'true';

/** A whole number above zero. */
export function readCount(raw: unknown, { label }: Place): number {
	const count = Number(raw);
	if (!Number.isInteger(count) || count < 1) {
		throw new InputRefused(
			`'${label}' is not a number above zero`,
			'Write a whole number, such as 50.',
		);
	}
	return count;
}

/** Kenya keeps one time all year; Kopo Kopo's samples are written in it (contract, section 7). */
const KENYA = 'Africa/Nairobi';

/** A moment, from ISO text, a date of an expression, or what n8n's picker stores. */
function asDateTime(raw: unknown, { label, timezone }: Place): DateTime {
	const typed = raw as { toISO?: () => string; toISOString?: () => string } | null;
	const text = asText(typed?.toISO?.() ?? typed?.toISOString?.() ?? raw).replace(' ', 'T');
	const time = DateTime.fromISO(text, { zone: timezone, setZone: false });
	if (!time.isValid) {
		throw new InputRefused(
			`'${label}' is not a time: ${text.slice(0, 40)}`,
			'Write it like 2026-05-01T08:00:00+03:00, or choose it in the calendar.',
		);
	}
	return time;
}

/** A moment as ISO 8601 with +03:00 and without fractions; without a zone it is in the workflow's. */
export function readTime(raw: unknown, place: Place): string {
	const time = asDateTime(raw, place).setZone(KENYA).set({ millisecond: 0 });
	return time.toISO({ suppressMilliseconds: true }) ?? '';
}

/** A day, `YYYY-MM-DD`, as the calendar of the workflow's time zone has it; undefined when empty. */
export function readDay(raw: unknown, place: Place): string | undefined {
	if (asText(raw) === '') return undefined;
	return asDateTime(raw, place).toISODate() ?? undefined;
}

/** For options lists: keeps the values as literal types. */
export function choices<
	const Options extends readonly (INodePropertyOptions & { value: string })[],
>(...options: Options): Options {
	return options;
}

/**
 * A Kenyan phone number as people type it, or as a spreadsheet left it, to its nine digits after 254
 * (contract, section 7: any nine digits pass, samples use 254999999999).
 */
export function readPhoneDigits(raw: unknown, { label }: Place): string {
	const typed = asText(raw).replace(/^'|^tel:/i, '');
	const refuse = (why: string) =>
		new InputRefused(
			`'${label}' ${why}: ${typed.slice(0, 40)}`,
			'Write a Kenyan number such as 0712345678, 0112345678 or +254712345678.',
		);
	if (typed === '') {
		throw new InputRefused(`'${label}' is empty`, `Enter a phone number, such as 0712345678.`);
	}
	if (typeof raw === 'number' && (!Number.isInteger(raw) || raw < 0)) {
		throw refuse('is not a Kenyan phone number');
	}
	// Word processors put in no-break spaces and typographic dashes; people, dots and brackets.
	const compact = typed.replace(
		/[\s\u00a0\u200b-\u200f\u2010-\u2015\u202a-\u202f\u2060\ufeff().-]/g,
		'',
	);
	if (/[^\d+]/.test(compact) || compact.lastIndexOf('+') > 0) {
		throw refuse('holds something that is not part of a phone number');
	}
	const match =
		/^\+?254(?<digits>\d{9})$/.exec(compact) ??
		/^(?:\+254|254)0(?<digits>[17]\d{8})$/.exec(compact) ??
		/^00254(?<digits>\d{9})$/.exec(compact) ??
		/^0(?<digits>[17]\d{8})$/.exec(compact) ??
		/^(?<digits>[17]\d{8})$/.exec(compact);
	const digits = match?.groups?.digits;
	if (digits === undefined) throw refuse('is not a Kenyan phone number');
	return digits;
}

/** `+254XXXXXXXXX`, as payment requests and external recipients want it (contract, section 7). */
export const readPhoneWithPlus = (raw: unknown, place: Place): string =>
	`+254${readPhoneDigits(raw, place)}`;

/** `254XXXXXXXXX`, as send money and transfer accounts want it (contract, section 7). */
export const readPhoneBare = (raw: unknown, place: Place): string =>
	`254${readPhoneDigits(raw, place)}`;

const LARGEST_AMOUNT = 1_000_000_000;

/**
 * Kenyan shillings, not cents: a number or text such as `1,500` or `KES 1500.00`, above zero, with at
 * most two decimals (contract, section 7; no official limit is known, so none is set).
 */
export function readAmount(raw: unknown, { label }: Place): number {
	// Arithmetic in an expression leaves 0.30000000000000004 where a person means 0.30.
	const typed = asText(typeof raw === 'number' ? Number(raw.toFixed(6)) : raw);
	const text = typed
		.replace(/^(?:kes|kshs?)\.?|(?:kes|kshs?)\.?$/gi, '')
		.replace(/[\s\u00a0]/g, '')
		.replace(/\/[-=]$/, '');
	const plain = /^\d{1,3}(?:,\d{3})+(?:\.\d+)?$/.test(text) ? text.replaceAll(',', '') : text;
	const refuse = (why: string) =>
		new InputRefused(
			`'${label}' ${why}: ${typed.slice(0, 40)}`,
			'Write Kenyan shillings as a number above zero, such as 1500 or 1,500.00.',
		);
	if (plain === '') {
		throw new InputRefused(
			`'${label}' is empty`,
			`Enter an amount in Kenyan shillings, such as 1500.`,
		);
	}
	if (/^-/.test(plain)) throw refuse('is negative');
	if (!/^\d+(?:\.\d+)?$/.test(plain)) throw refuse('is not a number');
	const amount = Number(plain);
	if (amount === 0) throw refuse('is zero');
	if (amount > LARGEST_AMOUNT) throw refuse('is larger than any payment');
	// Three decimals may be a thousand in other countries' writing, so they are nobody's guess.
	if (!/^\d+(?:\.\d{1,2})?$/.test(plain)) throw refuse('has more than two decimals');
	return amount;
}

/** An amount without cents, as send money wants it (contract, section 7: Integer). */
export function readWholeAmount(raw: unknown, place: Place): number {
	const amount = readAmount(raw, place);
	if (!Number.isInteger(amount)) {
		throw new InputRefused(
			`'${place.label}' has cents: ${amount}`,
			'Kopo Kopo sends whole shillings only. Round it, such as 1500.',
		);
	}
	return amount;
}

/** An id, bare or inside a pasted resource URL; the URL itself is never followed. */
export function readId(raw: unknown, place: Place): string {
	const text = readRequiredText(raw, place);
	const id = idFromLocation(text);
	if (id === undefined || /\s/.test(id) || /\p{Surrogate}/u.test(id)) {
		throw new InputRefused(
			`'${place.label}' holds no ID: ${text.slice(0, 80)}`,
			'Paste the ID that Kopo Kopo gave, or the whole address that ends with it.',
		);
	}
	return id;
}

/** Reserved by RFC 2606: names no host, so a result sent there reaches nobody. */
const NOBODY = 'https://n8n.invalid/kopo-kopo/result-not-awaited';

/**
 * Where Kopo Kopo sends the result. Kopo Kopo insists on one; left empty it is this n8n's own address
 * when that is https, and otherwise nobody's: the result carries names and phone numbers.
 */
export function readCallbackUrl(raw: unknown, { label, credential, instanceUrl }: Place): string {
	const url = asText(raw);
	if (url === '') {
		return /^https:\/\//i.test(instanceUrl)
			? new URL('webhook/kopo-kopo/result-not-awaited', instanceUrl).href
			: NOBODY;
	}
	if (!isCallbackAllowed(url, credential)) {
		throw new InputRefused(
			`'${label}' must be a web address that begins with https://: ${url.slice(0, 80)}`,
			"Use the Production URL of a Kopo Kopo Trigger. When that begins with http://, set WEBHOOK_URL in n8n's environment to its public https address.",
		);
	}
	return url;
}
