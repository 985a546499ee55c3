// The rules of alerts, in the Alerts room: all of them as their files have them, and the editor of one: what it would have
// looked at, with its threshold to be dragged, how often it would have fired, what would be quieter, what the rule in force
// did. The text of the rule is the one truth: every field here changes a key of it.
import { ask, tell } from "./ask.js";
import { el, show } from "./dom.js";
import { count, span, word } from "./format.js";
import { field, shutOut } from "./forms.js";
import { may } from "./login.js";
import { curve, scaleOf } from "./rule_curve.js";
import { begun, change, changed, facts, fit, NEW, setClear, setThreshold, SIGNALS, soon, template, thresholdOf, tryOut } from "./rule_draft.js";
import { heldTo, limits, nameOf, shown, text, whatOf } from "./rule_words.js";
import { amount, levelCount, minutes, quoted, setKey, setLevel, sideOf, snap } from "./ruletext.js";
import { table } from "./table.js";

const KEEP_MS = 20000;
const DAYS = [1, 7, 30];
const SEVERITIES = ["info", "low", "medium", "high", "critical"];

// --- what came of it ----------------------------------------------------------------------------------------

function outcome(s, ed) {
  const t = text[s.lang], r = ed.trial, f = facts(ed);
  if (ed.busy) return [el("p", { class: "soft" }, t.busy)];
  if (ed.problem) return [el("p", { class: "problem" }, `${t.problem}: ${ed.problem.message}`)];
  if (ed.check && !ed.check.right) return [el("p", { class: "thin" }, t.wrong(ed.check.problems.length))];
  if (!r || !f) return [el("p", { class: "soft" }, t.asking)];
  const old = r.of !== ed.text || r.node !== ed.node || r.days !== ed.days, more = [r.short ? t.short(r.short) : null, r.firings ? t.active(span(r.active_ms, s.lang)) : null, r.firings ? t.longest(span(r.longest_ms, s.lang), nameOf(s, r.longest_at)) : null, r.active_at_end ? t.still : null].filter(Boolean);
  return [el("p", { class: old ? "soft" : null, "data-firings": r.firings, "aria-busy": String(old) }, el("b", { class: "value" }, r.firings ? t.fired(count(r.firings, s.lang)) : t.notFired), more.length ? ` ${more.join(" · ")}` : "", old ? el("span", { class: "soft" }, ` ${t.asking}`) : null)];
}
function compared(s, ed) {
  const t = text[s.lang], i = ed.trial?.in_force, n = (x) => count(x, s.lang);
  if (!i || i.same_rule) return null;
  return el("p", {}, el("b", {}, `${t.inForce}: `), [t.forceFired(n(i.firings)), i.short ? t.short(n(i.short)) : null, t.both(n(i.both)), i.only_new ? t.onlyNew(n(i.only_new)) : null, i.only_in_force ? t.onlyForce(n(i.only_in_force)) : null].filter(Boolean).join(" · "));
}
function suggested(s, ed) {
  const t = text[s.lang], x = ed.trial?.suggestion, f = facts(ed);
  if (!x || !f) return null;
  const what = [x.for_ms !== undefined ? t.holdOf(span(x.for_ms, s.lang)) : null, x.clear !== undefined ? t.clearOf(shown(s, x.clear, f)) : null].filter(Boolean).join(", ");
  return el("p", { class: "suggested" }, el("span", {}, el("b", {}, `${t.suggest}: `), what, x.then ? `; ${t.then(count(x.then.firings, s.lang), count(x.then.short, s.lang))}.` : "."), el("button", { type: "button", "data-do": "rule_take", disabled: ed.trial.of !== ed.text }, t.take));
}
function mistakes(s, ed) {
  const t = text[s.lang], c = ed.check;
  if (!c) return null;
  if (c.right) return el("p", { class: "mark ok" }, t.right);
  return el("ul", { class: "problem mistakes", "aria-label": t.wrong(c.problems.length) }, ...c.problems.map((p) => el("li", {}, el("b", {}, `${t.atLine(p.line, p.column)}: `), p.text)));
}

// --- the form -----------------------------------------------------------------------------------------------

