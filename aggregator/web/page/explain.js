// Where a number comes from: the formula, its two sums, what they are made of down to the meter's steps, which norm it
// is held against, what was told before, and whether the parts add up to it. Reached from any figure of the page.
import { el } from "./dom.js";
import { count, flat, moment, span, word } from "./format.js";
import { sumWord } from "./sums.js";
import { table } from "./table.js";

const PARTS = 200;
export const text = {
  en: {
    of: (what, where) => `${what} of ${where}`, formula: "Formula", up: "Above", down: "Below", coverage: "Coverage", norm: "Norm", noNorm: "No norm is in force.", document: "Document", window: "Window", revision: "Revision", because: "because", told: "told",
    sums: "Its sums", sum: "Sum", value: "Told", parts: "Of the parts", difference: "Difference", side: "Counts", more: "adds", less: "subtracts", above: "above the line", below: "below the line",
    good: "The parts add up to what was told.", bad: "The parts do not add up to what was told", made: (n, m) => `What it is made of: ${n} of ${m}`, when: "When", what: "What", from: "From", adds: "Adds", contexts: "By order, product and team", factors: "Factors in force", entries: "What people entered", breaches: "Conditions that were not kept", unproven: "Conditions of which nobody knows", seen: "seen", limit: "limit", revisions: "What was told before", now: "as of", ask: "Which number? Choose one on the page.",
  },
  vi: {
    of: (what, where) => `${what} của ${where}`, formula: "Công thức", up: "Tử số", down: "Mẫu số", coverage: "Độ phủ", norm: "Định mức", noNorm: "Không có định mức nào đang áp dụng.", document: "Văn bản", window: "Khoảng", revision: "Lần tính", because: "vì", told: "đã báo",
    sums: "Các tổng", sum: "Tổng", value: "Đã báo", parts: "Từ các phần", difference: "Chênh lệch", side: "Cách tính", more: "cộng", less: "trừ", above: "ở tử số", below: "ở mẫu số",
    good: "Các phần cộng lại đúng bằng con số đã báo.", bad: "Các phần cộng lại không bằng con số đã báo", made: (n, m) => `Gồm những gì: ${n} trên ${m}`, when: "Lúc", what: "Gì", from: "Từ", adds: "Thêm", contexts: "Theo lệnh, sản phẩm và tổ", factors: "Hệ số đang áp dụng", entries: "Người nhập", breaches: "Điều kiện không đạt", unproven: "Điều kiện chưa rõ có đạt không", seen: "đo được", limit: "giới hạn", revisions: "Những lần báo trước", now: "tính đến", ask: "Con số nào? Hãy chọn trên trang.",
  },
};
export const every = 0;
const args = (s) => ({ unit: s.place, kind: s.arg("kind"), indicator: s.arg("indicator"), start: s.arg("start") });
export const key = (s) => Object.values(args(s)).join("|");
export const load = (s, ask) => (s.arg("indicator") && s.arg("kind") ? ask("explain", args(s)) : Promise.resolve({}));

// An amount in base units, as people read it.
export function amount(x, unit, lang) {
  if (unit === "ms" || unit === "person-ms") return span(Math.abs(x), lang);
  if (unit === "uWh") return flat(x / 1e9, "kWh", lang);
  if (unit === "1e-6") return x % 1e6 ? flat(x / 1e6, "", lang) : count(x / 1e6, lang); // pieces are whole
  return `${count(x, lang)} ${unit}`;
}
const unitOf = (data, id) => data.sums.find((x) => x.id === id)?.unit || "";
const adds = (s, data, of) => Object.entries(of).map(([k, v]) => `${sumWord(k, s.lang)} ${v < 0 ? "−" : ""}${amount(v, unitOf(data, k), s.lang)}`).join(", ");

// What stands above or below the line: the daemon's own words, or in another language the sums that are added up there.
function sideOf(s, data, side) {
  const names = [...new Set(data.sums.filter((x) => x[side]).map((x) => sumWord(x.id, s.lang).split(": ")[0]))];
  return s.lang === "en" || !names.length ? data.indicator[`${side}_is`] : names.join(", ");
}
function head(s, data) {
  const t = text[s.lang], i = data.indicator, w = data.window, name = s.plant.nodes.find((n) => n.id === data.node)?.name || data.node;
  const at = (ms) => moment(ms, s.now, s.lang, s.zone), norm = data.norm;
  const rows = [
    [t.formula, el("code", {}, i.formula)], [t.up, `${flat(i.numerator, "", s.lang)} (${sideOf(s, data, "numerator")})`], [t.down, `${flat(i.denominator, "", s.lang)} (${sideOf(s, data, "denominator")})`],
    [t.coverage, flat(i.coverage, "1", s.lang)], [t.window, `${word(w.kind, s.lang)}: ${at(w.start_ms)} – ${at(w.end_ms)}`],
    [t.revision, `${word(w.life, s.lang)}${w.revision ? ` ${w.revision}, ${t.because} ${word(w.cause, s.lang)}` : ""}${w.told_ms ? `, ${t.told} ${at(w.told_ms)}` : ""}`],
    [t.norm, norm ? `${flat(norm.value, i.unit, s.lang)} · ${norm.approved_by || "–"} · ${norm.document || ""}` : t.noNorm],
  ];
  return el("section", { class: "panel" }, el("h2", {}, t.of(word(i.id, s.lang), name)),
    el("p", { class: "value" }, flat(i.value, i.unit, s.lang), " ", el("span", { class: `status ${data.status}` }, word(data.status, s.lang))),
    i.reason ? el("p", { class: "thin" }, word(i.reason, s.lang)) : null, i.note ? el("p", { class: "thin" }, word(i.note, s.lang)) : null,
    el("dl", { class: "facts" }, ...rows.flatMap(([k, v]) => [el("dt", {}, k), el("dd", {}, v)])));
}

