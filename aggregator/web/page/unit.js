// The Unit room: what one machine did and made in a period. States as bands, stops by what they cost, each stop with its
// cause and who may state another one, an indicator by hour, its shifts side by side, records; every figure leads to where it comes from.
import { causeActs, causeForm, causeText, causesStated, markBox, mayState, stateButton, text as causeWords } from "./causes.js";
import { indicatorCurve, normOf } from "./curve.js";
import { el } from "./dom.js";
import { freshKey } from "./forms.js";
import { clock, count, flat, meaning, moment, span, word } from "./format.js";
import { gantt } from "./gantt.js";
import { fileOf } from "./links.js";
import { chooser, periodActs, periodOf } from "./period.js";
import { now, signals } from "./present.js";
import { shiftPanels } from "./shifts.js";
import { table } from "./table.js";

const HOUR_MS = 3600000, DAY_MS = 24 * HOUR_MS, MANY_DAYS_MS = 15 * DAY_MS, LONG_MS = 5 * 60000, FEW = 10, MANY = 100, WEEK_MS = 7 * DAY_MS, RECORDS_MS = 90 * DAY_MS, SLOW_MS = 300000, PERIOD_MS = 30000;
const LEADS = ["time_utilization", "oee", "energy_per_good", "scrap_ratio", "labour_per_unit"];

export const text = {
  en: {
    choose: "Choose a machine:", states: (name) => `What ${name} did`, none: "Nothing is known of this period.", stops: "Stops, dearest first", why: "Why it stood", times: "Times", total: "Total", longest: "Longest", part: "Share",
    list: "Stops, the newest first", shown: (n, m) => `${n} of ${m}`, more: "Show more", from: "From", length: "Length", state: "State", order: "Order, product", team: "Team", marked: "Take it with the others marked", cause: "Cause", notTaken: "Not taken", taken: "Entered. What follows from it is told in a moment.",
    made: "Made and used", good: "Good", scrap: "Scrap", rework: "Rework", energy: "Energy", run: "Running", stood: "Stopped", known: "Known time", noStops: "It did not stop in this period.", long: "Only stops over 5 minutes",
  },
  vi: {
    choose: "Chọn máy:", states: (name) => `Hoạt động của ${name}`, none: "Chưa biết gì về kỳ này.", stops: "Lần dừng, tốn kém nhất trước", why: "Lý do dừng", times: "Số lần", total: "Tổng", longest: "Dài nhất", part: "Tỷ trọng",
    list: "Các lần dừng, mới nhất trước", shown: (n, m) => `${n} trên ${m}`, more: "Xem thêm", from: "Từ lúc", length: "Thời lượng", state: "Trạng thái", order: "Lệnh, sản phẩm", team: "Tổ", marked: "Gộp với các lần đã đánh dấu", cause: "Lý do", notTaken: "Không được nhận", taken: "Đã ghi. Số liệu liên quan sẽ cập nhật ngay.",
    made: "Sản lượng và tiêu hao", good: "Đạt", scrap: "Phế phẩm", rework: "Sửa lại", energy: "Điện năng", run: "Chạy", stood: "Dừng", known: "Thời gian có dữ liệu", noStops: "Máy không dừng trong kỳ này.", long: "Chỉ lần dừng trên 5 phút",
  },
};
export const every = 5000; // what it does now; of the period more seldom
const unitOf = (s) => s.plant.nodes.find((n) => n.id === s.place && n.level === "unit");
const indicatorOf = (s) => s.arg("indicator") || LEADS[0];
const spanOf = (s) => ({ from: periodOf(s).fromMs, to: periodOf(s).toMs });
const gridOf = (p) => (p.toMs - p.fromMs > MANY_DAYS_MS ? "day" : "hour");
export const key = (s) => (unitOf(s) ? [s.place, indicatorOf(s), periodOf(s).fromMs, periodOf(s).toMs].join("|") : `none ${s.place}`);

