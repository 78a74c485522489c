import type { FastifyReply, FastifyRequest } from 'fastify';
import type { IDataObject } from 'n8n-workflow';
import { redirectHttps, type HttpsRedirect } from '../support/httpsRedirect';
import { chatCompletion, type ModelAnswer, type ModelRequest } from './mockLanguageModel';
import { MockSpreadsheet } from './mockSpreadsheet';

/** A message in Slack or Telegram. */
export interface ChatMessage {
	/** The channel, or the ID of the chat. */
	channel: string;
	text: string;
	/** The URLs of the buttons, by label. */
	buttons: Record<string, string>;
}

export interface Mail {
	to: string;
	subject: string;
	text: string;
}

/**
 * The parts of Google Sheets, Gmail, Slack, Telegram, HubSpot and OpenAI that the examples use, as HTTP services
 * on this machine, to which all HTTPS requests are redirected. Requests to other services are answered with 501 and
 * recorded in `unexpectedRequests`, so none leaves the machine.
 */
export class MockServices {
	readonly sheet = new MockSpreadsheet();
	slack: ChatMessage[] = [];
	telegram: ChatMessage[] = [];
	mails: Mail[] = [];
	contacts: Array<{ id: string; phone: string; email?: string; firstname?: string }> = [];
	deals: IDataObject[] = [];
	/** The answers that the model gives, in order. */
	modelAnswers: ModelAnswer[] = [];
	/** The requests that the model received, newest last. */
	modelRequests: ModelRequest[] = [];
	/** Requests to services that are not mocked. */
	unexpectedRequests: string[] = [];
	/** Hosts that answer with 503. */
	readonly unavailableHosts = new Set<string>();
	private lastId = 100;

	/** Environment variables that redirect a process's HTTPS requests here, except those to this machine. */
	env: Record<string, string> = {};
	private redirect: HttpsRedirect | undefined;

	static async start(): Promise<MockServices> {
		const services = new MockServices();
		services.redirect = await redirectHttps(
			'e2e-mock-services',
			async (request, reply) => await services.answer(request, reply),
		);
		services.env = services.redirect.env;
		return services;
	}

	reset(): void {
		this.sheet.clear();
		this.slack = [];
		this.telegram = [];
		this.mails = [];
		this.contacts = [];
		this.deals = [];
		this.modelAnswers = [];
		this.modelRequests = [];
		this.unexpectedRequests = [];
		this.unavailableHosts.clear();
	}

	async close(): Promise<void> {
		await this.redirect?.close();
	}

	/** Answers one redirected request. */
	private async answer({ method, headers, url, body }: FastifyRequest, reply: FastifyReply) {
		const host = String(headers['x-forwarded-host']);
		if (this.unavailableHosts.has(host)) {
			return await reply.code(503).send({ error: { code: 503, message: 'Unavailable' } });
		}
		const path = decodeURIComponent(url.split('?')[0] ?? '');
		const json = this.handlers[host]?.(method, path, (body ?? {}) as IDataObject);
		if (json !== undefined) return await reply.send(json);
		this.unexpectedRequests.push(`${method} ${host}${url}`);
		return await reply.code(501).send({ message: `Not mocked: ${host}${url}` });
	}

