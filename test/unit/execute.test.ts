import type { IExecuteFunctions } from 'n8n-workflow';
import { execute } from '../../nodes/KopoKopo/execution/execute';
import type { ActionInstance } from '../support/actionInstance';
import { actionNode, PAYMENT_REQUEST, PAYOUT, people, useFakeTimers } from './actionSetup';
import { storedCredential } from './testData';

useFakeTimers();

let node: ActionInstance;
beforeEach(() => (node = actionNode(PAYOUT)));

it('an input without items results in no items, and nothing is read', async () => {
	const context = { getInputData: () => [] } as unknown as IExecuteFunctions;
	expect(await execute(context)).toEqual([[]]);
});

it('a callback URL without TLS is accepted in a custom environment only', async () => {
	const callbackUrl = 'http://n8n.example.com/webhook/1';
	const error = await node.fail(people(1), { parameters: { callbackUrl } });
	expect(error.message).toContain("'Callback URL'");
	const credential = storedCredential({
		environment: 'custom',
		baseUrl: 'https://kopo.example.com',
	});
	const { items } = await node.execute(people(1), { parameters: { callbackUrl }, credential });
	expect(items[0]?.outcome).toBe('pending');
});

it.each([
	['v2', 'sendMoney', 'toTheMoon', "no operation 'toTheMoon' of 'sendMoney' in v2"],
	['v1', 'payout', 'toTheMoon', "no operation 'toTheMoon' of 'payout' in v1"],
])(
	'an operation that does not exist is rejected: %s %s %s',
	async (apiVersion, resource, operation, text) => {
		const parameters = { apiVersion, resource, resourceV1: resource, operation };
		const error = await node.fail(people(1), { parameters });
		expect(error.message).toBe(`The Kopo Kopo node has ${text}`);
		expect(error.description).toBe("Choose 'Resource' and 'Operation' again from their lists.");
	},
);

it('ten items run at the same time by default, and each next one starts when another has ended', async () => {
	let running = 0;
	let most = 0;
	node.respond = async () => {
		most = Math.max(most, ++running);
		await jest.requireActual<typeof import('n8n-workflow')>('n8n-workflow').sleep(100);
		running -= 1;
		return undefined;
	};
	await node.execute(people(25), { parameters: { ...PAYMENT_REQUEST, options: {} } });
	expect(most).toBe(10);
	expect(node.posts).toHaveLength(25);
});
