import type { IDataObject, IHttpRequestOptions, INodeParameters } from 'n8n-workflow';
import { payees, payoutRequests, SEND_MONEY_PARAMETERS, SEND_MONEY_PATH } from '../load/payouts';
import { newExecution, StoredCredential, type RunOptions } from '../support/nodeContexts';
import { sandboxPerTest } from './sandboxPerTest';

const current = sandboxPerTest();

const posts = () => payoutRequests(current.sandbox.ledger.requests);
const oneByOne = { batching: { batch: { batchSize: 1 } } };

const pay = async (items: IDataObject[], more: Partial<RunOptions> = {}) =>
	await current.run({ parameters: SEND_MONEY_PARAMETERS, items, ...more });

const recipients: INodeParameters = {
	resource: 'externalRecipient',
	operation: 'create',
	recipientType: 'mpesaNumber',
	firstName: 'Jane',
	lastName: 'Doe',
	phoneNumber: '={{ $json.phone }}',
};

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
			expect.stringMatching(/^Row 3: Kopo Kopo redirected/),
			`Sent: row 1 (ID ${first?.resourceId}), row 2 (ID ${second?.resourceId}).`,
			'Not sent: rows 3 to 5.',
			expect.stringMatching(/Retry of this execution sends only the rows that were not sent/),
		]);

		const retried = await pay(payees(5), { parameters, execution });
		expect(retried.map(({ json }) => json.outcome)).toEqual(payees(5).map(() => 'pending'));
		expect(posts().filter(({ processed }) => processed)).toHaveLength(5);
	});

	it('reports that no row was sent when the first one is rejected', async () => {
		await expect(pay(payees(5), { credential: stopAt(1), parameters })).rejects.toMatchObject({
			message: expect.stringMatching(/^Row 1: .*\. No row was sent, and no further/) as string,
			description: expect.stringContaining('Sent: none.\nNot sent: rows 1 to 5.') as string,
		});
	});

	it('names the rows whose outcome is unknown', async () => {
		current.sandbox.faults.add({ kind: 'reset', when: 'after', path: SEND_MONEY_PATH, next: 1 });
		await expect(pay(payees(5), { credential: stopAt(2), parameters })).rejects.toMatchObject({
			description: expect.stringMatching(
				/Sent: none\.\nNot known whether sent: row 1\.\nNot sent: rows 2 to 5\./,
			) as string,
		});
	});

	it('says that a second run sends recipients again, which the execution does not keep', async () => {
		const error = (await pay(payees(5), {
			credential: stopAt(3),
			parameters: { ...recipients, options: oneByOne },
		}).catch((thrown: unknown) => thrown)) as Error & { description: string };
		expect(error.description).toMatch(
			/Sent: row 1 \(ID .*\), row 2 \(ID .*\)\.\nNot sent: rows 3 to 5\./,
		);
		expect(error.description).toMatch(/A second run sends all rows again\./);
	});

	it('of a single item is the error of that item', async () => {
		await expect(pay(payees(1), { credential: stopAt(1), parameters })).rejects.toMatchObject({
			message: expect.stringMatching(/^Kopo Kopo redirected/) as string,
		});
	});
});
