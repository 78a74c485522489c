import { startSandbox, type Sandbox } from '../sandbox/server';
import { sandboxCredential } from '../support/nodeContexts';
import { PollingTrigger } from '../support/pollingTrigger';

let sandbox: Sandbox;

beforeEach(async () => {
	sandbox = await startSandbox({ port: 0 });
});
afterEach(async () => await sandbox.close());

const trigger = (parameters = {}) => new PollingTrigger(sandboxCredential(sandbox), parameters);

/** A payment so many minutes ago. */
const pay = (reference: string, minutesAgo = 0, more = {}) =>
	sandbox.till.buygoods({
		reference,
		till: '112233',
		at: new Date(Date.now() - minutesAgo * 60_000).toISOString(),
		...more,
	});

const anHourAgo = () => new Date(Date.now() - 60 * 60_000).toISOString();
const SINCE = { startFrom: 'time' };

describe('the polling trigger', () => {
	it('gives the payments since the start time once, oldest first', async () => {
		pay('THIRD', 1);
		pay('FIRST', 50);
		pay('BEFORE', 70);
		pay('SECOND', 20);
		const polling = trigger({ ...SINCE, startTime: anHourAgo() });
		await polling.activate();

		expect(polling.receipts).toEqual(['FIRST', 'SECOND', 'THIRD']);

		await polling.endAll();
		await polling.poll();
		pay('FOURTH', 0.1);
		await polling.poll();

		expect(polling.receipts).toEqual(['FIRST', 'SECOND', 'THIRD', 'FOURTH']);
	});

	it('gives again what a killed n8n did not finish', async () => {
		pay('FIRST', 50);
		const polling = trigger({ ...SINCE, startTime: anHourAgo() });
		await polling.activate();
		await polling.endAll();
		pay('SECOND', 1);
		await polling.poll();
		await polling.restart();

		expect(polling.receipts).toEqual(['SECOND']);
	});
});
