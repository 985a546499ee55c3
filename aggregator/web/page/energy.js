// The Energy room: what was used against what was to be expected, what a good piece takes against its norm, the running
// quarter-hour against the contract, where the energy goes (by state, by hour of the day, by machine that idles, by
// meter), what it costs and emits.
import { heat, stacked, tableOf } from "./bars.js";
import { indicatorCurve } from "./curve.js";
import { el } from "./dom.js";
import * as fit from "./energy_fit.js";
import * as meters from "./energy_meters.js";
import { clock, day, flat, moment, word } from "./format.js";
import { chooser, dateOf, periodActs, periodOf } from "./period.js";
import { fileOf } from "./links.js";
import { isSilent } from "./plant.js";
import { table } from "./table.js";

const HOUR_MS = 3600000, DAY_MS = 24 * HOUR_MS, QUARTER_MS = HOUR_MS / 4, BY_HOUR_MS = 2.5 * DAY_MS, MAP_MS = 32 * DAY_MS, UNITS = 60, AT_ONCE = 6;
const STATES = ["production", "setup", "delay", "down_no_order", "engineering", "planned_down", "not_scheduled", "unknown"];
const IDLE = ["delay", "down_no_order", "planned_down", "not_scheduled"], LEAST_KWH = 0.0005; // as `plantbus energy idle` has it
const BANDS = ["peak", "normal", "low", "special"];
const PER_GOOD = ["energy_per_good", "comprehensive_energy", "direct_energy_per_unit", "standby_ratio", "co2_per_good", "cost_per_good", "power_factor", "gas_per_good", "air_per_good", "steam_per_good", "water_per_good"];

export const text = {
  en: {
    baseline: "by the baseline", unheard: "Nothing is measured in it yet.", demand: "The running quarter-hour", soFar: "so far", power: "power now", forecast: "expected at its end", contract: "contract", over: "It will pass the contract.", under: "It stays below the contract.", noContract: "No contract is set here.",
    states: "Energy by state of the machines", stateless: "State not known", when: "When", all: "All", map: "Power by day and quarter-hour", mapNote: (top) => `The deepest colour is ${top}; grey: no data. Read across for the day, down for the same time of other days.`, tooLong: "The map shows up to 31 days; choose a shorter period.",
    idle: "Who takes energy without producing", unit: "Machine", standby: "Standby", share: "Of its energy", rate: "Mean power then", hours: "Hours", blind: (names) => `Nothing tells the state of ${names}: whether they idle is not known.`, most: (n) => `Only the first ${n} machines are listed.`, cost: "Cost and emissions", band: "Band", energy: "Energy", money: "Cost", co2: "CO2", total: "Total", nothing: "Nothing was measured in this period.", unpriced: "without a tariff", otherCarriers: "Other carriers",
  },
  vi: {
    baseline: "theo đường cơ sở", unheard: "Chu kỳ này chưa đo được gì.", demand: "Chu kỳ 15 phút hiện tại", soFar: "đã dùng", power: "công suất hiện tại", forecast: "dự báo cuối chu kỳ", contract: "hợp đồng", over: "Sẽ vượt công suất hợp đồng.", under: "Vẫn dưới công suất hợp đồng.", noContract: "Nơi này chưa khai công suất hợp đồng.",
    states: "Điện năng theo trạng thái máy", stateless: "Không rõ trạng thái", when: "Lúc", all: "Tất cả", map: "Công suất theo ngày và chu kỳ 15 phút", mapNote: (top) => `Màu đậm nhất là ${top}; màu xám: không có dữ liệu. Đọc ngang theo ngày, đọc dọc cùng giờ các ngày khác.`, tooLong: "Bản đồ hiển thị tối đa 31 ngày; hãy chọn kỳ ngắn hơn.",
    idle: "Máy tiêu thụ điện mà không sản xuất", unit: "Máy", standby: "Điện chạy không", share: "Trên điện của máy", rate: "Công suất trung bình lúc đó", hours: "Số giờ", blind: (names) => `Không có tín hiệu trạng thái của ${names}: không rõ có chạy không hay không.`, most: (n) => `Chỉ liệt kê ${n} máy đầu.`, cost: "Chi phí và phát thải", band: "Khung giờ", energy: "Điện năng", money: "Chi phí", co2: "CO2", total: "Tổng", nothing: "Kỳ này chưa đo được gì.", unpriced: "chưa có biểu giá", otherCarriers: "Nguồn năng lượng khác",
  },
};
export const every = 60000;
const indicatorOf = (s) => s.arg("indicator") || PER_GOOD[0];
const gridOf = (p) => (p.toMs - p.fromMs > BY_HOUR_MS ? "day" : "hour");
export const key = (s) => [s.place, periodOf(s).fromMs, periodOf(s).toMs, fit.keyOf(s)].join("|");
function below(s) {
  const of = new Set([s.place]);
  for (const n of s.plant.nodes) if (of.has(n.parent)) of.add(n.id);
  return s.plant.nodes.filter((n) => of.has(n.id) && n.level === "unit");
}

