import { version } from '../../package.json';
import type { Result } from './runCheck';
import type { Settings } from './settings';

/** 0 if every assumption that was tried holds, 1 if one differs. */
export const exitCodeFor = (results: Result[]): 0 | 1 =>
	results.some(({ verdict }) => verdict === 'differs') ? 1 : 0;

/** The results as JSON to attach to an issue. It contains no secret, name, phone number or ID. */
export function jsonReport(results: Result[], settings: Settings, at: Date): string {
	const { environment, createLink, waitForExpiry, subscribeUrl, payment, receivePort } = settings;
	const report = {
		package: `n8n-nodes-kopokopo ${version}`,
		date: at.toISOString().slice(0, 10),
		environment,
		options: {
			till: settings.till !== undefined,
			createLink,
			waitForExpiry,
			subscribe: subscribeUrl !== undefined,
			requestPayment: payment !== undefined,
			receive: receivePort !== undefined,
		},
		totals: totals(results),
		results,
	};
	return `${JSON.stringify(report, null, '\t')}\n`;
}

function totals(results: Result[]): Record<Result['verdict'], number> {
	const count = (verdict: Result['verdict']) =>
		results.filter((result) => result.verdict === verdict).length;
	return { holds: count('holds'), differs: count('differs'), 'not tried': count('not tried') };
}

const MAX_SEEN = 70;

const shorten = (text: string) =>
	text.length > MAX_SEEN ? `${text.slice(0, MAX_SEEN - 1)}…` : text;

/** The results as a table, and below it each assumption that differs with the files that rely on it. */
export function table(results: Result[]): string {
	const rows = [
		['Assumption', 'Heading', 'Result', 'Seen'],
		...results.map(({ id, heading, verdict, seen }) => [
			id,
			`#${heading}`,
			verdict,
			shorten(seen.replace(/\s+/g, ' ')),
		]),
	];
	const widths = [0, 1, 2].map((column) =>
		Math.max(...rows.map((row) => row[column]?.length ?? 0)),
	);
	const lines = rows.map((row) =>
		row
			.map((cell, column) => cell.padEnd(widths[column] ?? 0))
			.join('  ')
			.trimEnd(),
	);
	const different = results.filter(({ verdict }) => verdict === 'differs');
	const details = different.flatMap(({ id, statement, heading, seen, reliesOn }) => [
		'',
		`${id} differs`,
		`  Assumed   ${statement} (docs/kopokopo-api.md#${heading})`,
		`  Seen      ${seen}`,
		`  Used in   ${reliesOn.join(', ')}`,
	]);
	const { holds, differs, 'not tried': untried } = totals(results);
	return [...lines, ...details, '', `${holds} hold, ${differs} differ, ${untried} not tried`].join(
		'\n',
	);
}
