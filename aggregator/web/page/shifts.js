// The shifts of a machine side by side: one indicator as columns against its norm, the means of shifts that begin at the
// same time of day, the best of them, and the records that count. Pure.
import { el, svg } from "./dom.js";
import { roundUp } from "./bars.js";
import { clock, count, flat, moment, span, word } from "./format.js";
import { explainAt, fileOf } from "./links.js";
import { table } from "./table.js";

const WIDTH = 1000, HEIGHT = 190, LEFT = 74, BOTTOM = 24, TOP = 18, KNOWN = 0.95, SHOWN = 21;

export const text = {
  en: { shifts: "Shift by shift", compare: "Shifts that begin at the same time", shift: "Shift", n: "Shifts", run: "Running", good: "Good", scrap: "Scrap", energy: "Energy", coverage: "Coverage", life: "Figures", whence: "Where does this number come from?", records: "Records and best results", none: "Nothing is known of these shifts.", best: "Best shift", of: "Indicator", value: "Value", when: "When",
    record: "record", provisional: "record, a class has no norm", before: (v) => `before: ${v}`, noRecords: "No record in the last 90 days: it takes a full shift of one product that is known, with every class at its norm or better.", team: "Team", product: "Product", what: "What", lastDays: "Best of the last 7 days", thin: "Too little is known of it to be judged.", all: "All figures" },
  vi: { shifts: "Từng ca", compare: "Các ca cùng giờ bắt đầu", shift: "Ca", n: "Số ca", run: "Chạy", good: "Đạt", scrap: "Phế phẩm", energy: "Điện năng", coverage: "Độ phủ", life: "Số liệu", whence: "Con số này từ đâu ra?", records: "Kỷ lục và kết quả tốt nhất", none: "Chưa biết gì về các ca này.", best: "Ca tốt nhất", of: "Chỉ số", value: "Giá trị", when: "Lúc",
    record: "kỷ lục", provisional: "kỷ lục, có mặt chưa có mức", before: (v) => `trước đó: ${v}`, noRecords: "90 ngày qua không có kỷ lục: cần trọn một ca, một mã hàng, đủ dữ liệu, mọi mặt đạt mức hoặc tốt hơn.", team: "Tổ", product: "Mã hàng", what: "Gì", lastDays: "Tốt nhất 7 ngày qua", thin: "Thiếu dữ liệu, chưa đánh giá được.", all: "Mọi số liệu" },
};

const start = (w) => Date.parse(w.start);
const valueOf = (w, id) => w.indicators[id]?.value ?? null;
const isKnown = (w, id) => valueOf(w, id) !== null && (w.indicators[id].coverage ?? 0) >= KNOWN;
const meets = (v, norm, better) => (better === "low" ? v <= norm : v >= norm);

