// The Plant view: state in, elements out. Pure: no clock, no network, nothing kept between two drawings.
import { el, svg } from "./dom.js";
import { ago, clock, date, figure, flat, meaning, moment, offset, span, word } from "./format.js";
import { ui } from "./glossary.js";
import { explainAt } from "./links.js";
import { progress, sparkline } from "./trend.js";

const CLASSES = ["equipment", "labour", "consumption", "quality"];
const WINDOWS = ["rolling", "hour", "shift", "day"];
// Shown on the card; the others are one step away.
const FIRST = new Set(["oee", "output_per_labour_hour", "standby_ratio", "material_per_unit"]);
const SIGN = { better: "★", met: "✓", not_met: "✗", no_norm: "○", no_data: "?" };
const STATES = ["delay", "stale", "unknown", "down_no_order", "setup", "planned_down", "production", "engineering", "not_scheduled", "stateless", "by_hand"];
// Losses first: machines that should produce and do not, then those nobody hears.
const RANK = Object.fromEntries(STATES.map((s, i) => [s, i]));
// One shape a state, so that colour is never alone.
const SHAPE = {
  production: "M3 2l11 6-11 6z", setup: "M8 1l7 7-7 7-7-7z", delay: "M2 2h12v12H2z", down_no_order: "M8 2l7 12H1z",
  trial: "M6 1h4v2H9v3l5 8.5H2L7 6V3H6z", by_hand: "M2 14V10L10 2l4 4-8 8z", stateless: "M8 2a7 7 0 0 0-7 7v4h14V9a7 7 0 0 0-7-7zm.8 8.2H7.2L10.6 5l1.2.8z",
  planned_down: "M3 2h4v12H3zM9 2h4v12H9z", not_scheduled: "M2 7h12v2H2z", engineering: "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1z",
  unknown: "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1zm0 2.4a4.6 4.6 0 1 1 0 9.2 4.6 4.6 0 0 1 0-9.2z",
  stale: "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1zm0 2a5 5 0 1 1 0 10A5 5 0 0 1 8 3zM7 4.5h2v3.2l2.4 1.4-1 1.7L7 8.8z",
};
const icon = (state) =>
  svg("svg", { viewBox: "0 0 16 16", class: "icon", "aria-hidden": "true" }, svg("path", { d: SHAPE[state] || SHAPE.unknown, "fill-rule": "evenodd" }));

const MANY = 40; // more machines than this are shown in small tiles
export const areMany = (s) => s.tiles.length > MANY;
const isUnit = (x) => x.level === "unit";
const isMachine = (x) => isUnit(x) && !x.by_hand; // whose figures people enter can't fall silent
// A gateway whose clock is ahead vouches for the future: then what counts is when its word was seen to change.
const heard = (x) => Math.min(x.asof_ms, x.moved_ms ?? x.asof_ms);
const age = (x, now) => (x.asof_ms ? now - heard(x) : null);
export const isStale = (x, now, limit) => !x.asof_ms || now - heard(x) > limit;
// What a tile may claim: a machine that is not heard is not "running", whatever it last said.
const claim = (x, s) => (x.by_hand ? "by_hand" : !x.asof_ms ? "unknown" : isStale(x, s.now, s.limit) ? "stale"
  : x.stateless && (x.state || "unknown") === "unknown" ? "stateless" : x.state || "unknown");
// What is heard and has no signal of its state neither runs nor stands for all we know: it is no machine of "3 of 4".
// Nor is one in commissioning, but where it is looked at alone.
const isTrial = (x, s) => x.commissioning && x.id !== s.node;
const isJudged = (s) => (x) => isMachine(x) && claim(x, s) !== "stateless" && !isTrial(x, s);
const chosen = (s) => (s.head.windows && s.head.windows[s.window]) || { classes: [] };
const newest = (s) => Math.max(0, ...s.tiles.map((x) => (x.asof_ms ? heard(x) : 0)));
export const isSilent = (s) => !s.tiles.some((x) => isMachine(x) && !isStale(x, s.now, s.limit));
const classesOf = (s) => CLASSES.map((id) => (chosen(s).classes || []).find((c) => c.class === id) || { class: id, missing: "no_data", status: "no_data",
  lead: id, indicators: [{ id, value: null, unit: "", coverage: null, low: null, high: null, norm: null }] });

