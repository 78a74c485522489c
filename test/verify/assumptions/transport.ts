import type { ApiAnswer } from '../apiClient';
import {
	type Assumption,
	type Check,
	compare,
	contentTypeOf,
	differs,
	hostOf,
	NotObservedError,
	notTried,
} from '../assumption';
import { authorized } from './tokens';

const CLIENT = 'nodes/KopoKopo/transport/client.ts';
const ENVIRONMENT = 'nodes/KopoKopo/transport/environment.ts';
const CLOCK = 'nodes/KopoKopo/polling/clock.ts';

/** A request that every API answers with 404 and a JSON body, if nothing else is wrong. */
const lookUp = async (check: Check, userAgent?: string | null) =>
	await authorized(check, {
		method: 'GET',
		path: `/api/v2/polling/${crypto.randomUUID()}`,
		...(userAgent !== undefined && { userAgent }),
	});

const ordinary = async (check: Check) =>
	await check.once('an ordinary request', async () => await lookUp(check));

function userAgentAccepted(id: string, statement: string, userAgent: string): Assumption {
	return {
		id,
		statement,
		heading: 'headers',
		reliesOn: ['test/sandbox/requestPipeline.ts'],
		async run(check) {
			const { status } = await ordinary(check);
			const answer = await lookUp(check, userAgent);
			return compare(
				answer.status === status,
				`HTTP ${answer.status}, as with a version: ${status}`,
			);
		},
	};
}

/** HTTPS and headers. */
export const transportAssumptions: Assumption[] = [
	{
		id: 'plain-http-redirected',
		statement: 'Plain HTTP is answered with 302 to the HTTPS address',
		heading: 'https',
		reliesOn: [ENVIRONMENT, 'nodes/KopoKopo/transport/errorMessages.ts'],
		async run({ api, settings: { plainHttpUrl: baseUrl } }) {
			if (baseUrl === undefined) return notTried('the base URL itself is plain HTTP');
			// Without a token, which anybody on the way could read.
			const answer = await api.call({ method: 'GET', path: '/oauth/token/info', baseUrl });
			const location = answer.headers.location ?? '';
			return compare(
				answer.status === 302 && location.startsWith('https://'),
				`HTTP ${answer.status} to ${hostOf(location)}`,
			);
		},
	},
	{
		id: 'user-agent-missing',
		statement: 'A request without a User-Agent is answered with 403 and no body',
		heading: 'headers',
		reliesOn: [ENVIRONMENT, CLIENT],
		async run(check) {
			const answer = await lookUp(check, null);
			const body = answer.text === '' ? 'no body' : 'a body';
			return compare(answer.status === 403 && answer.text === '', `HTTP ${answer.status}, ${body}`);
		},
	},
	userAgentAccepted(
		'user-agent-without-version',
		'A User-Agent without a version, as the SDKs send it, is accepted',
		'Kopokopo-Node-SDK',
	),
	userAgentAccepted('user-agent-odd', 'Any User-Agent that is not empty is accepted', 'x'),
	{
		id: 'json-content-type',
		statement: 'Responses with a body have the content type application/json',
		heading: 'headers',
		reliesOn: [CLIENT],
		async run(check) {
			const type = contentTypeOf((await withBody(check)).headers['content-type']);
			return compare(type === 'application/json', type);
		},
	},
	{
		id: 'server-time',
		statement: 'Responses have a Date header with the current time',
		heading: 'headers',
		reliesOn: [CLOCK, CLIENT],
		async run(check) {
			const { headers } = await ordinary(check);
			const time = Date.parse(headers.date ?? '');
			if (Number.isNaN(time)) return differs('no Date header that can be read');
			const seconds = Math.round(Math.abs(time - Date.now()) / 1000);
			return compare(seconds <= 300, `${seconds} s apart from the clock of this machine`);
		},
	},
];

async function withBody(check: Check): Promise<ApiAnswer> {
	const answer = await ordinary(check);
	if (answer.text !== '') return answer;
	throw new NotObservedError('the response had no body');
}
