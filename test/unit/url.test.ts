import * as fc from 'fast-check';
import { isCallbackAllowed, parseCallbackUrl } from '../../nodes/KopoKopo/parsers/url';
import { anyInput, isAccepted, rejectionOf } from './parserChecks';
import { contextWith } from './testData';

const context = contextWith();

describe('isCallbackAllowed', () => {
	test.each<[string, boolean, boolean]>([
		['https://n8n.example.com/a', false, true],
		['HTTPS://n8n.example.com/a', false, true],
		['http://n8n.example.com/a', true, true],
		['http://n8n.example.com/a', false, false],
		['xhttps://n8n.example.com', true, false],
		['https://n8n.example.com/a b', true, false],
		['https://:443', true, false],
		['ftp://n8n.example.com', true, false],
	])('%s with allowHttp %j: %j', (url, allowHttp, isAllowed) => {
		expect(isCallbackAllowed(url, { allowHttp })).toBe(isAllowed);
	});
});

describe('parseCallbackUrl', () => {
	test.each<[string]>([
		['https://n8n.example.com/webhook/1/kopo-kopo'],
		['HTTPS://n8n.example.com'],
		['https://n8n.example.com:8443/a?b=c'],
	])('accepts %s unchanged', (typed) => {
		expect(parseCallbackUrl(`  ${typed} `, context)).toBe(typed);
	});

	test.each<[unknown]>([
		['http://n8n.example.com/webhook'],
		['n8n.example.com/webhook'],
		['ftp://n8n.example.com'],
		['javascript:alert(1)'],
		['https://'],
		['https://two words.example'],
		['later'],
		[7],
		[{ url: 'https://n8n.example.com' }],
	])('rejects %j and names the field', (typed) => {
		const rejection = rejectionOf(() =>
			parseCallbackUrl(typed, contextWith({ label: 'Callback URL' })),
		);

		expect(rejection.message).toContain("'Callback URL' is not an https address");
	});

	test('accepts plain http only where the environment allows it', () => {
		const url = 'http://localhost:5678/webhook/1/kopo-kopo';

		expect(parseCallbackUrl(url, contextWith({ allowHttp: true }))).toBe(url);
		expect(isAccepted(() => parseCallbackUrl(url, contextWith({ allowHttp: false })))).toBe(false);
	});

	test.each<[string, string]>([
		['https://n8n.example.com/', 'https://n8n.example.com/webhook/kopo-kopo/result-not-awaited'],
		['https://example.com/n8n/', 'https://example.com/n8n/webhook/kopo-kopo/result-not-awaited'],
		['http://localhost:5678/', 'https://n8n.invalid/kopo-kopo/result-not-awaited'],
		['see https://n8n.example.com/', 'https://n8n.invalid/kopo-kopo/result-not-awaited'],
	])('gives, in an n8n at %s, for an empty field: %s', (instanceUrl, url) => {
		for (const nothing of ['', '  ', undefined, null]) {
			expect(parseCallbackUrl(nothing, contextWith({ instanceUrl }))).toBe(url);
		}
	});

	test('gives an https address for any input that it accepts', () => {
		fc.assert(
			fc.property(fc.oneof(anyInput, fc.webUrl()), (typed) => {
				if (isAccepted(() => parseCallbackUrl(typed, context))) {
					expect(new URL(parseCallbackUrl(typed, context)).protocol).toBe('https:');
				}
			}),
		);
	});

	test('says where to find a callback URL and how n8n gets an https address', () => {
		expect(rejectionOf(() => parseCallbackUrl('http://n8n.example.com/x', context))).toMatchObject({
			message: "'The Field' is not an https address: http://n8n.example.com/x",
			remedy:
				"Enter the Production URL of a Kopo Kopo Trigger. If that begins with http://, set WEBHOOK_URL in n8n's environment to the public https address of your n8n.",
		});
	});
});
