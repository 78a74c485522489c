import fastify from 'fastify';
import type { INode } from 'n8n-workflow';
import type { N8nClient } from '../../support/n8nClient';
import { node } from '../../support/workflows';
import { increment } from '../loadGenerator';

/** When an execution began to process a payment. */
export interface Beginning {
	executionId: string;
	/** ms since the epoch. */
	at: number;
}

/**
 * A table in n8n with one row for each payment, behind a server that records which executions have begun to
 * process which payment. A payment is named by the workflow and the receipt: `workflow/receipt`.
 */
export interface PaymentTable {
	/** The two nodes behind a trigger: one reports that the execution has begun, one updates or adds the row. */
	nodes(): INode[];
	/** By payment. */
	begun: Map<string, Beginning[]>;
	/** How many rows the table has for each payment. */
	countRows(): Promise<Map<string, number>>;
	close(): Promise<void>;
}

const PAYMENT = 'payment';
const ROWS_PER_PAGE = 100;

/** Creates the table, and starts the server on a free port. */
export async function createPaymentTable(client: N8nClient): Promise<PaymentTable> {
	const { id: project } = await client.request<{ id: string }>('GET', '/rest/projects/personal');
	const tables = `/rest/projects/${project}/data-tables`;
	const { id: table } = await client.request<{ id: string }>('POST', tables, {
		name: 'Payments',
		columns: [{ name: PAYMENT, type: 'string' }],
	});
	const begun = new Map<string, Beginning[]>();
	const server = fastify({ forceCloseConnections: true });
	server.get<{ Params: Record<'executionId' | 'workflowId' | 'receipt', string> }>(
		'/:executionId/:workflowId/:receipt',
		async ({ params: { executionId, workflowId, receipt } }) => {
			const payment = `${workflowId}/${receipt}`;
			const earlier = begun.get(payment) ?? [];
			begun.set(payment, [...earlier, { executionId, at: Date.now() }]);
			return await Promise.resolve({ payment });
		},
	);
	const url = await server.listen({ port: 0, host: '127.0.0.1' });
	return {
		nodes: () => [
			{
				...node('Begin', 'n8n-nodes-base.httpRequest', {
					url: `=${url}/{{ $execution.id }}/{{ $workflow.id }}/{{ $json.reference }}`,
				}),
				typeVersion: 4.2,
			},
			{ ...upsertNode(table), retryOnFail: true },
		],
		begun,
		countRows: async () => {
			const counts = new Map<string, number>();
			for (let skip = 0; ; skip += ROWS_PER_PAGE) {
				const { data } = await client.request<{ data: Array<Record<string, string>> }>(
					'GET',
					`${tables}/${table}/rows?take=${ROWS_PER_PAGE}&skip=${skip}&sortBy=id:asc`,
				);
				for (const row of data) increment(counts, row[PAYMENT] ?? '');
				if (data.length < ROWS_PER_PAGE) return counts;
			}
		},
		close: async () => await server.close(),
	};
}

/** n8n's Data Table node, which updates the row of a payment or adds one. */
function upsertNode(table: string): INode {
	const value = `={{ $json.${PAYMENT} }}`;
	return node('Update or Add', 'n8n-nodes-base.dataTable', {
		operation: 'upsert',
		dataTableId: { __rl: true, mode: 'id', value: table },
		matchType: 'allConditions',
		filters: { conditions: [{ keyName: PAYMENT, condition: 'eq', keyValue: value }] },
		columns: {
			mappingMode: 'defineBelow',
			value: { [PAYMENT]: value },
			matchingColumns: [],
			schema: [
				{
					id: PAYMENT,
					displayName: PAYMENT,
					required: false,
					defaultMatch: false,
					display: true,
					type: 'string',
					readOnly: false,
					removed: false,
				},
			],
		},
		options: {},
	});
}
