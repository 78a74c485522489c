import type { INodeExecutionData } from 'n8n-workflow';
import type { SandboxConfig } from '../sandbox/config';
import { type Sandbox, startSandbox } from '../sandbox/server';
import {
	runKopoKopo,
	type RunOptions,
	sandboxCredential,
	type StoredCredential,
} from '../support/nodeContexts';

/** The sandbox of the current test, and a credential for it. */
export class CurrentSandbox {
	sandbox!: Sandbox;
	credential!: StoredCredential;

	/** Starts a sandbox. Close an earlier one first. */
	async start(config: Partial<SandboxConfig>): Promise<void> {
		this.sandbox = await startSandbox({ port: 0, ...config });
		this.credential = sandboxCredential(this.sandbox);
	}

	/** Runs the action node with the credential, unless `options` has another one. */
	async run(
		options: Omit<RunOptions, 'credential'> & Partial<RunOptions>,
	): Promise<INodeExecutionData[]> {
		return await runKopoKopo({ credential: this.credential, ...options });
	}
}

/**
 * Starts a sandbox before each test of a file and stops it afterwards. Each test has its own, since the node
 * keeps the access tokens of an address.
 */
export function sandboxPerTest(config: Partial<SandboxConfig> = {}): CurrentSandbox {
	const current = new CurrentSandbox();
	beforeEach(async () => await current.start(config));
	afterEach(async () => await current.sandbox.close());
	return current;
}
