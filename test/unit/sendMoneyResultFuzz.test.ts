import * as fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';
import { parseResult } from '../../nodes/KopoKopo/domain/result';
import { ERROR_SHAPES } from './testData';

/**
 * The rules of R01, R03 and R04 again, written in another way than the code: by what each destination
 * can still get, in cents as whole numbers from text.
 */
function expectedOutcome(attributes: IDataObject): string {
	const word = (value: unknown) => (typeof value === 'string' ? value.toLowerCase() : '');
	const isNothing = (value: unknown): boolean =>
		value === null ||
		value === undefined ||
		value === false ||
		(typeof value === 'string' && !/\S/.test(value)) ||
		(typeof value === 'object' &&
			Object.keys(value).every((key) => isNothing(value[key as never])));
	const cents = (value: unknown) => {
		const [, whole = '', fraction = ''] = /^(\d+)(?:\.(\d+))?$/.exec(String(value)) ?? [];
		return whole === '' ? undefined : BigInt(whole + fraction.padEnd(2, '0').slice(0, 2));
	};
	const sum = (rows: IDataObject[]) =>
		rows.reduce((total, { amount }) => total + (cents(amount) ?? 0n), 0n);

	let rows: IDataObject[] = [];
	for (const batch of (attributes.transfer_batches as IDataObject[] | null | undefined) ?? []) {
		rows = rows.concat((batch.disbursements as IDataObject[] | null | undefined) ?? []);
	}
	const targets = (attributes.destinations as IDataObject[] | null) ?? [];
	const outer = word(attributes.status);
	const isOver = /^(failed|cancelled|rejected|declined)$/.test(outer);
	const tally = { paid: 0, lost: 0, open: 0 };
	for (const row of rows) {
		const status = word(row.status);
		if (status === 'transferred') {
			if (!isNothing(row.errors)) return 'unknown';
			tally.paid += 1;
		} else if (/^(cancelled|failed|rejected|declined|reversed)$/.test(status)) tally.lost += 1;
		else tally.open += 1;
	}
	if (rows.length === 0) return isOver ? 'failure' : 'pending';
	if (tally.open > 0) return 'pending';
	const canGrow =
		rows.length < targets.length &&
		(targets.some(({ amount }) => cents(amount) === undefined) || sum(rows) < sum(targets));
	if (tally.lost === 0 && isOver) return 'unknown';
	if (canGrow && !isOver) return 'pending';
	if (tally.paid === 0) return 'failure';
	if (tally.lost > 0) return 'partial';
	return /^(processed|transferred|success|completed)$/.test(outer) ? 'success' : 'pending';
}

describe('for any Send Money body', () => {
	const anyCase = (words: string[]) =>
		fc.tuple(fc.constantFrom(...words), fc.nat(3)).map(([word, how]) => {
			if (how === 0) return word.toUpperCase();
			return how === 1 ? word.toLowerCase() : word;
		});
	const outerStatus = fc.oneof(
		{ weight: 4, arbitrary: anyCase(['Processed', 'Transferred', 'Success', 'Completed']) },
		{ weight: 2, arbitrary: anyCase(['Failed', 'Cancelled', 'Rejected', 'Declined']) },
		fc.constantFrom<unknown>('Scheduled', 'Received', 'Reversed', 'Sent', '', null, 3),
	);
	const status = fc.oneof(
		{ weight: 5, arbitrary: anyCase(['Transferred']) },
		{ weight: 3, arbitrary: anyCase(['Cancelled', 'Failed', 'Rejected', 'Declined', 'Reversed']) },
		fc.constantFrom<unknown>('Scheduled', 'Pending', 'Success', 'Paid', '', null, undefined, 1),
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
	const disbursement = fc.record({ status, errors, amount });
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
			{ weight: 5, arbitrary: fc.array(fc.record({ amount }), { maxLength: 4 }) },
			fc.constant(null),
		),
		transfer_batches: fc.oneof(
			{ weight: 8, arbitrary: fc.array(batch, { minLength: 1, maxLength: 3 }) },
			fc.constantFrom<unknown>(null, undefined, []),
		),
	}) as fc.Arbitrary<IDataObject>;
	const type = fc.constantFrom('send_money', 'settlement_transfer', 'payment');

	test('the outcome follows the rules, and the invariants of money hold', () => {
		const seen: Record<string, number> = {};
		fc.assert(
			fc.property(attributes, type, (given, kind) => {
				const body = { data: { id: '7', type: kind, attributes: given } };
				const result = parseResult(JSON.parse(JSON.stringify(body)));
				const { outcome, isFinal, message, amount: total } = result;
				const expected = expectedOutcome(given);
				seen[expected] = (seen[expected] ?? 0) + 1;
				// Compared by hand: 100,000 calls of expect() take half a minute.
				return (
					outcome === expected &&
					isFinal === ['success', 'failure', 'partial'].includes(expected) &&
					/^(Paid|Not paid|It is not known)/.test(message ?? '') &&
					Math.round((total ?? 0) * 100) / 100 === (total ?? 0)
				);
			}),
			{ numRuns: 20_000 },
		);
		for (const outcome of ['success', 'failure', 'partial', 'pending', 'unknown']) {
			expect(seen[outcome]).toBeGreaterThan(200);
		}
	});
});
