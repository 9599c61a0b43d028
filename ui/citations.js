// Citation chips: a click asks Python to open the passage, hover or focus shows a card with its source and quote.
// The chips are plain links drawn by the page (`#cite-<turn>-<marker>`); this only listens. Text is set as textContent.
// The events of a timeline are links of the same kind (`#event-<turn>-<place>`), without a card.

const CHIP = 'a.tpa-cite[href*="#cite-"]';
const EVENT = 'a.tpa-event[href*="#event-"]';
const HEADER_PX = 64;
const MARGIN_PX = 8;
const LEAVE_MS = 160;

export default function (component) {
  window.tpaStopListening?.();
  const listening = new AbortController();
  const options = { capture: true, signal: listening.signal };
  const page = document.querySelector(".stApp") ?? document.body;
  const card = floating("div", "tpa-float");
  const status = floating("div", "tpa-sr");
  card.setAttribute("role", "tooltip");
  card.id = "tpa-float";
  status.setAttribute("role", "status");

  let leaving = 0;
  let shownFor = null;
  let clicked = null;

  const at = (event, what) => (event.target instanceof Element ? event.target.closest(what) : null);
  const chipAt = (event) => at(event, CHIP);
  const open = (link) => {
    clicked = link;
    hide();
    component.setTriggerValue("cite", link.getAttribute("href").split("#")[1].replace(/^cite-/, ""));
  };

  function show(chip) {
    clearTimeout(leaving);
    const hidden = chip.nextElementSibling;
    if (!hidden?.classList.contains("tpa-hover") || document.querySelector('[role="dialog"]')) return;
    card.replaceChildren(
      ...["meta", "title", "quote", "applies", "check"].map((part) => {
        const line = document.createElement("div");
        line.className = `tpa-float-${part}`;
        line.dir = "auto";
        line.textContent = hidden.querySelector(`.tpa-hover-${part}`)?.textContent ?? "";
        return line;
      }),
    );
    card.style.fontFamily = getComputedStyle(page).fontFamily;
    card.hidden = false;
    shownFor?.removeAttribute("aria-describedby");
    shownFor = chip;
    chip.setAttribute("aria-describedby", card.id);
    place(chip.getBoundingClientRect());
  }

  // Above the chip where it fits, else where there is more room, and never over it: a click would end in the card.
  function place(at) {
    const width = document.documentElement.clientWidth;
    const height = document.documentElement.clientHeight;
    const left = Math.min(at.left - 24, width - card.offsetWidth - MARGIN_PX);
    card.style.maxHeight = "";
    const above = at.top - MARGIN_PX - HEADER_PX;
    const below = height - MARGIN_PX - (at.bottom + MARGIN_PX);
    const isAbove = card.offsetHeight <= above || above > below;
    const room = Math.max(isAbove ? above : below, 0);
    if (card.offsetHeight > room) card.style.maxHeight = `${room}px`;
    card.style.left = `${Math.max(left, MARGIN_PX)}px`;
    card.style.top = `${isAbove ? at.top - MARGIN_PX - card.offsetHeight : at.bottom + MARGIN_PX}px`;
  }

  function hide() {
    clearTimeout(leaving);
    card.hidden = true;
    shownFor?.removeAttribute("aria-describedby");
    shownFor = null;
  }

  function hideSoon() {
    clearTimeout(leaving);
    leaving = setTimeout(hide, LEAVE_MS);
  }

  document.addEventListener(
    "click",
    (event) => {
      const chip = at(event, `${CHIP}, ${EVENT}`);
      if (!chip || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
      event.preventDefault();
      event.stopPropagation();
      open(chip);
    },
    options,
  );
  document.addEventListener("mouseover", (event) => {
    const chip = chipAt(event);
    if (chip) show(chip);
    else if (card.contains(event.target)) clearTimeout(leaving);
    else if (!card.hidden) hideSoon();
  }, options);
  document.addEventListener("focusin", (event) => {
    const chip = chipAt(event);
    // Focus that comes back from a closed drawer is no wish to see the card again.
    if (chip && chip !== clicked && chip.matches(":focus-visible")) show(chip);
    clicked = null;
  }, options);
  document.addEventListener("focusout", (event) => chipAt(event) && hideSoon(), options);
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide(), options);
  document.addEventListener("scroll", (event) => !card.contains(event.target) && hide(), options);

  const scrolled = new WeakSet();
  const awaited = new Set();
  function look() {
    // The drawer is drawn outside .stApp; this lets light-dark() follow the reader's theme there too.
    document.documentElement.style.colorScheme = getComputedStyle(page).colorScheme;
    const mark = document.querySelector('[role="dialog"] .tpa-article mark');
    if (mark && !scrolled.has(mark)) {
      scrolled.add(mark);
      requestAnimationFrame(() => mark.scrollIntoView({ block: "center" }));
    }
    for (const state of document.querySelectorAll(".tpa-state")) {
      if (state.dataset.state === "working") {
        if (!awaited.has(state.dataset.turn)) toTop(state);
        awaited.add(state.dataset.turn);
      }
    }
    for (const state of document.querySelectorAll('.tpa-state:not([data-state="working"])')) {
      const { turn, says } = state.dataset;
      // Both marks of a turn can stand there for a moment; saying it then would call this again, without end.
      const isWorking = document.querySelector(`.tpa-state[data-state="working"][data-turn="${CSS.escape(turn)}"]`);
      if (!isWorking && awaited.delete(turn)) status.textContent = says ?? "";
    }
    for (const row of document.querySelectorAll('[class*="st-key-tpa-row-"], [class*="st-key-tpa-source-"]')) nameButtons(row);
    toListTop();
    if (shownFor && !shownFor.isConnected) hide();
  }

  // After "Older" or "Newer" the list begins anew above what is in view.
  let from = null;
  function toListTop() {
    const mark = document.querySelector(".tpa-from");
    const list = mark?.closest('[class*="st-key-tpa-rows-"]');
    const isTurned = mark && from !== null && mark.dataset.from !== from;
    from = mark?.dataset.from ?? null;
    if (isTurned && list.getBoundingClientRect().top < HEADER_PX) list.scrollIntoView({ block: "start" });
  }

  const observer = new MutationObserver(look);
  observer.observe(document.body, { childList: true, subtree: true });
  look();
  // The answer may be over before anything of it is drawn; in another conversation none is awaited.
  document.addEventListener(
    "tpa-asked",
    ({ detail: turn }) => {
      awaited.clear();
      if (!turn) return;
      awaited.add(turn);
      look();
    },
    options,
  );

  // A chip opened in a new tab arrives here as an address with its fragment.
  if (location.hash.startsWith("#cite-") && !window.tpaFragmentSeen) {
    component.setTriggerValue("cite", location.hash.slice("#cite-".length));
  }
  window.tpaFragmentSeen = true;

  window.tpaStopListening = () => {
    listening.abort();
    observer.disconnect();
    clearTimeout(leaving);
    card.remove();
    status.remove();
  };
  return window.tpaStopListening;
}

// Brings a new question to the top of the page; its answer then grows below it.
function toTop(state) {
  const turn = state.closest('[class*="st-key-tpa-turn-"]');
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  turn?.scrollIntoView({ block: "start", behavior: isCalm ? "auto" : "smooth" });
}

// The buttons of a row are named after its article or source: "Open 1: Title". What they show stays the short word.
function nameButtons(row) {
  const title = row.querySelector(".tpa-row-title")?.textContent;
  if (!title) return;
  for (const button of row.querySelectorAll("button")) {
    // Streamlit draws the sign of a menu as a word.
    const word = (button.querySelector("p") ?? button).textContent.trim();
    const name = `${word}: ${title}`;
    if (button.getAttribute("aria-label") !== name) button.setAttribute("aria-label", name);
  }
}

function floating(tag, className) {
  const element = document.createElement(tag);
  element.className = className;
  if (className === "tpa-float") element.hidden = true;
  document.body.append(element);
  return element;
}
