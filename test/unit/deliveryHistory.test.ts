import { DeliveryHistory } from '../../nodes/KopoKopo/webhooks/deliveryHistory';

const DAY_MS = 24 * 60 * 60_000;

/** The response to a delivery, as Express has it. */
class Response {
	statusCode = 200;
	destroyed = false;
	writableFinished = false;
	private listeners: Array<() => void> = [];

	once(event: string, listener: () => void): void {
		if (event === 'close') this.listeners.push(listener);
	}

	/** The sender receives all of it. */
	send(statusCode: number): void {
		this.statusCode = statusCode;
		this.writableFinished = true;
		this.hangUp();
	}

	hangUp(): void {
		this.destroyed = true;
		for (const listener of this.listeners.splice(0)) listener();
	}
}

let history: DeliveryHistory;
beforeEach(() => {
	jest.useFakeTimers();
	history = new DeliveryHistory();
});
afterEach(() => jest.useRealTimers());

/** Claims a delivery whose response is then sent. */
function claimed(key: string, statusCode = 200) {
	const response = new Response();
	const result = history.claim(key, response);
	response.send(statusCode);
	return result;
}

describe('a delivery', () => {
	it('is in progress until its response is sent, and a duplicate afterwards', () => {
		const response = new Response();
		expect(history.claim('a', response)).toBe('new');
		expect(history.claim('a', new Response())).toBe('inProgress');
		response.send(200);
		expect(history.claim('a', new Response())).toBe('duplicate');
		expect(history.claim('b', new Response())).toBe('new');
	});

	it.each([399, 301])('that n8n answered %d is a duplicate', (statusCode) => {
		claimed('a', statusCode);
		expect(history.claim('a', new Response())).toBe('duplicate');
		expect(history.isAcknowledged('a')).toBe(true);
	});

	it.each([400, 500])('that n8n answered %d is new again', (statusCode) => {
		claimed('a', statusCode);
		expect(history.isAcknowledged('a')).toBe(false);
		expect(history.claim('a', new Response())).toBe('new');
	});

	it('that n8n rejected counts as received by another process if an execution begins with it', () => {
		claimed('a', 500);
		expect(history.begin('a', 'execution-1')).toBe('foreign');
	});

	it('that was forgotten keeps its second claim when n8n rejects the first one late', () => {
		const first = new Response();
		history.claim('a', first);
		for (let index = 0; index < 10_000; index++) claimed(`${index}`);
		history.claim('a', new Response());
		first.send(500);
		expect(history.claim('a', new Response())).toBe('inProgress');
	});

	it('that n8n rejected after its execution began stays remembered', () => {
		const response = new Response();
		history.claim('a', response);
		history.begin('a', 'execution-1');
		response.send(500);
		expect(history.claim('a', new Response())).toBe('duplicate');
	});

	it('whose sender hung up is new again, unless its execution began', () => {
		const response = new Response();
		history.claim('a', response);
		response.hangUp();
		expect(history.isAcknowledged('a')).toBe(false);
		expect(history.claim('a', new Response())).toBe('new');
		history.begin('a', 'execution-1');
		expect(history.claim('a', new Response())).toBe('duplicate');
	});

	it('whose sender had hung up before the claim is new again', () => {
		const response = new Response();
		response.destroyed = true;
		expect(history.claim('a', response)).toBe('new');
		expect(history.responseClosed('a')).toBeUndefined();
		expect(history.claim('a', new Response())).toBe('new');
	});

	it('whose response is pending is not acknowledged by the answer to a copy', () => {
		history.claim('a', new Response());
		history.begin('a', 'execution-1');
		expect(history.claim('a', new Response())).toBe('duplicate');
		expect(history.isAcknowledged('a')).toBe(false);
	});

	it('whose copy is answered counts as acknowledged', () => {
		const response = new Response();
		history.claim('a', response);
		history.begin('a', 'execution-1');
		response.hangUp();
		expect(history.isAcknowledged('a')).toBe(false);
		history.claim('a', new Response());
		expect(history.isAcknowledged('a')).toBe(true);
	});

	it('that is claimed again stays claimed when the first response is closed', () => {
		const first = new Response();
		history.claim('a', first);
		const other = new Response();
		first.hangUp();
		history.claim('a', other);
		first.send(500);
		expect(history.claim('a', new Response())).toBe('inProgress');
	});

	it('is waited for until its response is closed', async () => {
		const response = new Response();
		history.claim('a', response);
		const closed = history.responseClosed('a');
		let isClosed = false;
		void closed?.then(() => (isClosed = true));
		await Promise.resolve();
		expect(isClosed).toBe(false);
		response.send(200);
		await closed;
		expect(history.responseClosed('a')).toBeUndefined();
		expect(history.responseClosed('b')).toBeUndefined();
	});

	it('is remembered for seven days', () => {
		claimed('a');
		jest.setSystemTime(Date.now() + 7 * DAY_MS - 1);
		claimed('b');
		expect(history.claim('a', new Response())).toBe('duplicate');
		jest.setSystemTime(Date.now() + 1);
		claimed('c');
		expect(history.claim('a', new Response())).toBe('new');
		expect(history.claim('b', new Response())).toBe('duplicate');
	});

	it('is forgotten after 10,000 newer ones', () => {
		for (let index = 0; index < 10_000; index++) claimed(`${index}`);
		expect(history.claim('0', new Response())).toBe('duplicate');
		claimed('10000');
		expect(history.isAcknowledged('0')).toBe(false);
		expect(history.isAcknowledged('1')).toBe(true);
	});
});

