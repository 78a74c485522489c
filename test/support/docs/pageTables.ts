import { type CallbackDefinition, CALLBACKS } from '../../../nodes/KopoKopo/domain/callbacks';
import { type EventDefinition, EVENTS } from '../../../nodes/KopoKopo/domain/eventCatalogue';
import { LEADING_FIELDS, TRAILING_FIELDS } from '../../../nodes/KopoKopo/domain/payment';
import type { Operation, Resource } from '../../../nodes/KopoKopo/operations/defineOperation';
import { resources } from '../../../nodes/KopoKopo/resources';
import { table, withGeneratedParts } from './markdownTables';

const yes = (isSo: boolean) => (isSo ? 'yes' : '');

/** The resources of an API version, with their operations, in the order of the menus. */
const menuOf = (version: 'v1' | 'v2'): Resource[] =>
	resources.filter(({ apiVersion }) => (apiVersion ?? 'v2') === version);

function operationTable(): string {
	const rows = menuOf('v2').flatMap(({ name: resource, operations }) =>
		operations.map(({ name, description, effect, statusOf }, index) => [
			index === 0 ? `**${resource}**` : '',
			name,
			description.replace(/\.$/, ''),
			yes(effect === 'sendOnce'),
			yes(statusOf !== undefined),
		]),
	);
	return table(['Resource', 'Operation', 'What it does', 'Sent once', 'Can wait'], rows);
}

/** Operations of v1 that Kopo Kopo's own documents do not have say so in their descriptions. */
const isDoubtful = ({ description }: Operation) => description.includes('one unofficial document');

function legacyTable(): string {
	const rows = menuOf('v1').map(({ name, operations }) => [
		name.replace(' (Legacy)', ''),
		operations.map((one) => `${one.name}${isDoubtful(one) ? ' \\*' : ''}`).join(', '),
	]);
	return table(['Resource', 'Operations'], rows);
}

function eventTable(): string {
	const rows = Object.entries<EventDefinition>(EVENTS)
		.map(([topic, event]) => ({ topic, ...event }))
		.map(({ topic, name, description, companyOnly, daraja }) => [
			name,
			`\`${topic}\``,
			description.replace(/ Always for the whole company\.$/, '').replace(/\.$/, ''),
			companyOnly ? 'company' : 'till or company',
			yes(daraja !== undefined),
		]);
	return table(['Trigger On', 'Topic', 'What happened', 'Scope', 'Daraja Payload'], rows);
}

function resultTable(): string {
	const rows = Object.entries<CallbackDefinition>(CALLBACKS)
		.map(([topic, result]) => ({ topic, ...result }))
		.map(({ topic, name, description }) => [
			name,
			`\`${topic}\``,
			// The page says once what the menu says of each.
			description.replace(/ Use this trigger's URL .+$/, '').replace(/\.$/, ''),
		]);
	return table(['Trigger On', 'Topic', 'What happened'], rows);
}

/** What the flat fields mean; the fields themselves are read from the code. */
const MEANINGS: Record<string, string> = {
	link: 'The address of a payment link. The first field where there is one',
	outcome:
		'The field to test: `success`, `failure`, `partial` (some of the money was paid, see `disbursements`), `pending` or `unknown` (look it up before you pay again)',
	amount:
		'A number, in Kenyan shillings (KES). What was paid, or what was asked for if nothing has been paid yet',
	sender: 'Who paid or is paid: a name, a till or a masked card',
	phoneNumber: "The payer's or the receiver's, as `+254…`; several are separated by commas",
	reference: 'The M-Pesa receipt; several are separated by commas',
	occurredAt: 'When the money moved (ISO 8601)',
	tillNumber: 'Your own till',
	message: 'What happened, as a sentence that you can send on',
	accountReference: 'What the payer of a paybill entered as the account',
	payerHash:
		"SHA-256 of the payer's phone number (`254…` without a plus), to [recognize a known customer](events.md#recognize-a-customer)",
	status:
		'Kopo Kopo\'s own word. For money that is sent or reversed, "Processed" does not mean paid',
	currency: '`KES`',
	metadata: 'Your own values, up to five, which come back with the result',
	paymentReference: 'Your own reference of a payment link',
	expiresAt: 'When a payment link expires',
	reversedReference: 'The payment that a reversal returns',
	reason: 'Why a payment is reversed; in an event, why it is not recognized',
	disbursements:
		'What each destination of a payout got: a list of `reference`, `amount`, `destination`, `status`, `message`',
	sendingTill: 'The till of the business that paid',
	accountNumber: 'The bank account of a settlement',
	settled: 'Whether a card payment is settled',
	transactions: 'The payments that a search found',
	type: "Kopo Kopo's word for a kind of payment that is not in the tables",
	isDuplicate:
		'`true` when nothing was sent, because its Duplicate Protection Key was used or an identical request was sent before',
	isAmountChanged:
		'`true` when an earlier event had the same receipt but a different amount. Check it in the Kopo Kopo dashboard',
	isRecognized: '`false` for a kind of event that this version does not know',
	location: 'The URL of a new request at Kopo Kopo',
	id: 'The ID to look it up with',
	eventId: "Kopo Kopo's ID of the delivery",
	topic: 'Which event it is, as in the tables above',
	dedupeKey:
		'Equal for every delivery of the same event. For a received payment it is the receipt and the amount',
};

/** @throws Error when the code and the meanings above do not name the same fields */
function fieldTable(fields: string[]): string {
	const rows = fields.map((field) => {
		const meaning = MEANINGS[field];
		if (meaning === undefined) throw new Error(`pageTables.ts does not explain '${field}'`);
		return [`\`${field}\``, meaning];
	});
	return table(['Field', 'Meaning'], rows);
}

const deliveryFields = ['isAmountChanged', 'isRecognized', 'eventId', 'topic', 'dedupeKey'];

/** The fields of a simplified payment in their order. */
const paymentFields = ['link', ...LEADING_FIELDS, ...TRAILING_FIELDS];

/** What generates each part of a page, by the name in its marks. */
const PAGES: Record<string, Record<string, () => string>> = {
	'docs/operations.md': {
		operations: operationTable,
		fields: () => fieldTable(paymentFields.filter((name) => !deliveryFields.includes(name))),
	},
	'docs/events.md': {
		events: eventTable,
		results: resultTable,
		'event fields': () => fieldTable(deliveryFields),
	},
	'docs/v1.md': { 'legacy operations': legacyTable },
};

/** The pages with tables that are generated from the catalogue. */
export const pagesWithTables = Object.keys(PAGES);

/**
 * The text of a page with its generated tables.
 * @param page its path, one of pagesWithTables
 * @throws Error when a mark is missing
 */
export const withTables = (page: string, text: string): string =>
	withGeneratedParts(text, PAGES[page] ?? {});
