// The live page: one stream, one state, drawn again when something changed and once a second for ages.
import { ui } from "./glossary.js";
import { ago, answer, classes, path, tiles, windows, word } from "./view.js";

const query = new URLSearchParams(location.search);
const stored = (k) => { try { return localStorage.getItem(k); } catch { return null; } };
const store = (k, v) => { try { localStorage.setItem(k, v); } catch { /* private mode */ } };
const app = {
  plant: null, node: query.get("node"), window: query.get("window") || "shift", head: null, tiles: [],
  lang: query.get("lang") || stored("lang") || (navigator.language.startsWith("vi") ? "vi" : "en"),
  theme: query.get("theme") || stored("theme") || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"),
  heard: 0, offset: 0, source: null, retry: 1000,
};
const $ = (id) => document.getElementById(id);
// The server's clock, moved on by ours since it last spoke: ages stay true when the local clock is wrong.
const now = () => (app.heard ? app.offset + performance.now() : Date.now());
const silentMs = () => (app.heard ? performance.now() - app.heard : Infinity);
const isLost = () => silentMs() > 6000;

function draw() {
  if (!app.head || !app.plant) return;
  const lang = app.lang, s = app, t = ui[lang], focus = focused();
  document.documentElement.lang = lang;
  document.documentElement.dataset.theme = app.theme;
  document.body.classList.toggle("lost", isLost());
  $("site").textContent = app.plant.nodes[0].name;
  $("path").replaceChildren(...path(app.plant, app.node, open));
  $("answer").replaceChildren(...answer(s, now(), lang));
  $("windows").replaceChildren(...windows(s, lang, chooseWindow));
  $("classes").replaceChildren(...classes(s, lang));
  $("tiles").replaceChildren(...tiles(s, now(), lang, open));
  $("language").textContent = t.language;
  $("theme").textContent = t.theme;
  drawClock();
  restore(focus);
}

function drawClock() {
  const lost = isLost(), banner = $("banner");
  $("clock").textContent = new Date(now()).toLocaleTimeString(app.lang);
  $("link").className = lost ? "link lost" : "link";
  const text = word(lost ? "lost" : "connected", app.lang);
  if ($("link").textContent !== text) $("link").textContent = text;
  banner.hidden = !lost;
  if (lost) banner.textContent = ui[app.lang].lostBanner(ago(silentMs(), app.lang));
}

// Drawing again replaces elements; the keyboard's place is kept by what it stood on.
function focused() {
  const a = document.activeElement, box = a && a.closest("nav,section,.windows");
  return box ? { box: box.id, unit: a.dataset.unit, index: [...box.querySelectorAll("button")].indexOf(a) } : null;
}
function restore(f) {
  if (!f) return;
  const box = $(f.box), found = f.unit ? box.querySelector(`[data-unit="${f.unit}"]`) : box.querySelectorAll("button")[f.index];
  if (found) found.focus({ preventScroll: true });
}

function open(node) {
  if (node === app.node) return;
  app.node = node;
  remember();
  listen();
}
function chooseWindow(id) {
  app.window = id;
  remember();
  listen();
}
function remember() {
  const q = new URLSearchParams(location.search);
  q.set("node", app.node);
  q.set("window", app.window);
  history.replaceState(null, "", `?${q}`);
}

function hear(data) {
  app.heard = performance.now();
  app.offset = data.now_ms - app.heard;
  app.retry = 1000;
}
function take(text, whole) {
  const data = JSON.parse(text);
  hear(data);
  if (data.head) app.head = data.head;
  if (whole) app.tiles = data.tiles;
  else for (const x of data.tiles || []) {
    const at = app.tiles.findIndex((y) => y.id === x.id);
    if (at < 0) app.tiles.push(x);
    else app.tiles[at] = x;
  }
  draw();
}

function listen() {
  if (app.source) app.source.close();
  const s = new EventSource(`api/v1/stream?node=${encodeURIComponent(app.node)}&window=${app.window}`);
  app.source = s;
  s.addEventListener("plant", (e) => take(e.data, true));
  s.addEventListener("change", (e) => take(e.data, false));
  s.addEventListener("time", (e) => hear(JSON.parse(e.data)));
  s.onerror = () => {
    if (s.readyState !== EventSource.CLOSED) return; // it tries again by itself
    setTimeout(() => { if (app.source === s) listen(); }, app.retry);
    app.retry = Math.min(app.retry * 2, 15000);
  };
}

async function start() {
  try {
    const answer = await fetch("api/v1/plant");
    if (!answer.ok) throw new Error(String(answer.status));
    app.plant = await answer.json();
  } catch {
    $("banner").hidden = false;
    $("banner").textContent = word("lost", app.lang);
    setTimeout(start, app.retry);
    app.retry = Math.min(app.retry * 2, 15000);
    return;
  }
  if (!app.plant.nodes.some((n) => n.id === app.node)) app.node = app.plant.nodes[0].id;
  listen();
}

$("theme").addEventListener("click", () => {
  app.theme = app.theme === "dark" ? "light" : "dark";
  store("theme", app.theme);
  draw();
});
$("language").addEventListener("click", () => {
  app.lang = app.lang === "vi" ? "en" : "vi";
  store("lang", app.lang);
  draw();
});
document.documentElement.dataset.theme = app.theme;
let wasLost = false;
setInterval(() => {
  if (isLost() !== wasLost || isLost()) draw();
  wasLost = isLost();
  drawClock();
}, 1000);
setInterval(draw, 5000);
start();
