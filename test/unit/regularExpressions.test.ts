import { readdirSync, readFileSync } from 'fs-extra';
import { checkSync } from 'recheck';
import * as ts from 'typescript';
import { InvalidParameterError } from '../../nodes/KopoKopo/domain/errors';
import { parseAmount } from '../../nodes/KopoKopo/parsers/amount';
import { apiBaseUrl } from '../../nodes/KopoKopo/transport/environment';
import { credentialWith, contextWith } from './testData';

interface Pattern {
	file: string;
	/** As written, with its slashes and flags. */
	literal: string;
}

const FILES = [
	...(readdirSync('nodes', { recursive: true }) as string[]).map((file) => `nodes/${file}`),
	...readdirSync('credentials').map((file) => `credentials/${file}`),
].filter((file) => file.endsWith('.ts'));

/** Everything of one kind in a source file, as the compiler reads it. */
function find<Found>(file: string, take: (node: ts.Node) => Found | undefined): Found[] {
	const source = ts.createSourceFile(
		file,
		readFileSync(file, 'utf8'),
		ts.ScriptTarget.Latest,
		true,
	);
	const found: Found[] = [];
	const visit = (node: ts.Node) => {
		const taken = take(node);
		if (taken !== undefined) found.push(taken);
		ts.forEachChild(node, visit);
	};
	visit(source);
	return found;
}

const patterns: Pattern[] = FILES.flatMap((file) =>
	find(file, (node) => (ts.isRegularExpressionLiteral(node) ? node.text : undefined)).map(
		(literal) => ({ file, literal }),
	),
);

function verdictOf(literal: string) {
	const end = literal.lastIndexOf('/');
	// The other checkers measure time, so their verdict depends on how busy the machine is. This one cannot decide
	// about a lookahead or a lookbehind: write such a pattern in another way.
	return checkSync(literal.slice(1, end), literal.slice(end + 1), {
		checker: 'automaton',
		timeout: null,
	});
}

test('the checker detects a pattern of exponential and one of quadratic time', () => {
	expect(verdictOf('/^(a+)+$/')).toMatchObject({
		status: 'vulnerable',
		complexity: { type: 'exponential' },
	});
	// This one was ours.
	expect(verdictOf('/\\s*\\/[-=]$/')).toMatchObject({
		status: 'vulnerable',
		complexity: { type: 'polynomial' },
	});
});

test('all source files were read', () => {
	expect(FILES.length).toBeGreaterThan(40);
	expect(patterns.length).toBeGreaterThan(30);
});

test.each(patterns)('$file: $literal takes linear time', ({ literal }) => {
	expect(verdictOf(literal)).toMatchObject({ status: 'safe' });
});

test('no pattern is built at run time, where it could not be checked', () => {
	const made = FILES.flatMap((file) =>
		find(file, (node) =>
			(ts.isNewExpression(node) || ts.isCallExpression(node)) &&
			node.expression.getText().endsWith('RegExp')
				? `${file}: ${node.getText()}`
				: undefined,
		),
	);
	expect(made).toEqual([]);
});

describe('200 KB of input that needs quadratic time in a naive pattern is parsed in time', () => {
	const MANY = 200_000;

	test.each([
		['S', '\t', 'KES'],
		['', '\t', '-/-'],
		['1', ' ', '/x'],
		['1', ' ', 'KES'],
		['1', '\u00a0', '/='],
		['1', ' 000', 'x'],
	])('for an amount: %j, then %j, then %j', (first, repeated, last) => {
		const typed = `${first}${repeated.repeat(MANY)}\u0001${last}`;
		expect(() => parseAmount(typed, contextWith())).toThrow(InvalidParameterError);
	});

	test.each([
		['https://x', '/', 'x y'],
		['http://p', ':', '\t?'],
	])('for a base URL: %j, then %j, then %j', (first, repeated, last) => {
		const baseUrl = `${first}${repeated.repeat(MANY)}${last}`;
		expect(() => apiBaseUrl(credentialWith({ environment: 'custom', baseUrl }))).toThrow(
			'is not a web address',
		);
	});
});
