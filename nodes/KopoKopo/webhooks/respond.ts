import type { IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';

/** Responds to a delivery directly. No execution starts. */
export function respond(
	context: IWebhookFunctions,
	status: number,
	message: string,
): IWebhookResponseData {
	context.getResponseObject().status(status).json({ message });
	return { noWebhookResponse: true };
}

/** Rejects a delivery that is unsigned, or signed with a key that the credential does not have. */
export const rejectUnsigned = (context: IWebhookFunctions): IWebhookResponseData =>
	respond(context, 401, 'Not signed with the API key of the credential');

/** Makes n8n respond with 200, so that Kopo Kopo does not send the delivery again. No execution starts. */
export const ignoreDelivery = (message: string): IWebhookResponseData => ({
	webhookResponse: { message },
});
