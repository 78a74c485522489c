import * as fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';
import { parseResult } from '../../nodes/KopoKopo/domain/result';
import { ERROR_SHAPES } from './testData';

const HANDLED = ['Processed', 'Transferred', 'Success', 'Completed'];
const REFUSED = ['Failed', 'Cancelled', 'Rejected', 'Declined'];
const UNDECIDED = ['Scheduled', 'Received', 'Reversed', 'Sent', '', null, 3];
const LOST = ['Cancelled', 'Failed', 'Rejected', 'Declined', 'Reversed'];
const OPEN = ['Scheduled', 'Pending', 'Success', 'Paid', '', null, undefined, 1];

/** The words with any case. */
const anyCase = (words: string[]) =>
	fc.tuple(fc.constantFrom(...words), fc.nat(3)).map(([word, how]) => {
		if (how === 0) return word.toUpperCase();
		return how === 1 ? word.toLowerCase() : word;
	});

const isOneOf = (words: string[], value: unknown) =>
	typeof value === 'string' && words.some((word) => word.toLowerCase() === value.toLowerCase());

/** What happens to one part of a payout. */
type Fate = 'paid' | 'lost' | 'open' | 'contradictory' | 'unlisted';

interface Part {
	cents: number;
	fate: Fate;
}

/** A payout to one destination, which Kopo Kopo carries out in one or more parts. */
interface Payout {
	phone: string;
	parts: Part[];
	/** Cents that Kopo Kopo deducts from the first part. */
	fee: number;
}

const cents = fc.oneof(
	fc.constantFrom(1, 1000, 5000, 14_114_702),
	fc.integer({ min: 1, max: 9e7 }),
);
const part = fc.record({
	cents,
	fate: fc.oneof(
		{ weight: 6, arbitrary: fc.constantFrom<Fate>('paid') },
		{ weight: 4, arbitrary: fc.constantFrom<Fate>('lost') },
		fc.constantFrom<Fate>('open', 'unlisted', 'unlisted'),
		{ weight: 1, arbitrary: fc.constantFrom<Fate>('contradictory', 'open') },
	),
});
const payouts = fc.array(
	fc.record({
		phone: fc.constantFrom('254700000001', '254700000002', '254700000003', '254700000004'),
		parts: fc.oneof(
			fc.array(part, { minLength: 1, maxLength: 1 }),
			fc.array(part, { minLength: 1, maxLength: 4 }),
		),
		fee: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 20_000 })),
	}),
	{ minLength: 1, maxLength: 4 },
);

/** An amount as Kopo Kopo writes it: text or a number. */
const amountOf = (inCents: number, isText: boolean) =>
	isText ? (inCents / 100).toFixed(2).replace(/0$/, '') : inCents / 100;

/** A part that is not listed cannot be told from a fee if it is small, and smaller than the listed ones. */
function looksLikeFee({ parts, fee }: Payout): boolean {
	const listed = parts.filter(({ fate }) => fate !== 'unlisted').map((one) => one.cents);
	const missing = parts.reduce((sum, one) => sum + (one.fate === 'unlisted' ? one.cents : 0), fee);
	const wanted = parts.reduce((sum, one) => sum + one.cents, 0);
	if (missing > 50_000 || 10 * missing > wanted) return false;
	return listed.length > 0 && missing < Math.min(...listed.map((one, at) => one - (at ? 0 : fee)));
}

/**
 * The outcomes that the user may be told, from what really happens to the money
 * (docs/kopokopo-api.md#send-money-results).
 */
