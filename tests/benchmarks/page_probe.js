// Runs in a page before anything of it: counts what comes over the websocket, and notes when a thing that is looked
// for was first seen and when the page changed last. Times are milliseconds since the page was asked for.
(() => {
  const probe = (window.tpaProbe = { messages: 0, bytes: 0, changedAt: 0, startedAt: 0, seenAt: null, sought: null });

  const Plain = window.WebSocket;
  window.WebSocket = class extends Plain {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", ({ data }) => {
        probe.messages += 1;
        probe.bytes += data.byteLength ?? data.size ?? data.length;
      });
    }
  };

  const isSeen = ({ selector, inView }) => {
    const found = [...document.querySelectorAll(selector)].at(-1);
    if (!found || !inView) return Boolean(found);
    const at = found.getBoundingClientRect();
    return at.height > 0 && at.bottom > 0 && at.top < innerHeight;
  };
  const isRunning = () => document.querySelector('[data-testid="stApp"]')?.dataset.testScriptState !== "notRunning";
  // The sign that something runs goes some time after the run.
  const STATUS = '[data-testid="stHeader"], [data-testid="stStatusWidget"], #tpa-float';
  const counts = ({ target }) => target instanceof Element && !target.closest(STATUS) && target !== document.body;

  probe.seek = (sought) => {
    Object.assign(probe, { messages: 0, bytes: 0, startedAt: performance.now(), seenAt: null, sought });
    probe.changedAt = probe.startedAt;
  };
  // All that is followed asks the server: before its first word nothing has been done, however quiet the page is.
  probe.found = (quietMs) => {
    const now = performance.now();
    if (probe.seenAt === null || !probe.messages || isRunning() || now - probe.changedAt < quietMs) return null;
    return {
      seen_s: (probe.seenAt - probe.startedAt) / 1000,
      idle_s: (Math.max(probe.changedAt, probe.seenAt) - probe.startedAt) / 1000,
      messages: probe.messages,
      bytes: probe.bytes,
      nodes: document.querySelectorAll("*").length,
    };
  };

  new MutationObserver((changes) => {
    if (changes.some(counts)) probe.changedAt = performance.now();
  }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
  (function look() {
    if (probe.seenAt === null && probe.sought && isSeen(probe.sought)) probe.seenAt = performance.now();
    requestAnimationFrame(look);
  })();
})();
