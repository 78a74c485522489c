import { sleep, type IExecuteFunctions } from 'n8n-workflow';

type Money = typeof import('../../nodes/KopoKopo/execution/duplicateKeys');

/** The node as each of two worker processes has it, with a queue of its own. */
const workers = Array.from({ length: 2 }, () => {
	let money: Money | undefined;
	jest.isolateModules(() => {
		money = jest.requireActual<Money>('../../nodes/KopoKopo/execution/duplicateKeys');
	});
	return money as Money;
});

/**
 * n8n's deduplication store: one row, read and written back as a whole, without a lock. The gaps are how
 * long after its read each operation writes, in ms, in turn.
 */
class Row {
	entries: string[] | undefined;
	private operations = 0;

	constructor(private readonly gaps: number[]) {}

	private async gap() {
		await sleep(this.gaps[this.operations++ % this.gaps.length] ?? 0);
	}

	async checkProcessedAndRecord(items: string[]) {
		const before = this.entries;
		await this.gap();
		if (before === undefined) {
			if (this.entries !== undefined) throw new Error('duplicate key value violates a constraint');
			this.entries = [...items];
			return { new: items, processed: [] };
		}
		const fresh = items.filter((item) => !before.includes(item));
		this.entries = [...before, ...fresh];
		return { new: fresh, processed: items.filter((item) => before.includes(item)) };
	}

	async removeProcessed(items: string[]) {
		const before = this.entries ?? [];
		await this.gap();
		this.entries = before.filter((entry) => !items.includes(entry));
	}
}

let nodes = 0;

/** A node of its own, whose row this is. */
function contextFor(row: Row): IExecuteFunctions {
	const id = `node-${++nodes}`;
	return {
		getWorkflow: () => ({ id: 'workflow' }),
		getNode: () => ({ id, name: 'Kopo Kopo' }),
		helpers: {
			checkProcessedAndRecord: async (items: string[]) => await row.checkProcessedAndRecord(items),
			removeProcessed: async (items: string[]) => await row.removeProcessed(items),
		},
	} as unknown as IExecuteFunctions;
}

/** Every mix of how long two workers take between read and write, and how much later the second begins. */
const MEETINGS = [1, 10, 40].flatMap((one) =>
	[1, 10, 40].flatMap((next) =>
		[0, 5, 20, 60, 155, 190].flatMap((later) =>
			[true, false].map((isRowThere) => ({ gaps: [one, next], later, isRowThere })),
		),
	),
);

const rowFor = ({ gaps, isRowThere }: (typeof MEETINGS)[number]) => {
	const row = new Row(gaps);
	if (isRowThere) row.entries = ['older'];
	return row;
};

describe('two workers that claim at once', () => {
	it('do not both get the same key, and one of them does', async () => {
		const won = await Promise.all(
			MEETINGS.map(async (meeting) => {
				const context = contextFor(rowFor(meeting));
				const claims = await Promise.all(
					workers.map(async ({ claimDuplicateKey }, index) => {
						await sleep(index * meeting.later);
						return await claimDuplicateKey(context, 'payout-1', 0);
					}),
				);
				return { meeting, won: claims.filter(Boolean).length };
			}),
		);
		expect(won).toEqual(MEETINGS.map((meeting) => ({ meeting, won: 1 })));
	});

	it('do not write away the key of the other, and leave nothing else behind', async () => {
		const left = await Promise.all(
			MEETINGS.map(async (meeting) => {
				const row = rowFor(meeting);
				const context = contextFor(row);
				const claims = await Promise.all(
					workers.map(async ({ claimDuplicateKey }, index) => {
						await sleep(index * meeting.later);
						return await claimDuplicateKey(context, `payout-${index}`, 0);
					}),
				);
				return {
					meeting,
					claims,
					kept: ['payout-0', 'payout-1'].map((key) => row.entries?.includes(key)),
				};
			}),
		);
		expect(left).toEqual(
			MEETINGS.map((meeting) => ({ meeting, claims: [true, true], kept: [true, true] })),
		);
	});
});

it('gives a key up that others never let stay, and says that nothing was sent', async () => {
	const row = new Row([0]);
	row.entries = [];
	const context = contextFor(row);
	const write = row.checkProcessedAndRecord.bind(row);
	row.checkProcessedAndRecord = async (items) => {
		row.entries = [];
		return await write(items);
	};
	const [money] = workers;
	await expect(money?.claimDuplicateKey(context, 'payout-1', 0)).rejects.toMatchObject({
		message: "The 'Duplicate Protection Key' could not be kept",
		description: expect.stringContaining('Nothing was sent for this item.') as string,
	});
});