// A panel whose fields follow the draft, but for the one that somebody types in.
function panel(key, children, typed, props = {}) {
  const fill = (n) => {
    show(n, children.filter(Boolean));
    for (const f of n.querySelectorAll("[data-now]")) if (f !== document.activeElement && f.value !== f.dataset.now) f.value = f.dataset.now;
  };
  return { key, sig: null, touch: fill, update: fill, make() {
    const n = el("section", { class: "panel" });
    n.addEventListener("input", (e) => typed?.(e.target));
    fill(n);
    if (props.lead) requestAnimationFrame(() => n.querySelector("h2").focus());
    return n;
  } };
}
const options = (list, now) => list.map(([value, name]) => el("option", { value, selected: String(value) === String(now) }, name));
const select = (label, name, list, now) => el("label", {}, label, el("select", { name, "data-now": now }, ...options(list, now)));

function typedIn(s, ed, data, at) {
  const v = Number(at.value), f = facts(ed);
  if (at.name === "text") change(ed, at.value);
  if (at.name === "threshold" && at.value !== "" && f) setThreshold(ed, v / scaleOf(f));
  if (at.name === "hold" && at.value !== "") change(ed, setKey(ed.text, "for", minutes(v * 60000)));
  if (at.name === "hysteresis" && at.value !== "" && f) setClear(ed, Math.abs(v) / scaleOf(f));
  if (at.name === "node") { ed.node = at.value; soon(ed); }
  if (at.name === "days") { ed.days = Number(at.value); soon(ed); }
  if (at.name === "level") { ed.level = Number(at.value); ed.live = null; fitAgain(ed); }
  if (at.name === "severity") change(ed, setLevel(ed.text, ed.level, "severity", at.value));
  if (at.name === "rule_name") change(ed, setKey(ed.text, "name", quoted(at.value)));
  if (at.name === "id") { ed.id = at.value.trim(); soon(ed); }
  if (["what", "at", "side"].includes(at.name)) {
    ed.form = { ...ed.form, [{ what: "what", at: "node", side: "side" }[at.name]]: at.value };
    Object.assign(ed, { auto: true, live: null, range: null, node: null });
    change(ed, template(s, ed, data.indicators));
  }
  ed.redraw();
}
function fitAgain(ed) {
  if (ed.trial) fit(ed);
  if (ed.plot) ed.plot.redraw(false, true);
}
function chosen(s, ed, data) {
  const t = text[s.lang], f = ed.form, at = s.plant.nodes.map((n) => [n.id, n.name]);
  const what = [...data.indicators.map((i) => [i.id, word(i.id, s.lang)]), ...Object.keys(SIGNALS).map((id) => [id, whatOf(s, { subject: "quantity", watched: id })])];
  return el("div", { class: "form", "data-key": "chosen" }, el("label", {}, t.id, el("input", { name: "id", maxlength: 64, pattern: "[a-z0-9][a-z0-9_.\\-]*", autocapitalize: "none", spellcheck: "false", title: t.newId, "data-now": ed.id })), el("label", {}, t.name, el("input", { name: "rule_name", maxlength: 200 })),
    select(t.where, "at", at, f.node), select(t.what, "what", what, f.what), select(t.side, "side", [["above", t.above], ["below", t.below]], f.side));
}
function fields(s, ed) {
  const t = text[s.lang], f = facts(ed), side = sideOf(ed.text, ed.level), at = thresholdOf(ed);
  if (!f) return el("div", { class: "form", "data-key": "fields" });
  const level = f.levels[ed.level] || f.levels[0], unit = f.unit === "1" ? "%" : f.unit === "SE" ? "" : `${f.unit}${f.per_hour ? "/h" : ""}`, of = (v) => String(snap(v * scaleOf(f), 1e-6)), width = level.clear === undefined ? null : Math.abs(level.clear - level.threshold);
  const named = (label) => (unit ? `${label}, ${unit}` : label);
  return el("div", { class: "form", "data-key": "fields" },
    levelCount(ed.text) > 1 ? select(t.level, "level", f.levels.map((l, i) => [i, word(`severity_${l.severity}`, s.lang)]), ed.level) : null,
    side && at !== null ? el("label", {}, named(t.threshold), el("input", { name: "threshold", type: "number", step: "any", "data-now": of(at) })) : null,
    el("label", {}, t.minutes, el("input", { name: "hold", type: "number", min: 0, step: 1, "data-now": String(f.for_ms / 60000) })),
    side && width !== null ? el("label", {}, named(t.hysteresis), el("input", { name: "hysteresis", type: "number", min: 0, step: "any", "data-now": of(width) })) : null,
    select(t.severity, "severity", SEVERITIES.map((x) => [x, word(`severity_${x}`, s.lang)]), level.severity));
}
function drawnAt(s, ed) {
  const t = text[s.lang], f = facts(ed);
  return el("div", { class: "form", "data-key": "drawn" }, f && f.at.length > 1 ? select(t.at, "node", f.at.slice(0, 300).map((id) => [id, nameOf(s, id)]), ed.node) : null, select(t.over, "days", DAYS.map((n) => [n, t.days(n)]), ed.days),
    f && sideOf(ed.text, ed.level) ? el("span", { class: "soft" }, t.dragHint) : null);
}
function saving(s, ed) {
  const t = text[s.lang];
  if (!may("rule")) return shutOut(s, "rule");
  return el("form", { class: "form", "data-do": "rule_save", "data-key": `save-${ed.n}` }, field(t.whyField, "why", { required: true, minlength: 3, maxlength: 60, size: 36 }),
    el("button", { class: "primary", value: "save", disabled: !changed(ed) || (ed.check && !ed.check.right) || (ed.isNew && !ed.id) }, t.save), changed(ed) && !ed.isNew ? el("button", { type: "button", "data-do": "rule_undo" }, t.undo) : null, ed.isNew ? null : el("button", { value: "delete" }, t.remove));
}
function conflict(s, ed) {
  const t = text[s.lang], theirs = ed.conflict;
  if (!theirs) return null;
  if (theirs.gone) return el("p", { class: "problem", role: "alert" }, t.gone);
  return el("div", { class: "problem conflict", role: "alert" }, el("p", {}, t.conflict), el("pre", {}, theirs.text), el("div", { class: "form" }, el("button", { type: "button", "data-do": "rule_theirs" }, t.theirs), el("button", { type: "button", "data-do": "rule_mine" }, t.mine)));
}

