import { pathExistsSync, readFileSync } from 'fs-extra';

import { ApiClient, ForbiddenRequestError } from '../verify/apiClient';
import { ASSUMPTIONS } from '../verify/assumptions';
import { CannotRunError } from '../verify/assumption';
import { exitCodeFor, jsonReport, table } from '../verify/report';
import { createdPaths, idsOf, PHONE, type RunOutcome, TILL, verifySandbox } from './verifyRun';

/** The requests that could move money, whatever their body. */
const MOVES_MONEY = /\/(send_money|reversals|pay|payments|transfers|settlement_transfers)$/;

const posts = ({ sandbox }: RunOutcome) =>
	sandbox.ledger.requests.filter(({ method }) => method !== 'GET');

describe('the assumptions', () => {
	const page = readFileSync('docs/kopokopo-api.md', 'utf8');
	const anchors = [...page.matchAll(/^#{2,4} (.+)$/gm)].map(([, title = '']) =>
		title
			.toLowerCase()
			.replace(/[^\w\- ]/g, '')
			.replaceAll(' ', '-'),
	);

	test('have names of their own, a heading of the API page and files that exist', () => {
		expect(ASSUMPTIONS.length).toBeGreaterThan(100);
		const ids = ASSUMPTIONS.map(({ id }) => id);
		expect(new Set(ids).size).toBe(ids.length);
		for (const { id, heading, reliesOn } of ASSUMPTIONS) {
			expect({ id, anchors }).toEqual({
				id,
				anchors: expect.arrayContaining([heading]) as string[],
			});
			expect({ id, count: reliesOn.length }).not.toEqual({ id, count: 0 });
			for (const file of reliesOn)
				expect({ file, exists: pathExistsSync(file) }).toEqual({ file, exists: true });
		}
	});
});

describe('without options', () => {
	let outcome: RunOutcome;

	beforeAll(async () => {
		outcome = await verifySandbox({ mode: 'plain' });
	});

	test('everything holds, and only what needs an option is not tried', () => {
		expect(idsOf(outcome.results, 'differs')).toEqual([]);
		expect(exitCodeFor(outcome.results)).toBe(0);
		const untried = idsOf(outcome.results, 'not tried');
		const needOption =
			/^(link|subscription|payment|delivery)-|^token-valid-until-expiry$|^expired-token/;
		expect(untried.filter((id) => !needOption.test(id))).toEqual(['poll-row-phone-hash']);
	});

	test('nothing is created but polls, and every token is revoked', () => {
		expect(new Set(createdPaths(outcome))).toEqual(new Set(['/api/v2/polling']));
		expect(outcome.sandbox.ledger.subscriptions).toEqual([]);
		expect(outcome.sandbox.ledger.tokens.map(({ state }) => state)).not.toContain('active');
	});

	test('nothing is sent that could move money', () => {
		expect(posts(outcome).filter(({ path }) => MOVES_MONEY.test(path))).toEqual([]);
		expect(outcome.sandbox.ledger.movements.filter(({ direction }) => direction === 'out')).toEqual(
			[],
		);
	});
});

describe('with all options', () => {
	let outcome: RunOutcome;

	beforeAll(async () => {
		outcome = await verifySandbox({ mode: 'all' });
	});

	test('everything holds', () => {
		expect(outcome.results.filter(({ verdict }) => verdict === 'differs')).toEqual([]);
		expect(idsOf(outcome.results, 'not tried')).toEqual([
			'plain-http-redirected',
			'webhook-url-https',
			'poll-row-phone-hash',
			'payment-failed',
		]);
	});

	test('only what the options name is created', () => {
		expect(createdPaths(outcome).filter((path) => path !== '/api/v2/polling')).toEqual([
			'/api/v2/payment_links',
			'/api/v2/payment_links/{id}/cancel',
			'/api/v2/webhook_subscriptions',
			'/api/v2/webhook_subscriptions',
			'/api/v2/incoming_payments',
		]);
	});

	test('nothing is sent that could move money out', () => {
		expect(posts(outcome).filter(({ path }) => MOVES_MONEY.test(path))).toEqual([]);
		expect(outcome.sandbox.ledger.movements.filter(({ direction }) => direction === 'out')).toEqual(
			[],
		);
	});

	test('a payment that the customer refuses holds, too', async () => {
		const refused = await verifySandbox({ mode: 'all', customer: 'refuse' });
		const failed = refused.results.find(({ id }) => id === 'payment-failed');
		expect(failed?.verdict).toBe('holds');
		// The customer did not pay, so no event follows.
		expect(idsOf(refused.results, 'differs')).toEqual([]);
	});

	test('neither the report nor anything on the way contains a secret, phone number, name or ID', () => {
		const { results, progress, sandbox, settings } = outcome;
		const output = [table(results), jsonReport(results, settings, new Date()), ...progress].join(
			'\n',
		);
		expect(output).toContain('delivery-both-subscriptions');
		const ledger = sandbox.ledger;
		const resources = sandbox.till.transactions.flatMap(({ id, reference, resource }) => [
			id,
			reference,
			...Object.entries(resource)
				.filter(([key]) => /phone|name|till/.test(key))
				.map(([, value]) => String(value)),
		]);
		const secrets = [
			sandbox.clientId,
			sandbox.clientSecret,
			sandbox.apiKey,
			PHONE,
			PHONE.slice(4),
			'722000111',
			TILL,
			settings.callbackUrl,
			settings.subscribeUrl,
			...ledger.tokens.map(({ token }) => token),
			...ledger.requests.map(({ resourceId }) => resourceId),
			...ledger.subscriptions.map(({ id }) => id),
			...resources,
		].filter((text): text is string => typeof text === 'string' && text !== '' && text !== 'null');
		expect(secrets.length).toBeGreaterThan(30);
		expect(secrets.filter((text) => output.includes(text))).toEqual([]);
	});
});

describe('a check that cannot run', () => {
	test('says that no token was issued, without the secret', async () => {
		const failed = verifySandbox({ mode: 'plain', settings: { clientSecret: 'a-wrong-secret' } });
		await expect(failed).rejects.toThrow(CannotRunError);
		await expect(failed).rejects.toThrow(/issued no access token \(HTTP 401/);
		await expect(failed).rejects.not.toThrow(/a-wrong-secret/);
	});

	test('says that Kopo Kopo could not be reached', async () => {
		const failed = verifySandbox({ mode: 'plain', settings: { baseUrl: 'http://127.0.0.1:9' } });
		await expect(failed).rejects.toThrow(
			/could not be reached: no complete response \(ECONNREFUSED\)/,
		);
	});
});

test.each([
	'/api/v2/send_money',
	'/api/v2/reversals',
	'/api/v1/payments',
	'/api/v1/pay',
	'/api/v1/settlement_transfers',
	'/api/v1/transfers',
])('the client of the check refuses to post to %s', async (path) => {
	const client = new ApiClient(
		'http://127.0.0.1:9',
		async () => undefined,
		() => undefined,
	);
	await expect(client.call({ method: 'POST', path, json: {} })).rejects.toThrow(
		ForbiddenRequestError,
	);
	await client.close();
});
