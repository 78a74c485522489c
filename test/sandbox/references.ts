const DIGITS = 7;
const COUNT = 36 ** DIGITS;

/** Issues transaction references in M-Pesa's form: ten capital letters and digits, each used once. */
export class TransactionReferences {
	/** `next` is the number of the first reference. */
	constructor(private next: number) {}

	/** The next unused reference, for example SBX0000001. */
	issue(): string {
		const digits = (this.next % COUNT).toString(36).toUpperCase().padStart(DIGITS, '0');
		this.next += 1;
		return `SBX${digits}`;
	}
}

/** The number of a first reference that no sandbox of the last two years has used, given the time in ms. */
export const firstReferenceAt = (now: number) => now % COUNT;
