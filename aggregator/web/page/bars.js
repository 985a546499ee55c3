// Columns of stacked parts, and a map of days by quarter-hours. Drawn as SVG; each has its table.
import { el, svg } from "./dom.js";

const WIDTH = 1000, LEFT = 86, BOTTOM = 22;

// A round number not under x, to put at the top of an axis.
export function roundUp(x) {
  if (!(x > 0)) return 1;
  const ten = 10 ** Math.floor(Math.log10(x));
  return [1, 2, 2.5, 5, 10].map((k) => k * ten).find((k) => k >= x);
}

// columns: [{name, parts: [{id, value, label}]}], parts from below; `say(value)` as text of the axis.
export function stacked({ title, columns, height = 220, say, tableWord, head, rows }) {
  const top = roundUp(Math.max(0, ...columns.map((c) => c.parts.reduce((a, p) => a + p.value, 0)))), plot = height - BOTTOM - 8;
  const step = (WIDTH - LEFT) / Math.max(1, columns.length), wide = Math.min(step * 0.8, 60), every = Math.ceil(columns.length / 12);
  const y = (v) => 8 + plot * (1 - v / top);
  const bars = columns.flatMap((c, i) => {
    let base = 0;
    return c.parts.filter((p) => p.value > 0).map((p) => {
      const at = y(base + p.value), rect = svg("rect", { class: `s-${p.id}`, x: (LEFT + i * step + (step - wide) / 2).toFixed(1), y: at.toFixed(1), width: wide.toFixed(1), height: (y(base) - at).toFixed(1) });
      base += p.value;
      return svg("g", {}, svg("title", {}, `${c.name}: ${p.label}`), rect);
    });
  });
  const lines = [0, 0.5, 1].flatMap((k) => [svg("line", { class: "grid-line", x1: LEFT, x2: WIDTH, y1: y(k * top), y2: y(k * top) }), svg("text", { x: LEFT - 8, y: y(k * top) + 5, "text-anchor": "end" }, say(k * top))]);
  const names = columns.map((c, i) => (i % every ? null : svg("text", { x: LEFT + i * step + step / 2, y: height - 4, "text-anchor": "middle" }, c.name)));
  return [el("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": title }, svg("svg", { class: "gantt bars", viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": title }, ...lines, ...bars, ...names.filter(Boolean))), tableOf({ tableWord, head, rows })];
}

export function tableOf({ tableWord, head, rows }) {
  return el("details", { class: "as-table" }, el("summary", {}, tableWord), el("div", { class: "scroll", tabindex: 0 }, el("table", {},
    el("thead", {}, el("tr", {}, ...head.map((h, i) => el("th", { scope: "col", class: i ? "num" : null }, h)))),
    el("tbody", {}, ...rows.map((r) => el("tr", {}, ...r.map((c, i) => (i ? el("td", { class: "num" }, c) : el("th", { scope: "row" }, c)))))))));
}

// rows: [{name, cells: [{value or null, label}]}], a cell a quarter-hour of the day; the deeper the more.
export function heat({ title, rows, top, tick, legend }) {
  const high = 18, height = rows.length * (high + 2) + BOTTOM, cell = (WIDTH - LEFT) / 96;
  const cells = rows.flatMap((r, i) => r.cells.map((c) => (c.value === null ? svg("rect", { class: "heat none", x: LEFT + c.at * cell, y: i * (high + 2), width: cell.toFixed(2), height: high }, svg("title", {}, c.label))
    : svg("rect", { class: "heat", "fill-opacity": Math.max(0.04, Math.min(1, c.value / top)).toFixed(3), x: (LEFT + c.at * cell).toFixed(2), y: i * (high + 2), width: cell.toFixed(2), height: high }, svg("title", {}, c.label)))));
  return [el("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": title }, svg("svg", { class: "gantt heatmap", viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": title },
    ...cells, ...rows.map((r, i) => svg("text", { x: LEFT - 6, y: i * (high + 2) + 13, "text-anchor": "end" }, r.name)),
    ...Array.from({ length: 9 }, (_, i) => svg("text", { x: LEFT + i * 12 * cell, y: height - 4, "text-anchor": i === 8 ? "end" : "middle" }, tick(i * 3))))), el("p", { class: "soft" }, legend)];
}