function editor(s, ed, data) {
  const t = text[s.lang], close = el("button", { type: "button", "data-do": "rule_close" }, t.close);
  if (!ed) return [];
  if (ed.base && ed.base.text === null) return [panel(`editor-${ed.n}`, [el("h2", {}, t.of(ed.id)), el("p", { class: "soft" }, t.braces), el("div", {}, close)])];
  const lead = ed.led ? {} : { lead: true }, title = el("header", { class: "form" }, el("h2", { tabindex: -1 }, ed.isNew ? t.fresh : t.of(ed.id)), ed.base ? el("span", { class: "soft" }, `${ed.base.name} · ${ed.base.file}`) : null, close);
  const typed = (at) => typedIn(s, ed, data, at), written = el("label", { "data-key": "text" }, t.text, el("textarea", { name: "text", rows: 14, spellcheck: "false", autocapitalize: "none", readonly: !may("try"), "data-now": ed.text }));
  if (!may("try")) return [panel(`editor-${ed.n}`, [title, el("p", { class: "soft" }, t.cannotTry), written])];
  ed.led = true; // who opened it goes on reading at its head
  const drawn = ed.trial?.curve && ed.range && ed.trial.curve.most.some((v) => v !== null);
  // What comes of a change is told below the curve: nothing above it moves while somebody drags.
  const instead = () => {
    if (ed.trial?.of === ed.text) return el("p", { class: "panel soft", "data-key": `none-${ed.n}` }, facts(ed)?.levels[0].threshold === undefined ? t.noCurve : t.nothing);
    return ed.problem || (ed.check && !ed.check.right) ? null : el("div", { class: "panel to-come", "data-key": `wait-${ed.n}` });
  };
  return [panel(`editor-${ed.n}`, [title, ed.isNew ? chosen(s, ed, data) : null, fields(s, ed), drawnAt(s, ed)], typed, lead), drawn ? curve(s, ed) : instead(),
    el("section", { class: "panel", "data-key": `outcome-${ed.n}` }, el("div", { class: "outcome", role: "status", "data-key": "outcome" }, ...outcome(s, ed), compared(s, ed)), suggested(s, ed)),
    panel(`written-${ed.n}`, [written, mistakes(s, ed), conflict(s, ed), saving(s, ed)], typed)].filter(Boolean);
}

// --- all of them --------------------------------------------------------------------------------------------

function listed(s, data) {
  const t = text[s.lang], open = s.arg("rule");
  const columns = [
    { head: t.rule, cell: (r) => el("button", { type: "button", class: "plain", "data-do": "rule_open", "data-value": r.rule, "aria-pressed": String(r.rule === open) }, r.name) }, { head: t.watched, cell: (r) => `${whatOf(s, r)}${heldTo(s, r)}` },
    { head: t.threshold, cell: (r) => limits(s, r) }, { head: t.hold, cell: (r) => (r.for_ms ? span(r.for_ms, s.lang) : "–") }, { head: t.severity, cell: (r) => r.levels.map((l) => word(`severity_${l.severity}`, s.lang)).join(", ") },
    { head: t.where, cell: (r) => t.places(r.nodes) }, { head: t.file, cell: (r) => `${r.file}:${r.line}` },
  ];
  const more = may("try") && data.rules.files ? el("div", {}, el("button", { type: "button", "data-do": "rule_open", "data-value": NEW }, t.fresh)) : null;
  return el("section", { class: "panel", "data-key": "rules" }, el("h2", {}, t.rules), data.rules.rules.length ? table(t.rules, columns, data.rules.rules) : el("p", { class: "soft" }, data.rules.files ? t.none : t.noFiles), more);
}

