// What a keyboard and the eye need around the question box: "/" goes to it, a question that was just asked comes to the
// top, and a form that was opened gets the focus and Escape closes it.

const BOX = "[data-testid=stChatInput] textarea";
const FORM = ".st-key-tpa-edit";
const PILL = '[class*="st-key-pill-"] button';
const TURNS = ".st-key-tpa-turns";
const DRAWN_WITHIN_MS = 5000;
const HELD_MS = 60000;
const ACTS = ["wheel", "touchstart", "pointerdown", "keydown"];

export default function (component) {
  window.tpaAskingStops?.();
  const listening = new AbortController();
  const box = () => document.querySelector(BOX);

  document.addEventListener(
    "keydown",
    (event) => {
      const at = event.target instanceof Element ? event.target : document.body;
      if (event.key === "Escape" && at.closest(FORM)) cancel();
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      const isTyping = at.closest('input, textarea, select, [contenteditable="true"], [role="dialog"], [role="listbox"]');
      if (isTyping || document.querySelector('[role="dialog"]')) return;
      event.preventDefault();
      box()?.focus();
    },
    { signal: listening.signal },
  );

  const name = () => {
    box()?.setAttribute("aria-keyshortcuts", "/");
    for (const pill of document.querySelectorAll(PILL)) {
      const words = pill.querySelector("p")?.textContent;
      if (words) pill.setAttribute("aria-label", `Remove filter: ${words}`);
    }
  };
  const observer = new MutationObserver(name);
  observer.observe(document.body, { childList: true, subtree: true, characterData: true });
  name();
  window.tpaAskingStops = () => {
    listening.abort();
    observer.disconnect();
  };

  const { shown, asked, edited } = component.data;
  if (window.tpaShown && shown !== window.tpaShown) tellAwaited("");
  if (asked && asked !== window.tpaAsked) {
    const turn = asked.split("-").at(-1);
    // Its end is told to those who do not see it, also where it is there before anything of it was drawn.
    tellAwaited(turn);
    whenDrawn(`.st-key-tpa-turn-${turn}`, toTop);
    // For fingers a box with the focus has a keyboard, which would hide the answer.
    if (document.activeElement === box() && matchMedia("(pointer: coarse)").matches) box().blur();
  }
  if (edited && edited !== window.tpaEdited) whenDrawn(`${FORM} textarea`, (field) => toEnd(field));
  Object.assign(window, { tpaShown: shown, tpaAsked: asked, tpaEdited: edited });
  return window.tpaAskingStops;
}

function tellAwaited(turn) {
  document.dispatchEvent(new CustomEvent("tpa-asked", { detail: turn }));
}

function cancel() {
  [...document.querySelectorAll(`${FORM} button`)].find((button) => button.textContent.trim() === "Cancel")?.click();
}

function toTop(turn) {
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  turn.scrollIntoView({ block: "start", behavior: isCalm ? "auto" : "smooth" });
  hold(turn);
}

// What is above loses its suggestions, and later folds: the question is brought back to the top, until the reader does
// something.
function hold(turn) {
  window.tpaHoldStops?.();
  const list = turn.closest(TURNS);
  if (!list) return;
  const offset = () => turn.getBoundingClientRect().top - list.getBoundingClientRect().top;
  let before = offset();
  const changing = new ResizeObserver(() => {
    if (!turn.isConnected) return release();
    if (offset() === before) return;
    before = offset();
    turn.scrollIntoView({ block: "start" });
  });
  const released = new AbortController();
  const release = () => {
    changing.disconnect();
    released.abort();
  };
  for (const act of ACTS) document.addEventListener(act, release, { capture: true, signal: released.signal });
  changing.observe(list);
  setTimeout(release, HELD_MS);
  window.tpaHoldStops = release;
}

function toEnd(field) {
  field.closest(FORM).scrollIntoView({ block: "center" });
  field.focus({ preventScroll: true });
  field.setSelectionRange(field.value.length, field.value.length);
}

function whenDrawn(selector, act, until = performance.now() + DRAWN_WITHIN_MS) {
  const found = document.querySelector(selector);
  if (found) act(found);
  else if (performance.now() < until) setTimeout(() => whenDrawn(selector, act, until), 50);
}
