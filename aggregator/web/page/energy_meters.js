// The load of a period (peaks, load factor, what passed the contract) and the balance of meters: what came in through the
// main meter against the meters behind it, what none of them explains, and how much of the time that is true of.
import { el } from "./dom.js";
import { flat, moment } from "./format.js";
import { table } from "./table.js";

export const text = {
  en: {
    load: "Load of the period", peak: "Highest quarter-hour", mean: "Mean", factor: "Load factor", over: "Above the contract", hours: (h, x) => `${h}, ${x} beyond`, never: "never", when: "When", power: "Power", whole: "Measured", yes: "all the time", partly: "in part: may be higher", nothing: "Nothing was measured in this period.",
    partial: (n, m) => `${n} of ${m} quarter-hours were not measured all the time: they may be higher.`, balance: "Balance of the meters", tooMuch: "That is too much at once: choose a shorter period or a place below.", rest: "not explained by any meter", minus: "more behind the main meter than came through it", noMain: "No main meter is named here: the plant file's main_meters tells which one it is.", meter: "Meter", main: "main meter", shared: (names) => `shared by ${names}`, energy: "Energy", read: "Time measured", through: "Through the main meter", sum: "Sum of the meters behind it", left: "Not explained",
    truth: (a, b) => `True of ${a} of ${b} in which all of its meters were measured.`, few: "That is too little of the time to judge by.", untrue: "At no time all of its meters were measured: what is not explained is not known.", spread: (x) => `${x} come from meters that are read seldom: hours may be off, the sum is not.`, without: (names) => `Without a meter of their own: ${names}.`,
  },
  vi: {
    load: "Phụ tải trong kỳ", peak: "Chu kỳ 15 phút cao nhất", mean: "Trung bình", factor: "Hệ số phụ tải", over: "Vượt hợp đồng", hours: (h, x) => `${h}, vượt ${x}`, never: "không lần nào", when: "Lúc", power: "Công suất", whole: "Được đo", yes: "suốt chu kỳ", partly: "một phần: có thể cao hơn", nothing: "Kỳ này chưa đo được gì.",
    partial: (n, m) => `${n}/${m} chu kỳ không được đo trọn: có thể cao hơn.`, balance: "Cân bằng công tơ", tooMuch: "Quá nhiều dữ liệu một lúc: hãy chọn kỳ ngắn hơn hoặc nơi nhỏ hơn.", rest: "chưa công tơ nào giải thích", minus: "sau công tơ tổng nhiều hơn qua công tơ tổng", noMain: "Nơi này chưa khai công tơ tổng: xem main_meters của tệp nhà máy.", meter: "Công tơ", main: "công tơ tổng", shared: (names) => `dùng chung cho ${names}`, energy: "Điện năng", read: "Thời gian đo được", through: "Qua công tơ tổng", sum: "Tổng các công tơ sau đó", left: "Chưa giải thích được",
    truth: (a, b) => `Đúng cho ${a} trên ${b}, khi mọi công tơ đều được đo.`, few: "Quá ít thời gian để đánh giá.", untrue: "Không lúc nào mọi công tơ đều được đo: chưa biết phần chưa giải thích.", spread: (x) => `${x} là của công tơ ít được đọc: từng giờ có thể lệch, tổng thì không.`, without: (names) => `Không có công tơ riêng: ${names}.`,
  },
};
const ENOUGH = 0.95;
const nameOf = (s, id) => s.plant.nodes.find((n) => n.id === id)?.name || id;

