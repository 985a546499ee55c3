// The Norms room: the register with the life of each norm, what history proposes and what that would do, how teams
// attain, what has to be reviewed, and which classes of which machine are neglected.
import { el, svg } from "./dom.js";
import { count, date as dateText, flat, meaning, moment, word } from "./format.js";
import { chooser, periodActs, periodOf } from "./period.js";
import { table } from "./table.js";
import { fileOf } from "./links.js";
import { may } from "./login.js";
import { field, freshKey, shutOut } from "./forms.js";

const TABS = ["register", "propose", "teams", "review", "neglected"];
const CLASSES = ["equipment", "labour", "consumption", "quality"];
const LEADS = ["time_utilization", "energy_per_good", "labour_per_unit", "scrap_ratio"];
const FIRST = 100;
// What can be done in each state of a norm; those that need a reason.
const STEPS = {
  draft: ["propose", "withdraw"], proposed: ["answer", "decline", "trial", "submit", "return", "withdraw"], trial: ["result", "consult", "publish", "submit", "return", "withdraw"],
  submitted: ["approve", "return", "consult", "publish", "withdraw"], returned: ["propose", "withdraw"], approved: ["withdraw"],
};
const APPROVERS = new Set(["answer", "decline", "return", "approve"]); // the others are for who may propose
const REASONED = new Set(["answer", "decline", "return", "approve", "withdraw"]);

export const text = {
  en: {
    register: "Register", propose: "From history", teams: "Attainment", review: "Review", neglected: "Neglected classes", view: "View", norm: "Norm", indicator: "Indicator", scope: "Holds for", value: "Value", state: "State", origin: "Whose", approved: "Approved", from: "From", due: "Next step", all: "everywhere",
    none: "No norm stands in the register.", overdue: "overdue", binding: "binding", history: "What was done to it", when: "When", who: "Who", what: "What", why: "Why", evidence: "Evidence", changes: "Changes", act: "Do", reason: "Reason", send: "Write it down", done: (what) => `Done: ${what}.`, close: "Close",
    fields: "The norm", begins: "Valid from", trialFrom: "Trial from", trialTo: "Trial to", observations: "Observations", used: (n) => `${n} used`, dropped: "Left out", proposal: "What history proposes", mean: "Mean", advanced: "Advanced average", best: "Best", sustained: "Best sustained", growth: "Growth a year", reach: "Share of shifts that reach it", reachNow: "that reach the norm in force", verdict: "Verdict",
    floor: "Superior norms", trialRun: "What it would have done", team: "Team", shifts: "Shifts", attainment: "Attainment", held: "where conditions held", least: "Least", median: "Median", most: "Most", noData: "without data", takeIt: "Propose it", unit: "Machine", node: "Place", product: "Product", status: "Status", period: "Period", reasons: "Reasons", age: "Age, months", inForce: "In force",
    thin: "Fewer than five observations: nothing is proposed.", nothing: "Nothing to show for this period.", nobody: "No class is neglected here.", months: "The period is the last 90 days unless you choose another.", problem: "Not taken",
  },
  vi: {
    register: "Sổ định mức", propose: "Từ lịch sử", teams: "Mức đạt được", review: "Soát xét", neglected: "Mặt bị bỏ trống", view: "Xem", norm: "Định mức", indicator: "Chỉ số", scope: "Áp dụng cho", value: "Giá trị", state: "Tình trạng", origin: "Của ai", approved: "Phê duyệt", from: "Từ ngày", due: "Bước tiếp", all: "mọi nơi",
    none: "Sổ chưa có định mức nào.", overdue: "quá hạn", binding: "bắt buộc", history: "Quá trình", when: "Lúc", who: "Ai", what: "Việc", why: "Lý do", evidence: "Căn cứ", changes: "Thay đổi", act: "Việc cần làm", reason: "Lý do", send: "Ghi vào sổ", done: (what) => `Đã ghi: ${what}.`, close: "Đóng",
    fields: "Định mức này", begins: "Áp dụng từ", trialFrom: "Thử từ", trialTo: "Thử đến", observations: "Số quan sát", used: (n) => `dùng ${n}`, dropped: "Bỏ ra", proposal: "Lịch sử gợi ý", mean: "Trung bình", advanced: "Trung bình tiên tiến", best: "Tốt nhất", sustained: "Tốt nhất giữ được", growth: "Tăng mỗi năm", reach: "Tỷ lệ ca đạt được", reachNow: "đạt định mức hiện hành", verdict: "Kết luận",
    floor: "Định mức cấp trên", trialRun: "Nếu đã áp dụng", team: "Tổ", shifts: "Số ca", attainment: "Mức đạt", held: "khi đủ điều kiện", least: "Thấp nhất", median: "Trung vị", most: "Cao nhất", noData: "thiếu dữ liệu", takeIt: "Đề xuất", unit: "Máy", node: "Nơi", product: "Sản phẩm", status: "Tình trạng", period: "Kỳ", reasons: "Các lý do", age: "Tuổi, tháng", inForce: "Hiện hành",
    thin: "Dưới năm quan sát: không đề xuất gì.", nothing: "Kỳ này không có gì.", nobody: "Không mặt nào bị bỏ trống ở đây.", months: "Kỳ là 90 ngày qua nếu không chọn kỳ khác.", problem: "Không được nhận",
  },
};
export const every = 60000;
const tabOf = (s) => (TABS.includes(s.arg("tab")) ? s.arg("tab") : "register");
const indicatorOf = (s) => s.arg("indicator") || LEADS[0];
export const key = (s) => [s.place, tabOf(s), indicatorOf(s), s.arg("norm"), periodOf(s, "days90").fromMs, periodOf(s, "days90").toMs].join("|");

