import type { Operation, Resource } from '../../operations/defineOperation';
import type { ApiRequest } from '../../transport/client';

/** Where a v1 operation is documented: in Kopo Kopo's own documents and SDKs, or in one unofficial document. */
type Source = 'official' | 'unofficial';

const NOTES: Record<Source, string> = {
	official: 'Legacy (v1).',
	unofficial: 'Legacy (v1). Described by one unofficial document only.',
};

/** Adds to an operation's texts that it is legacy, and how it is documented (docs/kopokopo-api.md#api-v1). */
export function markLegacy(operation: Operation, source: Source = 'official'): Operation {
	const { action, description } = operation;
	return {
		...operation,
		action: `${action} (legacy)`,
		description: `${description.replace(/\.$/, '')}. ${NOTES[source]}`,
	};
}

const withV1Path = (request: ApiRequest): ApiRequest => ({
	...request,
	path: request.path.replace(/^\/api\/v2\//, '/api/v1/'),
});

/**
 * The v1 form of v2 operations whose request bodies are the same in v1; only the path differs
 * (docs/kopokopo-api.md#api-v1).
 * @param values stored values of the operations
 */
export function asV1Operations({ operations }: Resource, ...values: string[]): Operation[] {
	return operations
		.filter(({ value }) => values.includes(value))
		.map((operation) => {
			const { request, statusOf, items } = operation;
			return markLegacy({
				...operation,
				request: (params, callbackUrl) => withV1Path(request(params, callbackUrl)),
				...(statusOf !== undefined && { statusOf: (id) => withV1Path(statusOf(id)) }),
				...(items !== undefined && {
					items: (context) =>
						items({
							...context,
							send: async (more, options) => await context.send(withV1Path(more), options),
							pollUntilFinal: async (status, timeoutMs) =>
								await context.pollUntilFinal(withV1Path(status), timeoutMs),
						}),
				}),
			});
		});
}
