// The Alerts room: what stands, the loudest first, to be acknowledged or shelved; what happened; how the alarm system
// itself does.
import { el } from "./dom.js";
import { ago, count, flat, moment, span, word } from "./format.js";
import { chooser, periodActs, periodOf } from "./period.js";
import { fileOf } from "./links.js";
import { table } from "./table.js";
import { mayAt } from "./login.js";
import { field, shutOut } from "./forms.js";
import * as rules from "./rules.js";
import { watchedName } from "./rule_words.js";

const TABS = ["standing", "history", "figures", "rules"];
const PAGE = 100;
const STATES = ["active_unacknowledged", "active_acknowledged", "returned_unacknowledged", "suppressed", "shelved", "out_of_service", "pending"];
// What may be done in which state.
const ACTS = {
  active_unacknowledged: ["ack", "shelve"], returned_unacknowledged: ["ack", "shelve"], active_acknowledged: ["shelve"], shelved: ["unshelve"], out_of_service: ["enable"], suppressed: ["shelve"], pending: ["shelve"],
};
const RIGHT = { ack: "ack", shelve: "shelve", unshelve: "shelve", enable: "disable" };
const MINUTES = [15, 30, 60, 120, 240, 480];

export const text = {
  en: {
    standing: "Standing", history: "History", figures: "Alarm system", rules: "Rules", view: "View", none: "No alert stands here.", rule: "Alert", node: "Where", state: "State", since: "Since", value: "Value", threshold: "Threshold", severity: "Severity", cause: "Likely cause", action: "What to do", consequence: "If nothing is done", within: (time) => `within ${time}`,
    who: "Who", note: "Note", until: "until", when: "When", from: "From", to: "To", why: "Why", ack: "Acknowledge", shelve: "Shelve", unshelve: "Unshelve", enable: "Put back in service", disable: "Take out of service", minutes: "For", send: "Do it", cancel: "Cancel", first: "first of its group", flapping: "flapping", flood: "in a flood", more: "Older ones", nothing: "Nothing happened in this period.",
    activations: "Activations", perHour: "An hour, on average", busiest: "In the busiest hour", acked: "Acknowledged", floods: "In floods", chattering: "Chattering", suppressed: "Suppressed", standingLong: "Standing long", top: "The ten that come most", share: "Share", told: "Told", chatters: "chatters", now: "Now", unacknowledged: "Not acknowledged", problem: "Not taken", noData: "no data", minutesOf: (n) => (n < 60 ? `${n} min` : `${n / 60} h`),
  },
  vi: {
    standing: "Đang có", history: "Lịch sử", figures: "Hệ thống cảnh báo", rules: "Quy tắc", view: "Xem", none: "Ở đây không có cảnh báo nào.", rule: "Cảnh báo", node: "Nơi", state: "Tình trạng", since: "Từ lúc", value: "Giá trị", threshold: "Ngưỡng", severity: "Mức độ", cause: "Có thể do", action: "Cần làm", consequence: "Nếu không xử lý", within: (time) => `trong vòng ${time}`,
    who: "Ai", note: "Ghi chú", until: "đến", when: "Lúc", from: "Từ", to: "Sang", why: "Vì", ack: "Xác nhận", shelve: "Tạm gác", unshelve: "Bỏ tạm gác", enable: "Dùng lại", disable: "Ngừng dùng", minutes: "Trong", send: "Thực hiện", cancel: "Thôi", first: "báo đầu tiên trong nhóm", flapping: "chập chờn", flood: "trong đợt dồn dập", more: "Cũ hơn", nothing: "Kỳ này không có gì xảy ra.",
    activations: "Số lần báo", perHour: "Trung bình mỗi giờ", busiest: "Giờ nhiều nhất", acked: "Đã xác nhận", floods: "Trong đợt dồn dập", chattering: "Báo lặp", suppressed: "Bị chặn", standingLong: "Kéo dài", top: "Mười cảnh báo nhiều nhất", share: "Tỷ trọng", told: "Đã gửi", chatters: "báo lặp", now: "Hiện nay", unacknowledged: "Chưa xác nhận", problem: "Không được nhận", noData: "không có dữ liệu", minutesOf: (n) => (n < 60 ? `${n} phút` : `${n / 60} giờ`),
  },
};
export const every = 3000;
const tabOf = (s) => (TABS.includes(s.arg("tab")) ? s.arg("tab") : "standing");
export const key = (s) => [s.place, tabOf(s), ...(tabOf(s) === "rules" ? [s.arg("rule")] : [periodOf(s).fromMs, periodOf(s).toMs])].join("|");
const below = (s) => { // the place and all under it
  const of = new Set([s.place]);
  for (const n of s.plant.nodes) if (of.has(n.parent)) of.add(n.id);
  return of;
};

