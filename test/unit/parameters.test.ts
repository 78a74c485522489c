import { readParameters } from '../../nodes/KopoKopo/operations/parameters';
import { limitRows, paginationFields } from '../../nodes/KopoKopo/resources/shared/pagination';
import { contextWith } from './testData';

describe('readParameters', () => {
	/** The rows of a list of three that an operation returns with these parameters. */
	const rowsFor = (parameters: Record<string, unknown>) => {
		const getNodeParameter = (name: string, _item: number, fallback?: unknown) =>
			parameters[name] ?? fallback;
		const params = readParameters(
			{ getNodeParameter: getNodeParameter as never },
			paginationFields,
			0,
			contextWith(),
		);
		return limitRows([1, 2, 3], params);
	};

	test.each<[unknown]>([[true], ['TRUE'], [1]])('reads Return All as true from %j', (returnAll) => {
		expect(rowsFor({ returnAll, limit: 2 })).toEqual([1, 2, 3]);
	});

	test.each<[unknown]>([[false], ['FALSE'], [0], ['']])(
		'reads Return All as false from %j, so that Limit counts',
		(returnAll) => {
			expect(rowsFor({ returnAll, limit: 2 })).toEqual([1, 2]);
		},
	);
});
