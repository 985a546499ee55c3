// The Shift room, for who works at a machine: what runs, what was made, what stood and why, what is open. Few taps, large
// targets; what is entered without a network waits in this browser and is sent later, once.
import { el, svg } from "./dom.js";
import { clock, count, date, meaning, moment, span, word } from "./format.js";
import { isStale, stateWord } from "./plant.js";
import { queueOf } from "./queue.js";
import { table } from "./table.js";
import { mayAt, me } from "./login.js";
import { field, shutOut } from "./forms.js";
import { causeActs, causeForm, causeText, causesStated, markBox, mayState, reasonName, reasonsOf, stateButton } from "./causes.js";

const RIGHT = { plan: "plan", energy: "meter", factor: "correct", replaced: "correct" }; // that an entry takes, and so its end; the others: enter
const HOUR_MS = 3600000, MONTH_MS = 30 * 24 * HOUR_MS, SHORT_MS = 60000, OFTEN = 8, AMOUNTS = ["good", "scrap", "rework", "material", "energy"], CONTEXTS = ["order", "product", "team", "headcount"];

export const text = {
  en: {
    choose: "Which machine?", now: "Runs now", change: "Change", amounts: "Enter an amount", howMany: "How many?", kwh: "What the register shows, kWh", reason: "Reason", send: "Enter", cancel: "Cancel", noEntry: "Signals tell everything here; nothing has to be entered by hand.", stops: "Stops that need a cause", allStated: "Every stop has its cause.", others: (n) => `${n} more, with a cause or short`,
    join: "Take it with the others marked", part: "Only a part of it", from: "From", to: "To", board: "Hour by hour", hour: "Hour", good: "Good", scrap: "Scrap", plan: "Plan", gap: "Difference", stood: "Stood", sum: "So far", noPlan: "no plan", planIt: "Plan this shift", planAnew: "Change the plan", planOf: "Good pieces of this shift", anyProduct: "whatever is made", plannedBy: (who) => `Planned by ${who}.`, otherPlan: (mine, who, theirs) => `Your plan of ${mine} is not taken: ${who ? `${who} has planned ${theirs} meanwhile` : "what it would change does not hold any more"}. Look at it, then enter yours again.`, notes: "Notes and open points", note: "Note", add: "Add", none: "None yet.", entries: "What was entered in this shift", void: "Take it back", when: "When", what: "What", who: "Who", value: "Value",
    others_wait: (names) => `Entries of ${names} wait in this browser until they log in here.`, handover: "Hand over", give: "We leave: the entries are complete", take: "We come: taken over", given: (who, at) => `Handed over by ${who} at ${at}.`, taken: (who, at) => `Taken over by ${who} at ${at}.`, notGiven: "Not handed over yet.", open: "Still open", carried: "Carried over from the shift before", report: "Print the report", waiting: (n) => `${n} entries wait in this browser and are sent as soon as the plant answers.`, sent: "Entered.", refused: (why) => `Not taken: ${why}`, full: "This browser keeps nothing: the entry was not taken.", noShift: "No shift is on here now.", shift: (from, to) => `Shift ${from} – ${to}`, planned: (made, all, forecast) => `${made} of ${all} planned; ${forecast} by the end at this pace.`, keep: "Still open", lastShift: (from, to) => `The shift before, ${from} – ${to}`, notTaken: "Not taken over yet.", openLines: "Still open, a line each", leaving: "Leaving team", coming: "Arriving team", reportOf: "Shift report", printed: (at, who) => `Printed ${at} by ${who}`, lost: "Where time was lost", empty: "none", marked: "marked",
  },
  vi: {
    choose: "Máy nào?", now: "Đang chạy", change: "Đổi", amounts: "Nhập số lượng", howMany: "Bao nhiêu?", kwh: "Số trên công tơ, kWh", reason: "Lý do", send: "Ghi", cancel: "Thôi", noEntry: "Ở đây tín hiệu báo hết; không cần nhập tay.", stops: "Lần dừng cần khai lý do", allStated: "Mọi lần dừng đều có lý do.", others: (n) => `${n} lần khác, đã có lý do hoặc ngắn`,
    join: "Gộp với các lần đã đánh dấu", part: "Chỉ một phần", from: "Từ", to: "Đến", board: "Từng giờ", hour: "Giờ", good: "Đạt", scrap: "Phế phẩm", plan: "Kế hoạch", gap: "Chênh lệch", stood: "Dừng", sum: "Đến nay", noPlan: "không có kế hoạch", planIt: "Lập kế hoạch ca này", planAnew: "Sửa kế hoạch", planOf: "Số sản phẩm đạt của ca này", anyProduct: "mọi mã hàng", plannedBy: (who) => `Người lập: ${who}.`, otherPlan: (mine, who, theirs) => `Kế hoạch ${mine} của bạn chưa được nhận: ${who ? `${who} vừa lập kế hoạch ${theirs}` : "kế hoạch cần sửa không còn hiệu lực"}. Hãy xem lại rồi nhập lại.`, notes: "Ghi chú và việc còn mở", note: "Ghi chú", add: "Thêm", none: "Chưa có.", entries: "Đã nhập trong ca này", void: "Hủy", when: "Lúc", what: "Gì", who: "Ai", value: "Giá trị",
    others_wait: (names) => `Có mục của ${names} đang chờ trong trình duyệt này đến khi họ đăng nhập.`, handover: "Giao ca", give: "Ca giao: số liệu đã đủ", take: "Ca nhận: đã nhận", given: (who, at) => `${who} đã giao ca lúc ${at}.`, taken: (who, at) => `${who} đã nhận ca lúc ${at}.`, notGiven: "Chưa giao ca.", open: "Việc còn mở", carried: "Ca trước chuyển sang", report: "In báo cáo", waiting: (n) => `${n} mục đang chờ trong trình duyệt, sẽ gửi khi kết nối lại.`, sent: "Đã ghi.", refused: (why) => `Không được nhận: ${why}`, full: "Trình duyệt này không lưu được: mục chưa được ghi.", noShift: "Hiện ở đây không có ca.", shift: (from, to) => `Ca ${from} – ${to}`, planned: (made, all, forecast) => `${made} trên ${all} theo kế hoạch; với tốc độ này đến hết ca được ${forecast}.`, keep: "Còn mở", lastShift: (from, to) => `Ca trước, ${from} – ${to}`, notTaken: "Chưa nhận ca.", openLines: "Việc còn mở, mỗi dòng một việc", leaving: "Tổ giao ca", coming: "Tổ nhận ca", reportOf: "Báo cáo ca", printed: (at, who) => `In lúc ${at}, người in: ${who}`, lost: "Thời gian mất vì", empty: "không có", marked: "đã đánh dấu",
  },
};
export const every = 10000;
const unitOf = (s) => s.plant.nodes.find((n) => n.id === s.place && n.level === "unit");
export const key = (s) => s.place;
const queue = queueOf((x) => listener(x));
let listener = () => {};

