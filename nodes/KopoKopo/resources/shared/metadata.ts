import { defineField } from '../../operations/parameters';
import { MAX_METADATA_PAIRS, parseMetadataJson, parseMetadataRows } from '../../parsers/metadata';

const metadataRows = defineField(
	{
		displayName: 'Metadata',
		name: 'metadata',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		default: {},
		placeholder: 'Add Pair',
		description: `Up to ${MAX_METADATA_PAIRS} values of your own that Kopo Kopo returns with the result, such as an invoice number`,
		options: [
			{
				displayName: 'Pairs',
				name: 'pairs',
				values: [
					{
						displayName: 'Name',
						name: 'name',
						type: 'string',
						default: '',
						placeholder: 'e.g. invoice',
					},
					{
						displayName: 'Value',
						name: 'value',
						type: 'string',
						default: '',
						placeholder: 'e.g. INV-2041',
					},
				],
			},
		],
	},
	parseMetadataRows,
);

const metadataJson = defineField(
	{
		displayName: 'Metadata (JSON)',
		name: 'metadataJson',
		type: 'json',
		default: '{}',
		description: `Metadata as a JSON object with up to ${MAX_METADATA_PAIRS} plain values`,
	},
	parseMetadataJson,
);

/** The two ways to enter metadata; joinMetadata() combines them. */
export const metadataFields = [metadataRows, metadataJson] as const;
