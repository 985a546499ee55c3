// The live page: one stream, one state, drawn at most once a frame when something changed and once a second
// for the ages.
import { show } from "./dom.js";
import { ago, day } from "./format.js";
import { ui } from "./glossary.js";
import * as login from "./login.js";
import { answer, caption, classes, lines, link, path, said, windows } from "./view.js";

const LOST_MS = 6000; // the stream speaks at least every two seconds
const BROKEN_MS = 1500; // a connection that was seen to end is given so long to come back
const MANY = 40; // more machines than this are shown in small tiles
const query = new URLSearchParams(location.search);
const stored = (k) => { try { return localStorage.getItem(k); } catch { return null; } };
const store = (k, v) => { try { localStorage.setItem(k, v); } catch { /* private mode */ } };
const known = (v, list) => (list.includes(v) ? v : null);
const WINDOWS = ["rolling", "hour", "shift", "day"];
const app = {
  plant: null, node: query.get("node"), head: null, tiles: new Map(), epoch: "", focus: null,
  window: known(query.get("window"), WINDOWS) || "shift", chose: query.has("window"),
  lang: known(query.get("lang") || stored("lang"), ["en", "vi"]) || (navigator.language.startsWith("vi") ? "vi" : "en"),
  theme: known(query.get("theme") || stored("theme"), ["light", "dark"]),
  heard: null, broken: null, server: 0, source: null, retry: 1000, frame: 0,
};
const $ = (id) => document.getElementById(id);

// Two clocks of ours since the server last spoke: one stands still while a laptop sleeps, the other may be set.
const silentMs = () => (app.heard ? Math.max(performance.now() - app.heard.run, Date.now() - app.heard.wall) : Infinity);
const now = () => (app.heard ? app.server + Math.max(0, silentMs()) : Date.now());

// What is drawn is what was told: a node or window just asked for is named only when its figures are here.
function state() {
  const zone = app.plant ? app.plant.zone : "UTC", head = app.head;
  return { ...app, zone, now: now(), tiles: [...app.tiles.values()], limit: (head && head.stale_after_ms) || 15000,
    node: head ? head.id : app.node, window: head ? Object.keys(head.windows)[0] : app.window,
    today: day(now(), app.lang, zone), heardAt: app.server, lost: app.heard !== null && (silentMs() > LOST_MS || (app.broken !== null && performance.now() - app.broken > BROKEN_MS)) };
}

function drawFrame(s) {
  const t = ui[s.lang], at = link(s), dark = matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.lang = s.lang;
  document.documentElement.dataset.theme = app.theme || (dark ? "dark" : "light");
  document.body.classList.toggle("lost", s.lost);
  $("link").className = `link ${at.kind}`;
  show($("link"), [document.createTextNode(at.text)]);
  show($("clock"), [document.createTextNode(at.clock)]);
  $("clock").title = s.zone;
  $("language").textContent = t.language;
  login.draw();
  $("theme").title = t.theme;
  $("theme").setAttribute("aria-label", t.theme);
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
  $("site").textContent = s.head.name;
  document.title = `${s.head.name} · Plantbus`;
  show($("path"), path(s));
  show($("answer"), answer(s));
  show($("said"), [document.createTextNode(said(s))]);
  show($("windows"), windows(s));
  show($("classes"), classes(s));
  show($("caption"), [document.createTextNode(caption(s))]);
  const groups = lines(s), focus = document.activeElement;
  $("tiles").classList.toggle("many", s.tiles.length > MANY);
  show($("tiles"), groups.map((g) => g.node));
  for (const n of $("tiles").children) show(n.querySelector(".grid"), groups.find((g) => g.key === n.dataset.key).tiles);
  // A tile that moved to another place has lost the focus on its way.
  if (focus !== document.activeElement && focus.isConnected) focus.focus({ preventScroll: true });
  if (app.focus && s.node === app.node) land();
}
// Whoever opened a place from the keyboard goes on where they came from, or at its first machine.
function land() {
  const at = $("tiles").querySelector(`[data-open="${CSS.escape(app.focus)}"]`) || $("tiles").querySelector(".tile");
  app.focus = null;
  if (at) at.focus();
}
// At most once a frame, and not at all while nobody looks; the first figures at once.
function redraw() {
  if (!$("tiles").firstChild) draw();
  else if (!app.frame) app.frame = requestAnimationFrame(draw);
}

