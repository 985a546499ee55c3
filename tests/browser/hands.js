// Holds what keeps a page alive: its streams and its timers, so that a test can count them, tell the page frames of its
// own in fast time, and make its timers run faster. Put there before the page's own scripts run, beside probe.js.
window.hands = (() => {
  const open = new Set(), timers = new Set(), plots = { made: 0 };
  let told = null, alone = false, fast = 1;
  const later = window.setTimeout.bind(window), every = window.setInterval.bind(window), unlater = window.clearTimeout.bind(window);
  window.setTimeout = (f, ms = 0, ...args) => {
    const id = later(() => { timers.delete(id); f(...args); }, ms / fast);
    timers.add(id);
    return id;
  };
  window.setInterval = (f, ms, ...args) => {
    const id = every(f, ms / fast, ...args);
    timers.add(id);
    return id;
  };
  window.clearTimeout = window.clearInterval = (id) => { timers.delete(id); unlater(id); };

  const keep = (e) => { const data = JSON.parse(e.data); if (data.head) told = { epoch: e.lastEventId.split("-")[0], data }; };
  window.EventSource = class extends EventSource {
    constructor(url) {
      super(url);
      open.add(this);
      super.addEventListener("plant", (e) => { if (e.isTrusted) keep(e); });
    }
    addEventListener(kind, f) { super.addEventListener(kind, (e) => { if (!(alone && e.isTrusted)) f(e); }); }
    close() { open.delete(this); super.close(); }
  };
  const stream = () => [...open].at(-1);

  // A number that wanders, the same in every run.
  let seed = 7;
  const chance = () => ((seed = (seed * 48271) % 2147483647) / 2147483647);
  const near = (x, by) => (typeof x === "number" ? Math.max(0, x * (1 + by * (chance() - 0.5))) : x);
  const STATES = ["production", "production", "production", "setup", "delay"];
  // The next frame: every machine heard anew, its figures a little different, now and then in another state; the head, too.
  function next(step, change) {
    const { data } = told;
    data.now_ms += step;
    for (const x of data.tiles) {
      if (!x.asof_ms) continue;
      x.asof_ms = data.now_ms;
      for (const k of ["power_kw", "time_utilization", "oee", "energy_per_good", "scrap_ratio"]) x[k] = near(x[k], 0.02);
      if (x.level === "unit" && chance() < change) Object.assign(x, { state: STATES[Math.floor(chance() * 5)], since_ms: data.now_ms, cause: "failure", order: `wo-${Math.floor(chance() * 1e6)}` });
    }
    for (const w of Object.values(data.head.windows)) for (const c of w.classes || []) for (const i of c.indicators) i.value = near(i.value, 0.02);
    return new MessageEvent("change", { data: JSON.stringify(data), lastEventId: `${told.epoch}-0` });
  }
  return {
    counts: () => ({ streams: open.size, timers: timers.size }),
    hurry: (times) => { fast = times; },
    live: () => { alone = false; },
    // So many frames, each drawn before the next is told, with nothing between them.
    async pump(n, step, change) {
      alone = true;
      const frame = window.requestAnimationFrame;
      let wanted = null;
      window.requestAnimationFrame = (f) => { wanted = f; return 1; };
      try {
        for (let i = 0; i < n; i++) {
          stream().dispatchEvent(next(step, change));
          const draw = wanted;
          wanted = null;
          if (draw) draw(performance.now());
          if (i % 200 === 199) await new Promise((done) => later(done, 0));
        }
      } finally { window.requestAnimationFrame = frame; }
      if (wanted) wanted(performance.now());
    },
    // The same, one after the other in so many ms each, drawn as a page draws by itself; gives what moved.
    async jumps(n, step, change, ms) {
      alone = true;
      const moved = [], where = (x) => `${x.node?.nodeName} ${x.node?.className || x.node?.textContent?.slice(0, 30)} ${Math.round(x.previousRect.y)}>${Math.round(x.currentRect.y)}`;
      // A unit that makes room in its own line for a number with another digit (0.999 min, 1.00 min) does not jump, nor does
      // a number in a column that begins further left.
      const aside = (x) => x.node?.nodeName === "#text" && x.previousRect.y === x.currentRect.y && x.previousRect.height === x.currentRect.height
        && x.node.parentElement?.closest(".value, td.num");
      const take = (entries) => { for (const e of entries) if (!e.sources.length || !e.sources.every(aside)) moved.push(`${e.value.toFixed(4)} ${e.sources.slice(0, 4).map(where).join(" | ")}`); };
      const watch = new PerformanceObserver((list) => take(list.getEntries()));
      watch.observe({ type: "layout-shift" });
      for (let i = 0; i < n; i++) {
        stream().dispatchEvent(next(step, change));
        await new Promise((done) => later(done, ms));
      }
      take(watch.takeRecords());
      watch.disconnect();
      return moved;
    },
    // Another room of the page that stands there, until it is drawn.
    async enter(query, shows) {
      history.pushState(null, "", query);
      dispatchEvent(new PopStateEvent("popstate"));
      for (let i = 0; i < 1000; i++) {
        await new Promise((done) => later(done, 10));
        if (!document.querySelector("#room:not([hidden]) .pending") && document.querySelector(shows)?.checkVisibility()) return true;
      }
      return false;
    },
  };
})();