export async function load(s, get, local, redraw) {
  const id = s.arg("rule"), of = `${s.place}|${id}`;
  if (local.kept?.of === of && Date.now() - local.kept.ms < KEEP_MS) return local.kept.data;
  const [rules, known] = await Promise.all([get("alerts/rules", { node: s.place, limit: 500 }), get("indicators")]), data = { rules, indicators: known.indicators };
  let one = null;
  if (id && id !== NEW)
    try { one = await get(`alerts/rules/${encodeURIComponent(id)}`); }
    catch (problem) { if (problem.status !== 404) throw problem; }
  local.kept = { of, ms: Date.now(), data };
  if (!id || (!one && id !== NEW)) local.ed = null;
  else if (local.ed?.key !== id || (one && one.etag !== local.ed.base.etag && !changed(local.ed))) { // not under the hands of who has changed something
    local.ed = begun(s, id, one, redraw);
    local.ed.toMs = Math.floor(s.now / 60000) * 60000;
    if (may("try") && local.ed.text !== null && local.ed.base?.text !== null) tryOut(local.ed);
  }
  return data;
}
export function draw(s, data, local) {
  const t = text[s.lang], problem = local.problem ? el("p", { class: "problem", role: "alert" }, `${t.problem}: ${local.problem.message}`) : null;
  const done = local.done ? el("p", { class: "panel mark ok", role: "status", "data-key": "done" }, t[local.done[0]](local.done[1])) : null;
  const missing = s.arg("rule") && !local.ed && !done ? el("p", { class: "problem", role: "alert" }, t.gone) : null;
  return [done, missing, ...editor(s, local.ed, data), problem, listed(s, data)].filter(Boolean);
}

async function afresh(local, room) {
  local.kept = null;
  local.ed = null;
  return room.again();
}
export const act = {
  rule_open: (s, at, room) => { Object.assign(room.local, { done: null, problem: null, kept: null }); room.set({ rule: at.dataset.value }); window.scrollTo(0, 0); },
  rule_close: (s, at, room) => { Object.assign(room.local, { done: null, problem: null, kept: null, ed: null }); room.set({ rule: null }); },
  rule_undo: (s, at, room) => { const ed = room.local.ed; ed.live = null; change(ed, ed.base.text); },
  rule_take: (s, at, room) => {
    const ed = room.local.ed, x = ed.trial.suggestion, f = facts(ed);
    let made = ed.text;
    if (x.for_ms !== undefined) made = setKey(made, "for", minutes(x.for_ms));
    if (x.clear !== undefined) { // all levels give way by as much, as it was tried
      const by = x.clear - f.levels[0].clear;
      f.levels.forEach((l, i) => { made = setLevel(made, i, "clear", amount(l.clear + by, f.unit, f.per_hour)); });
    }
    change(ed, made);
  },
  rule_theirs: (s, at, room) => afresh(room.local, room),
  rule_mine: (s, at, room) => { const ed = room.local.ed; ed.base = ed.conflict; ed.conflict = null; },
  rule_save: async (s, form, room, by) => {
    const local = room.local, ed = local.ed, action = by?.value === "delete" ? "delete" : "save", id = ed.id;
    Object.assign(local, { problem: null, done: null });
    let said;
    try {
      said = await tell("alerts/rules", { action, rule: id, text: action === "save" ? ed.text : undefined, why: form.elements.why.value }, ed.isNew ? undefined : ed.base.etag, ed.isNew);
    } catch (problem) {
      if (problem.status !== 412 || ed.isNew) throw problem;
      ed.conflict = await ask(`alerts/rules/${encodeURIComponent(id)}`).catch((x) => { if (x.status === 404) return { gone: true }; throw x; });
      return undefined;
    }
    local.done = [action === "delete" ? "removed" : said.in_force ? "saved" : "waits", id];
    room.set({ rule: action === "delete" ? null : id });
    return afresh(local, room);
  },
};
