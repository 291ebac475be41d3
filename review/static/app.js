// What the pages need beyond HTML and htmx: keys, dialogs, the marks of the passage in question, selected text.
// Nothing is remembered of the page: htmx replaces parts of it, so every element is looked up when it is needed.

// htmx's event names, here alone: another major version means another four lines.
const BEFORE_REQUEST = "htmx:before:request";
const AFTER_REQUEST = "htmx:finally:request";
const AFTER_SWAP = "htmx:after:swap";
const ANSWER_IS_ERROR = "htmx:response:error";
const NO_ANSWER = "htmx:error";

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

/* Keys: each key presses the button it is printed on. */

const SWITCH = "milepost.shortcuts";
const keysAreOn = () => localStorage.getItem(SWITCH) !== "off";

function showSwitch() {
  document.documentElement.classList.toggle("no-keys", !keysAreOn());
  for (const button of $$("[data-switch-keys]")) {
    button.setAttribute("aria-pressed", String(keysAreOn()));
    $("[data-state]", button).textContent = keysAreOn() ? "on" : "off";
  }
}

let inFlight = 0; // decisions on their way: keys wait for them
let settled = 0; // answers shown so far, for tests to wait on

const isQuiet = (element) => Boolean(element?.closest?.("[data-quiet]"));

function showBusy() {
  $("#item")?.setAttribute("aria-busy", String(inFlight > 0));
  document.documentElement.dataset.settled = String(settled);
}

function isTyping(target) {
  return Boolean(target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]"));
}

function pressable(key) {
  return $$(`[data-key~="${CSS.escape(key)}"]`).find(
    (element) => !element.disabled && !element.closest("[hidden], dialog:not([open])") && element.checkVisibility(),
  );
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
  const dialog = $("dialog[open]");
  if (dialog) {
    // Inside a dialog only its own keys count, and only where nobody is typing.
    const own = !event.repeat && !isTyping(event.target) && $(`[data-dialog-key="${CSS.escape(event.key)}"]`, dialog);
    if (own && keysAreOn() && inFlight === 0) {
      event.preventDefault();
      own.click();
    }
    return;
  }
  if (event.key === "Escape") {
    const cancel = $("[data-cancel]");
    if (cancel) {
      event.preventDefault();
      if (inFlight === 0 && !event.repeat) cancel.click();
    }
    return;
  }
  if (isTyping(event.target) || !keysAreOn()) return;
  const target = pressable(event.key.length === 1 ? event.key.toLowerCase() : event.key);
  if (!target) return;
  event.preventDefault();
  if (event.repeat || inFlight > 0) return; // a held key decides once
  target.click();
});

/* Clicks: dialogs, links to passages, zoom, the switch. */

document.addEventListener("click", (event) => {
  const target = event.target.closest?.("[data-focus], [data-open], [data-close], [data-jump], [data-zoom], [data-step], [data-switch-keys], .sheet");
  if (!target) return;
  if (target.dataset.focus) {
    // Once the browser has opened what it stands for.
    setTimeout(() => document.getElementById(target.dataset.focus)?.focus());
  } else if (target.dataset.open) {
    const dialog = document.getElementById(target.dataset.open);
    if (dialog && !dialog.open) dialog.showModal();
  } else if ("close" in target.dataset) {
    target.closest("dialog")?.close();
  } else if (target.dataset.jump) {
    event.preventDefault();
    jump(target.dataset.jump);
  } else if (target.dataset.zoom) {
    zoom(target.dataset.zoom);
  } else if (target.dataset.step) {
    step(Number(target.dataset.step));
  } else if ("switchKeys" in target.dataset) {
    localStorage.setItem(SWITCH, keysAreOn() ? "off" : "on");
    showSwitch();
  } else if (target.matches(".sheet")) {
    openMarkAt(target, event);
  }
});

function step(by) {
  const links = $$(".rows a");
  const here = links.findIndex((link) => link.getAttribute("aria-current") === "true");
  const next = links[here < 0 ? 0 : here + by];
  if (next) next.click();
  else if (by > 0) $("#more button")?.click();
}

