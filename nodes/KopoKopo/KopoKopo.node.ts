import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
	type IWebhookFunctions,
	type IWebhookResponseData,
} from 'n8n-workflow';
import { nodeProperties, resumeWebhooks } from './operations/properties';
import { resources } from './resources';
import { CREDENTIAL_NAME } from './transport/environment';

export class KopoKopo implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Kopo Kopo',
		name: 'kopoKopo',
		icon: { light: 'file:../../icons/kopokopo.svg', dark: 'file:../../icons/kopokopo.dark.svg' },
		group: ['transform'],
		version: 1,
		// The labels in lower case: `request: payment request`, not `request: paymentRequest`.
		subtitle:
			'={{($parameter["operation"].replace("getAll", "getMany") + ": " + $parameter[$parameter["apiVersion"] === "v1" ? "resourceV1" : "resource"]).replace(/[A-Z]/g, " $&").toLowerCase().replace("sms", "SMS")}}',
		description:
			'Request M-Pesa payments, create payment links, send money and refund payments with Kopo Kopo',
		defaults: { name: 'Kopo Kopo' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: CREDENTIAL_NAME, required: true }],
		webhooks: resumeWebhooks,
		properties: nodeProperties(resources),
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		// Loaded when it is first needed, so that n8n starts sooner.
		const { execute } = await import('./execution/execute');
		return await execute(this);
	}

	/** Kopo Kopo's callback to an execution that is paused until it arrives. */
	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		const { resume } = await import('./execution/resume');
		return await resume(this);
	}
}
