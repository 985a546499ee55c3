// The Plant view: state in, elements out. Pure: no clock, no network, nothing kept between two drawings.
import { el, svg } from "./dom.js";
import { ago, clock, figure, flat, meaning, moment, word } from "./format.js";
import { ui } from "./glossary.js";

const CLASSES = ["equipment", "labour", "consumption", "quality"];
const WINDOWS = ["rolling", "hour", "shift", "day"];
// Shown on the card; the others are one step away.
const FIRST = new Set(["oee", "output_per_labour_hour", "standby_ratio", "material_per_unit", "quality_ratio"]);
const SIGN = { better: "★", met: "✓", not_met: "✗", no_norm: "○", no_data: "?" };
const STATES = ["delay", "stale", "unknown", "down_no_order", "setup", "planned_down", "production", "engineering", "not_scheduled"];
// Losses first: machines that should produce and do not, then those nobody hears.
const RANK = Object.fromEntries(STATES.map((s, i) => [s, i]));
// One shape a state, so that colour is never alone.
const SHAPE = {
  production: "M3 2l11 6-11 6z", setup: "M8 1l7 7-7 7-7-7z", delay: "M2 2h12v12H2z", down_no_order: "M8 2l7 12H1z",
  planned_down: "M3 2h4v12H3zM9 2h4v12H9z", not_scheduled: "M2 7h12v2H2z", engineering: "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1z",
  unknown: "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1zm0 2.4a4.6 4.6 0 1 1 0 9.2 4.6 4.6 0 0 1 0-9.2z",
  stale: "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1zm0 2a5 5 0 1 1 0 10A5 5 0 0 1 8 3zM7 4.5h2v3.2l2.4 1.4-1 1.7L7 8.8z",
};
const icon = (state) =>
  svg("svg", { viewBox: "0 0 16 16", class: "icon", "aria-hidden": "true" }, svg("path", { d: SHAPE[state] || SHAPE.unknown, "fill-rule": "evenodd" }));

const isUnit = (x) => x.level === "unit";
const age = (x, now) => (x.asof_ms ? now - x.asof_ms : null);
export const isStale = (x, now, limit) => !x.asof_ms || now - x.asof_ms > limit;
// What a tile may claim: a machine that is not heard is not "running", whatever it last said.
const claim = (x, s) => (isStale(x, s.now, s.limit) ? "stale" : x.state || "unknown");
const chosen = (s) => (s.head.windows && s.head.windows[s.window]) || { classes: [] };

// --- the first sentence: is the plant all right, and if not, where? ------------------------------------------

function judge(s) {
  const units = s.tiles.filter(isUnit), of = (state) => units.filter((x) => claim(x, s) === state);
  const down = of("delay").sort((a, b) => a.since_ms - b.since_ms);
  const silent = units.filter((x) => ["stale", "unknown"].includes(claim(x, s))).sort((a, b) => (a.asof_ms || 0) - (b.asof_ms || 0));
  const running = of("production"), resting = of("not_scheduled").length + of("planned_down").length;
  const whole = chosen(s).whole || {};
  const mark = down.length ? "bad" : silent.length ? "unsure" : whole.not_met ? "warn" : "good";
  return { units, down, silent, running, resting, whole, mark };
}

function sentence(j, s) {
  const t = ui[s.lang], n = j.units.length;
  if (n === 0) return t.empty;
  if (j.silent.length === n) return t.nothing(ago(age(j.silent[n - 1], s.now), s.lang), j.silent[n - 1].asof_ms);
  const head = j.running.length === n ? t.all(n) : j.resting + j.silent.length === n && j.resting ? t.resting : t.some(j.running.length, n);
  const [x] = j.down, also = j.down.length > 1 ? ` (${t.more(j.down.length - 1)})` : "";
  if (x) return `${head} ${t.down(x.name, ago(s.now - x.since_ms, s.lang), word(x.cause, s.lang))}${also}.`;
  return `${head}.`;
}

function remarks(j, s) {
  const t = ui[s.lang], out = [];
  if (j.silent.length && j.silent.length < j.units.length)
    out.push(el("li", { class: "unsure" }, `${t.silent} ${j.silent.slice(0, 4).map((x) => x.asof_ms
      ? `${x.name} (${t.sinceTime} ${moment(x.asof_ms, s.now, s.lang, s.zone)})` : `${x.name} (${t.never})`).join(", ")}${j.silent.length > 4 ? " …" : ""}`));
  const counts = ["not_met", "no_data", "no_norm", "met", "better"].filter((k) => j.whole[k])
    .map((k) => el("span", { class: `status ${k}` }, `${SIGN[k]} ${j.whole[k]} ${word(k, s.lang)}`));
  if (counts.length) out.push(el("li", {}, el("span", { class: "soft" }, `${word("norm", s.lang)}: `), ...counts));
  return out;
}

