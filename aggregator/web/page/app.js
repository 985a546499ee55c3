// The live page: one stream, one state, drawn at most once a frame when something changed and once a second
// for the ages.
import { show } from "./dom.js";
import { ago } from "./format.js";
import { ui } from "./glossary.js";
import { answer, classes, lines, link, path, windows } from "./view.js";

const LOST_MS = 6000; // the stream speaks at least every two seconds
const query = new URLSearchParams(location.search);
const stored = (k) => { try { return localStorage.getItem(k); } catch { return null; } };
const store = (k, v) => { try { localStorage.setItem(k, v); } catch { /* private mode */ } };
const known = (v, list) => (list.includes(v) ? v : null);
const app = {
  plant: null, node: query.get("node"), head: null, tiles: new Map(), seen: 0, epoch: "",
  window: known(query.get("window"), ["rolling", "hour", "shift", "day"]) || "shift",
  lang: known(query.get("lang") || stored("lang"), ["en", "vi"]) || (navigator.language.startsWith("vi") ? "vi" : "en"),
  theme: known(query.get("theme") || stored("theme"), ["light", "dark"]),
  heard: null, server: 0, source: null, retry: 1000, frame: 0,
};
const $ = (id) => document.getElementById(id);

// Two clocks of ours since the server last spoke: one stands still while a laptop sleeps, the other may be set.
const silentMs = () => (app.heard ? Math.max(performance.now() - app.heard.run, Date.now() - app.heard.wall) : Infinity);
const now = () => (app.heard ? app.server + Math.max(0, silentMs()) : Date.now());

function state() {
  const zone = app.plant ? app.plant.zone : "UTC";
  return { ...app, zone, now: now(), tiles: [...app.tiles.values()], limit: (app.head && app.head.stale_after_ms) || 15000,
    lost: app.heard !== null && silentMs() > LOST_MS };
}

function drawFrame(s) {
  const t = ui[s.lang], at = link(s), dark = matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.lang = s.lang;
  document.documentElement.dataset.theme = app.theme || (dark ? "dark" : "light");
  document.body.classList.toggle("lost", s.lost);
  $("link").className = at.lost ? "link lost" : s.head ? "link" : "link waiting";
  show($("link"), [document.createTextNode(at.text)]);
  show($("clock"), [document.createTextNode(at.clock)]);
  $("clock").title = s.zone;
  $("language").textContent = t.language;
  $("theme").textContent = t.theme;
  $("skip").textContent = t.skip;
  $("path").setAttribute("aria-label", t.place);
  $("banner").hidden = !s.lost;
  if (s.lost) show($("banner"), [document.createTextNode(t.lostBanner(ago(silentMs(), s.lang)))]);
}

function draw() {
  app.frame = 0;
  const s = state();
  drawFrame(s);
  if (!s.head || !s.plant) return;
  $("site").textContent = s.plant.name;
  document.title = `${s.head.name} · Plantbus`;
  show($("path"), path(s));
  show($("answer"), answer(s));
  show($("windows"), windows(s));
  show($("classes"), classes(s));
  const groups = lines(s), focus = document.activeElement;
  show($("tiles"), groups.map((g) => g.node));
  for (const n of $("tiles").children) show(n.querySelector(".grid"), groups.find((g) => g.key === n.dataset.key).tiles);
  // A tile that moved to another place has lost the focus on its way.
  if (focus !== document.activeElement && focus.isConnected) focus.focus({ preventScroll: true });
}
// At most once a frame, and not at all while nobody looks; the first figures at once.
function redraw() {
  if (!$("tiles").firstChild) draw();
  else if (!app.frame) app.frame = requestAnimationFrame(draw);
}

function open(node) {
  if (node === app.node) return;
  app.node = node;
  remember();
  listen();
  window.scrollTo(0, 0);
}
function remember() {
  const q = new URLSearchParams(location.search);
  q.set("node", app.node);
  q.set("window", app.window);
  history.replaceState(null, "", `?${q}`);
}

function hear(data) {
  app.heard = { run: performance.now(), wall: Date.now() };
  app.server = data.now_ms;
  app.retry = 1000;
}
function take(event, whole) {
  const data = JSON.parse(event.data), epoch = event.lastEventId.split("-")[0];
  hear(data);
  if (data.head) app.head = data.head;
  if (whole) app.tiles.clear();
  for (const x of data.tiles || []) app.tiles.set(x.id, Object.assign(x, { seen: ++app.seen }));
  if (app.epoch && app.epoch !== epoch) loadPlant(); // another process: perhaps another plant file
  app.epoch = epoch;
  redraw();
}

function again(what) {
  setTimeout(what, app.retry);
  app.retry = Math.min(app.retry * 2, 15000);
}

function listen() {
  if (app.source) app.source.close();
  const s = new EventSource(`api/v1/stream?node=${encodeURIComponent(app.node)}&window=${app.window}`);
  app.source = s;
  s.addEventListener("plant", (e) => take(e, true));
  s.addEventListener("change", (e) => take(e, false));
  s.addEventListener("time", (e) => { hear(JSON.parse(e.data)); redraw(); });
  s.onerror = () => { // without an answer it tries again by itself; after a refusal it gives up
    if (s.readyState === EventSource.CLOSED) again(() => { if (app.source === s) listen(); });
  };
}

async function loadPlant() {
  const got = await fetch("api/v1/plant");
  if (!got.ok) throw new Error(String(got.status));
  app.plant = await got.json();
  if (!app.plant.nodes.some((n) => n.id === app.node)) app.node = app.plant.nodes[0].id;
}
async function start() {
  try {
    await loadPlant();
  } catch {
    again(start);
    return;
  }
  listen();
}

document.addEventListener("click", (e) => {
  const at = e.target.closest("button");
  if (!at) return;
  if (at.dataset.open) open(at.dataset.open);
  if (at.dataset.window && at.dataset.window !== app.window) {
    app.window = at.dataset.window;
    remember();
    listen();
  }
});
$("theme").addEventListener("click", () => {
  app.theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  store("theme", app.theme);
  draw();
});
$("language").addEventListener("click", () => {
  app.lang = app.lang === "vi" ? "en" : "vi";
  store("lang", app.lang);
  draw();
});
// Arrow keys walk over the machines, as on any board of buttons.
$("tiles").addEventListener("keydown", (e) => {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[e.key];
  const all = [...$("tiles").querySelectorAll(".tile")], at = all.indexOf(document.activeElement);
  if (!step || at < 0) return;
  e.preventDefault();
  (all[at + step] || all[at]).focus();
});
setInterval(redraw, 1000);
draw();
start();
