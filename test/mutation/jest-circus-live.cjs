'use strict';

const { AsyncLocalStorage } = require('node:async_hooks');
const runInJest = require('jest-circus/runner');

/** Matches no name of a test. */
const NO_TEST = /(?!)/;

/** The test files that are to stay loaded, by path, and whom to tell when they are. */
const expected = new Map();

/**
 * Jest runs each test in an AsyncLocalStorage of the test file. Before version 24, Node.js asks each one that
 * was ever used at every step of every promise.
 */
const contexts = new Set();
const runInContext = AsyncLocalStorage.prototype.run;
AsyncLocalStorage.prototype.run = function (store, ...args) {
	if ('test' in Object(store) || 'hook' in Object(store)) contexts.add(this);
	return runInContext.call(this, store, ...args);
};

/** They are enabled again when they are used. */
function disableContexts() {
	for (const context of contexts) context.disable();
	contexts.clear();
}

/**
 * Jest's own test runner, except that it skips the other tests of a file once one has failed, and that a test
 * file that loadTestFile() wants stays loaded, so that its tests can run again. To load a file takes seconds,
 * most of them for n8n's modules; to run its tests takes milliseconds.
 */
module.exports = async (globalConfig, config, environment, runtime, path, sendMessage) => {
	let state;
	const { handleTestEvent } = environment;
	environment.handleTestEvent = async (event, circusState) => {
		state = circusState;
		const hasFailed = event.name === 'test_done' && event.test.errors.length > 0;
		if (hasFailed) state.testNamePattern = NO_TEST;
		await handleTestEvent?.call(environment, event, circusState);
	};

	const expectation = expected.get(path);
	if (expectation === undefined) {
		try {
			return await runInJest.default(globalConfig, config, environment, runtime, path, sendMessage);
		} finally {
			disableContexts();
		}
	}
	expected.delete(path);
	const { onLoaded, instrumenterContext } = expectation;
	environment.global.__stryker__ = instrumenterContext;
	const { requireInternalModule } = runtime;
	runtime.requireInternalModule = (...args) => {
		const circus = requireInternalModule.apply(runtime, args);
		if (circus.runAndTransformResultsToJestFormat === undefined) return circus;
		return {
			...circus,
			async runAndTransformResultsToJestFormat(options) {
				const listeners = processListeners();
				setProcessListeners(state.originalGlobalErrorHandlers);
				let lastResult;
				await new Promise((unload) => {
					onLoaded({
						unload,
						async run(testNamePattern) {
							prepareRun(state, testNamePattern, listeners);
							lastResult = await circus.runAndTransformResultsToJestFormat(options);
							disableContexts();
							return lastResult;
						},
					});
				});
				return lastResult;
			},
		};
	};
	return await runInJest.default(globalConfig, config, environment, runtime, path, sendMessage);
};

/**
 * Loads the test file with `load`, which resolves only when the file is unloaded.
 * @param instrumenterContext what Stryker's mutants look at, such as which of them is active
 */
module.exports.loadTestFile = async (path, instrumenterContext, load) =>
	await new Promise((resolve, reject) => {
		expected.set(path, { onLoaded: resolve, instrumenterContext });
		load().then(
			() => reject(new Error(`${path} could not be loaded`)),
			(error) => reject(error),
		);
	});

const PROCESS_EVENTS = ['uncaughtException', 'unhandledRejection', 'rejectionHandled'];

const processListeners = () =>
	Object.fromEntries(PROCESS_EVENTS.map((event) => [event, [...process.rawListeners(event)]]));

function setProcessListeners(listeners) {
	for (const event of PROCESS_EVENTS) {
		process.removeAllListeners(event);
		for (const listener of listeners[event]) process.on(event, listener);
	}
}

/** Sets what Jest expects before a run and has changed in the last one. */
function prepareRun(state, testNamePattern, listeners) {
	state.originalGlobalErrorHandlers = processListeners();
	setProcessListeners(listeners);
	state.testNamePattern = testNamePattern && new RegExp(testNamePattern, 'i');
	state.unhandledErrors = [];
	state.unhandledRejectionErrorByPromise = new Map();
	const reset = ({ children }) => {
		for (const child of children) {
			if (child.type === 'describeBlock') reset(child);
			else
				Object.assign(child, {
					duration: null,
					errors: [],
					invocations: 0,
					numPassingAsserts: 0,
					retryReasons: [],
					startedAt: null,
					status: null,
					unhandledRejectionErrorByPromise: new Map(),
				});
		}
	};
	reset(state.rootDescribeBlock);
}