// The newest on the right; what is known too little of is hatched, what is worse than the norm is red.
function columns(s, of, id, { unit, better, norm, title }) {
  const t = text[s.lang], shown = [...of].slice(0, SHOWN).reverse(), values = shown.map((w) => valueOf(w, id)).filter((v) => v !== null), top = roundUp(Math.max(...values, norm ?? 0, 1e-9)), plot = HEIGHT - BOTTOM - TOP;
  const step = (WIDTH - LEFT) / Math.max(1, shown.length), wide = Math.min(step * 0.72, 70), y = (v) => TOP + plot * (1 - Math.max(0, v) / top), every = Math.ceil(150 / step);
  const bars = shown.map((w, i) => {
    const v = valueOf(w, id), x = LEFT + i * step + (step - wide) / 2, name = moment(start(w), s.now, s.lang, s.zone);
    if (v === null) return null;
    const kind = !isKnown(w, id) ? "thin" : norm !== null && !meets(v, norm, better) ? "bad" : "good";
    return [svg("g", {}, svg("title", {}, `${name}: ${flat(v, unit, s.lang)}${kind === "thin" ? `. ${t.thin}` : ""}`), svg("rect", { class: `column ${kind}`, x: x.toFixed(1), width: wide.toFixed(1), y: y(v).toFixed(1), height: Math.max(1, y(0) - y(v)).toFixed(1) })),
      step < 60 ? null : svg("text", { class: "figure", x: (x + wide / 2).toFixed(1), y: (y(v) - 4).toFixed(1), "text-anchor": "middle" }, flat(v, unit, s.lang))];
  }).filter(Boolean);
  const axis = [0, 0.5, 1].flatMap((k) => [svg("line", { class: "grid-line", x1: LEFT, x2: WIDTH, y1: y(k * top), y2: y(k * top) }), svg("text", { x: LEFT - 8, y: y(k * top) + 4, "text-anchor": "end" }, flat(k * top, unit, s.lang))]);
  const names = shown.map((w, i) => (i % every ? null : svg("text", { x: (LEFT + (i + (i ? 0.5 : 0)) * step).toFixed(1), y: HEIGHT - 6, "text-anchor": i === 0 ? "start" : LEFT + (i + 0.5) * step > WIDTH - 70 ? "end" : "middle" }, moment(start(w), s.now, s.lang, s.zone))));
  return el("div", { class: "scroll from-end", tabindex: 0, role: "region", "aria-label": title }, svg("svg", { class: "gantt columns", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": title }, ...axis, ...bars.map(([bar]) => bar),
    norm === null ? null : svg("line", { class: "norm", x1: LEFT, x2: WIDTH, y1: y(norm), y2: y(norm) }), ...bars.map(([, figure]) => figure), ...names.filter(Boolean)));
}

// Sums over shifts first, the quotient last; shifts of which too little is known are left out.
export function meansByBegin(s, of, ids) {
  const groups = new Map();
  for (const w of of) {
    const name = clock(start(w), s.lang, s.zone), g = groups.get(name) || { name, n: 0, sums: {} };
    if (ids.some((id) => isKnown(w, id))) g.n += 1;
    for (const id of ids.filter((x) => isKnown(w, x))) {
      const i = w.indicators[id], sum = g.sums[id] || { n: 0, d: 0, unit: i.unit };
      g.sums[id] = { ...sum, n: sum.n + i.numerator, d: sum.d + i.denominator };
    }
    groups.set(name, g);
  }
  return [...groups.values()].filter((g) => g.n).map((g) => ({ name: g.name, n: g.n, of: Object.fromEntries(Object.entries(g.sums).map(([id, x]) => [id, { value: x.d ? x.n / x.d : null, unit: x.unit }])) }))
    .sort((a, b) => a.name.localeCompare(b.name));
}

const bestOf = (rows, id, better) => rows.reduce((a, r) => (r.value === null ? a : a === null || (better === "low" ? r.value < a.value : r.value > a.value) ? r : a), null);

export function shiftPanels(s, { shifts, records, table: indicators, ids, id, norm }) {
  const t = text[s.lang], row = (x) => indicators.find((i) => i.id === x) || { better: "high", unit: "" }, unit = row(id).unit, whole = shifts.filter((w) => w.life !== "provisional");
  const q = (w, k) => (w.sums[k] ?? 0) / 1e6, energy = (w) => Object.entries(w.sums).filter(([k]) => /^energy_(?!due|seen|unknown_)/.test(k)).reduce((a, [, v]) => a + v, 0) / 1e9;
  const asked = (w, x) => (w.indicators[x] ? el("a", { href: explainAt(s, x, "shift", w.start), "data-go": "", title: t.whence }, flat(w.indicators[x].value, w.indicators[x].unit, s.lang)) : "–");
  const all = [{ head: t.shift, cell: (w) => moment(start(w), s.now, s.lang, s.zone) }, { head: t.run, number: true, cell: (w) => span(w.sums.time_production ?? 0, s.lang) }, { head: t.good, number: true, cell: (w) => count(q(w, "gq"), s.lang) }, { head: t.scrap, number: true, cell: (w) => count(q(w, "sq"), s.lang) },
    { head: t.energy, number: true, cell: (w) => flat(energy(w), "kWh", s.lang) }, ...ids.map((x) => ({ head: word(x, s.lang), number: true, cell: (w) => asked(w, x) })), { head: t.coverage, number: true, cell: (w) => flat(w.coverage, "1", s.lang) }, { head: t.life, cell: (w) => [word(w.life, s.lang), w.life === "restated" ? w.revision : ""].join(" ") }];
  const means = meansByBegin(s, whole, ids), best = Object.fromEntries(ids.map((x) => [x, bestOf(means.map((m) => ({ name: m.name, value: m.of[x]?.value ?? null })), x, row(x).better)?.name]));
  const compared = [{ head: t.shift, cell: (m) => m.name }, { head: t.n, number: true, cell: (m) => count(m.n, s.lang) },
    ...ids.map((x) => ({ head: word(x, s.lang), number: true, cell: (m) => (m.of[x] ? el("span", { class: means.length > 1 && best[x] === m.name ? "best" : null }, flat(m.of[x].value, m.of[x].unit, s.lang)) : "–") }))];
  const tops = ids.map((x) => ({ id: x, w: bestOf(whole.filter((w) => isKnown(w, x)).map((w) => ({ w, value: valueOf(w, x) })), x, row(x).better)?.w })).filter((r) => r.w);
  const product = (r) => s.plant.products.find((p) => p.id === r.product)?.name || r.product || "–";
  const records_ = [{ head: t.when, cell: (r) => moment(r.shift_begin_ms, s.now, s.lang, s.zone) }, { head: t.value, number: true, cell: (r) => el("b", {}, flat(r.value, records.unit, s.lang)) }, { head: t.what, cell: (r) => [t[r.verdict] || word(r.verdict, s.lang), r.before === null ? "" : t.before(flat(r.before, records.unit, s.lang))].filter(Boolean).join(", ") },
    { head: t.team, cell: (r) => r.team || "–" }, { head: t.product, cell: product }];
  return [el("section", { class: "panel" }, el("h2", {}, `${t.shifts}: ${word(id, s.lang)}`), shifts.length ? columns(s, shifts, id, { unit, better: row(id).better, norm, title: `${t.shifts}: ${word(id, s.lang)}` }) : el("p", { class: "soft" }, t.none),
    means.length ? el("h3", {}, t.compare) : null, means.length ? table(t.compare, compared, means) : null,
    shifts.length ? el("details", { class: "as-table" }, el("summary", {}, t.all), table(t.shifts, all, shifts), fileOf(s, t.shifts, "windows", { node: s.place, kind: "shift", limit: 1000 })) : null),
  el("section", { class: "panel" }, el("h2", {}, `${t.records}: ${word(id, s.lang)}`), records.rows.length ? table(t.records, records_, records.rows) : el("p", { class: "soft" }, t.noRecords), tops.length ? el("h3", {}, t.lastDays) : null,
    tops.length ? table(t.lastDays, [{ head: t.of, cell: (r) => word(r.id, s.lang) }, { head: t.value, number: true, cell: (r) => asked(r.w, r.id) }, { head: t.when, cell: (r) => moment(start(r.w), s.now, s.lang, s.zone) }], tops) : null)];
}
