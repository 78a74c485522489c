import {
	ImpossibleActionError,
	type ActionDetails,
	type BankAction,
	type Behaviour,
	type CustomerAction,
} from './actions';
import type { Company } from './company';
import type { Deliveries, Delivery, OutgoingMessage } from './deliveries';
import { statusBody } from './endpoints';
import type { FaultInjector } from './faultInjection';
import { internationalPhone } from './formats';
import type { Ledger } from './ledger';
import type { Tokens } from './oauth';
import { OPENING_PHONE_BALANCE, phoneBalances, PIN } from './phones';
import { PAYMENT_ERRORS, WRONG_PIN } from './resources/errorTexts';
import type { Resource } from './resources/resource';
import type { Simulation } from './simulation';
import type { TillPayments } from './tillPayments';

/** What a test can do to a sandbox and see of it. The control API offers the same over HTTP. */
export interface SandboxControls {
	/** The customers; an action throws ImpossibleActionError when the resource does not allow it. */
	customer: {
		pay(id: string, details?: ActionDetails<CustomerAction>): void;
		refuse(id: string, details?: ActionDetails<CustomerAction>): void;
		insufficientFunds(id: string, details?: ActionDetails<CustomerAction>): void;
		/** The prompt of an STK push times out, or a payment link expires. */
		letExpire(id: string, details?: ActionDetails<CustomerAction>): void;
		act(id: string, action: CustomerAction): void;
		/** Enters a PIN at the prompt; the payment fails with a wrong one, or with too little on the phone. */
		enterPin(id: string, pin: string): PinResult;
		/** The prompt times out. A payment link stays payable. */
		ignorePrompt(id: string): void;
		/** Opens a payment link on a phone, which shows the prompt. */
		openLink(id: string, phone: string): void;
		/** What the next customers (`times`) or all of them do without being told. */
		addBehaviour(behaviour: Behaviour<CustomerAction>): void;
		clearBehaviours(): void;
	};
	/** The bank; an action throws ImpossibleActionError when the resource does not allow it. */
	bank: {
		transfer(id: string, details?: ActionDetails<BankAction>): void;
		cancel(id: string, details?: ActionDetails<BankAction>): void;
		transferPartially(id: string, details?: ActionDetails<BankAction>): void;
		act(id: string, action: BankAction): void;
		/** What the bank does with the next requests (`times`) or all of them without being told. */
		addBehaviour(behaviour: Behaviour<BankAction>): void;
		clearBehaviours(): void;
	};
	till: Pick<
		TillPayments,
		'transactions' | 'find' | 'buygoods' | 'b2b' | 'card' | 'reverse' | 'voidCard' | 'reverseCard'
	>;
	company: Pick<Company, 'settle' | 'createCustomer'>;
	faults: FaultInjector;
	ledger: Ledger;
	deliveries: Deliveries;
	tokens: Pick<Tokens, 'invalidate'>;
	/** Sends exactly this body to an address, correctly signed, wrongly signed or unsigned. */
	send(message: Omit<OutgoingMessage, 'kind'>): Delivery;
	/** Resolves when every automatic action is done and every delivery has arrived or failed. */
	untilIdle(): Promise<void>;
	/** The body that a GET of this resource returns; throws ImpossibleActionError if there is none. */
	status(id: string): Record<string, unknown>;
	/** Empties the sandbox; with `keepTokens` the access tokens stay valid. */
	reset(options?: { keepTokens?: boolean }): Promise<void>;
}

/** What a PIN leads to. */
export type PinResult = 'paid' | 'wrongPin' | 'insufficient';

/** The controls of a sandbox. */
export function createControls(simulation: Simulation): SandboxControls {
	const { activity, company, context, deliveries, faults, ledger, till, tokens } = simulation;
	const { bankBehaviours, customerBehaviours, resources } = context;

	const resourceWith = (id: string): Resource => {
		const resource = resources.get(id);
		if (!resource) throw new ImpossibleActionError(`No resource ${id}`, 404);
		return resource;
	};
	const requireOpen = ({ isOpen, kind, attributes }: Resource) => {
		if (isOpen?.()) return;
		const { status } = attributes();
		throw new ImpossibleActionError(`The ${kind.type} is already ${String(status)}`);
	};
	const customerActs = (id: string, action: CustomerAction) => {
		const resource = resourceWith(id);
		const { customer, kind } = resource;
		if (!customer) throw new ImpossibleActionError(`A ${kind.type} involves no customer`);
		requireOpen(resource);
		customer(action);
	};
	const promptOf = (id: string) => {
		const resource = resourceWith(id);
		requireOpen(resource);
		const prompt = resource.prompt?.();
		if (!prompt || prompt.phone === null) {
			throw new ImpossibleActionError(`No phone shows a prompt for ${id}`);
		}
		return { ...prompt, phone: prompt.phone, isLink: resource.link !== undefined };
	};
	const enterPin = (id: string, pin: string): PinResult => {
		const { phone, amount } = promptOf(id);
		if (pin !== PIN) {
			customerActs(id, { action: 'refuse', reason: WRONG_PIN });
			return 'wrongPin';
		}
		if ((phoneBalances(ledger).get(phone) ?? OPENING_PHONE_BALANCE) < amount) {
			customerActs(id, { action: 'insufficient' });
			return 'insufficient';
		}
		customerActs(id, { action: 'pay', phone });
		return 'paid';
	};
	const openLink = (id: string, phone: string) => {
		const resource = resourceWith(id);
		requireOpen(resource);
		if (!resource.sendPrompt) throw new ImpossibleActionError(`${id} is not a payment link`);
		resource.sendPrompt(internationalPhone(phone));
	};
	const bankActs = (id: string, action: BankAction) => {
		const resource = resourceWith(id);
		const { bank, kind } = resource;
		if (!bank) throw new ImpossibleActionError(`A ${kind.type} involves no bank`);
		requireOpen(resource);
		bank(action);
	};

	return {
		customer: {
			pay: (id, details) => customerActs(id, { ...details, action: 'pay' }),
			refuse: (id, details) => customerActs(id, { ...details, action: 'refuse' }),
			insufficientFunds: (id, details) => customerActs(id, { ...details, action: 'insufficient' }),
			letExpire: (id, details) => customerActs(id, { ...details, action: 'expire' }),
			act: customerActs,
			enterPin,
			ignorePrompt(id) {
				const { isLink } = promptOf(id);
				// To expire ends a payment link, but a prompt that nobody answers is only a failed attempt.
				customerActs(
					id,
					isLink ? { action: 'refuse', reason: PAYMENT_ERRORS.expire } : { action: 'expire' },
				);
			},
			openLink,
			addBehaviour: (behaviour) => customerBehaviours.add(behaviour),
			clearBehaviours: () => customerBehaviours.clear(),
		},
		bank: {
			transfer: (id, details) => bankActs(id, { ...details, action: 'transfer' }),
			cancel: (id, details) => bankActs(id, { ...details, action: 'cancel' }),
			transferPartially: (id, details) => bankActs(id, { ...details, action: 'partial' }),
			act: bankActs,
			addBehaviour: (behaviour) => bankBehaviours.add(behaviour),
			clearBehaviours: () => bankBehaviours.clear(),
		},
		till,
		company,
		faults,
		ledger,
		deliveries,
		tokens,
		send: (message) => deliveries.send({ ...message, kind: 'raw' }),
		untilIdle: async () => await activity.untilIdle(),
		status: (id) => statusBody(resourceWith(id)),
		reset: simulation.reset,
	};
}
