import {
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
	type IPollFunctions,
	NodeConnectionTypes,
} from 'n8n-workflow';
import {
	DEFAULT_ITEMS_PER_EXECUTION,
	DEFAULT_OVERLAP_MINUTES,
	DONE_WHEN,
	START_FROM,
} from './polling/settingsDefaults';
import { CREDENTIAL_NAME } from './transport/environment';

export class KopoKopoPollingTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Kopo Kopo Polling Trigger',
		name: 'kopoKopoPollingTrigger',
		icon: { light: 'file:../../icons/kopokopo.svg', dark: 'file:../../icons/kopokopo.dark.svg' },
		group: ['trigger'],
		version: 1,
		subtitle:
			'={{$parameter["scope"] === "till" ? "till " + $parameter["tillNumber"] : "company"}}',
		description:
			'Start workflows for payments to your tills by polling Kopo Kopo, without a public address',
		defaults: { name: 'Kopo Kopo Polling Trigger' },
		polling: true,
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: CREDENTIAL_NAME, required: true }],
		properties: [
			{
				displayName: 'Scope',
				name: 'scope',
				type: 'options',
				options: [
					{
						name: 'Company',
						value: 'company',
						description: 'Payments to all tills of the company',
					},
					{ name: 'Till', value: 'till', description: 'Payments to certain tills' },
				],
				default: 'company',
			},
			{
				displayName: 'Till Number',
				name: 'tillNumber',
				type: 'string',
				required: true,
				displayOptions: { show: { scope: ['till'] } },
				default: '',
				placeholder: 'e.g. 112233',
				description:
					'The till, or several separated by commas or line breaks. Each poll sends a separate request for every till.',
			},
			{
				displayName: 'Start From',
				name: 'startFrom',
				type: 'options',
				options: [...START_FROM],
				default: 'now',
				description: 'The first payments that start the workflow',
			},
			{
				displayName: 'Start Time',
				name: 'startTime',
				type: 'dateTime',
				required: true,
				displayOptions: { show: { startFrom: ['time'] } },
				default: '',
				description:
					'Payments made since this time start the workflow. A time without a time zone is in Nairobi time. If you change the time, payments made since then start the workflow again.',
			},
			{
				displayName: 'Done When',
				name: 'doneWhen',
				type: 'options',
				options: [...DONE_WHEN],
				default: 'executionFinishes',
				description:
					'When a payment is done. Until then, it can start the workflow again, so the nodes after the trigger should do no harm if they run twice: for example, update a row by Reference instead of adding one. See <a href="https://github.com/n8n-nodes-kopokopo/n8n-nodes-kopokopo/blob/main/docs/polling.md" target="_blank">When a payment is done</a>.',
			},
			{
				displayName: 'Options',
				name: 'options',
				type: 'collection',
				placeholder: 'Add Option',
				default: {},
				options: [
					{
						displayName: 'Items per Execution',
						name: 'itemsPerExecution',
						type: 'number',
						typeOptions: { minValue: 1 },
						default: DEFAULT_ITEMS_PER_EXECUTION,
						description: 'The maximum number of payments in one execution',
					},
					{
						displayName: 'Minimum Amount',
						name: 'minimumAmount',
						type: 'number',
						typeOptions: { minValue: 0 },
						default: 0,
						description: 'Ignore payments of less than this amount, in Kenyan shillings (KES)',
					},
					{
						displayName: 'Overlap (Minutes)',
						name: 'overlap',
						type: 'number',
						typeOptions: { minValue: 0 },
						default: DEFAULT_OVERLAP_MINUTES,
						description:
							'How far each poll looks back, because M-Pesa reports some payments late. A payment that is done does not start the workflow again.',
					},
					{
						displayName: 'Simplify',
						name: 'simplify',
						type: 'boolean',
						default: true,
						description:
							'Whether to return a simplified version of the response instead of the raw data',
					},
				],
			},
		],
	};

	async poll(this: IPollFunctions): Promise<INodeExecutionData[][] | null> {
		// Loaded when it is first needed, so that n8n starts sooner.
		const { poll } = await import('./polling/poll');
		return await poll(this);
	}

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const { continueExecution } = await import('./polling/continueExecution');
		return await continueExecution(this);
	}
}
