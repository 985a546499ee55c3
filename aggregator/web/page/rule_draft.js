// The rule that somebody works on: its text, what the daemon says of it, and the changes that fields and hands make to it. One
// question at a time goes to the daemon. `moved` of a draft is called when its threshold has another place.
import { tell } from "./ask.js";
import { amount, asFile, getKey, getLevel, setLevel, sideOf, snap, stepOf } from "./ruletext.js";

export const NEW = "+"; // as the rule of the address: none has such an id
export const SIGNALS = { power: "kW", energy: "kWh", idle_energy: "kWh", delay: "min", pieces: "piece", scrap: "piece", stops: "", failures: "" };
const SETTLE_MS = 300, AGAIN_MS = 2000, DAY_MS = 86400000;
const SCOPE = { unit: "units", line: "lines", area: "areas" };

let editions = 0;
export function begun(s, key, one, redraw) {
  const ed = { n: ++editions, key, id: one ? one.rule : "", isNew: key === NEW, base: one, text: one?.text ?? "", level: 0, node: null, days: 7, toMs: 0, check: null, draft: null, trial: null, live: null, moved: null, range: null, timer: 0, running: false, problem: null, busy: false, conflict: null, redraw, form: null, auto: key === NEW };
  if (ed.isNew) {
    ed.form = { what: "time_utilization", node: s.place, side: "below" };
    ed.text = template(s, ed, null);
  }
  return ed;
}
export function template(s, ed, indicators) {
  const f = ed.form, node = s.plant.nodes.find((n) => n.id === f.node) || s.plant.nodes[0], signal = f.what in SIGNALS;
  const unit = signal ? SIGNALS[f.what] : indicators?.find((i) => i.id === f.what)?.unit ?? "1";
  const first = unit === "1" ? 0.5 : unit === "min" ? 5 : 1; // until it is known what was measured
  const kept = ["name", "for", "severity"].map((k) => [k, ed.text && getKey(ed.text, k)]).filter(([, v]) => v).map(([k, v]) => `${k}: ${v}\n`).join("");
  return `${signal ? "signal" : "indicator"}: ${f.what}\n${node.level === "site" ? "site: true" : `${SCOPE[node.level]}: [${node.id}]`}\nwindow: 15 min\n${f.side}: ${amount(first, unit)}\n${kept || "for: 2 min\nseverity: medium\n"}`;
}
export const facts = (ed) => ed.draft; // of the newest text that was right
const idOf = (ed) => ed.id || "draft";
export const changed = (ed) => ed.isNew || ed.text !== ed.base.text;
export const thresholdOf = (ed) => ed.live ?? facts(ed)?.levels[ed.level]?.threshold ?? null;

export function change(ed, made) {
  if (made === null || made === ed.text) return;
  ed.text = made;
  soon(ed);
}
export function soon(ed) {
  ed.asked = true;
  clearTimeout(ed.timer);
  ed.timer = setTimeout(() => tryOut(ed), SETTLE_MS);
}
// One question at a time: what has changed meanwhile is asked when its answer is there.
export async function tryOut(ed) {
  if (ed.running) return;
  Object.assign(ed, { running: true, asked: false });
  const of = ed.text;
  let again = 0;
  try {
    ed.check = await tell("alerts/rules/check", { rule: idOf(ed), text: of });
    Object.assign(ed, { problem: null, draft: ed.check.draft ?? ed.draft });
    if (ed.check.right && ed.text === of) ed.live = null;
    ed.redraw();
    if (ed.check.right) await backtest(ed, of);
  } catch (problem) {
    ed.busy = problem.status === 503;
    ed.problem = ed.busy ? null : problem;
    again = ed.busy ? AGAIN_MS : 0;
  }
  ed.running = false;
  clearTimeout(ed.timer);
  if (again || ed.asked) ed.timer = setTimeout(() => tryOut(ed), again || 1);
  else if (ed.auto && ed.trial?.of === of) choose(ed);
  ed.redraw();
}
async function backtest(ed, of) {
  const at = facts(ed).at;
  if (!at.includes(ed.node)) ed.node = at[0];
  const trial = await tell("alerts/backtest", { rules: asFile(idOf(ed), of), rule: idOf(ed), curve: ed.node, from: new Date(ed.toMs - ed.days * DAY_MS).toISOString(), to: new Date(ed.toMs).toISOString(), try: true });
  Object.assign(ed, { busy: false, trial: { ...trial.rules[0], curve: trial.curve, fromMs: Date.parse(trial.from), of, draft: facts(ed), node: ed.node, days: ed.days } });
  fit(ed);
}
// What of the curve is held against the threshold.
const main = (ed) => (facts(ed)?.below ? ed.trial.curve.least : ed.trial.curve.most);
// A new rule begins where few of the values lie, for somebody has to begin somewhere.
function choose(ed) {
  const values = main(ed).filter((v) => v !== null).sort((a, b) => a - b);
  ed.auto = false;
  if (!values.length) return;
  const part = (share) => values[Math.floor((values.length - 1) * share)], end = facts(ed).below ? values[0] : values.at(-1), tail = part(facts(ed).below ? 0.05 : 0.95);
  setThreshold(ed, tail === end ? (end + part(0.5)) / 2 : tail); // of a value that lies at its end for long, half the way there
}
// The axis stays while somebody drags: it is chosen anew only for what does not fit on it.
export function fit(ed) {
  const seen = [...ed.trial.curve.least, ...ed.trial.curve.most].filter((v) => v !== null), at = thresholdOf(ed);
  const of = `${ed.node}|${ed.days}|${getKey(ed.text, "window")}|${facts(ed).watched}|${facts(ed).condition}`;
  if (ed.range?.of === of && at >= ed.range.low && at <= ed.range.high) return;
  const all = at === null ? seen : [...seen, at];
  if (!all.length) return;
  const least = Math.min(...all), most = Math.max(...all), room = 0.15 * (most - least || Math.abs(most) || 1);
  ed.range = { of, low: least >= 0 && least - room < 0 ? 0 : least - room, high: most + room };
  ed.step = stepOf(ed.range.high - ed.range.low);
}
// The hysteresis stays as wide as it is.
export function setThreshold(ed, to) {
  const f = facts(ed), side = sideOf(ed.text, ed.level);
  if (!f || !side) return;
  const v = snap(to, ed.step || 0.001), level = f.levels[ed.level], width = level.clear - level.threshold;
  ed.live = v;
  let made = setLevel(ed.text, ed.level, side, amount(v, f.unit, f.per_hour));
  if (getLevel(made, ed.level, "clear") !== null) made = setLevel(made, ed.level, "clear", amount(v + width, f.unit, f.per_hour));
  change(ed, made);
  ed.moved?.();
}
export function setClear(ed, width) {
  const f = facts(ed), at = thresholdOf(ed);
  if (f && at !== null) change(ed, setLevel(ed.text, ed.level, "clear", amount(f.below ? at + width : at - width, f.unit, f.per_hour)));
}
