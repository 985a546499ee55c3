// What was used held against a baseline: the sentence that answers, the scatter with its fit and verdict, CUSUM with its
// alarms and people's notes. All figures are the daemon's; a baseline that is not usable expects nothing here either.
import { chart } from "./chart.js";
import { el } from "./dom.js";
import { field, freshKey } from "./forms.js";
import { date, day, flat, word } from "./format.js";
import { mayAt } from "./login.js";
import { table } from "./table.js";

const DAY_MS = 86400000, WEEK = 7, REFERENCES = [28, 56, 84], PROFILES = ["strict", "sep", "uncertainty"], DRIVERS = ["gq", "pq", "time_production", "none"];

export const text = {
  en: {
    head: "Used against what was to be expected", none: "No whole day of this time was measured, so nothing can be said yet.", whole: "Days count once they are over and settled; at least the last seven are looked at.",
    frozen: (name) => `frozen: ${name}`, before: (n) => `${n} days before`, base: "Baseline", driver: "It depends on", profile: "Verdict by", profiles: { strict: "R² and significance", sep: "one strong driver, SEP", uncertainty: "uncertainty at 90 %" }, unit: "Energy of a day", noDriver: "nothing: a base load alone",
    more: (x) => `${x} more than expected`, less: (x) => `${x} less than expected`, since: (d) => `since ${d}`, on: (p) => `on ${p}`, first: (p) => `first of all on ${p}`, mostly: (s) => `mostly in ${s}`, chiefly: (s) => `first of all in ${s}`, stateless: "while no state was known",
    scatter: (x) => `The difference of ${x} cannot be told from scatter.`, at90: "at 90 %", used: "Used", expected: "Expected", off: "Difference", ofIt: "Of it", part: "Where", rest: "none of its parts", outside: (n, m) => `On ${n} of ${m} days the driver lies outside the fitted range: take them with care.`,
    alarm: { overuse: "Drift alarm: overuse", saving: "Drift alarm: saving" }, quiet: "No drift alarm stands.", usable: "Usable", unusable: "Not usable: no savings and no overuse are told", by: "judged by", fit: "Energy against its driver", line: "fit", lineNot: "fit, not usable", reference: "reference", held: "this time",
    reasons: { low_r2: (r) => `R² ${r.value} is under ${r.limit}`, few_points: (r) => `${r.value} rows are fewer than ${r.limit}`, weak_model: (r) => `the drivers together explain nothing surely (p ${r.value})`, weak_driver: (r) => `${r.driver} is not significant (p ${r.value})`, no_strong_driver: (r) => `no driver has p below ${r.limit}` },
    drivers: { gq: "good pieces", pq: "all pieces", sq: "scrap", rq: "rework", material: "material", labour: "labour hours", time_production: "hours of production", time_setup: "hours of setup", time_delay: "hours of stops", time_down_no_order: "hours without order", time_planned_down: "hours of planned stops", time_not_scheduled: "hours not scheduled" },
    states: { production: "production", setup: "setup", standby: "standby", engineering: "trials", "unknown state": "an unknown state" },
    equation: "Fit", scatterOf: "Scatter of a day", rows: "Rows", period: "Reference period", act: "Frozen", trial: "A trial of this page; it is frozen with `plantbus energy baseline --freeze`.", term: "Term", value: "kWh a unit", error: "Deviation", baseLoad: "base load, an hour",
    cusum: "CUSUM of used less expected", up: "Rising: more than expected; falling: less.", d: "that day", sum: "CUSUM", over: "alarm sum, over", under: "alarm sum, under", limit: (x) => `An alarm stands while an alarm sum is above ${x}.`, notes: "Notes", note: "note", noteIt: "Add a note", noteText: "Note", machine: "Machine", ofDay: "Day", today: "now", notTaken: "Not taken", byFit: "Energy used over energy expected by its drivers", alarmed: "alarm", left: (n, why) => `${n} left out: ${why}`, fault: "There is no baseline:", noDays: "no whole day of the reference period or of this time was measured", tooFew: "too few days for so many drivers",
  },
  vi: {
    head: "Điện đã dùng so với mức dự kiến", none: "Chưa có ngày trọn nào trong thời gian này được đo, nên chưa nói được gì.", whole: "Ngày được tính khi đã qua và đã chốt; xét ít nhất bảy ngày gần nhất.",
    frozen: (name) => `đã chốt: ${name}`, before: (n) => `${n} ngày trước đó`, base: "Đường cơ sở", driver: "Phụ thuộc vào", profile: "Đánh giá theo", profiles: { strict: "R² và ý nghĩa thống kê", sep: "một biến mạnh, SEP", uncertainty: "độ không chắc chắn ở mức 90 %" }, unit: "Điện năng một ngày", noDriver: "không gì cả: chỉ phụ tải nền",
    more: (x) => `nhiều hơn dự kiến ${x}`, less: (x) => `ít hơn dự kiến ${x}`, since: (d) => `từ ${d}`, on: (p) => `tại ${p}`, first: (p) => `trước hết tại ${p}`, mostly: (s) => `chủ yếu khi ${s}`, chiefly: (s) => `trước hết khi ${s}`, stateless: "khi không rõ trạng thái",
    scatter: (x) => `Chênh lệch ${x} không phân biệt được với dao động ngẫu nhiên.`, at90: "ở mức 90 %", used: "Đã dùng", expected: "Dự kiến", off: "Chênh lệch", ofIt: "Trên dự kiến", part: "Nơi", rest: "ngoài các bộ phận", outside: (n, m) => `${n}/${m} ngày có biến ngoài phạm vi hồi quy: cần thận trọng.`,
    alarm: { overuse: "Báo động lệch: dùng quá", saving: "Báo động lệch: tiết kiệm" }, quiet: "Không có báo động lệch.", usable: "Dùng được", unusable: "Không dùng được: không kết luận tiết kiệm hay dùng quá", by: "đánh giá theo", fit: "Điện năng theo biến", line: "hồi quy", lineNot: "hồi quy, không dùng được", reference: "kỳ tham chiếu", held: "kỳ này",
    reasons: { low_r2: (r) => `R² ${r.value} dưới ${r.limit}`, few_points: (r) => `${r.value} dòng, ít hơn ${r.limit}`, weak_model: (r) => `các biến không giải thích được chắc chắn (p ${r.value})`, weak_driver: (r) => `${r.driver} không có ý nghĩa (p ${r.value})`, no_strong_driver: (r) => `không biến nào có p dưới ${r.limit}` },
    drivers: { gq: "sản phẩm đạt", pq: "tổng sản phẩm", sq: "phế phẩm", rq: "hàng sửa lại", material: "vật tư", labour: "giờ công", time_production: "giờ chạy", time_setup: "giờ chuẩn bị", time_delay: "giờ dừng", time_down_no_order: "giờ không có đơn hàng", time_planned_down: "giờ dừng kế hoạch", time_not_scheduled: "giờ ngoài lịch" },
    states: { production: "chạy", setup: "chuẩn bị", standby: "chạy không", engineering: "thử nghiệm", "unknown state": "không rõ trạng thái" },
    equation: "Hồi quy", scatterOf: "Độ lệch một ngày", rows: "Số dòng", period: "Kỳ tham chiếu", act: "Đã chốt", trial: "Thử trên trang này; chốt bằng `plantbus energy baseline --freeze`.", term: "Số hạng", value: "kWh mỗi đơn vị", error: "Độ lệch", baseLoad: "phụ tải nền, mỗi giờ",
    cusum: "Sai lệch lũy kế (CUSUM): đã dùng trừ dự kiến", up: "Đi lên: nhiều hơn dự kiến; đi xuống: ít hơn.", d: "ngày đó", sum: "CUSUM", over: "tổng báo động, vượt", under: "tổng báo động, hụt", limit: (x) => `Báo động khi tổng báo động vượt ${x}.`, notes: "Ghi chú", note: "ghi chú", noteIt: "Thêm ghi chú", noteText: "Ghi chú", machine: "Máy", ofDay: "Ngày", today: "bây giờ", notTaken: "Không được nhận", byFit: "Điện năng đã dùng theo điện năng dự kiến", alarmed: "báo động", left: (n, why) => `Bỏ ${n}: ${why}`, fault: "Chưa có đường cơ sở:", noDays: "chưa có ngày trọn nào của kỳ tham chiếu hoặc kỳ này được đo", tooFew: "quá ít ngày so với số biến",
  },
};

