import { internationalPhone } from './formats';
import type { Ledger } from './ledger';

/** The owner of a phone, as M-Pesa has registered them. */
export interface PhoneOwner {
	/** +254 and nine digits. */
	phone: string;
	firstName: string;
	lastName: string;
}

/**
 * The customers whose phones the page shows from the start. Their numbers are Safaricom's, because payouts
 * name Safaricom as the network.
 */
export const CUSTOMERS: PhoneOwner[] = [
	{ phone: '+254712345678', firstName: 'Wanjiku', lastName: 'Kamau' },
	{ phone: '+254722000111', firstName: 'Brian', lastName: 'Otieno' },
	{ phone: '+254711000222', firstName: 'Amina', lastName: 'Hassan' },
];

/** The number in Kopo Kopo's samples, and the name in them. */
export const SAMPLE_CUSTOMER: PhoneOwner = {
	phone: '+254999999999',
	firstName: 'Jane',
	lastName: 'Doe',
};

const FIRST_NAMES = [
	'Achieng',
	'Kiprono',
	'Mwende',
	'Baraka',
	'Nafula',
	'Juma',
	'Wairimu',
	'Kioko',
];
const LAST_NAMES = ['Mwangi', 'Wafula', 'Cheruiyot', 'Mutua', 'Omondi', 'Njoroge', 'Barasa'];

/** The PIN of every phone. */
export const PIN = '1234';

/** KES on every phone before its first payment. */
export const OPENING_PHONE_BALANCE = 100_000;

const byPhone = new Map(
	[...CUSTOMERS, SAMPLE_CUSTOMER].map((customer) => [customer.phone, customer] as const),
);

/** The owner of a phone number in any accepted form; the same number always has the same owner. */
export function ownerOf(phone: string): PhoneOwner {
	const international = internationalPhone(phone);
	const digits = Number(international.replace(/\D/g, '')) || 0;
	return (
		byPhone.get(international) ?? {
			phone: international,
			firstName: FIRST_NAMES[digits % FIRST_NAMES.length] ?? '',
			lastName: LAST_NAMES[digits % LAST_NAMES.length] ?? '',
		}
	);
}

/** KES on each phone that has paid or received money, by +254… number. */
export function phoneBalances({ movements }: Pick<Ledger, 'movements'>): Map<string, number> {
	const balances = new Map<string, number>();
	for (const { phone, direction, amount } of movements) {
		if (phone === null) continue;
		const before = balances.get(phone) ?? OPENING_PHONE_BALANCE;
		balances.set(phone, direction === 'in' ? before - amount : before + amount);
	}
	return balances;
}