describe('an execution', () => {
	it('begins once for its delivery', () => {
		claimed('a');
		expect(history.begin('a', 'execution-1')).toBe('begun');
		expect(history.begin('a', 'execution-1')).toBe('again');
		expect(history.begin('a', 'execution-2')).toBe('taken');
	});

	it('of a delivery that another process received begins once', () => {
		expect(history.begin('a', 'execution-1')).toBe('foreign');
		expect(history.begin('a', 'execution-1')).toBe('again');
		expect(history.begin('a', 'execution-2')).toBe('taken');
		expect(history.isAcknowledged('a')).toBe(false);
	});
});

describe('deliveries that are not in the database', () => {
	it('are taken once, after a copy was acknowledged', () => {
		history.begin('a', 'execution-1');
		history.begin('b', 'execution-2');
		history.addUnrecorded(['a', 'b']);
		expect(history.takeUnrecorded()).toEqual([]);
		claimed('a');
		expect(history.takeUnrecorded()).toEqual(['a']);
		expect(history.takeUnrecorded()).toEqual([]);
	});

	it('are taken after ten minutes', () => {
		history.begin('a', 'execution-1');
		history.addUnrecorded(['a', 'dropped']);
		expect(history.takeUnrecorded()).toEqual(['dropped']);
		jest.setSystemTime(Date.now() + 600_000);
		expect(history.takeUnrecorded()).toEqual([]);
		jest.setSystemTime(Date.now() + 1);
		expect(history.takeUnrecorded()).toEqual(['a']);
	});
});

describe('a receipt', () => {
	it('is reported if it comes with another amount', () => {
		expect(history.recordReceipt('receipt', 'receipt:100')).toBe(false);
		expect(history.recordReceipt('receipt', 'receipt:100')).toBe(false);
		expect(history.recordReceipt('receipt', 'receipt:200')).toBe(true);
		expect(history.recordReceipt('receipt', 'receipt:100')).toBe(false);
		expect(history.recordReceipt('other', 'other:200')).toBe(false);
	});

	it('is forgotten after 10,000 newer ones', () => {
		for (let index = 0; index < 10_000; index++) history.recordReceipt(`${index}`, 'a');
		expect(history.recordReceipt('0', 'b')).toBe(true);
		history.recordReceipt('10000', 'a');
		expect(history.recordReceipt('0', 'b')).toBe(false);
	});
});
