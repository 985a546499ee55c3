// What the plant's page shows beside live figures: the last hours of each class's lead, and how far the shift's plan has
// come at the machines that put out. Asked for behind the first figures and then now and again; without it nothing is missing but itself.
import { ask } from "./ask.js";
import { el, svg } from "./dom.js";
import { count, flat, word } from "./format.js";
import { ui } from "./glossary.js";

const HOURS = 12, HOUR_MS = 3600000, EVERY_MS = 60000, PLANS = 3, FLAT = 0.02, EARLY_MS = 600000;

// The units whose pieces are a place's pieces.
export function outputsOf(plant, id) {
  const node = plant.nodes.find((n) => n.id === id);
  if (!node) return [];
  return node.level === "unit" ? [node.id] : [...new Set(node.output.flatMap((x) => outputsOf(plant, x)))];
}

// page: {state(), redraw()}.
export function trendOf(page) {
  let had = { node: null, hours: [], plans: [] }, asked = null, timer = 0;
  async function look() {
    clearTimeout(timer);
    timer = setTimeout(look, EVERY_MS);
    const s = page.state();
    if (document.hidden || s.room !== "plant" || !s.plant || !s.head) return;
    const node = s.node, now = Math.ceil(s.now), full = Math.floor(now / HOUR_MS) * HOUR_MS;
    try {
      const [past, ...units] = await Promise.all([ask("windows", { node, kind: "hour", from: full - HOURS * HOUR_MS, to: now, limit: HOURS + 1 }), ...outputsOf(s.plant, node).slice(0, PLANS).map((u) => ask(`nodes/${u}`, { window: "shift" }))]);
      if (page.state().node !== node) return;
      had = { node, hours: past.windows, plans: units.map((u) => ({ id: u.head.id, name: u.head.name, plan: u.head.windows.shift?.plan })).filter((u) => u.plan && u.plan.expected !== null) };
      page.redraw();
    } catch { /* what was had is of its node and its hours, and says so */ }
  }
  return {
    // Of another place nothing is told until it was asked for.
    of(node) {
      if (node !== asked) { asked = node; setTimeout(look, 0); }
      return had.node === node ? had : null;
    },
  };
}

// Hours as a line with gaps where nothing is known, against the norm. A few minutes of the running hour say nothing yet: a
// meter that was not read since would make it 0.
export function sparkline(hours, i, s) {
  const known = hours.map((w) => (s.now - Date.parse(w.start) < EARLY_MS ? null : w.indicators[i.id]?.value ?? null)), values = known.filter((v) => v !== null), norm = i.norm?.value ?? null;
  if (values.length < 2) return null;
  const all = norm === null ? values : [...values, norm], low = Math.min(...all), high = Math.max(...all), x = (k) => (2 + (116 * k) / Math.max(1, known.length - 1)).toFixed(1), y = (v) => (high > low ? 22 - (20 * (v - low)) / (high - low) : 12).toFixed(1);
  const lines = known.map((v, k) => (v === null ? "" : `${k && known[k - 1] !== null ? "L" : "M"}${x(k)} ${y(v)}`)).join("");
  const last = known.at(-1) ?? null, before = values.slice(0, -1).reduce((a, v) => a + v, 0) / (values.length - 1), change = last === null || !before ? 0 : last / before - 1;
  const said = ui[s.lang].trend(values.map((v) => flat(v, i.unit, s.lang)).join(", "));
  return el("p", { class: "trend", title: said }, svg("svg", { viewBox: "0 0 120 24", role: "img", "aria-label": said }, norm === null ? null : svg("line", { class: "norm", x1: 0, x2: 120, y1: y(norm), y2: y(norm) }), svg("path", { d: lines }), last === null ? null : svg("circle", { cx: x(known.length - 1), cy: y(last), r: 2.5 })),
    el("span", { class: "soft" }, `${last === null ? "" : Math.abs(change) < FLAT ? "→ " : change > 0 ? "↗ " : "↘ "}${ui[s.lang].thisHour(flat(last, i.unit, s.lang))}`));
}

// What was made of the shift's plan, and what should have been by now.
export function progress(plans, s) {
  return plans.map(({ id, name, plan }) => {
    const q = (v) => v / 1e6, all = q(plan.quantity), part = (v) => Math.max(0, Math.min(100, (100 * q(v)) / all)), behind = plan.gap < -500000, t = ui[s.lang];
    const text = t.progress(count(q(plan.made), s.lang), count(all, s.lang), count(Math.abs(q(plan.gap)), s.lang), behind);
    return el("span", { class: "progress", "data-plan": id, title: plan.forecast === null ? null : t.planForecast(count(q(plan.forecast), s.lang)) }, el("b", {}, name),
      svg("svg", { viewBox: "0 0 100 10", preserveAspectRatio: "none", role: "img", "aria-label": `${word("plan", s.lang)}: ${text}` }, svg("rect", { class: "whole", width: 100, height: 10 }), svg("rect", { class: behind ? "made bad" : "made", width: part(plan.made).toFixed(1), height: 10 }), svg("rect", { class: "due", x: (part(plan.expected) - 0.5).toFixed(1), width: 1, height: 10 })),
      el("span", { class: behind ? "mark bad" : "mark ok" }, text));
  });
}
