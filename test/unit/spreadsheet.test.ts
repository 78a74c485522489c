import { damageOf, hasCellBreak, isCellError } from '../../nodes/KopoKopo/parsers/spreadsheet';

const FORMAT_AS_TEXT = 'Format the column as text in the spreadsheet, then enter the value again.';

const DAMAGES: Array<{ problem: string; remedy: string; texts: string[] }> = [
	{
		problem: 'is a spreadsheet error',
		remedy: 'Correct the formula in the spreadsheet.',
		texts: [
			'#REF!',
			'#BEZUG!',
			'#¿NOMBRE?',
			'#!',
			`#${'A'.repeat(20)}!`,
			'#N/A',
			'#GETTING_DATA',
			'###',
			'Err:508',
			'INV-#REF!',
			'INV-#REF!-7',
			'K#N/A',
			'7#VALUE!',
			'7#DIV/0!',
			'7#NAME?',
			'7#NUM!',
			'7#NULL!',
			'7#ERROR!',
		],
	},
	{
		problem: 'was shortened to an exponent',
		remedy: FORMAT_AS_TEXT,
		texts: [
			'1E+12',
			'1e+5',
			'12E-123',
			'+1E+12',
			'-1E+12',
			'1.23457E+12',
			'12,5E+10',
			'+1.5e10',
			'-1.5e10',
			'12.34E5',
			'1,25e123',
			'1e12',
			'+9E99',
			'-9E99',
		],
	},
	{
		problem: 'was changed to a decimal number',
		remedy: FORMAT_AS_TEXT,
		texts: ['5.0', '12345.0', '12345.000', '5,0', '12345,00'],
	},
	{
		problem: 'contains a line break or a tab',
		remedy: 'Enter one value. Use one item for each.',
		texts: ['1\n2', '1\r\n2', '1\t2', '1\u00002', '1\u00852', '1\u20282', '1\u20292'],
	},
	{
		problem: 'has no value',
		remedy: 'Check the expression. It returns nothing for this item.',
		texts: ['undefined', 'null', 'NaN', 'N/A', '[object Object]'],
	},
];

describe.each(DAMAGES)('damageOf says that a text $problem', ({ problem, remedy, texts }) => {
	test.each(texts)('%j', (text) => {
		expect(damageOf(text)).toEqual({ problem, remedy });
	});
});

test.each([
	'',
	'A098457',
	'0712345678',
	'12E5',
	'12e12',
	'1e+1234',
	'1.5E+',
	'1.E+10',
	'1.5E10x',
	'x1.5E10',
	'1.5E',
	'.5E10',
	'A1.5E+10',
	'1.5E+10 A',
	'1x5E+10',
	'9.1E1234',
	'x9e12',
	'9e123',
	'9e1',
	'0e12',
	'9exx',
	'#1',
	'#customer',
	'#a!b',
	'a#b!',
	`#${'A'.repeat(21)}!`,
	'what?',
	'Row 7 says ok!',
	'#with a space!',
	'12.05',
	'12,50',
	'12,000',
	'12.0a',
	'v12.0',
	'12x0',
	'Err:12',
	'Err:1234',
	'Err:abc',
	'my Err:508',
	'##',
	'#### ####a',
	'nullable',
	'is null',
	'NaN1',
	'1 2',
	'1\u00a02',
])('damageOf finds nothing wrong with %j', (text) => {
	expect(damageOf(text)).toBeUndefined();
});

test.each([
	'#REF!',
	'#ref!',
	'#VALUE!',
	'#DIV/0!',
	'#NUM!',
	'#NULL!',
	'#ERROR!',
	'#SPILL!',
	'#CALC!',
	'#FIELD!',
	'#BLOCKED!',
	'#UNKNOWN!',
	'#BUSY!',
	'#CONNECT!',
	'#PYTHON!',
	'#EXTERNAL!',
	'#TIMEOUT!',
	'#NAME?',
	'#N/A',
	'#GETTING_DATA',
	'###',
	'########',
	'Err:508',
])('%j is what a spreadsheet shows instead of a value', (text) => {
	expect(isCellError(text)).toBe(true);
});

test.each([
	'##',
	'see #REF!',
	'#REF! in B7',
	'#REF',
	'#N/A?',
	'The cell shows ###',
	'### is shown',
	'Err:50',
	'Err:5088',
	'Err:abc',
])('%j is a text, which may be about such an error', (text) => {
	expect(isCellError(text)).toBe(false);
});

test.each(['1\n2', '1\r2', '1\t2', '\n', '1\u20282', '1\u20292'])(
	'%j has a line break or a tab',
	(text) => {
		expect(hasCellBreak(text)).toBe(true);
	},
);

test.each(['', '1 2', '1\u00a02', '1-2'])('%j has no line break and no tab', (text) => {
	expect(hasCellBreak(text)).toBe(false);
});
