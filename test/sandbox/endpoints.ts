import { randomUUID } from 'node:crypto';

import type { Behaviour } from './actions';
import { textOrNull, type JsonObject } from './json';
import type { ApiHandler, ApiRequest, ApiResponse } from './requestPipeline';
import { paymentLink } from './resources/paymentLink';
import type {
	AcceptedRequest,
	Resource,
	ResourceContext,
	ResourceKind,
} from './resources/resource';
import { RESOURCE_KINDS } from './resources/resourceKinds';
import { callbackUrlOf, type Problem } from './resources/validation';

export interface Endpoint {
	method: 'GET' | 'POST';
	url: string;
	handler: ApiHandler;
}

function errorResponse(status: number, problem: Exclude<Problem, undefined>): ApiResponse {
	return { status, body: { error_code: status, error_message: problem } };
}

/**
 * The body of a status GET and, for most resources, of the result callback
 * (docs/kopokopo-api.md#result-bodies).
 */
export function statusBody({ id, kind, attributes, body }: Resource): JsonObject {
	return body?.() ?? { data: { id, type: kind.type, attributes: attributes() } };
}

/**
 * The endpoints of all resource kinds: create, get, list and cancel
 * (docs/kopokopo-api.md#api-v2, docs/kopokopo-api.md#api-v1).
 */
export function resourceEndpoints(context: ResourceContext, baseUrl: () => string): Endpoint[] {
	const kindsByPath = new Map<string, ResourceKind[]>();
	for (const kind of RESOURCE_KINDS) {
		for (const path of kind.collections) {
			kindsByPath.set(path, [...(kindsByPath.get(path) ?? []), kind]);
		}
	}
	return [...kindsByPath].flatMap(([url, kinds]) => {
		const endpoints: Endpoint[] = [
			{ method: 'POST', url, handler: (request) => create(request, kinds, context, baseUrl()) },
			{
				method: 'GET',
				url: `${url}/:id`,
				handler: (request) =>
					withResource(request, kinds, context, (resource) => ({
						status: 200,
						body: statusBody(resource),
						resourceId: resource.id,
					})),
			},
		];
		for (const kind of kinds) {
			const { list } = kind;
			if (!list) continue;
			endpoints.push({
				method: 'GET',
				url,
				handler({ query }) {
					const resources = [...context.resources.values()].filter((item) => item.kind === kind);
					return { status: 200, body: list(resources, query) };
				},
			});
		}
		if (kinds.includes(paymentLink)) {
			endpoints.push({
				method: 'POST',
				url: `${url}/:id/cancel`,
				handler: (request) => withResource(request, kinds, context, cancel),
			});
		}
		return endpoints;
	});
}

function create(
	{ body, isReadable, path, seq }: ApiRequest,
	kinds: ResourceKind[],
	context: ResourceContext,
	baseUrl: string,
): ApiResponse {
	const version = path.startsWith('/api/v1/') ? 'v1' : 'v2';
	const kind = kinds.find(({ claims }) => claims?.(body, version) ?? true);
	if (!kind || !isReadable) return errorResponse(400, 'Invalid request');
	const problem = kind.check(body, { version, context });
	if (problem !== undefined) return errorResponse(400, problem);

	const id = kind.newId?.() ?? randomUUID();
	const self = `${baseUrl}${path}/${id}`;
	const callbackUrl = textOrNull(callbackUrlOf(body, version));
	const request: AcceptedRequest = {
		id,
		cause: { requestSeq: seq, resourceId: id, resourceType: kind.type },
		acceptedAt: new Date(),
		version,
		self,
		body,
		callbackUrl,
		links: { callback_url: callbackUrl, self },
	};
	const resource: Resource = { id, kind, request, ...kind.create(request, context) };
	context.resources.set(id, resource);
	scheduleBehaviours(resource, context);
	const { status, body: responseBody } = resource.createResponse ?? { status: 201 };
	// The one document whose creates are answered with a body has no Location header
	// (docs/kopokopo-api.md#flat-v1-bodies).
	const headers: ApiResponse['headers'] = responseBody === undefined ? { Location: self } : {};
	return { status, headers, body: responseBody, resourceId: id };
}

function cancel(resource: Resource): ApiResponse {
	const problem = resource.cancel?.();
	if (problem !== undefined) return errorResponse(400, problem);
	return { status: 200, body: { message: 'Payment link cancelled.' }, resourceId: resource.id };
}

function withResource(
	{ id }: ApiRequest,
	kinds: ResourceKind[],
	context: ResourceContext,
	respond: (resource: Resource) => ApiResponse,
): ApiResponse {
	const resource = context.resources.get(id);
	if (resource && kinds.includes(resource.kind)) return respond(resource);
	return errorResponse(404, `${kinds[0]?.noun ?? 'Resource'} not found`);
}

/** Schedules what the customer and the bank do automatically with a new resource. */
function scheduleBehaviours(resource: Resource, context: ResourceContext): void {
	const { customer, bank, kind } = resource;
	const schedule = <Action extends { action: string }>(
		act: (action: Action) => void,
		behaviour: Behaviour<Action> | undefined,
	) => {
		if (!behaviour || behaviour.action === 'ignore') return;
		context.schedule(behaviour.afterMs ?? 0, () => {
			context.attendance.whenAlone(() => {
				// In the meantime someone may have acted, or the link may have been cancelled.
				if (resource.isOpen?.()) act(behaviour as Action);
			});
		});
	};
	if (customer) schedule(customer, context.customerBehaviours.use(kind.type));
	if (bank) schedule(bank, context.bankBehaviours.use(kind.type));
}
