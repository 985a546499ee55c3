// The Unit room: what one machine did and made in a period, and since when it does so. States as bands, stops by what
// they cost, an indicator by hour, its shifts side by side; every figure leads to where it comes from.
import { indicatorCurve } from "./curve.js";
import { el } from "./dom.js";
import { count, flat, meaning, moment, span, word } from "./format.js";
import { gantt } from "./gantt.js";
import { explainAt, fileOf } from "./links.js";
import { chooser, periodActs, periodOf } from "./period.js";
import { table } from "./table.js";

const HOUR_MS = 3600000, MANY_DAYS_MS = 15 * 24 * HOUR_MS, LONG_MS = 5 * 60000, STOPS_SHOWN = 40, SHIFTS = 9;
const LEADS = ["time_utilization", "oee", "energy_per_good", "scrap_ratio", "labour_per_unit"];

export const text = {
  en: {
    choose: "Choose a machine:", states: (name) => `What ${name} did`, none: "Nothing is known of this period.", stops: "Stops, dearest first", why: "Why it stood", times: "Times", total: "Total", longest: "Longest", part: "Share",
    list: (n, m) => `${n} of ${m} stops, the newest first`, from: "From", length: "Length", state: "State", order: "Order, product", team: "Team",
    shifts: "Shifts", shift: "Shift", coverage: "Coverage", good: "Good", scrap: "Scrap", energy: "Energy", run: "Running", life: "Figures", from_where: "Where does this number come from?", noStops: "It did not stop in this period.", long: "Only stops over 5 minutes",
  },
  vi: {
    choose: "Chọn máy:", states: (name) => `Hoạt động của ${name}`, none: "Chưa biết gì về kỳ này.", stops: "Lần dừng, tốn kém nhất trước", why: "Lý do dừng", times: "Số lần", total: "Tổng", longest: "Dài nhất", part: "Tỷ trọng",
    list: (n, m) => `${n} trên ${m} lần dừng, mới nhất trước`, from: "Từ lúc", length: "Thời lượng", state: "Trạng thái", order: "Lệnh, sản phẩm", team: "Tổ",
    shifts: "Các ca", shift: "Ca", coverage: "Độ phủ", good: "Đạt", scrap: "Phế phẩm", energy: "Điện năng", run: "Chạy", life: "Số liệu", from_where: "Con số này từ đâu ra?", noStops: "Máy không dừng trong kỳ này.", long: "Chỉ lần dừng trên 5 phút",
  },
};
export const every = 30000;
const unitOf = (s) => s.plant.nodes.find((n) => n.id === s.place && n.level === "unit");
const indicatorOf = (s) => s.arg("indicator") || LEADS[0];
const spanOf = (s) => ({ from: periodOf(s).fromMs, to: periodOf(s).toMs });
const gridOf = (p) => (p.toMs - p.fromMs > MANY_DAYS_MS ? "day" : "hour");
export const key = (s) => (unitOf(s) ? [s.place, periodOf(s).fromMs, periodOf(s).toMs].join("|") : `none ${s.place}`);

export async function load(s, ask) {
  const p = periodOf(s);
  if (!unitOf(s)) return {};
  const span_ = { from: p.fromMs, to: Math.min(p.toMs, Math.ceil(s.now)) };
  const [line, stops, windows, shifts] = await Promise.all([ask(`units/${s.place}/timeline`, span_), ask("stops", { node: s.place, ...span_ }),
    ask("windows", { node: s.place, kind: gridOf(p), ...span_, limit: 1000 }), ask("windows", { node: s.place, kind: "shift", from: Math.floor(s.now) - 4 * 24 * HOUR_MS, to: Math.ceil(s.now), limit: 1000 })]);
  return { line, stops, windows: windows.windows, shifts: shifts.windows.slice(-SHIFTS).reverse() };
}

const asked = (s, v, indicator, kind, start) => el("a", { href: explainAt(s, indicator, kind, start), "data-go": "", title: text[s.lang].from_where }, flat(v.value, v.unit, s.lang));

function states(s, data, p) {
  const t = text[s.lang], unit = unitOf(s), to = Math.min(p.toMs, s.now), pieces = data.line.pieces;
  const seen = [...new Set(pieces.map((x) => x.category))];
  const key_ = el("ul", { class: "chips" }, ...seen.map((c) => el("li", { class: `s-${c}`, title: meaning(c) }, el("span", { class: "swatch", "aria-hidden": "true" }), word(c, s.lang))));
  return el("section", { class: "panel" }, el("h2", {}, t.states(unit.name)),
    pieces.length ? gantt(s, t.states(unit.name), pieces, p.fromMs, Math.ceil((to - p.fromMs) / HOUR_MS) * HOUR_MS + p.fromMs) : el("p", { class: "soft" }, t.none), key_);
}