// --- asking ---

const driverOf = (s) => (DRIVERS.includes(s.arg("driver")) ? s.arg("driver") : "gq");
export const keyOf = (s) => [s.arg("base"), s.arg("driver"), s.arg("profile")].join("|");
const refused = (problem) => problem.status === 404 && problem.message.startsWith("baseline");

// A frozen baseline where there is one, unless another is asked for; else a trial over the days before.
async function reportOf(s, ask, fromMs, toMs) {
  const span = { node: s.place, from: fromMs, to: toMs }, days = Number(s.arg("base"));
  if (!REFERENCES.includes(days)) {
    try { return { report: await ask("energy/report", span), hasFrozen: true }; }
    catch (problem) { if (!refused(problem)) throw problem; }
  }
  const driver = driverOf(s), back = REFERENCES.includes(days) ? days : 56;
  const report = await ask("energy/report", { ...span, reference_from: fromMs - back * DAY_MS, reference_to: fromMs, driver: driver === "none" ? null : driver, profile: s.arg("profile") });
  return { report, back };
}
export async function load(s, ask, period, units) {
  const toMs = Math.min(period.toMs, Math.ceil(s.now)), fromMs = Math.min(period.fromMs, period.toMs - (WEEK + 1) * DAY_MS);
  const held = await reportOf(s, ask, fromMs, toMs), rows = held.report.rows, own = new Set(units.map((u) => u.id));
  const got = rows.length ? await ask("entries", { from: rows[0].start_ms, to: toMs, limit: 1000 }) : { entries: [] };
  return { ...held, units, notes: got.entries.filter((e) => e.kind === "note" && !e.voided_by && own.has(e.unit)) };
}

