import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type IHookFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
	type IWebhookFunctions,
	type IWebhookResponseData,
} from 'n8n-workflow';
import { CALLBACKS } from './domain/callbacks';
import { webhookResponseMode } from './n8n/compat';
import { triggerOnOptions } from './operations/eventOptions';
import { CREDENTIAL_NAME } from './transport/environment';

// Loaded when they are first needed, so that n8n starts sooner.
const loadDeliveries = async () => await import('./webhooks/receive');
const loadSubscriptions = async () => await import('./webhooks/subscriptions');

const whileBuilding =
	'<b>While you build the workflow</b>, execute this step, then create an event, such as a small payment to your till. It appears here.<br /><br />';

/** What the editor shows beside the fields until there is an item. */
const triggerPanel: INodeTypeDescription['triggerPanel'] = {
	header: 'Execute this step, then create an event, such as a payment of KES 1 to your till',
	executionsHelp: {
		inactive: `${whileBuilding}<b>When the workflow is ready</b>, publish it. It then runs for every event that you chose under Trigger On. These runs appear in the <a data-key="executions">executions list</a>, not here.`,
		active: `${whileBuilding}<b>The workflow is published</b>, so it also runs for every event that you chose under Trigger On. These runs appear in the <a data-key="executions">executions list</a>, not here.`,
	},
	activationHint: {
		inactive: 'Publish the workflow to run it for every event.',
		active: 'The workflow is published and runs for every event. These runs do not appear here.',
	},
};

const topicLabels = Object.fromEntries(triggerOnOptions.map(({ name, value }) => [value, name]));

