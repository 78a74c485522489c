import { readFileSync } from 'fs-extra';
import { parseResult } from '../../nodes/KopoKopo/domain/result';
import {
	APPROVED_WORDS,
	DONE_WORDS,
	FLAT_OUTCOMES,
	HANDLED_WORDS,
	LINK_OUTCOMES,
	LOST_WORDS,
	PAID_WORDS,
	RECEIVED_WORDS,
	REFUSED_WORDS,
	REQUEST_OUTCOMES,
	RETURNED_WORDS,
} from '../../nodes/KopoKopo/domain/statusWords';

interface Row {
	types: string[];
	where: string;
	words: string[];
	readAs: string;
}

/** The rows of the table of final statuses, with `data.type` repeated where the page leaves it out. */
function tableRows(): Row[] {
	const page = readFileSync('docs/kopokopo-api.md', 'utf8');
	const section = /### Final statuses\n([\s\S]*?)\n### /.exec(page)?.[1] ?? '';
	let types: string[] = [];
	return section
		.split('\n')
		.filter((line) => line.startsWith('|') && !/^\| (?:`data\.type` \||---)/.test(line))
		.map((line) => {
			const [, type = '', where = '', words = '', readAs = ''] = line
				.split('|')
				.map((cell) => cell.trim());
			const named = [...type.matchAll(/`([a-z_]+)`/g)].map(([, name = '']) => name);
			if (type !== '') types = type.startsWith('none') ? [''] : named;
			return { types, where: where.replaceAll('`', ''), words: words.split(', '), readAs };
		});
}

const rows = tableRows();

/** A body that has the word where the row says, and elsewhere what leaves the decision to the word. */
function bodyWith(type: string, where: string, word: string): unknown {
	const attributes: Record<string, unknown> = { status: 'Processed' };
	const payment = { amount: '10', reference: 'RCT0000001' };
	if (where === 'status') attributes.status = word;
	if (type === 'incoming_payment') {
		if (where !== 'status') attributes.status = 'Success';
		const status = where === 'status' ? 'Received' : word;
		// A received payment would contradict a refused request.
		const isRefused = where === 'status' && REFUSED_WORDS.has(word.trim().toLowerCase());
		if (!isRefused) attributes.event = { resource: { ...payment, status } };
	}
	if (where === 'disbursement') {
		attributes.transfer_batches = [{ disbursements: [{ ...payment, status: word }] }];
	}
	if (where.startsWith('reversal_bulk')) {
		attributes.reversal_bulk_payment = { ...payment, status: word };
	}
	if (where === 'status of the link') attributes.payment_link = { status: word };
	return { data: type === '' ? { id: '7', ...attributes } : { id: '7', type, attributes } };
}

/** What each reading means for the outcome. A handled request proves nothing by itself. */
const OUTCOMES: Record<string, string> = {
	success: 'success',
	received: 'success',
	paid: 'success',
	failure: 'failure',
	lost: 'failure',
	refused: 'failure',
	handled: 'pending',
	'not final': 'pending',
};

describe('the table of final statuses', () => {
	const cases = rows.flatMap(({ types, where, words, readAs }) =>
		types.flatMap((type) => words.map((word) => [type, where, word, readAs] as const)),
	);

	test.each(cases)('%s, %s: %s is read as %s', (type, where, word, readAs) => {
		const expected = readAs.startsWith('see [Incoming') ? 'success' : OUTCOMES[readAs];

		for (const spelled of [word, word.toUpperCase(), word.toLowerCase(), ` ${word} `]) {
			expect(parseResult(bodyWith(type, where, spelled)).outcome).toBe(expected);
		}
	});

	/** The words of the table that are read this way, in lower case. */
	const wordsOf = (type: string, where: string, readAs: RegExp) =>
		new Set(
			rows
				.filter((row) => row.types.includes(type) && row.where === where && readAs.test(row.readAs))
				.flatMap(({ words }) => words.map((word) => word.toLowerCase())),
		);
	const isFinal = /^(?:success|failure|see )/;

	test.each([
		['send_money', 'disbursement', /^paid$/, PAID_WORDS],
		['send_money', 'disbursement', /^lost$/, LOST_WORDS],
		['send_money', 'status', /^handled$/, HANDLED_WORDS],
		['send_money', 'status', /^refused$/, REFUSED_WORDS],
		['incoming_payment', 'status', isFinal, REQUEST_OUTCOMES],
		['incoming_payment', 'event.resource.status', /^failure$/, RETURNED_WORDS],
		['payment_link', 'status of the link', isFinal, LINK_OUTCOMES],
		['polling', 'status', /^success$/, DONE_WORDS],
		['pay_recipient', 'status', /^success$/, APPROVED_WORDS],
		['', 'status', isFinal, FLAT_OUTCOMES],
	])('contains every word of the code: %j, %s, %s', (type, where, readAs, words) => {
		expect([...wordsOf(type, where, readAs)].sort()).toEqual([...words.keys()].sort());
	});

	test('contains every word for a received payment', () => {
		const words = wordsOf('incoming_payment', 'event.resource.status', /^received$/);
		expect([...words].sort()).toEqual([...RECEIVED_WORDS].sort());
	});

	test('has at least 60 words', () => {
		expect(cases.length).toBeGreaterThan(60);
	});
});
