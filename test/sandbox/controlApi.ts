import type { FastifyPluginAsync } from 'fastify';
import { z } from 'zod';

import { ImpossibleActionError } from './actions';
import { faultRule } from './faultInjection';
import { ANY_PHONE } from './resources/validation';
import { allowSameMachineOnly } from './sameMachine';
import type { Sandbox } from './server';

const customerAction = z.enum(['pay', 'refuse', 'insufficient', 'expire']);
const customerDetails = { reason: z.string().optional(), phone: z.string().optional() };
const bankAction = z.enum(['transfer', 'cancel', 'partial']);
const bankDetails = {
	reason: z.string().optional(),
	cancelled: z.array(z.number().int().min(0)).optional(),
	amount: z.number().positive().optional(),
};
const behaviourScope = {
	afterMs: z.number().min(0).optional(),
	times: z.number().int().positive().optional(),
	for: z.string().optional(),
};
const payment = {
	till: z.string().optional(),
	amount: z.number().positive().optional(),
	reference: z.string().optional(),
	at: z.string().optional(),
};
const name = z.string().nullable().optional();
const reference = z.object({ reference: z.string() });
const next = z.number().int().positive().optional();

type RouteHandler = (body: unknown, params: Record<string, string>) => unknown;

/** A handler for a route whose JSON body has this shape. */
function withBody<Shape extends z.ZodTypeAny>(
	shape: Shape,
	handle: (body: z.output<Shape>, params: Record<string, string>) => unknown,
): RouteHandler {
	return (body, params) => handle(shape.parse(body ?? {}) as z.output<Shape>, params);
}