// --- the first sentence: is the plant all right, and if not, where? ------------------------------------------

// A machine that waits for another is not the one to walk to.
const waits = (x) => x.cause === "starved" || x.cause === "blocked";
const names = new Intl.Collator(undefined, { numeric: true }); // Machine 9 before Machine 10
const byLoss = (s) => (a, b) => isTrial(a, s) - isTrial(b, s) || RANK[claim(a, s)] - RANK[claim(b, s)] || waits(a) - waits(b) || (a.since_ms || 0) - (b.since_ms || 0) || names.compare(a.name, b.name);

function judge(s) {
  const units = s.tiles.filter(isJudged(s)), of = (...states) => units.filter((x) => states.includes(claim(x, s)));
  const down = of("delay").sort(byLoss(s)), running = of("production"), resting = of("not_scheduled", "planned_down");
  const silent = of("stale", "unknown").sort((a, b) => (a.asof_ms || 0) - (b.asof_ms || 0));
  const all = classesOf(s), normed = all.filter((c) => c.indicators.some((i) => i.norm));
  const idle = units.length - running.length - resting.length - silent.length - down.length;
  const mark = s.lost || units.length === silent.length ? "unsure" : down.length ? "bad" : silent.length ? "unsure"
    : idle || normed.some((c) => c.status === "not_met") ? "warn" : normed.some((c) => c.status === "no_data") ? "unsure" : "good";
  return { units, down, silent, running, resting, all, normed, mark };
}

function sentence(j, s) {
  const t = ui[s.lang], n = j.units.length, at = s.lost ? `${t.lastKnown(clock(s.heardAt, s.lang, s.zone, true))} ` : "";
  if (n === 0) return `${s.tiles.some((x) => isUnit(x) && x.commissioning) ? t.onTrial : t.empty}.`;
  if (j.silent.length === n && !isSilent(s)) return `${at}${t.mute}`;
  if (j.silent.length === n) return t.nothing(ago(age(j.silent[n - 1], s.now), s.lang), j.silent[n - 1].asof_ms);
  const parts = [j.resting.length === n ? t.resting : j.running.length === n ? t.all(n) : t.some(j.running.length, n)];
  if (j.resting.length && j.resting.length < n) parts.push(t.rest(j.resting.length));
  if (j.silent.length) parts.push(t.unheard(j.silent.length));
  // Nothing is down and all are heard: then what keeps the plant from being all right is its norms.
  const normed = (status) => j.normed.filter((c) => c.status === status).map((c) => word(c.class, s.lang)).join(", ");
  if (!j.down.length && !j.silent.length && normed("not_met")) parts.push(t.missed(normed("not_met")));
  else if (j.mark === "unsure" && !j.silent.length && normed("no_data")) parts.push(t.unjudged(normed("no_data")));
  const [x] = j.down, also = j.down.length > 1 ? `, ${t.more(j.down.length - 1)}` : "";
  const head = n === 1 && x ? "" : `${parts.join(", ")}${x ? "; " : ""}`;
  return `${at}${head}${x ? `${t.down(x.name, ago(s.now - x.since_ms, s.lang), word(x.cause, s.lang))}${also}` : ""}.`;
}

// The classes by status, named: "2 not met: Equipment, Quality".
function norms(j, s) {
  return ["not_met", "no_data", "no_norm", "met", "better"].map((k) => [k, j.all.filter((c) => (c.missing ? "no_data" : c.status) === k)]).filter(([, of]) => of.length)
    .map(([k, of]) => el("li", {}, el("span", { class: `status ${k}` }, `${SIGN[k]} ${of.length} ${word(k, s.lang)}`),
      el("span", { class: "soft" }, `: ${of.map((c) => word(c.class, s.lang)).join(", ")}`)));
}

