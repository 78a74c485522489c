import type { FastifyInstance, FastifyRequest } from 'fastify';
import formbody from '@fastify/formbody';

/** Stands for a body that is neither JSON, form nor multipart. */
export const UNREADABLE = Symbol('unreadable body');

const MULTIPART_FIELD = /name="([^"]+)"[^\r\n]*\r?\n(?:[^\r\n]+\r?\n)*\r?\n([\s\S]*?)\r?\n--/g;

// The curl samples of the reference send multipart, and several SDKs send JSON under another type.
function parseBody(text: string): unknown {
	if (!text.trim()) return undefined;
	if (text.startsWith('--')) {
		return Object.fromEntries([...text.matchAll(MULTIPART_FIELD)].map((part) => part.slice(1)));
	}
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return UNREADABLE;
	}
}

/** Makes a server read form, multipart and JSON bodies, JSON whatever content type is claimed. */
export async function acceptBodies(app: FastifyInstance): Promise<void> {
	app.removeAllContentTypeParsers();
	await app.register(formbody);
	app.addContentTypeParser(
		'*',
		{ parseAs: 'string' },
		async (_request: FastifyRequest, text: string) => parseBody(text),
	);
}
