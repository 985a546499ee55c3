// The rooms of the page besides the plant, and the one that is open: its module is loaded when it is entered, what
// it shows is asked for when its key changes and every so often, and figures that could not be had anew say so.
//
// A room is a module that exports
//   text          {en: {...}, vi: {...}}: its words, the same keys in both
//   every         ms after which it is asked again while it is open and looked at; 0: never by itself
//   key(s)        what its figures depend on; another key asks anew
//   load(s, ask, local, redraw) -> promise of its figures; ask(noun, arguments) as in ask.js; `redraw` shows what came later
//   draw(s, data, local) -> elements. Pure; `local` is the room's own memory of what the reader chose, kept while open
//   act           {name: async (s, at, room, by) => {}}: what a button with data-do="name" does, or a form that was sent
//                 (`by` is the button that sent it), or a field with data-change="name"; room: {local, data, tell, again(), set({argument: value}), draw()}
import { ask, tell } from "./ask.js";
import { el } from "./dom.js";
import { clock } from "./format.js";
import { ui } from "./glossary.js";
import { unheard } from "./plant.js";

// `aside`: reached from figures only; `heard`: speaks of what machines do now, and
// says who of them is not heard.
export const ROOMS = [
  { id: "plant" },
  { id: "unit", module: () => import("./unit.js"), heard: true },
  { id: "shift", module: () => import("./shift.js"), heard: true },
  { id: "energy", module: () => import("./energy.js"), heard: true },
  { id: "alerts", module: () => import("./alerts.js"), heard: true },
  { id: "norms", module: () => import("./norms.js") },
  { id: "explain", module: () => import("./explain.js"), heard: true, aside: true },
  { id: "system", module: () => import("./system.js") },
];

const SETTLE_MS = 150; // a key that still changes is waited for
const AGES_MS = 5000, SHARE = 20; // what stands is drawn again for its ages alone no sooner, and takes a twentieth of the time at most
const AGAIN_MS = 5000; // after an answer that did not come

export function roomsOf(page) {
  const open = { id: "plant", room: null, key: null, data: null, at: 0, problem: null, timer: 0, stop: null, local: {}, why: null, drawn: null, drawnAt: 0, took: 0 };

  function later(ms) {
    clearTimeout(open.timer);
    open.timer = ms ? setTimeout(load, ms) : 0;
  }
  async function load() {
    if (!open.room) return;
    if (document.hidden) { later(open.room.every); return; }
    if (open.stop) open.stop.abort();
    const stop = new AbortController(), s = page.state(), room = open.room, key = room.key(s);
    open.stop = stop;
    try {
      const data = await room.load(s, (noun, args) => ask(noun, args, stop.signal), open.local, redraw);
      if (open.stop !== stop) return;
      Object.assign(open, { data, of: key, at: s.now, problem: null });
    } catch (problem) {
      if (open.stop !== stop) return;
      open.problem = problem;
    }
    open.stop = null;
    // A refusal would be said again; who could not answer may be back at any time.
    later(!open.problem ? room.every : open.problem.status < 500 ? Math.max(AGAIN_MS, room.every) : AGAIN_MS);
    page.redraw();
  }
  async function enter(id) {
    const row = ROOMS.find((r) => r.id === id) || ROOMS[0];
    if (row.id === open.id) return;
    leave();
    Object.assign(open, { id: row.id, room: null, key: null, data: null, problem: null, local: {}, drawn: null });
    if (!row.module) return;
    let room;
    try { room = await row.module(); }
    catch { // the daemon is away: tried again when it is back
      if (open.id === row.id) { open.id = null; open.timer = setTimeout(() => enter(id), 2000); }
      return;
    }
    if (open.id !== row.id) return;
    open.room = room;
    page.redraw();
  }
  function leave() {
    clearTimeout(open.timer);
    if (open.stop) open.stop.abort();
    open.stop = null;
  }

  const room = {
    get local() { return open.local; }, get data() { return open.data; }, tell,
    again: load, draw: redraw, set: page.set,
  };
  const failed = (s, problem) => el("p", { class: "problem", role: "alert" }, ui[s.lang].failed(problem.message),
    el("button", { type: "button", "data-do": "again" }, ui[s.lang].again));

  // Null: what stands there is as it should be.
  function draw(s) {
    const of = [open.room, open.data, open.problem, open.key, s.lang, s.zone, s.lost, location.search, document.documentElement.dataset.theme];
    if (open.drawn && open.drawn.every((x, i) => x === of[i]) && open.room && open.room.key(s) === open.key && performance.now() - open.drawnAt < Math.max(AGES_MS, SHARE * open.took)) return null;
    const begun = performance.now(), fresh = drawNew(s);
    Object.assign(open, { drawn: of, drawnAt: performance.now(), took: performance.now() - begun });
    return fresh;
  }
  function redraw() {
    open.drawn = null;
    page.redraw();
  }
  function drawNew(s) {
    if (!open.room) return [el("p", { class: "soft pending" }, ui[s.lang].loading)];
    const key = open.room.key(s);
    if (key !== open.key) {
      open.key = key;
      later(open.data ? SETTLE_MS : 1);
    }
    // Figures of another place or period are not shown under this one's name.
    const data = open.of === key ? open.data : null;
    if (!data) return [open.problem ? failed(s, open.problem) : el("p", { class: "soft pending" }, ui[s.lang].loading)];
    const old = open.problem ? el("p", { class: "problem", role: "status" }, ui[s.lang].olden(clock(open.at, s.lang, s.zone, true), open.problem.message)) : null;
    return [old, ROOMS.find((r) => r.id === open.id).heard ? unheard(s) : null, ...open.room.draw(s, data, open.local)].filter(Boolean);
  }
  async function act(name, at, by) {
    if (name === "again") return load();
    const what = open.room && open.room.act && open.room.act[name];
    if (!what) return undefined;
    try { await what(page.state(), at, room, by); }
    catch (problem) { open.local.problem = problem; }
    redraw();
    return undefined;
  }
  return { enter, draw, act, room, get id() { return open.id; } };
}
