import { readFileSync } from 'fs-extra';
import { KopoKopoApi } from '../../credentials/KopoKopoApi.credentials';
import { KopoKopo } from '../../nodes/KopoKopo/KopoKopo.node';
import { KopoKopoPollingTrigger } from '../../nodes/KopoKopo/KopoKopoPollingTrigger.node';
import { KopoKopoTrigger } from '../../nodes/KopoKopo/KopoKopoTrigger.node';
import {
	storedNames,
	withCompatibilityTable,
	type StoredName,
} from '../support/docs/compatibilityTable';

const contents = {
	action: new KopoKopo().description,
	trigger: new KopoKopoTrigger().description,
	pollingTrigger: new KopoKopoPollingTrigger().description,
	credential: new KopoKopoApi(),
};
const page = readFileSync('docs/compatibility.md', 'utf8');
const names = storedNames(contents);

describe('docs/compatibility.md', () => {
	test('matches the code; if not, run npm run docs, and keep the values of a release', () => {
		expect(page).toBe(withCompatibilityTable(page, contents));
	});

	test.each<StoredName['kind']>([
		'Node',
		'Credential',
		'Resource',
		'Operation',
		'Parameter',
		'Option',
		'Topic',
	])('has rows of the kind %s', (kind) => {
		expect(page).toContain(`\n| ${kind} |`);
	});

	test('is compared by value, label and default', () => {
		for (const part of ['`refund`', '| Refund |', 'default `"keepChecking"`']) {
			const changed = page.replace(part, 'x');
			expect(changed).not.toBe(page);
			expect(withCompatibilityTable(changed, contents)).not.toBe(changed);
		}
	});
});

/** A label in camelCase, without its unit; V1's resources, labelled as legacy, end in V1. */
function camelCaseOf(label: string): string {
	const words = label
		.replace(/ \((Ms|Seconds|Minutes|Deprecated)\)$/, '')
		.replace(/ \(Legacy\)$/, ' V1')
		.replaceAll('-', '')
		.match(/[A-Za-z0-9]+/g);
	return (words ?? [])
		.map((word) => word.toLowerCase())
		.map((word, index) => (index === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1)))
		.join('');
}

/** Stored values that do not match their labels, as `what it is stored in.value`, and why. */
const EXCEPTIONS: Record<string, string> = {
	'kopoKopo.transaction.getAll': 'n8n stores Get Many as getAll',
	'kopoKopo.transactionV1.getAll': 'n8n stores Get Many as getAll',
	'kopoKopo.paymentRequestV1.getAll': 'n8n stores Get Many as getAll',
	'kopoKopo.payoutV1.getAll': 'n8n stores Get Many as getAll',
	'kopoKopo.resourceV1': "n8n's list of actions shows what is named resource, or labelled so",
	'kopoKopo.apiVersion.v1': 'the version is part of the path that Kopo Kopo is called at',
	'kopoKopo.settlementMethod.EFT': "Kopo Kopo's own word",
	'kopoKopo.settlementMethod.RTS': "Kopo Kopo's own word",
	'kopoKopo.filters.status.COMPLETED': "Kopo Kopo's own word",
	'kopoKopo.filters.status.FAILED': "Kopo Kopo's own word",
	'kopoKopo.filters.status.PENDING': "Kopo Kopo's own word",
	'kopoKopo.filters.status.PROCESSING': "Kopo Kopo's own word",
	'kopoKopo.options.batching.batch': "as in n8n's HTTP Request node",
	'kopoKopo.options.batching.batch.batchSize': "as in n8n's HTTP Request node",
};

const storedPath = ({ inside, value }: StoredName) => [...inside, value].join('.');

describe('stored values', () => {
	const differing = names.filter(({ label, value }) => camelCaseOf(label) !== value);
	const isTopic = ({ kind }: StoredName) => kind === 'Topic';

	test('are their labels in camelCase, except those with a reason', () => {
		const unexplained = differing
			.filter((name) => !isTopic(name))
			.map(storedPath)
			.filter((place) => !(place in EXCEPTIONS));

		expect(unexplained).toEqual([]);
	});

	test('are all still in use if they are exceptions', () => {
		const places = differing.map(storedPath);

		expect(Object.keys(EXCEPTIONS).filter((place) => !places.includes(place))).toEqual([]);
	});

	test('are words of Kopo Kopo if they are topics', () => {
		const topics = names.filter(isTopic).map(({ value }) => value);

		expect(topics.length).toBeGreaterThan(20);
		expect(topics.filter((topic) => !/^[a-z0-9]+(_[a-z0-9]+)+$/.test(topic))).toEqual([]);
	});

	test('have one label in each place', () => {
		const labels = new Map<string, Set<string>>();
		for (const name of names) {
			const place = `${name.kind} ${storedPath(name)}`;
			labels.set(place, (labels.get(place) ?? new Set()).add(name.label));
		}

		expect([...labels].filter(([, { size }]) => size > 1).map(([place]) => place)).toEqual([]);
	});
});
