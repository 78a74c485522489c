import * as fc from 'fast-check';
import type { Fixture } from './testData';
import { readFixtures } from './testData';

/** How often each property is tried; all fuzz tests together take a few seconds. */
export const RUNS = 800;

/** The characters of a delivery or response that is large for Kopo Kopo, but possible. */
export const LARGE = 200_000;

/** Keys that mean something to JavaScript, to the parser or to the contract. */
const KEYS = [
	...['__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'toJSON', 'length', 'then'],
	...['topic', 'event', 'resource', 'id', 'data', 'type', 'attributes', 'status', 'errors'],
	...[
		'amount',
		'error',
		'error_message',
		'message',
		'metadata',
		'transfer_batches',
		'destinations',
	],
	...['TransactionType', 'TransID', 'TransTime', 'TransAmount', 'payment_link', 'event_type'],
];

/** Values that readers trip over, as JSON can hold them. */
const ODD_VALUES: unknown[] = [
	...[null, '', ' ', 0, -0, -1, 1e308, 1e-7, 0.1, true, false, [], {}, [[]], [null]],
	...['100.0', '1e3', 'NaN', 'Infinity', '0x10', '1,500', '-5', '٣', 'success', 'Transferred'],
	...['\ud800', '\u0000', '\ufeff', '\u202e', '__proto__', 'null', 'undefined'],
	...[
		'Buygoods',
		'buygoods_transaction_received',
		'incoming_payment',
		'incoming_payment.completed',
	],
	...[{ toString: 1, valueOf: 1 }, { toJSON: 1 }, { length: -1 }, { then: 1 }],
	JSON.parse('{"__proto__": {"amount": 1, "status": "Success"}}'),
];

/** Any JSON, made to hold what parsers trip over. */
export const anyJson: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
	value: fc.oneof(
		{ maxDepth: 4, withCrossShrink: true },
		fc.constantFrom(...ODD_VALUES),
		fc.string({ unit: 'binary' }),
		fc.double({ noNaN: true, noDefaultInfinity: true }),
		fc.array(tie('value'), { maxLength: 4 }),
		fc
			.array(fc.tuple(fc.oneof(fc.constantFrom(...KEYS), fc.string()), tie('value')), {
				maxLength: 6,
			})
			// Parsed, not built: an object that is built takes __proto__ for something else.
			.map((entries) => JSON.parse(`{${entries.map(asMember).join()}}`) as unknown),
	),
})).value;

const asMember = ([key, value]: [string, unknown]) =>
	`${JSON.stringify(key)}:${JSON.stringify(value)}`;

type Path = Array<string | number>;

/** Where everything in a value is, the value itself first. */
function pathsOf(value: unknown, here: Path = []): Path[] {
	if (typeof value !== 'object' || value === null) return [here];
	const inside = Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...here, key]));
	return [here, ...inside];
}

type Holder = Record<string | number, unknown>;

/** The value with one place replaced, or taken away when the new one is undefined. */
function changedAt(value: unknown, path: Path, replacement: unknown): unknown {
	if (path.length === 0) return replacement;
	const copy = structuredClone(value);
	const holder = path.slice(0, -1).reduce<Holder>((at, key) => at[key] as Holder, copy as Holder);
	const last = path.at(-1) as string;
	if (replacement !== undefined) define(holder, last, replacement);
	else if (Array.isArray(holder)) holder.splice(Number(last), 1);
	else delete holder[last];
	return copy;
}

/** Assigned, `__proto__` would become no member. */
function define(holder: Holder, name: string, value: unknown): void {
	Object.defineProperty(holder, name, {
		value,
		enumerable: true,
		writable: true,
		configurable: true,
	});
}

/** One real body with up to three places replaced by anything, or taken away. */
function mutationsOf(body: unknown): fc.Arbitrary<unknown> {
	const change = fc.tuple(fc.nat(), fc.option(anyJson, { nil: undefined }));
	return fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) =>
		changes.reduce<unknown>((changed, [place, replacement]) => {
			const paths = pathsOf(changed);
			return changedAt(changed, paths[place % paths.length] ?? [], replacement);
		}, body),
	);
}

/** Every fixture of a folder with a body, mutated. */
export function mutatedFixtures(folder: string): fc.Arbitrary<{ fixture: Fixture; body: unknown }> {
	const fixtures = readFixtures(folder).filter(({ body }) => body !== null);
	return fc
		.constantFrom(...fixtures)
		.chain((fixture) => mutationsOf(fixture.body).map((body) => ({ fixture, body })));
}
