import type { SandboxConfig } from '../config';
import { inEastAfrica } from '../formats';
import type { Movement } from '../ledger';
import { OPENING_PHONE_BALANCE } from '../phones';
import { tillName } from '../tills';

/** A message on a customer's phone. */
export interface PhoneMessage {
	id: string;
	/** ISO 8601. */
	at: string;
	kind: 'paid' | 'received' | 'failed';
	text: string;
}

const MAX_MESSAGES = 15;

/** KES as M-Pesa writes it: Ksh1,500.00. */
export function ksh(amount: number): string {
	const [whole = '', cents = ''] = Math.abs(amount).toFixed(2).split('.');
	return `${amount < 0 ? '-' : ''}Ksh${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${cents}`;
}

/** Day and time as M-Pesa writes them, in East African time: 26/11/26 at 1:45 PM. */
function mpesaTime(at: string): string {
	const [date = '', time = ''] = inEastAfrica(new Date(at)).split('T');
	const [year = '', month, day] = date.split('-');
	const [hour = '', minute] = time.split(':');
	const half = Number(hour) < 12 ? 'AM' : 'PM';
	return `${Number(day)}/${Number(month)}/${year.slice(2)} at ${Number(hour) % 12 || 12}:${minute} ${half}`;
}

/** The M-Pesa messages about the money of each phone, by +254… number, oldest first. */
export function mpesaMessages(
	movements: Movement[],
	config: SandboxConfig,
): Map<string, PhoneMessage[]> {
	const messages = new Map<string, PhoneMessage[]>();
	const balances = new Map<string, number>();
	const paid = new Set<string>();
	for (const { seq, at, direction, amount, from, to, phone, reference } of movements) {
		if (phone === null) continue;
		const isPayment = direction === 'in';
		const balance = (balances.get(phone) ?? OPENING_PHONE_BALANCE) + (isPayment ? -amount : amount);
		balances.set(phone, balance);
		const isReversal = !isPayment && reference !== null && paid.has(reference);
		if (isPayment && reference !== null) paid.add(reference);
		const happened = isPayment
			? `${ksh(amount)} paid to ${tillName(config, to).toUpperCase()} on ${mpesaTime(at)}.`
			: isReversal
				? `Reversal of ${ksh(amount)} from ${tillName(config, from).toUpperCase()} on ${mpesaTime(at)}.`
				: `You have received ${ksh(amount)} from NJERI STORES on ${mpesaTime(at)}.`;
		const text = `${reference ?? ''} Confirmed. ${happened} New M-PESA balance is ${ksh(balance)}.`;
		const message: PhoneMessage = {
			id: `movement-${seq}`,
			at,
			kind: isPayment ? 'paid' : 'received',
			text: isPayment ? `${text} Transaction cost, Ksh0.00.` : text,
		};
		messages.set(phone, [...(messages.get(phone) ?? []), message].slice(-MAX_MESSAGES));
	}
	return messages;
}
