import { createHash } from 'node:crypto';
import { readFileSync } from 'fs-extra';
import { type IDataObject, type INodeType, Workflow } from 'n8n-workflow';
import { payer } from '../../nodes/KopoKopo/domain/parties';
import { KopoKopo } from '../../nodes/KopoKopo/KopoKopo.node';

/** SHA-256 of 254712345678. */
const PAYER_HASH = '7132104d6aae9c3fac82095a42c2817952bca48e09d98d5bf4ac08218982fb90';

/** The expression of the Crypto node in the documents. */
const EXPRESSION = /```js\s+(\{\{ '254' .*\}\})\s+```/.exec(
	readFileSync('docs/events.md', 'utf8'),
)?.[1];

/** What n8n makes of the expression for an item. */
function valueFor(item: IDataObject): string {
	const type: INodeType = new KopoKopo();
	const node = {
		id: '1',
		name: 'Crypto',
		type: 'n8n-nodes-base.crypto',
		typeVersion: 1,
		position: [0, 0] as [number, number],
		parameters: {},
	};
	const nodeTypes = {
		getByName: () => type,
		getByNameAndVersion: () => type,
		getKnownTypes: () => ({}),
	};
	const workflow = new Workflow({ nodes: [node], connections: {}, active: false, nodeTypes });
	return String(
		workflow.expression.resolveSimpleParameterValue(
			`=${String(EXPRESSION)}`,
			{},
			null,
			0,
			0,
			'Crypto',
			[{ json: item }],
			'manual',
			{},
		),
	);
}

test.each<[unknown]>([
	['0712345678'],
	['0712 345 678'],
	['+254 712 345 678'],
	['254712345678'],
	[254712345678],
	[712345678],
])('the documented expression gives %j the hash that Kopo Kopo sends', (phone) => {
	const hash = createHash('sha256')
		.update(valueFor({ phone } as IDataObject))
		.digest('hex');
	expect(hash).toBe(PAYER_HASH);
	expect(payer({ hashed_sender_phone: PAYER_HASH }).payerHash).toBe(hash);
});
