import { pathSegment } from '../../domain/resourceUrl';
import type { Operation, Resource } from '../../operations/defineOperation';
import type { ApiRequest } from '../../transport/client';

/** Who knows an operation of v1: Kopo Kopo's own documents and SDKs, or one document of somebody else. */
type Source = 'official' | 'oneDocument';

const NOTES: Record<Source, string> = {
	official: 'Legacy (v1).',
	oneDocument: 'Legacy (v1), claimed by one third-party document only.',
};

/**
 * Says in an operation's texts that it is legacy, and how far it can be trusted
 * (docs/kopokopo-api.md#api-v1).
 */
export function markLegacy(operation: Operation, source: Source = 'official'): Operation {
	const { action, description } = operation;
	return {
		...operation,
		action: `${action} (legacy)`,
		description: `${description.replace(/\.$/, '')}. ${NOTES[source]}`,
	};
}

/**
 * Looks up one resource of a collection: the create's own address with the id
 * (docs/kopokopo-api.md#api-v1).
 */
export const resourceById =
	(collection: string) =>
	(id: string): ApiRequest => ({ method: 'GET', path: `${collection}/${pathSegment(id)}` });

const onV1 = (request: ApiRequest): ApiRequest => ({
	...request,
	path: request.path.replace(/^\/api\/v2\//, '/api/v1/'),
});

/**
 * Operations that v1 takes with the very bodies of v2, under its own paths
 * (docs/kopokopo-api.md#api-v1).
 */
export function asV1Operations({ operations }: Resource, ...values: string[]): Operation[] {
	return operations
		.filter(({ value }) => values.includes(value))
		.map((operation) => {
			const { request, statusOf, items } = operation;
			return markLegacy({
				...operation,
				request: (params) => onV1(request(params)),
				...(statusOf !== undefined && { statusOf: (id) => onV1(statusOf(id)) }),
				...(items !== undefined && {
					items: (context) =>
						items({
							...context,
							send: async (more, options) => await context.send(onV1(more), options),
							pollUntilFinal: async (status, timeoutMs) =>
								await context.pollUntilFinal(onV1(status), timeoutMs),
						}),
				}),
			});
		});
}