export async function load(s, ask) {
  if (!unitOf(s)) return {};
  const unit = await ask(`units/${s.place}`), w = unit.head.windows.shift, now = Math.ceil(s.now);
  if (!w || !w.start_ms || w.available === false) return { unit, off: true };
  const on = { from: w.start_ms, to: Math.max(now, w.start_ms + 1) };
  const [line, hours, entries, before, stops, last] = await Promise.all([ask(`units/${s.place}/timeline`, on), ask("windows", { node: s.place, kind: "hour", from: w.start_ms, to: now, limit: 48 }), ask("entries", { unit: s.place, from: w.start_ms, limit: 200 }),
    ask("entries", { unit: s.place, from: w.start_ms - 48 * HOUR_MS, to: w.start_ms, limit: 200 }), ask("stops", { node: s.place, from: now - MONTH_MS, to: now }), ask("windows", { node: s.place, kind: "shift", from: w.start_ms - 24 * HOUR_MS, to: w.start_ms - 1, limit: 20 })]);
  return { last: last.windows.filter((x) => Date.parse(x.end) <= w.start_ms && x.coverage > 0).at(-1) || null, unit, w, pieces: line.pieces, hours: hours.windows, entries: entries.entries, before: before.entries, stops: stops.rows };
}

const tile = (data) => data.unit.tiles[0];
const at = (ms, s) => clock(ms, s.lang, s.zone);
const productOf = (s, id) => s.plant.products.find((p) => p.id === id)?.name || id;
const glossaryHas = (id) => Boolean(meaning(id));
const holds = (e) => e.voided_by === null;

