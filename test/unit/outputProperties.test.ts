import type { IDataObject, INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import { accountItem } from '../../nodes/KopoKopo/domain/account';
import { paymentItem } from '../../nodes/KopoKopo/domain/payment';
import { parseResult } from '../../nodes/KopoKopo/domain/result';
import { parseTransactions } from '../../nodes/KopoKopo/domain/transaction';
import { type AnyParams, parseFields } from '../../nodes/KopoKopo/operations/parameters';
import { outputProperties } from '../../nodes/KopoKopo/operations/outputProperties';
import { resources } from '../../nodes/KopoKopo/resources';
import { contextWith, readFixtures } from './testData';
import { legacyRows } from './requestCasesV1';
import { rows } from './requestCases';

const propertyNamed = (name: string) =>
	outputProperties.find((property) => property.name === name) ?? ({} as INodeProperties);
const offered = ((propertyNamed('fields').options ?? []) as INodePropertyOptions[]).map(
	({ value }) => String(value),
);

/** The parameters of a row of the request tables, and what its operation knows of the new resource. */
function summaryOf(resource: string, name: string, stored: IDataObject): IDataObject {
	const operation = resources
		.find(({ value }) => value === resource)
		?.operations.find(({ value }) => value === name);
	const context = contextWith({ allowHttp: true });
	const params = parseFields(operation?.fields ?? [], (property) => stored[property.name], context);
	return operation?.summary?.(params as AnyParams) ?? {};
}

describe("the fields that an AI agent's tool can be set to show", () => {
	const bodies = readFixtures('results').map(({ body }) => body);
	const items: IDataObject[] = [
		...bodies.flatMap((body) => [
			paymentItem(parseResult(body)),
			accountItem(body),
			...parseTransactions(body, true),
		]),
		...[...rows, ...legacyRows].map(([, resource, operation, stored]) =>
			summaryOf(resource, operation, stored),
		),
	];

	test('are those of simplified items, except the ones that are always shown', () => {
		const has = new Set(items.flatMap((item) => Object.keys(item)));
		const missing = [...has].filter((name) => !['id', 'outcome', ...offered].includes(name));

		expect(missing).toEqual([]);
		expect(has.size).toBeGreaterThan(15);
	});

	test('have a default that the list contains', () => {
		expect(offered).toEqual(expect.arrayContaining(propertyNamed('fields').default as string[]));
	});
});

test('a tool has Output, another node has Simplify, and none has both', () => {
	expect(propertyNamed('output').displayOptions).toEqual({ show: { '@tool': [true] } });
	expect(propertyNamed('simplify').displayOptions).toEqual({ show: { '@tool': [false] } });
});
