import type { IDataObject } from 'n8n-workflow';
import { ActionInstance, type ExecutionOptions } from '../support/actionInstance';
import { storedCredential } from './testData';

export type Parameters = NonNullable<ExecutionOptions['parameters']>;

/** Send Money to one M-Pesa number for each item. */
export const PAYOUT: Parameters = {
	resource: 'sendMoney',
	operation: 'toPeopleOrBusinesses',
	destinations: ({ phone, amount }: IDataObject) => ({
		mpesaNumber: [{ phoneNumber: phone, amount, description: 'Salary' }],
	}),
};

/** A payment request to one customer for each item. */
export const PAYMENT_REQUEST: Parameters = {
	resource: 'paymentRequest',
	operation: 'request',
	tillNumber: 'K123456',
	phoneNumber: ({ phone }: IDataObject) => phone,
	amount: ({ amount }: IDataObject) => amount,
};

/** The action node in a new workflow, with fake timers. */
export const actionNode = (parameters: Parameters, credential = storedCredential()) =>
	new ActionInstance(credential, parameters);

/** Different people; the amount of the first is 100 KES, and each next one gets 1 KES more. */
export const people = (count: number): IDataObject[] =>
	Array.from({ length: count }, (_, index) => ({
		phone: `07${String(10_000_000 + index)}`,
		amount: 100 + index,
	}));

/** A status body in which Kopo Kopo says what became of a request. */
export const statusBody = (
	status: string,
	more: IDataObject = {},
	type = 'payment',
): IDataObject => ({
	data: { id: 'request-1', type, attributes: { status, ...more } },
});

/** What Kopo Kopo says of a payment request that was paid. */
export const paidBody = (): IDataObject =>
	statusBody(
		'Success',
		{
			event: {
				type: 'Incoming Payment Request',
				resource: { amount: '100.0', reference: 'SBX0000003', status: 'Received' },
				errors: null,
			},
		},
		'incoming_payment',
	);

/** The timers of the node, which would make the tests wait. Its clock for idle time is real. */
export const useFakeTimers = () => {
	beforeEach(() => jest.useFakeTimers({ doNotFake: ['performance', 'nextTick'] }));
	afterEach(() => jest.useRealTimers());
};

/** Number of entries in n8n's store where no key and no payout is kept: one says that the node has rows. */
export const EMPTY = 1;