// --- what runs ----------------------------------------------------------------------------------------------

function runs(s, data, local) {
  const t = text[s.lang], x = tile(data), mayEnter = mayAt("enter", s) ? CONTEXTS.filter((k) => (unitOf(s).entered || []).includes(k)) : [], product = s.plant.products.find((p) => p.id === x.product);
  const shown = { order: x.order, product: product?.name || x.product, team: x.team, headcount: x.headcount };
  const input = (k) => (k === "product" ? el("label", {}, word("product", s.lang), el("select", { name: "value" }, el("option", { value: "" }, t.empty), ...s.plant.products.map((p) => el("option", { value: p.id, selected: p.id === x.product }, p.name || p.id))))
    : field(word(k, s.lang), "value", k === "headcount" ? { type: "number", min: 0, max: 999, required: true, inputmode: "numeric" } : { maxlength: 96, value: shown[k] || "" }));
  return el("section", { class: "panel", "data-key": "runs" }, el("h2", {}, `${unitOf(s).name} · ${stateWord(x, s)}${x.cause && !isStale(x, s.now, s.limit) ? ` (${word(x.cause, s.lang)})` : ""}`), el("p", { class: "soft" }, t.shift(at(data.w.start_ms, s), at(data.w.end_ms, s))),
    el("dl", { class: "facts wide" }, ...CONTEXTS.flatMap((k) => [el("dt", {}, word(k, s.lang)), el("dd", {}, String(shown[k] ?? "–"), mayEnter.includes(k) ? el("button", { type: "button", "data-do": "begin", "data-value": k }, t.change) : null)])),
    mayEnter.includes(local.kind) ? el("form", { class: "form touch", "data-do": "context", "data-key": local.kind }, input(local.kind), el("button", { class: "primary" }, t.send), el("button", { type: "button", "data-do": "begin", "data-value": "" }, t.cancel)) : null);
}

// --- amounts: which, how many, why ---------------------------------------------------------------------------

function mostFirst(list) {
  const n = new Map();
  for (const x of list) n.set(x, (n.get(x) || 0) + 1);
  return [...n.keys()].sort((a, b) => n.get(b) - n.get(a));
}
function amounts(s, data, local) {
  const t = text[s.lang], told = AMOUNTS.filter((k) => (unitOf(s).entered || []).includes(k)), mine = told.filter((k) => mayAt(k === "energy" ? "meter" : "enter", s));
  if (!told.length) return el("section", { class: "panel no-print" }, el("h2", {}, t.amounts), el("p", { class: "soft" }, t.noEntry));
  const often = mostFirst([...data.entries, ...data.before].filter((e) => e.kind === local.kind && e.reason).map((e) => e.reason)), reasons = ["scrap", "rework"].includes(local.kind) ? reasonsOf(s, "scrap", often) : [];
  return el("section", { class: "panel no-print", "data-key": "amounts" }, el("h2", {}, t.amounts), shutOut(s, "enter", "meter"), el("div", { class: "big" }, ...mine.map((k) => el("button", { type: "button", "data-do": "begin", "data-value": k, "aria-pressed": String(local.kind === k) }, word(k, s.lang)))),
    mine.includes(local.kind) ? el("form", { class: "form touch", "data-do": "amount", "data-key": local.kind },
      field(local.kind === "energy" ? t.kwh : t.howMany, "value", { type: "number", min: 0, step: "any", required: true, inputmode: "decimal" }),
      ...(reasons.length ? [el("fieldset", { class: "big" }, el("legend", {}, t.reason), ...reasons.slice(0, OFTEN).map((r) => el("button", { name: "reason", value: r.id }, r.name || r.id)),
        reasons.length > OFTEN ? el("select", { name: "rare" }, el("option", { value: "" }, "…"), ...reasons.slice(OFTEN).map((r) => el("option", { value: r.id }, r.name || r.id))) : null)] : []),
      el("button", { class: "primary" }, t.send), el("button", { type: "button", "data-do": "begin", "data-value": "" }, t.cancel)) : null);
}

