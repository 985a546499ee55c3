// The live page: one stream, one state, drawn at most once a frame when something changed and once a second
// for the ages. Which room is open, which place, window and period: all of it stands in the address.
import { el, show } from "./dom.js";
import { finderOf } from "./find.js";
import { ago, day, word } from "./format.js";
import { ui } from "./glossary.js";
import * as login from "./login.js";
import { answer, areMany, caption, classes, lines, link, path, said, windows } from "./plant.js";
import { ROOMS, roomsOf } from "./rooms.js";
import { streamOf } from "./stream.js";
import { stripOf } from "./strip.js";
import { trendOf } from "./trend.js";

const LOST_MS = 6000; // the stream speaks at least every two seconds
const BROKEN_MS = 1500; // a connection that was seen to end is given so long to come back
const REST_MS = 60000; // a page that was not seen for so long asks for nothing
const FIT_LEAST = 0.75, FIT_STEP = 0.03125;
const query = new URLSearchParams(location.search);
const stored = (k) => { try { return localStorage.getItem(k); } catch { return null; } };
const store = (k, v) => { try { localStorage.setItem(k, v); } catch { /* private mode */ } };
const known = (v, list) => (list.includes(v) ? v : null);
const WINDOWS = ["rolling", "hour", "shift", "day"];
const THEMES = ["light", "dark"];
const app = {
  plant: null, node: query.get("node"), head: null, tiles: new Map(), epoch: "", focus: null, fitOf: "", query,
  window: known(query.get("window"), WINDOWS) || "shift", chose: query.has("window"), wall: query.has("wall"),
  lang: known(query.get("lang") || stored("lang"), ["en", "vi"]) || (navigator.language.startsWith("vi") ? "vi" : "en"),
  theme: known(query.get("theme") || stored("theme"), THEMES),
  heard: null, broken: null, server: 0, frame: 0,
};
const $ = (id) => document.getElementById(id);
const text = (t) => [document.createTextNode(t)];

// Two clocks of ours since the server last spoke: one stands still while a laptop sleeps, the other may be set.
const silentMs = () => (app.heard ? Math.max(performance.now() - app.heard.run, Date.now() - app.heard.wall) : Infinity);
const now = () => (app.heard ? app.server + Math.max(0, silentMs()) : Date.now());

// What is drawn is what was told: a node or window just asked for is named only when its figures are here. A room
// asks for the place that was asked for (`place`).
function state() {
  const zone = app.plant ? app.plant.zone : "UTC", head = app.head;
  return { ...app, zone, now: now(), tiles: [...app.tiles.values()], limit: (head && head.stale_after_ms) || 15000, place: app.node,
    node: head ? head.id : app.node, window: head ? Object.keys(head.windows)[0] : app.window, room: rooms.id, arg: (k) => app.query.get(k),
    today: day(now(), app.lang, zone), heardAt: app.server, lost: app.heard !== null && (silentMs() > LOST_MS || (app.broken !== null && performance.now() - app.broken > BROKEN_MS)) };
}
const rooms = roomsOf({ state, redraw, set });
const strip = stripOf({ state, redraw });
const trend = trendOf({ state, redraw });
const find = finderOf({ state, open: (node) => open(node) }, $("find"));

function drawFrame(s) {
  const t = ui[s.lang], at = link(s), dark = matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.lang = s.lang;
  document.documentElement.dataset.theme = app.theme || (dark ? "dark" : "light");
  document.body.classList.toggle("lost", s.lost);
  document.body.classList.toggle("wall", s.wall);
  $("link").className = `link ${at.kind}`;
  show($("link"), text(at.text));
  show($("clock"), text(at.clock));
  $("clock").title = s.zone;
  $("language").textContent = t.language;
  for (const [id, name] of [["theme", t.theme], ["search", t.findKey], ["wall", s.wall ? t.wallOff : t.wall]]) {
    $(id).title = name;
    $(id).setAttribute("aria-label", name);
  }
  $("skip").textContent = s.room === "plant" ? t.skip : t.skipRoom;
  $("skip").href = s.room === "plant" ? "#tiles" : "#room";
  login.draw();
  $("path").setAttribute("aria-label", t.place);
  $("rooms").setAttribute("aria-label", t.rooms);
  show($("rooms"), ROOMS.filter((r) => !r.aside || r.id === s.room).map((r) => el("a", { href: address({ room: r.id === "plant" ? null : r.id }), "data-room": r.id,
    "aria-current": r.id === s.room ? "page" : null }, word(`room_${r.id}`, s.lang))));
  const nav = $("rooms"), here = nav.querySelector("[aria-current]"), where = `${s.room} ${s.lang} ${nav.clientWidth}`;
  if (here && app.shownRoom !== where) { // on a phone the room that is open may lie beside the edge
    nav.scrollLeft = here.offsetLeft - (nav.clientWidth - here.offsetWidth) / 2;
    app.shownRoom = where;
  }
  $("banner").hidden = !s.lost;
  if (s.lost) show($("banner"), text(t.lostBanner(ago(silentMs(), s.lang))));
}

