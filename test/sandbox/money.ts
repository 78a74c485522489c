/** Shillings as Kopo Kopo sends them, a decimal string (contract, 7). */
export function decimal(shillings: number): string {
	return Number.isInteger(shillings) ? shillings.toFixed(1) : String(shillings);
}

/** M-Pesa style codes, ten capitals and digits, never the same twice. */
export class References {
	private last = 0;

	next(): string {
		this.last += 1;
		return `SBX${this.last.toString(36).toUpperCase().padStart(7, '0')}`;
	}

	clear(): void {
		this.last = 0;
	}
}
