import { Workflow, type INodeParameters, type INodeType } from 'n8n-workflow';
import { KopoKopo } from '../../nodes/KopoKopo/KopoKopo.node';
import { KopoKopoTrigger } from '../../nodes/KopoKopo/KopoKopoTrigger.node';

/** What the editor shows below a node's name. */
function subtitleOf(type: INodeType, parameters: INodeParameters): unknown {
	const { name, subtitle = '' } = type.description;
	const node = {
		id: '1',
		name: 'Node',
		type: `n8n-nodes-kopokopo.${name}`,
		typeVersion: 1,
		position: [0, 0] as [number, number],
		parameters,
	};
	const nodeTypes = {
		getByName: () => type,
		getByNameAndVersion: () => type,
		getKnownTypes: () => ({}),
	};
	const workflow = new Workflow({ nodes: [node], connections: {}, active: false, nodeTypes });
	const saved = workflow.getNode('Node') ?? node;
	return workflow.expression.getSimpleParameterValue(saved, subtitle, 'internal', {});
}

describe('the subtitle of the action node', () => {
	test.each<[string, INodeParameters]>([
		['request: payment request', {}],
		['get: payment request', { operation: 'get' }],
		['to people or businesses: send money', { resource: 'sendMoney' }],
		['get many: transaction', { resource: 'transaction', operation: 'getAll' }],
		['send: SMS notification', { resource: 'smsNotification', operation: 'send' }],
		['get search result: transaction', { resource: 'transaction', operation: 'getSearchResult' }],
		['refund: reversal', { resource: 'reversal', operation: 'refund' }],
		['request: payment request v1', { apiVersion: 'v1' }],
		[
			'settle everything: settlement transfer v1',
			{ apiVersion: 'v1', resourceV1: 'settlementTransferV1', operation: 'settleEverything' },
		],
	])('is "%s"', (subtitle, parameters) => {
		expect(subtitleOf(new KopoKopo(), parameters)).toBe(subtitle);
	});
});

describe('the subtitle of the trigger', () => {
	test('names the events by their labels', () => {
		const triggerOn = ['buygoods_transaction_received', 'incoming_payment_result'];

		expect(subtitleOf(new KopoKopoTrigger(), { triggerOn })).toBe(
			'M-Pesa Payment Received (Buy Goods), Result of Payment Request',
		);
		expect(subtitleOf(new KopoKopoTrigger(), {})).toBe('M-Pesa Payment Received (Buy Goods)');
	});
});