export async function load(s, ask) {
  const tab = tabOf(s), p = periodOf(s, "days90"), of = { node: s.place, from: p.fromMs, to: Math.min(p.toMs, Math.ceil(s.now)) };
  const [list, table_] = await Promise.all([ask("norms", { limit: FIRST }), ask("indicators")]);
  const data = { list: list.norms, indicators: table_.indicators };
  if (tab === "register") data.one = s.arg("norm") ? await ask(`norms/${encodeURIComponent(s.arg("norm"))}`) : null;
  if (tab === "propose") data.suggest = await ask("norms/suggest", { ...of, indicator: indicatorOf(s) });
  if (tab === "teams") data.rows = (await ask("norms/teams", { ...of, indicator: indicatorOf(s) })).rows;
  if (tab === "review") data.review = await ask("norms/review", { node: s.place });
  if (tab === "neglected") data.rows = (await ask("norms/status", of)).rows;
  return data;
}

const unitOf = (data, id) => data.indicators.find((i) => i.id === id)?.unit ?? "";
const nameOf = (s, id) => s.plant.nodes.find((n) => n.id === id)?.name || id;
const date = (text_, s) => (text_ ? dateText(Date.parse(text_), s.lang, s.zone) : "–");
function scopeOf(s, f) {
  const of = f.scope || {}, parts = [of.node && nameOf(s, of.node), of.product, of.operation, of.team && `${word("team", s.lang)} ${of.team}`].filter(Boolean);
  return parts.join(" · ") || text[s.lang].all;
}
const said = (value, unit, s) => (unit === "%" ? flat(value / 100, "1", s.lang) : flat(value, unit, s.lang));

// --- the register -------------------------------------------------------------------------------------------

function register(s, data) {
  const t = text[s.lang];
  const columns = [
    { head: t.norm, cell: (n) => el("button", { type: "button", class: "plain", "data-do": "one", "data-value": n.id, "aria-pressed": String(s.arg("norm") === n.id) }, n.id) },
    { head: t.indicator, cell: (n) => word(n.fields.indicator, s.lang) }, { head: t.scope, cell: (n) => scopeOf(s, n.fields) },
    { head: t.value, number: true, cell: (n) => said(n.fields.value, n.fields.unit, s) },
    { head: t.state, cell: (n) => el("span", { class: `mark ${n.overdue ? "warn" : n.status === "in_force" ? "ok" : ""}` }, `${word(`norm_${n.status}`, s.lang)}${n.overdue ? `, ${t.overdue}` : ""}`) },
    { head: t.origin, cell: (n) => [n.fields.source || word(`origin_${n.fields.origin || "own"}`, s.lang), n.fields.binding ? t.binding : ""].filter(Boolean).join(", ") },
    { head: t.approved, cell: (n) => n.fields.approved_by || "–" }, { head: t.from, cell: (n) => date(n.fields.from, s) },
    { head: t.due, cell: (n) => (n.fields.owner ? `${n.fields.owner}, ${date(n.fields.due, s)}` : "–") },
  ];
  return [fileOf(s, t.register, "norms", { limit: 500 }), ...CLASSES.map((c) => [c, data.list.filter((n) => n.fields.class === c)]).map(([c, of]) =>
    el("section", { class: "panel", "data-key": `class-${c}` }, el("h2", {}, word(c, s.lang)), of.length ? table(word(c, s.lang), columns, of) : el("p", { class: "thin" }, word("no_norm", s.lang)))), fileOf(s, t.history, "norms/audit", { limit: 200 })];
}

