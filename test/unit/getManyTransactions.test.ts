import type { IDataObject } from 'n8n-workflow';
import { pollUntilFinal } from '../../nodes/KopoKopo/transport/pollUntilFinal';
import { resources } from '../../nodes/KopoKopo/resources';

/** Runs Get Many against a poll whose status is `body`. Returns its items, and what it asked for. */
async function getMany(resource: string, attributes: IDataObject, waitUpTo?: number) {
	const operation = resources
		.find(({ value }) => value === resource)
		?.operations.find(({ value }) => value === 'getAll');
	const asked: Array<{ path: string; timeoutMs: number }> = [];
	const items = operation?.items?.({
		params: { returnAll: true, additionalFields: { waitUpTo } },
		response: { status: 201, id: 'poll-1' },
		simplify: true,
		send: async () => await Promise.reject(new Error('nothing else is sent')),
		pollUntilFinal: async ({ path }, timeoutMs) =>
			await pollUntilFinal(
				async () => {
					asked.push({ path, timeoutMs });
					return { data: { id: 'poll-1', type: 'polling', attributes } };
				},
				{ timeoutMs },
			),
		signal: undefined,
	});
	return { items: await Promise.resolve(items).catch((error: unknown) => error), asked };
}

describe.each([
	['transaction', 'v2'],
	['transactionV1', 'v1'],
])('Get Many of %s', (resource, version) => {
	test.each<[string, IDataObject, string]>([
		['a reason', { errors: ['The period is too long'] }, 'The period is too long'],
		['a reason as text', { errors: 'No such till' }, 'No such till'],
		['no reason', {}, 'could not list the transactions'],
	])('fails at once when Kopo Kopo says Failed with %s', async (_what, more, message) => {
		const { items, asked } = await getMany(resource, { status: 'Failed', ...more });

		expect(items).toMatchObject({ message: expect.stringContaining(message) as string });
		expect(asked).toEqual([{ path: `/api/${version}/polling/poll-1`, timeoutMs: 120_000 }]);
	});

	test('waits as long as the user says', async () => {
		const { asked } = await getMany(resource, { status: 'Success', transactions: [] }, 600);

		expect(asked.map(({ timeoutMs }) => timeoutMs)).toEqual([600_000]);
	});
});
