import { CALLBACKS, isCallbackTopic, topicOfCallback } from '../../nodes/KopoKopo/domain/callbacks';

describe('the catalogue of result callbacks', () => {
	test.each(Object.entries(CALLBACKS))(
		'%s is found by each of its types',
		(topic, { types, name, description }) => {
			expect(types.map((type) => topicOfCallback({ type }))).toEqual(types.map(() => topic));
			expect(isCallbackTopic(topic)).toBe(true);
			expect(name).toMatch(/^Result of [A-Z]/);
			expect(description).toMatch(/\.$/);
		},
	);

	test.each<[object, string | undefined]>([
		[{ event: 'incoming_payment.success' }, 'incoming_payment_result'],
		[{ event: 'pay.failed' }, 'send_money_result'],
		[{ event: 'pay' }, 'send_money_result'],
		[{ event: 'payment.failed' }, undefined],
		[{ event: 7 }, undefined],
		[{ event: undefined }, undefined],
		[{ type: undefined }, undefined],
		[{ type: 'gift' }, undefined],
		[{}, undefined],
	])('a body with %j has the topic %j', (body, topic) => {
		expect(topicOfCallback(body)).toBe(topic);
	});
});

describe('isCallbackTopic', () => {
	it.each([
		['send_money_result', true],
		['buygoods_transaction_received', false],
		['toString', false],
		[['send_money_result'], false],
		[undefined, false],
	])('gives for %j: %s', (topic, expected) => {
		expect(isCallbackTopic(topic)).toBe(expected);
	});
});