// Who is not heard, and since when; "" if all are.
function silence(silent, s) {
  const t = ui[s.lang], some = silent.slice(0, 4).map((x) => `${x.name} (${x.asof_ms ? `${t.sinceTime} ${moment(heard(x), s.now, s.lang, s.zone)}` : t.never})`);
  return silent.length ? `${t.silent} ${some.join(", ")}${silent.length > 4 ? ` ${t.more(silent.length - 4)}` : ""}` : "";
}
function remarks(j, s) {
  const text = silence(j.silent, s);
  return [text ? el("li", { class: "unsure" }, text) : null, ...norms(j, s)].filter(Boolean);
}
// Over a room that speaks of now: whose figures are of before.
export function unheard(s) {
  const text = s.head && s.node === s.place ? silence(judge(s).silent, s) : "";
  return text ? el("p", { class: "problem", role: "status", "data-key": "unheard" }, text) : null;
}
// The state a machine may be said to be in, in words.
export const stateWord = (x, s) => word(claim(x, s) === "stale" ? "stale_data" : claim(x, s), s.lang);

// What is said aloud: without ages, so that it is said again only when something changed.
export function said(s) {
  const j = judge(s), t = ui[s.lang];
  if (s.lost) return word("lost", s.lang);
  return [t.some(j.running.length, j.units.length), j.silent.length ? t.unheard(j.silent.length) : "", ...j.down.map((x) => `${x.name}: ${word(x.cause, s.lang)}`)].filter(Boolean).join(", ");
}

export function answer(s) {
  const j = judge(s), sign = { bad: "✗", unsure: "?", warn: "▲", good: "✓" }[j.mark];
  const chips = STATES.map((k) => [k, j.units.filter((x) => claim(x, s) === k).length]).filter(([, n]) => n)
    .map(([k, n]) => el("li", { class: `s-${k}`, title: meaning(k) }, icon(k), el("b", {}, String(n)), ` ${word(k, s.lang)}`));
  const trials = s.tiles.filter((x) => isUnit(x) && isTrial(x, s)).length;
  if (trials) chips.push(el("li", { class: "s-trial", title: meaning("commissioning") }, icon("trial"), el("b", {}, String(trials)), ` ${word("commissioning", s.lang)}`));
  return [el("div", { class: `verdict ${j.mark}`, "data-mark": j.mark },
    el("p", { class: "sentence" }, el("span", { class: "sign", "aria-hidden": "true" }, sign), el("span", {}, sentence(j, s))),
    el("ul", { class: "chips" }, ...chips), el("ul", { class: "remarks" }, ...remarks(j, s)))];
}

// --- four classes, always ------------------------------------------------------------------------------------

export function windows(s) {
  const w = chosen(s), t = ui[s.lang];
  const buttons = WINDOWS.map((id) => el("button", { type: "button", "data-window": id, "aria-pressed": String(s.window === id) }, word(id, s.lang)));
  const life = w.life && w.life !== "provisional" ? ` · ${word(w.life, s.lang)} (${w.revision})` : "";
  const since = w.available === false ? word(w.reason, s.lang)
    : w.start_ms ? `${moment(w.start_ms, s.now, s.lang, s.zone)} – ${t.now}${life} · ${word("coverage", s.lang)} ${flat(w.coverage, "1", s.lang)}` : "";
  const last = newest(s), still = last && isSilent(s);
  return [el("div", { class: "segments", role: "group", "aria-label": t.window }, ...buttons), el("span", { class: "soft" }, since),
    still ? el("span", { class: "thin" }, t.still(moment(last, s.now, s.lang, s.zone))) : null].filter(Boolean);
}

// The window's time by state as one bar; the table behind it is its title and the list of the card.
function timeBar(w, lang) {
  const time = Object.entries(w.time_ms || {}).filter(([, ms]) => ms > 0), all = time.reduce((a, [, ms]) => a + ms, 0);
  if (!all) return null;
  let x = 0;
  const text = time.map(([k, ms]) => `${word(k, lang)} ${flat(ms / all, "1", lang)}`).join(", ");
  const order = [...time].sort((a, b) => STATES.indexOf(b[0]) - STATES.indexOf(a[0]));
  const parts = order.map(([k, ms]) => {
    const width = (ms / all) * 1000, part = svg("rect", { class: `s-${k}`, x: x.toFixed(1), y: 0, width: width.toFixed(1), height: 10 });
    x += width;
    return part;
  });
  return el("div", { class: "bar", title: text }, svg("svg", { viewBox: "0 0 1000 10", preserveAspectRatio: "none", role: "img", "aria-label": text }, ...parts));
}