function leaves(of, at = "") {
  return Object.entries(of).flatMap(([k, v]) => (v !== null && typeof v === "object" ? leaves(v, `${at}${k}.`) : [[`${at}${k}`, v]]));
}
const shown = (v, s) => (typeof v === "string" && /^\d{4}-\d\d-\d\dT/.test(v) ? date(v, s) : typeof v === "number" ? flat(v, "", s.lang) : String(v));

function steps(s, one, local) {
  const t = text[s.lang], all = (STEPS[one.fields.state] || []).filter((x) => may(APPROVERS.has(x) ? "approve" : "propose") || (x === "withdraw" && may("approve"))), step = all.includes(local.step) ? local.step : all[0];
  if (!all.length) return shutOut(s, "propose", "approve");
  const more = step === "trial" ? [field(t.trialFrom, "trial.from", { type: "date", required: true }), field(t.trialTo, "trial.to", { type: "date", required: true })]
    : step === "approve" ? [field(t.begins, "from", { type: "date" })] : [];
  return el("form", { class: "form", "data-do": "step", "data-key": `step-${one.id}` },
    el("label", {}, t.act, el("select", { name: "step", "data-change": "step_of" }, ...all.map((a) => el("option", { value: a, selected: a === step }, word(`act_${a}`, s.lang))))),
    ...more, field(t.reason, "why", { required: REASONED.has(step), maxlength: 300, size: 36 }), field(t.evidence, "evidence", { maxlength: 300 }), el("button", { class: "primary" }, t.send));
}
function one(s, data, local) {
  const t = text[s.lang], n = data.one;
  if (!n) return [];
  const changes = (e) => e.changes.map((c) => `${c.field}: ${c.from || "–"} → ${c.to || "–"}`).join("; ");
  const columns = [{ head: t.when, cell: (e) => moment(e.when_ms, s.now, s.lang, s.zone) }, { head: t.who, cell: (e) => e.who }, { head: t.what, cell: (e) => word(`act_${e.action}`, s.lang) },
    { head: t.why, cell: (e) => e.why || "–" }, { head: t.evidence, cell: (e) => e.evidence || "–" }, { head: t.changes, cell: (e) => el("details", {}, el("summary", {}, count(e.changes.length, s.lang)), changes(e)) }];
  return [el("section", { class: "panel", "data-key": "one" }, el("h2", {}, `${n.id} · ${word(`norm_${n.status}`, s.lang)}`), told(s, local), steps(s, n, local), el("h3", {}, t.fields),
    el("dl", { class: "facts" }, ...leaves(n.fields).flatMap(([k, v]) => [el("dt", {}, k), el("dd", {}, shown(v, s))])),
    el("h3", {}, t.history), table(t.history, columns, [...n.history].reverse()), el("div", {}, el("button", { type: "button", "data-do": "one", "data-value": "" }, t.close)))];
}
function told(s, local) {
  const t = text[s.lang];
  if (local.problem) return el("p", { class: "problem", role: "alert" }, `${t.problem}: ${local.problem.message}`);
  return local.done ? el("p", { class: "mark ok", role: "status" }, t.done(word(`act_${local.done}`, s.lang))) : null;
}

// --- what history says --------------------------------------------------------------------------------------

const choice = (s, data) => el("label", {}, text[s.lang].indicator, el("select", { "data-change": "indicator" },
  ...data.indicators.map((i) => el("option", { value: i.id, selected: i.id === indicatorOf(s) }, word(i.id, s.lang)))));

