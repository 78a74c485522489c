import execa from 'execa';
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { ensureDir } from 'fs-extra';
import { ROOT, RUN } from './n8nInstallation';

/** A server on this machine that receives a process's HTTPS requests. */
export interface HttpsRedirect {
	/** Environment variables that redirect a process's HTTPS requests here, except those to this machine. */
	env: Record<string, string>;
	close(): Promise<void>;
}

/**
 * Starts a server that answers HTTPS requests to any host, through a proxy with its own certificates
 * (tlsProxy.mjs). `x-forwarded-host` holds the host that was asked for.
 * @param name of the folder in .run that holds the certificate
 */
export async function redirectHttps(
	name: string,
	answer: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>,
): Promise<HttpsRedirect> {
	const server = fastify({ forceCloseConnections: true });
	server.all('/*', answer);
	// Bodies that are not JSON, such as forms, are accepted and ignored.
	server.addContentTypeParser('*', (_request, _payload, done) => done(null, undefined));
	const target = await server.listen({ port: 0, host: '127.0.0.1' });
	const folder = `${RUN}/${name}`;
	await ensureDir(folder);
	const certificate = `${folder}/ca.pem`;
	const proxy = execa.node(`${ROOT}/test/support/tlsProxy.mjs`, [target, certificate], {
		reject: false,
	});
	const port = await new Promise<string>((resolve, reject) => {
		proxy.stdout?.once('data', (line) => resolve(String(line).trim()));
		void proxy.then(({ stderr }) => reject(new Error(`The proxy ended: ${stderr}`)));
	});
	return {
		env: {
			HTTPS_PROXY: `http://127.0.0.1:${port}`,
			NO_PROXY: '127.0.0.1,localhost',
			NODE_EXTRA_CA_CERTS: certificate,
		},
		close: async () => {
			proxy.kill();
			await proxy;
			await server.close();
		},
	};
}
