import type { IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';

/** Answers a delivery itself, and starts nothing. */
export function respond(
	context: IWebhookFunctions,
	status: number,
	message: string,
): IWebhookResponseData {
	context.getResponseObject().status(status).json({ message });
	return { noWebhookResponse: true };
}

/** Not with the API key of the credential, that is, or not at all. */
export const rejectUnsigned = (context: IWebhookFunctions): IWebhookResponseData =>
	respond(context, 401, 'Not signed with the API key of the credential');

/** Has n8n answer 200, so that Kopo Kopo does not send the delivery again, and starts nothing. */
export const ignoreDelivery = (message: string): IWebhookResponseData => ({
	webhookResponse: { message },
});
