// Where the reader wants no motion, a part that unfolds is open at once. Streamlit slides it by script, which no style
// sheet can stop; page.css stills the rest.

const CALM = matchMedia("(prefers-reduced-motion: reduce)");
// Streamlit begins to slide within a frame or two of the click.
const FRAMES = 5;

export default function () {
  window.tpaMotionStops?.();
  const listening = new AbortController();
  window.tpaMotionStops = () => listening.abort();
  const finish = (part, frames) => {
    for (const slide of part.getAnimations()) slide.finish();
    if (frames > 0) requestAnimationFrame(() => finish(part, frames - 1));
  };
  const unfolds = (event) => {
    const summary = event.target instanceof Element && event.target.closest("summary");
    if (summary && CALM.matches) requestAnimationFrame(() => finish(summary.parentElement, FRAMES));
  };
  document.addEventListener("click", unfolds, { capture: true, signal: listening.signal });
}