// All windows of a span, page by page.
async function windowsOf(ask, args) {
  const all = [];
  let from = args.from;
  for (;;) {
    const got = await ask("windows", { ...args, from, limit: 1000 });
    all.push(...got.windows);
    if (!got.next || !got.windows.length) return all;
    from = typeof got.next === "number" ? got.next : Date.parse(got.next);
  }
}
async function inTurn(items, what) {
  const out = new Array(items.length);
  let next = 0;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => { while (next < items.length) { const i = next++; out[i] = await what(items[i]); } }));
  return out;
}
export async function load(s, ask) {
  const p = periodOf(s), span_ = { from: p.fromMs, to: Math.min(p.toMs, Math.ceil(s.now)) }, units = below(s).slice(0, UNITS), long = p.toMs - p.fromMs > MAP_MS;
  const [windows, load_, balance, held, own] = await Promise.all([windowsOf(ask, { node: s.place, kind: gridOf(p), ...span_ }), long ? null : ask("energy/demand", { node: s.place, ...span_ }), ask("energy/balance", { node: s.place, ...span_ }).catch((problem) => { if (problem.status !== 400) throw problem; return { problem }; }), fit.load(s, ask, p, below(s)),
    inTurn(units, async (u) => ({ unit: u, windows: await windowsOf(ask, { node: u.id, kind: gridOf(p), ...span_ }) }))]);
  return { windows, load: load_, balance, held, own, long };
}

// Sums are in uWh, ms, micro-units.
const kwh = (uwh) => (uwh ?? 0) / 1e9;
const energyOf = (w) => STATES.reduce((a, k) => a + kwh(w.sums[`energy_${k}`]), 0);
const add = (windows, id) => windows.reduce((a, w) => a + (w.sums[id] ?? 0), 0);

function demand(s) {
  const t = text[s.lang], told = s.node === s.place ? s.head.demand : null, d = told && isSilent(s) ? { ...told, power_kw: null, forecast_kw: null, over: null } : told;
  if (!d) return null;
  const head = el("h2", {}, `${t.demand}: ${clock(d.block_ms, s.lang, s.zone)} – ${clock(d.block_ms + QUARTER_MS, s.lang, s.zone)}`);
  if (told.forecast_kw === null) return el("section", { class: "panel", "data-key": "demand" }, head, el("p", { class: "soft" }, t.unheard));
  const kw = (x) => flat(x, "kW", s.lang), facts = [[t.soFar, flat(d.so_far_kwh, "kWh", s.lang)], [t.power, kw(d.power_kw)], ...(d.contract_kw === null ? [] : [[t.contract, kw(d.contract_kw)]])];
  return el("section", { class: "panel", "data-key": "demand" }, head,
    el("p", { class: "value" }, kw(d.forecast_kw), el("span", { class: "status" }, ` ${t.forecast}`)),
    d.contract_kw === null || d.forecast_kw === null ? null : el("meter", { class: "wide", min: 0, max: Math.max(d.contract_kw * 1.2, d.forecast_kw), high: d.contract_kw, optimum: 0, value: d.forecast_kw, "aria-label": `${t.forecast} ${kw(d.forecast_kw)}, ${t.contract} ${kw(d.contract_kw)}` }),
    d.contract_kw === null ? el("p", { class: "soft" }, t.noContract) : d.over === null ? null : el("p", { class: `mark ${d.over ? "bad" : "ok"}` }, d.over ? t.over : t.under),
    el("dl", { class: "facts" }, ...facts.flatMap(([k, v]) => [el("dt", {}, k), el("dd", {}, v)])));
}

