// The sandbox's page. It shows the view that the sandbox sends (view.ts) and acts through the control API.
// Everything that comes from outside is shown as text, never as HTML.

const PAGE_ROWS = 50;
/** After this time a request to the sandbox counts as slow. */
const SLOW_MS = 5_000;
/** Before the next attempt to connect, when the browser has given up. */
const RECONNECT_MS = 2_000;
/** How long a button shows that it has copied a value. */
const COPIED_MS = 3_000;
const ZONE = { timeZone: 'Africa/Nairobi' };
const CLOCK = new Intl.DateTimeFormat('en-GB', { ...ZONE, hour: '2-digit', minute: '2-digit' });
const CLOCK_SECONDS = new Intl.DateTimeFormat('en-GB', { ...ZONE, timeStyle: 'medium' });
const DAY = new Intl.DateTimeFormat('en-GB', { ...ZONE, day: 'numeric', month: 'short' });

/** The path of the payment link whose page this is, or undefined on the sandbox's own page. */
const linkPath = location.pathname.startsWith('/links/') ? location.pathname : undefined;

/** What the sandbox has sent. The long lists are maps, because only their changed rows are sent. */
const view = { payments: new Map(), deliveries: new Map(), movements: new Map() };
const LISTS = Object.keys(view);

const shown = { payments: PAGE_ROWS, deliveries: PAGE_ROWS, movements: PAGE_ROWS };
/** The phone that is shown, and the one that the person has chosen. */
let selectedPhone = sessionStorage.getItem('phone') ?? '';
let chosenPhone = selectedPhone;

const byId = (id) => document.getElementById(id);

/** An element with properties, such as `className`, attributes, such as `aria-label`, and children. */
function h(tag, properties = {}, ...children) {
	const element = document.createElement(tag);
	for (const [name, value] of Object.entries(properties)) {
		if (value === undefined || value === null || value === false) continue;
		if (name in element && !name.includes('-')) element[name] = value;
		else element.setAttribute(name, value === true ? '' : value);
	}
	element.append(...children.filter((child) => child !== undefined && child !== null));
	return element;
}

const isWhole = (amount) => Math.round(amount) === amount;
const money = (amount) =>
	`KES ${amount.toLocaleString('en-KE', { minimumFractionDigits: isWhole(amount) ? 0 : 2, maximumFractionDigits: 2 })}`;
