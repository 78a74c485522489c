import type { IDataObject, IHttpRequestOptions } from 'n8n-workflow';
import { payees, payoutRequests, SEND_MONEY_PARAMETERS } from '../load/payouts';
import { newExecution, StoredCredential, type RunOptions } from '../support/nodeContexts';
import { sandboxPerTest } from './sandboxPerTest';

const current = sandboxPerTest();

const posts = () => payoutRequests(current.sandbox.ledger.requests);
const oneByOne = { batching: { batch: { batchSize: 1 } } };

const pay = async (items: IDataObject[], more: Partial<RunOptions> = {}) =>
	await current.run({ parameters: SEND_MONEY_PARAMETERS, items, ...more });

/** A credential whose requests with these numbers Kopo Kopo rejects. Token exchanges do not count. */
class RejectedCredential extends StoredCredential {
	requests = 0;
	rejected: number[] = [];

	override async authenticate(...given: Parameters<StoredCredential['authenticate']>) {
		const options: IHttpRequestOptions = await super.authenticate(...given);
		this.requests += 1;
		if (this.rejected.includes(this.requests)) {
			current.sandbox.faults.add({ kind: 'redirect', path: '*', method: 'POST', next: 1 });
		}
		return options;
	}
}

describe('a rejection in the middle of a list', () => {
	const stopAt = (...rejected: number[]) => {
		const credential = new RejectedCredential(current.credential.data);
		credential.rejected = rejected;
		return credential;
	};
	const parameters = { ...SEND_MONEY_PARAMETERS, options: oneByOne };

	it('ends the run, and the error says what was sent, what was not, and what a second run does', async () => {
		const execution = newExecution();
		const error = (await pay(payees(5), { credential: stopAt(3), parameters, execution }).catch(
			(thrown: unknown) => thrown,
		)) as Error & { description: string; context: IDataObject };

		const [first, second] = posts();
		expect(posts()).toHaveLength(3);
		expect(error.message).toMatch(
			/^Row 3: Kopo Kopo redirected .*\. Rows 1 and 2 of 5 were sent, and no further row was started$/,
		);
		expect(error.context.itemIndex).toBe(2);
		expect(error.description.split('\n')).toEqual([
			expect.stringMatching(/^Check 'Environment' and 'Base URL' in the credential/),
			`Sent: row 1 (ID ${first?.resourceId}), row 2 (ID ${second?.resourceId}).`,
			'Not sent: rows 3 to 5.',
			expect.stringMatching(/Retry of this execution sends only the rows that were not sent/),
		]);

		const retried = await pay(payees(5), { parameters, execution });
		expect(retried.map(({ json }) => json.outcome)).toEqual(payees(5).map(() => 'pending'));
		expect(posts().filter(({ processed }) => processed)).toHaveLength(5);
	});
});