// --- words ---

const kwh = (x, s) => flat(x, "kWh", s.lang);
const signed = (x, s) => (x > 0 ? "+" : "") + kwh(x, s).replace("-", "−");
const digits = (x) => (x === null || x === undefined ? "–" : Number(x.toPrecision(3)).toString());
const nameOf = (s, id) => s.plant.nodes.find((n) => n.id === id)?.name || id;
function driverName(s, driver) {
  const [, node, what, product] = driver.match(/^(?:([^/]+)\/)?([^:]+)(?::(.*))?$/) || [];
  return [text[s.lang].drivers[what] ?? what ?? driver, node && nameOf(s, node), product && s.plant.products.find((p) => p.id === product)?.name || product].filter(Boolean).join(", ");
}
const dayOf = (s, row) => day(row.start_ms, s.lang, s.zone);
const stateWord = (s, id) => text[s.lang].states[id] ?? id;

function statement(s, r) {
  const t = text[s.lang], f = r.finding, n = (ms) => day(ms, s.lang, s.zone), span = f.rows > 1 ? `${n(f.start_ms)} – ${n(f.end_ms - 1)}` : n(f.start_ms);
  if (!f.counts || (!f.alarm && Math.abs(f.difference_kwh) <= f.uncertainty_kwh)) return `${span}: ${t.scatter(`${signed(f.difference_kwh, s)} (± ${kwh(f.uncertainty_kwh, s)} ${t.at90})`)}`;
  const share = flat(Math.abs(f.share), "1", s.lang), most = (a, b) => 2 * Math.abs(a) >= Math.abs(b), parts = [`${(f.difference_kwh < 0 ? t.less : t.more)(share)} (${signed(f.difference_kwh, s)}, ± ${kwh(f.uncertainty_kwh, s)} ${t.at90})`];
  if (f.since) parts.push(t.since(n(f.since_time_ms)));
  if (f.part) parts.push(`${(most(f.part_kwh, f.difference_kwh) ? t.on : t.first)(nameOf(s, f.part))} (${signed(f.part_kwh, s)})`);
  if (f.state === "unknown state") parts.push(t.stateless);
  else if (f.state) parts.push(`${(2 * Math.abs(f.state_kwh) > Math.abs(f.part ? f.part_kwh : f.difference_kwh) ? t.mostly : t.chiefly)(stateWord(s, f.state))} (${signed(f.state_kwh, s)})`);
  return `${span}: ${parts.join(", ")}.`;
}

