import execa from 'execa';
import { emptyDir, outputFile } from 'fs-extra';
import getPort from 'get-port';
import { fetch } from 'undici';
import { redirectHttps } from '../support/httpsRedirect';
import { N8N_VERSION, readRuntime, ROOT, RUN } from '../support/n8nInstallation';
import { waitFor } from '../support/waitFor';

const NAME = 'release-registry';
/** Verdaccio, as install.mjs installs it. */
const VERDACCIO = `${ROOT}/.run/registry/node_modules/verdaccio/bin/verdaccio`;
/** The only registry from which an n8n without a licence installs. */
const PUBLIC_REGISTRY = 'registry.npmjs.org';
const READY_TIMEOUT_MS = 60_000;

/** A npm registry on this machine, which takes the place of the public one for an n8n. */
export interface PackageRegistry {
	/** Environment variables for n8n. */
	env: Record<string, string>;
	/** Publishes a tarball as `npm publish` does. */
	publish(tarball: string): Promise<void>;
	close(): Promise<void>;
}

/** Starts an empty registry that passes no request on to any other. */
export async function startPackageRegistry(): Promise<PackageRegistry> {
	const folder = `${RUN}/${NAME}`;
	await emptyDir(folder);
	const port = await getPort({ host: '127.0.0.1' });
	const url = `http://127.0.0.1:${port}`;
	const config = {
		storage: `${folder}/storage`,
		packages: { '**': { access: '$all', publish: '$all' } },
		web: { enable: false },
		log: { type: 'file', path: `${folder}/log`, level: 'warn' },
	};
	// JSON is YAML, too.
	await outputFile(`${folder}/config.yaml`, JSON.stringify(config));
	// It needs a newer Node.js than the tests do: the one that n8n runs on.
	const { node } = await readRuntime(N8N_VERSION);
	const registry = execa(
		node,
		[VERDACCIO, '--config', `${folder}/config.yaml`, '--listen', `127.0.0.1:${port}`],
		{ reject: false, stdio: 'ignore' },
	);
	await waitFor('the registry', READY_TIMEOUT_MS, async () => {
		const response = await fetch(`${url}/-/ping`).catch(() => undefined);
		return response?.ok === true || undefined;
	});
	const redirect = await redirectHttps(NAME, async ({ headers, url: path }, reply) => {
		// n8n also asks its own service whether a package is banned; without an answer it is not.
		if (headers['x-forwarded-host'] !== PUBLIC_REGISTRY) return await reply.code(501).send();
		const response = await fetch(`${url}${path}`);
		return await reply
			.code(response.status)
			.type(response.headers.get('content-type') ?? 'application/json')
			.send(Buffer.from(await response.arrayBuffer()));
	});
	return {
		env: {
			...redirect.env,
			// n8n passes the registry to npm, but not for everything that npm does.
			npm_config_registry: `https://${PUBLIC_REGISTRY}`,
			npm_config_cafile: redirect.env.NODE_EXTRA_CA_CERTS ?? '',
			npm_config_cache: `${folder}/npm-cache`,
		},
		publish: async (tarball) => {
			await execa(
				'npm',
				[
					...['publish', tarball, `--registry=${url}`, '--provenance=false', '--access=public'],
					`--//127.0.0.1:${port}/:_authToken=any`,
				],
				{ cwd: folder },
			);
		},
		close: async () => {
			await redirect.close();
			registry.kill();
			await registry;
		},
	};
}
