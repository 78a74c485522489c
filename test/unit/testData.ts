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

/** A credential as the client reads it; with an `oauthBaseUrl`, the option of Production that shows the field. */
export function credentialWith(changed: Partial<KopoKopoCredential> = {}): KopoKopoCredential {
	const stored = storedCredential(changed);
	const isOther = changed.environment === 'production' && changed.oauthBaseUrl !== undefined;
	if (isOther) stored.environment = 'productionWithOtherOauthAddress';
	return parseCredential(stored);
}

/** For the parsers: a field labelled 'The Field' in an n8n with a public address. */
export function contextWith(changed: Partial<ParseContext> = {}): ParseContext {
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

/** The shapes in which Kopo Kopo may put one text into `errors` (docs/kopokopo-api.md#errors-in-results). */
export const ERROR_SHAPES: unknown[] = [
	'Insufficient funds',
	['Insufficient funds'],
	{ base: ['Insufficient funds'] },
	{ message: 'Insufficient funds' },
	[{ message: 'Insufficient funds' }],
	{ errors: { amount: { deep: [['Insufficient funds']] } } },
];

/** The resource of a customer's payment, as events and polls contain it. */
export const customerPayment = {
	id: 'transaction-1',
	reference: 'SBX0000003',
	origination_time: '2026-05-01T10:43:19+03:00',
	amount: '1500.0',
	currency: 'KES',
	till_number: 'K123456',
	account_reference: 'HSE-12B',
	status: 'Received',
	metadata: { order: '7' },
	sender_first_name: 'Jane',
	sender_last_name: 'Doe',
	sender_phone_number: '254712345678',
};