// Where mean, proposal, norm in force and best lie between the least and the greatest of them, to look at.
function scale(s, marks, unit) {
  const known = marks.filter((m) => m.value !== null && m.value !== undefined).sort((a, b) => a.value - b.value), low = known[0]?.value, high = known.at(-1)?.value;
  if (known.length < 2 || high <= low) return null;
  const at = (v) => 30 + (800 * (v - low)) / (high - low);
  return el("div", { class: "scroll", tabindex: 0 }, svg("svg", { class: "scale", viewBox: "0 0 1000 96", role: "img", "aria-label": known.map((m) => `${m.name} ${flat(m.value, unit, s.lang)}`).join(", ") },
    svg("line", { x1: 0, x2: 1000, y1: 90, y2: 90 }), ...known.flatMap((m, i) => [svg("line", { class: m.kind, x1: at(m.value), x2: at(m.value), y1: 90, y2: 16 + (i % 3) * 24 }),
      svg("text", { class: m.kind, x: at(m.value) + 6, y: 28 + (i % 3) * 24 }, `${m.name} ${flat(m.value, unit, s.lang)}`)])));
}
function suggest(s, data, local) {
  const t = text[s.lang], g = data.suggest, p = g.proposal, unit = g.unit, x = (v) => flat(v, unit, s.lang), pc = (v) => flat(v, "1", s.lang);
  const left = Object.entries(g.observations.dropped).filter(([, n]) => n).map(([k, n]) => `${word(`dropped_${k}`, s.lang)} ${n}`).join(", ");
  const rows = [[t.observations, t.used(g.observations.used)], [t.dropped, left || "–"], [t.mean, x(p.mean)], [t.advanced, x(p.value)], [t.best, x(p.best)], [t.sustained, x(p.best_sustained)], [t.growth, pc(p.growth)],
    [t.reach, `${pc(p.reach)}${g.norm ? `; ${t.reachNow}: ${pc(p.reach_now)}` : ""}`], [t.inForce, g.norm ? `${x(g.norm.value)} (${g.norm.id})` : "–"],
    [t.floor, g.references.map((r) => `${x(r.norm.value)} (${r.norm.source || r.norm.id})`).join(", ") || "–"], [t.verdict, word(`verdict_${g.verdict}`, s.lang)]];
  const columns = [{ head: t.team, cell: (r) => r.team || "–" }, { head: t.shifts, number: true, cell: (r) => count(r.shifts ?? r.n, s.lang) }, { head: t.attainment, number: true, cell: (r) => pc(r.attainment) }, { head: t.reach, number: true, cell: (r) => pc(r.reach) }];
  return [el("div", { class: "form" }, choice(s, data)), el("section", { class: "panel" }, el("h2", {}, `${t.proposal}: ${word(g.indicator, s.lang)}, ${nameOf(s, g.node)}`), told(s, local),
    g.observations.used < 5 ? el("p", { class: "thin" }, t.thin) : scale(s, [{ name: t.mean, value: p.mean, kind: "" }, { name: t.advanced, value: p.value, kind: "lead" }, { name: t.best, value: p.best, kind: "" }, { name: t.inForce, value: g.norm?.value, kind: "norm" }], unit),
    el("dl", { class: "facts" }, ...rows.flatMap(([k, v]) => [el("dt", {}, k), el("dd", {}, v)])),
    g.command && !may("propose") ? shutOut(s, "propose") : null, g.command && may("propose") ? el("form", { class: "form", "data-do": "take" }, field(t.reason, "why", { maxlength: 300, size: 36 }), field(t.begins, "from", { type: "date", required: true }), el("button", { class: "primary" }, t.takeIt)) : null),
  g.trial.teams.length ? el("section", { class: "panel" }, el("h2", {}, t.trialRun), table(t.trialRun, columns, g.trial.teams)) : null].filter(Boolean);
}
function teams(s, data) {
  const t = text[s.lang], pc = (v) => flat(v, "1", s.lang);
  const columns = [{ head: t.unit, cell: (r) => nameOf(s, r.node) }, { head: t.team, cell: (r) => r.team || "–" }, { head: t.shifts, number: true, cell: (r) => count(r.shifts, s.lang) }, { head: t.noData, number: true, cell: (r) => count(r.no_data + r.low_coverage, s.lang) },
    { head: t.attainment, number: true, cell: (r) => pc(r.all.attainment) }, { head: t.held, number: true, cell: (r) => pc(r.held.attainment) }, { head: t.least, number: true, cell: (r) => pc(r.distribution.least) }, { head: t.median, number: true, cell: (r) => pc(r.distribution.median) },
    { head: t.most, number: true, cell: (r) => pc(r.distribution.most) }, { head: t.reach, number: true, cell: (r) => pc(r.distribution.reach) }];
  return [el("div", { class: "form" }, choice(s, data)), el("section", { class: "panel" }, el("h2", {}, `${t.teams}: ${word(indicatorOf(s), s.lang)}`), data.rows.length ? table(t.teams, columns, data.rows) : el("p", { class: "soft" }, t.nothing))];
}
function review(s, data) {
  const t = text[s.lang], pc = (v) => flat(v, "1", s.lang);
  const columns = [{ head: t.verdict, cell: (r) => el("b", {}, word(`verdict_${r.verdict.toLowerCase().replaceAll(/[ -]/g, "_")}`, s.lang)) }, { head: t.indicator, cell: (r) => word(r.indicator, s.lang) }, { head: t.node, cell: (r) => nameOf(s, r.node) }, { head: t.norm, cell: (r) => r.norm?.id || "–" },
    { head: t.observations, number: true, cell: (r) => count(r.n, s.lang) }, { head: t.reach, number: true, cell: (r) => pc(r.reach) }, { head: t.age, number: true, cell: (r) => count(r.age_months, s.lang) }, { head: t.reasons, cell: (r) => r.reasons.join("; ") }];
  return [el("section", { class: "panel" }, el("h2", {}, `${t.review}: ${date(data.review.period_begin, s)}`), data.review.rows.length ? table(t.review, columns, data.review.rows) : el("p", { class: "soft" }, t.nothing))];
}
function neglected(s, data) {
  const t = text[s.lang], of = (r, c) => r.classes.find((x) => x.class === c);
  const cell = (c) => (r) => { const x = of(r, c); return x ? el("span", { class: `status ${x.status}`, title: meaning(x.indicator) }, word(x.status, s.lang), x.neglected ? " ▲" : "") : "–"; };
  const columns = [{ head: t.unit, cell: (r) => nameOf(s, r.node) }, { head: t.team, cell: (r) => r.team || "–" }, { head: t.product, cell: (r) => r.product || "–" }, ...CLASSES.map((c) => ({ head: word(c, s.lang), cell: cell(c) })), { head: t.shifts, number: true, cell: (r) => count(r.shifts, s.lang) }];
  return [el("section", { class: "panel" }, el("h2", {}, t.neglected), data.rows.length ? table(t.neglected, columns, data.rows) : el("p", { class: "soft" }, t.nobody))];
}