// Nobody scrolls a wall: machines that would lie below its edge make everything on it smaller, as far as it can still
// be read from afar; where that isn't enough nothing is. Tried anew every hour, so that one long word doesn't last.
function fit(s) {
  const of = s.wall && s.room === "plant" ? [innerWidth, innerHeight, s.node, s.lang, s.tiles.length, Math.floor(s.now / 3600000)].join(" ") : "";
  const size = (f) => { app.fit = f; document.documentElement.style.setProperty("--fit", f); };
  const over = () => $("tiles").getBoundingClientRect().bottom + scrollY > innerHeight;
  if (app.fitOf !== of) size(1);
  app.fitOf = of;
  if (!of || app.unfit === of) return;
  while (over() && app.fit > FIT_LEAST) size(app.fit - FIT_STEP);
  if (!over()) return;
  app.unfit = of;
  size(1);
}

function drawPlant(now_) {
  const s = { ...now_, trend: trend.of(now_.node) };
  show($("answer"), answer(s));
  show($("strip"), strip.draw(s));
  show($("said"), text(said(s)));
  show($("windows"), windows(s));
  show($("classes"), classes(s));
  show($("caption"), caption(s));
  const groups = lines(s), focus = document.activeElement;
  $("tiles").classList.toggle("many", areMany(s));
  show($("tiles"), groups.map((g) => g.node));
  for (const n of $("tiles").children) show(n.querySelector(".grid"), groups.find((g) => g.key === n.dataset.key).tiles);
  // A tile that moved to another place has lost the focus on its way.
  if (focus !== document.activeElement && focus.isConnected) focus.focus({ preventScroll: true });
  if (app.focus && s.node === app.node) land();
}
function draw() {
  app.frame = 0;
  const s = state();
  drawFrame(s);
  if (!s.head || !s.plant) return;
  $("site").textContent = s.head.name;
  document.title = `${s.room === "plant" ? "" : `${word(`room_${s.room}`, s.lang)} · `}${s.head.name} · Plantbus`;
  show($("path"), path(s));
  $("plant").hidden = s.room !== "plant";
  $("room").hidden = s.room === "plant";
  if (s.room === "plant") {
    show($("room"), []);
    drawPlant(s);
  } else {
    const fresh = rooms.draw(s);
    if (fresh) show($("room"), fresh);
    $("room").dataset.of = s.room;
  }
  fit(s);
  document.dispatchEvent(new Event("shown"));
}
// Whoever opened a place from the keyboard goes on where they came from, or at its first machine.
function land() {
  const at = $("tiles").querySelector(`[data-open="${CSS.escape(app.focus)}"]`) || $("tiles").querySelector(".tile");
  app.focus = null;
  if (at) at.focus();
}
// At most once a frame, and not at all while nobody looks; the first figures at once.
function redraw() {
  if (!app.head) draw();
  else if (!app.frame) app.frame = requestAnimationFrame(draw);
}

// --- the address ------------------------------------------------------------------------------------------