export class KopoKopoTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Kopo Kopo Trigger',
		name: 'kopoKopoTrigger',
		icon: { light: 'file:../../icons/kopokopo.svg', dark: 'file:../../icons/kopokopo.dark.svg' },
		group: ['trigger'],
		// The first version is 2, because n8n evaluates an expression with every delivery to version 1 of a node.
		version: 2,
		// The labels of the topics, which are Kopo Kopo's own words.
		subtitle: `={{$parameter["triggerOn"].map((topic) => (${JSON.stringify(topicLabels)})[topic]).join(", ")}}`,
		// The editor lists both nodes as one, and shows this text for both.
		description:
			'Request M-Pesa payments, send money, and start workflows when Kopo Kopo reports a payment, a reversal or a settlement',
		defaults: { name: 'Kopo Kopo Trigger' },
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: CREDENTIAL_NAME, required: true }],
		triggerPanel,
		eventTriggerDescription: 'Waiting for an event, such as a payment of KES 1 to your till',
		activationMessage: 'Kopo Kopo now reports the chosen events to this workflow.',
		webhooks: [
			{
				name: 'default',
				httpMethod: 'POST',
				responseMode: webhookResponseMode,
				// Without it n8n answers every delivery with the text "firstEntryJson".
				responseData: '',
				path: 'kopo-kopo',
			},
		],
		properties: [
			{
				displayName:
					'Kopo Kopo must be able to reach the Production URL under Webhook URLs. You can unpublish and publish this workflow at any time: the trigger uses its existing subscriptions. <a href="https://github.com/n8n-nodes-kopokopo/n8n-nodes-kopokopo/blob/main/docs/events.md" target="_blank">More about subscriptions</a>',
				name: 'subscriptionNotice',
				type: 'notice',
				default: '',
			},
			{
				displayName: 'Trigger On',
				name: 'triggerOn',
				type: 'multiOptions',
				required: true,
				options: triggerOnOptions,
				default: ['buygoods_transaction_received'],
			},
			{
				displayName: 'Registration',
				name: 'registration',
				type: 'options',
				options: [
					{
						name: 'Automatic',
						value: 'automatic',
						description:
							'Subscribe to the events at Kopo Kopo when the workflow is published (activated)',
					},
					{
						name: 'Manual',
						value: 'manual',
						description:
							"Do not subscribe. Enter this node's Production URL in the Kopo Kopo dashboard yourself.",
					},
				],
				default: 'automatic',
			},
			{
				displayName: 'Scope',
				name: 'scope',
				type: 'options',
				displayOptions: { show: { registration: ['automatic'] } },
				options: [
					{
						name: 'Company',
						value: 'company',
						description: 'Events of all tills of the company',
					},
					{
						name: 'Till',
						value: 'till',
						description: 'Events of certain tills. Some events exist only for the whole company.',
					},
				],
				default: 'company',
			},
			{
				displayName: 'Till Number',
				name: 'tillNumber',
				type: 'string',
				required: true,
				displayOptions: { show: { registration: ['automatic'], scope: ['till'] } },
				default: '',
				placeholder: 'e.g. 112233',
				description: 'The till, or several separated by commas or line breaks',
			},
			{
				displayName: 'Options',
				name: 'options',
				type: 'collection',
				placeholder: 'Add Option',
				default: {},
				options: [
					{
						displayName: 'Daraja Payload',
						name: 'darajaPayload',
						type: 'boolean',
						default: false,
						description:
							"Whether Kopo Kopo sends M-Pesa and business payments in the format of Safaricom's Daraja API, which has no phone number",
					},
					{
						displayName: 'Ignore Duplicates',
						name: 'ignoreDuplicates',
						type: 'boolean',
						default: true,
						description:
							'Whether to ignore a delivery that Kopo Kopo sends again, so that the workflow starts only once',
					},
					{
						displayName: 'Include Headers',
						name: 'includeHeaders',
						type: 'boolean',
						default: false,
						description: 'Whether to add the HTTP headers of the delivery to the item',
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
						displayName: 'Outcome',
						name: 'outcome',
						type: 'options',
						displayOptions: { show: { '/triggerOn': Object.keys(CALLBACKS) } },
						options: [
							{ name: 'All', value: 'all' },
							{
								name: 'Only Failure',
								value: 'onlyFailure',
								description:
									'Failed results, and results that need your attention: partial (not all of the money moved) and unknown',
							},
							{
								name: 'Only Success',
								value: 'onlySuccess',
								description: 'Results where all of the money moved',
							},
						],
						default: 'all',
						description:
							'Which results of requests start the workflow. Pending results start it only with All. Payments and other events are not affected.',
					},
					{
						displayName: 'Simplify',
						name: 'simplify',
						type: 'boolean',
						default: true,
						description:
							'Whether to return a simplified version of the response instead of the raw data',
					},
					{
						displayName: 'Till Filter',
						name: 'tillFilter',
						type: 'string',
						default: '',
						placeholder: 'e.g. 112233, K445566',
						description:
							'Only payments to these tills start the workflow. Separate tills with commas or line breaks.',
					},
				],
			},
		],
	};

	webhookMethods = {
		default: {
			async checkExists(this: IHookFunctions): Promise<boolean> {
				const { allSubscribed, withSingleLineErrors } = await loadSubscriptions();
				return await withSingleLineErrors(this, async () => await allSubscribed(this));
			},
			async create(this: IHookFunctions): Promise<boolean> {
				const { subscribeMissing, withSingleLineErrors } = await loadSubscriptions();
				await withSingleLineErrors(this, async () => await subscribeMissing(this));
				return true;
			},
			/** Kopo Kopo has no way to unsubscribe. The IDs are kept for the next activation. */
			async delete(this: IHookFunctions): Promise<boolean> {
				const { describeRemainingWhileInactive } = await import(
					'./webhooks/remainingSubscriptions'
				);
				const remaining = describeRemainingWhileInactive(this);
				if (remaining !== undefined) this.logger.info(remaining);
				return true;
			},
		},
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const { continueDelivery } = await loadDeliveries();
		return await continueDelivery(this);
	}

	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		const { receiveDelivery } = await loadDeliveries();
		return await receiveDelivery(this);
	}
}
