import { Agent, fetch } from 'undici';

/** The login of the owner in every n8n that tests start. n8n listens on this machine only. */
export const OWNER = {
	email: 'owner@example.com',
	password: 'Lipa-na-K2',
	firstName: 'Till',
	lastName: 'Owner',
};

export interface Session {
	cookie: string;
	/** n8n's version. */
	version: string;
}

interface N8nResponse {
	status: number;
	text: string;
}

/** Requests that change a credential or a workflow, rather than test or run one. */
const CHANGES_SAVED_DATA = /^\/rest\/(credentials|workflows)(?!.*\/(test|run)$)/;

/** Sends requests to n8n's internal REST API as the logged-in owner. */
export class N8nConnection {
	// Connections are not reused: n8n is stopped and started again on the same port.
	private readonly dispatcher = new Agent({ pipelining: 0 });

	/** Resolves when the last change of a credential or a workflow has been answered. */
	private lastChange: Promise<unknown> = Promise.resolve();

	constructor(
		readonly url: string,
		private readonly session: Session = { cookie: '', version: '' },
	) {}

	/** For another client of the same n8n: n8n 1 allows an account only a few logins a minute. */
	get openSession(): Session {
		return { ...this.session };
	}

	/**
	 * Whether this is n8n 1, which answers an activation only when it is done and publishes a saved draft
	 * of an active workflow at once. Known after logIn().
	 */
	get isVersion1(): boolean {
		return this.session.version.startsWith('1.');
	}

	/** Whether n8n is ready and, for a process with a REST API, serves it. */
	async isReady(hasRestApi = true): Promise<boolean> {
		try {
			const health = await this.fetch('GET', '/healthz/readiness');
			if (health.status !== 200) return false;
			if (!hasRestApi) return true;
			const settings = await this.fetch('GET', '/rest/settings');
			return settings.status === 200 && settings.text.startsWith('{"data"');
		} catch {
			return false;
		}
	}

	/** Creates the owner unless the database has one, and logs in. */
	async logIn(): Promise<void> {
		if (!(await this.hasOwner())) await this.createOwner();
		await this.request('POST', '/rest/login', {
			emailOrLdapLoginId: OWNER.email,
			password: OWNER.password,
		});
		const { versionCli } = await this.request<{ versionCli: string }>('GET', '/rest/settings');
		this.session.version = versionCli;
	}

	async createOwner(): Promise<void> {
		await this.request('POST', '/rest/owner/setup', OWNER);
	}

	private async hasOwner(): Promise<boolean> {
		const { userManagement } = await this.request<{
			userManagement: { showSetupOnFirstLoad?: boolean };
		}>('GET', '/rest/settings');
		return userManagement.showSetupOnFirstLoad !== true;
	}

	/**
	 * Sends one request and resolves with the `data` of the response. Rejects with method, path, status and
	 * n8n's message when the status is not 2xx.
	 */
	async request<T = void>(method: string, path: string, body?: object): Promise<T> {
		const { status, text } = await this.fetch(method, path, body);
		if (status < 200 || status > 299) {
			throw new Error(`${method} ${path} returned status ${status}: ${text.slice(0, 500)}`);
		}
		return (JSON.parse(text || '{}') as { data: T }).data;
	}

	/**
	 * Sends one request, whatever its status. Changes are sent one after the other, because n8n 1 mixes up
	 * the transactions of simultaneous ones ("no such savepoint").
	 */
	protected async fetch(method: string, path: string, body?: object): Promise<N8nResponse> {
		if (method === 'GET' || !CHANGES_SAVED_DATA.test(path)) {
			return await this.send(method, path, body);
		}
		const response = this.lastChange.then(async () => await this.send(method, path, body));
		this.lastChange = response.catch(() => undefined);
		return await response;
	}

	private async send(method: string, path: string, body?: object): Promise<N8nResponse> {
		const response = await fetch(this.url + path, {
			method,
			dispatcher: this.dispatcher,
			headers: {
				accept: 'application/json',
				...(body && { 'content-type': 'application/json' }),
				...(this.session.cookie && { cookie: this.session.cookie }),
			},
			...(body && { body: JSON.stringify(body) }),
		});
		const cookie = response.headers
			.getSetCookie()
			.map((line) => line.split(';')[0] ?? '')
			.find((line) => line.startsWith('n8n-auth='));
		if (cookie) this.session.cookie = cookie;
		return { status: response.status, text: await response.text() };
	}
}
