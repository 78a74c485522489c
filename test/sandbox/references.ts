/** Issues transaction references in M-Pesa's form: ten capital letters and digits, each used once. */
export class TransactionReferences {
	private last = 0;

	/** The next unused reference, for example SBX0000001. */
	next(): string {
		this.last += 1;
		return `SBX${this.last.toString(36).toUpperCase().padStart(7, '0')}`;
	}

	/** Starts again from the first reference. */
	clear(): void {
		this.last = 0;
	}
}