// A figure leads to where it comes from; the last sixty minutes are no window that is stored.
const whence = (i, s, ...shown) => (s.window === "rolling" ? shown
  : [el("a", { class: "whence", href: explainAt({ place: s.node }, i.id, s.window), "data-go": "", title: ui[s.lang].whence }, ...shown)]);
const row = (i, s) => [el("dt", { title: meaning(i.id) }, word(i.id, s.lang)), el("dd", {}, ...whence(i, s, flat(i.value, i.unit, s.lang)))];

function normLine(i, s) {
  const t = ui[s.lang];
  if (!i.norm) return el("p", { class: "norm soft" }, `${word("norm", s.lang)} – `);
  const title = `${t.approved} ${i.norm.approved_by || "–"}, ${t.inForce} ${date(i.norm.from_ms, s.lang, s.zone)}`;
  return el("p", { class: "norm", title }, el("span", { class: "soft" }, `${word("norm", s.lang)} `), el("b", {}, flat(i.norm.value, i.unit, s.lang)),
    el("span", { class: "soft" }, ` · ${i.norm.approved_by || ""}`));
}

// Where the time went: states, and what the stops are put down to, longest first.
function losses(w, lang) {
  const time = Object.entries(w.time_ms || {}), why = Object.entries(w.delay_ms || {});
  const part = (list, kind) => list.filter(([, ms]) => ms > 0).sort((a, b) => b[1] - a[1]).slice(0, 6)
    .flatMap(([k, ms]) => [el("dt", { class: kind, title: meaning(k) }, word(k, lang)), el("dd", {}, span(ms, lang))]);
  return [...part(time, "state-time"), ...part(why, "cause-time")];
}

function card(c, s) {
  const w = chosen(s), lang = s.lang, lead = c.indicators.find((i) => i.id === c.lead) || c.indicators[0];
  const [value, unit] = figure(lead.value, lead.unit, lang);
  const status = c.missing ? "no_data" : c.status, why = w.available === false ? w.reason : c.missing || lead.reason;
  const others = c.indicators.filter((i) => i !== lead && i.value !== null && i.value !== undefined);
  const shown = others.filter((i) => FIRST.has(i.id)), rest = others.filter((i) => !FIRST.has(i.id));
  const ranged = lead.low !== null && lead.high - lead.low > 0.001, time = c.class === "equipment" ? losses(w, lang) : [];
  const thin = lead.coverage !== null && lead.coverage < 0.95, faint = thin || isSilent(s) ? " faint" : "";
  return el("article", { class: `card ${status}${faint}`, "data-key": c.class, "data-class": c.class, "aria-label": word(c.class, lang) },
    el("h2", {}, word(c.class, lang), el("span", { class: `status ${status}` }, `${SIGN[status]} ${word(status, lang)}`)),
    el("p", { class: "name", title: meaning(lead.id) }, word(lead.id, lang)),
    el("p", { class: "value" }, ...whence(lead, s, value, unit ? el("i", {}, ` ${unit}`) : null)),
    why ? el("p", { class: "why" }, word(why, lang)) : null,
    lead.note ? el("p", { class: "why", title: meaning(lead.note) }, word(lead.note, lang)) : null,
    c.class === "consumption" && w.idle_energy_kwh ? el("p", { class: "why", title: meaning("idle_energy") }, `${word("idle_energy", lang)} ${flat(w.idle_energy_kwh, "kWh", lang)}`) : null,
    ranged ? el("p", { class: "why" }, `${ui[lang].possible} ${flat(lead.low, lead.unit, lang)} – ${flat(lead.high, lead.unit, lang)}`) : null,
    normLine(lead, s),
    el("div", { class: "past" }, s.trend ? sparkline(s.trend.hours, lead, s) : null),
    el("dl", {}, ...shown.flatMap((i) => row(i, s)),
      el("dt", { title: meaning("coverage") }, word("coverage", lang)),
      el("dd", { class: thin ? "thin" : null }, flat(lead.coverage, "1", lang)),
      el("dt", {}, ui[lang].age), el("dd", { class: isSilent(s) ? "thin" : null }, newest(s) ? ago(s.now - newest(s), lang) : "–")),
    c.class === "equipment" ? timeBar(w, lang) : null,
    rest.length || time.length ? el("details", {}, el("summary", {}, ui[lang].others(rest.length + time.length / 2)),
      el("dl", {}, ...rest.flatMap((i) => row(i, s)), ...time)) : null);
}