// --- panels ---

function choices(s, data) {
  const t = text[s.lang], b = data.report.baseline, chosen = data.back ? String(data.back) : "frozen";
  const pick = (name, label, options, value) => el("label", {}, label, el("select", { "data-change": "choose", name }, ...options.map(([v, x]) => el("option", { value: v, selected: v === value }, x))));
  const bases = [data.hasFrozen || s.arg("base") ? ["frozen", data.hasFrozen && b ? t.frozen(b.name) : t.frozen("–")] : null, ...REFERENCES.map((n) => [String(n), t.before(n)])].filter(Boolean);
  return el("div", { class: "form", "data-key": "choices" }, pick("base", t.base, bases, chosen),
    data.back ? pick("driver", t.driver, DRIVERS.map((d) => [d, d === "none" ? t.noDriver : t.drivers[d]]), driverOf(s)) : null,
    data.back ? pick("profile", t.profile, PROFILES.map((p) => [p, t.profiles[p]]), s.arg("profile") || PROFILES[0]) : null);
}

function sharesTable(s, r) {
  const t = text[s.lang], f = r.finding, rows = f.parts.flatMap((p, i) => [{ ...p, name: i === 0 || p.part ? nameOf(s, p.part) : t.rest, whole: true }, ...p.states.map((x) => ({ ...x, name: stateWord(s, x.state) }))])
    .filter((x) => Math.abs(x.actual_kwh) >= 0.05 || Math.abs(x.expected_kwh ?? 0) >= 0.05);
  const columns = [{ head: t.part, cell: (x) => (x.whole ? el("b", {}, x.name) : ` ·\u00a0${x.name}`) }, { head: t.used, number: true, cell: (x) => kwh(x.actual_kwh, s) }, { head: t.expected, number: true, cell: (x) => kwh(x.expected_kwh, s) },
    { head: t.off, number: true, cell: (x) => (x.difference_kwh === null ? "–" : signed(x.difference_kwh, s)) }, { head: t.ofIt, number: true, cell: (x) => (x.expected_kwh > 0 ? flat(x.difference_kwh / x.expected_kwh, "1", s.lang).replace("-", "−") : "–") }];
  return f.counts && rows.length ? table(t.head, columns, rows) : null;
}

function verdict(s, b) {
  const t = text[s.lang], say = (r) => t.reasons[r.id]({ ...r, value: digits(r.value), limit: digits(r.limit), driver: r.driver && driverName(s, r.driver) });
  return el("p", { class: `mark ${b.usable ? "ok" : "bad"}`, "data-verdict": b.usable ? "usable" : "unusable" }, `${b.usable ? t.usable : t.unusable} (${t.by} ${t.profiles[b.profile] ?? b.profile})${b.reasons.length ? `: ${b.reasons.map(say).join("; ")}` : ""}`);
}

function answer(s, data) {
  const t = text[s.lang], r = data.report, f = r.finding, b = r.baseline, left = r.left_out.map((x) => t.left(x.rows, x.why)).join("; ");
  const why = /^there is no window of a day/.test(r.fault) ? t.noDays : / rows are too few /.test(r.fault) ? t.tooFew : r.fault;
  const body = r.fault ? [el("p", { class: "soft" }, `${t.fault} ${why}.`)]
    : !b.usable ? [verdict(s, b)]
      : !f ? [el("p", { class: "soft" }, t.none)]
        : [el("p", { class: "statement", role: "status" }, statement(s, r)),
          el("p", { class: f.alarm ? `mark ${f.alarm === "overuse" ? "bad" : "ok"}` : "soft" }, f.alarm ? t.alarm[f.alarm] : t.quiet), f.outside ? el("p", { class: "thin" }, t.outside(f.outside, f.rows)) : null, sharesTable(s, r)];
  return el("section", { class: "panel" }, el("h2", {}, t.head), choices(s, data), ...body, el("p", { class: "soft" }, [t.whole, left].filter(Boolean).join(" ")));
}