// What changes once a shift is not asked for with each look.
async function slow(s, ask, local) {
  const key_ = `${s.place}|${indicatorOf(s)}`, now = Math.ceil(s.now);
  if (local.slow?.key === key_ && now - local.slow.at < SLOW_MS) return local.slow.data;
  const [shifts, records, indicators] = await Promise.all([ask("windows", { node: s.place, kind: "shift", from: now - WEEK_MS, to: now, limit: 100 }), ask("norms/records", { node: s.place, indicator: indicatorOf(s), from: now - RECORDS_MS, to: now, limit: 10 }), ask("indicators")]);
  const data = { shifts: shifts.windows.reverse(), records, indicators: indicators.indicators };
  local.slow = { key: key_, at: now, data };
  return data;
}
export async function load(s, ask, local) {
  const p = periodOf(s);
  if (!unitOf(s)) return {};
  const present = ask(`units/${s.place}/state`), of = key(s);
  if (local.period?.key === of && s.now - local.period.at < PERIOD_MS) return { ...local.period.data, present: await present };
  const span_ = { from: p.fromMs, to: Math.min(p.toMs, Math.ceil(s.now)) };
  const [line, stops, windows, more] = await Promise.all([ask(`units/${s.place}/timeline`, span_), ask("stops", { node: s.place, ...span_ }), ask("windows", { node: s.place, kind: gridOf(p), ...span_, limit: 1000 }), slow(s, ask, local)]);
  local.period = { key: of, at: s.now, data: { line, stops, windows: windows.windows, ...more } };
  return { ...local.period.data, present: await present };
}

// --- what it did and made -----------------------------------------------------------------------------------

function states(s, data, p) {
  const t = text[s.lang], unit = unitOf(s), to = Math.min(p.toMs, s.now), pieces = data.line.pieces;
  const seen = [...new Set(pieces.map((x) => x.category))];
  const key_ = el("ul", { class: "chips" }, ...seen.map((c) => el("li", { class: `s-${c}`, title: meaning(c) }, el("span", { class: "swatch", "aria-hidden": "true" }), word(c, s.lang))));
  return el("section", { class: "panel" }, el("h2", {}, t.states(unit.name)),
    pieces.length ? gantt(s, t.states(unit.name), pieces, p.fromMs, Math.ceil((to - p.fromMs) / HOUR_MS) * HOUR_MS + p.fromMs) : el("p", { class: "soft" }, t.none), key_, now(s, data.present), made(s, data));
}
// Sums of the period's windows. What has no counter or meter here is left out, not zero.
function made(s, data) {
  const t = text[s.lang], sum = (...ks) => data.windows.reduce((a, w) => a + ks.reduce((b, k) => b + (w.sums[k] ?? 0), 0), 0), has = (k) => data.windows.some((w) => w.sums[k] !== undefined);
  const energies = [...new Set(data.windows.flatMap((w) => Object.keys(w.sums)))].filter((k) => /^energy_(?!due|seen|unknown_)/.test(k)), all = data.windows.reduce((a, w) => a + Date.parse(w.end) - Date.parse(w.start), 0);
  const rows = [[t.run, has("time_production") && span(sum("time_production"), s.lang)], [t.stood, has("time_delay") && span(sum("time_delay"), s.lang)], [t.good, has("gq") && count(sum("gq") / 1e6, s.lang)], [t.scrap, has("sq") && count(sum("sq") / 1e6, s.lang)], [t.rework, has("rq") && count(sum("rq") / 1e6, s.lang)],
    [t.energy, energies.length && flat(sum(...energies) / 1e9, "kWh", s.lang)], [t.known, all && flat(1 - sum("time_unknown") / all, "1", s.lang)]].filter(([, v]) => v);
  return rows.length ? el("dl", { class: "tally", "aria-label": t.made }, ...rows.map(([k, v]) => el("div", {}, el("dt", {}, k), el("dd", {}, v)))) : null;
}

// --- stops --------------------------------------------------------------------------------------------------

const nameOf = (s, p) => [word(p.category, s.lang), causeText(s, p)].filter(Boolean).join(" · ");
function dearest(s, data) {
  const t = text[s.lang], rows = data.stops.rows, most = Math.max(1, ...rows.map((r) => r.total_ms));
  const columns = [
    { head: t.why, cell: (r) => el("span", { class: `mark-state s-${r.category}` }, nameOf(s, r)) }, { head: t.part, cell: (r) => el("meter", { class: `s-${r.category}`, min: 0, max: most, value: r.total_ms, "aria-label": flat(r.share, "1", s.lang) }) }, { head: "%", number: true, cell: (r) => flat(r.share, "1", s.lang) },
    { head: t.total, number: true, cell: (r) => span(r.total_ms, s.lang) }, { head: t.times, number: true, cell: (r) => count(r.count, s.lang) }, { head: t.longest, number: true, cell: (r) => span(r.longest_ms, s.lang) },
  ];
  return el("section", { class: "panel" }, el("h2", {}, t.stops), rows.length ? table(t.stops, columns, rows) : el("p", { class: "soft" }, t.noStops), fileOf(s, t.stops, "stops", { node: s.place, ...spanOf(s) }));
}