function allowedOutcomes(
	all: Payout[],
	status: unknown,
	{
		areAmountsMissing,
		areRecipientsShown,
	}: { areAmountsMissing: boolean; areRecipientsShown: boolean },
): string[] {
	const fates = all.flatMap(({ parts }) => parts.map(({ fate }) => fate));
	const has = (...some: Fate[]) => some.some((fate) => fates.includes(fate));
	const isRefused = isOneOf(REFUSED, status);
	const isHandled = isOneOf(HANDLED, status);
	const isListed = has('paid', 'lost', 'open', 'contradictory');
	if (has('contradictory')) return ['unknown'];
	if (!isListed) return [isRefused ? 'failure' : 'pending'];
	if (has('open')) return ['pending'];
	if (isRefused && !has('lost')) return ['unknown'];
	const known = has('lost') ? (has('paid') ? 'partial' : 'failure') : 'success';
	if (isRefused) return [known];
	if (has('unlisted') || (known === 'success' && !isHandled)) return ['pending'];
	// All of the money has reached its end. The body does not always show that.
	const hasFee = all.some(({ fee }) => fee > 0);
	const isSeen = (one: Payout) =>
		all.length === 1 ||
		(areRecipientsShown && all.every((other) => other === one || other.phone !== one.phone));
	const isShown = hasFee
		? isHandled && all.every((one) => one.fee === 0 || (isSeen(one) && looksLikeFee(one)))
		: true;
	if (!areAmountsMissing && isShown) return [known];
	return [known, 'pending'];
}

describe('for any payout', () => {
	test('the result never says more than what has happened to the money, and is final once the body shows it', () => {
		const seen: Record<string, number> = {};
		const checkOne = (
			drawn: Payout[],
			status: unknown,
			shape: { isText: boolean; areRecipientsShown: boolean; missing: number[] },
		): boolean => {
			const { isText, areRecipientsShown, missing } = shape;
			const all = drawn.map((one) => {
				const [first] = one.parts;
				const isUnlisted = one.parts.some(({ fate }) => fate === 'unlisted');
				const fee = first === undefined || isUnlisted || one.fee >= first.cents ? 0 : one.fee;
				const payout = { ...one, fee };
				// Otherwise no reader of the body could tell the difference.
				if (!isUnlisted || !looksLikeFee(payout)) return payout;
				return { ...payout, parts: one.parts.map((some): Part => ({ ...some, fate: 'unlisted' })) };
			});
			const hasUnlisted = all.some(({ parts }) => parts.some(({ fate }) => fate === 'unlisted'));
			const recipient = (phone: string) => (areRecipientsShown ? { phone_number: phone } : {});
			const rows = all.flatMap(({ phone, parts, fee }) =>
				parts
					.map((one, at) => ({ ...one, cents: one.cents - (at === 0 ? fee : 0) }))
					.filter(({ fate }) => fate !== 'unlisted')
					.map(({ cents: amount, fate }, at): IDataObject => {
						const words = {
							paid: 'Transferred',
							contradictory: 'Transferred',
							lost: LOST[at] ?? 'Failed',
							open: 'Scheduled',
							unlisted: '',
						};
						return {
							...recipient(phone),
							status: words[fate],
							amount: amountOf(amount, isText),
							errors: fate === 'contradictory' ? ['Insufficient funds'] : null,
						};
					}),
			);
			const destinations = all.map(
				({ phone, parts }): IDataObject => ({
					...recipient(phone),
					amount: amountOf(
						parts.reduce((sum, one) => sum + one.cents, 0),
						isText,
					),
				}),
			);
			// Amounts can be missing where all disbursements are listed.
			const candidates = hasUnlisted ? [] : [...rows, ...destinations];
			for (const at of missing) {
				const row = candidates[at];
				if (row !== undefined) row.amount = null;
			}
			const areAmountsMissing = candidates.some(({ amount }) => amount === null);
			const attributes = { status, destinations, transfer_batches: [{ disbursements: rows }] };
			const { outcome, isFinal } = parseResult(
				JSON.parse(JSON.stringify({ data: { id: '7', type: 'send_money', attributes } })),
			);
			const allowed = allowedOutcomes(all, status, { areAmountsMissing, areRecipientsShown });
			seen[outcome] = (seen[outcome] ?? 0) + 1;
			return allowed.includes(outcome) && isFinal === !['pending', 'unknown'].includes(outcome);
		};
		fc.assert(
			fc.property(
				payouts,
				fc.oneof(
					{ weight: 4, arbitrary: anyCase(HANDLED) },
					anyCase(REFUSED),
					fc.constantFrom<unknown>(...UNDECIDED),
				),
				fc.record({
					isText: fc.boolean(),
					areRecipientsShown: fc.boolean(),
					missing: fc.oneof(
						{ weight: 4, arbitrary: fc.constant<number[]>([]) },
						fc.array(fc.nat(5), { maxLength: 3 }),
					),
				}),
				checkOne,
			),
			{ numRuns: 10_000 },
		);
		for (const outcome of ['success', 'failure', 'partial', 'pending', 'unknown']) {
			expect(seen[outcome]).toBeGreaterThan(100);
		}
	});
});