export const classes = (s) => classesOf(s).map((c) => card(c, s));

// --- lines and machines --------------------------------------------------------------------------------------

function figures(x, lang) {
  const rows = [["time_utilization", x.time_utilization, "1"], ["oee", x.oee, "1"], ["energy_per_good", x.energy_per_good, ""], ["scrap_ratio", x.scrap_ratio, "1"]];
  return el("dl", { class: "figures" }, ...rows.map(([id, value, unit]) =>
    el("div", {}, el("dt", { title: `${word(id, lang)}: ${meaning(id)}` }, ui[lang].short[id]), el("dd", {}, flat(value, unit, lang)))));
}

// What of a tile changes only with its data: worked out once for each time they are told.
const told = new WeakMap();
function factsOf(x, s) {
  const key = `${s.lang}|${s.zone}|${s.today}|${areMany(s)}`, have = told.get(x);
  if (have && have.key === key) return have;
  const shown = () => [x.time_utilization, x.oee, x.energy_per_good, x.scrap_ratio, x.coverage].map((v) => flat(v, "1", s.lang));
  const all = areMany(s) ? [] : [flat(x.power_kw, "kW", s.lang), x.order, x.product, x.team, ...shown()]; // a small tile has no figures
  const sig = [x.state, x.cause, x.name, x.no_signals, x.by_hand, x.stateless, x.commissioning, x.commissioning_signals, key, ...all].join("|");
  const fresh = { key, sig, since: x.since_ms ? moment(x.since_ms, s.now, s.lang, s.zone) : "" };
  told.set(x, fresh);
  return fresh;
}

function sinceText(x, s) {
  const t = ui[s.lang];
  if (["by_hand", "stateless"].includes(claim(x, s))) return "";
  if (!x.asof_ms) return t.never;
  if (isStale(x, s.now, s.limit)) return t.last(ago(age(x, s.now), s.lang));
  return x.since_ms ? `${t.sinceTime} ${factsOf(x, s).since} (${ago(s.now - x.since_ms, s.lang)})` : "";
}

function tile(x, s) {
  const t = ui[s.lang], state = claim(x, s), unheard = !x.by_hand && isStale(x, s.now, s.limit), lang = s.lang;
  const cause = x.state === "delay" && x.cause && !unheard ? `: ${word(x.cause, lang)}` : "";
  const product = s.plant.products.find((p) => p.id === x.product);
  const context = [x.order, product && product.name ? product.name : x.product, x.team && `${word("team", lang)} ${x.team}`].filter(Boolean).join(" · ");
  const power = unheard || x.power_kw === null || x.power_kw === undefined ? "" : flat(x.power_kw, "kW", lang);
  const remark = x.no_signals && !x.by_hand ? word("no_signals", lang) : "", some = x.commissioning_signals || [];
  const trial = x.commissioning ? word("commissioning", lang) : some.length ? t.trials(some.length) : "";
  const node = el("button", { type: "button", class: `tile s-${state}${unheard ? " stale" : ""}${x.commissioning ? " trial" : ""}`, "data-unit": x.id, "data-open": x.id, "data-state": state },
    el("span", { class: "title" }, el("b", {}, x.name), areMany(s) ? null : el("span", { class: "soft" }, power)),
    el("span", { class: "state" }, icon(state), el("span", {}, word(state === "stale" ? "stale_data" : state, lang) + cause)),
    el("span", { class: "since" }, sinceText(x, s)),
    unheard && x.asof_ms && x.state !== "unknown" ? el("span", { class: "soft" }, `${t.before}: ${word(x.state, lang)}`) : null,
    trial ? el("span", { class: "on-trial", title: meaning("commissioning") }, icon("trial"), trial) : null, remark ? el("span", { class: "soft" }, remark) : null);
  if (areMany(s)) return node;
  node.append(...[figures(x, lang),
    context ? el("span", { class: "context soft" }, context) : null,
    x.coverage !== null && x.coverage < 0.95 && !unheard ? el("span", { class: "thin" }, `${word("coverage", lang)} ${flat(x.coverage, "1", lang)}`) : null].filter(Boolean));
  return node;
}

