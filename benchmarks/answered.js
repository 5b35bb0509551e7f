// Notes on the page's clock when something was asked, when its answer is on screen, and when the
// first chart was drawn. An answer ends with the message that says that a script has finished (a
// Streamlit ForwardMsg of its metadata and two bytes), and is on screen when the browser then has
// nothing left to do.
// How the page marks a running script is of no use: a quick one is over before it is drawn.
(() => {
  const METADATA = 0x12;
  const FINISHED = 0x30;
  const isEnd = (bytes) =>
    bytes[0] === METADATA && bytes.length === bytes[1] + 4 && bytes.at(-2) === FINISHED;
  const times = (window.depotTimes = { asked: 0, sent: 0, done: 0, chart: 0 });
  const ask = () => Object.assign(times, { asked: performance.now(), sent: 0, done: 0 });
  addEventListener("keydown", ask, true);
  addEventListener("pointerdown", ask, true);

  const shown = (asked) =>
    requestIdleCallback(() =>
      requestAnimationFrame(() => {
        if (times.asked === asked) times.done ||= performance.now();
      }),
    );
  const Plain = window.WebSocket;
  window.WebSocket = class extends Plain {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", ({ data }) => {
        if (isEnd(new Uint8Array(data)) && times.sent && !times.done) shown(times.asked);
      });
    }
    send(data) {
      if (times.asked) times.sent ||= performance.now();
      super.send(data);
    }
  };

  new MutationObserver(() => {
    if (!times.chart && document.querySelector(".js-plotly-plot .main-svg"))
      times.chart = performance.now();
  }).observe(document, { childList: true, subtree: true });
})();
