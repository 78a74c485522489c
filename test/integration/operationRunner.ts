import type { IDataObject, INodeParameters } from 'n8n-workflow';
import type { RunOptions } from '../support/nodeContexts';
import type { CurrentSandbox } from './sandboxPerTest';

/** The parameters that select a resource and an operation. */
const selectionOf = {
	v1: (resource: string) => ({ apiVersion: 'v1', resourceV1: resource }),
	v2: (resource: string) => ({ resource }),
};

/** Runs operations of one API version against the sandbox of the current test. */
export function operationRunner(version: keyof typeof selectionOf, current: CurrentSandbox) {
	/** Every item that the operation returns. */
	async function all(
		resource: string,
		operation: string,
		fields: INodeParameters = {},
		more: Partial<RunOptions> = {},
	): Promise<IDataObject[]> {
		const parameters = {
			waitForResult: 'continueImmediately',
			...fields,
			...selectionOf[version](resource),
			operation,
		};
		const items = await current.run({ parameters, ...more });
		return items.map(({ json }) => json);
	}

	/** The one item that the operation returns. */
	async function one(...operation: Parameters<typeof all>): Promise<IDataObject> {
		const items = await all(...operation);
		expect(items).toHaveLength(1);
		return items[0] ?? {};
	}

	/** The requests that the sandbox has received with this method, below this path. */
	const requests = (method: string, path: string) =>
		current.sandbox.ledger.requests.filter(
			(request) => request.method === method && request.path.startsWith(path),
		);

	return { all, one, requests };
}
