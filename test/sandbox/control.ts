import type { FastifyPluginAsync } from 'fastify';
import { z } from 'zod';

import { Impossible } from './resource';
import type { Sandbox } from './server';
import { weatherOrder } from './weather';

const customerDeed = z.enum(['pay', 'refuse', 'insufficient', 'expire']);
const customerDetails = { reason: z.string().optional(), phone: z.string().optional() };
const bankDeed = z.enum(['transfer', 'cancel', 'partial']);
const bankDetails = {
	reason: z.string().optional(),
	cancelled: z.array(z.number().int().min(0)).optional(),
	amount: z.number().positive().optional(),
};
const standing = {
	afterMs: z.number().min(0).optional(),
	times: z.number().int().positive().optional(),
	for: z.string().optional(),
};
const sale = {
	till: z.string().optional(),
	amount: z.number().positive().optional(),
	reference: z.string().optional(),
	at: z.string().optional(),
};
const name = z.string().nullable().optional();
const reference = z.object({ reference: z.string() });
const next = z.number().int().positive().optional();

type Action = (body: unknown, params: Record<string, string>) => unknown;

/** An action whose JSON body has this shape. */
function act<Shape extends z.ZodTypeAny>(
	shape: Shape,
	deed: (body: z.output<Shape>, params: Record<string, string>) => unknown,
): Action {
	return (body, params) => deed(shape.parse(body ?? {}) as z.output<Shape>, params);
}

/** Every puppet string that can be pulled over HTTP; a row per string. */
function actions(sandbox: Sandbox): Record<string, Action> {
	const { customer, bank, till, company, weather, deliveries, ledger } = sandbox;
	return {
		'POST /customer/will': act(
			z.object({
				deed: z.union([customerDeed, z.literal('ignore')]),
				...customerDetails,
				...standing,
			}),
			(order) => customer.will(order),
		),
		'POST /customer/forget': () => customer.forget(),
		'POST /customer/:deed': act(
			z.object({ id: z.string(), ...customerDetails }),
			(body, params) => {
				const { id, ...details } = body;
				customer.act(id, { ...details, deed: customerDeed.parse(params.deed) });
				return sandbox.status(id);
			},
		),
		'POST /bank/will': act(
			z.object({ deed: z.union([bankDeed, z.literal('ignore')]), ...bankDetails, ...standing }),
			(order) => bank.will(order),
		),
		'POST /bank/forget': () => bank.forget(),
		'POST /bank/:deed': act(z.object({ id: z.string(), ...bankDetails }), (body, params) => {
			const { id, ...details } = body;
			bank.act(id, { ...details, deed: bankDeed.parse(params.deed) });
			return sandbox.status(id);
		}),

		'POST /till/buygoods': act(
			z.object({
				...sale,
				phone: z.string().optional(),
				firstName: name,
				middleName: name,
				lastName: name,
				system: z.string().optional(),
			}),
			(body) => till.buygoods(body),
		),
		'POST /till/b2b': act(z.object({ ...sale, sendingTill: z.string().optional() }), (body) =>
			till.b2b(body),
		),
		'POST /till/card': act(
			z.object({
				...sale,
				cardNumber: z.string().optional(),
				settled: z.boolean().optional(),
			}),
			(body) => till.card(body),
		),
		'POST /till/reverse': act(reference, (body) => till.reverse(body.reference)),
		'POST /till/void-card': act(reference, (body) => till.undoCard(body.reference, 'voided')),
		'POST /till/reverse-card': act(reference, (body) => till.undoCard(body.reference, 'reversed')),
		'POST /company/settle': act(
			z.object({
				amounts: z.array(z.number().positive()).min(1).optional(),
				to: z.enum(['bank', 'wallet']).optional(),
				method: z.enum(['EFT', 'RTS']).optional(),
			}),
			(body) => ({ id: company.settle(body) }),
		),
		'POST /company/meet-customer': act(
			z.object({
				firstName: z.string().optional(),
				middleName: name,
				lastName: z.string().optional(),
				phone: z.string().optional(),
			}),
			(body) => company.meetCustomer(body),
		),

		'POST /send': act(
			z.object({
				url: z.string().url(),
				/** Text is sent as it is, byte for byte; anything else as compact JSON. */
				body: z.unknown(),
				signature: z.enum(['valid', 'wrong', 'none', 'prefixed']).optional(),
				headers: z.record(z.string()).optional(),
			}),
			({ body, ...rest }) =>
				sandbox.send({ ...rest, body: typeof body === 'string' ? body : JSON.stringify(body) }),
		),
		'GET /deliveries': () => deliveries.log,
		'POST /deliveries/duplicate': act(z.object({ next, copies: next }), (body) =>
			deliveries.duplicateNext(body.next, body.copies),
		),
		'POST /deliveries/lose': act(z.object({ next }), (body) => deliveries.loseNext(body.next)),
		'POST /deliveries/hold': () => deliveries.hold(),
		'POST /deliveries/release': act(
			z.object({ order: z.enum(['same', 'reverse']).optional() }),
			async (body) => ({ released: await deliveries.release(body.order) }),
		),
		'POST /deliveries/:id/again': (_body, { id = '' }) => {
			const delivery = deliveries.again(id);
			if (!delivery) throw new Impossible(`No delivery ${id}`, 404);
			return delivery;
		},

		'GET /weather': () => weather.orders,
		'POST /weather': act(weatherOrder, (order) => ({ id: weather.add(order) })),
		'DELETE /weather': () => weather.clear(),
		'DELETE /weather/:id': (_body, { id }) => weather.clear(Number(id)),
		'POST /weather/seed': act(z.object({ seed: z.number().int() }), ({ seed }) =>
			weather.seed(seed),
		),
		'POST /tokens/end': act(
			z.object({ token: z.string().optional(), as: z.enum(['expired', 'revoked']).optional() }),
			(body) => sandbox.tokens.end(body.token, body.as),
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
		'POST /settled': async () => await sandbox.settled(),
		'POST /reset': act(z.object({ keepTokens: z.boolean().optional() }), async (body) => {
			await sandbox.reset(body);
		}),
	};
}

/** The control API: no token, JSON in and out, 400 for a bad order, 404 and 409 for an impossible one. */
export function controlRoutes(sandbox: Sandbox): FastifyPluginAsync {
	return async (app) => {
		app.setErrorHandler(async (error, _request, reply) => {
			const status =
				error instanceof Impossible ? error.status : error instanceof z.ZodError ? 400 : 500;
			const message = error instanceof z.ZodError ? error.issues : String(error);
			return await reply.code(status).send({ error: message });
		});
		for (const [route, action] of Object.entries(actions(sandbox))) {
			const [method = '', url = ''] = route.split(' ');
			app.route({
				method,
				url,
				handler: async (request, reply) => {
					const params = request.params as Record<string, string>;
					const result = await action(request.body ?? undefined, params);
					return await reply.send(result ?? { done: true });
				},
			});
		}
	};
}