function newest(s, data, local) {
  const t = text[s.lang], all = data.line.pieces.filter((p) => !["production", "not_scheduled"].includes(p.category) && (!local.long || p.to_ms - p.from_ms >= LONG_MS)).reverse(), some = all.slice(0, local.more ? MANY : FEW);
  const oneDay = periodOf(s).from === periodOf(s).last, open = mayState(s) ? all.find((p) => p.from_ms === local.stop) : null, product = (p) => s.plant.products.find((x) => x.id === p.product)?.name || p.product;
  const columns = [
    ...(mayState(s) ? [{ head: "", cell: (p) => (p.category === "delay" ? markBox(p, t.marked) : "") }] : []),
    { head: t.from, cell: (p) => (oneDay ? clock(p.from_ms, s.lang, s.zone) : moment(p.from_ms, s.now, s.lang, s.zone)) }, { head: t.length, number: true, cell: (p) => span(p.to_ms - p.from_ms, s.lang) }, { head: t.state, cell: (p) => el("span", { class: `mark-state s-${p.category}` }, nameOf(s, p)) },
    { head: t.order, cell: (p) => [p.order, product(p)].filter(Boolean).join(" · ") || "–" }, { head: t.team, cell: (p) => p.team || "–" }, ...(mayState(s) ? [{ head: t.cause, cell: (p) => (p.category === "delay" ? stateButton(s, p, local) : "") }] : []),
  ];
  return el("section", { class: "panel", "data-key": "newest" }, el("h2", {}, `${t.list} (${t.shown(some.length, all.length)})`), el("label", { class: "check" }, el("input", { type: "checkbox", "data-change": "long" }), t.long),
    local.problem ? el("p", { class: "problem", role: "alert" }, `${t.notTaken}: ${local.problem.message}`) : local.taken ? el("p", { class: "mark ok", role: "status" }, t.taken) : null,
    open ? el("section", { class: "stating", "data-key": "stating", "aria-label": causeWords[s.lang].state }, el("h3", {}, `${moment(open.from_ms, s.now, s.lang, s.zone)}, ${span(open.to_ms - open.from_ms, s.lang)}: ${nameOf(s, open)}`), causeForm(s, open, data.stops.rows, local)) : null,
    some.length ? table(t.list, columns, some) : el("p", { class: "soft" }, t.noStops), all.length > some.length && !local.more ? el("div", {}, el("button", { type: "button", "data-do": "more" }, t.more)) : null,
    fileOf(s, t.states(unitOf(s).name), `units/${s.place}/timeline`, spanOf(s)));
}

const curve = (s, data, p) => indicatorCurve(s, { key: "curve", windows: data.windows, grid: gridOf(p), period: p, id: indicatorOf(s), ids: [...new Set([...LEADS, ...Object.keys(data.windows[0]?.indicators || {})])] });

export function draw(s, data, local) {
  const t = text[s.lang], p = periodOf(s);
  if (!data.line) {
    const units = s.plant.nodes.filter((n) => n.level === "unit");
    return [el("section", { class: "panel" }, el("p", {}, t.choose), el("div", { class: "big" }, ...units.map((n) => el("button", { type: "button", "data-open": n.id }, n.name))))];
  }
  return [chooser(s), states(s, data, p), curve(s, data, p), ...shiftPanels(s, { shifts: data.shifts, records: data.records, table: data.indicators, ids: LEADS, id: indicatorOf(s), norm: normOf(s, indicatorOf(s))?.value ?? null }), dearest(s, data), newest(s, data, local), signals(s, data.present)];
}

export const act = {
  ...periodActs,
  ...causeActs,
  stop: (s, at, room) => { Object.assign(room.local, { problem: null, taken: false }); causeActs.stop(s, at, room); },
  indicator: (s, at, room) => room.set({ indicator: at.value }),
  long: (s, at, room) => { room.local.long = at.checked; },
  more: (s, at, room) => { room.local.more = true; },
  cause: async (s, form, room, by) => {
    const stated = causesStated(s, form, room.data.line.pieces, room.local, by);
    if (!stated) return;
    for (const x of stated) await room.tell("entries", { key: freshKey(), unit: s.place, ...x });
    Object.assign(room.local, { stop: null, marked: null, problem: null, taken: true, period: null });
    room.again();
  },
};
