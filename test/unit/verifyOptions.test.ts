import { HELP, OPTION_TYPES, readOptions, UsageError } from '../verify/options';

const FLAG = 'send-test-requests-to-production';

describe('the options of npm run verify', () => {
	test('nothing is created unless it is asked for', () => {
		const { settings, report } = readOptions({ environment: 'sandbox' });
		expect(settings).toMatchObject({
			baseUrl: 'https://sandbox.kopokopo.com',
			plainHttpUrl: 'http://sandbox.kopokopo.com',
			createLink: false,
			waitForExpiry: false,
		});
		expect(settings.payment).toBeUndefined();
		expect(settings.subscribeUrl).toBeUndefined();
		expect(settings.receivePort).toBeUndefined();
		expect(report).toBe('.run/verify.json');
	});

	test('production needs a flag that names what happens, and has a second host for tokens', () => {
		expect(() => readOptions({ environment: 'production' })).toThrow(`--${FLAG}`);
		const { settings } = readOptions({ environment: 'production', [FLAG]: true });
		expect(settings.baseUrl).toBe('https://api.kopokopo.com');
		expect(settings.oauthBaseUrl).toBe('https://app.kopokopo.com');
	});

	test('a payment request takes a phone number and an amount', () => {
		const given = { environment: 'sandbox', till: 'k123456', 'request-payment': '0712 345 678' };
		const { settings } = readOptions(given, ['10']);
		expect(settings).toMatchObject({
			till: 'K123456',
			payment: { phone: '+254712345678', amount: 10 },
		});
		expect(() => readOptions(given)).toThrow(UsageError);
		expect(() => readOptions(given, ['10', '20'])).toThrow(UsageError);
		expect(() => readOptions(given, ['0'])).toThrow(UsageError);
		expect(() => readOptions({ ...given, till: undefined }, ['10'])).toThrow('--till');
	});

	test.each([
		['no environment', {}, '--environment'],
		['another environment', { environment: 'staging' }, '--environment'],
		['plain http elsewhere', { 'base-url': 'http://example.com' }, 'https'],
		['a link without a till', { environment: 'sandbox', 'create-link': true }, '--till'],
		['a port without an address', { environment: 'sandbox', receive: '4000' }, '--callback-url'],
		['no till number', { environment: 'sandbox', till: 'shop' }, '--till'],
	])('%s is rejected', (_name, values, message) => {
		expect(() => readOptions(values)).toThrow(UsageError);
		expect(() => readOptions(values)).toThrow(message);
	});

	test('the help names every option', () => {
		for (const option of Object.keys(OPTION_TYPES)) expect(HELP).toContain(`--${option}`);
	});
});