function open(node, from) {
  if (node === app.node) return;
  app.focus = from || null;
  app.node = node;
  remember("pushState");
  listen();
  window.scrollTo(0, 0);
}
function up() {
  const at = app.plant && app.plant.nodes.find((n) => n.id === app.node);
  if (at && at.parent) open(at.parent, at.id);
}
function remember(how) {
  const q = new URLSearchParams(location.search);
  q.set("node", app.node);
  q.set("window", app.window);
  history[how](null, "", `?${q}`);
}
function recall() {
  const q = new URLSearchParams(location.search);
  app.node = q.get("node") || app.plant.nodes[0].id;
  app.window = known(q.get("window"), WINDOWS) || app.window;
  listen();
}

function hear(data) {
  app.heard = { run: performance.now(), wall: Date.now() };
  app.server = data.now_ms;
  app.broken = null;
  app.retry = 1000;
}
function take(event, whole) {
  const data = JSON.parse(event.data), epoch = event.lastEventId.split("-")[0];
  hear(data);
  if (data.head) app.head = data.head;
  const before = app.tiles;
  if (whole) app.tiles = new Map();
  for (const x of data.tiles || []) {
    const old = before.get(x.id);
    x.moved_ms = old && old.asof_ms === x.asof_ms ? old.moved_ms : data.now_ms;
    app.tiles.set(x.id, x);
  }
  if (app.epoch && app.epoch !== epoch) loadPlant(); // another process: perhaps another plant file
  app.epoch = epoch;
  // A plant without shifts has no "shift so far": its day is shown, unless somebody asked for the shift.
  if (whole && !app.chose && app.window === "shift" && app.head.windows.shift && !app.head.windows.shift.available) {
    app.window = "day";
    listen();
    return;
  }
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
    app.broken ??= performance.now();
    if (s.readyState === EventSource.CLOSED) again(() => { if (app.source === s) loadPlant().then(listen, listen); });
  };
}

async function loadPlant() {
  const got = await fetch("api/v1/plant");
  if (got.status === 401 && !$("door").open) await login.arrive($("account"), $("door"), () => app.lang);
  if (!got.ok) throw new Error(String(got.status));
  app.plant = await got.json();
  if (!app.plant.nodes.some((n) => n.id === app.node)) app.node = app.plant.nodes[0].id;
}
async function start() {
  try {
    if (!(await login.arrive($("account"), $("door"), () => app.lang))) return;
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
  if (at.dataset.open) open(at.dataset.open, e.detail === 0 ? app.node : null); // 0: by key
  if (at.dataset.window && at.dataset.window !== app.window) {
    app.window = at.dataset.window;
    app.chose = true;
    remember("replaceState");
    listen();
  }
});
addEventListener("popstate", () => { if (app.plant) recall(); });
$("theme").addEventListener("click", () => {
  app.theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  store("theme", app.theme);
  draw();
});
$("account").addEventListener("click", login.open);
$("language").addEventListener("click", () => {
  app.lang = app.lang === "vi" ? "en" : "vi";
  store("lang", app.lang);
  draw();
});
document.addEventListener("keydown", (e) => {
  if (e.target.closest("dialog")) return;
  if ((e.key !== "Escape" && e.key !== "Backspace") || e.altKey || e.ctrlKey || e.metaKey) return;
  e.preventDefault();
  up();
});
// Arrow keys walk over the machines: on in reading order, up and down to the nearest one there.
function neighbour(all, from, key) {
  const at = all.indexOf(from), step = { ArrowRight: 1, ArrowLeft: -1 }[key];
  if (step) return all[at + step];
  if (key === "Home") return all[0];
  if (key === "End") return all[all.length - 1];
  const here = from.getBoundingClientRect(), down = key === "ArrowDown";
  const away = (x) => (down ? x.top - here.top : here.top - x.top), side = (x) => Math.abs(x.left - here.left);
  return all.map((n) => [n, n.getBoundingClientRect()]).filter(([, x]) => away(x) > 1)
    .sort(([, a], [, b]) => away(a) - away(b) || side(a) - side(b))[0]?.[0];
}
$("tiles").addEventListener("keydown", (e) => {
  if (!/^(Arrow|Home|End)/.test(e.key) || !e.target.classList.contains("tile")) return;
  e.preventDefault();
  (neighbour([...$("tiles").querySelectorAll(".tile")], e.target, e.key) || e.target).focus();
});
setInterval(redraw, 1000);
draw();
start();