export function answer(s) {
  const j = judge(s), sign = { bad: "✗", unsure: "?", warn: "▲", good: "✓" }[j.mark];
  const chips = STATES.map((k) => [k, j.units.filter((x) => claim(x, s) === k).length]).filter(([, n]) => n)
    .map(([k, n]) => el("li", { class: `s-${k}`, title: meaning(k) }, icon(k), el("b", {}, String(n)), ` ${word(k, s.lang)}`));
  return [el("div", { class: `verdict ${j.mark}` },
    el("p", { class: "sentence" }, el("span", { class: "sign", "aria-hidden": "true" }, sign), el("span", {}, sentence(j, s))),
    el("ul", { class: "remarks" }, ...remarks(j, s)), el("ul", { class: "chips" }, ...chips))];
}

// --- four classes, always ------------------------------------------------------------------------------------

export function windows(s) {
  const w = chosen(s), t = ui[s.lang];
  const buttons = WINDOWS.map((id) => el("button", { type: "button", "data-window": id, "aria-pressed": String(s.window === id) }, word(id, s.lang)));
  const life = w.life && w.life !== "provisional" ? ` · ${word(w.life, s.lang)} (${w.revision})` : "";
  const span = w.available === false ? word(w.reason, s.lang)
    : w.start_ms ? `${moment(w.start_ms, s.now, s.lang, s.zone)} – ${t.now}${life} · ${word("coverage", s.lang)} ${flat(w.coverage, "1", s.lang)}` : "";
  return [el("div", { class: "segments", role: "group", "aria-label": t.window }, ...buttons), el("span", { class: "soft" }, span)];
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

const row = (i, lang) => [el("dt", { title: meaning(i.id) }, word(i.id, lang)), el("dd", {}, flat(i.value, i.unit, lang))];

function normLine(i, s) {
  const t = ui[s.lang];
  if (!i.norm) return el("p", { class: "norm soft" }, `${word("norm", s.lang)} – `);
  const title = `${t.approved} ${i.norm.approved_by || "–"}, ${t.inForce} ${new Date(i.norm.from_ms).toLocaleDateString(s.lang)}`;
  return el("p", { class: "norm", title }, el("span", { class: "soft" }, `${word("norm", s.lang)} `), el("b", {}, flat(i.norm.value, i.unit, s.lang)),
    el("span", { class: "soft" }, ` · ${i.norm.approved_by || ""}`));
}

function card(c, s) {
  const w = chosen(s), lang = s.lang, lead = c.indicators.find((i) => i.id === c.lead) || c.indicators[0];
  const [value, unit] = figure(lead.value, lead.unit, lang);
  const status = c.missing ? "no_data" : c.status, why = c.missing || lead.reason;
  const others = c.indicators.filter((i) => i !== lead && i.value !== null && i.value !== undefined);
  const shown = others.filter((i) => FIRST.has(i.id)), rest = others.filter((i) => !FIRST.has(i.id));
  const ranged = lead.low !== null && lead.high - lead.low > 0.001;
  return el("article", { class: `card ${status}`, "data-key": c.class, "data-class": c.class, "aria-label": word(c.class, lang) },
    el("h2", {}, word(c.class, lang), el("span", { class: `status ${status}` }, `${SIGN[status]} ${word(status, lang)}`)),
    el("p", { class: "name", title: meaning(lead.id) }, word(lead.id, lang)),
    el("p", { class: "value" }, value, unit ? el("i", {}, ` ${unit}`) : null),
    why ? el("p", { class: "why" }, word(why, lang)) : null,
    ranged ? el("p", { class: "why" }, `${ui[lang].possible} ${flat(lead.low, lead.unit, lang)} – ${flat(lead.high, lead.unit, lang)}`) : null,
    normLine(lead, s),
    c.class === "equipment" ? timeBar(w, lang) : null,
    el("dl", {}, ...shown.flatMap((i) => row(i, lang)),
      el("dt", { title: meaning("coverage") }, word("coverage", lang)),
      el("dd", { class: lead.coverage < 0.95 ? "thin" : null }, flat(lead.coverage, "1", lang))),
    rest.length ? el("details", {}, el("summary", {}, ui[lang].others(rest.length)), el("dl", {}, ...rest.flatMap((i) => row(i, lang)))) : null);
}

export function classes(s) {
  const found = chosen(s).classes || [];
  return CLASSES.map((id) => card(found.find((c) => c.class === id) || { class: id, missing: "no_data", status: "no_data", lead: id,
    indicators: [{ id, value: null, unit: "", coverage: null, low: null, high: null, norm: null }] }, s));
}

// --- lines and machines --------------------------------------------------------------------------------------

function figures(x, lang) {
  const rows = [["time_utilization", x.time_utilization, "1"], ["oee", x.oee, "1"], ["energy_per_good", x.energy_per_good, ""], ["scrap_ratio", x.scrap_ratio, "1"]];
  return el("dl", { class: "figures" }, ...rows.map(([id, value, unit]) =>
    el("div", {}, el("dt", { title: `${word(id, lang)}: ${meaning(id)}` }, ui[lang].short[id]), el("dd", {}, flat(value, unit, lang)))));
}

function tile(x, s) {
  const t = ui[s.lang], state = claim(x, s), stale = state === "stale", lang = s.lang;
  const cause = x.state === "delay" && x.cause && !stale ? `: ${word(x.cause, lang)}` : "";
  const since = stale ? (x.asof_ms ? t.last(ago(age(x, s.now), lang)) : t.never)
    : x.since_ms ? `${t.sinceTime} ${moment(x.since_ms, s.now, lang, s.zone)} (${ago(s.now - x.since_ms, lang)})` : "";
  const context = [x.order, x.product, x.team && `${word("team", lang)} ${x.team}`].filter(Boolean).join(" · ");
  const power = x.power_kw === null || x.power_kw === undefined ? "" : flat(x.power_kw, "kW", lang);
  return el("button", { type: "button", class: `tile s-${state}${stale ? " stale" : ""}`, "data-unit": x.id, "data-open": x.id },
    el("span", { class: "title" }, el("b", {}, x.name), el("span", { class: "soft" }, stale ? "" : power)),
    el("span", { class: "state" }, icon(state), el("span", {}, word(stale ? "stale_data" : state, lang) + cause)),
    el("span", { class: "since" }, since),
    stale && x.asof_ms && x.state !== "unknown" ? el("span", { class: "soft" }, `${t.before}: ${word(x.state, lang)}`) : null,
    x.commissioning ? el("span", { class: "soft" }, word("commissioning", lang)) : null,
    x.no_signals ? el("span", { class: "soft" }, word("no_signals", lang)) : null,
    figures(x, lang),
    el("span", { class: "context soft" }, context || "\u00a0"),
    x.coverage < 0.95 && !stale ? el("span", { class: "thin" }, `${word("coverage", lang)} ${flat(x.coverage, "1", lang)}`) : null);
}

// A tile is made again only when its data or one of its ages reads differently.
const signature = (x, s) => `${s.lang}|${x.seen}|${claim(x, s)}|${ago(s.now - x.since_ms, s.lang)}|${claim(x, s) === "stale" ? ago(age(x, s.now), s.lang) : ""}|${moment(x.since_ms, s.now, s.lang, s.zone)}`;

const byLoss = (s) => (a, b) => RANK[claim(a, s)] - RANK[claim(b, s)] || (a.since_ms || 0) - (b.since_ms || 0) || a.name.localeCompare(b.name);

function count(units, s) {
  const of = (...states) => units.filter((x) => states.includes(claim(x, s))).length, silent = of("stale", "unknown");
  const text = silent === units.length ? "" : ui[s.lang].some(of("production"), units.length);
  return [text, silent ? `${silent} ${word("stale", s.lang)}` : ""].filter(Boolean).join(" · ");
}

function group(line, units, s) {
  const tiles = [...units].sort(byLoss(s));
  const node = el("section", { class: "line", "data-key": line ? line.id : "-" },
    line ? el("header", {}, el("h2", {}, el("button", { type: "button", "data-open": line.id }, line.name)),
      el("span", { class: "soft" }, count(units, s)), line.time_utilization === undefined ? null : figures(line, s.lang)) : null,
    el("div", { class: "grid", "data-own": "" }));
  return { key: line ? line.id : "-", node, tiles: tiles.map((x) => ({ key: x.id, sig: signature(x, s), make: () => tile(x, s) })) };
}

// Groups of machines by line, the line with the worst machine first: [{key, node, tiles}].
export function lines(s) {
  const units = s.tiles.filter(isUnit), parents = [...new Set(units.map((x) => x.parent))];
  const worst = (p) => Math.min(...units.filter((x) => x.parent === p).map((x) => RANK[claim(x, s)]));
  const single = units.length === 1 && units[0].id === s.node;
  return parents.sort((a, b) => worst(a) - worst(b) || String(a).localeCompare(String(b))).map((p) => {
    const line = s.tiles.find((x) => x.id === p) || s.plant.nodes.find((x) => x.id === p);
    return group(single || p === s.node ? null : line, units.filter((x) => x.parent === p), s);
  });
}

export function path(s) {
  const nodes = s.plant.nodes, at = nodes.find((n) => n.id === s.node) || nodes[0], up = [];
  for (let n = at; n; n = nodes.find((x) => x.id === n.parent)) up.unshift(n);
  const crumbs = up.flatMap((n, i) => [i ? el("span", { class: "soft", "aria-hidden": "true" }, "›") : null,
    el("button", { type: "button", "data-open": n.id, "aria-current": n === at ? "page" : null }, n.name)]).filter(Boolean);
  const below = nodes.filter((n) => n.parent === at.id);
  if (!below.length) return crumbs;
  return [...crumbs, el("span", { class: "soft", "aria-hidden": "true" }, "›"),
    ...below.map((n) => el("button", { type: "button", class: "below", "data-open": n.id }, n.name))];
}

export function link(s) {
  const lang = s.lang, oldest = s.head && s.head.summary ? s.head.summary.asof_ms : null;
  const text = s.lost ? word("lost", lang) : !s.head ? word("connecting", lang) : `${word("connected", lang)} · ${ui[lang].dataAge(ago(oldest ? s.now - oldest : null, lang))}`;
  return { text, lost: s.lost, clock: clock(s.now, lang, s.zone, true) };
}