export async function load(s, ask, local, redraw) {
  const tab = tabOf(s), p = periodOf(s), span_ = { from: p.fromMs, to: Math.min(p.toMs, Math.ceil(s.now)) };
  if (tab === "rules") return rules.load(s, ask, local, redraw);
  if (tab === "standing") return { list: await ask("alerts") };
  const [all, past] = await Promise.all([ask("alerts", { all: 1, limit: 1000 }), tab === "figures" ? ask("alerts/figures", span_) : ask("alerts/history", { ...span_, limit: PAGE, before: local.before })]);
  const known = new Map(all.alerts.map((a) => [a.rule, a])); // of what has happened only ids are kept; a rule may be gone
  return tab === "figures" ? { figures: past, known } : { history: past, known };
}

const SIGN = { critical: "‼", high: "!", medium: "▲", low: "△", info: "i" };
const severity = (s, x) => (x ? el("span", { class: `severity ${x}` }, el("span", { "aria-hidden": "true" }, `${SIGN[x]} `), word(`severity_${x}`, s.lang)) : null);
const nameOf = (s, id) => s.plant.nodes.find((n) => n.id === id)?.name || id;
const of = (s, v, unit) => flat(v, unit === "SE" ? "" : unit, s.lang);

const actsOn = (s, a) => (ACTS[a.state] || []).filter((x) => mayAt(RIGHT[x], s, a.node));
function doing(s, a, local) {
  const t = text[s.lang], on = local.on;
  if (!on || on.rule !== a.rule || on.node !== a.node)
    return el("div", { class: "form" }, ...actsOn(s, a).map((act_) => el("button", { type: "button", class: act_ === "ack" ? "primary" : null, "data-do": "begin", "data-act": act_, "data-rule": a.rule, "data-node": a.node }, t[act_])));
  return el("form", { class: "form", "data-do": "send", "data-key": `${a.rule} ${a.node} ${on.act}` }, field(t.note, "note", { maxlength: 200 }),
    on.act === "shelve" ? el("label", {}, t.minutes, el("select", { name: "minutes" }, ...MINUTES.map((m) => el("option", { value: m }, t.minutesOf(m))))) : null,
    el("button", { class: "primary" }, t[on.act]), el("button", { type: "button", "data-do": "cancel" }, t.cancel));
}
function alert(s, a, local) {
  const t = text[s.lang], marks = [a.first_out && t.first, a.flapping && t.flapping, a.flood && t.flood, a.no_data && t.noData].filter(Boolean).join(" · ");
  const facts = [[t.cause, a.cause], [t.consequence, a.consequence], [t.action, a.action && `${a.action}${a.respond_ms ? ` (${t.within(span(a.respond_ms, s.lang))})` : ""}`], [t.note, a.note && `${a.note} (${a.who})`]].filter(([, v]) => v);
  return el("article", { class: `alert ${a.state} ${a.severity || ""}`, "data-key": `${a.rule}|${a.node}` },
    el("header", {}, el("h3", {}, a.name || a.rule), el("button", { type: "button", class: "plain", "data-open": a.node }, a.node_name), severity(s, a.severity)),
    el("p", {}, el("b", {}, word(a.state, s.lang)), marks ? el("span", { class: "thin" }, ` · ${marks}`) : null),
    // A line each for what changes its length by itself: nothing wraps, and so nothing moves, while a minute passes.
    el("p", { class: "soft" }, `${t.since} ${moment(Date.parse(a.since), s.now, s.lang, s.zone)} (${ago(s.now - Date.parse(a.since), s.lang)})${a.until ? `, ${t.until} ${moment(Date.parse(a.until), s.now, s.lang, s.zone)}` : ""}`),
    el("p", {}, `${watchedName(s, a.subject)} `, el("b", { class: "steady" }, of(s, a.value, a.unit)), el("span", { class: "soft" }, ` · ${t.threshold} ${of(s, a.threshold, a.unit)}`)),
    facts.length ? el("dl", { class: "facts" }, ...facts.flatMap(([k, v]) => [el("dt", {}, k), el("dd", {}, v)])) : null, doing(s, a, local));
}
function standing(s, data, local) {
  const t = text[s.lang], here = below(s), all = data.list.alerts.filter((a) => here.has(a.node));
  const said = local.problem ? el("p", { class: "problem", role: "alert" }, `${t.problem}: ${local.problem.message}`) : null;
  const file = fileOf(s, t.standing, "alerts", { node: s.place, limit: 1000 });
  if (!all.length) return [said, el("p", { class: "panel mark ok" }, t.none)].filter(Boolean);
  return [said, all.some((a) => actsOn(s, a).length) ? null : shutOut(s, "ack", "shelve", "disable"), ...STATES.map((k) => [k, all.filter((a) => a.state === k)]).filter(([, x]) => x.length)
    .map(([k, x]) => el("section", { class: "panel", "data-key": k }, el("h2", {}, `${word(k, s.lang)} · ${x.length}`), el("div", { class: "alerts" }, ...x.map((a) => alert(s, a, local))))), file].filter(Boolean);
}

