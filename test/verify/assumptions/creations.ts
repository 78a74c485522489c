import { type Assumption, compare, type Check, type Finding, notTried } from '../assumption';

const CLIENT = 'nodes/KopoKopo/transport/client.ts';

/** Every accepted create of the run. */
function accepted({ creations }: Check) {
	return creations.filter(({ answer }) => answer.status < 300);
}

function forEach(
	check: Check,
	isAsAssumed: (creation: ReturnType<typeof accepted>[number]) => boolean,
	describe: (creation: ReturnType<typeof accepted>[number]) => string,
): Finding {
	const all = accepted(check);
	if (all.length === 0) return notTried('nothing was created');
	const other = all.filter((creation) => !isAsAssumed(creation));
	return compare(
		other.length === 0,
		other.length === 0
			? `${all.length} creates`
			: other.map((creation) => `${creation.path}: ${describe(creation)}`).join(', '),
	);
}

/** How creates are answered: by the polls of every run, and by what its options create. */
export const creationAssumptions: Assumption[] = [
	{
		id: 'create-status',
		statement: 'A create is answered with 201',
		heading: 'created-resources',
		reliesOn: [CLIENT, 'test/sandbox/endpoints.ts'],
		run: (check) =>
			forEach(
				check,
				({ answer }) => answer.status === 201,
				({ answer }) => `HTTP ${answer.status}`,
			),
	},
	{
		id: 'create-location',
		statement: 'A create is answered with a Location',
		heading: 'created-resources',
		reliesOn: [CLIENT],
		run: (check) =>
			forEach(
				check,
				({ answer }) => (answer.headers.location ?? '') !== '',
				() => 'no Location',
			),
	},
	{
		id: 'create-no-body',
		statement: 'A create is answered without a body',
		heading: 'created-resources',
		reliesOn: [CLIENT],
		run: (check) =>
			forEach(
				check,
				({ answer }) => answer.text.trim() === '' || answer.text.trim() === '{}',
				() => 'a body',
			),
	},
];
