// The Norms room: the register with the life of each norm, what history proposes and what that would do, how teams
// attain, what has to be reviewed, and which classes of which machine are neglected.
import { el } from "./dom.js";
import { count, date as dateText, flat, meaning, moment, word } from "./format.js";
import { chooser, periodActs, periodOf } from "./period.js";
import { table } from "./table.js";
import { fileOf } from "./links.js";
import { mayAt, me } from "./login.js";
import { evidence, spread } from "./evidence.js";
import { fieldPath, fieldValue, fieldWord, reasonWord } from "./norm_words.js";
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
    overdue: "overdue", binding: "binding", history: "What was done to it", when: "When", who: "Who", what: "What", why: "Why", evidence: "Evidence", changes: "Changes", act: "Do", reason: "Reason", send: "Write it down", done: (what) => `Done: ${what}.`, close: "Close",
    begins: "Valid from", trialFrom: "Trial from", trialTo: "Trial to", observations: "Observations", used: (n) => `${n} used`, dropped: "Left out", proposal: "What history proposes", mean: "Mean", advanced: "Advanced average", best: "Best", sustained: "Best sustained", growth: "Growth a year", reach: "Share of shifts that reach it", reachNow: "that reach the norm in force", verdict: "Verdict",
    floor: "Superior norms", trialRun: "What it would have done", team: "Team", shifts: "Shifts", attainment: "Attainment", held: "where conditions held", least: "Least", median: "Median", most: "Most", noData: "without data", takeIt: "Propose it", unit: "Machine", node: "Place", product: "Product", status: "Status", reasons: "Reasons", age: "Age, months", inForce: "In force",
    nothing: "Nothing to show for this period.", nobody: "No class is neglected here.", spread: "How often shifts came to which figure", shift: "Shift", lie: "How the shifts lie", unjudged: "No shift of this period could be judged: there is no norm, or too little is known.", without: (n) => `${n} more without a shift that could be judged.`, ofShifts: (n) => `${n} shift${n === "1" ? "" : "s"}`, ofTeams: (n, m) => `${n} team${n === "1" ? "" : "s"}, ${m} month${m === "1" ? "" : "s"}`, tightens: (x) => `Tighter than what holds now, by ${x}.`, loosens: (x) => `Looser than what holds now, by ${x}.`, nothingProposed: "– nothing is proposed.", allTeams: "all", attainmentNow: "Attainment of what holds now",
    another: "Propose another value …", anotherHint: "What holds now stays until its day; the one that is approved takes its place.", problem: "Not taken",
  },
  vi: {
    register: "Sổ định mức", propose: "Từ lịch sử", teams: "Mức đạt được", review: "Soát xét", neglected: "Mặt bị bỏ trống", view: "Xem", norm: "Định mức", indicator: "Chỉ số", scope: "Áp dụng cho", value: "Giá trị", state: "Tình trạng", origin: "Của ai", approved: "Phê duyệt", from: "Từ ngày", due: "Bước tiếp", all: "mọi nơi",
    overdue: "quá hạn", binding: "bắt buộc", history: "Quá trình", when: "Lúc", who: "Ai", what: "Việc", why: "Lý do", evidence: "Căn cứ", changes: "Thay đổi", act: "Việc cần làm", reason: "Lý do", send: "Ghi vào sổ", done: (what) => `Đã ghi: ${what}.`, close: "Đóng",
    begins: "Áp dụng từ", trialFrom: "Thử từ", trialTo: "Thử đến", observations: "Số quan sát", used: (n) => `dùng ${n}`, dropped: "Bỏ ra", proposal: "Lịch sử gợi ý", mean: "Trung bình", advanced: "Trung bình tiên tiến", best: "Tốt nhất", sustained: "Tốt nhất giữ được", growth: "Tăng mỗi năm", reach: "Tỷ lệ ca đạt được", reachNow: "đạt định mức hiện hành", verdict: "Kết luận",
    floor: "Định mức cấp trên", trialRun: "Nếu đã áp dụng", team: "Tổ", shifts: "Số ca", attainment: "Mức đạt", held: "khi đủ điều kiện", least: "Thấp nhất", median: "Trung vị", most: "Cao nhất", noData: "thiếu dữ liệu", takeIt: "Đề xuất", unit: "Máy", node: "Nơi", product: "Sản phẩm", status: "Tình trạng", reasons: "Các lý do", age: "Tuổi, tháng", inForce: "Hiện hành",
    nothing: "Kỳ này không có gì.", nobody: "Không mặt nào bị bỏ trống ở đây.", spread: "Số ca theo kết quả", shift: "Ca", lie: "Phân bố các ca", unjudged: "Không ca nào trong kỳ đánh giá được: chưa có mức hoặc thiếu dữ liệu.", without: (n) => `${n} dòng khác chưa có ca nào đánh giá được.`, ofShifts: (n) => `${n} ca`, ofTeams: (n, m) => `${n} tổ, ${m} tháng`, tightens: (x) => `Chặt hơn mức hiện hành ${x}.`, loosens: (x) => `Rộng hơn mức hiện hành ${x}.`, nothingProposed: "– không đề xuất gì.", allTeams: "tất cả", attainmentNow: "Mức đạt theo mức hiện hành",
    another: "Đề xuất giá trị khác …", anotherHint: "Mức hiện hành giữ nguyên đến ngày đó; mức được phê duyệt sẽ thay thế.", problem: "Không được nhận",
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

const productOf = (s, id) => s.plant.products.find((p) => p.id === id)?.name || id || "–";
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
// The fields of a norm in the groups they stand in: itself, then what it rests on, what it assumes, its trial ...
function fields(s, f) {
  const groups = new Map([["", []]]);
  for (const [k, v] of leaves(f)) {
    const parts = k.split("."), group = parts.length > 1 && parts[0] !== "scope" ? parts.slice(0, /^\d+$/.test(parts[1]) ? 2 : 1).join(".") : "";
    if (k !== "unit") groups.set(group, [...(groups.get(group) || []), [fieldWord(k, s.lang), fieldValue(k, v, f.unit, s)]]);
  }
  return el("div", { class: "groups" }, ...[...groups].map(([group, rows]) => el("section", {}, group ? el("h3", {}, fieldWord(group, s.lang)) : null,
    el("dl", { class: "facts" }, ...rows.flatMap(([k, v]) => [el("dt", {}, k), el("dd", {}, v)])))));
}

const placeOf = (s, one) => one.fields.scope?.node || s.plant.nodes[0].id;
// Whoever proposed a norm does not decide on it, and takes back only what is not approved yet.
export function offered(s, one) {
  const f = one.fields, mine = f.proposed_by === me(), right = (x) => mayAt(x, s, placeOf(s, one));
  return (STEPS[f.state] || []).filter((x) => (APPROVERS.has(x) ? right("approve") && !mine : x === "withdraw" ? right("approve") || (right("propose") && f.state !== "approved" && (mine || !f.proposed_by)) : right("propose")));
}
function steps(s, one, local) {
  const t = text[s.lang], all = offered(s, one), step = all.includes(local.step) ? local.step : all[0];
  if (!all.length) return shutOut(s, "propose", "approve");
  const more = step === "trial" ? [field(t.trialFrom, "trial.from", { type: "date", required: true }), field(t.trialTo, "trial.to", { type: "date", required: true })]
    : step === "approve" ? [field(t.begins, "from", { type: "date" })] : [];
  return el("form", { class: "form", "data-do": "step", "data-key": `step-${one.id}` },
    el("label", {}, t.act, el("select", { name: "step", "data-change": "step_of" }, ...all.map((a) => el("option", { value: a, selected: a === step }, word(`act_${a}`, s.lang))))),
    ...more, field(t.reason, "why", { required: REASONED.has(step), maxlength: 300, size: 36 }), field(t.evidence, "evidence", { maxlength: 300 }), el("button", { class: "primary" }, t.send));
}
// A norm that holds is not changed: another one is proposed that takes its place on its day, tighter or looser.
function another(s, n, local) {
  const t = text[s.lang], f = n.fields;
  if (n.status !== "in_force" || f.value === undefined || (f.origin || "own") !== "own" || !mayAt("propose", s, placeOf(s, n))) return null;
  if (!local.another) return el("div", {}, el("button", { type: "button", "data-do": "another", "data-value": "on" }, t.another));
  const v = Number(local.value), known = local.value && Number.isFinite(v) && v !== f.value, tighter = known && (f.direction === "high" ? v > f.value : v < f.value), by = known ? flat(Math.abs(v / f.value - 1), "1", s.lang) : "";
  return el("form", { class: "form", "data-do": "another_send", "data-key": `another-${n.id}` }, field(`${t.value}${f.unit ? `, ${f.unit}` : ""}`, "value", { type: "number", step: "any", required: true, inputmode: "decimal", "data-change": "another_value" }),
    field(t.begins, "from", { type: "date", required: true }), field(t.reason, "why", { required: true, maxlength: 300, size: 36 }), el("button", { class: "primary" }, t.takeIt), el("button", { type: "button", "data-do": "another", "data-value": "" }, t.close),
    el("p", { class: "soft", role: "status" }, known ? (tighter ? t.tightens(by) : t.loosens(by)) : t.anotherHint));
}
function one(s, data, local) {
  const t = text[s.lang], n = data.one;
  if (!n) return [];
  const value = (c, v) => fieldValue(c.field, v, n.fields.unit, s);
  const changes = (e) => el("ul", {}, ...e.changes.map((c) => el("li", {}, el("span", { class: "soft" }, `${fieldPath(c.field, s.lang)} `), c.from ? `${value(c, c.from)} → ${value(c, c.to)}` : value(c, c.to))));
  const columns = [{ head: t.when, cell: (e) => moment(e.when_ms, s.now, s.lang, s.zone) }, { head: t.who, cell: (e) => e.who }, { head: t.what, cell: (e) => word(`act_${e.action}`, s.lang) },
    { head: t.why, cell: (e) => e.why || "–" }, { head: t.evidence, cell: (e) => e.evidence || "–" }, { head: t.changes, cell: (e) => el("details", {}, el("summary", {}, count(e.changes.length, s.lang)), changes(e)) }];
  return [el("section", { class: "panel", "data-key": "one" }, el("h2", {}, `${n.id} · ${word(`norm_${n.status}`, s.lang)}`), told(s, local), steps(s, n, local), another(s, n, local), fields(s, n.fields),
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

const dropped = (o, s) => Object.entries(o.dropped).filter(([, n]) => n).sort((a, b) => b[1] - a[1]);
function drawn(s, g) {
  const t = text[s.lang], p = g.proposal, each = g.observations.each.filter((x) => x.value !== null);
  if (!each.length) return [];
  const marks = [{ name: t.mean, value: p.mean }, { name: t.advanced, value: p.value, kind: "lead" }, { name: t.sustained, value: p.best_sustained }, { name: t.inForce, value: g.norm?.value, kind: "norm" }, ...g.references.map((r) => ({ name: r.norm.source || r.norm.id, value: r.norm.value, kind: "norm" }))];
  return evidence(s, { values: each.map((x) => x.value), marks: marks.filter((m) => m.value !== null && m.value !== undefined), unit: g.unit, words: { title: t.spread, table: word("as_table", s.lang), head: [t.shift, t.team, t.product, word(g.indicator, s.lang)], shifts: t.ofShifts },
    rows: [...each].reverse().map((x) => [moment(x.start_ms, s.now, s.lang, s.zone), x.team || "–", productOf(s, x.product), flat(x.value, g.unit, s.lang)]) });
}
// What it proposes against what holds, in words.
function turn(s, g) {
  const t = text[s.lang], p = g.proposal;
  if (p.value === null || !g.norm) return null;
  const by = flat(Math.abs(p.value / g.norm.value - 1), "1", s.lang);
  return el("p", {}, el("b", {}, p.tightens ? t.tightens(by) : t.loosens(by)));
}
function suggest(s, data, local) {
  const t = text[s.lang], g = data.suggest, p = g.proposal, unit = g.unit, x = (v) => flat(v, unit, s.lang), pc = (v) => flat(v, "1", s.lang), left = dropped(g.observations, s);
  const rows = [[t.observations, `${t.used(count(g.observations.used, s.lang))}, ${t.ofTeams(count(p.teams, s.lang), count(p.periods, s.lang))}`], [t.mean, x(p.mean)], [t.advanced, x(p.value)], [t.best, x(p.best)], [t.sustained, x(p.best_sustained)], [t.growth, pc(p.growth)],
    [t.reach, `${pc(p.reach)}${g.norm && p.reach_now !== null ? `; ${t.reachNow}: ${pc(p.reach_now)}` : ""}`], [t.inForce, g.norm ? `${x(g.norm.value)} (${g.norm.id})` : "–"],
    [t.floor, g.references.map((r) => `${x(r.norm.value)} (${r.norm.source || r.norm.id})`).join(", ") || "–"]].filter(([, v]) => v !== "–");
  const columns = [{ head: t.team, cell: (r) => r.team || t.allTeams }, { head: t.shifts, number: true, cell: (r) => count(r.shifts ?? r.n, s.lang) }, { head: t.mean, number: true, cell: (r) => x(r.mean) }, { head: t.attainment, number: true, cell: (r) => pc(r.attainment) }, { head: t.attainmentNow, number: true, cell: (r) => pc(r.attainment_now) }, { head: t.reach, number: true, cell: (r) => pc(r.reach) }];
  return [el("div", { class: "form" }, choice(s, data)), el("section", { class: "panel" }, el("h2", {}, `${t.proposal}: ${word(g.indicator, s.lang)}, ${nameOf(s, g.node)}`), told(s, local),
    el("p", { class: `mark ${g.verdict === "ok" ? "ok" : "warn"}` }, word(`verdict_${g.verdict}`, s.lang), el("span", { class: "soft" }, ` ${g.verdict === "ok" ? "" : t.nothingProposed}`)), turn(s, g), ...drawn(s, g),
    el("div", { class: "groups" }, el("section", {}, el("dl", { class: "facts" }, ...rows.flatMap(([k, v]) => [el("dt", {}, k), el("dd", {}, v)]))),
      el("section", {}, el("h3", {}, `${t.dropped}: ${count(left.reduce((a, [, n]) => a + n, 0), s.lang)}`), el("dl", { class: "facts" }, ...left.flatMap(([k, n]) => [el("dt", { title: meaning(`dropped_${k}`) }, word(`dropped_${k}`, s.lang)), el("dd", {}, count(n, s.lang))])))),
    g.command && !mayAt("propose", s) ? shutOut(s, "propose") : null, g.command && mayAt("propose", s) ? el("form", { class: "form", "data-do": "take" }, field(t.reason, "why", { maxlength: 300, size: 36 }), field(t.begins, "from", { type: "date", required: true }), el("button", { class: "primary" }, t.takeIt)) : null),
  g.trial.teams.length ? el("section", { class: "panel" }, el("h2", {}, t.trialRun), table(t.trialRun, columns, g.trial.teams)) : null].filter(Boolean);
}
function teams(s, data) {
  const t = text[s.lang], pc = (v) => flat(v, "1", s.lang), all = data.rows.flatMap((r) => [r.distribution.least, r.distribution.most]).filter((v) => v !== null), low = Math.min(1, ...all), high = Math.max(1, ...all);
  const judged = data.rows.filter((r) => r.all.shifts > 0), without = data.rows.length - judged.length;
  const columns = [{ head: t.unit, cell: (r) => nameOf(s, r.node) }, { head: t.team, cell: (r) => r.team || "–" }, { head: t.shifts, number: true, cell: (r) => count(r.shifts, s.lang) }, { head: t.noData, number: true, cell: (r) => count(r.no_data + r.low_coverage, s.lang) },
    { head: t.attainment, number: true, cell: (r) => el("span", { class: r.all.attainment < 1 ? "mark bad" : "mark ok" }, pc(r.all.attainment)) }, { head: t.held, number: true, cell: (r) => pc(r.held.attainment) },
    { head: t.lie, cell: (r) => spread(r.distribution, low, high, `${t.least} ${pc(r.distribution.least)}, ${t.median} ${pc(r.distribution.median)}, ${t.most} ${pc(r.distribution.most)}`) }, { head: t.least, number: true, cell: (r) => pc(r.distribution.least) }, { head: t.median, number: true, cell: (r) => pc(r.distribution.median) },
    { head: t.most, number: true, cell: (r) => pc(r.distribution.most) }, { head: t.reach, number: true, cell: (r) => pc(r.distribution.reach) }];
  return [el("div", { class: "form" }, choice(s, data)), el("section", { class: "panel" }, el("h2", {}, `${t.teams}: ${word(indicatorOf(s), s.lang)}`), judged.length ? table(t.teams, columns, judged) : el("p", { class: "soft" }, data.rows.length ? t.unjudged : t.nothing),
    judged.length && without ? el("p", { class: "soft" }, t.without(count(without, s.lang))) : null)];
}
function review(s, data) {
  const t = text[s.lang], pc = (v) => flat(v, "1", s.lang);
  const columns = [{ head: t.verdict, cell: (r) => el("b", {}, word(`verdict_${r.verdict.toLowerCase().replaceAll(/[ -]/g, "_")}`, s.lang)) }, { head: t.indicator, cell: (r) => word(r.indicator, s.lang) }, { head: t.node, cell: (r) => nameOf(s, r.node) }, { head: t.norm, cell: (r) => r.norm?.id || "–" },
    { head: t.observations, number: true, cell: (r) => count(r.n, s.lang) }, { head: t.reach, number: true, cell: (r) => pc(r.reach) }, { head: t.age, number: true, cell: (r) => count(r.age_months, s.lang) }, { head: t.reasons, cell: (r) => r.reasons.map((x) => reasonWord(x, s.lang)).join("; ") }];
  return [el("section", { class: "panel" }, el("h2", {}, `${t.review}: ${date(data.review.period_begin, s)} – ${dateText(data.review.period_end_ms - 1, s.lang, s.zone)}`), data.review.rows.length ? table(t.review, columns, data.review.rows) : el("p", { class: "soft" }, t.nothing))];
}
function neglected(s, data) {
  const t = text[s.lang], of = (r, c) => r.classes.find((x) => x.class === c);
  const cell = (c) => (r) => { const x = of(r, c); return x ? el("span", { title: meaning(x.indicator) }, el("span", { class: `status ${x.status}` }, `${x.neglected ? "▲ " : ""}${word(x.status, s.lang)}`), x.value === null ? "" : el("span", { class: "soft" }, ` ${flat(x.value, x.unit, s.lang)}`)) : "–"; };
  const columns = [{ head: t.unit, cell: (r) => nameOf(s, r.node) }, { head: t.team, cell: (r) => r.team || "–" }, ...CLASSES.map((c) => ({ head: word(c, s.lang), cell: cell(c) })), { head: t.shifts, number: true, cell: (r) => count(r.shifts, s.lang) }];
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
  another: (s, at, room) => { Object.assign(room.local, { another: Boolean(at.dataset.value), value: null }); },
  another_value: (s, at, room) => { room.local.value = at.value; },
  another_send: async (s, form, room) => {
    const n = room.data.one, from = form.elements.from.value, scope = Object.fromEntries(Object.entries(n.fields.scope || {}).map(([k, v]) => [`scope.${k}`, v]));
    const set = { indicator: n.fields.indicator, ...scope, value: form.elements.value.value, ...(n.fields.unit ? { unit: n.fields.unit } : {}), from, "basis.kind": "calculated" };
    await write(room, { action: "propose", id: `${n.id.slice(0, 37)}-${from}`, why: form.elements.why.value, set }, "propose");
    room.local.another = false;
  },
  take: (s, form, room) => write(room, { ...room.data.suggest.command, why: form.elements.why.value || undefined, set: { ...room.data.suggest.command.set, ...dates(form, ["from"]) } }, "propose"),
};
