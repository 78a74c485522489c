import { type CallbackDefinition, CALLBACKS } from '../../nodes/KopoKopo/domain/callbacks';
import { type EventDefinition, EVENTS } from '../../nodes/KopoKopo/domain/events';
import { parseResult } from '../../nodes/KopoKopo/domain/result';
import type { Operation, Resource } from '../../nodes/KopoKopo/operations/defineOperation';
import { resources } from '../../nodes/KopoKopo/resources';
import { parseDelivery } from '../../nodes/KopoKopo/webhooks/parseDelivery';
import type { VerifiedBody } from '../../nodes/KopoKopo/webhooks/signature';
import { table, withGeneratedParts } from './markdownTables';

const yes = (isSo: boolean) => (isSo ? 'yes' : '');
const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);

/** The resources of an API version, with their operations, in the order of the menus. */
const menuOf = (version: 'v1' | 'v2'): Resource[] =>
	resources
		.filter(({ apiVersion }) => (apiVersion ?? 'v2') === version)
		.map((resource) => ({ ...resource, operations: resource.operations.toSorted(byName) }))
		.toSorted(byName);

function operationTable(): string {
	const rows = menuOf('v2').flatMap(({ name: resource, operations }) =>
		operations.map(({ name, description, effect, statusOf }, index) => [
			index === 0 ? `**${resource}**` : '',
			name,
			description.replace(/\.$/, ''),
			yes(effect === 'movesMoney'),
			yes(statusOf !== undefined),
		]),
	);
	return table(['Resource', 'Operation', 'What it does', 'Moves money', 'Can wait'], rows);
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
		.toSorted(byName)
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
		.toSorted(byName)
		.map(({ topic, name, description }) => [
			name,
			`\`${topic}\``,
			// The page says once what the menu says of each.
			description.replace(/ Use this URL .+$/, '').replace(/\.$/, ''),
		]);
	return table(['Trigger On', 'Topic', 'What happened'], rows);
}

/** What the flat fields mean; the fields themselves are read from the code. */
const MEANINGS: Record<string, string> = {
	id: 'The ID to look it up with',
	outcome: '`success`, `failure`, `pending` or `unknown`: the one to look at',
	isFinal: 'Whether that can no longer change',
	status:
		'Kopo Kopo\'s own word. Of money that is sent or reversed, "Processed" is said of both ends',
	amount: 'A number, in Kenyan shillings (KES), not cents',
	currency: '`KES`. A payment link has `link`, its address, instead',
	reference: 'The M-Pesa receipt; several are separated by commas',
	phoneNumber: "The payer's or the receiver's",
	message: 'Why, when it did not work',
	metadata: 'Your own values, up to five, that come back with the result',
	eventId: "Kopo Kopo's ID of the delivery",
	topic: 'Which event it is, as in the tables above',
	dedupeKey: 'The same for each copy of a delivery, for a Remove Duplicates node',
	sender: 'Who paid or is paid: a name, a till, or a masked card',
	tillNumber: 'The till that was paid',
	occurredAt: 'When it happened (ISO 8601)',
};

/** @throws Error when the code and the meanings above do not name the same fields */
function fieldTable(fields: string[]): string {
	const rows = fields.map((field) => {
		const meaning = MEANINGS[field];
		if (meaning === undefined) throw new Error(`readmeTables.ts does not explain '${field}'`);
		return [`\`${field}\``, meaning];
	});
	return table(['Field', 'Meaning'], rows);
}

const resultFields = Object.keys(parseResult(undefined));

/** The fields that an event has beside those of every result. */
function eventFields(): string[] {
	const [topic] = Object.keys(EVENTS);
	const body = { topic, id: 'e', event: { type: '', resource: { amount: '1' } } };
	const delivery = parseDelivery(Buffer.from(JSON.stringify(body)) as VerifiedBody);
	if (delivery.kind !== 'event') throw new Error('The sample event was not recognized');
	return Object.keys(delivery.item).filter((field) => !resultFields.includes(field));
}

const BLOCKS: Record<string, () => string> = {
	operations: operationTable,
	'legacy operations': legacyTable,
	fields: () => fieldTable(resultFields),
	events: eventTable,
	results: resultTable,
	'event fields': () => fieldTable(eventFields()),
};

/**
 * The README with its generated tables.
 * @throws Error when a mark is missing
 */
export const withTables = (readme: string): string => withGeneratedParts(readme, BLOCKS);
