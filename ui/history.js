// On a narrow screen the list of conversations lies over the page: it is closed once one of them, or a new one, is opened.

const NARROW = "(max-width: 768px)";
const OPENS = '[class*="st-key-chat-"] button, .st-key-new-chat button';
const CLOSE = '[data-testid="stSidebarCollapseButton"] button';

export default function () {
  const listening = new AbortController();
  const closeAfter = (event) => {
    const isChoice = event.target instanceof Element && event.target.closest(OPENS);
    if (!isChoice || !matchMedia(NARROW).matches) return;
    // After the click has reached Streamlit.
    setTimeout(() => document.querySelector(CLOSE)?.click(), 0);
  };
  document.addEventListener("click", closeAfter, { capture: true, signal: listening.signal });
  return () => listening.abort();
}