	private readonly handlers: Record<
		string,
		(method: string, path: string, body: IDataObject) => object | undefined
	> = {
		'sheets.googleapis.com': (method, path, body) => this.sheet.answer(method, path, body),

		'www.googleapis.com': (_method, path, body) => {
			if (path !== '/gmail/v1/users/me/messages/send') return undefined;
			this.mails.push(readMail(String(body.raw)));
			return { id: `mail-${this.mails.length}`, threadId: 'thread', labelIds: ['SENT'] };
		},

		'slack.com': (_method, path, body) => {
			if (path !== '/api/chat.postMessage') return undefined;
			const { channel, text, blocks = [] } = body as unknown as SlackBody;
			const elements = blocks.flatMap((block) => block.elements ?? []);
			this.slack.push({
				channel,
				text: [text, ...blocks.map((block) => block.text?.text)].filter(Boolean).join('\n').trim(),
				buttons: Object.fromEntries(elements.map((button) => [button.text.text, button.url])),
			});
			return { ok: true, channel, ts: `${this.slack.length}.0`, message: {} };
		},

		'api.telegram.org': (_method, path, body) => {
			if (!path.endsWith('/sendMessage')) return undefined;
			const { chat_id: channel, text, reply_markup: markup } = body as unknown as TelegramBody;
			const buttons = (markup?.inline_keyboard ?? []).flat();
			this.telegram.push({
				channel: String(channel),
				text,
				buttons: Object.fromEntries(buttons.map((button) => [button.text, button.url])),
			});
			return { ok: true, result: { message_id: this.telegram.length, text } };
		},

		'api.hubapi.com': (method, path, body) => this.hubspot(method, path, body),

		'api.openai.com': (_method, path, body) => {
			if (path !== '/v1/chat/completions') return undefined;
			this.modelRequests.push(body as unknown as ModelRequest);
			return chatCompletion(this.modelAnswers.shift() ?? { text: 'No answer is left.' });
		},
	};

	private hubspot(method: string, path: string, body: IDataObject): object | undefined {
		const email = /^\/contacts\/v1\/contact\/createOrUpdate\/email\/(.+)$/.exec(path)?.[1];
		const vid = /^\/contacts\/v1\/contact\/vid\/(\d+)\/profile$/.exec(path)?.[1];
		if (method === 'POST' && path === '/crm/v3/objects/contacts/search') {
			const [group] = body.filterGroups as Array<{ filters: Array<{ value: string }> }>;
			const wanted = String(group?.filters[0]?.value).replace(/\*/g, '');
			const found = this.contacts.filter(({ phone }) => phone.replace(/\D/g, '').endsWith(wanted));
			return {
				total: found.length,
				results: found.map(({ id, ...properties }) => ({ id, properties })),
			};
		}
		if (method === 'POST' && email !== undefined) {
			const entries = body.properties as Array<{ property: string; value: string }>;
			const properties = Object.fromEntries(
				entries.map(({ property, value }) => [property, value]),
			);
			const known = this.contacts.find((contact) => contact.email === email);
			const contact = known ?? { id: String((this.lastId += 1)), phone: '', email };
			Object.assign(contact, properties);
			if (!known) this.contacts.push(contact);
			return { vid: Number(contact.id), isNew: !known };
		}
		if (method === 'GET' && vid !== undefined) return { vid: Number(vid), properties: {} };
		if (method === 'POST' && path === '/deals/v1/deal') {
			const { properties, associations } = body as {
				properties: Array<{ name: string; value: string }>;
				associations: IDataObject;
			};
			this.deals.push({
				...Object.fromEntries(properties.map(({ name, value }) => [name, value])),
				...associations,
			});
			return { dealId: (this.lastId += 1), properties: {} };
		}
		return undefined;
	}
}

interface SlackBody {
	channel: string;
	text?: string;
	blocks?: Array<{
		text?: { text: string };
		elements?: Array<{ text: { text: string }; url: string }>;
	}>;
}

interface TelegramBody {
	chat_id: string | number;
	text: string;
	reply_markup?: { inline_keyboard?: Array<Array<{ text: string; url: string }>> };
}

/** Reads a message in Gmail's format: its source in base64url, with a body that may be quoted-printable. */
function readMail(raw: string): Mail {
	const source = Buffer.from(raw, 'base64url').toString('utf8').replace(/\r\n/g, '\n');
	const end = source.indexOf('\n\n');
	const head = source.slice(0, end).replace(/\n\s+/g, ' ');
	const header = (name: string) => new RegExp(`^${name}: (.*)$`, 'mi').exec(head)?.[1] ?? '';
	const text = source
		.slice(end + 2)
		.replace(/=\n/g, '')
		.replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
	return { to: header('To'), subject: header('Subject'), text };
}
