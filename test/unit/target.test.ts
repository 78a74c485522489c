import { isSameTarget, targetOf } from '../../nodes/KopoKopo/execution/target';

import { storedCredential } from './testData';
import { parseCredential } from '../../nodes/KopoKopo/transport/environment';

describe('the base URL of a target', () => {
	const baseUrlOf = (baseUrl: string) =>
		targetOf(
			{
				credential: parseCredential(storedCredential({ environment: 'custom', baseUrl })),
				apiVersion: 'v2',
			},
			'/',
		).baseUrl;

	it.each([
		'https://api.kopokopo.com',
		'https://api.kopokopo.com/',
		'https://api.kopokopo.com//',
		'https://api.kopokopo.com:443',
		'https://api.kopokopo.com.',
		'https://api.kopokopo.com.:443/',
		'HTTPS://API.KopoKopo.com',
	])('%s is written in one way', (baseUrl) => {
		expect(baseUrlOf(baseUrl)).toBe('https://api.kopokopo.com');
	});

	it.each([
		['http://api.kopokopo.com:80', 'http://api.kopokopo.com'],
		['https://api.kopokopo.com:8443', 'https://api.kopokopo.com:8443'],
		['http://127.0.0.1:4010', 'http://127.0.0.1:4010'],
		['https://api.kopokopo.com.:8443/K2/', 'https://api.kopokopo.com:8443/k2'],
		['nowhere', ''],
	])('%s is written as %j', (baseUrl, expected) => {
		expect(baseUrlOf(baseUrl)).toBe(expected);
	});
});

describe('a target', () => {
	const target = {
		environment: 'sandbox',
		baseUrl: 'https://sandbox.kopokopo.com',
		clientId: 'client',
		apiVersion: 'v2',
		path: '/api/v2/send_money',
	};

	it.each(Object.keys(target))('is another one if its %s differs', (field) => {
		expect(isSameTarget(target, { ...target })).toBe(true);
		expect(isSameTarget(target, { ...target, [field]: 'other' })).toBe(false);
	});
});