function routes(sandbox: Sandbox): Record<string, RouteHandler> {
	const { customer, bank, till, company, faults, deliveries, ledger } = sandbox;
	return {
		'POST /customer/behaviours': withBody(
			z.object({
				action: z.union([customerAction, z.literal('ignore')]),
				...customerDetails,
				...behaviourScope,
			}),
			(behaviour) => customer.addBehaviour(behaviour),
		),
		'DELETE /customer/behaviours': () => customer.clearBehaviours(),
		'POST /customer/enter-pin': withBody(z.object({ id: z.string(), pin: z.string() }), (body) => ({
			result: customer.enterPin(body.id, body.pin),
		})),
		'POST /customer/ignore': withBody(z.object({ id: z.string() }), ({ id }) => {
			customer.ignorePrompt(id);
			return sandbox.status(id);
		}),
		'POST /customer/open-link': withBody(
			z.object({ id: z.string(), phone: z.string().regex(ANY_PHONE) }),
			({ id, phone }) => customer.openLink(id, phone),
		),
		'POST /customer/:action': withBody(
			z.object({ id: z.string(), ...customerDetails }),
			(body, params) => {
				const { id, ...details } = body;
				customer.act(id, { ...details, action: customerAction.parse(params.action) });
				return sandbox.status(id);
			},
		),
		'POST /bank/behaviours': withBody(
			z.object({
				action: z.union([bankAction, z.literal('ignore')]),
				...bankDetails,
				...behaviourScope,
			}),
			(behaviour) => bank.addBehaviour(behaviour),
		),
		'DELETE /bank/behaviours': () => bank.clearBehaviours(),
		'POST /bank/:action': withBody(z.object({ id: z.string(), ...bankDetails }), (body, params) => {
			const { id, ...details } = body;
			bank.act(id, { ...details, action: bankAction.parse(params.action) });
			return sandbox.status(id);
		}),

		'POST /till/buygoods': withBody(
			z.object({
				...payment,
				phone: z.string().optional(),
				firstName: name,
				middleName: name,
				lastName: name,
				system: z.string().optional(),
			}),
			(body) => till.buygoods(body),
		),
		'POST /till/b2b': withBody(
			z.object({ ...payment, sendingTill: z.string().optional() }),
			(body) => till.b2b(body),
		),
		'POST /till/card': withBody(
			z.object({
				...payment,
				cardNumber: z.string().optional(),
				settled: z.boolean().optional(),
			}),
			(body) => till.card(body),
		),
		'POST /till/reverse': withBody(reference, (body) => till.reverse(body.reference)),
		'POST /till/void-card': withBody(reference, (body) => till.voidCard(body.reference)),
		'POST /till/reverse-card': withBody(reference, (body) => till.reverseCard(body.reference)),
		'POST /company/settle': withBody(
			z.object({
				amounts: z.array(z.number().positive()).min(1).optional(),
				to: z.enum(['bank', 'wallet']).optional(),
				method: z.enum(['EFT', 'RTS']).optional(),
			}),
			(body) => ({ id: company.settle(body) }),
		),
		'POST /company/customers': withBody(
			z.object({
				firstName: z.string().optional(),
				middleName: name,
				lastName: z.string().optional(),
				phone: z.string().optional(),
			}),
			(body) => company.createCustomer(body),
		),

		'POST /send': withBody(
			z.object({
				url: z.string().url(),
				/** Text is sent byte for byte, anything else as compact JSON. */
				body: z.unknown(),
				signature: z.enum(['valid', 'wrong', 'none', 'prefixed']).optional(),
				headers: z.record(z.string()).optional(),
			}),
			({ body, ...rest }) =>
				sandbox.send({ ...rest, body: typeof body === 'string' ? body : JSON.stringify(body) }),
		),
		'GET /deliveries': () => deliveries.log,
		'GET /deliveries/:id': (_body, { id = '' }) => {
			const delivery = deliveries.find(id);
			if (!delivery) throw new ImpossibleActionError(`No delivery ${id}`, 404);
			return delivery;
		},
		'POST /deliveries/duplicate': withBody(z.object({ next, copies: next }), (body) =>
			deliveries.duplicateNext(body.next, body.copies),
		),
		'POST /deliveries/lose': withBody(z.object({ next }), (body) => deliveries.loseNext(body.next)),
		'POST /deliveries/hold': () => deliveries.hold(),
		'POST /deliveries/release': withBody(
			z.object({ order: z.enum(['same', 'reverse']).optional() }),
			async (body) => ({ released: await deliveries.release(body.order) }),
		),
		'POST /deliveries/:id/resend': (_body, { id = '' }) => {
			const delivery = deliveries.resend(id);
			if (!delivery) throw new ImpossibleActionError(`No delivery ${id}`, 404);
			return delivery;
		},

		'GET /faults': () => faults.rules,
		'POST /faults': withBody(faultRule, (rule) => ({ id: faults.add(rule) })),
		'DELETE /faults': () => faults.clear(),
		'DELETE /faults/:id': (_body, { id }) => faults.clear(Number(id)),
		'POST /faults/seed': withBody(z.object({ seed: z.number().int() }), ({ seed }) =>
			faults.seed(seed),
		),
		'POST /tokens/invalidate': withBody(
			z.object({ token: z.string().optional(), as: z.enum(['expired', 'revoked']).optional() }),
			(body) => sandbox.tokens.invalidate(body.token, body.as),
		),

		'GET /ledger': () => ({
			totals: ledger.totals,
			requests: ledger.requests,
			movements: ledger.movements,
			subscriptions: ledger.subscriptions,
			subscriptionCounts: ledger.subscriptionCounts,
			tokens: ledger.tokens,
			deliveries: deliveries.log,
		}),
		'GET /resources/:id': (_body, { id = '' }) => sandbox.status(id),
		'GET /config': () => {
			const { url, clientId, clientSecret, apiKey, tokenLifetimeSeconds } = sandbox;
			return { url, clientId, clientSecret, apiKey, tokenLifetimeSeconds };
		},
		'POST /wait-until-idle': async () => await sandbox.untilIdle(),
		'POST /reset': withBody(z.object({ keepTokens: z.boolean().optional() }), async (body) => {
			await sandbox.reset(body);
		}),
	};
}

/**
 * The control API: JSON without a token, for this machine only. It answers 403 to other machines and websites, and it answers 400 to a request that is not valid, 404 to an unknown
 * ID, and 409 to an action that the state does not allow.
 */
export function controlRoutes(sandbox: Sandbox): FastifyPluginAsync {
	return async (app) => {
		allowSameMachineOnly(app);
		app.setErrorHandler(async (error, _request, reply) => {
			const status =
				error instanceof ImpossibleActionError
					? error.status
					: error instanceof z.ZodError
						? 400
						: 500;
			const message = error instanceof z.ZodError ? error.issues : String(error);
			return await reply.code(status).send({ error: message });
		});
		for (const [route, handle] of Object.entries(routes(sandbox))) {
			const [method = '', url = ''] = route.split(' ');
			app.route({
				method,
				url,
				handler: async (request, reply) => {
					const params = request.params as Record<string, string>;
					const result = await handle(request.body ?? undefined, params);
					return await reply.send(result ?? { done: true });
				},
			});
		}
	};
}