// What a good piece should have taken of a day, by a baseline that may be used: in proportion to the day's energy.
function expectedOf(s, data, p) {
  const r = data.held.report, rows = new Map(r.rows.filter((x) => x.expected_kwh !== null && x.actual_kwh > 0).map((x) => [x.start_ms, x]));
  if (indicatorOf(s) !== PER_GOOD[0] || gridOf(p) !== "day" || !rows.size || r.baseline.grain !== "day") return undefined;
  return { label: text[s.lang].baseline, at: (w) => { const x = rows.get(Date.parse(w.start)), v = w.indicators[PER_GOOD[0]].value; return x && v !== null ? (v * x.expected_kwh) / x.actual_kwh : null; } };
}
const perGood = (s, data, p) => indicatorCurve(s, { beside: expectedOf(s, data, p), key: "per-good", windows: data.windows, grid: gridOf(p), period: p, id: indicatorOf(s), ids: PER_GOOD.filter((x) => data.windows[0]?.indicators[x]) });

function byState(s, data, p) {
  const t = text[s.lang], grid = gridOf(p), name = (w) => (grid === "hour" ? clock(Date.parse(w.start), s.lang, s.zone) : day(Date.parse(w.start), s.lang, s.zone)), x = (v) => flat(v, "kWh", s.lang), say = (k) => (k === "unknown" ? t.stateless : word(k, s.lang)); // of what is measured there are data
  const known = data.windows.filter((w) => energyOf(w) > 0), used = STATES.filter((k) => known.some((w) => w.sums[`energy_${k}`]));
  if (!known.length) return el("section", { class: "panel" }, el("h2", {}, t.states), el("p", { class: "soft" }, t.nothing));
  return el("section", { class: "panel" }, el("h2", {}, t.states), ...stacked({ title: t.states, say: x, tableWord: word("as_table", s.lang),
    columns: known.map((w) => ({ name: name(w), parts: used.map((k) => ({ id: k, value: kwh(w.sums[`energy_${k}`]), label: `${say(k)} ${x(kwh(w.sums[`energy_${k}`]))}` })) })),
    head: [t.when, ...used.map((k) => say(k)), t.all], rows: known.map((w) => [moment(Date.parse(w.start), s.now, s.lang, s.zone), ...used.map((k) => x(kwh(w.sums[`energy_${k}`]))), x(energyOf(w))]) }),
  el("ul", { class: "chips" }, ...used.map((k) => el("li", { class: `s-${k}` }, el("span", { class: "swatch", "aria-hidden": "true" }), say(k)))), fileOf(s, t.states, "windows", { node: s.place, kind: grid, from: p.fromMs, to: p.toMs, limit: 1000 }));
}

// Those between the first and the last that were measured, too: nobody knows what they were.
function everyQuarter(load_) {
  const known = new Map(load_.blocks.map((b) => [b.start_ms, b.kw])), ends = [...known.keys()], out = [];
  for (let at = ends[0]; at <= ends[ends.length - 1]; at += QUARTER_MS) out.push({ at, kw: known.get(at) ?? null });
  return out;
}
function quarters(s, data) {
  const t = text[s.lang];
  if (data.long) return el("section", { class: "panel" }, el("h2", {}, t.map), el("p", { class: "soft" }, t.tooLong));
  const days = new Map(), kw = (v) => flat(v, "kW", s.lang);
  for (const q of everyQuarter(data.load)) {
    const date = dateOf(q.at, s.zone), [h, m] = clock(q.at, "en", s.zone).split(":").map(Number), say = q.kw === null ? word("no_data", s.lang) : kw(q.kw);
    const row = days.get(date) || { name: date.slice(5), cells: [] };
    row.cells.push({ at: h * 4 + Math.floor(m / 15), value: q.kw, label: `${moment(q.at, 0, s.lang, s.zone)}: ${say}` });
    days.set(date, row);
  }
  const rows = [...days.values()].filter((r) => r.cells.some((c) => c.value !== null)), top = Math.max(0, ...rows.flatMap((r) => r.cells.map((c) => c.value ?? 0)));
  if (!rows.length) return el("section", { class: "panel" }, el("h2", {}, t.map), el("p", { class: "soft" }, t.nothing));
  return el("section", { class: "panel" }, el("h2", {}, t.map), ...heat({ title: t.map, rows, top, tick: (h) => `${h}:00`, legend: t.mapNote(kw(top)) }),
    tableOf({ tableWord: word("as_table", s.lang), head: [t.when, "kW"], rows: rows.flatMap((r) => r.cells.map((c) => c.label.split(/: (?=[^:]*$)/))) }));
}

