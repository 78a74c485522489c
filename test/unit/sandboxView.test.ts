import { ChangeDetector } from '../sandbox/page/changes';
import { ksh, mpesaMessages } from '../sandbox/page/messages';
import { promptExpiry, viewOf, type ViewState } from '../sandbox/page/view';
import { DEFAULT_CONFIG } from '../sandbox/config';
import { Ledger } from '../sandbox/ledger';

const PHONE = '+254712345678';

function emptyState(): ViewState & { ledger: Ledger } {
	return {
		config: DEFAULT_CONFIG,
		url: 'http://127.0.0.1:4010',
		resources: [],
		ledger: new Ledger(1_000),
		transactions: [],
		deliveries: { log: [], interference: { isHolding: false, toLose: 0, toRepeat: 0 } },
		faultRules: [],
		attendedSince: null,
	};
}

function move(ledger: Ledger, direction: 'in' | 'out', amount: number, reference: string): void {
	ledger.recordMovement({
		requestSeq: null,
		resourceId: null,
		resourceType: 'walk_in',
		direction,
		amount,
		from: direction === 'in' ? PHONE : '112233',
		to: direction === 'in' ? '112233' : PHONE,
		phone: PHONE,
		reference,
	});
}

describe('the view', () => {
	it('of an empty sandbox shows the named customers and nothing else', () => {
		const view = viewOf(emptyState());
		expect(view.phones.map(({ name, balance }) => [name, balance])).toEqual([
			['Wanjiku Kamau', 100_000],
			['Brian Otieno', 100_000],
			['Amina Hassan', 100_000],
		]);
		expect(view.merchant).toMatchObject({ balance: 1_000, received: 0, paidOut: 0 });
		for (const list of ['links', 'bank', 'payments', 'deliveries', 'movements'] as const) {
			expect(view[list]).toEqual([]);
		}
	});

	it('does not change what it is computed from, and is the same each time', () => {
		const state = emptyState();
		move(state.ledger, 'in', 50, 'SBX0000001');
		const before = JSON.stringify(state);
		expect(viewOf(state)).toEqual(viewOf(state));
		expect(JSON.stringify(state)).toBe(before);
	});

	it('keeps the newest thousand rows', () => {
		const state = emptyState();
		for (let seq = 1; seq <= 1_500; seq += 1) move(state.ledger, 'in', 1, `R${seq}`);
		const { movements, phones } = viewOf(state);
		expect(movements).toHaveLength(1_000);
		expect(movements.at(-1)?.reference).toBe('R1500');
		expect(phones[0]?.balance).toBe(98_500);
		expect(phones[0]?.messages).toHaveLength(15);
	});
});

describe("M-Pesa's messages", () => {
	it('tell payments, reversals and payouts apart, each with the balance after it', () => {
		const { ledger } = emptyState();
		move(ledger, 'in', 1_500, 'SBX0000001');
		move(ledger, 'out', 1_500, 'SBX0000001');
		move(ledger, 'out', 200.5, 'SBX0000002');
		const texts = mpesaMessages(ledger.movements, DEFAULT_CONFIG).get(PHONE);
		expect(texts?.map(({ text }) => text.replace(/ on \S+ at \S+ [AP]M/, ''))).toEqual([
			'SBX0000001 Confirmed. Ksh1,500.00 paid to NJERI STORES WESTLANDS. New M-PESA balance is Ksh98,500.00. Transaction cost, Ksh0.00.',
			'SBX0000001 Confirmed. Reversal of Ksh1,500.00 from NJERI STORES WESTLANDS. New M-PESA balance is Ksh100,000.00.',
			'SBX0000002 Confirmed. You have received Ksh200.50 from NJERI STORES. New M-PESA balance is Ksh100,200.50.',
		]);
	});

	it.each([
		['2026-11-26T21:05:00Z', '27/11/26 at 12:05 AM'],
		['2026-11-26T09:30:00Z', '26/11/26 at 12:30 PM'],
		['2026-11-26T10:45:00Z', '26/11/26 at 1:45 PM'],
	])('give %s in East African time', (at, expected) => {
		const { ledger } = emptyState();
		move(ledger, 'in', 1, 'SBX0000001');
		const movements = ledger.movements.map((movement) => ({ ...movement, at }));
		expect(mpesaMessages(movements, DEFAULT_CONFIG).get(PHONE)?.[0]?.text).toContain(expected);
	});

	it.each([
		[0, 'Ksh0.00'],
		[1_234_567.5, 'Ksh1,234,567.50'],
		[-20, '-Ksh20.00'],
	])('write %d as %s', (amount, text) => {
		expect(ksh(amount)).toBe(text);
	});
});

describe('a prompt', () => {
	const prompt = { till: 'K000001', amount: 1, phone: PHONE, askedAt: new Date(10_000) };

	it('expires a minute after it was sent, or after somebody came to the page', () => {
		expect(promptExpiry(prompt, new Date(5_000), DEFAULT_CONFIG)).toEqual(new Date(70_000));
		expect(promptExpiry(prompt, new Date(30_000), DEFAULT_CONFIG)).toEqual(new Date(90_000));
		expect(promptExpiry(prompt, null, DEFAULT_CONFIG)).toBeNull();
	});
});

describe('the changes', () => {
	it('are everything first, then only what is different', () => {
		const state = emptyState();
		const detector = new ChangeDetector();
		expect(Object.keys(detector.changesTo(viewOf(state)) ?? {})).toContain('phones');
		expect(detector.changesTo(viewOf(state))).toBeUndefined();
		move(state.ledger, 'in', 5, 'SBX0000001');
		const changes = detector.changesTo(viewOf(state));
		expect(Object.keys(changes ?? {}).sort()).toEqual(['merchant', 'movements', 'phones']);
		expect(changes?.movements).toMatchObject({ rows: [{ id: '1' }], removed: [] });
		state.ledger.clear();
		expect(detector.changesTo(viewOf(state))?.movements).toEqual({ rows: [], removed: ['1'] });
	});
});
