// An indicator over the windows of a period, with the norm that is in force now, and where each value comes from.
import { chart } from "./chart.js";
import { el } from "./dom.js";
import { flat, moment, word } from "./format.js";
import { ui } from "./glossary.js";
import { explainAt } from "./links.js";

const HOUR_MS = 3600000, MINUTE_MS = 60000;

// Of the window that is live; the norm of another time is told by the explanation.
export const normOf = (s, id) => (s.node === s.place ? Object.values(s.head.windows)[0].classes.flatMap((c) => c.indicators).find((i) => i.id === id)?.norm : null) || null;

// Each window from its begin to its end, the running one to now; where none was told there is nothing, not the one before.
export function steps(nowMs, windows, valuesOf, n, span, scale) {
  const xs = [], ys = Array.from({ length: n }, () => []), now = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS, put = (ms, values) => {
    if (xs.length && ms / 1000 <= xs.at(-1)) return;
    xs.push(ms / 1000);
    ys.forEach((y, k) => y.push(values === null || values[k] === null || values[k] === undefined ? null : values[k] * scale));
  };
  put(span[0] - 1, null); // the norm's line goes from end to end
  windows.forEach((w, i) => {
    const end = Math.min(Date.parse(w.end), Math.max(now, Date.parse(w.start) + 1)), next = windows[i + 1], values = valuesOf(w, i);
    put(Date.parse(w.start), values);
    if (next && Date.parse(next.start) <= end) return;
    put(end, values);
    put(end + 1, null);
  });
  put(span[1], null);
  return [xs, ...ys];
}

// beside: {label, at(window)}: another value of each window, null where there is none. windows: of kind `grid`, "hour" or "day"; ids: the indicators that may be chosen, by act `indicator` of the room.
export function indicatorCurve(s, { key, windows, grid, period, id, ids, beside }) {
  const t = ui[s.lang], known = windows.filter((w) => w.indicators[id]), unit = known[0]?.indicators[id].unit ?? "", scale = unit === "1" ? 100 : 1, norm = normOf(s, id), name = word(id, s.lang);
  const span = [period.fromMs, Math.max(period.fromMs + HOUR_MS, Math.min(period.toMs, Math.ceil(s.now / HOUR_MS) * HOUR_MS))];
  const others = beside ? known.map(beside.at) : [], plot = steps(s.now, known, (w, i) => [w.indicators[id].value, others[i]], beside ? 2 : 1, span, scale);
  return chart({
    key, title: `${(grid === "hour" ? t.byHour : t.byDay)(name)}${norm ? ` · ${word("norm", s.lang)} ${flat(norm.value, unit, s.lang)}` : ""}`, zone: s.zone, lang: s.lang, tableWord: word("as_table", s.lang), span, daily: grid === "day",
    controls: [el("label", {}, t.indicator, el("select", { "data-change": "indicator" }, ...ids.map((x) => el("option", { value: x, selected: x === id }, word(x, s.lang)))))],
    data: [...plot, ...(norm ? [plot[0].map(() => norm.value * scale)] : [])],
    series: [{ label: name, ink: "--focus", steps: true }, ...(beside ? [{ label: beside.label, ink: "--ok", steps: true, dash: [3, 4] }] : []), ...(norm ? [{ label: word("norm", s.lang), ink: "--warn", dash: [8, 5], width: 1.5 }] : [])],
    yValues: (_, ticks) => ticks.map((v) => flat(v / scale, unit, s.lang)), head: [t.when, name, ...(beside ? [beside.label] : []), word("coverage", s.lang)],
    rows: known.map((w, i) => [moment(Date.parse(w.start), s.now, s.lang, s.zone), el("a", { href: explainAt(s, id, grid, w.start), "data-go": "" }, flat(w.indicators[id].value, unit, s.lang)), ...(beside ? [flat(others[i], unit, s.lang)] : []), flat(w.indicators[id].coverage, "1", s.lang)]),
  });
}