// --- stops ---------------------------------------------------------------------------------------------------

const isStop = (p) => p.category === "delay" && p.to_ms - p.from_ms >= SHORT_MS;
const isOpen = (p) => isStop(p) && !p.reason && ["unstated", "failure", "other", null].includes(p.cause);
function stopRow(s, data, p, local) {
  const t = text[s.lang], on = local.stop === p.from_ms && mayState(s);
  return el("li", { class: "stop", "data-key": `stop-${p.from_ms}` }, el("div", { class: "form" }, mayState(s) ? markBox(p, t.marked) : null, el("b", {}, `${at(p.from_ms, s)} – ${at(p.to_ms, s)}`), el("span", {}, span(p.to_ms - p.from_ms, s.lang)), el("span", { class: "soft" }, causeText(s, p)),
    mayState(s) ? stateButton(s, p, local) : null), on ? causeForm(s, p, data.stops, local) : null);
}
function stops(s, data, local) {
  const t = text[s.lang], open = data.pieces.filter(isOpen).reverse(), rest = data.pieces.filter((p) => isStop(p) && !isOpen(p)).reverse();
  return el("section", { class: "panel", "data-key": "stops" }, el("h2", {}, `${t.stops} · ${open.length}`), open.length ? el("ul", { class: "stops" }, ...open.map((p) => stopRow(s, data, p, local))) : el("p", { class: "mark ok" }, t.allStated),
    rest.length ? el("details", {}, el("summary", {}, t.others(rest.length)), el("ul", { class: "stops" }, ...rest.map((p) => stopRow(s, data, p, local)))) : null);
}

// --- the board, what was entered, handing over ---------------------------------------------------------------

