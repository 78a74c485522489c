import { z } from 'zod';
import { asAmount } from './money';

/**
 * Creates a schema when it is first used: creating all of them takes longer than loading the rest of the
 * package.
 */
function lazily<T>(make: () => T): () => T {
	let made: T | undefined;
	return () => (made ??= make());
}

/**
 * Schemas check only the fields that an item relies on. The signature is the trust boundary, and no event
 * may be lost because Kopo Kopo adds or changes another field. A number is accepted where text is expected:
 * Kopo Kopo has sent receipts as numbers (docs/kopokopo-api.md#send-money-results).
 */
const text = lazily(() => z.union([z.string(), z.number()]).nullish());

const transaction = lazily(() => {
	const amount = z
		.union([z.string(), z.number()])
		.refine((value) => asAmount(value) !== null, 'is not an amount');
	return z
		.object({
			id: text(),
			amount,
			status: text(),
			currency: text(),
			reference: text(),
			till_number: text(),
			origination_time: text(),
		})
		.passthrough();
});

export const buygoodsTransaction = lazily(() =>
	transaction().extend({
		sender_phone_number: text(),
		sender_first_name: text(),
		sender_middle_name: text(),
		sender_last_name: text(),
	}),
);

export const tillToTillTransaction = lazily(() => transaction().extend({ sending_till: text() }));

export const cardTransaction = lazily(() => transaction().extend({ customer_cc_number: text() }));

const disbursement = lazily(() => z.object({ transaction_reference: text() }).passthrough());

export const settlementTransfer = lazily(() =>
	transaction()
		.omit({ till_number: true, reference: true })
		.extend({
			destination: z.object({ type: text() }).passthrough().nullish(),
			// Kopo Kopo may send one object in place of a list of one.
			disbursements: z.union([z.array(disbursement()), disbursement()]).nullish(),
		}),
);

export const customer = lazily(() =>
	z
		.object({
			first_name: text(),
			middle_name: text(),
			last_name: text(),
			phone_number: text(),
		})
		.passthrough(),
);
