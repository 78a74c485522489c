import type { INodePropertyOptions } from 'n8n-workflow';
import { InvalidParameterError } from '../domain/errors';

/** What a parser knows besides the value: the field's label, for error texts, and the rules of the environment. */
export interface ParseContext {
	/** The field's label, as the user sees it. */
	label: string;
	/** Whether plain http may be called back, as in Environment 'Custom'. */
	allowHttp: boolean;
	/** URL of this n8n, for a callback that nobody waits for. */
	instanceUrl: string;
	/** IANA name of the workflow's time zone, for times without a zone. */
	timezone: string;
}

/** The value as trimmed text; numbers as people see them, nothing as ''. */
export function asText(raw: unknown): string {
	if (raw === undefined || raw === null) return '';
	if (typeof raw === 'object') return JSON.stringify(raw);
	return String(raw).trim();
}

/** A reader of optional text. */
export function parseText(raw: unknown): string | undefined {
	const text = asText(raw);
	return text === '' ? undefined : text;
}

/** A reader of text that must be there. */
export function parseRequiredText(raw: unknown, { label }: ParseContext): string {
	const text = asText(raw);
	if (text === '') {
		throw new InvalidParameterError(`'${label}' is empty`, `Enter a value for '${label}'.`);
	}
	return text;
}

/** The value of an options field, which an expression can set to anything. */
export function parseChoice<const Value extends string>(
	options: readonly { value: Value; name: string }[],
) {
	return (raw: unknown, { label }: ParseContext): Value => {
		const text = asText(raw);
		const chosen = options.find(({ value }) => value === text);
		if (chosen === undefined) {
			throw new InvalidParameterError(
				`'${label}' cannot be '${text}'`,
				`Choose one of: ${options.map(({ value }) => value).join(', ')}.`,
			);
		}
		return chosen.value;
	};
}

/** The value of a switch. */
export const parseBoolean = (raw: unknown): boolean => raw === true || raw === 'true';

/** A whole number above zero. */
export function parseCount(raw: unknown, { label }: ParseContext): number {
	const count = Number(raw);
	if (!Number.isInteger(count) || count < 1) {
		throw new InvalidParameterError(
			`'${label}' is not a number above zero`,
			'Write a whole number, such as 50.',
		);
	}
	return count;
}

/** For options lists: keeps the values as literal types. */
export function choices<
	const Options extends readonly (INodePropertyOptions & { value: string })[],
>(...options: Options): Options {
	return options;
}