function facts(s, b) {
  const t = text[s.lang], name = (x) => (x.driver ? driverName(s, x.driver) : t.baseLoad);
  const rows = [[t.equation, `E = ${b.terms.map((x) => `${digits(x.value)} kWh × ${x.driver ? driverName(s, x.driver) : "h"}`).join(" + ")}`], ["R²", digits(b.r2)], ["CV(RMSE)", flat(b.cv_rmse, "1", s.lang)], [t.scatterOf, kwh(b.s_kwh, s)],
    [t.period, `${date(b.reference_from_ms, s.lang, s.zone)} – ${date(b.reference_to_ms - 1, s.lang, s.zone)}, ${b.rows} ${t.rows.toLowerCase()}`], [t.act, b.frozen ? `${date(b.when_ms, s.lang, s.zone)}, ${b.who}: ${b.why}` : t.trial]];
  const columns = [{ head: t.term, cell: name }, { head: t.value, number: true, cell: (x) => digits(x.value) }, { head: t.error, number: true, cell: (x) => digits(x.error) }, { head: "t", number: true, cell: (x) => digits(x.t) }, { head: "p", number: true, cell: (x) => (x.p !== null && x.p < 1e-4 ? "< 0.0001" : digits(x.p)) }];
  return [el("dl", { class: "facts" }, ...rows.flatMap(([k, v]) => [el("dt", {}, k), el("dd", {}, v)])), table(t.equation, columns, b.terms)];
}

// Points of the reference and of this time, and the line through the first: dashed if it may not be used. Of several
// drivers no one alone explains a day, so it is drawn over what all of them let expect.
function scatter(s, r) {
  const t = text[s.lang], b = r.baseline, [base, first, more] = b.terms;
  if (!first) return null;
  const of = (p) => b.terms.slice(1).reduce((a, x, i) => a + x.value * p.drivers[i], base.value * p.time_h), x = more ? of : (p) => p.drivers[0];
  const name = more ? t.expected : driverName(s, first.driver), unit = more ? "kWh" : first.unit === "h" ? "h" : "", hours = b.points[0].time_h, fit = (v) => (more ? v : base.value * hours + first.value * v);
  const all = [...b.points.map((p) => [p, 1]), ...r.rows.map((p) => [p, 2])].map(([p, k]) => ({ x: x(p), y: p.actual_kwh, of: k, label: p.label })).sort((m, n) => m.x - n.x);
  const low = all[0].x, high = all[all.length - 1].x, room = (high - low || 1) * 0.04, xs = all.map((p) => p.x);
  return chart({
    key: "scatter", title: more ? t.byFit : `${t.fit}: ${name}`, zone: s.zone, lang: s.lang, tableWord: word("as_table", s.lang), time: false, height: 300, span: [(low - room) * 1000, (high + room) * 1000],
    data: [xs, all.map((p) => (p.of === 1 ? p.y : null)), all.map((p) => (p.of === 2 ? p.y : null)), xs.map(fit)],
    series: [{ label: t.reference, ink: "--gone", points: true }, { label: t.held, ink: "--focus", points: true }, { label: b.usable ? t.line : t.lineNot, ink: b.usable ? "--ok" : "--bad", dash: b.usable ? [1000, 0] : [4, 8], width: b.usable ? 2 : 1.2 }],
    xValues: (_, ticks) => ticks.map((v) => flat(v, unit, s.lang)), yValues: (_, ticks) => ticks.map((v) => kwh(v, s)),
    head: [t.rows, name, t.unit, ""], rows: all.map((p) => [p.label, flat(p.x, unit, s.lang), kwh(p.y, s), p.of === 1 ? t.reference : t.held]),
  });
}

