import type { FastifyPluginAsync, FastifyReply } from 'fastify';
import { readFile } from 'fs-extra';

import { allowSameMachineOnly } from '../sameMachine';
import type { Sandbox } from '../server';
import type { Simulation } from '../simulation';
import { LiveUpdates } from './liveUpdates';

/** The path of the page; its files are below it. */
export const PAGE_PATH = '/phone';

/** Every command of this repository runs in its root folder. */
const FOLDER = 'test/sandbox/page/public';

const FILES = {
	'phone.html': 'text/html; charset=utf-8',
	'phone.css': 'text/css; charset=utf-8',
	'phone.js': 'text/javascript; charset=utf-8',
	'icon.svg': 'image/svg+xml',
};

type FileName = keyof typeof FILES;

const LINK_PATH = '/links/:id';
/** Addresses that people try. */
const START_PATHS = ['/', '/control'];

/**
 * The page on which a person plays the customers and the bank, the page behind each payment link, and the
 * events that keep both up to date. For this machine only.
 */
export async function pageRoutes(
	sandbox: Sandbox,
	simulation: Simulation,
): Promise<FastifyPluginAsync> {
	const names = Object.keys(FILES) as FileName[];
	const contents = new Map<FileName, string>();
	for (const name of names) contents.set(name, await readFile(`${FOLDER}/${name}`, 'utf8'));
	const updates = new LiveUpdates(sandbox, simulation);
	const sendFile = async (reply: FastifyReply, name: FileName) =>
		await reply.type(FILES[name]).send(contents.get(name));

	return async (app) => {
		allowSameMachineOnly(app, [PAGE_PATH, LINK_PATH, ...START_PATHS]);
		app.get(PAGE_PATH, async (_request, reply) => await sendFile(reply, 'phone.html'));
		for (const name of names) {
			app.get(`${PAGE_PATH}/${name}`, async (_request, reply) => await sendFile(reply, name));
		}
		// The page tells which link it is by its address, and says so if there is no such link.
		app.get(LINK_PATH, async (_request, reply) => await sendFile(reply, 'phone.html'));
		for (const path of START_PATHS) {
			app.get(path, async (_request, reply) => await reply.redirect(PAGE_PATH));
		}
		app.get(`${PAGE_PATH}/events`, (_request, reply) => {
			reply.hijack();
			updates.connect(reply.raw);
		});
	};
}