const time = (iso) => CLOCK_SECONDS.format(new Date(iso));
const capitalized = (text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
const plural = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

/** Shows text in an element, unless it is there already: screen readers read every change of a status. */
function setText(element, text) {
	if (element.textContent !== text) element.textContent = text;
}

function announce(text) {
	setText(byId('announcement'), text);
}

// Actions

/** Calls the control API. Shows the error and returns undefined if it refuses. */
async function control(method, path, body) {
	const stopWaiting = warnWhenSlow();
	try {
		const response = await fetch(`/control${path}`, {
			method,
			headers: { 'Content-Type': 'application/json' },
			body: body === undefined ? undefined : JSON.stringify(body),
		});
		const answer = await response.json();
		stopWaiting();
		if (response.ok) {
			showProblem('');
			return answer;
		}
		showProblem(errorText(answer.error));
	} catch {
		stopWaiting();
		showProblem('The sandbox does not answer. Is it still running?');
	}
	return undefined;
}

function errorText(error) {
	if (Array.isArray(error)) return error.map(({ message }) => message).join('; ');
	return String(error).replace(/^\w*Error: /, '');
}

function showProblem(text) {
	byId('problem').replaceChildren(
		...(text
			? [text, h('button', { type: 'button', onclick: () => showProblem('') }, 'Close')]
			: []),
	);
}

/** Shows a hint if the sandbox takes long to answer; the result is called when it has answered. */
function warnWhenSlow() {
	const text =
		'The sandbox has not answered yet. If this page is open in many tabs, close some of them.';
	// Browsers keep six connections to a server, and each open page uses one.
	const timer = setTimeout(() => showProblem(text), SLOW_MS);
	return () => clearTimeout(timer);
}

const post = (path, body = {}) => control('POST', path, body);

// Lists

const elements = new WeakMap();

/**
 * Shows items in a list, one child each. Elements of unchanged items are kept, and so are the focus and
 * what a person has opened or typed in them.
 */
function renderList(list, items, create, update) {
	const known = elements.get(list) ?? new Map();
	elements.set(list, known);
	const ids = new Set(items.map(({ id }) => id));
	for (const [id, entry] of known) {
		if (ids.has(id)) continue;
		entry.element.remove();
		known.delete(id);
	}
	let previous = null;
	for (const item of items) {
		const signature = JSON.stringify(item);
		let entry = known.get(item.id);
		if (!entry) {
			entry = { element: create(item), signature };
			known.set(item.id, entry);
		} else if (entry.signature !== signature) {
			entry.signature = signature;
			if (update) update(entry.element, item);
			else entry.element = replace(entry.element, create(item));
		}
		const place = previous ? previous.nextSibling : list.firstChild;
		if (place !== entry.element) list.insertBefore(entry.element, place);
		previous = entry.element;
	}
}

/** Replaces an element and keeps the focus on the button with the same text. */
function replace(old, replacement) {
	const focused = old.contains(document.activeElement) ? document.activeElement.textContent : null;
	old.replaceWith(replacement);
	if (focused !== null) {
		const buttons = [...replacement.querySelectorAll('button')];
		(buttons.find(({ textContent }) => textContent === focused) ?? byId('content')).focus();
	}
	return replacement;
}

function row(title, more, amount, ...actions) {
	return h(
		'div',
		{ className: 'row' },
		h(
			'div',
			{ className: 'row-text' },
			h('p', { className: 'row-title' }, ...[title].flat()),
			h('p', { className: 'row-more' }, ...[more].flat()),
		),
		amount === undefined ? undefined : h('p', { className: 'row-amount' }, money(amount)),
		actions.length > 0 ? h('div', { className: 'row-actions' }, ...actions) : undefined,
	);
}

/** Texts with commas between them. One that is written from right to left does not affect the others. */
const joined = (...parts) =>
	parts
		.filter(Boolean)
		.flatMap((part, index) => [...(index > 0 ? [', '] : []), h('bdi', {}, part)]);

const state = (text, kind = '') => h('span', { className: `state ${kind}` }, text);

/** Runs what a button does, unless that runs already. */
async function once(button, run) {
	if (button.ariaDisabled === 'true') return;
	// With "disabled", the button would lose the focus.
	button.ariaDisabled = 'true';
	try {
		await run();
	} finally {
		button.ariaDisabled = null;
	}
}

/** A button that cannot be pressed twice while its action runs. */
function action(label, run, properties = {}) {
	const button = h('button', { type: 'button', ...properties }, label);
	button.addEventListener('click', () => once(button, run));
	return button;
}

const newestFirst = (map) => [...map.values()].reverse();

/** Shows the newest rows of a long list, and the button for more. */
function renderLongList(name, rows, create, update) {
	byId(`no-${name}`).hidden = rows.length > 0;
	renderList(byId(`list-${name}`), rows.slice(0, shown[name]), create, update);
	byId(`more-${name}`).hidden = rows.length <= shown[name];
}

// Phone

const ownPhone = () => view.phones.find(({ phone }) => phone === selectedPhone) ?? view.phones[0];

function choosePhone(phone) {
	selectedPhone = phone;
	chosenPhone = phone;
	sessionStorage.setItem('phone', phone);
}

/** Shows a phone that has a new prompt, unless the person is busy with another one. */
function followNewPrompts() {
	const asked = newPrompts;
	newPrompts = [];
	if (asked.length === 0 || byId('device').contains(document.activeElement)) return;
	const isFree = (ownPhone()?.prompts.length ?? 0) === 0;
	if (asked.includes(chosenPhone)) selectedPhone = chosenPhone;
	else if (isFree) [selectedPhone] = asked;
}

function renderPhones() {
	followNewPrompts();
	const phone = ownPhone();
	selectedPhone = phone.phone;

	renderList(
		byId('owners'),
		view.phones.map(({ phone: id, name, prompts }) => ({
			id,
			name,
			prompts: prompts.length,
			isSelected: id === selectedPhone,
		})),
		(owner) => {
			const button = h('button', {
				type: 'button',
				onclick: () => {
					choosePhone(owner.id);
					renderPhones();
				},
			});
			updateOwner(button, owner);
			return button;
		},
		updateOwner,
	);

	setText(byId('device-owner'), `${phone.name}, ${phone.phone}`);
	setText(byId('device-balance'), money(phone.balance));
	renderMessages(phone);
	renderPrompt(phone);
}

function updateOwner(button, { name, prompts, isSelected }) {
	button.setAttribute('aria-pressed', String(isSelected));
	button.replaceChildren(
		name,
		...(prompts > 0
			? [
					h('span', { className: 'badge', 'aria-hidden': 'true' }, String(prompts)),
					h('span', { className: 'visually-hidden' }, ` ${plural(prompts, 'prompt')}`),
				]
			: []),
	);
}

function renderMessages({ phone, messages }) {
	const list = byId('messages');
	byId('no-messages').hidden = messages.length > 0;
	const last = messages.at(-1)?.id;
	renderList(
		list,
		messages.map((message) => ({ ...message, id: `${phone} ${message.id}` })),
		({ at, kind, text }) =>
			h(
				'li',
				{ className: kind },
				h('time', { dateTime: at }, `${DAY.format(new Date(at))}, ${CLOCK.format(new Date(at))}`),
				h('p', { className: 'bubble' }, text),
			),
	);
	if (list.dataset.last !== last) {
		list.dataset.last = last ?? '';
		showNewestMessage();
	}
}

function showNewestMessage() {
	const thread = byId('thread');
	thread.scrollTop = thread.scrollHeight;
}

/** Whether the person has just asked for a prompt, which then gets the focus. */
let isPromptAwaited = false;

/**
 * Shows the oldest prompt of a phone, or on the page of a payment link the prompt of that link. The same prompt
 * is kept, with what has been typed into it.
 */
function renderPrompt({ prompts }) {
	const layer = byId('prompt-layer');
	const link = view.links.find(({ path }) => path === linkPath);
	const prompt = prompts.find(({ id }) => id === link?.id) ?? prompts[0];
	const isNew = layer.dataset.prompt !== (prompt?.id ?? '');
	if (isNew) {
		const hadFocus = layer.contains(document.activeElement);
		layer.dataset.prompt = prompt?.id ?? '';
		layer.replaceChildren(...(prompt ? [promptForm(prompt)] : []));
		layer.hidden = !prompt;
		for (const part of [byId('thread'), document.querySelector('.thread-head')]) {
			part.inert = Boolean(prompt);
		}
		// The focus must not get lost with the prompt. The answer is in the messages.
		if (prompt && (hadFocus || isPromptAwaited)) byId('pin').focus();
		else if (hadFocus) byId('thread').focus();
		if (prompt) isPromptAwaited = false;
	}
	byId('other-answers').hidden = !prompt;
	if (prompt) {
		setText(byId('prompt-count'), prompts.length > 1 ? `1 of ${prompts.length}` : 'SIM Toolkit');
		layer.dataset.expires = prompt.expiresAt ?? '';
		tick();
	}
}

function promptForm({ id, till, tillName, amount }) {
	const pin = h('input', {
		id: 'pin',
		name: 'pin',
		type: 'text',
		inputMode: 'numeric',
		pattern: '[0-9]{4}',
		maxLength: 4,
		autocomplete: 'off',
		required: true,
		title: 'Four digits',
	});
	const key = (label, press, properties) =>
		// With a keyboard the PIN is typed, so that the way to Pay is short.
		h('button', { type: 'button', tabIndex: -1, onclick: press, ...properties }, label);
	const digit = (number) =>
		key(String(number), () => {
			if (pin.value.length < 4) pin.value += number;
		});
	const form = h(
		'form',
		{ className: 'prompt', 'aria-label': 'Payment prompt', autocomplete: 'off' },
		h(
			'p',
			{ className: 'prompt-from' },
			h('span', { id: 'prompt-count' }),
			h('span', { id: 'time-left', 'aria-hidden': 'true' }),
		),
		h(
			'p',
			{ className: 'prompt-text', id: 'prompt-text' },
			'Do you want to pay ',
			h('b', {}, money(amount)),
			` to ${tillName}, till ${till}?`,
		),
		h(
			'label',
			{},
			h(
				'span',
				{ className: 'pin-label' },
				h('span', {}, 'M-PESA PIN'),
				h('span', {}, `${view.merchant.pin} on every phone`),
			),
			pin,
		),
		h(
			'div',
			{ className: 'keypad', role: 'group', 'aria-label': 'Keypad' },
			...[1, 2, 3, 4, 5, 6, 7, 8, 9].map(digit),
			key('Clear', () => (pin.value = '')),
			digit(0),
			key('⌫', () => (pin.value = pin.value.slice(0, -1)), { 'aria-label': 'Delete' }),
		),
		h(
			'div',
			{ className: 'prompt-actions' },
			action('Cancel', () => answer('cancel', id)),
			h('button', { className: 'primary' }, 'Pay'),
		),
	);
	form.addEventListener('submit', (event) => {
		event.preventDefault();
		void once(form.querySelector('.primary'), () => enterPin(id, pin.value));
	});
	return form;
}

const PIN_RESULTS = {
	paid: 'Paid.',
	wrongPin: 'The PIN was wrong. The payment failed.',
	insufficient: 'There is not enough money on the phone. The payment failed.',
};

async function enterPin(id, pin) {
	const answered = await post('/customer/enter-pin', { id, pin });
	if (answered) announce(PIN_RESULTS[answered.result]);
}

async function answer(kind, id) {
	switch (kind) {
		case 'cancel':
			if (await post('/customer/refuse', { id })) announce('The payment was cancelled.');
			return;
		case 'insufficient':
			if (await post('/customer/insufficient', { id })) announce(PIN_RESULTS.insufficient);
			return;
		case 'ignore':
			if (await post('/customer/ignore', { id })) announce('Nobody answered the prompt.');
			return;
		default:
			await enterPin(id, view.merchant.pin === '0000' ? '1111' : '0000');
	}
}

for (const button of document.querySelectorAll('[data-answer]')) {
	button.addEventListener('click', () =>
		once(button, () => answer(button.dataset.answer, byId('prompt-layer').dataset.prompt)),
	);
}

/** Updates the clock and the time that is left for the prompt. */
function tick() {
	setText(byId('clock'), CLOCK.format(new Date()));
	const left = byId('time-left');
	const { expires } = byId('prompt-layer').dataset;
	if (!left || !expires) return;
	const seconds = Math.max(0, Math.ceil((Date.parse(expires) - Date.now()) / 1000));
	setText(left, `${seconds} s left`);
}
setInterval(tick, 1000);

// Till

/** A phone in a list, with its number as one dials it in Kenya, which is shorter. */
const phoneOption = ({ phone, name }) => [phone, `${name}, ${phone.replace(/^\+254/, '0')}`];

function optionsOf(name) {
	const tills = (kind) =>
		view.merchant.tills
			.filter((till) => till.kind === kind)
			// The number is first, because a narrow page cuts off the end.
			.map(({ number, name: label }) => [number, `${number}, ${label}`]);
	switch (name) {
		case 'phones':
			return view.phones.map(phoneOption);
		case 'mpesaTills':
			return [...tills('mpesa'), ...tills('online')];
		default:
			return tills('card');
	}
}

function renderOptions() {
	for (const select of document.querySelectorAll('select[data-options]')) {
		const options = optionsOf(select.dataset.options);
		const signature = JSON.stringify(options);
		if (select.dataset.signature === signature) continue;
		select.dataset.signature = signature;
		const { value } = select;
		select.replaceChildren(...options.map(([id, label]) => h('option', { value: id }, label)));
		if (options.some(([id]) => id === value)) select.value = value;
	}
}

/** Sends the fields of a form to the control API, and says below its button what was done. */
function onSubmit(id, path, done, bodyOf = (fields) => fields) {
	const form = byId(id);
	const result = form.querySelector('.done');
	const send = async () => {
		setText(result, '');
		const fields = Object.fromEntries(new FormData(form));
		const amount = Number(fields.amount);
		const answer = await post(path, bodyOf({ ...fields, amount }));
		if (!answer) return;
		const { reference } = answer;
		const receipt = reference ? `, receipt ${reference}` : '';
		// The time tells a result from an equal one before it.
		setText(result, `${money(amount)} ${done} at ${time(new Date())}${receipt}.`);
		result.scrollIntoView({ block: 'nearest' });
	};
	form.addEventListener('submit', (event) => {
		event.preventDefault();
		void once(form.querySelector('.primary'), send);
	});
}
onSubmit('form-buygoods', '/till/buygoods', 'received');
onSubmit('form-b2b', '/till/b2b', 'received');
onSubmit('form-card', '/till/card', 'received');
onSubmit('form-settle', '/company/settle', 'settled', ({ amount, to }) => ({
	amounts: [amount],
	to,
}));

const KINDS = { buygoods: 'M-Pesa', b2b: 'Business', card: 'Card' };
const RETURNS = {
	buygoods: [['Reverse', '/till/reverse']],
	b2b: [['Reverse', '/till/reverse']],
	card: [
		['Void', '/till/void-card'],
		['Reverse', '/till/reverse-card'],
	],
};

function renderPayments() {
	renderLongList('payments', newestFirst(view.payments), (payment) => {
		const { reference, kind, status, amount, at, tillName, till, payer } = payment;
		const canReturn = status === 'Received' || status === 'Complete';
		return h(
			'li',
			{},
			row(
				[payer, state(canReturn ? KINDS[kind] : status, canReturn ? '' : 'bad')],
				joined(`Receipt ${reference}`, `${tillName} (${till})`, time(at)),
				amount,
				...(canReturn
					? RETURNS[kind].map(([label, path]) =>
							action(label, () => post(path, { reference }), {
								'aria-label': `${label} ${money(amount)} of ${payer}`,
							}),
						)
					: []),
			),
		);
	});
}

const LINK_STATES = { Paid: 'good', Active: 'waiting', Cancelled: 'bad', Expired: 'bad' };

function renderLinks() {
	const links = [...view.links].reverse();
	byId('no-links').hidden = links.length > 0;
	renderList(byId('list-links'), links, (link) =>
		h(
			'li',
			{},
			row(
				[
					h('a', { href: link.path, target: '_blank', rel: 'noopener' }, link.note ?? link.path),
					state(link.status, LINK_STATES[link.status]),
				],
				joined(link.tillName, link.paymentReference, link.receipt),
				link.amount,
				...(link.status === 'Active'
					? [
							action('Let it expire', () => post('/customer/expire', { id: link.id }), {
								'aria-label': `Let it expire: link of ${money(link.amount)}`,
							}),
						]
					: []),
			),
		),
	);
}

/** The page behind a payment link. */
function renderLinkPage() {
	if (linkPath === undefined) return;
	const card = byId('link-card');
	const link = view.links.find(({ path }) => path === linkPath);
	const signature = JSON.stringify([link, view.phones.map(({ phone }) => phone)]);
	if (card.dataset.signature === signature) return;
	card.dataset.signature = signature;
	if (!link) {
		card.replaceChildren(h('p', {}, 'This payment link does not exist in the sandbox.'));
		return;
	}
	const chosen = card.querySelector('select')?.value ?? selectedPhone;
	const phones = h(
		'select',
		{ name: 'phone' },
		...view.phones
			.map(phoneOption)
			.map(([phone, label]) => h('option', { value: phone, selected: phone === chosen }, label)),
	);
	const facts = [
		link.paymentReference && ['Reference: ', h('bdi', {}, link.paymentReference)],
		link.note && [h('bdi', {}, link.note)],
	];
	card.replaceChildren(
		h('p', {}, link.tillName),
		h('p', { className: 'price' }, money(link.amount)),
		...facts.filter(Boolean).map((fact) => h('p', {}, ...fact)),
		...(link.status === 'Active'
			? [
					h('label', {}, 'Phone to pay from', phones),
					action(
						'Pay with M-PESA',
						async () => {
							choosePhone(phones.value);
							const path = '/customer/open-link';
							isPromptAwaited = true;
							const sent = await post(path, { id: link.id, phone: phones.value });
							if (sent) announce('The prompt is on the phone.');
						},
						{ className: 'primary' },
					),
					...(link.error ? [h('p', { className: 'notice' }, link.error)] : []),
				]
			: [
					h('p', { role: 'status' }, state(link.status, LINK_STATES[link.status])),
					...(link.receipt ? [h('p', {}, `Receipt ${link.receipt}`)] : []),
				]),
	);
}

// Bank

/** Shows what waits in the order in which it was asked for, and below it the rest, newest first. */
function renderBank() {
	const waiting = view.bank.filter(({ isWaiting }) => isWaiting);
	const finished = view.bank.filter(({ isWaiting }) => !isWaiting).reverse();
	byId('no-bank').hidden = view.bank.length > 0;
	byId('transfer-all-line').hidden = waiting.length < 2;
	renderList(byId('list-bank'), [...waiting, ...finished], bankRequest);
}

/** What the bank has done, by Kopo Kopo's status. */
const BANK_STATES = {
	Transferred: ['Transferred', 'good'],
	COMPLETED: ['Transferred', 'good'],
	Cancelled: ['Refused', 'bad'],
	FAILED: ['Refused', 'bad'],
};

/** Kopo Kopo's words for a payout, where they differ from what the bank has done. */
function bankExplanation({ status, error, isOnlyKnownReason }) {
	const [done] = BANK_STATES[status] ?? [status];
	if (done === status) return error;
	if (!error) return `Kopo Kopo’s status for this is ${status}.`;
	return [
		`n8n gets Kopo Kopo’s status ${status} and the reason “${error}”.`,
		isOnlyKnownReason && 'Kopo Kopo documents no other reason.',
	]
		.filter(Boolean)
		.join(' ');
}

function finishedBankRequest(request, payee) {
	const { type, status, acceptedAt, amount, payouts } = request;
	const what = payouts.length === 1 ? payee(payouts[0]) : plural(payouts.length, 'payout');
	const explanation = bankExplanation(request);
	const [done, kind] = BANK_STATES[status] ?? [status];
	return h(
		'li',
		{ className: 'finished' },
		row([type, state(done, kind)], joined(what, time(acceptedAt)), amount),
		explanation ? h('p', { className: 'row-more' }, explanation) : undefined,
	);
}

function bankRequest(request) {
	const { id, type, isWaiting, acceptedAt, amount, payouts } = request;
	const payee = ({ to, name }) => h('bdi', {}, name === null ? capitalized(to) : `${name}, ${to}`);
	if (!isWaiting) return finishedBankRequest(request, payee);
	const isList = payouts.length > 1;
	const boxes = payouts.map(() => h('input', { type: 'checkbox', checked: true }));
	const send = (name, body = {}) => post(`/bank/${name}`, { id, ...body });
	const all = action(isList ? 'Transfer all' : 'Transfer', () => send('transfer'));
	const partly = action('Transfer the ticked ones', () => {
		const cancelled = [...boxes.keys()].filter((index) => !boxes[index].checked);
		return send('partial', { cancelled });
	});
	const update = () => {
		const ticked = boxes.filter(({ checked }) => checked).length;
		partly.disabled = ticked === 0 || ticked === boxes.length;
		all.classList.toggle('primary', partly.disabled);
		partly.classList.toggle('primary', !partly.disabled);
	};
	for (const box of boxes) box.addEventListener('change', update);
	update();
	return h(
		'li',
		{},
		row([type, state('Waiting', 'waiting')], time(acceptedAt), amount),
		h(
			'ul',
			{ className: 'payouts' },
			...payouts.map((payout, index) =>
				h(
					'li',
					{},
					isList ? h('label', {}, boxes[index], payee(payout)) : h('span', {}, payee(payout)),
					isList ? h('span', { className: 'row-amount' }, money(payout.amount)) : undefined,
				),
			),
		),
		h(
			'div',
			{ className: 'row-actions' },
			all,
			...(isList ? [partly] : []),
			action('Refuse', () => send('cancel'), { className: 'danger' }),
		),
	);
}

byId('transfer-all').addEventListener('click', async () => {
	for (const { id, isWaiting } of view.bank) {
		if (isWaiting && !(await post('/bank/transfer', { id }))) return;
	}
	announce('Everything was transferred.');
});

// Deliveries

const DELIVERY_STATES = {
	sending: 'waiting',
	held: 'waiting',
	delivered: 'good',
	failed: 'bad',
	lost: 'bad',
};
const stateOf = ({ state: name }) => (name === 'blocked' ? 'not sent' : name);

const topicOf = ({ topic, kind }) =>
	topic ?? (kind === 'result' ? 'Result callback' : 'Test delivery');

/** Why n8n does not get a delivery that no fault has stopped. */
function deliveryExplanation({ url, status, state: name }) {
	if (name === 'delivered') return undefined;
	if (url.endsWith('/kopo-kopo/result-not-awaited')) {
		return 'The node does not need this callback.';
	}
	if (url.includes('/webhook-test/') && status === 404) {
		return 'n8n no longer listens for a test event.';
	}
	return undefined;
}

function renderDeliveries() {
	const words = byId('delivery-filter').value.trim().toLowerCase();
	const all = newestFirst(view.deliveries);
	const matching = words
		? all.filter((delivery) =>
				`${topicOf(delivery)} ${delivery.url} ${stateOf(delivery)} ${delivery.status}`
					.toLowerCase()
					.includes(words),
			)
		: all;
	renderLongList('deliveries', matching, createDelivery, updateDelivery);
	setText(
		byId('no-deliveries'),
		all.length > 0 ? 'No delivery matches the filter.' : 'Nothing has been sent.',
	);
}

function createDelivery(delivery) {
	const details = h('details', {}, h('summary', {}), h('div', { className: 'delivery-details' }));
	details.addEventListener('toggle', () => {
		if (details.open) void showDelivery(details, delivery.id);
	});
	const element = h('li', {}, details);
	updateDelivery(element, delivery);
	return element;
}

function updateDelivery(element, delivery) {
	const { id, url, at, status, error, attempts } = delivery;
	const explanation = deliveryExplanation(delivery);
	const result = [
		status === null ? error : `HTTP ${status}`,
		attempts > 1 ? plural(attempts, 'attempt') : null,
	];
	const details = element.firstChild;
	details.firstChild.replaceChildren(
		row(
			[topicOf(delivery), state(stateOf(delivery), DELIVERY_STATES[delivery.state])],
			joined(url, time(at), ...result),
		),
		...(explanation ? [h('p', { className: 'row-more' }, explanation)] : []),
	);
	if (details.open) void showDelivery(details, id);
}

async function showDelivery(details, id) {
	const delivery = await control('GET', `/deliveries/${id}`);
	if (!delivery) return;
	const terms = [
		['Address', h('code', {}, delivery.url)],
		...(delivery.state === 'blocked'
			? [['Not sent', 'The sandbox sends only to this machine and to private networks.']]
			: []),
		...Object.entries(delivery.headers).map(([name, value]) => [name, h('code', {}, value)]),
		...delivery.attempts.map(({ at, status, error, ms }, index) => [
			`Attempt ${index + 1}`,
			`${time(at)}, ${status === null ? (error ?? 'waiting for the answer') : `HTTP ${status}`}, ${ms} ms`,
		]),
	];
	const box = details.lastChild;
	const hadFocus = box.contains(document.activeElement);
	box.replaceChildren(
		h('dl', {}, ...terms.flatMap(([term, value]) => [h('dt', {}, term), h('dd', {}, value)])),
		h('pre', { tabIndex: 0, role: 'group', 'aria-label': 'Body' }, formatJson(delivery.body)),
		action('Send again', async () => {
			if (await post(`/deliveries/${id}/resend`)) announce('Sent again.');
		}),
	);
	if (hadFocus) box.querySelector('button').focus();
}

function formatJson(text) {
	try {
		return JSON.stringify(JSON.parse(text), null, 2);
	} catch {
		return text;
	}
}

function renderInterference() {
	const { isHolding, toLose, toRepeat } = view.interference;
	const focused = document.activeElement?.id ?? '';
	byId('hold').hidden = isHolding;
	byId('release').hidden = !isHolding;
	byId('release-reverse').hidden = !isHolding;
	// The focus must not get lost with the button that was pressed.
	if (isHolding && focused === 'hold') byId('release').focus();
	if (!isHolding && focused.startsWith('release')) byId('hold').focus();
	const effects = [
		isHolding && 'Deliveries are held back until you release them.',
		toLose > 0 && `The next ${plural(toLose, 'delivery', 'deliveries')} will be lost.`,
		toRepeat > 0 && `The next ${plural(toRepeat, 'delivery', 'deliveries')} will be sent twice.`,
	];
	setText(byId('interference'), effects.filter(Boolean).join(' '));
}

const INTERFERENCE = {
	hold: () => post('/deliveries/hold'),
	release: () => post('/deliveries/release', { order: 'same' }),
	'release-reverse': () => post('/deliveries/release', { order: 'reverse' }),
	lose: () => post('/deliveries/lose', { next: view.interference.toLose + 1 }),
	repeat: () => post('/deliveries/duplicate', { next: view.interference.toRepeat + 1, copies: 1 }),
};
for (const [id, run] of Object.entries(INTERFERENCE)) {
	byId(id).addEventListener('click', run);
}
byId('delivery-filter').addEventListener('input', renderDeliveries);

// Trouble

function renderTrouble() {
	renderList(
		byId('list-trouble'),
		view.trouble.map((trouble) => ({ ...trouble, id: trouble.name })),
		(trouble) => {
			const { name, title, effect } = trouble;
			const button = h('button', {
				type: 'button',
				className: 'switch',
				role: 'switch',
				'aria-labelledby': `trouble-${name}`,
				'aria-describedby': `effect-${name}`,
				onclick: () => toggleTrouble(name),
			});
			const element = h(
				'li',
				{},
				h('h3', { id: `trouble-${name}` }, title),
				button,
				h('div', {}, h('p', { id: `effect-${name}` }, effect), h('p', { className: 'hits' })),
			);
			updateTrouble(element, trouble);
			return element;
		},
		updateTrouble,
	);
}

function updateTrouble(element, { ruleIds, hits }) {
	const isOn = ruleIds.length > 0;
	element.className = isOn ? 'on' : '';
	element.querySelector('button').setAttribute('aria-checked', String(isOn));
	setText(
		element.querySelector('.hits'),
		isOn && hits > 0 ? `${plural(hits, 'request')} so far` : '',
	);
}

async function toggleTrouble(name) {
	const { ruleIds, rule } = view.trouble.find((trouble) => trouble.name === name);
	if (ruleIds.length === 0) await post('/faults', rule);
	for (const id of ruleIds) await control('DELETE', `/faults/${id}`);
}

// Ledger

function renderMovements() {
	renderLongList('movements', newestFirst(view.movements), (movement) => {
		const { direction, amount, from, to, request, requestSeq, reference, at, resourceType } =
			movement;
		const sign = direction === 'in' ? '+' : '−';
		const cause = request
			? `${request}, request ${requestSeq}`
			: capitalized(resourceType.replaceAll('_', ' '));
		return h(
			'li',
			{},
			h(
				'div',
				{ className: 'row' },
				h(
					'div',
					{ className: 'row-text' },
					h(
						'p',
						{ className: 'row-title' },
						h('span', {}, h('bdi', {}, capitalized(from)), ' to ', h('bdi', {}, to)),
					),
					h('p', { className: 'row-more' }, ...joined(cause, reference, time(at))),
				),
				h('p', { className: 'row-amount' }, `${sign} ${money(amount)}`),
			),
		);
	});
}

const CREDENTIAL = {
	baseUrl: 'Base URL',
	clientId: 'Client ID',
	clientSecret: 'Client Secret',
	apiKey: 'API Key',
};
const TILL_KINDS = {
	online: 'Online payments till: payment requests and payment links',
	mpesa: 'M-Pesa till: payments at the till, and payment links',
	card: 'Card terminal',
};

/** A button that copies a value, and says so for a moment. */
function copyButton(label, value) {
	const button = action(
		'Copy',
		async () => {
			await navigator.clipboard.writeText(value);
			announce(`${label} copied.`);
			setText(button, 'Copied');
			setTimeout(() => setText(button, 'Copy'), COPIED_MS);
		},
		{ 'aria-label': `Copy ${label}` },
	);
	return button;
}

function renderMerchant() {
	const { balance, received, paidOut, transactionLimit, credential, tills } = view.merchant;
	setText(byId('total-balance'), money(balance));
	setText(byId('total-in'), money(received));
	setText(byId('total-out'), money(paidOut));
	setText(byId('limit'), money(transactionLimit));
	renderList(
		byId('credential'),
		Object.entries(CREDENTIAL).map(([id, label]) => ({ id, label, value: credential[id] })),
		({ label, value }) =>
			h(
				'div',
				{},
				h('dt', {}, label),
				h('dd', {}, h('code', {}, value), ' '),
				h('dd', { className: 'copy' }, copyButton(label, value)),
			),
	);
	renderList(
		byId('tills'),
		tills.map((till) => ({ ...till, id: till.number })),
		({ number, name, kind }) => h('li', {}, row([h('code', {}, number), name], TILL_KINDS[kind])),
	);
}

// Everything

/** The phones that got a prompt with the last change. */
let newPrompts = [];
let knownPrompts = new Set();

function notePrompts() {
	const prompts = view.phones.flatMap(({ phone, name, prompts: own }) =>
		own.map((prompt) => ({ ...prompt, phone, name })),
	);
	const fresh = prompts.filter(({ id }) => !knownPrompts.has(id));
	newPrompts = fresh.map(({ phone }) => phone);
	for (const { name, amount, tillName } of fresh.slice(0, 3)) {
		announce(`${name} is asked to pay ${money(amount)} to ${tillName}.`);
	}
	knownPrompts = new Set(prompts.map(({ id }) => id));
	return prompts.length;
}

function renderBadges(prompts) {
	const counts = {
		phone: prompts,
		bank: view.bank.filter(({ isWaiting }) => isWaiting).length,
		trouble: view.trouble.filter(({ ruleIds }) => ruleIds.length > 0).length,
	};
	for (const link of document.querySelectorAll('#panels a')) {
		const badge = link.querySelector('.badge');
		const count = counts[link.hash.slice(1)] ?? 0;
		badge.hidden = count === 0;
		setText(badge, String(count));
	}
	const waiting = counts.phone + counts.bank;
	document.title = `${waiting > 0 ? `(${waiting}) ` : ''}${linkPath ? 'Payment link' : 'Kopo Kopo sandbox'}`;
}

/** Renders the panels whose data has changed. */
function render(changed) {
	const has = (...names) => names.some((name) => changed.includes(name));
	if (has('phones', 'bank', 'trouble')) renderBadges(notePrompts());
	if (has('phones')) renderPhones();
	if (has('phones', 'merchant')) renderOptions();
	if (has('phones', 'links')) renderLinkPage();
	if (has('links')) renderLinks();
	if (has('merchant')) renderMerchant();
	if (has('bank')) renderBank();
	if (has('trouble')) renderTrouble();
	if (has('interference')) renderInterference();
	if (has('payments')) renderPayments();
	if (has('deliveries')) renderDeliveries();
	if (has('movements')) renderMovements();
}

function merge(changes) {
	for (const [name, value] of Object.entries(changes)) {
		if (!LISTS.includes(name)) {
			view[name] = value;
			continue;
		}
		for (const id of value.removed) view[name].delete(id);
		for (const item of value.rows) view[name].set(item.id, item);
	}
}

function showPanel() {
	if (linkPath !== undefined) return;
	const names = [...document.querySelectorAll('#panels a')].map(({ hash }) => hash.slice(1));
	const isWide = matchMedia('(min-width: 64rem)').matches;
	const wanted = location.hash.slice(1);
	const fallback = isWide ? 'till' : 'phone';
	const isShown = names.includes(wanted) && !(isWide && wanted === 'phone');
	const current = isShown ? wanted : fallback;
	for (const name of names) {
		byId(`panel-${name}`).hidden = name !== current && !(isWide && name === 'phone');
		const link = document.querySelector(`#panels a[href="#${name}"]`);
		if (name === current) link.setAttribute('aria-current', 'page');
		else link.removeAttribute('aria-current');
	}
	// A hidden panel cannot scroll, and loses its position.
	showNewestMessage();
}

function showMore(name, renderRows) {
	byId(`more-${name}`).addEventListener('click', () => {
		shown[name] += PAGE_ROWS;
		renderRows();
	});
}
showMore('payments', renderPayments);
showMore('deliveries', renderDeliveries);
showMore('movements', renderMovements);

function connect() {
	const connection = byId('connection');
	const events = new EventSource('/phone/events');
	const stopWaiting = warnWhenSlow();
	events.addEventListener('view', ({ data }) => {
		for (const list of LISTS) view[list].clear();
		const everything = JSON.parse(data);
		merge(everything);
		stopWaiting();
		showProblem('');
		connection.classList.add('live');
		setText(connection, 'Live');
		render([...LISTS, ...Object.keys(everything)]);
	});
	events.addEventListener('change', ({ data }) => {
		const changes = JSON.parse(data);
		merge(changes);
		render(Object.keys(changes));
	});
	events.addEventListener('error', () => {
		connection.classList.remove('live');
		stopWaiting();
		setText(connection, 'Not connected');
		showProblem('The sandbox has stopped. This page connects again when it runs.');
		// The browser tries again by itself, unless another program has answered.
		if (events.readyState === EventSource.CLOSED) setTimeout(connect, RECONNECT_MS);
	});
}

if (linkPath !== undefined) {
	document.body.classList.add('pay');
	byId('panels').hidden = true;
	byId('panel-link').hidden = false;
	for (const panel of document.querySelectorAll('.panel')) {
		panel.hidden = panel.id !== 'panel-link' && panel.id !== 'panel-phone';
	}
}
addEventListener('hashchange', showPanel);
// A page that the browser has kept and shows again, as after "Back", has lost its connection.
addEventListener('pageshow', ({ persisted }) => {
	if (persisted) location.reload();
});
matchMedia('(min-width: 64rem)').addEventListener('change', showPanel);
showPanel();
tick();
connect();