function cusum(s, data) {
  const t = text[s.lang], r = data.report, rows = r.rows, at = (row, keep) => (keep ? row.cusum_kwh : null);
  const notesOf = (row) => data.notes.filter((n) => n.from_ms >= row.start_ms && n.from_ms < row.end_ms), said = (row) => [row.alarm ? t.alarm[row.alarm] : null, ...notesOf(row).map((n) => `${nameOf(s, n.unit)}: ${n.note ?? n.text} (${n.who})`)].filter(Boolean).join("; ");
  return chart({
    key: "cusum", title: `${t.cusum}, kWh. ${t.up}`, zone: s.zone, lang: s.lang, tableWord: word("as_table", s.lang), height: 240, daily: true, span: [rows[0].start_ms, rows.at(-1).end_ms - 60000], // the day behind the last one has no figure
    data: [rows.map((x) => x.start_ms / 1000), rows.map((x) => x.cusum_kwh), rows.map((x) => at(x, x.alarm)), rows.map((x) => at(x, notesOf(x).length)), rows.map(() => 0)],
    series: [{ label: t.sum, ink: "--focus" }, { label: t.alarmed, ink: "--bad", points: true }, { label: t.note, ink: "--order", points: true }, { label: "0", ink: "--soft", dash: [4, 6], width: 1 }],
    yValues: (_, ticks) => ticks.map((v) => kwh(v, s)), head: [word("period", s.lang), t.used, t.expected, t.d, t.sum, t.over, t.under, t.notes],
    rows: rows.map((x) => [dayOf(s, x), kwh(x.actual_kwh, s), kwh(x.expected_kwh, s), signed(x.difference_kwh, s), signed(x.cusum_kwh, s), kwh(x.over_kwh, s), kwh(x.under_kwh, s), said(x)]),
  });
}
// Where one may note something: at a machine, of a day that is looked at or of now.
const noteable = (s, data) => data.units.filter((u) => mayAt("note", s, u.id));
function noteForm(s, data) {
  const t = text[s.lang], of = noteable(s, data), pick = (label, name, options) => el("label", {}, label, el("select", { name }, ...options.map(([v, x]) => el("option", { value: v }, x))));
  if (!of.length) return null;
  return el("form", { class: "form", "data-do": "note" }, pick(t.machine, "unit", of.map((u) => [u.id, u.name])), pick(t.ofDay, "day", [["", t.today], ...data.report.rows.map((r) => [r.start_ms, dayOf(s, r)]).reverse()]),
    field(t.noteText, "note", { required: true, maxlength: 400, size: 40 }), el("button", { class: "primary" }, t.noteIt));
}
function notes(s, data) {
  const t = text[s.lang], r = data.report;
  return el("section", { class: "panel", "data-key": "notes" }, el("h2", {}, t.notes), el("p", { class: "soft" }, t.limit(kwh(r.limit_kwh, s))), r.alarms.length || data.notes.length ? el("ul", {},
    ...r.alarms.map((a) => el("li", { class: `mark ${a.kind === "overuse" ? "bad" : "ok"}` }, `${t.alarm[a.kind]}, ${t.since(a.since)}`)), ...data.notes.map((n) => el("li", {}, `${day(n.from_ms, s.lang, s.zone)}, ${nameOf(s, n.unit)}: ${n.note ?? n.text} (${n.who})`))) : null, noteForm(s, data));
}
async function note(s, form, room) {
  const { unit, day: of, note: what } = form.elements;
  room.local.problem = null;
  await room.tell("entries", { key: freshKey(), kind: "note", unit: unit.value, note: what.value, at: of.value ? Number(of.value) + DAY_MS / 2 : Math.floor(s.now) });
  form.reset();
  await room.again();
}

// panel(key, make): one that is made when its figures are had anew.
export function draw(s, data, panel, problem) {
  const r = data.report, b = r.fault ? null : r.baseline, said = b && b.usable && r.rows.length;
  return [panel("answer", () => answer(s, data)), b && panel("model", () => el("section", { class: "panel" }, el("h2", {}, text[s.lang].fit), verdict(s, b), ...facts(s, b))), b && scatter(s, r), said ? cusum(s, data) : null, problem && el("p", { class: "problem", role: "alert", "data-key": "refused" }, `${text[s.lang].notTaken}: ${problem.message}`), said ? panel("notes", () => notes(s, data), noteable(s, data).length) : null].filter(Boolean);
}
export const act = { note, choose: (s, at, room) => room.set({ [at.name]: at.name === "base" && at.value === "frozen" ? null : at.value }) };
