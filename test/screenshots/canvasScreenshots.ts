import type { Page } from 'playwright-core';
import type { INode } from 'n8n-workflow';
import type { Editor } from '../support/editor';
import type { N8nClient } from '../support/n8nClient';
import type { Example } from './screenshotSources';

/** A node's box with its name below, in the canvas' own pixels. */
const NODE = { width: 240, height: 170 };
/** What stands around the canvas, and the room that n8n leaves when it fits a workflow into the window. */
const FRAME = { width: 100, height: 160, factor: 1.3 };
/** The widest window; a wider workflow is drawn smaller. */
const WIDEST = 2200;
/** Around the boxes of the nodes, whose names stand below them and are wider. */
const MARGIN = { side: 56, top: 24, bottom: 90 };
/** How much smaller than in the editor itself, so that a picture is not wider than people can see. */
const SIZE = 0.8;

/**
 * What lies over the canvas and is not the workflow. The marks of missing credentials are gone, too:
 * no example brings any.
 */
const NOT_THE_WORKFLOW = [
	'canvas-controls',
	'execute-workflow-button',
	'node-creator-plus-button',
	'command-bar-button',
	'add-sticky-button',
	'toggle-focus-panel-button',
	'instance-ai-canvas-action-button',
	'workflow-chat-button',
	'canvas-handle-plus-wrapper',
	'node-issues',
]
	.map((id) => `[data-test-id^="${id}"]`)
	.join(', ');

/** The number of items that wait at a loose end, cut off from the handle that it belongs to. */
const LOOSE_ENDS = '[class*="runDataLabel"]';

const STYLE = `${NOT_THE_WORKFLOW}, ${LOOSE_ENDS} { visibility: hidden !important; }`;

/** A picture of the nodes on the canvas, and of nothing around them. */
export async function shootCanvas(page: Page, path: string): Promise<void> {
	await page.addStyleTag({ content: STYLE });
	const boxes = await Promise.all(
		(await page.locator('.vue-flow__node').all()).map(async (one) => await one.boundingBox()),
	);
	const seen = boxes.filter((box) => box !== null);
	const left = Math.min(...seen.map(({ x }) => x)) - MARGIN.side;
	const top = Math.min(...seen.map(({ y }) => y)) - MARGIN.top;
	const right = Math.max(...seen.map(({ x, width }) => x + width)) + MARGIN.side;
	const bottom = Math.max(...seen.map(({ y, height }) => y + height)) + MARGIN.bottom;
	const clip = { x: left, y: top, width: right - left, height: bottom - top };
	await page.screenshot({ path, clip, animations: 'disabled' });
}

/** Imports an example and makes its picture. */
export async function drawExample(
	editor: Editor,
	n8n: N8nClient,
	{ workflow }: Example,
	path: string,
): Promise<void> {
	const { name, nodes, connections, settings } = workflow;
	const { id } = await n8n.createWorkflow({
		name,
		nodes,
		connections,
		...(settings && { settings }),
		pinData: {},
	});
	await editor.page.setViewportSize(windowFor(nodes));
	await editor.openWorkflow(id);
	await shootCanvas(editor.page, path);
}

/** A window into which n8n fits these nodes at the wanted size. */
function windowFor(nodes: INode[]): { width: number; height: number } {
	const places = nodes.map(({ position: [x, y], parameters }) => {
		const { width = NODE.width, height = NODE.height } = parameters as Partial<typeof NODE>;
		return { left: x, top: y, right: x + Number(width), bottom: y + Number(height) };
	});
	const width =
		Math.max(...places.map(({ right }) => right)) - Math.min(...places.map(({ left }) => left));
	const height =
		Math.max(...places.map(({ bottom }) => bottom)) - Math.min(...places.map(({ top }) => top));
	const size = Math.min(SIZE, WIDEST / (width * FRAME.factor));
	return {
		width: Math.round(width * size * FRAME.factor) + FRAME.width,
		height: Math.round(height * size * FRAME.factor) + FRAME.height,
	};
}
