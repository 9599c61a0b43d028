// On a narrow screen the list of conversations lies over the page: it is closed once one of them, or a new one, is
// opened. A conversation that is opened is shown at its last question.

const NARROW = "(max-width: 768px)";
const OPENS = '[class*="st-key-chat-"] button, .st-key-new-chat button';
const CLOSE = '[data-testid="stSidebarCollapseButton"] button';
const DRAWN_WITHIN_MS = 5000;
const HELD_MS = 3000;
const ACTS = ["wheel", "touchstart", "pointerdown", "keydown"];

export default function (component) {
  window.tpaHistoryStops?.();
  const listening = new AbortController();
  window.tpaHistoryStops = () => listening.abort();
  const closeAfter = (event) => {
    const isChoice = event.target instanceof Element && event.target.closest(OPENS);
    if (!isChoice || !matchMedia(NARROW).matches) return;
    // After the click has reached Streamlit.
    setTimeout(() => document.querySelector(CLOSE)?.click(), 0);
  };
  document.addEventListener("click", closeAfter, { capture: true, signal: listening.signal });

  const { key, question, turns } = component.data;
  const isOpened = window.tpaConversation !== key;
  window.tpaConversation = key;
  if (isOpened && turns > 1 && !location.hash) toLast(question, performance.now() + DRAWN_WITHIN_MS);
}

// The list is drawn before the turns: wait until those of this conversation are there.
function toLast(question, until) {
  const drawn = [...document.querySelectorAll(".tpa-question h2")].at(-1);
  if (drawn?.textContent === question) hold(drawn.closest('[class*="st-key-tpa-turn-"]'));
  else if (performance.now() < until) setTimeout(() => toLast(question, until), 50);
}

// What is above may still grow, as when its font arrives, and the question box below may not be drawn yet: the turn is
// brought back to the top until the reader does something.
function hold(turn) {
  const show = () => turn.isConnected && turn.scrollIntoView({ block: "start" });
  const growing = new ResizeObserver(show);
  const released = new AbortController();
  const release = () => {
    growing.disconnect();
    released.abort();
  };
  for (const act of ACTS) document.addEventListener(act, release, { capture: true, signal: released.signal });
  growing.observe(turn.closest('[data-testid="stMainBlockContainer"]'));
  setTimeout(release, HELD_MS);
  show();
}
