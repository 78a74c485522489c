import { isSameTarget } from '../../nodes/KopoKopo/execution/target';

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