function address(change) {
  const q = new URLSearchParams(app.query);
  q.set("node", app.node || "");
  q.set("window", app.window);
  for (const [k, v] of Object.entries(change || {})) {
    if (v === null || v === undefined || v === "") q.delete(k);
    else q.set(k, v);
  }
  return `?${q}`;
}
function remember(how, change) {
  const at = address(change);
  app.query = new URLSearchParams(at);
  history[how](null, "", at);
}
// A room's argument, such as the period: it stands in the address, and what depends on it is asked anew.
function set(change) {
  remember("replaceState", change);
  redraw();
}
function open(node, from) {
  if (node === app.node) return;
  app.focus = from || null;
  app.node = node;
  remember("pushState");
  listen();
  window.scrollTo(0, 0);
  redraw();
}
function up() {
  const at = app.plant && app.plant.nodes.find((n) => n.id === app.node);
  if (at && at.parent) open(at.parent, at.id);
}
async function enter(room) {
  await rooms.enter(room || "plant");
  redraw();
}
// A link inside the page: {room, node, ...} of its address, in the window and language that are on.
function go(href) {
  const q = new URLSearchParams(href);
  q.set("window", app.window);
  history.pushState(null, "", `?${q}`);
  recall();
  window.scrollTo(0, 0);
}
function recall() {
  app.query = new URLSearchParams(location.search);
  app.node = app.query.get("node") || app.plant.nodes[0].id;
  app.window = known(app.query.get("window"), WINDOWS) || app.window;
  listen();
  enter(app.query.get("room"));
}

// --- the stream -------------------------------------------------------------------------------------------

function hear(data) {
  app.heard = { run: performance.now(), wall: Date.now() };
  app.server = data.now_ms;
  app.broken = null;
}
function take(data, epoch, whole) {
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
  if (!$("tiles").firstChild) draw();
  else redraw();
}
const stream = streamOf({
  plant: (data, epoch) => take(data, epoch, true), change: (data, epoch) => take(data, epoch, false),
  time: (data) => { hear(data); redraw(); }, broken: () => { app.broken ??= performance.now(); },
  refused: () => loadPlant().then(listen, listen),
});
const listen = () => stream.listen(app.node, app.window);

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
    stream.again(start);
    return;
  }
  listen();
  enter(app.query.get("room"));
}

// --- what people do ---------------------------------------------------------------------------------------

document.addEventListener("click", (e) => {
  const at = e.target.closest("button, a");
  if (!at) return;
  if (at.dataset.room && !e.ctrlKey && !e.metaKey && !e.shiftKey) {
    e.preventDefault();
    remember("pushState", { room: at.dataset.room === "plant" ? null : at.dataset.room });
    enter(at.dataset.room);
  }
  if ("go" in at.dataset && !e.ctrlKey && !e.metaKey && !e.shiftKey) {
    e.preventDefault();
    go(at.getAttribute("href"));
  }
  if (at.dataset.open) open(at.dataset.open, e.detail === 0 ? app.node : null); // 0: by key
  if (at.dataset.do && at.type !== "submit") rooms.act(at.dataset.do, at);
  if (at.dataset.window && at.dataset.window !== app.window) {
    app.window = at.dataset.window;
    app.chose = true;
    remember("replaceState");
    listen();
  }
});
document.addEventListener("submit", (e) => {
  e.preventDefault();
  if (e.target.dataset.do) rooms.act(e.target.dataset.do, e.target, e.submitter);
});
document.addEventListener("change", (e) => {
  if (e.target.dataset.change) rooms.act(e.target.dataset.change, e.target);
});
// A browser opens six connections to a host, and a stream holds one: a page that nobody sees gives its own back, or
// the seventh would wait for ever.
let unseen = 0;
document.addEventListener("visibilitychange", () => {
  clearTimeout(unseen);
  if (document.hidden) unseen = setTimeout(stream.rest, REST_MS);
  else if (app.plant && stream.resting) listen();
});
addEventListener("popstate", () => { if (app.plant) recall(); });
$("theme").addEventListener("click", () => {
  app.theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  store("theme", app.theme);
  draw();
});
$("search").addEventListener("click", find);
// For a screen on the wall: larger, nothing to press, as much of the screen as the browser gives.
$("wall").addEventListener("click", () => {
  app.wall = !app.wall;
  set({ wall: app.wall ? "1" : null });
  if (app.wall) document.documentElement.requestFullscreen?.().catch(() => {});
  else if (document.fullscreenElement) document.exitFullscreen();
});
$("account").addEventListener("click", login.open);
$("language").addEventListener("click", () => {
  app.lang = app.lang === "vi" ? "en" : "vi";
  store("lang", app.lang);
  draw();
});
const typing = (n) => n instanceof Element && n.matches("input, select, textarea, dialog *");
document.addEventListener("keydown", (e) => {
  if (e.key === "/" && !typing(e.target) && !e.ctrlKey && !e.metaKey && !e.altKey) {
    e.preventDefault();
    find();
  }
  if ((e.key !== "Escape" && e.key !== "Backspace") || e.altKey || e.ctrlKey || e.metaKey || typing(e.target)) return;
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