function history(s, data) {
  const t = text[s.lang], here = below(s), rows = data.history.events.filter((e) => here.has(e.node));
  const columns = [{ head: t.when, cell: (e) => moment(Date.parse(e.at), s.now, s.lang, s.zone) }, { head: t.rule, cell: (e) => data.known.get(e.rule)?.name || e.rule }, { head: t.node, cell: (e) => nameOf(s, e.node) }, { head: t.severity, cell: (e) => severity(s, e.severity) || "–" },
    { head: t.from, cell: (e) => word(e.from, s.lang) }, { head: t.to, cell: (e) => el("b", {}, word(e.to, s.lang)) }, { head: t.why, cell: (e) => [word(`why_${e.why}`, s.lang), e.first_out && t.first].filter(Boolean).join(" · ") }, { head: t.value, number: true, cell: (e) => of(s, e.value, data.known.get(e.rule)?.unit ?? "") }, { head: t.who, cell: (e) => [e.who, e.note].filter(Boolean).join(": ") || "–" }];
  return [el("section", { class: "panel" }, el("h2", {}, t.history), rows.length ? table(t.history, columns, rows) : el("p", { class: "soft" }, t.nothing),
    data.history.next ? el("div", {}, el("button", { type: "button", "data-do": "older", "data-value": data.history.next }, t.more)) : null, fileOf(s, t.history, "alerts/history", { from: periodOf(s).fromMs, to: periodOf(s).toMs, limit: 1000 }))];
}

function figures(s, data) {
  const t = text[s.lang], f = data.figures, n = (x) => count(x, s.lang);
  const rows = [[t.activations, n(f.activations)], [t.perHour, flat(f.per_hour, "", s.lang)], [t.busiest, n(f.busiest_hour)], [t.acked, n(f.acknowledged)], [t.floods, n(f.in_floods)], [t.suppressed, n(f.suppressed)], [t.chattering, n(f.chattering)], [t.standingLong, n(f.now.standing)], [t.unacknowledged, n(f.now.unacknowledged)]];
  const columns = [{ head: t.rule, cell: (x) => data.known.get(x.rule)?.name || x.rule }, { head: t.node, cell: (x) => nameOf(s, x.node) }, { head: t.activations, number: true, cell: (x) => n(x.activations) }, { head: t.share, number: true, cell: (x) => flat(x.share, "1", s.lang) }, { head: t.told, number: true, cell: (x) => n(x.told) }, { head: "", cell: (x) => (x.chatters ? el("span", { class: "mark warn" }, t.chatters) : "") }];
  return [el("section", { class: "panel" }, el("h2", {}, t.figures), el("dl", { class: "facts" }, ...rows.flatMap(([k, v]) => [el("dt", {}, k), el("dd", {}, v)])), el("p", {}, ...Object.entries(f.by_severity).filter(([, v]) => v).flatMap(([k, v], i) => [i ? " · " : "", severity(s, k), ` ${n(v)}`]))),
    f.top.length ? el("section", { class: "panel" }, el("h2", {}, t.top), table(t.top, columns, f.top)) : null].filter(Boolean);
}

export function draw(s, data, local) {
  const t = text[s.lang], tab = tabOf(s);
  const tabs = el("div", { class: "windows" }, el("div", { class: "segments", role: "group", "aria-label": t.view }, ...TABS.map((id) => el("button", { type: "button", "data-do": "tab", "data-value": id, "aria-pressed": String(id === tab) }, t[id]))));
  if (tab === "rules") return [tabs, ...rules.draw(s, data, local)];
  return [tabs, tab === "standing" ? null : chooser(s), ...{ standing: () => standing(s, data, local), history: () => history(s, data), figures: () => figures(s, data) }[tab]()].filter(Boolean);
}

export const act = {
  ...periodActs,
  ...rules.act,
  tab: (s, at, room) => { Object.assign(room.local, { before: null, problem: null }); room.set({ rule: null, tab: at.dataset.value === "standing" ? null : at.dataset.value }); },
  begin: (s, at, room) => { Object.assign(room.local, { problem: null, on: { rule: at.dataset.rule, node: at.dataset.node, act: at.dataset.act } }); },
  cancel: (s, at, room) => { room.local.on = null; },
  older: (s, at, room) => { room.local.before = at.dataset.value; return room.again(); },
  send: async (s, form, room) => {
    const on = room.local.on, minutes = form.elements.minutes;
    room.local.problem = null;
    await room.tell("alerts", { ...on, note: form.elements.note.value || undefined, minutes: minutes ? Number(minutes.value) : undefined });
    room.local.on = null;
    return room.again();
  },
};
