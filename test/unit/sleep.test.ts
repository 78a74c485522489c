import { abortableSleep } from '../../nodes/KopoKopo/n8n/sleep';

/** n8n 1's sleep(), which knows no signal. */
jest.mock('n8n-workflow', () => ({
	sleep: async (ms: number) =>
		await jest.requireActual<typeof import('n8n-workflow')>('n8n-workflow').sleep(ms),
}));

const LONG_MS = 60_000;

afterEach(() => jest.useRealTimers());

test('lasts for the given time', async () => {
	jest.useFakeTimers();
	let isOver = false;
	const pausing = abortableSleep(LONG_MS, new AbortController().signal).then(() => (isOver = true));

	await jest.advanceTimersByTimeAsync(LONG_MS - 1);
	expect(isOver).toBe(false);
	await jest.advanceTimersByTimeAsync(1);
	expect(isOver).toBe(true);
	await pausing;
});

test('ends at once when the execution is stopped, in n8n 1 too', async () => {
	jest.useFakeTimers();
	const controller = new AbortController();
	const pausing = abortableSleep(LONG_MS, controller.signal);

	controller.abort();

	await expect(pausing).resolves.toBeUndefined();
});

test('does not begin in an execution that was stopped before', async () => {
	jest.useFakeTimers();
	await expect(abortableSleep(LONG_MS, AbortSignal.abort())).resolves.toBeUndefined();
});
