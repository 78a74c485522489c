import * as fc from 'fast-check';
import { idFromLocation, pathSegment } from '../../nodes/KopoKopo/domain/resourceUrl';
import { LARGE, RUNS } from './arbitraries';

describe('an ID in a URL', () => {
	const anyId = fc.stringMatching(/^[\w~-][\w.~-]{0,40}$/);
	const anyPrefix = fc.array(fc.stringMatching(/^[a-z_\d-]{1,12}$/), { maxLength: 4 });

	test('is the same after any host and any folders', () => {
		fc.assert(
			fc.property(anyId, anyPrefix, fc.webAuthority(), (given, folders, authority) => {
				const path = [...folders, given].join('/');
				expect(idFromLocation(`https://${authority}/${path}`)).toBe(given);
				expect(idFromLocation(`http://${authority}/${path}/`)).toBe(given);
				expect(idFromLocation(`/${path}`)).toBe(given);
				expect(idFromLocation(given)).toBe(given);
			}),
		);
	});

	test.each([
		[' abc ', 'abc'],
		['https://h.example/things/abc\n', 'abc'],
		['abc?x=/y', 'abc'],
		['abc#\n/y', 'abc'],
		['things/https://h.example', 'h.example'],
		['HTTPS://h.example/abc', 'abc'],
		['a+b.c-1://h.example/abc', 'abc'],
		['https://h.example', undefined],
		['https://h.example/?x=abc', undefined],
		['', undefined],
		['abc%', 'abc%'],
		['..abc', '..abc'],
		['abc..', 'abc..'],
	])('is read from %j as %j', (location, expected) => {
		expect(idFromLocation(location)).toBe(expected);
	});

	/** Not only dots: in a path these select a parent folder. */
	const idOfAnyCharacters = fc
		.string({ unit: 'grapheme', minLength: 1 })
		.filter((given) => !/^\.+$/.test(given));

	test('is found in a path that pathSegment() was used for', () => {
		fc.assert(
			fc.property(idOfAnyCharacters, (given) => {
				expect(idFromLocation(`https://h.example/api/${pathSegment(given)}`)).toBe(given);
			}),
		);
	});

	test('is never only dots, in a path or bare', () => {
		for (const dots of ['.', '..', '...']) {
			expect(idFromLocation(`https://h.example/api/${pathSegment(dots)}`)).toBeUndefined();
			expect(idFromLocation(dots)).toBeUndefined();
		}
		expect(idFromLocation('https://h.example/api/%2E%2e')).toBeUndefined();
	});

	test('cannot add a segment, end the path or begin a query', () => {
		fc.assert(
			fc.property(idOfAnyCharacters, (given) => {
				const url = new URL(`/api/v2/things/${pathSegment(given)}/cancel`, 'https://h.example');
				expect(url.pathname.split('/')).toHaveLength(6);
				expect(url.pathname.startsWith('/api/v2/things/')).toBe(true);
				expect(url.pathname.endsWith('/cancel')).toBe(true);
				expect(url.search + url.hash).toBe('');
			}),
		);
	});
});

describe('any Location', () => {
	function expectSafePath(location: string): void {
		const id = idFromLocation(location);
		if (id === undefined) return;
		expect(id).not.toBe('');
		// A request for the ID goes to Kopo Kopo's host and to the path of the resource.
		const url = new URL(`https://api.kopokopo.com/api/v2/incoming_payments/${pathSegment(id)}`);
		expect(url.href.startsWith('https://api.kopokopo.com/api/v2/incoming_payments/')).toBe(true);
		expect(url.pathname.split('/')).toHaveLength(5);
		expect(url.search + url.hash).toBe('');
	}

	test('with any text gives an ID that stays in its path segment, or undefined', () => {
		fc.assert(
			fc.property(
				fc.oneof(fc.string({ unit: 'binary' }), fc.webUrl(), fc.string()),
				expectSafePath,
			),
			{ numRuns: RUNS },
		);
	});

	test('with any parts of URLs gives an ID that stays in its path segment, or undefined', () => {
		const part = fc.constantFrom(
			...[
				'/',
				'//',
				'\\',
				'?',
				'#',
				':',
				'@',
				'.',
				'..',
				'%',
				'%2e',
				'%2E%2e',
				'%2f',
				'%00',
				'%zz',
			],
			...['http://', 'https://evil.example', 'javascript:', ' ', '\r\n', '\t', '\ud800', 'ſ', 'a1'],
			...[
				'api/v2/incoming_payments',
				'247b1bd8-f5a0-4b71-a898-f62f67b8ae1c',
				'%c3%28',
				'%ed%a0%80',
			],
		);
		fc.assert(
			fc.property(
				fc.array(part, { maxLength: 8 }).map((parts) => parts.join('')),
				expectSafePath,
			),
			{ numRuns: RUNS * 2 },
		);
	});

	test.each(['/', '?', '#', ' ', '%', 'a://', '%2e', '\ud800', '/.'])(
		'of 200 KB of %j gives an ID that stays in its path segment, or none',
		(repeated) => expectSafePath(repeated.repeat(LARGE / repeated.length)),
	);

	test.each(['https://x/..', 'https://x/%2e%2e', '.', '..', '%2E', 'https://x/a/%2e/'])(
		'%s has no ID: dots in a path would select another resource',
		(location) => expect(idFromLocation(location)).toBeUndefined(),
	);

	test('half a surrogate pair is replaced in a path instead of throwing an error', () => {
		expect(pathSegment('a\ud800b')).toBe('a%EF%BF%BDb');
	});
});
