import { FakeKopoKopo, FakeN8n, HOUR, MINUTE, SECOND } from '../support/pollingModel';

let kopoKopo: FakeKopoKopo;
let n8n: FakeN8n;
let second: FakeN8n['triggers'][number];

beforeEach(() => {
	jest.useFakeTimers();
	kopoKopo = new FakeKopoKopo();
	jest.setSystemTime(kopoKopo.now());
	n8n = new FakeN8n(kopoKopo);
	second = n8n.addTrigger({});
});
afterEach(() => jest.useRealTimers());

const pollBoth = async () => {
	for (const trigger of n8n.triggers) await n8n.poll(trigger);
};

/** The receipts that the executions of a trigger got, in order. */
const receiptsOf = (node: string) =>
	n8n.executions
		.filter((execution) => execution.node === node)
		.flatMap(({ items }) => items.map(({ reference }) => reference));

const receipts = () => n8n.triggers.map(({ id }) => receiptsOf(id));

const payment = () => {
	const [first] = kopoKopo.payments;
	if (first === undefined) throw new Error('A payment');
	return first;
};

async function deliverAndFinish(): Promise<void> {
	const delivered = n8n.deliver(payment());
	if (delivered === undefined) throw new Error('It starts an execution');
	await n8n.begin(delivered);
	await n8n.end(delivered);
}

describe('two polling triggers of a workflow', () => {
	test('each emit a payment, also if the execution of one has ended before the other polls', async () => {
		await n8n.activate();
		kopoKopo.pay('FIRST', { ago: 20 * SECOND });
		await n8n.poll();
		await n8n.runAll();
		await n8n.poll(second);
		await n8n.runAll();
		await pollBoth();

		expect(receipts()).toEqual([['FIRST'], ['FIRST']]);
	});

	test('both continue where they stopped when n8n starts again', async () => {
		await n8n.activate();
		kopoKopo.pay('FIRST', { ago: 20 * SECOND });
		await pollBoth();
		await n8n.runAll();
		n8n.kill();
		await jest.advanceTimersByTimeAsync(5 * HOUR);
		kopoKopo.pay('WHILE IT WAS DOWN', { ago: 4 * HOUR });
		await n8n.activate();

		const expected = ['FIRST', 'WHILE IT WAS DOWN'];
		expect(receipts()).toEqual([expected, expected]);
	});

	test('both emit what they had emitted again after n8n was killed, and nothing else', async () => {
		n8n.parameters = {
			startFrom: 'time',
			startTime: new Date(kopoKopo.now() - HOUR).toISOString(),
		};
		second.parameters = n8n.parameters;
		kopoKopo.pay('FIRST', { ago: 20 * MINUTE });
		await n8n.activate();
		await n8n.runAll();
		n8n.kill();
		await n8n.activate();
		await pollBoth();

		expect(receipts()).toEqual([['FIRST'], ['FIRST']]);
	});

	test.each([undefined, '{}'])(
		'neither emits a payment that the execution of a delivery has finished (durable cursors: %s)',
		async (cursor) => {
			for (const trigger of n8n.triggers) trigger.cursor = cursor;
			n8n.start();
			await n8n.activate();
			await pollBoth();
			kopoKopo.pay('FIRST', { ago: 20 * SECOND });
			await deliverAndFinish();
			await n8n.poll();
			kopoKopo.pay('SECOND', { ago: 10 * SECOND });
			await n8n.poll();
			await n8n.poll(second);

			expect(receipts()).toEqual([['SECOND'], ['SECOND']]);
		},
	);

	test('each emit a payment, also if the other polls first after a restart', async () => {
		second.parameters = { options: { minimumAmount: 1000 } };
		await n8n.activate();
		kopoKopo.pay('FIRST', { ago: 20 * SECOND });
		await n8n.poll();
		await n8n.runAll();
		n8n.kill();
		second.parameters = {};
		for (const trigger of [second, ...n8n.triggers]) await n8n.poll(trigger);

		expect(receipts()).toEqual([['FIRST'], ['FIRST']]);
	});

	test.each([0, 1])(
		'each emit a payment, also while an execution of the other that n8n had stored before a restart processes it (%d)',
		async (index) => {
			await n8n.activate();
			kopoKopo.pay('FIRST', { ago: 20 * SECOND });
			await pollBoth();
			n8n.kill(true);
			const stored = n8n.executions[index];
			const other = n8n.executions[1 - index];
			if (stored === undefined || other === undefined) throw new Error('Two executions');
			expect(await n8n.begin(stored)).toEqual(['FIRST']);
			await n8n.activate();
			await n8n.end(stored);
			await pollBoth();
			const again = n8n.executions.slice(2);

			expect(again.map(({ node }) => node)).toEqual([other.node]);
			expect(await n8n.begin(other)).toEqual([]);
		},
	);

	test('with durable cursors, the one that polls last after a restart leaves out a delivered payment too', async () => {
		for (const trigger of n8n.triggers) trigger.cursor = '{}';
		n8n.start();
		await n8n.activate();
		kopoKopo.pay('FIRST', { ago: 20 * SECOND });
		kopoKopo.pay('SECOND', { ago: 10 * SECOND });
		await deliverAndFinish();
		n8n.kill();
		await n8n.poll();
		await n8n.poll(second);

		expect(receipts()).toEqual([['SECOND'], ['SECOND']]);
	});

	test('a delivery starts nothing while one of them processes the payment, or after that', async () => {
		await n8n.activate();
		kopoKopo.pay('FIRST', { ago: 20 * SECOND });
		await n8n.poll(second);
		expect(n8n.deliver(payment())).toBeUndefined();
		await n8n.runAll();
		expect(n8n.deliver(payment())).toBeUndefined();
		n8n.kill();
		expect(n8n.deliver(payment())).toBeUndefined();
	});
});
