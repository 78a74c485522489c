/** One of the merchant's own tills (docs/kopokopo-api.md#tills). */
export interface OwnTill {
	number: string;
	/** As the customer's phone shows it. */
	name: string;
	kind: 'online' | 'mpesa' | 'card';
}

/**
 * The merchant's tills. A request that names another one is rejected. The numbers are those of the demo,
 * of the nodes' placeholders and of the requests in Kopo Kopo's samples, so that a client can send them as printed.
 * The page lists them in this order, those that look like real numbers first.
 */
export const TILLS: OwnTill[] = [
	{ number: 'K000001', name: 'Njeri Stores Online', kind: 'online' },
	{ number: 'K123456', name: 'Njeri Stores Deliveries', kind: 'online' },
	{ number: 'K444555', name: 'Njeri Stores Catering', kind: 'online' },
	{ number: 'K000000', name: 'Njeri Stores Wholesale', kind: 'online' },
	{ number: 'K12345', name: 'Njeri Stores Market', kind: 'online' },
	{ number: '112233', name: 'Njeri Stores Westlands', kind: 'mpesa' },
	{ number: '555555', name: 'Njeri Stores Mombasa', kind: 'mpesa' },
	{ number: '000000', name: 'Njeri Stores Kisumu', kind: 'mpesa' },
	{ number: '1234', name: 'Njeri Stores Nakuru', kind: 'mpesa' },
	{ number: '4321', name: 'Njeri Stores Eldoret', kind: 'mpesa' },
	{ number: '7600314301', name: 'Njeri Stores card terminal', kind: 'card' },
];

/** The name of a till, or its number where it is not one of the merchant's. */
export function tillName({ tills }: { tills: OwnTill[] }, till: string): string {
	return tills.find(({ number }) => number === till)?.name ?? till;
}

/** The till of a walk-in payment that names none. */
export const DEFAULT_TILL = '000000';
