// Draws what the stream tells. Pure: state in, DOM out; no clock and no network of its own.
import { glossary, ui } from "./glossary.js";

const rank = { delay: 0, unknown: 1, down_no_order: 2, setup: 3, planned_down: 4, production: 5, not_scheduled: 6, engineering: 6 };
const sign = { better: "★", met: "✓", not_met: "✗", no_norm: "○", no_data: "?" };
// One shape a state, so that colour is never alone.
const shape = {
  production: "M3 2l11 6-11 6z", setup: "M8 1l7 7-7 7-7-7z", delay: "M2 2h12v12H2z", down_no_order: "M8 2l7 12H1z",
  planned_down: "M3 2h4v12H3zM9 2h4v12H9z", not_scheduled: "M2 7h12v2H2z", engineering: "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1z",
  unknown: "M6 1h4v3H6zM6 6h4v4H6zM6 12h4v3H6z",
};

export const word = (id, lang) => (glossary[id] ? glossary[id][lang === "vi" ? 1 : 0] : id);
const meaning = (id) => (glossary[id] ? glossary[id][2] : "");

export function el(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [k, v] of Object.entries(props || {})) {
    if (v === undefined || v === null || v === false) continue;
    if (k === "class") node.className = v;
    else if (k.startsWith("on")) node.addEventListener(k.slice(2), v);
    else node.setAttribute(k, v === true ? "" : v);
  }
  for (const c of children) if (c !== null && c !== undefined) node.append(c);
  return node;
}

export function ago(ms, lang) {
  if (ms === null || ms === undefined) return "–";
  const s = Math.max(0, Math.round(ms / 1000));
  const text = s < 90 ? `${s} s` : s < 5400 ? `${Math.round(s / 60)} min` : s < 172800 ? `${Math.round(s / 3600)} h` : `${Math.round(s / 86400)} d`;
  return lang === "vi" ? text.replace("min", "phút").replace(" h", " giờ").replace(" d", " ngày").replace(" s", " giây") : text;
}

export function figure(value, unit) {
  if (value === null || value === undefined) return ["–", ""];
  if (unit === "1") return [(value * 100).toFixed(Math.abs(value) < 0.1 ? 2 : 1), "%"];
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 1 ? 2 : 3;
  return [value.toFixed(digits), unit === "unit" ? "" : unit];
}
const flat = (value, unit) => figure(value, unit).join(" ").trim();

const age = (tile, nowMs) => (tile.asof_ms ? nowMs - tile.asof_ms : null);
export const isStale = (tile, nowMs, limit) => !tile.asof_ms || nowMs - tile.asof_ms > limit;

function icon(state) {
  const ns = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(ns, "svg");
  const path = document.createElementNS(ns, "path");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", shape[state] || shape.unknown);
  svg.append(path);
  return svg;
}

// The first sentence of the page: is the plant all right, and if not, where?
export function answer(s, nowMs, lang) {
  const t = ui[lang], limit = s.head.stale_after_ms || 15000;
  const units = s.tiles.filter((x) => x.level === "unit");
  const silent = units.filter((x) => isStale(x, nowMs, limit) || x.state === "unknown");
  const heard = units.filter((x) => !silent.includes(x));
  const running = heard.filter((x) => x.state === "production");
  const down = heard.filter((x) => x.state === "delay").sort((a, b) => a.since_ms - b.since_ms);
  const idle = heard.length > 0 && heard.every((x) => x.state === "not_scheduled" || x.state === "planned_down");
  const w = s.head.windows && s.head.windows[s.window];
  const missed = w && w.classes ? w.classes.filter((c) => c.status === "not_met").length : 0;
  const parts = [];
  for (const x of down.slice(0, 3))
    parts.push(`${x.name} ${t.down}: ${word(x.cause, lang)}, ${ago(nowMs - x.since_ms, lang)}.`);
  if (silent.length)
    parts.push(`${t.silent} ${silent.map((x) => x.name).slice(0, 4).join(", ")} (${t.last} ${ago(age(silent[0], nowMs), lang)}).`);
  const judged = w && w.classes ? w.classes.some((c) => c.status === "met" || c.status === "better") : false;
  parts.push(missed ? t.norms(missed) : judged ? t.allNorm : t.noneJudged);
  const fine = !down.length && !silent.length && !missed;
  const head = idle ? t.off : running.length === units.length && units.length ? t.all : t.some(running.length, units.length);
  const mark = down.length ? ["✗", "bad-sign"] : silent.length ? ["?", "warn-sign"] : fine ? ["✓", "good-sign"] : ["▲", "warn-sign"];
  return [el("span", { class: `sign ${mark[1]}`, "aria-hidden": "true" }, mark[0]), head, el("small", {}, parts.join(" "))];
}

