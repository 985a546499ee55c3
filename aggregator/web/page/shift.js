// The Shift room, for who works at a machine: what runs, what was made, what stood and why, what is open. Few taps, large
// targets; what is entered without a network waits in this browser and is sent later, once.
import { el } from "./dom.js";
import { clock, count, flat, moment, span, word } from "./format.js";
import { isStale, stateWord } from "./plant.js";
import { queueOf } from "./queue.js";
import { table } from "./table.js";
import { may } from "./login.js";
import { field, shutOut } from "./forms.js";

const HOUR_MS = 3600000, MONTH_MS = 30 * 24 * HOUR_MS, SHORT_MS = 60000, OFTEN = 8, AMOUNTS = ["good", "scrap", "rework", "material", "energy"], CONTEXTS = ["order", "product", "team", "headcount"];
const CAUSES = ["failure", "material", "operator", "quality", "energy", "speed", "blocked", "starved", "other"];

export const text = {
  en: {
    choose: "Which machine?", now: "Runs now", change: "Change", amounts: "Enter an amount", howMany: "How many?", kwh: "What the register shows, kWh", reason: "Reason", send: "Enter", cancel: "Cancel", noEntry: "Signals tell everything here; nothing has to be entered by hand.", stops: "Stops that need a cause", allStated: "Every stop has its cause.", others: (n) => `${n} more, with a cause or short`,
    state: "State the cause", join: "Take it with the others marked", part: "Only a part of it", from: "From", to: "To", board: "Hour by hour", hour: "Hour", good: "Good", scrap: "Scrap", plan: "Plan", gap: "Difference", stood: "Stood", sum: "So far", noPlan: "no plan", notes: "Notes and open points", note: "Note", add: "Add", none: "None yet.", entries: "What was entered in this shift", void: "Does not hold", when: "When", what: "What", who: "Who", value: "Value",
    others_wait: (names) => `Entries of ${names} wait in this browser until they log in here.`, handover: "Hand over", give: "We leave: the entries are complete", take: "We come: taken over", given: (who, at) => `Handed over by ${who} at ${at}.`, taken: (who, at) => `Taken over by ${who} at ${at}.`, notGiven: "Not handed over yet.", open: "Still open", carried: "Carried over from the shift before", report: "Print the report", waiting: (n) => `${n} entries wait in this browser and are sent as soon as the plant answers.`, sent: "Entered.", refused: (why) => `Not taken: ${why}`, full: "This browser keeps nothing: the entry was not taken.", noShift: "No shift is on here now.", shift: (from, to) => `Shift ${from} – ${to}`, persons: "Persons", empty: "none", marked: "marked",
  },
  vi: {
    choose: "Máy nào?", now: "Đang chạy", change: "Đổi", amounts: "Nhập số lượng", howMany: "Bao nhiêu?", kwh: "Số trên công tơ, kWh", reason: "Lý do", send: "Ghi", cancel: "Thôi", noEntry: "Ở đây tín hiệu báo hết; không cần nhập tay.", stops: "Lần dừng cần khai lý do", allStated: "Mọi lần dừng đều có lý do.", others: (n) => `${n} lần khác, đã có lý do hoặc ngắn`,
    state: "Khai lý do", join: "Gộp với các lần đã đánh dấu", part: "Chỉ một phần", from: "Từ", to: "Đến", board: "Từng giờ", hour: "Giờ", good: "Đạt", scrap: "Phế phẩm", plan: "Kế hoạch", gap: "Chênh lệch", stood: "Dừng", sum: "Đến nay", noPlan: "không có kế hoạch", notes: "Ghi chú và việc còn mở", note: "Ghi chú", add: "Thêm", none: "Chưa có.", entries: "Đã nhập trong ca này", void: "Hủy", when: "Lúc", what: "Gì", who: "Ai", value: "Giá trị",
    others_wait: (names) => `Có mục của ${names} đang chờ trong trình duyệt này đến khi họ đăng nhập.`, handover: "Giao ca", give: "Ca giao: số liệu đã đủ", take: "Ca nhận: đã nhận", given: (who, at) => `${who} đã giao ca lúc ${at}.`, taken: (who, at) => `${who} đã nhận ca lúc ${at}.`, notGiven: "Chưa giao ca.", open: "Việc còn mở", carried: "Ca trước chuyển sang", report: "In báo cáo", waiting: (n) => `${n} mục đang chờ trong trình duyệt, sẽ gửi khi kết nối lại.`, sent: "Đã ghi.", refused: (why) => `Không được nhận: ${why}`, full: "Trình duyệt này không lưu được: mục chưa được ghi.", noShift: "Hiện ở đây không có ca.", shift: (from, to) => `Ca ${from} – ${to}`, persons: "Số người", empty: "không có", marked: "đã đánh dấu",
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
  const [line, hours, entries, before, stops] = await Promise.all([ask(`units/${s.place}/timeline`, on), ask("windows", { node: s.place, kind: "hour", from: w.start_ms, to: now, limit: 48 }), ask("entries", { unit: s.place, from: w.start_ms, limit: 200 }),
    ask("entries", { unit: s.place, from: w.start_ms - 24 * HOUR_MS, to: w.start_ms, limit: 200 }), ask("stops", { node: s.place, from: now - MONTH_MS, to: now })]);
  return { unit, w, pieces: line.pieces, hours: hours.windows, entries: entries.entries, before: before.entries, stops: stops.rows };
}

const tile = (data) => data.unit.tiles[0];
const at = (ms, s) => clock(ms, s.lang, s.zone);
const holds = (e) => e.voided_by === null;

// --- what runs ----------------------------------------------------------------------------------------------

function runs(s, data, local) {
  const t = text[s.lang], x = tile(data), mayEnter = may("enter") ? CONTEXTS.filter((k) => (unitOf(s).entered || []).includes(k)) : [], product = s.plant.products.find((p) => p.id === x.product);
  const shown = { order: x.order, product: product?.name || x.product, team: x.team, headcount: x.headcount };
  const input = (k) => (k === "product" ? el("label", {}, word("product", s.lang), el("select", { name: "value" }, el("option", { value: "" }, t.empty), ...s.plant.products.map((p) => el("option", { value: p.id, selected: p.id === x.product }, p.name || p.id))))
    : field(word(k, s.lang), "value", k === "headcount" ? { type: "number", min: 0, max: 999, required: true, inputmode: "numeric" } : { maxlength: 96, value: shown[k] || "" }));
  return el("section", { class: "panel", "data-key": "runs" }, el("h2", {}, `${unitOf(s).name} · ${stateWord(x, s)}${x.cause && !isStale(x, s.now, s.limit) ? ` (${word(x.cause, s.lang)})` : ""}`), el("p", { class: "soft" }, t.shift(at(data.w.start_ms, s), at(data.w.end_ms, s))),
    el("dl", { class: "facts wide" }, ...CONTEXTS.flatMap((k) => [el("dt", {}, word(k, s.lang)), el("dd", {}, String(shown[k] ?? "–"), mayEnter.includes(k) ? el("button", { type: "button", "data-do": "begin", "data-value": k }, t.change) : null)])),
    mayEnter.includes(local.kind) ? el("form", { class: "form touch", "data-do": "context", "data-key": local.kind }, input(local.kind), el("button", { class: "primary" }, t.send), el("button", { type: "button", "data-do": "begin", "data-value": "" }, t.cancel)) : null);
}

// --- amounts: which, how many, why ---------------------------------------------------------------------------

const fits = (s) => (r) => r.units === null || r.units.includes(s.place);
function reasonButtons(s, kind, often) {
  const all = s.plant.reasons.filter((r) => r.kind === kind).filter(fits(s)), rank = (r) => { const i = often.indexOf(r.id); return i < 0 ? OFTEN * 99 : i; };
  return all.sort((a, b) => rank(a) - rank(b));
}
function amounts(s, data, local) {
  const t = text[s.lang], told = AMOUNTS.filter((k) => (unitOf(s).entered || []).includes(k)), mine = told.filter((k) => may(k === "energy" ? "meter" : "enter"));
  if (!told.length) return el("section", { class: "panel" }, el("h2", {}, t.amounts), el("p", { class: "soft" }, t.noEntry));
  const often = [...new Set(data.entries.filter((e) => e.kind === local.kind && e.reason).map((e) => e.reason))], reasons = ["scrap", "rework"].includes(local.kind) ? reasonButtons(s, "scrap", often) : [];
  return el("section", { class: "panel", "data-key": "amounts" }, el("h2", {}, t.amounts), shutOut(s, "enter", "meter"), el("div", { class: "big" }, ...mine.map((k) => el("button", { type: "button", "data-do": "begin", "data-value": k, "aria-pressed": String(local.kind === k) }, word(k, s.lang)))),
    mine.includes(local.kind) ? el("form", { class: "form touch", "data-do": "amount", "data-key": local.kind },
      field(local.kind === "energy" ? t.kwh : t.howMany, "value", { type: "number", min: 0, step: "any", required: true, inputmode: "decimal" }),
      ...(reasons.length ? [el("fieldset", { class: "big" }, el("legend", {}, t.reason), ...reasons.slice(0, OFTEN).map((r) => el("button", { name: "reason", value: r.id }, r.name || r.id)),
        reasons.length > OFTEN ? el("select", { name: "rare" }, el("option", { value: "" }, "…"), ...reasons.slice(OFTEN).map((r) => el("option", { value: r.id }, r.name || r.id))) : null)] : []),
      el("button", { class: "primary" }, t.send), el("button", { type: "button", "data-do": "begin", "data-value": "" }, t.cancel)) : null);
}

// --- stops ---------------------------------------------------------------------------------------------------

const isStop = (p) => p.category === "delay" && p.to_ms - p.from_ms >= SHORT_MS;
const isOpen = (p) => isStop(p) && !p.reason && ["unstated", "failure", "other", null].includes(p.cause);
function causes(s, data) {
  const often = data.stops.filter((r) => r.reason).sort((a, b) => b.count - a.count).map((r) => r.reason), plant = reasonButtons(s, "stop", often).map((r) => ({ id: r.id, name: r.name || r.id }));
  return [...plant, ...CAUSES.map((id) => ({ id, name: word(id, s.lang) }))];
}
function stopRow(s, data, p, local) {
  const t = text[s.lang], on = local.stop === p.from_ms, all = on ? causes(s, data) : [], said = [p.cause && word(p.cause, s.lang), p.reason].filter(Boolean).join(" · ");
  return el("li", { class: "stop", "data-key": `stop-${p.from_ms}` }, el("div", { class: "form" },
    !may("enter") ? null : el("label", { class: "check" }, el("input", { type: "checkbox", "data-change": "mark", name: "mark", value: p.from_ms, "aria-label": t.marked })), el("b", {}, `${at(p.from_ms, s)} – ${at(p.to_ms, s)}`), el("span", {}, span(p.to_ms - p.from_ms, s.lang)), el("span", { class: "soft" }, said),
    may("enter") ? el("button", { type: "button", "data-do": "stop", "data-value": on ? "" : p.from_ms, "aria-expanded": String(on) }, on ? t.cancel : t.state) : null),
  on ? el("form", { class: "form touch", "data-do": "cause", "data-key": `cause-${p.from_ms}` }, field(t.from, "from", { type: "time", step: 1, value: clock(p.from_ms, "en", s.zone, true) }), field(t.to, "to", { type: "time", step: 1, value: clock(p.to_ms, "en", s.zone, true) }),
    el("fieldset", { class: "big" }, el("legend", {}, t.reason), ...all.slice(0, OFTEN).map((c) => el("button", { name: "cause", value: c.id }, c.name)), all.length > OFTEN ? el("select", { name: "rare", "data-change": "rare" }, el("option", { value: "" }, "…"), ...all.slice(OFTEN).map((c) => el("option", { value: c.id }, c.name))) : null, el("button", { class: "primary" }, t.send))) : null);
}
function stops(s, data, local) {
  const t = text[s.lang], open = data.pieces.filter(isOpen).reverse(), rest = data.pieces.filter((p) => isStop(p) && !isOpen(p)).reverse();
  return el("section", { class: "panel", "data-key": "stops" }, el("h2", {}, `${t.stops} · ${open.length}`), open.length ? el("ul", { class: "stops" }, ...open.map((p) => stopRow(s, data, p, local))) : el("p", { class: "mark ok" }, t.allStated),
    rest.length ? el("details", {}, el("summary", {}, t.others(rest.length)), el("ul", { class: "stops" }, ...rest.map((p) => stopRow(s, data, p, local)))) : null);
}

// --- the board, what was entered, handing over ---------------------------------------------------------------

// What should be made by now, as the plant works it out, spread over the hours by the time in which no stop was planned.
function board(s, data) {
  const t = text[s.lang], w = data.w, expected = w.plan ? w.plan.expected / 1e6 : null, q = (x, k) => (x.sums[k] ?? 0) / 1e6;
  const hours = data.hours.filter((x) => Date.parse(x.end) > w.start_ms).map((x) => {
    const from = Math.max(Date.parse(x.start), w.start_ms), to = Math.min(Date.parse(x.end), s.now, w.end_ms);
    return { x, from, ms: Math.max(0, to - from - (x.sums.time_planned_down ?? 0) - (x.sums.time_not_scheduled ?? 0)) };
  });
  const all = hours.reduce((a_, h) => a_ + h.ms, 0);
  let made = 0, wanted = 0;
  const rows = hours.map(({ x, from, ms }) => {
    const goal = expected === null || !all ? null : (expected * ms) / all;
    made += q(x, "gq");
    wanted += goal ?? 0;
    return { from, good: q(x, "gq"), scrap: q(x, "sq"), goal, stood: x.sums.time_delay ?? 0, made, gap: goal === null ? null : made - wanted };
  });
  const columns = [{ head: t.hour, cell: (r) => at(r.from, s) }, { head: t.plan, number: true, cell: (r) => (r.goal === null ? t.noPlan : count(r.goal, s.lang)) }, { head: t.good, number: true, cell: (r) => count(r.good, s.lang) }, { head: t.scrap, number: true, cell: (r) => count(r.scrap, s.lang) },
    { head: t.stood, number: true, cell: (r) => span(r.stood, s.lang) }, { head: t.sum, number: true, cell: (r) => count(r.made, s.lang) }, { head: t.gap, number: true, cell: (r) => (r.gap === null ? "–" : el("span", { class: r.gap < -0.5 ? "mark bad" : "mark ok" }, count(r.gap, s.lang))) }];
  return el("section", { class: "panel" }, el("h2", {}, t.board), rows.length ? table(t.board, columns, rows) : el("p", { class: "soft" }, t.none));
}
const saidBy = (e, s) => [e.text, e.value !== null ? flat(e.value, e.kind === "energy" ? "kWh" : "", s.lang) : "", e.reason, e.product].filter((x) => x !== null && x !== "").join(" · ");
function entered(s, data) {
  const t = text[s.lang], rows = data.entries.filter((e) => !["note", "handover", "void"].includes(e.kind));
  const columns = [{ head: t.when, cell: (e) => moment(e.from_ms, s.now, s.lang, s.zone) }, { head: t.what, cell: (e) => word(e.kind, s.lang) }, { head: t.value, cell: (e) => el(holds(e) ? "span" : "s", {}, saidBy(e, s) || "–") }, { head: t.who, cell: (e) => e.who }, { head: t.note, cell: (e) => e.note || "–" },
    { head: "", cell: (e) => (holds(e) && may("enter") ? el("button", { type: "button", class: "no-print", "data-do": "void", "data-value": e.entry }, t.void) : "") }];
  return el("section", { class: "panel" }, el("h2", {}, t.entries), rows.length ? table(t.entries, columns, rows) : el("p", { class: "soft" }, t.none));
}
function notes(s, data) {
  const t = text[s.lang], own = data.entries.filter((e) => e.kind === "note" && holds(e)), carried = data.before.filter((e) => e.kind === "handover" && e.text === "given" && holds(e) && e.note).slice(0, 1);
  const line = (e) => el("li", {}, el("b", {}, moment(e.entered_ms, s.now, s.lang, s.zone)), ` ${e.note} `, el("span", { class: "soft" }, e.who));
  return el("section", { class: "panel" }, el("h2", {}, t.notes), carried.length ? el("h3", {}, t.carried) : null, carried.length ? el("ul", {}, ...carried.map(line)) : null, own.length ? el("ul", {}, ...own.map(line)) : el("p", { class: "soft" }, t.none),
    !may("enter") ? null : el("form", { class: "form touch no-print", "data-do": "note", "data-key": "note" }, field(t.note, "note", { required: true, maxlength: 400, size: 40 }), el("button", { class: "primary" }, t.add)));
}
function handover(s, data) {
  const t = text[s.lang], of = (k) => data.entries.find((e) => e.kind === "handover" && e.text === k && holds(e)), given = of("given"), taken = of("taken");
  return el("section", { class: "panel" }, el("h2", {}, t.handover), el("p", { class: given ? "mark ok" : "soft" }, given ? t.given(given.who, at(given.entered_ms, s)) : t.notGiven), taken ? el("p", { class: "mark ok" }, t.taken(taken.who, at(taken.entered_ms, s))) : null,
    may("confirm_shift") ? el("form", { class: "form touch no-print", "data-do": "hand", "data-key": "hand" }, field(t.open, "note", { maxlength: 400, size: 40 }), el("button", { name: "text", value: "given" }, t.give), el("button", { name: "text", value: "taken" }, t.take)) : null,
    el("div", { class: "touch no-print" }, el("button", { type: "button", "data-do": "print" }, t.report)));
}

function said(s, local) {
  const t = text[s.lang], waiting = queue.waiting.length, refused = local.refused, others = queue.others;
  return [others.length ? el("p", { class: "problem", role: "status" }, t.others_wait(others.join(", "))) : null, waiting ? el("p", { class: "problem", role: "status" }, t.waiting(waiting)) : null, refused ? el("p", { class: "problem", role: "alert" }, t.refused(refused.message)) : null, !refused && !waiting && local.sent ? el("p", { class: "mark ok", role: "status" }, t.sent) : null].filter(Boolean);
}
export function draw(s, data, local) {
  const t = text[s.lang];
  if (!unitOf(s)) return [el("section", { class: "panel" }, el("h2", {}, t.choose), el("div", { class: "big" }, ...s.plant.nodes.filter((n) => n.level === "unit").map((n) => el("button", { type: "button", "data-open": n.id }, n.name))))];
  if (data.off) return [el("p", { class: "panel" }, t.noShift)];
  return [...said(s, local), runs(s, data, local), amounts(s, data, local), stops(s, data, local), board(s, data), notes(s, data), entered(s, data), handover(s, data)];
}

// --- what is entered -----------------------------------------------------------------------------------------

function enter(s, room, entry) {
  listener = (x) => {
    if (x.refused || x.sent) Object.assign(room.local, { refused: x.refused, sent: x.sent });
    if (x.sent) room.again();
    room.draw();
  };
  Object.assign(room.local, { kind: null, stop: null, refused: null, sent: false });
  if (!queue.add({ unit: s.place, ...entry })) room.local.refused = { message: text[s.lang].full };
}
// A time of day within the shift, as the site's clock told it.
function momentOf(value, nearMs, s) {
  const [h, m, sec] = value.split(":").map(Number), [h0, m0, s0] = clock(nearMs, "en", s.zone, true).split(":").map(Number);
  let ms = nearMs + (((h - h0) * 60 + (m - m0)) * 60 + ((sec || 0) - s0)) * 1000;
  if (ms - nearMs > 12 * HOUR_MS) ms -= 24 * HOUR_MS;
  if (nearMs - ms > 12 * HOUR_MS) ms += 24 * HOUR_MS;
  return ms;
}
function spanOf(s, form, room) {
  const marked = [...(room.local.marked || [])], all = room.data.pieces.filter((p) => p.from_ms === room.local.stop || marked.includes(p.from_ms));
  const first = Math.min(...all.map((p) => p.from_ms)), last = Math.max(...all.map((p) => p.to_ms)), own = room.data.pieces.find((p) => p.from_ms === room.local.stop);
  if (all.length > 1) return { from: first, to: last };
  return { from: momentOf(form.elements.from.value, own.from_ms, s), to: momentOf(form.elements.to.value, own.to_ms, s) };
}
export const act = {
  begin: (s, at_, room) => { Object.assign(room.local, { kind: at_.dataset.value || null, refused: null, sent: false }); },
  stop: (s, at_, room) => { room.local.stop = at_.dataset.value ? Number(at_.dataset.value) : null; },
  mark: (s, at_, room) => { const on = new Set(room.local.marked || []); if (at_.checked) on.add(Number(at_.value)); else on.delete(Number(at_.value)); room.local.marked = on; },
  context: (s, form, room) => { const kind = room.local.kind, value = form.elements.value.value; enter(s, room, { kind, ...(kind === "headcount" ? { value } : { text: value }) }); },
  amount: (s, form, room, by) => enter(s, room, { kind: room.local.kind, value: form.elements.value.value, at: Math.floor(s.now), reason: (by?.name === "reason" && by.value) || form.elements.rare?.value || undefined }),
  cause: (s, form, room, by) => {
    const cause = (by?.name === "cause" && by.value) || form.elements.rare?.value;
    if (cause) { enter(s, room, { kind: "cause", text: cause, ...spanOf(s, form, room) }); room.local.marked = null; }
  },
  rare: () => {},
  note: (s, form, room) => { enter(s, room, { kind: "note", note: form.elements.note.value, at: Math.floor(s.now) }); form.reset(); },
  hand: (s, form, room, by) => { enter(s, room, { kind: "handover", text: by?.value || "given", from: room.data.w.start_ms, to: room.data.w.end_ms, note: form.elements.note.value || undefined }); form.reset(); },
  void: (s, at_, room) => { enter(s, room, { unit: undefined, kind: "void", entry: Number(at_.dataset.value) }); },
  print: () => window.print(),
};
queue.flush();