const ZOOMS = ["", "z125", "z150", "z200"];

function zoom(step) {
  const sheets = $(".sheets");
  if (!sheets) return;
  const now = Math.max(0, ZOOMS.findIndex((name) => name && sheets.classList.contains(name)));
  const next = Math.min(ZOOMS.length - 1, Math.max(0, now + Number(step)));
  sheets.classList.remove(...ZOOMS.filter(Boolean));
  if (ZOOMS[next]) sheets.classList.add(ZOOMS[next]);
}

/* The passage in question. Marks carry the keys of what was read from them. */

const marksOf = (key) => $$(`#document [data-marks~="${CSS.escape(key)}"]`);

function reveal(element, block = "center") {
  const pane = element?.closest(".pane");
  if (!pane) return;
  // Only the pane moves: scrollIntoView would move the page as well.
  const box = element.getBoundingClientRect();
  const view = pane.getBoundingClientRect();
  const head = $(":scope > header", pane)?.getBoundingClientRect();
  const top = head ? Math.max(view.top, Math.min(head.bottom, view.top + head.height)) : view.top;
  if (box.top >= top + 4 && box.bottom <= view.bottom - 8) return;
  const room = view.bottom - top;
  pane.scrollTop += box.top - top - (block === "center" ? Math.max(16, (room - box.height) / 3) : 4);
}

function jump(key) {
  for (const element of $$("#document .linked")) element.classList.remove("linked");
  const found = marksOf(key);
  for (const element of found) if (!element.matches(".current")) element.classList.add("linked");
  const first = found[0] ?? document.getElementById(key);
  reveal(first?.querySelector("rect") ?? first);
  say(first ? "" : "That passage is not on the pages shown.");
}

/** Go to an item as its row would; there may be no row of it. */
function open(id) {
  const row = document.getElementById(`row-${id}`)?.querySelector("a");
  if (row) row.click();
  else location.assign(`${document.body.dataset.root}/items/${id}`);
}

function openMarkAt(sheet, event) {
  if (String(getSelection())) return;
  for (const group of $$(".marks [data-item]", sheet)) {
    for (const rect of $$("rect", group)) {
      const box = rect.getBoundingClientRect();
      const hit = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
      if (hit && !group.classList.contains("current")) {
        open(group.dataset.item);
        return;
      }
    }
  }
}

/** Mark what the panel is about, in the document and in the list, and bring it into view. */
function follow() {
  const changes = $("#changes");
  for (const id of changes?.dataset.settled?.split(" ").filter(Boolean) ?? []) for (const mark of marksOf(id)) mark.classList.add("settled");
  for (const id of changes?.dataset.opened?.split(" ").filter(Boolean) ?? []) for (const mark of marksOf(id)) mark.classList.remove("settled");
  const panel = $("#item [data-current]");
  const key = panel?.dataset.current ?? "";
  for (const element of $$("#document .current, #document .linked")) element.classList.remove("current", "linked");
  if (!key) return;
  const found = marksOf(key);
  for (const element of found) {
    element.classList.add("current");
    if (element.matches("g")) element.parentNode.append(element); // on top of its neighbours
  }
  const first = found[0];
  if (first) reveal(first.querySelector("rect") ?? first);
  for (const link of $$(".rows a[aria-current]")) link.removeAttribute("aria-current");
  const row = document.getElementById(`row-${key}`)?.querySelector("a");
  if (row) {
    row.setAttribute("aria-current", "true");
    reveal(row, "start");
  }
}

/* Selected text becomes a milestone that the program missed. */

