import {
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
	type IWebhookFunctions,
	type IWebhookResponseData,
	NodeConnectionTypes,
	NodeOperationError,
} from 'n8n-workflow';
import { type Batching, mapConcurrently } from './execution/concurrency';
import { resume, resumeWebhooks } from './execution/pause';
import { isRestartedExecution } from './execution/restartDetection';
import { failedItem, outputSettings, type Run, runItem } from './execution/runItem';
import { SentRequests } from './execution/sentRequests';
import { waitModeOf } from './execution/settings';
import { pauseForResult, pollForResults, resumeUrl } from './execution/waiting';
import { mustReturnErrors } from './n8n/compat';
import { nodeProperties } from './operations/properties';
import { withChosenFields } from './operations/settingsProperties';
import { findOperation } from './resources';
import { CREDENTIAL_NAME, parseCredential } from './transport/environment';

export class KopoKopo implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Kopo Kopo',
		name: 'kopoKopo',
		icon: { light: 'file:../../icons/kopokopo.svg', dark: 'file:../../icons/kopokopo.dark.svg' },
		group: ['transform'],
		version: 1,
		// In words: `create: incoming payment`, not `create: incomingPayment`.
		subtitle:
			'={{($parameter["operation"] + ": " + $parameter["resource"]).replace(/[A-Z]/g, " $&").toLowerCase()}}',
		description: 'Take and send money with M-Pesa, cards and banks through Kopo Kopo',
		defaults: { name: 'Kopo Kopo' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: CREDENTIAL_NAME, required: true }],
		webhooks: resumeWebhooks,
		properties: nodeProperties(),
	};

	/** The one item loop: every item on its own, linked to its input. */
	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const inputs = this.getInputData();
		if (inputs.length === 0) return [[]];

		const apiVersion = this.getNodeParameter('apiVersion', 0, 'v2') as string;
		const resource = this.getNodeParameter('resource', 0);
		const name = this.getNodeParameter('operation', 0, '');
		const operation = findOperation(apiVersion, resource, name);
		if (operation === undefined) {
			throw new NodeOperationError(
				this.getNode(),
				`The Kopo Kopo node has no operation '${name}' of '${resource}' in ${apiVersion}`,
				{ description: "Choose 'Resource' and 'Operation' anew from their lists." },
			);
		}
		const sent = new SentRequests(this);
		const run: Run = {
			context: this,
			operation,
			parseContext: {
				credential: parseCredential(await this.getCredentials(CREDENTIAL_NAME)),
				instanceUrl: this.getInstanceBaseUrl(),
				timezone: this.getTimezone(),
			},
			sent,
			isRestarted: operation.effect === 'movesMoney' && (await isRestartedExecution(this)),
			isTool: this.getNode().type.endsWith('Tool'),
		};
		const waitMode = waitModeOf(this, operation, sent);
		if (waitMode === 'pause') run.callbackUrl = () => resumeUrl(run);
		const { batch } = this.getNodeParameter('options.batching', 0, {}) as { batch?: Batching };

		const hasErrorBranch = this.getNode().onError === 'continueErrorOutput';
		let hasFailed = false;
		const outputs = await mapConcurrently(
			inputs.length,
			batch ?? {},
			async (itemIndex) => {
				const result = await runItem(run, itemIndex);
				if ('items' in result) return result.items;
				if (!this.continueOnFail() && !mustReturnErrors(this)) throw result.error;
				hasFailed = true;
				return [failedItem(result.error, operation, hasErrorBranch)];
			},
			this.getExecutionCancelSignal(),
		);
		if (waitMode === 'poll') await pollForResults(run, outputs);
		if (waitMode === 'pause') outputs[0] = await pauseForResult(run, outputs[0]);
		const given = outputs.flatMap((items, itemIndex) =>
			(items ?? []).map((item) => ({
				json: withChosenFields(item, outputSettings(run, itemIndex)),
				pairedItem: { item: itemIndex },
			})),
		);
		// n8n tries again only what has failed, and it takes any `error` for a failure, also one in a body of
		// Kopo Kopo's. A run that was stopped, or that sleeps and may yet wake up wrongly, is not over.
		const isOver = waitMode !== 'pause' && outputs.every((items) => items !== undefined);
		if (isOver && !hasFailed && !given.some(({ json }) => 'error' in json)) sent.clear();
		return [given];
	}

	/** Kopo Kopo's callback to an execution that sleeps for it. */
	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		return await resume(this);
	}
}