export function draw(s, data, local) {
  const t = text[s.lang], tab = tabOf(s), period = tab === "register" || tab === "review" ? null : chooser(s, "days90");
  const tabs = el("div", { class: "windows" }, el("div", { class: "segments", role: "group", "aria-label": t.view }, ...TABS.map((id) => el("button", { type: "button", "data-do": "tab", "data-value": id, "aria-pressed": String(id === tab) }, t[id]))));
  const room = { register: () => [...one(s, data, local), ...register(s, data)], propose: () => suggest(s, data, local), teams: () => teams(s, data), review: () => review(s, data), neglected: () => neglected(s, data) }[tab];
  return [tabs, period, ...room()].filter(Boolean);
}

// A command of the ledger; its answer is durable.
async function write(room, body, what, seen) {
  room.local.problem = room.local.done = null;
  try { await room.tell("norms", { key: freshKey(), ...body }, seen); }
  catch (problem) { // what somebody else did meanwhile is shown beside the refusal
    if (problem.status === 412) room.again();
    throw problem;
  }
  room.local.done = what;
  room.again();
}
const dates = (form, names) => Object.fromEntries(names.filter((n) => form.elements[n]?.value).map((n) => [n, form.elements[n].value]));
export const act = {
  ...periodActs,
  tab: (s, at, room) => { room.local.problem = room.local.done = null; room.set({ tab: at.dataset.value === "register" ? null : at.dataset.value }); },
  indicator: (s, at, room) => room.set({ indicator: at.value }),
  one: (s, at, room) => { room.local.problem = room.local.done = null; room.set({ norm: at.dataset.value || null }); scrollTo(0, 0); },
  step_of: (s, at, room) => { room.local.step = at.value; room.draw(); },
  step: (s, form, room) => {
    const step = form.elements.step.value, set = dates(form, ["trial.from", "trial.to", "from"]);
    return write(room, { action: step === "decline" ? "answer" : step, id: room.data.one.id, why: form.elements.why.value || undefined, evidence: form.elements.evidence.value || undefined,
      accept: step === "decline" ? false : undefined, set: Object.keys(set).length ? set : undefined }, step, room.data.one.etag);
  },
  take: (s, form, room) => write(room, { ...room.data.suggest.command, why: form.elements.why.value || undefined, set: dates(form, ["from"]) }, "propose"),
};
