import { damageOf } from '../../nodes/KopoKopo/parsers/spreadsheet';

test.each([
	'12E5',
	'1e+1234',
	'A1.5E+10',
	'1.5E+10 A',
	'9.1E1234',
	'x9e12',
	'9e123',
	'0e12',
	'#1',
	'#customer',
	'what?',
	'Row 7 says ok!',
	'#with a space!',
	'12.05',
	'12,50',
	'v12.0',
	'12.0a',
	'Err:12',
	'Err:1234',
	'my Err:508',
	'##',
	'#### ####a',
	'nullable',
	'is null',
	'NaN1',
])('damageOf finds nothing wrong with %j', (text) => {
	expect(damageOf(text)).toBeUndefined();
});