/** The characters of the document's text that a range covers, null if it is not in the document. */
function covered(range) {
  const root = $("#document");
  if (!root || !root.contains(range.commonAncestorContainer)) return null;
  const around = range.commonAncestorContainer;
  const whole = around.nodeType === Node.TEXT_NODE ? around.parentElement.closest("[data-s]") : around;
  if (!whole) return null;
  const parts = whole.matches("[data-s]") ? [whole] : $$("[data-s]", whole).filter((part) => range.intersectsNode(part));
  if (parts.length === 0) return null;
  const [first, last] = [parts[0], parts[parts.length - 1]];
  const from = first.contains(range.startContainer) && range.startContainer.nodeType === Node.TEXT_NODE ? range.startOffset : 0;
  const length = last.textContent.trimEnd().length;
  const inLast = last.contains(range.endContainer) && range.endContainer.nodeType === Node.TEXT_NODE;
  const to = inLast ? Math.min(range.endOffset, length) : length;
  return { start: Number(first.dataset.s) + from, end: Number(last.dataset.s) + to };
}

document.addEventListener("selectionchange", () => {
  const bar = $("#selection");
  if (!bar) return;
  const selection = getSelection();
  const text = String(selection).replace(/\s+/g, " ").trim();
  if (!text || selection.rangeCount === 0) {
    // A click on the bar's own button ends the selection: what was selected stays until something else is.
    if (!bar.contains(document.activeElement)) bar.hidden = true;
    return;
  }
  const found = covered(selection.getRangeAt(0));
  if (!found || found.end <= found.start) return;
  $("[name=start]", bar).value = found.start;
  $("[name=end]", bar).value = found.end;
  $("q", bar).textContent = text.length > 160 ? `${text.slice(0, 160)}…` : text;
  bar.hidden = false;
});

/* Colleagues are told what one has open, but not what a forgotten page has open. */

const AWAY = 10 * 60_000;
let active = Date.now();
for (const name of ["keydown", "pointerdown", "pointermove"]) {
  document.addEventListener(name, () => { active = Date.now(); }, { passive: true });
}

const isAway = () => document.hidden || Date.now() - active > AWAY;

/* Requests. */

function say(words) {
  const region = $("#live");
  if (region && words) region.textContent = words;
}

document.addEventListener(BEFORE_REQUEST, (event) => {
  if (event.target.id === "present" && isAway()) event.preventDefault();
  if (isQuiet(event.target)) return;
  inFlight += 1;
  showBusy();
});

document.addEventListener(AFTER_REQUEST, (event) => {
  if (isQuiet(event.target)) return;
  inFlight = Math.max(0, inFlight - 1);
  settled += 1;
  showBusy();
});

document.addEventListener(ANSWER_IS_ERROR, (event) => {
  const ctx = event.detail.ctx;
  // Clashes and bad input have a panel of their own; everything else must not take the place of what was shown.
  if ([409, 422].includes(ctx.response.status)) return;
  ctx.target = $("#alerts") ?? ctx.target;
  ctx.swap = "innerHTML";
});

document.addEventListener(NO_ANSWER, (event) => {
  const ctx = event.detail?.ctx;
  if (!ctx || ctx.response) return;
  const alerts = $("#alerts");
  if (!alerts) return;
  const words = document.createElement("p");
  words.className = "note bad";
  words.textContent = "The server does not answer. Nothing was decided; try again in a moment.";
  alerts.replaceChildren(words);
});

document.addEventListener(AFTER_SWAP, (event) => {
  const target = event.detail?.ctx?.target ?? event.target;
  if (target?.id !== "item" && target?.id !== "document") return;
  if (target.id === "item" && !isQuiet(event.target)) {
    $("#alerts")?.replaceChildren();
    const focus = $("#item [autofocus]") ?? $("#item h1");
    focus?.focus({ preventScroll: true });
    if (target.scrollTop) target.scrollTop = 0;
    const bar = $("#selection");
    if (bar) bar.hidden = true;
  }
  follow();
});

document.addEventListener("change", (event) => {
  // A choice that shows the fields it needs and hides the others.
  const chooser = event.target.closest?.("[data-shows]");
  if (chooser) showChosen(chooser);
});

function showChosen(chooser) {
  for (const part of $$("[data-shown-for]", chooser.form ?? document)) {
    part.hidden = !part.dataset.shownFor.split(" ").includes(chooser.value);
  }
}

showSwitch();
showBusy();
follow();
addEventListener("load", follow, { once: true }); // pictures have their places now
