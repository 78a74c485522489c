import { randomUUID } from 'node:crypto';

import {
	externalRecipient,
	merchantBankAccount,
	merchantWallet,
	webhookSubscription,
} from './accounts';
import type { Answer, Call, Work } from './door';
import { legacyPayment, legacySettlement } from './legacy';
import { polling, transactionSmsNotification } from './queries';
import { callbackUrlOf, incomingPayment, paymentLink } from './receiving';
import type { Birth, Resource, ResourceKind, World } from './resource';
import { reversal } from './reversals';
import { sendMoney } from './sending';
import { flatIncomingPayment, flatSettlement, payoutToPhone } from './thirdParty';
import { textOrNull, type JsonObject, type Problem } from './validation';

/** Every resource of Kopo Kopo: a new one, v2 or legacy, is one more row. */
export const RESOURCES: ResourceKind[] = [
	// Before the official rows of the same path: the first row that claims a body takes it.
	flatIncomingPayment,
	flatSettlement,
	payoutToPhone,
	incomingPayment,
	paymentLink,
	sendMoney,
	reversal,
	polling,
	webhookSubscription,
	merchantWallet,
	merchantBankAccount,
	externalRecipient,
	transactionSmsNotification,
	legacyPayment,
	legacySettlement,
];

export interface Endpoint {
	method: 'GET' | 'POST';
	url: string;
	work: Work;
}

function refused(status: number, problem: Exclude<Problem, undefined>): Answer {
	return { status, body: { error_code: status, error_message: problem } };
}

/** The body of a status GET and of its result callback alike (contract, 8). */
export function statusBody({ id, kind, attributes, body }: Resource): JsonObject {
	return body?.() ?? { data: { id, type: kind.type, attributes: attributes() } };
}

/** The endpoints of contract 4 and 5, made from the rows. */
export function endpoints(world: World, baseUrl: () => string): Endpoint[] {
	const collections = new Map<string, ResourceKind[]>();
	for (const kind of RESOURCES) {
		for (const collection of kind.collections) {
			collections.set(collection, [...(collections.get(collection) ?? []), kind]);
		}
	}

	const create = (kinds: ResourceKind[], { body, isReadable, path, seq }: Call): Answer => {
		const version = path.startsWith('/api/v1/') ? 'v1' : 'v2';
		const kind = kinds.find((row) => row.claims?.(body, version) ?? true);
		if (!kind || !isReadable) return refused(400, 'Invalid request');
		const problem = kind.check(body, { version, world });
		if (problem !== undefined) return refused(400, problem);

		const id = kind.newId?.() ?? randomUUID();
		const self = `${baseUrl()}${path}/${id}`;
		const callbackUrl = textOrNull(callbackUrlOf(body, version));
		const birth: Birth = {
			id,
			cause: { requestSeq: seq, resourceId: id, resourceType: kind.type },
			at: new Date(),
			version,
			self,
			body,
			callbackUrl,
			links: { callback_url: callbackUrl, self },
		};
		const resource: Resource = { id, kind, birth, ...kind.open(birth, world) };
		world.resources.set(id, resource);
		followOrders(resource, world);
		const { status, body: answered } = resource.created ?? { status: 201 };
		// The document whose creates are answered with a body knows no Location (contract, 5).
		const headers: Answer['headers'] = answered === undefined ? { Location: self } : {};
		return { status, headers, body: answered, resourceId: id };
	};

	const found = (kinds: ResourceKind[], { id }: Call): Resource | Answer => {
		const resource = world.resources.get(id);
		if (resource && kinds.includes(resource.kind)) return resource;
		return refused(404, `${kinds[0]?.noun ?? 'Resource'} not found`);
	};

	return [...collections].flatMap(([url, kinds]) => {
		const listed = kinds.find(({ list }) => list);
		const rows: Endpoint[] = [
			{ method: 'POST', url, work: (call) => create(kinds, call) },
			{
				method: 'GET',
				url: `${url}/:id`,
				work(call) {
					const resource = found(kinds, call);
					return 'kind' in resource
						? { status: 200, body: statusBody(resource), resourceId: resource.id }
						: resource;
				},
			},
		];
		if (listed?.list) {
			const { list } = listed;
			rows.push({
				method: 'GET',
				url,
				work({ query }) {
					const all = [...world.resources.values()].filter(({ kind }) => kind === listed);
					return { status: 200, body: list(all, query) };
				},
			});
		}
		if (kinds.includes(paymentLink)) {
			rows.push({
				method: 'POST',
				url: `${url}/:id/cancel`,
				work(call) {
					const resource = found(kinds, call);
					if (!('kind' in resource)) return resource;
					const problem = resource.cancel?.();
					return problem === undefined
						? {
								status: 200,
								body: { message: 'Payment link cancelled.' },
								resourceId: resource.id,
							}
						: refused(400, problem);
				},
			});
		}
		return rows;
	});
}

/** Lets the customer or the banker do what a standing order says of this resource. */
function followOrders(resource: Resource, world: World): void {
	const later = <A extends { deed: string }>(
		act: ((act: A) => void) | undefined,
		order: (A | { deed: 'ignore' }) & { afterMs?: number },
	) => {
		if (!act || order.deed === 'ignore') return;
		world.later(order.afterMs ?? 0, () => {
			// Somebody else may have been quicker; a standing order does not insist.
			if (resource.isOpen?.()) act(order as A);
		});
	};
	const { type } = resource.kind;
	const customer = resource.customer && world.customers.take(type);
	if (customer) later(resource.customer, customer);
	const banker = resource.bank && world.bankers.take(type);
	if (banker) later(resource.bank, banker);
}