function idle(s, data) {
  const t = text[s.lang], all = data.own.map(({ unit, windows }) => {
    const of = (what) => IDLE.reduce((a, k) => a + add(windows, `${what}_${k}`), 0);
    return { unit, idle: kwh(of("energy")), all: windows.reduce((a, w) => a + energyOf(w), 0), blind: kwh(add(windows, "energy_unknown")), ms: of("time") };
  }).filter((r) => r.all >= LEAST_KWH).sort((a, b) => b.idle - a.idle);
  const rows = all.filter((r) => r.all - r.blind >= LEAST_KWH), blind = all.filter((r) => !rows.includes(r)); // not known is not 0
  const most = Math.max(1e-9, ...rows.map((r) => r.idle));
  const columns = [{ head: t.unit, cell: (r) => el("button", { type: "button", class: "plain", "data-open": r.unit.id }, r.unit.name) }, { head: "", cell: (r) => el("meter", { min: 0, max: most, value: Math.max(0, r.idle), "aria-label": flat(r.idle, "kWh", s.lang) }) },
    { head: t.standby, number: true, cell: (r) => flat(r.idle, "kWh", s.lang) }, { head: t.share, number: true, cell: (r) => flat(r.idle / r.all, "1", s.lang) }, { head: t.hours, number: true, cell: (r) => flat(r.ms / HOUR_MS, "h", s.lang) }, { head: t.rate, number: true, cell: (r) => flat(r.ms ? r.idle / (r.ms / HOUR_MS) : null, "kW", s.lang) }];
  return el("section", { class: "panel" }, el("h2", {}, t.idle), rows.length ? table(t.idle, columns, rows) : all.length ? null : el("p", { class: "soft" }, t.nothing),
    blind.length ? el("p", { class: "soft" }, t.blind(blind.map((r) => `${r.unit.name} (${flat(r.all, "kWh", s.lang)})`).join(", "))) : null, below(s).length > UNITS ? el("p", { class: "thin" }, t.most(UNITS)) : null);
}

const moneyOf = (s) => (s.head.windows ? Object.values(s.head.windows)[0].cost?.currency ?? "" : "");
function cost(s, data) {
  const t = text[s.lang], w = data.windows, money = moneyOf(s), rows = BANDS.map((b) => ({ id: b, kwh: kwh(add(w, `bought_${b}`)), cost: add(w, `cost_${b}`) / 1e6, co2: add(w, `co2_${b}`) / 1e6 })).filter((r) => r.kwh > 0);
  const loose = kwh(add(w, "unpriced_energy")), all = { id: "total", kwh: rows.reduce((a, r) => a + r.kwh, 0), cost: rows.reduce((a, r) => a + r.cost, 0), co2: add(w, "co2") / 1e6 };
  const rest = all.co2 - rows.reduce((a, r) => a + r.co2, 0); // of gas and the like, and of what has no band
  if (rest > 0.0005) rows.push({ id: "others", kwh: null, cost: null, co2: rest });
  const columns = [{ head: t.band, cell: (r) => (r.id === "total" ? t.total : r.id === "others" ? t.otherCarriers : word(`band_${r.id}`, s.lang)) }, { head: t.energy, number: true, cell: (r) => flat(r.kwh, "kWh", s.lang) }, { head: t.money, number: true, cell: (r) => flat(r.cost, money, s.lang) }, { head: t.co2, number: true, cell: (r) => flat(r.co2, "kg", s.lang) }];
  return el("section", { class: "panel" }, el("h2", {}, t.cost), rows.length || all.co2 ? table(t.cost, columns, [...rows, all]) : el("p", { class: "soft" }, t.nothing), loose > 0 ? el("p", { class: "thin" }, `${flat(loose, "kWh", s.lang)} ${t.unpriced}`) : null);
}

// Figures of the past change when they are asked for anew, not with each word of the stream: their panels are made once.
let answers = 0;
const known = new WeakMap();
function still(s, data, key_, make, more = "") {
  if (!known.has(data)) known.set(data, ++answers);
  return { key: key_, sig: [known.get(data), s.lang, s.zone, more].join("|"), make, touch() {} };
}
export function draw(s, data, local) {
  const p = periodOf(s), panel = (key_, make, more) => still(s, data, key_, make, more);
  return [chooser(s), demand(s), ...fit.draw(s, data.held, panel, local.problem), perGood(s, data, p), panel("states", () => byState(s, data, p)), panel("quarters", () => quarters(s, data)), data.load?.summary.blocks ? panel("load", () => meters.load(s, data.load)) : null,
    panel("balance", () => meters.balance(s, data.balance)), panel("idle", () => idle(s, data)), panel("cost", () => cost(s, data), moneyOf(s))].filter(Boolean);
}
export const act = { ...periodActs, ...fit.act, indicator: (s, at, room) => room.set({ indicator: at.value }) };
