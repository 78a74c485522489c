import { readdirSync, readJsonSync } from 'fs-extra';
import type { ICredentialDataDecryptedObject, IDataObject, INode } from 'n8n-workflow';
import type { ParseContext } from '../../nodes/KopoKopo/parsers/text';
import {
	type KopoKopoCredential,
	parseCredential,
} from '../../nodes/KopoKopo/transport/environment';

/**
 * What the fixtures' wrappers hold (docs/kopokopo-api.md#sources), as far as these tests read it.
 */
export interface Fixture {
	/** File name without `.json`. */
	name: string;
	kind: string;
	operation: string;
	apiVersion: string;
	method: string;
	path: string;
	query?: IDataObject;
	envelope: string;
	status: number | string;
	outcome: string;
	terminal: boolean;
	headers: Record<string, string>;
	body: IDataObject | null;
	source: string;
}

/** Every fixture of a folder below test/fixtures, by name. */
export function readFixtures<Shape = Fixture>(folder: string): Array<Shape & { name: string }> {
	return readdirSync(`test/fixtures/${folder}`)
		.filter((file) => file.endsWith('.json'))
		.map((file) => ({
			...(readJsonSync(`test/fixtures/${folder}/${file}`) as Shape),
			name: file.replace(/\.json$/, ''),
		}));
}

/** A credential as n8n hands it over decrypted; for the sandbox unless told. */
export function storedCredential(
	changed: Partial<KopoKopoCredential> = {},
): ICredentialDataDecryptedObject {
	return {
		environment: 'sandbox',
		baseUrl: '',
		oauthBaseUrl: '',
		clientId: 'client-of-a-test',
		clientSecret: 'typed by a test',
		apiKey: 'signs in a test',
		accessToken: '',
		...changed,
	};
}

export const credentialWith = (changed: Partial<KopoKopoCredential> = {}): KopoKopoCredential =>
	parseCredential(storedCredential(changed));

/** What a parser knows: a field labelled 'The Field', in an n8n with a public address. */
export function parseContextWith(changed: Partial<ParseContext> = {}): ParseContext {
	return {
		label: 'The Field',
		allowHttp: false,
		instanceUrl: 'https://n8n.example.com/',
		...changed,
	};
}

export const kopoKopoNode: INode = {
	id: 'node-under-test',
	name: 'Kopo Kopo',
	type: 'n8n-nodes-kopokopo.kopoKopo',
	typeVersion: 1,
	position: [0, 0],
	parameters: {},
};
