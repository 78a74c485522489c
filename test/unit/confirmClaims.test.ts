import { confirmClaims } from '../../nodes/KopoKopo/n8n/confirmClaims';

const pauses: number[] = [];
jest.mock('../../nodes/KopoKopo/n8n/sleep', () => ({
	abortableSleep: async (ms: number) => {
		pauses.push(ms);
		await Promise.resolve();
	},
}));
beforeEach(() => pauses.splice(0));

test('claims are checked once, 150 ms after they were written', async () => {
	const checked: string[][] = [];
	await confirmClaims(['a', 'b'], async (claims) => {
		checked.push([...claims]);
		return await Promise.resolve([]);
	});
	expect(checked).toEqual([['a', 'b']]);
	expect(pauses).toEqual([150]);
});

test('only the claims that another process has overwritten are checked again', async () => {
	const checked: string[][] = [];
	await confirmClaims(['a', 'b', 'c'], async (claims) => {
		checked.push([...claims]);
		return await Promise.resolve(claims.slice(1));
	});
	expect(checked).toEqual([['a', 'b', 'c'], ['b', 'c'], ['c']]);
	expect(pauses).toEqual([150, 150, 150]);
});

test('a claim that is overwritten twenty times is given up', async () => {
	let checks = 0;
	const confirming = confirmClaims(['a'], async (claims) => {
		checks += 1;
		return await Promise.resolve(claims);
	});
	await expect(confirming).rejects.toThrow('Other executions keep overwriting it');
	expect(checks).toBe(20);
});

test('a claim that the last of twenty checks confirms is valid', async () => {
	let checks = 0;
	await confirmClaims(['a'], async (claims) => await Promise.resolve(++checks < 20 ? claims : []));
	expect(checks).toBe(20);
});

test('without claims nothing is checked, and nothing waits', async () => {
	const check = jest.fn();
	await confirmClaims([], check);
	expect(check).not.toHaveBeenCalled();
	expect(pauses).toEqual([]);
});

test('an error of a check is passed on', async () => {
	const check = async () => await Promise.reject(new Error('SQLITE_BUSY'));
	await expect(confirmClaims(['a'], check)).rejects.toThrow('SQLITE_BUSY');
});
