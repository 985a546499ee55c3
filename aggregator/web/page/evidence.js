// What a proposed norm rests on, drawn: how often shifts came to which figure, and where mean, proposal, best and the norms
// that hold lie among them. Pure; the table behind it tells each shift.
import { tableOf } from "./bars.js";
import { el, svg } from "./dom.js";
import { count, flat } from "./format.js";

const WIDTH = 1000, LEFT = 20, PLOT = 150, ROW = 22, BINS = 16;

// Bars of equal width from the least to the greatest.
export function binned(values, low, high, n = BINS) {
  const bins = Array.from({ length: n }, () => 0), step = (high - low) / n || 1;
  for (const v of values) bins[Math.min(n - 1, Math.max(0, Math.floor((v - low) / step)))] += 1;
  return bins;
}

// values: figures of shifts; marks: [{name, value, kind}], what is not known is left out; words: {title, table, head, shifts}.
export function evidence(s, { values, marks, unit, words, rows }) {
  const known = marks.filter((m) => Number.isFinite(m.value)).sort((a, b) => a.value - b.value), all = [...values, ...known.map((m) => m.value)];
  const least = Math.min(...all), most = Math.max(...all), pad = (most - least) * 0.04 || Math.abs(most) * 0.05 || 1, low = least - pad, high = most + pad;
  const first = Math.min(...values), last = Math.max(...values), bins = binned(values, first, last), top = Math.max(1, ...bins), head = known.length * ROW + 6, height = head + PLOT + 26;
  const x = (v) => LEFT + ((WIDTH - 2 * LEFT) * (v - low)) / (high - low), wide = Math.max(4, (x(last) - x(first)) / BINS), from = last > first ? x(first) : x(first) - wide / 2, base = head + PLOT, say = (v) => flat(v, unit, s.lang);
  const edge = (i) => say(first + ((last - first) * i) / BINS), told = (n, i) => {
    const y = base - (PLOT * n) / top, inside = n / top > 0.15;
    return svg("g", {}, svg("title", {}, `${edge(i)} – ${edge(i + 1)}: ${words.shifts(count(n, s.lang))}`), svg("rect", { class: "bin", x: (from + i * wide + 0.5).toFixed(1), width: (wide - 1).toFixed(1), y: y.toFixed(1), height: (base - y).toFixed(1) }),
      wide < 24 ? null : svg("text", { x: (from + (i + 0.5) * wide).toFixed(1), y: (y + (inside ? 16 : -4)).toFixed(1), "text-anchor": "middle", class: inside ? "inside" : null }, count(n, s.lang)));
  };
  const bars = bins.map((n, i) => (n ? told(n, i) : null)).filter(Boolean);
  const lines = known.flatMap((m, i) => {
    const at = x(m.value), right = at > WIDTH * 0.62;
    return [svg("line", { class: m.kind || null, x1: at.toFixed(1), x2: at.toFixed(1), y1: i * ROW + 4, y2: base }),
      svg("text", { class: m.kind || null, x: right ? at - 7 : at + 7, y: i * ROW + 17, "text-anchor": right ? "end" : "start" }, `${m.name} ${say(m.value)}`)];
  });
  const ends = [[low, "start"], [(low + high) / 2, "middle"], [high, "end"]].map(([v, anchor]) => svg("text", { class: "axis", x: x(v), y: height - 6, "text-anchor": anchor }, say(v)));
  const said = known.map((m) => `${m.name} ${say(m.value)}`).join(", ");
  return [el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": words.title }, svg("svg", { class: "scale", viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": `${words.title}: ${said}` },
    ...bars, svg("line", { x1: LEFT, x2: WIDTH - LEFT, y1: base, y2: base }), ...lines, ...ends)), tableOf({ tableWord: words.table, head: words.head, rows })];
}

// How the shifts of one lie: from the least to the most, the middle half thick, the median a line; 100 % of the norm dashed.
export function spread(d, low, high, label) {
  if (!Number.isFinite(d.median) || high <= low) return "–";
  const x = (v) => (2 + (196 * (v - low)) / (high - low)).toFixed(1);
  return svg("svg", { class: "spread", viewBox: "0 0 200 20", role: "img", "aria-label": label }, low < 1 && high > 1 ? svg("line", { class: "norm", x1: x(1), x2: x(1), y1: 0, y2: 20 }) : null,
    svg("line", { x1: x(d.least), x2: x(d.most), y1: 10, y2: 10 }), svg("rect", { class: "bin", x: x(d.lower), width: Math.max(1, x(d.upper) - x(d.lower)).toFixed(1), y: 4, height: 12 }), svg("line", { class: "middle", x1: x(d.median), x2: x(d.median), y1: 2, y2: 18 }));
}