function sums(s, data) {
  const t = text[s.lang], side = (x) => [x.numerator && `${t[x.numerator]} ${t.above}`, x.denominator && `${t[x.denominator]} ${t.below}`].filter(Boolean).join(", ");
  const columns = [{ head: t.sum, cell: (x) => sumWord(x.id, s.lang) }, { head: t.side, cell: side }, { head: t.value, number: true, cell: (x) => amount(x.told, x.unit, s.lang) },
    { head: t.parts, number: true, cell: (x) => amount(x.parts, x.unit, s.lang) }, { head: t.difference, number: true, cell: (x) => (x.difference ? amount(x.difference, x.unit, s.lang) : "0") }];
  return el("section", { class: "panel" }, el("h2", {}, t.sums), table(t.sums, columns, data.sums),
    el("p", { class: `mark ${data.adds_up ? "ok" : "bad"}` }, data.adds_up ? t.good : `${t.bad}: ${word(data.differs_because, s.lang)}`));
}

function what(s, p) {
  if (p.kind === "interval") return [word(p.category, s.lang), p.cause && word(p.cause, s.lang), p.reason].filter(Boolean).join(" · ");
  if (p.kind === "unit") return s.plant.nodes.find((n) => n.id === p.unit)?.name || p.unit;
  return [p.signal, p.role && word(p.role, s.lang), ...(p.flags || []).map((f) => word(f, s.lang))].filter(Boolean).join(" · ");
}
function made(s, data) {
  const t = text[s.lang], some = data.parts.slice(0, PARTS), all = data.parts.length + data.more.n;
  const columns = [{ head: t.when, cell: (p) => `${moment(p.from_ms, s.now, s.lang, s.zone)} – ${moment(p.to_ms, s.now, s.lang, s.zone)}` }, { head: t.what, cell: (p) => what(s, p) },
    { head: t.from, cell: (p) => p.agent || "–" }, { head: t.adds, cell: (p) => adds(s, data, p.adds) }];
  return el("section", { class: "panel" }, el("h2", {}, t.made(some.length, all)), table(t.made(some.length, all), columns, some));
}
function listed(s, data, title, rows, cells) {
  return rows.length ? el("section", { class: "panel" }, el("h2", {}, title), table(title, cells, rows)) : null;
}

// A condition by its name, with the signal that proves it and how far it went.
function proof(s, b) {
  const t = text[s.lang], seen = b.limit === undefined ? "" : `${t.seen} ${flat(b.value, b.shown_in || "", s.lang)}, ${t.limit} ${flat(b.limit, b.shown_in || "", s.lang)}`;
  return [b.name || b.condition, b.owner, b.gauge && `${b.gauge} (${b.at})`, seen].filter(Boolean).join(" · ");
}
function conditions(s, title, rows) {
  const at = (ms) => moment(ms, s.now, s.lang, s.zone), t = text[s.lang];
  return listed(s, null, title, rows || [], [{ head: t.when, cell: (b) => `${at(b.from_ms)} – ${at(b.to_ms)}` }, { head: t.what, cell: (b) => proof(s, b) }]);
}

export function draw(s, data) {
  const t = text[s.lang];
  if (!data.indicator) return [el("p", { class: "panel" }, t.ask)];
  const plain = (row) => Object.entries(row).filter(([k, v]) => v !== null && typeof v !== "object" && !k.endsWith("_ms")).map(([k, v]) => `${word(k, s.lang)}: ${v}`).join(", ");
  return [head(s, data), sums(s, data), made(s, data),
    listed(s, data, t.contexts, data.contexts, [{ head: t.what, cell: (c) => [c.order, c.product && (s.plant.products.find((p) => p.id === c.product)?.name || c.product), c.team].filter(Boolean).join(" · ") || "–" }, { head: t.adds, cell: (c) => adds(s, data, c.adds) }]),
    listed(s, data, t.factors, data.factors, [{ head: t.what, cell: plain }]), listed(s, data, t.entries, data.entries, [{ head: t.what, cell: plain }]),
    conditions(s, t.breaches, data.breaches), conditions(s, t.unproven, data.unproven),
    listed(s, data, t.revisions, data.window.revisions, [{ head: t.what, cell: plain }])].filter(Boolean);
}
