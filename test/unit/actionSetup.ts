import type { IDataObject } from 'n8n-workflow';
import { ActionInstance, type ExecutionOptions } from '../support/actionInstance';
import { storedCredential } from './testData';

type Parameters = NonNullable<ExecutionOptions['parameters']>;

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
export const statusBody = (status: string, more: IDataObject = {}): IDataObject => ({
	data: { id: 'request-1', type: 'payment', attributes: { status, ...more } },
});

/** The timers of the node, which would make the tests wait. Its clock for idle time is real. */
export const useFakeTimers = () => {
	beforeEach(() => jest.useFakeTimers({ doNotFake: ['performance', 'nextTick'] }));
	afterEach(() => jest.useRealTimers());
};
