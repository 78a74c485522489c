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

/** The payouts that a body shows together: those to one phone, or all if it names no recipients. */
const groupsOf = (all: Payout[], areRecipientsShown: boolean): Payout[][] => {
	if (!areRecipientsShown) return [all];
	const phones = [...new Set(all.map(({ phone }) => phone))];
	return phones.map((phone) => all.filter((one) => one.phone === phone));
};

/** Parts that are not listed cannot be told from fees if they are smaller, on average, than the listed ones. */
function looksLikeFees(group: Payout[]): boolean {
	const listed = group.flatMap(({ parts, fee }) =>
		parts
			.map((one, at) => ({ ...one, cents: one.cents - (at === 0 ? fee : 0) }))
			.filter(({ fate }) => fate !== 'unlisted')
			.map((one) => one.cents),
	);
	const whole = group.flatMap(({ parts }) => parts).reduce((sum, one) => sum + one.cents, 0);
	const missing = whole - listed.reduce((sum, one) => sum + one, 0);
	return listed.length >= group.length && missing / listed.length < Math.min(...listed);
}

/**
 * The outcome that the user must be told, from what really happens to the money
 * (docs/kopokopo-api.md#send-money-results).
 * @param isReadable whether the body has every amount of a payout
 */
function expectedOutcome(
	all: Payout[],
	status: unknown,
	areRecipientsShown: boolean,
	isReadable: (payout: Payout) => boolean,
): string {
	const fates = all.flatMap(({ parts }) => parts.map(({ fate }) => fate));
	const has = (...some: Fate[]) => some.some((fate) => fates.includes(fate));
	const isRefused = isOneOf(REFUSED, status);
	const isHandled = isOneOf(HANDLED, status);
	const isListed = has('paid', 'lost', 'open', 'contradictory');
	if (has('contradictory')) return 'unknown';
	if (!isListed) return isRefused ? 'failure' : 'pending';
	if (has('open')) return 'pending';
	if (isRefused && !has('lost')) return 'unknown';
	const known = has('lost') ? (has('paid') ? 'partial' : 'failure') : 'success';
	if (isRefused) return known;
	if (has('unlisted') || (known === 'success' && !isHandled)) return 'pending';
	// All of the money has reached its end. The body does not always show that.
	const isShown = (group: Payout[]) => {
		if (!group.every(isReadable)) return isHandled;
		return group.every(({ fee }) => fee === 0) || (isHandled && looksLikeFees(group));
	};
	return groupsOf(all, areRecipientsShown).every(isShown) ? known : 'pending';
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
			const withFees = drawn.map((one): Payout => {
				const [first] = one.parts;
				const isUnlisted = one.parts.some(({ fate }) => fate === 'unlisted');
				const fee = first === undefined || isUnlisted || one.fee >= first.cents ? 0 : one.fee;
				return { ...one, fee };
			});
			const all = groupsOf(withFees, areRecipientsShown).flatMap((group) => {
				const isUnlisted = group.some(({ parts }) => parts.some(({ fate }) => fate === 'unlisted'));
				// Otherwise no reader of the body could tell the difference.
				if (!isUnlisted || !looksLikeFees(group)) return group;
				return group.map((one): Payout => {
					const parts = one.parts.map((some): Part => ({ ...some, fate: 'unlisted' }));
					return { ...one, parts, fee: 0 };
				});
			});
			const hasUnlisted = all.some(({ parts }) => parts.some(({ fate }) => fate === 'unlisted'));
			const recipient = (phone: string) => (areRecipientsShown ? { phone_number: phone } : {});
			const rowsOf = ({ phone, parts, fee }: Payout) =>
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
					});
			const destinationOf = ({ phone, parts }: Payout): IDataObject => {
				const sum = parts.reduce((total, one) => total + one.cents, 0);
				return { ...recipient(phone), amount: amountOf(sum, isText) };
			};
			const shown = all.map((payout) => ({
				payout,
				rows: rowsOf(payout),
				destination: destinationOf(payout),
			}));
			const rows = shown.flatMap((one) => one.rows);
			const destinations = shown.map(({ destination }) => destination);
			// Amounts can be missing where all disbursements are listed.
			const candidates = hasUnlisted ? [] : [...rows, ...destinations];
			for (const at of missing) {
				const row = candidates[at];
				if (row !== undefined) row.amount = null;
			}
			const isReadable = (payout: Payout) =>
				shown
					.filter((one) => one.payout === payout)
					.every((one) => [...one.rows, one.destination].every(({ amount }) => amount !== null));
			const attributes = { status, destinations, transfer_batches: [{ disbursements: rows }] };
			const { outcome, isFinal } = parseResult(
				JSON.parse(JSON.stringify({ data: { id: '7', type: 'send_money', attributes } })),
			);
			const expected = expectedOutcome(all, status, areRecipientsShown, isReadable);
			seen[outcome] = (seen[outcome] ?? 0) + 1;
			return outcome === expected && isFinal === !['pending', 'unknown'].includes(outcome);
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

	/** The outcome of a body (docs/kopokopo-api.md#send-money-results), computed in whole cents. */
	function expectedOf(rows: IDataObject[], destinations: IDataObject[], outer: unknown): string {
		const isPaid = (row: IDataObject) => isOneOf(['Transferred'], row.status);
		const isLost = (row: IDataObject) => isOneOf(LOST, row.status);
		const isRefused = isOneOf(REFUSED, outer);
		const isHandled = isOneOf(HANDLED, outer);
		const hasPaid = rows.some(isPaid);
		const hasLost = rows.some(isLost);
		if (rows.some((row) => isPaid(row) && !isNothing(row.errors))) return 'unknown';
		if (rows.length === 0) return isRefused ? 'failure' : 'pending';
		if (!rows.every((row) => isPaid(row) || isLost(row))) return 'pending';
		const phones = new Set(destinations.map((row) => String(row.phone_number ?? '').slice(-9)));
		const areKnown =
			!phones.has('') &&
			rows.every((row) => phones.has(String(row.phone_number ?? 'none').slice(-9)));
		const groups = [...phones].map((phone) => {
			const isOfGroup = (row: IDataObject) => String(row.phone_number).endsWith(phone);
			return { listed: rows.filter(isOfGroup), wanted: destinations.filter(isOfGroup) };
		});
		const recipients = areKnown ? groups : [{ listed: rows, wanted: destinations }];
		const isRepeated = recipients.some(({ listed, wanted }) => {
			const got = listed.filter((row) => isPaid(row) && sum([row]) !== undefined);
			const due = sum(wanted);
			return got.length > 0 && listed.some(isLost) && due !== undefined && (sum(got) ?? 0n) >= due;
		});
		if (destinations.length > 0 && isRepeated) return 'unknown';
		if (isRefused && !hasLost) return 'unknown';
		const known = hasLost ? (hasPaid ? 'partial' : 'failure') : 'success';
		if (isRefused) return known;
		if (known === 'success' && !isHandled) return 'pending';
		const isAll = recipients.every(({ listed, wanted }) => {
			const due = sum(wanted);
			const got = sum(listed);
			const hasEnough = listed.length > 0 && listed.length >= wanted.length;
			if (due === undefined || got === undefined) return isHandled && hasEnough;
			if (listed.length > 0 && got >= due) return true;
			const smallest = listed
				.map((row) => sum([row]) ?? 0n)
				.reduce((least, one) => (one < least ? one : least), due);
			return isHandled && hasEnough && due - got < smallest * BigInt(listed.length);
		});
		return (destinations.length === 0 ? isHandled : isAll) ? known : 'pending';
	}

	test('the outcome is that of the documented rules, and the message and the amount are well formed', () => {
		const seen: Record<string, number> = {};
		fc.assert(
			fc.property(attributes, type, fc.array(fc.nat(4), { maxLength: 2 }), (given, kind, again) => {
				const batches = (given.transfer_batches ?? []) as IDataObject[];
				const rows = batches.flatMap(({ disbursements }) => (disbursements ?? []) as IDataObject[]);
				const destinations = (given.destinations ?? []) as IDataObject[];
				const copies = again.flatMap((at) => rows.slice(at, at + 1));
				for (const [at, row] of copies.entries()) row.transaction_reference ??= `R${at}`;
				// One receipt for several destinations without a recipient can be several disbursements, and only
				// money that was paid has a receipt.
				const counted = copies.filter(
					(row) =>
						!isOneOf(['Transferred'], row.status) ||
						(destinations.length > 1 && (row.phone_number ?? null) === null),
				);
				const shown = copies.length === 0 ? batches : [...batches, { disbursements: copies }];
				const body = {
					data: { id: '7', type: kind, attributes: { ...given, transfer_batches: shown } },
				};
				const result = parseResult(JSON.parse(JSON.stringify(body)));
				const { outcome, isFinal, message, amount: total } = result;
				seen[outcome] = (seen[outcome] ?? 0) + 1;
				// Compared by hand: 100,000 calls of expect() take half a minute.
				return (
					outcome === expectedOf([...rows, ...counted], destinations, given.status) &&
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