function dearest(s, data) {
  const t = text[s.lang], rows = data.stops.rows, most = Math.max(1, ...rows.map((r) => r.total_ms));
  const name = (r) => [word(r.category, s.lang), r.cause && word(r.cause, s.lang), r.reason].filter(Boolean).join(" · ");
  const columns = [
    { head: t.why, cell: (r) => el("span", { class: `mark-state s-${r.category}` }, name(r)) },
    { head: t.part, cell: (r) => el("meter", { min: 0, max: most, value: r.total_ms, "aria-label": flat(r.share, "1", s.lang) }) },
    { head: t.total, number: true, cell: (r) => span(r.total_ms, s.lang) }, { head: t.times, number: true, cell: (r) => count(r.count, s.lang) },
    { head: t.longest, number: true, cell: (r) => span(r.longest_ms, s.lang) },
  ];
  return el("section", { class: "panel" }, el("h2", {}, t.stops), rows.length ? table(t.stops, columns, rows) : el("p", { class: "soft" }, t.noStops), fileOf(s, t.stops, "stops", { node: s.place, ...spanOf(s) }));
}

function newest(s, data, local) {
  const t = text[s.lang], all = data.line.pieces.filter((p) => !["production", "not_scheduled"].includes(p.category)).reverse();
  const some = all.filter((p) => !local.long || p.to_ms - p.from_ms >= LONG_MS).slice(0, STOPS_SHOWN);
  const columns = [
    { head: t.from, cell: (p) => moment(p.from_ms, s.now, s.lang, s.zone) }, { head: t.length, number: true, cell: (p) => span(p.to_ms - p.from_ms, s.lang) },
    { head: t.state, cell: (p) => el("span", { class: `mark-state s-${p.category}` }, [word(p.category, s.lang), p.cause && word(p.cause, s.lang), p.reason].filter(Boolean).join(" · ")) },
    { head: t.order, cell: (p) => [p.order, p.product].filter(Boolean).join(" · ") || "–" }, { head: t.team, cell: (p) => p.team || "–" },
  ];
  return el("section", { class: "panel" }, el("h2", {}, t.list(some.length, all.length)),
    el("label", { class: "check" }, el("input", { type: "checkbox", "data-change": "long" }), t.long), some.length ? table(t.stops, columns, some) : el("p", { class: "soft" }, t.noStops),
    fileOf(s, t.states(unitOf(s).name), `units/${s.place}/timeline`, spanOf(s)));
}

function shifts(s, data) {
  const t = text[s.lang], q = (w, k) => (w.sums[k] ?? 0) / 1e6, energy = (w) => Object.entries(w.sums).filter(([k]) => /^energy_(?!due|seen|unknown_)/.test(k)).reduce((a, [, v]) => a + v, 0) / 1e9;
  const life = (w) => [word(w.life, s.lang), w.life === "restated" ? w.revision : ""].join(" ");
  const of = (id) => ({ head: word(id, s.lang), number: true, cell: (w) => (w.indicators[id] ? asked(s, w.indicators[id], id, "shift", w.start) : "–") });
  const columns = [
    { head: t.shift, cell: (w) => moment(Date.parse(w.start), s.now, s.lang, s.zone) }, { head: t.run, number: true, cell: (w) => span(w.sums.time_production ?? 0, s.lang) },
    { head: t.good, number: true, cell: (w) => count(q(w, "gq"), s.lang) }, { head: t.scrap, number: true, cell: (w) => count(q(w, "sq"), s.lang) },
    { head: t.energy, number: true, cell: (w) => flat(energy(w), "kWh", s.lang) }, ...LEADS.map(of), { head: t.coverage, number: true, cell: (w) => flat(w.coverage, "1", s.lang) }, { head: t.life, cell: life },
  ];
  return el("section", { class: "panel" }, el("h2", {}, t.shifts), data.shifts.length ? table(t.shifts, columns, data.shifts) : el("p", { class: "soft" }, t.none), fileOf(s, t.shifts, "windows", { node: s.place, kind: "shift", limit: 1000 }));
}

const curve = (s, data, p) => indicatorCurve(s, { key: "curve", windows: data.windows, grid: gridOf(p), period: p, id: indicatorOf(s), ids: [...new Set([...LEADS, ...Object.keys(data.windows[0]?.indicators || {})])] });

export function draw(s, data, local) {
  const t = text[s.lang], p = periodOf(s);
  if (!data.line) {
    const units = s.plant.nodes.filter((n) => n.level === "unit");
    return [el("section", { class: "panel" }, el("p", {}, t.choose), el("div", { class: "form" }, ...units.map((n) => el("button", { type: "button", "data-open": n.id }, n.name))))];
  }
  return [chooser(s), states(s, data, p), curve(s, data, p), dearest(s, data), newest(s, data, local), shifts(s, data)];
}

export const act = {
  ...periodActs,
  indicator: (s, at, room) => room.set({ indicator: at.value }),
  long: (s, at, room) => { room.local.long = at.checked; },
};