function classCard(c, lang) {
  const lead = c.indicators.find((i) => i.id === c.lead) || c.indicators[0];
  const [value, unit] = figure(lead.value, lead.unit);
  const status = c.missing ? "no_data" : c.status;
  const rows = c.indicators.filter((i) => i !== lead && i.value !== null).slice(0, 5)
    .flatMap((i) => [el("dt", { title: meaning(i.id) }, word(i.id, lang)), el("dd", {}, flat(i.value, i.unit))]);
  const why = c.missing ? word(c.missing, lang) : lead.reason ? word(lead.reason, lang) : null;
  return el("article", { class: `card ${status}`, "data-class": c.class },
    el("h2", {}, word(c.class, lang), el("span", { class: `status ${status}` }, `${sign[status]} ${word(status, lang)}`)),
    el("div", { class: "name", title: meaning(lead.id) }, word(lead.id, lang)),
    el("div", { class: "value" }, value, el("i", {}, unit ? ` ${unit}` : "")),
    why ? el("div", { class: "why" }, why) : null,
    el("dl", {},
      el("dt", {}, word("norm", lang)), el("dd", {}, lead.norm ? `${flat(lead.norm.value, lead.unit)} · ${lead.norm.approved_by}` : "–"),
      el("dt", {}, word("coverage", lang)), el("dd", {}, flat(lead.coverage, "1")), ...rows));
}

export function classes(s, lang) {
  const w = s.head.windows && s.head.windows[s.window];
  const found = (w && w.classes) || [];
  return ["equipment", "labour", "consumption", "quality"].map((id) =>
    classCard(found.find((c) => c.class === id) || { class: id, missing: "no_data", status: "no_data", lead: id,
      indicators: [{ id, value: null, unit: "", coverage: null, norm: null }] }, lang));
}

export function windows(s, lang, choose) {
  const w = s.head.windows && s.head.windows[s.window];
  const buttons = ["rolling", "hour", "shift", "day"].map((id) =>
    el("button", { type: "button", "aria-pressed": String(s.window === id), onclick: () => choose(id) }, word(id, lang)));
  const life = w && w.life ? word(w.life, lang) + (w.revision ? ` ${w.revision}` : "") : "";
  const span = w && w.start ? `${new Date(w.start_ms).toLocaleTimeString(lang, { hour: "2-digit", minute: "2-digit" })} – · ${life}` : life;
  return [...buttons, el("span", {}, span)];
}

function tile(x, s, nowMs, lang, open) {
  const t = ui[lang], stale = isStale(x, nowMs, s.head.stale_after_ms || 15000);
  if (x.level !== "unit") return el("button", { type: "button", class: "tile", onclick: () => open(x.id) },
    el("h3", {}, x.name, el("span", { class: "more" }, flat(x.coverage, "1"))), figures(x, lang));
  const state = x.state || "unknown";
  const cause = state === "delay" && x.cause ? ` · ${word(x.cause, lang)}` : "";
  const context = [x.order, x.product, x.team].filter(Boolean).join(" · ");
  return el("button", { type: "button", class: `tile s-${state}${stale ? " stale" : ""}`, "data-unit": x.id, onclick: () => open(x.id) },
    el("h3", {}, x.name, el("span", { class: "more" }, x.power_kw !== null && x.power_kw !== undefined ? `${x.power_kw.toFixed(1)} kW` : "")),
    el("div", { class: "state" }, icon(state), word(state, lang) + cause),
    el("div", { class: "more" }, `${t.since} ${new Date(x.since_ms).toLocaleTimeString(lang, { hour: "2-digit", minute: "2-digit" })} (${ago(nowMs - x.since_ms, lang)})`),
    stale ? el("div", { class: "old" }, `${word("stale", lang)}: ${x.asof_ms ? `${t.last} ${ago(age(x, nowMs), lang)}` : t.never}`) : null,
    figures(x, lang), context ? el("div", { class: "more" }, context) : null);
}

function figures(x, lang) {
  const rows = [["time_utilization", "1"], ["oee", "1"], ["energy_per_good", "kWh"], ["scrap_ratio", "1"]];
  return el("dl", {}, ...rows.flatMap(([id, unit]) => [el("dt", { title: meaning(id) }, short(id, lang)), el("dd", {}, flat(x[id], unit === "1" ? "1" : ""))]));
}
const short = (id, lang) => ({ time_utilization: lang === "vi" ? "Sử dụng" : "Util.", oee: "OEE", energy_per_good: lang === "vi" ? "kWh/sp" : "kWh/pc",
  scrap_ratio: lang === "vi" ? "Phế phẩm" : "Scrap" })[id];

export function tiles(s, nowMs, lang, open) {
  const limit = s.head.stale_after_ms || 15000;
  const weight = (x) => (x.level !== "unit" ? 9 : isStale(x, nowMs, limit) ? 0.5 : rank[x.state] ?? 1);
  return [...s.tiles].sort((a, b) => weight(a) - weight(b) || a.since_ms - b.since_ms || a.name.localeCompare(b.name))
    .map((x) => tile(x, s, nowMs, lang, open));
}

export function path(plant, node, open) {
  const nodes = plant.nodes, at = nodes.find((n) => n.id === node) || nodes[0];
  const up = [];
  for (let n = at; n; n = nodes.find((x) => x.id === n.parent)) up.unshift(n);
  const children = nodes.filter((n) => n.parent === at.id);
  const crumb = (n, here) => el("button", { type: "button", "aria-current": here ? "page" : null, onclick: () => open(n.id) }, n.name);
  return [...up.map((n) => crumb(n, n === at)), children.length ? el("span", { "aria-hidden": "true" }, "›") : null, ...children.map((n) => crumb(n, false))].filter(Boolean);
}