// A tile is made again when something of it reads differently; of one that merely grew older only the age is.
function tileItem(x, s) {
  const age = sinceText(x, s);
  const touch = (node) => { if (node.age !== age) node.querySelector(".since").textContent = node.age = age; };
  return { key: x.id, sig: `${claim(x, s)}|${factsOf(x, s).sig}`, make: () => tile(x, s), touch };
}

function count(tiles, s) {
  const units = tiles.filter(isJudged(s)), of = (...states) => units.filter((x) => states.includes(claim(x, s))).length, silent = of("stale", "unknown"), runs = of("production"), t = ui[s.lang];
  const text = silent === units.length ? "" : runs === units.length ? t.all(runs) : t.some(runs, units.length);
  return [text, silent ? t.unheard(silent) : ""].filter(Boolean).join(" · ");
}

function group(line, units, s) {
  const tiles = [...units].sort(byLoss(s)), silent = units.every((x) => !x.by_hand && isStale(x, s.now, s.limit));
  const node = el("section", { class: `line n${Math.min(units.length, 4)}${silent ? " silent" : ""}`, "data-key": line ? line.id : "-" },
    line ? el("header", {}, el("h2", {}, el("button", { type: "button", "data-open": line.id }, line.name)),
      el("span", { class: "soft" }, count(units, s)), line.time_utilization === undefined || units.length === 1 ? null : figures(line, s.lang)) : null,
    el("div", { class: "grid", "data-own": "" }));
  return { key: line ? line.id : "-", node, tiles: tiles.map((x) => tileItem(x, s)) };
}

// Tiles and lines show the shift so far, whatever window was chosen above (without a shift: the day).
export function caption(s) {
  const from = [...new Set(s.tiles.filter(isUnit).map((x) => x.from_ms))];
  const since = from.length === 1 && from[0] ? ui[s.lang].machines(moment(from[0], s.now, s.lang, s.zone)) : "";
  return [el("span", { class: "soft" }, since), ...(s.trend ? progress(s.trend.plans, s) : [])];
}

// Groups of machines by line, the line with the worst machine first: [{key, node, tiles}].
export function lines(s) {
  const units = s.tiles.filter(isUnit), groups = new Map();
  for (const x of units) groups.set(x.parent, [...(groups.get(x.parent) || []), x]);
  const worst = (of) => Math.min(...of.map((x) => RANK[claim(x, s)]));
  const single = units.length === 1 && units[0].id === s.node;
  return [...groups].sort(([a, x], [b, y]) => worst(x) - worst(y) || names.compare(a, b)).map(([p, of]) => {
    const line = s.tiles.find((x) => x.id === p) || s.plant.nodes.find((x) => x.id === p);
    return group(single || p === s.node ? null : line, of, s);
  });
}

export function path(s) {
  const nodes = s.plant.nodes, at = nodes.find((n) => n.id === s.node) || nodes[0], up = [];
  for (let n = at; n; n = nodes.find((x) => x.id === n.parent)) up.unshift(n);
  const crumbs = up.flatMap((n, i) => [i ? el("span", { class: "soft", "aria-hidden": "true" }, "›") : null,
    el("button", { type: "button", "data-open": n.id, "aria-current": n === at ? "page" : null }, n.name)]).filter(Boolean);
  const below = nodes.filter((n) => n.parent === at.id && n.level !== "unit"); // machines have their tiles
  if (!below.length) return crumbs;
  return [...crumbs, el("span", { class: "soft", "aria-hidden": "true" }, "›"),
    ...below.map((n) => el("button", { type: "button", class: "below", "data-open": n.id }, n.name))];
}

export function link(s) {
  const lang = s.lang, last = s.head ? newest(s) : 0, kind = s.lost ? "lost" : !s.head || isSilent(s) ? "waiting" : "";
  const text = s.lost ? word("lost", lang) : !s.head ? word("connecting", lang)
    : `${word("connected", lang)} · ${last ? ui[lang].dataAge(ago(s.now - last, lang)) : word("no_data", lang)}`;
  return { text, kind, clock: `${clock(s.now, lang, s.zone, true)} ${offset(s.now, s.zone)}`.trim() };
}
