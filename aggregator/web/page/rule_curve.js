// What the rule would have looked at, as a curve: its threshold, to be dragged by hands and by keys, and the times it would have fired.
import { chart } from "./chart.js";
import { el, show } from "./dom.js";
import { flat, moment, span } from "./format.js";
import { facts, setThreshold, thresholdOf } from "./rule_draft.js";
import { heldTo, nameOf, shown, text, whatOf } from "./rule_words.js";
import { sideOf, snap } from "./ruletext.js";

const BRIEF_MS = 120000;
const ink = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
export const scaleOf = (x) => (x.unit === "1" ? 100 : 1);

// The line of the threshold: a slider for hands and for keys.
function place(ed) {
  const u = ed.plot, line = ed.line, f = facts(ed), at = thresholdOf(ed);
  if (!u || !line || !f || at === null || !ed.range) return; // of another quantity nothing is known yet
  const t = text[ed.lang], told = `${shown({ lang: ed.lang }, at, f)}`;
  line.style.top = `${Math.min(u.over.clientHeight, Math.max(0, u.valToPos(at * scaleOf(f), "y")))}px`;
  for (const [k, v] of Object.entries({ "aria-label": t.threshold, "aria-valuenow": at * scaleOf(f), "aria-valuetext": told, "aria-valuemin": ed.range.low * scaleOf(f), "aria-valuemax": ed.range.high * scaleOf(f) })) line.setAttribute(k, String(v));
  line.firstChild.textContent = told;
  const field_ = document.querySelector("#room input[name=threshold]");
  if (field_ && field_ !== document.activeElement) field_.value = field_.dataset.now = String(snap(at * scaleOf(f), 1e-6));
}
function byKey(ed, e) {
  const steps = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: 10, PageDown: -10 }[e.key], at = thresholdOf(ed);
  const to = e.key === "Home" ? ed.range.low : e.key === "End" ? ed.range.high : steps ? at + steps * ed.step : null;
  if (to === null || at === null) return;
  e.preventDefault();
  setThreshold(ed, to);
}
function slider(ed, u) {
  const line = el("div", { class: "threshold", role: "slider", tabindex: 0, "aria-orientation": "vertical" }, el("span", {}));
  let held = false;
  line.addEventListener("pointerdown", (e) => { held = true; line.setPointerCapture(e.pointerId); e.preventDefault(); line.focus({ preventScroll: true }); });
  line.addEventListener("pointermove", (e) => {
    if (!held) return;
    const y = Math.min(u.over.clientHeight, Math.max(0, e.clientY - u.over.getBoundingClientRect().top));
    setThreshold(ed, u.posToVal(y, "y") / scaleOf(facts(ed)));
  });
  for (const end of ["pointerup", "pointercancel"]) line.addEventListener(end, () => { held = false; });
  line.addEventListener("keydown", (e) => byKey(ed, e));
  return line;
}
// Firings at this place: a band each, with a bar above; of short ones a hollow mark instead of the bar.
function firings(ed, u) {
  const c = u.ctx, { left, top, width, height } = u.bbox, mark = 5 * (u.pxRatio || devicePixelRatio || 1);
  if (!ed.trial) return;
  c.save();
  c.beginPath();
  c.rect(left, top, width, height);
  c.clip();
  for (const f of ed.trial.list.filter((x) => x.node === ed.trial.node)) {
    const from = u.valToPos(Date.parse(f.from) / 1000, "x", true), to = f.to ? u.valToPos(Date.parse(f.to) / 1000, "x", true) : left + width, wide = Math.max(to - from, 1);
    c.globalAlpha = 0.16;
    c.fillStyle = ink("--bad");
    c.fillRect(from, top, Math.max(wide, 2), height);
    c.globalAlpha = 1;
    if (brief(f)) {
      c.strokeStyle = ink("--warn");
      c.lineWidth = mark / 3;
      c.beginPath();
      c.arc(from + wide / 2, top + 2 * mark, mark, 0, 7);
      c.stroke();
    } else c.fillRect(from, top, Math.max(wide, mark / 2), mark);
  }
  c.restore();
}
const lasted = (f) => (f.to ? Date.parse(f.to) - Date.parse(f.from) : null);
const brief = (f) => f.to !== null && lasted(f) < BRIEF_MS;

export function curve(s, ed) {
  const t = text[s.lang], f = ed.trial.draft, c = ed.trial.curve, scale = scaleOf(f);
  ed.lang = s.lang;
  ed.moved = () => place(ed);
  const known = c.most.findIndex((v) => v !== null), first = Math.max(0, known < 0 ? 0 : known - 2);
  const part = (of) => of.slice(first).map((v) => (v === null ? null : v * scale)), xs = c.most.slice(first).map((_, i) => (ed.trial.fromMs + (first + i + 0.5) * c.step_ms) / 1000);
  const [lead, other] = f.below ? [["least", "--focus"], ["most", "--off"]] : [["most", "--focus"], ["least", "--off"]];
  const spec = {
    key: `curve-${ed.n}`, title: t.curve(`${whatOf(s, f)}${heldTo(s, f)}`, nameOf(s, ed.trial.node), ed.trial.days), zone: s.zone, lang: s.lang, tableWord: t.listOf, height: 300, span: [ed.trial.fromMs + first * c.step_ms, ed.toMs],
    data: [xs, part(c[other[0]]), part(c[lead[0]])], series: [{ label: t[other[0]], ink: other[1], width: 1 }, { label: t[lead[0]], ink: lead[1] }],
    yRange: () => [ed.range.low * scale, ed.range.high * scale], yValues: (_, ticks) => ticks.map((v) => flat(v / scale, f.unit === "SE" ? "" : f.unit, s.lang)),
    head: [t.when, t.place, t.lasted, t.value, ""], rows: ed.trial.list.slice(0, 200).map((x) => [moment(Date.parse(x.from), s.now, s.lang, s.zone), nameOf(s, x.node), x.to ? span(lasted(x), s.lang) : t.still, shown(s, x.value, f), brief(x) ? t.shortOne : ""]),
    hooks: { ready: [(u) => {
      ed.plot = u;
      ed.shownTrial = ed.trial;
      u.root.closest(".plot").setAttribute("role", "group"); // a picture has no sliders inside
      const had = ed.line === document.activeElement;
      ed.line = sideOf(ed.text, ed.level) ? slider(ed, u) : null;
      if (ed.line) u.over.append(ed.line);
      place(ed);
      if (had && ed.line) ed.line.focus({ preventScroll: true });
    }], draw: [(u) => firings(ed, u)], setSize: [() => requestAnimationFrame(() => place(ed))] },
  };
  const out = chart(spec);
  out.sig += f.below;
  out.touch = (node) => {
    const body = node.querySelector(".scroll tbody"); // not there before the first update
    if (ed.plot && body && ed.shownTrial !== ed.trial) {
      ed.shownTrial = ed.trial;
      ed.plot.redraw(false, true);
      show(body, spec.rows.map((r) => el("tr", {}, ...r.map((x, i) => el(i ? "td" : "th", { scope: i ? null : "row" }, x)))));
    }
    place(ed);
  };
  return out;
}