export function load(s, demand) {
  const t = text[s.lang], kw = (x) => flat(x, "kW", s.lang), kwh = (x) => flat(x, "kWh", s.lang), m = demand?.summary, at = (ms) => moment(ms, 0, s.lang, s.zone);
  const rows = [[t.peak, `${kw(m.peak_kw)}, ${at(m.peak_ms)}`], [t.mean, kw(m.mean_kw)], [t.factor, flat(m.load_factor, "1", s.lang)], demand.over ? [t.over, demand.over.blocks ? t.hours(flat(demand.over.hours, "h", s.lang), kwh(demand.over.kwh)) : t.never] : null].filter(Boolean);
  const columns = [{ head: t.when, cell: (x) => at(x.start_ms) }, { head: t.power, number: true, cell: (x) => kw(x.kw) }, { head: t.whole, cell: (x) => (x.whole ? t.yes : t.partly) }];
  return el("section", { class: "panel" }, el("h2", {}, t.load), el("dl", { class: "facts" }, ...rows.flatMap(([k, v]) => [el("dt", {}, k), el("dd", {}, v)])),
    m.partial ? el("p", { class: "soft" }, t.partial(m.partial, m.blocks)) : null, table(t.load, columns, demand.peaks));
}

export function balance(s, b) {
  if (b.problem) return el("section", { class: "panel" }, el("h2", {}, text[s.lang].balance), el("p", { class: "soft" }, text[s.lang].tooMuch)); // a large site over a long time
  const t = text[s.lang], kwh = (x) => flat(x, "kWh", s.lang), hours = (x) => flat(x, "h", s.lang), c = b.complete;
  if (b.fault) return el("section", { class: "panel" }, el("h2", {}, t.balance), el("p", { class: "soft" }, t.noMain));
  const subs = b.meters.filter((m) => !m.main).sort((x, y) => (y.kwh ?? 0) - (x.kwh ?? 0)), most = Math.max(1e-9, b.all.main_kwh ?? 0, ...b.meters.map((m) => m.kwh ?? 0));
  const name = (m) => [el("b", {}, nameOf(s, m.id)), m.main ? ` (${t.main})` : m.shared ? ` (${t.shared(m.units.map((u) => nameOf(s, u)).join(", "))})` : ""];
  const columns = [{ head: t.meter, cell: (m) => el("span", {}, ...(m.total ? [el("b", {}, m.total)] : name(m))) }, { head: "", cell: (m) => (m.kwh === null ? "" : el("meter", { min: 0, max: most, value: Math.max(0, m.kwh), "aria-label": kwh(m.kwh) })) }, { head: t.energy, number: true, cell: (m) => kwh(m.kwh) }, { head: t.read, number: true, cell: (m) => (m.coverage === undefined ? "" : flat(m.coverage, "1", s.lang)) }];
  // What is not explained is of the time in which all were measured: so is what it is the difference of.
  const of = (name_, kwh_) => ({ total: c.hours < b.all.hours ? `${name_} (${hours(c.hours)})` : name_, kwh: kwh_ });
  const totals = c.intervals ? [of(t.through, c.main_kwh), of(t.sum, c.sub_kwh), of(t.left, c.rest_kwh)] : [{ total: t.sum, kwh: b.all.sub_kwh }];
  const rows = [...b.meters.filter((m) => m.main), ...subs, ...totals];
  const head = c.intervals ? [el("p", { class: `value${c.rest_share === null || b.coverage < ENOUGH ? " unsure" : ""}` }, flat(c.rest_share, "1", s.lang), el("span", { class: "status" }, ` ${kwh(c.rest_kwh)} ${c.rest_kwh < 0 ? t.minus : t.rest}`)),
    el("p", { class: b.coverage < ENOUGH ? "thin" : "soft" }, `${t.truth(hours(c.hours), hours(b.all.hours))}${b.coverage < ENOUGH / 2 ? ` ${t.few}` : ""}`)] : [el("p", { class: "thin" }, b.all.intervals ? t.untrue : t.nothing)];
  return el("section", { class: "panel" }, el("h2", {}, t.balance), ...head, table(t.balance, columns, rows), c.spread_kwh > 0 ? el("p", { class: "soft" }, t.spread(kwh(c.spread_kwh))) : null, b.unmetered.length ? el("p", { class: "soft" }, t.without(b.unmetered.map((u) => nameOf(s, u)).join(", "))) : null);
}
