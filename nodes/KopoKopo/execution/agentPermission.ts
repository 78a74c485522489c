import { type IDataObject, isExpression } from 'n8n-workflow';
import { InvalidParameterError } from '../domain/errors';
import type { Run } from './run';

/**
 * Rejects what a person has not allowed an AI agent to do: everything but reading.
 * @throws InvalidParameterError
 */
export function checkAgentPermission({
	context,
	operation,
	isTool,
}: Pick<Run, 'context' | 'operation' | 'isTool'>): void {
	if (!isTool) return;
	// The stored values, not evaluated: with an expression, the model could decide.
	const { allowAiToMakeChanges, additionalFields } = context.getNode().parameters;
	if (allowAiToMakeChanges === true) return;
	if (operation.effect !== 'read') {
		throw new InvalidParameterError(
			'An AI agent is not allowed to make changes with this tool',
			"A person can allow it with 'Allow AI to Make Changes' in the tool's settings.",
		);
	}
	if (operation.startsPoll !== true) return;
	// This only reads, but Kopo Kopo sends the result to this address as well.
	const callbackUrl =
		typeof additionalFields === 'object' && additionalFields !== null
			? (additionalFields as IDataObject).callbackUrl
			: additionalFields;
	// In n8n 2, $json of a tool contains what the model has entered, so it could decide in any expression.
	if (isExpression(callbackUrl)) {
		throw new InvalidParameterError(
			'An AI agent is not allowed to choose where Kopo Kopo sends a result',
			"A person can enter a fixed 'Callback URL' in the tool's settings, or remove it.",
		);
	}
}