describe('for any Send Money body', () => {
	const outerStatus = fc.oneof(
		{ weight: 4, arbitrary: anyCase(HANDLED) },
		{ weight: 2, arbitrary: anyCase(REFUSED) },
		fc.constantFrom<unknown>(...UNDECIDED),
	);
	const status = fc.oneof(
		{ weight: 5, arbitrary: anyCase(['Transferred']) },
		{ weight: 3, arbitrary: anyCase(LOST) },
		fc.constantFrom<unknown>(...OPEN),
	);
	const errors = fc.oneof(
		{
			weight: 8,
			arbitrary: fc.constantFrom<unknown>(null, undefined, '', [], {}, [null], { base: [] }),
		},
		fc.constantFrom<unknown>(...ERROR_SHAPES, 17, true, [{ code: 4 }]),
		fc.jsonValue({ maxDepth: 3 }),
	);
	const amount = fc.oneof(
		{
			weight: 6,
			arbitrary: fc.constantFrom<unknown>('1000.0', '950', 1000, 500, '0.10', 0.2, 141147.02),
		},
		fc.constantFrom<unknown>(null, undefined, 'none', ''),
	);
	const phone = fc.constantFrom<unknown>('254700000001', '+254700000002', null, undefined);
	const disbursement = fc.record({ status, errors, amount, phone_number: phone });
	const batch = fc.oneof(
		{
			weight: 6,
			arbitrary: fc.record({ disbursements: fc.array(disbursement, { maxLength: 3 }) }),
		},
		fc.constantFrom<unknown>({}, { disbursements: null }, { disbursements: [] }),
	);
	const attributes = fc.record({
		status: outerStatus,
		errors,
		destinations: fc.oneof(
			{
				weight: 5,
				arbitrary: fc.array(fc.record({ amount, phone_number: phone }), { maxLength: 4 }),
			},
			fc.constant(null),
		),
		transfer_batches: fc.oneof(
			{ weight: 8, arbitrary: fc.array(batch, { minLength: 1, maxLength: 3 }) },
			fc.constantFrom<unknown>(null, undefined, []),
		),
	}) as fc.Arbitrary<IDataObject>;
	const type = fc.constantFrom('send_money', 'settlement_transfer', 'payment');

	const isNothing = (value: unknown): boolean =>
		value === null ||
		value === undefined ||
		value === false ||
		(typeof value === 'string' && !/\S/.test(value)) ||
		(typeof value === 'object' &&
			Object.keys(value).every((key) => isNothing(value[key as never])));
	const sum = (rows: IDataObject[]): bigint | undefined =>
		rows.reduce<bigint | undefined>((total, row) => {
			const [, whole, fraction = ''] = /^(\d+)(?:\.(\d+))?$/.exec(String(row.amount)) ?? [];
			if (total === undefined || whole === undefined) return undefined;
			return total + BigInt(whole + fraction.padEnd(2, '0').slice(0, 2));
		}, 0n);

	/** Whether an outcome is possible with this body (docs/kopokopo-api.md#send-money-results). */
	function isPossible(outcome: string, given: IDataObject): boolean {
		const batches = (given.transfer_batches ?? []) as IDataObject[];
		const rows = batches.flatMap(({ disbursements }) => (disbursements ?? []) as IDataObject[]);
		const destinations = (given.destinations ?? []) as IDataObject[];
		const paid = rows.filter((row) => isOneOf(['Transferred'], row.status));
		const lost = rows.filter((row) => isOneOf(LOST, row.status));
		const isRefused = isOneOf(REFUSED, given.status);
		if (paid.some(({ errors: some }) => !isNothing(some))) return outcome === 'unknown';
		if (rows.length === 0) return outcome === (isRefused ? 'failure' : 'pending');
		if (paid.length + lost.length < rows.length) return outcome === 'pending';
		if (isRefused && lost.length === 0) return outcome === 'unknown';
		// Everything was paid, to one recipient or to all together, although a disbursement has failed.
		const reaches = (some: IDataObject[], wanted: IDataObject[]) => {
			const got = sum(some.filter((row) => sum([row]) !== undefined)) ?? 0n;
			const due = sum(wanted);
			return wanted.length > 0 && due !== undefined && got >= due;
		};
		const ofPhone = (some: IDataObject[], of: unknown) =>
			some.filter((row) => row.phone_number === of);
		const isPaidDespiteFailure =
			paid.length > 0 &&
			lost.length > 0 &&
			(reaches(paid, destinations) ||
				lost.some(({ phone_number: of }) => reaches(ofPhone(paid, of), ofPhone(destinations, of))));
		if (outcome === 'unknown') return isPaidDespiteFailure;
		if (isPaidDespiteFailure && destinations.length === 1) return false;
		const whole = sum(destinations);
		const listed = sum(rows);
		const isAllListed = whole !== undefined && listed !== undefined && listed >= whole;
		const known = lost.length === 0 ? 'success' : paid.length > 0 ? 'partial' : 'failure';
		if (isRefused) return outcome === known;
		if (outcome === 'pending') {
			const isHandled = isOneOf(HANDLED, given.status);
			return !isHandled || (destinations.length > 0 && !(isAllListed && destinations.length === 1));
		}
		// A destination lacks at most a fee: KES 500, and a tenth of its amount.
		if (destinations.length > 0 && whole !== undefined && listed !== undefined) {
			const missing = whole - listed;
			if (missing * 10n > whole || missing > 50_000n * BigInt(destinations.length)) return false;
		}
		if (destinations.length > 1 && !isAllListed) {
			// Only a fee of each recipient of its own can be missing.
			const phones = new Set(destinations.map((row) => String(row.phone_number)));
			if (phones.size < 2 || rows.length < phones.size) return false;
		}
		if (known === 'success' && !isOneOf(HANDLED, given.status)) return false;
		return outcome === known && (isOneOf(HANDLED, given.status) || isAllListed);
	}

	test('the outcome is possible, and the message and the amount are well formed', () => {
		const seen: Record<string, number> = {};
		fc.assert(
			fc.property(attributes, type, (given, kind) => {
				const body = { data: { id: '7', type: kind, attributes: given } };
				const result = parseResult(JSON.parse(JSON.stringify(body)));
				const { outcome, isFinal, message, amount: total } = result;
				seen[outcome] = (seen[outcome] ?? 0) + 1;
				// Compared by hand: 100,000 calls of expect() take half a minute.
				return (
					isPossible(outcome, given) &&
					isFinal === ['success', 'failure', 'partial'].includes(outcome) &&
					/^(Paid|Not paid|It is not known)/.test(message ?? '') &&
					Math.round((total ?? 0) * 100) / 100 === (total ?? 0)
				);
			}),
			{ numRuns: 10_000 },
		);
		for (const outcome of ['success', 'failure', 'partial', 'pending', 'unknown']) {
			expect(seen[outcome]).toBeGreaterThan(100);
		}
	});
});