// What should be made by now, as the plant works it out, spread over the hours by the time in which no stop was planned;
// what is left of the plan over the hours to come.
function hoursOf(s, data) {
  const w = data.w, expected = w.plan ? w.plan.expected / 1e6 : null, left = w.plan ? w.plan.quantity / 1e6 - expected : null, q = (x, k) => (x.sums[k] ?? 0) / 1e6, now = Math.min(s.now, w.end_ms);
  const gone = data.hours.filter((x) => Date.parse(x.end) > w.start_ms).map((x) => {
    const from = Math.max(Date.parse(x.start), w.start_ms), to = Math.min(Date.parse(x.end), now);
    return { x, from, ms: Math.max(0, to - from - (x.sums.time_planned_down ?? 0) - (x.sums.time_not_scheduled ?? 0)) };
  });
  const all = gone.reduce((a, h) => a + h.ms, 0), to = gone.length ? Math.min(Date.parse(gone.at(-1).x.end), w.end_ms) : now, ahead = w.end_ms - now;
  let made = 0, wanted = 0;
  const rows = gone.map(({ x, from, ms }, i) => {
    const soFar = expected === null || !all ? null : (expected * ms) / all, goal = soFar === null ? null : soFar + (i === gone.length - 1 && ahead > 0 ? (left * (to - now)) / ahead : 0);
    made += q(x, "gq");
    wanted += soFar ?? 0;
    return { from, good: q(x, "gq"), scrap: q(x, "sq"), goal, due: soFar, stood: x.sums.time_delay ?? 0, made, gap: soFar === null ? null : made - wanted };
  });
  for (let from = to; left !== null && ahead > 0 && from < w.end_ms; from += HOUR_MS) rows.push({ from, goal: (left * Math.min(HOUR_MS, w.end_ms - from)) / ahead, ahead: true });
  return rows;
}
// What holds of what was planned of this shift: of each product the last that was said.
function plansOf(data) {
  const all = data.entries.concat(data.before).filter((e) => e.kind === "plan" && holds(e) && !e.text && e.from_ms === data.w.start_ms && e.to_ms === data.w.end_ms).sort((a, b) => a.entry - b.entry);
  return [...new Map(all.map((e) => [e.product || "", e])).values()];
}
function planning(s, data, local) {
  const t = text[s.lang], plans = plansOf(data), who = [...new Set(plans.map((e) => e.who))].join(", ");
  const products = s.plant.products.map((p) => el("option", { value: p.id }, p.name || p.id));
  return [who ? el("p", { class: "soft" }, t.plannedBy(who)) : null, !mayAt("plan", s) ? null : local.kind !== "plan" ? el("div", { class: "no-print" }, el("button", { type: "button", "data-do": "begin", "data-value": "plan" }, plans.length ? t.planAnew : t.planIt))
    : el("form", { class: "form touch no-print", "data-do": "plan", "data-key": "plan" }, field(t.planOf, "value", { type: "number", min: 0, step: "any", required: true, inputmode: "numeric" }), products.length ? el("label", {}, word("product", s.lang), el("select", { name: "product" }, el("option", { value: "" }, t.anyProduct), ...products)) : null,
      el("button", { class: "primary" }, t.send), el("button", { type: "button", "data-do": "begin", "data-value": "" }, t.cancel))].filter(Boolean);
}
function board(s, data, local) {
  const t = text[s.lang], rows = hoursOf(s, data), top = Math.max(1, ...rows.map((r) => Math.max(r.good || 0, r.goal || 0))), n = (v) => (v === undefined ? "" : count(v, s.lang)), plan = data.w.plan;
  const bar = (r) => svg("svg", { class: "made", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" }, svg("rect", { class: !r.ahead && r.due !== null && r.good < r.due * 0.9 ? "bad" : "good", width: ((100 * (r.good || 0)) / top).toFixed(1), height: 10 }), r.goal === null ? null : svg("rect", { class: "due", x: Math.max(0, (100 * r.goal) / top - 0.6).toFixed(1), width: 1.2, height: 10 }));
  const against = [{ head: t.plan, number: true, cell: (r) => count(r.goal, s.lang) }], gap = [{ head: t.gap, number: true, cell: (r) => (r.ahead ? "" : r.gap === null ? "–" : el("span", { class: r.gap < -0.5 ? "mark bad" : "mark ok" }, count(r.gap, s.lang))) }];
  const columns = [{ head: t.hour, cell: (r) => at(r.from, s) }, ...(plan ? against : []), { head: t.good, number: true, cell: (r) => n(r.good) }, { head: "", cell: bar }, { head: t.scrap, number: true, cell: (r) => n(r.scrap) },
    { head: t.stood, number: true, cell: (r) => (r.ahead ? "" : span(r.stood, s.lang)) }, { head: t.sum, number: true, cell: (r) => n(r.made) }, ...(plan ? gap : [])];
  return el("section", { class: "panel", "data-key": "board" }, el("h2", {}, t.board), plan ? el("p", {}, t.planned(count(plan.made / 1e6, s.lang), count(plan.quantity / 1e6, s.lang), plan.forecast === null ? "–" : count(plan.forecast / 1e6, s.lang))) : el("p", { class: "soft" }, t.noPlan), ...planning(s, data, local), rows.length ? table(t.board, columns, rows) : el("p", { class: "soft" }, t.none));
}
const textOf = (e, s) => (e.kind === "cause" ? (glossaryHas(e.text) ? word(e.text, s.lang) : reasonName(s, e.text)) : e.kind === "product" ? productOf(s, e.text) : e.text);
const saidBy = (e, s) => [textOf(e, s), e.value !== null ? `${e.value.toLocaleString(s.lang)}${e.kind === "energy" ? " kWh" : ""}` : "", e.reason && reasonName(s, e.reason), e.product && productOf(s, e.product)].filter((x) => x !== null && x !== "").join(" · ");
function entered(s, data) {
  const t = text[s.lang], rows = data.entries.filter((e) => !["note", "handover", "void"].includes(e.kind) && (e.from_ms >= data.w.start_ms || e.to_ms === null || e.to_ms > data.w.start_ms)).sort((a, b) => b.from_ms - a.from_ms || b.entry - a.entry);
  const columns = [{ head: t.when, cell: (e) => (e.from_ms < data.w.start_ms ? moment(e.from_ms, s.now, s.lang, s.zone) : at(e.from_ms, s)) }, { head: t.what, cell: (e) => word(e.kind, s.lang) }, { head: t.value, cell: (e) => el(holds(e) ? "span" : "s", {}, saidBy(e, s) || "–") }, { head: t.who, cell: (e) => e.who }, { head: t.note, cell: (e) => e.note || "–" },
    { head: "", cell: (e) => (holds(e) && mayAt(RIGHT[e.kind] || "enter", s) ? el("button", { type: "button", class: "no-print", "data-do": "void", "data-value": e.entry }, t.void) : "") }];
  return el("section", { class: "panel" }, el("h2", {}, t.entries), rows.length ? table(t.entries, columns, rows) : el("p", { class: "soft" }, t.none));
}
const given = (list, span_) => list.find((e) => e.kind === "handover" && e.text === "given" && holds(e) && (!span_ || e.to_ms === span_.to));
const taken = (list, span_) => list.find((e) => e.kind === "handover" && e.text === "taken" && holds(e) && (!span_ || e.to_ms === span_.to));
const pointsOf = (e) => (e?.note ? e.note.split(/\r?\n|; /).map((x) => x.trim()).filter(Boolean) : []);
const own = (data) => data.entries.filter((e) => e.to_ms === data.w.end_ms || e.kind !== "handover");
function notes(s, data) {
  const t = text[s.lang], mine = data.entries.filter((e) => e.kind === "note" && holds(e)), last = given(data.before), carried = pointsOf(last);
  const line = (e) => el("li", {}, el("b", {}, moment(e.entered_ms, s.now, s.lang, s.zone)), ` ${e.note} `, el("span", { class: "soft" }, e.who), mayAt("confirm_shift", s) ? el("button", { type: "button", class: "no-print", "data-do": "keep", "data-value": e.note }, t.keep) : null);
  return el("section", { class: "panel", "data-key": "notes" }, el("h2", {}, t.notes), carried.length ? el("h3", {}, `${t.carried} (${last.who}, ${moment(last.entered_ms, s.now, s.lang, s.zone)})`) : null, carried.length ? el("ul", { class: "points" }, ...carried.map((x) => el("li", {}, x))) : null, mine.length ? el("ul", { class: "points" }, ...mine.map(line)) : el("p", { class: "soft" }, t.none),
    !mayAt("note", s) ? null : el("form", { class: "form touch no-print", "data-do": "note", "data-key": "note" }, field(t.note, "note", { required: true, maxlength: 400, size: 40 }), el("button", { class: "primary" }, t.add)));
}
const confirmed = (s, e, say, not) => el("p", { class: e ? "mark ok" : "soft" }, e ? say(e.who, moment(e.entered_ms, s.now, s.lang, s.zone)) : not);
// The shift before: who comes takes it over, and who left may still say that its entries are complete.
function before(s, data) {
  const t = text[s.lang], w = data.last;
  if (!w) return null;
  const span_ = { from: Date.parse(w.start), to: Date.parse(w.end) }, gave = given(data.before, span_), took = taken([...data.entries, ...data.before], span_);
  return el("section", { class: "part no-print", "data-key": "before" }, el("h3", {}, t.lastShift(at(span_.from, s), at(span_.to, s))), confirmed(s, gave, t.given, t.notGiven), confirmed(s, took, t.taken, t.notTaken),
    mayAt("confirm_shift", s) && !(gave && took) ? el("form", { class: "form touch", "data-do": "hand", "data-key": "hand-before", "data-from": span_.from, "data-to": span_.to }, gave ? null : field(t.open, "note", { maxlength: 400, size: 40 }), gave ? null : el("button", { name: "text", value: "given" }, t.give), took ? null : el("button", { class: "primary", name: "text", value: "taken" }, t.take)) : null);
}
// What is still open goes on to the next shift until somebody takes it out of the list.
function handover(s, data) {
  const t = text[s.lang], w = data.w, gave = given(own(data)), took = taken(own(data)), points = pointsOf(gave).length ? pointsOf(gave) : pointsOf(given(data.before));
  return el("section", { class: "panel", "data-key": "handover" }, el("h2", {}, t.handover), before(s, data), el("h3", {}, t.shift(at(w.start_ms, s), at(w.end_ms, s))), confirmed(s, gave, t.given, t.notGiven), confirmed(s, took, t.taken, t.notTaken),
    el("div", { class: "print-only" }, el("h3", {}, t.open), points.length ? el("ul", { class: "points" }, ...points.map((x) => el("li", {}, x))) : el("p", {}, "–"), el("div", { class: "signed" }, el("p", {}, `${t.leaving}: ${gave ? gave.who : ""}`), el("p", {}, `${t.coming}: ${took ? took.who : ""}`))),
    mayAt("confirm_shift", s) ? el("form", { class: "form touch no-print", "data-do": "hand", "data-key": "hand", "data-from": w.start_ms, "data-to": w.end_ms }, el("label", {}, t.openLines, el("textarea", { name: "note", rows: 3, cols: 44, maxlength: 400 }, points.join("\n"))), el("button", { class: "primary", name: "text", value: "given" }, t.give)) : shutOut(s, "confirm_shift"),
    el("div", { class: "touch no-print" }, el("button", { type: "button", "data-do": "print" }, t.report)));
}
// The head of the report on paper: what, where, when.
function reportHead(s, data) {
  const t = text[s.lang], w = data.w, time = data.pieces.reduce((a, p) => ({ ...a, [p.category]: (a[p.category] || 0) + p.to_ms - p.from_ms }), {}), good = data.hours.reduce((a, x) => a + (x.sums.gq ?? 0), 0), scrap = data.hours.reduce((a, x) => a + (x.sums.sq ?? 0), 0);
  const why = mostLost(s, data.pieces).slice(0, OFTEN);
  return el("section", { class: "panel print-only" }, el("h2", {}, `${t.reportOf}: ${unitOf(s).name}, ${date(w.start_ms, s.lang, s.zone)}, ${t.shift(at(w.start_ms, s), at(w.end_ms, s))}`), el("p", {}, t.printed(moment(s.now, 0, s.lang, s.zone), me() || "–")),
    el("p", {}, [`${word("good", s.lang)}: ${count(good / 1e6, s.lang)}`, `${word("scrap", s.lang)}: ${count(scrap / 1e6, s.lang)}`, ...Object.entries(time).map(([k, ms]) => `${word(k, s.lang)}: ${span(ms, s.lang)}`)].join(" · ")),
    why.length ? el("p", {}, `${t.lost}: ${why.map(([name, ms]) => `${name} ${span(ms, s.lang)}`).join(", ")}`) : null);
}
function mostLost(s, pieces) {
  const by = new Map();
  for (const p of pieces.filter((x) => x.category === "delay")) by.set(causeText(s, p) || "–", (by.get(causeText(s, p) || "–") || 0) + p.to_ms - p.from_ms);
  return [...by].sort((a, b) => b[1] - a[1]);
}

// Of a plan that another one was before with: who, and how many.
function refusal(s, data, x) {
  const t = text[s.lang], n = (v) => count(Number(v), s.lang);
  if (x.entry?.kind !== "plan" || x.status !== 412) return t.refused(x.message);
  const was = plansOf(data).find((e) => (e.product || "") === (x.entry.product || ""));
  return t.otherPlan(n(x.entry.value), was?.who, n(was?.value));
}
function said(s, data, local) {
  const t = text[s.lang], waiting = queue.waiting.length, refused = local.refused, others = queue.others;
  return [others.length ? el("p", { class: "problem", role: "status" }, t.others_wait(others.join(", "))) : null, waiting ? el("p", { class: "problem", role: "status" }, t.waiting(waiting)) : null, refused ? el("p", { class: "problem", role: "alert" }, refusal(s, data, refused)) : null, !refused && !waiting && local.sent ? el("p", { class: "mark ok", role: "status" }, t.sent) : null].filter(Boolean);
}
export function draw(s, data, local) {
  const t = text[s.lang];
  if (!unitOf(s)) return [el("section", { class: "panel" }, el("h2", {}, t.choose), el("div", { class: "big" }, ...s.plant.nodes.filter((n) => n.level === "unit").map((n) => el("button", { type: "button", "data-open": n.id }, n.name))))];
  if (data.off) return [el("p", { class: "panel" }, t.noShift)];
  return [...said(s, data, local), reportHead(s, data), runs(s, data, local), amounts(s, data, local), stops(s, data, local), board(s, data, local), notes(s, data), entered(s, data), handover(s, data)];
}

// --- what is entered -----------------------------------------------------------------------------------------

function enter(s, room, entry, seen) {
  listener = async (x) => {
    if (x.refused || x.sent) { // what came of it is told beside what stands there now
      await room.again();
      Object.assign(room.local, { refused: x.refused, sent: x.sent });
    }
    room.draw();
  };
  Object.assign(room.local, { kind: null, stop: null, refused: null, sent: false });
  if (!queue.add({ unit: s.place, ...entry }, seen)) room.local.refused = { message: text[s.lang].full };
}
export const act = {
  begin: (s, at_, room) => { Object.assign(room.local, { kind: at_.dataset.value || null, refused: null, sent: false }); },
  ...causeActs,
  context: (s, form, room) => { const kind = room.local.kind, value = form.elements.value.value; enter(s, room, { kind, ...(kind === "headcount" ? { value } : { text: value }) }); },
  amount: (s, form, room, by) => enter(s, room, { kind: room.local.kind, value: form.elements.value.value, at: Math.floor(s.now), reason: (by?.name === "reason" && by.value) || form.elements.rare?.value || undefined }),
  cause: (s, form, room, by) => {
    const stated = causesStated(s, form, room.data.pieces, room.local, by);
    if (stated) { stated.forEach((x) => enter(s, room, x)); room.local.marked = null; }
  },
  // Whoever plans sees what stands there; what another one plans meanwhile is not replaced unseen.
  plan: (s, form, room) => {
    const product = form.elements.product?.value || "", was = plansOf(room.data).find((e) => (e.product || "") === product);
    enter(s, room, { kind: "plan", value: form.elements.value.value, product: product || undefined, from: room.data.w.start_ms, to: room.data.w.end_ms }, was ? was.etag : "*");
  },
  note: (s, form, room) => { enter(s, room, { kind: "note", note: form.elements.note.value, at: Math.floor(s.now) }); form.reset(); },
  hand: (s, form, room, by) => { enter(s, room, { kind: "handover", text: by?.value || "given", from: Number(form.dataset.from), to: Number(form.dataset.to), note: form.elements.note?.value.trim() || undefined }); },
  // A note that is not settled goes on the list of what is open.
  keep: (s, at_) => { const list = document.querySelector("form[data-do=hand] textarea"); if (list && !list.value.split("\n").includes(at_.dataset.value)) list.value = [list.value, at_.dataset.value].filter(Boolean).join("\n"); },
  void: (s, at_, room) => { enter(s, room, { unit: undefined, kind: "void", entry: Number(at_.dataset.value) }); },
  print: () => window.print(),
};
queue.flush();
