// What a machine did, as bands: a row an hour or a day, a piece a stretch of one state. A state is told by its colour,
// its height and, where nobody ran it, a hatch; the table beside it tells the same in words.
import { el, svg } from "./dom.js";
import { clock, day, span, word } from "./format.js";

const HOUR_MS = 3600000, DAY_MS = 86400000, ROW = 26, GAP = 8, LEFT = 104, WIDTH = 1000;
const HEIGHT = { production: 1, setup: 0.75, delay: 1, down_no_order: 0.55, planned_down: 0.45, engineering: 0.75, not_scheduled: 0.15, unknown: 1 };
const HATCHED = new Set(["delay", "unknown"]);

// Rows of the period: hours of a day or two, else days; [[from, to], ...] of at most so many.
function rowsOf(fromMs, toMs) {
  const step = toMs - fromMs <= 26 * HOUR_MS ? HOUR_MS : DAY_MS, rows = [];
  for (let at = fromMs; at < toMs; at += step) rows.push([at, Math.min(at + step, toMs)]);
  return { step, rows };
}

const label = (p, s) => `${clock(p.from_ms, s.lang, s.zone, true)} – ${clock(p.to_ms, s.lang, s.zone, true)} ${word(p.category, s.lang)}`
  + `${p.cause ? ` (${word(p.cause, s.lang)}${p.reason ? `, ${p.reason}` : ""})` : ""}, ${span(p.to_ms - p.from_ms, s.lang)}`;

// What is too narrow to be seen goes into what comes before it, or a month would be ten thousand shapes.
const SEEN = 0.5;
function seen(pieces, row, scale) {
  const out = [];
  for (const p of pieces) {
    if (p.from_ms >= row[1] || p.to_ms <= row[0]) continue;
    const last = out.at(-1), same = last && ["category", "cause", "reason"].every((k) => last[k] === p[k]);
    if (last && (same || (Math.min(p.to_ms, row[1]) - Math.max(p.from_ms, row[0])) * scale < SEEN)) last.to_ms = p.to_ms;
    else out.push({ ...p });
  }
  return out;
}
function bands(pieces, row, y, step, s) {
  const scale = WIDTH / step;
  return seen(pieces, row, scale).map((p) => {
    const x = LEFT + (Math.max(p.from_ms, row[0]) - row[0]) * scale, w = (Math.min(p.to_ms, row[1]) - Math.max(p.from_ms, row[0])) * scale;
    const h = ROW * (HEIGHT[p.category] ?? 1), rect = { x: x.toFixed(2), y: (y + ROW - h).toFixed(1), width: Math.max(w, 0.6).toFixed(2), height: h.toFixed(1) };
    return svg("g", {}, svg("title", {}, label(p, s)), svg("rect", { ...rect, class: `s-${p.category}` }),
      HATCHED.has(p.category) ? svg("rect", { ...rect, fill: `url(#hatch-${p.category})` }) : null);
  });
}
const hatch = (id, turn) => svg("pattern", { id: `hatch-${id}`, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: `rotate(${turn})` },
  svg("rect", { class: "hatch-line", width: 1.6, height: 6 }));

// Rows before the first of which anything is known say nothing.
const isKnown = (pieces) => (row) => pieces.some((p) => p.category !== "unknown" && p.from_ms < row[1] && p.to_ms > row[0]);

// pieces: of /units/ID/timeline.
export function gantt(s, title, pieces, fromMs, toMs) {
  const { step, rows: all } = rowsOf(fromMs, toMs), first = all.findIndex(isKnown(pieces)), rows = all.slice(Math.max(first, 0)), height = rows.length * (ROW + GAP) + 22, ticks = step === HOUR_MS ? 6 : 8;
  const name = (ms) => (step === HOUR_MS ? clock(ms, s.lang, s.zone) : day(ms, s.lang, s.zone));
  const lines = Array.from({ length: ticks + 1 }, (_, i) => LEFT + (i * WIDTH) / ticks);
  const tick = (i) => (step === HOUR_MS ? `:${String((i * 60) / ticks).padStart(2, "0")}` : `${(i * 24) / ticks} h`);
  return el("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": title },
    svg("svg", { class: "gantt", viewBox: `0 0 ${LEFT + WIDTH + 20} ${height}`, role: "img", "aria-label": title },
      svg("defs", {}, hatch("delay", 45), hatch("unknown", -45)),
      ...lines.map((x) => svg("line", { class: "grid-line", x1: x, x2: x, y1: 0, y2: height - 20 })),
      ...rows.flatMap((row, i) => [svg("text", { x: LEFT - 8, y: i * (ROW + GAP) + ROW * 0.7, "text-anchor": "end" }, name(row[0])),
        svg("line", { class: "grid-line", x1: LEFT, x2: LEFT + WIDTH, y1: i * (ROW + GAP) + ROW + 0.5, y2: i * (ROW + GAP) + ROW + 0.5 }),
        ...bands(pieces, row, i * (ROW + GAP), step, s)]),
      ...lines.map((x, i) => svg("text", { x, y: height - 4, "text-anchor": "middle" }, tick(i)))));
}
