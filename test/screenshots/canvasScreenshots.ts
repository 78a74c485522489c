import type { Page } from 'playwright-core';
import type { INode } from 'n8n-workflow';
import type { Editor } from '../support/editor';
import type { N8nClient } from '../support/n8nClient';
import type { Example } from './screenshotSources';

/** A node with its name below, in pixels of the canvas. */
const NODE = { width: 240, height: 170 };
/** The space around the canvas, and the factor by which n8n's view is larger than a workflow that it fits in. */
const FRAME = { width: 100, height: 160, factor: 1.3 };
/** The widest window, in pixels. A wider workflow is scaled down. */
const MAX_WIDTH = 2200;
/** Around the nodes, whose names are below them and wider. */
const MARGIN = { side: 56, top: 24, bottom: 90 };
/** The scale, so that a screenshot fits on a page. */
const SCALE = 0.8;

/**
 * Elements over the canvas that are not part of the workflow, including the marks of missing credentials: no
 * example has credentials.
 */
const HIDDEN_ELEMENTS = [
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

/**
 * The menu beside the button that executes a workflow, and the line between them; only a workflow with several
 * triggers has them.
 */
const TRIGGER_MENU =
	'[aria-label="Select trigger node"], :has([data-test-id="execute-workflow-button"]) > [role="presentation"]';

/** The number of items at an output without a connection. */
const ITEM_COUNTS = '[class*="runDataLabel"]';

const STYLE = `${HIDDEN_ELEMENTS}, ${TRIGGER_MENU}, ${ITEM_COUNTS} { visibility: hidden !important; }`;

/** Takes a screenshot of the nodes on the canvas. */
export async function captureCanvas(page: Page, path: string): Promise<void> {
	await page.addStyleTag({ content: STYLE });
	const boxes = await Promise.all(
		(await page.locator('.vue-flow__node').all()).map(async (one) => await one.boundingBox()),
	);
	const visible = boxes.filter((box) => box !== null);
	const left = Math.min(...visible.map(({ x }) => x)) - MARGIN.side;
	const top = Math.min(...visible.map(({ y }) => y)) - MARGIN.top;
	const right = Math.max(...visible.map(({ x, width }) => x + width)) + MARGIN.side;
	const bottom = Math.max(...visible.map(({ y, height }) => y + height)) + MARGIN.bottom;
	const clip = { x: left, y: top, width: right - left, height: bottom - top };
	await page.screenshot({ path, clip, animations: 'disabled' });
}

/** Imports an example and takes a screenshot of it. */
export async function captureExample(
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
	await captureCanvas(editor.page, path);
}

/** The window size at which n8n shows these nodes at the right scale. */
function windowFor(nodes: INode[]): { width: number; height: number } {
	const boxes = nodes.map(({ position: [x, y], parameters }) => {
		const { width = NODE.width, height = NODE.height } = parameters as Partial<typeof NODE>;
		return { left: x, top: y, right: x + Number(width), bottom: y + Number(height) };
	});
	const width =
		Math.max(...boxes.map(({ right }) => right)) - Math.min(...boxes.map(({ left }) => left));
	const height =
		Math.max(...boxes.map(({ bottom }) => bottom)) - Math.min(...boxes.map(({ top }) => top));
	const scale = Math.min(SCALE, MAX_WIDTH / (width * FRAME.factor));
	return {
		width: Math.round(width * scale * FRAME.factor) + FRAME.width,
		height: Math.round(height * scale * FRAME.factor) + FRAME.height,
	};
}
