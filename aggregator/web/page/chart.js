// Curves by uPlot, which is loaded with the first of them; each has its table, for those who read or hear it.
import { el, show } from "./dom.js";
import { clock, day } from "./format.js";

let library = null;
function loaded() {
  library ??= new Promise((done, failed) => {
    const css = el("link", { rel: "stylesheet", href: "uplot.css" }), js = el("script", { src: "uplot.js" });
    js.onload = () => done(window.uPlot);
    js.onerror = () => { library = null; failed(new Error("uplot.js")); };
    document.head.append(css, js);
  });
  return library;
}

// Moments on the axis as the site's clock tells them: hours, and the day where one begins.
function moments(spec) {
  return (_, ticks, __, ___, step) => ticks.map((x, i) => {
    const ms = x * 1000, hour = clock(ms, spec.lang, spec.zone);
    if (step >= 86400) return day(ms, spec.lang, spec.zone);
    return i === 0 || hour === "00:00" ? `${hour}\n${day(ms, spec.lang, spec.zone)}` : hour;
  });
}
const ink = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// On a large screen everything is larger, so are a curve's words and its height.
const rem = () => parseFloat(getComputedStyle(document.documentElement).fontSize) || 15;
const tall = (spec) => Math.round(((spec.height || 220) * rem()) / 15);

// Where days are narrow each word on the axis names one, and needs its room.
const room = (px) => (_, __, from, to, dim) => (dim * 86400 < (to - from) * px * 9.5 ? px * 9.5 : px * 4.5);

const DAYS = [1, 2, 7, 14, 28, 91].map((n) => n * 86400); // of what is told by the day

// What a curve is drawn with, in the colours of the theme: one is a name such as "--run".
function options(spec, width, uPlot) {
  const few = spec.data[0].length <= 31; // a lone value is a point, or it would not be seen
  const px = Math.round(rem() * 0.78), axis = { font: `${px}px system-ui, sans-serif`, stroke: ink("--soft"), grid: { stroke: ink("--line"), width: 1 }, ticks: { stroke: ink("--line"), width: 1 } };
  return {
    width, height: tall(spec), cursor: { drag: { x: false, y: false } }, legend: { show: spec.series.length > 1, live: false },
    tzDate: (s) => uPlot.tzDate(new Date(s * 1000), spec.zone),
    scales: { x: { time: spec.time !== false, range: spec.span ? () => spec.span.map((ms) => ms / 1000) : undefined }, y: { range: spec.yRange } },
    axes: [{ ...axis, size: px * 4.3, space: spec.xValues || spec.time === false ? px * 4.5 : room(px), incrs: spec.daily ? DAYS : undefined, values: spec.xValues || (spec.time === false ? undefined : moments(spec)) }, { ...axis, size: (_, values) => 16 + px * 0.6 * Math.max(4, ...(values || []).map((v) => String(v).length)), values: spec.yValues }],
    series: [{}, ...spec.series.map((x) => ({ label: x.label, stroke: ink(x.ink), width: x.width ?? 2, dash: x.dash, spanGaps: false,
      fill: x.fill ? ink(x.fill) : undefined, paths: x.points ? () => null : x.steps ? uPlot.paths.stepped({ align: 1 }) : undefined,
      points: x.points || (few && !x.steps) ? { show: !x.dash, size: 6, stroke: ink(x.ink), fill: ink(x.ink) } : { show: false } }))],
    hooks: spec.hooks,
  };
}

function tableOf(spec) {
  return el("table", {}, el("thead", {}, el("tr", {}, ...spec.head.map((h) => el("th", { scope: "col" }, h)))),
    el("tbody", {}, ...spec.rows.map((r) => el("tr", {}, ...r.map((c, i) => (i ? el("td", {}, c) : el("th", { scope: "row" }, c)))))));
}

// The library listens on the window for each of its curves, so that one whose place is gone would stay for ever.
const plots = new Set();
function sweep() {
  for (const node of plots) {
    if (node.isConnected) continue;
    node.plot.destroy();
    node.wide.disconnect();
    node.plot = node.wide = null;
    plots.delete(node);
  }
}
document.addEventListener("shown", sweep); // something else stands there now

async function plotted(node, spec) {
  const box = node.querySelector(".plot");
  node.spec = spec;
  let uPlot;
  try { uPlot = await loaded(); }
  catch { return; } // the table stands there all the same
  sweep();
  if (node.spec !== spec || !box.isConnected) return;
  if (node.plot) node.plot.destroy();
  node.plot = new uPlot(options(spec, box.clientWidth, uPlot), spec.data, box);
  // In the next frame: what is observed must not change while it is told of.
  node.wide ??= new ResizeObserver(() => requestAnimationFrame(() => {
    if (box.clientWidth && node.plot && box.clientWidth !== node.plot.width) node.plot.setSize({ width: box.clientWidth, height: node.plot.height });
  }));
  node.wide.observe(box);
  plots.add(node);
}

// spec: {key, title, zone, lang, data: [xs, ys...] with null for what is not known, xs in seconds, series: [{label, ink,
// dash, steps, points}], head: [text...], rows: [[text or element...]...],
// tableWord, controls: elements above it, span: [first, last] of the x axis in ms, height, time, daily: days alone on the axis, hooks}: for show() of dom.js.
export function chart(spec) {
  const theme = document.documentElement.dataset.theme;
  function update(node) {
    show(node.querySelector(".controls"), spec.controls || []);
    node.querySelector("figcaption").textContent = spec.title;
    node.querySelector(".plot").setAttribute("aria-label", spec.title);
    node.querySelector("summary").textContent = spec.tableWord;
    show(node.querySelector(".scroll"), [tableOf(spec)]);
    plotted(node, spec);
  }
  return {
    key: spec.key, sig: JSON.stringify([theme, spec.lang, spec.title, spec.data, spec.series, spec.span]), touch() {}, update,
    make() {
      const node = el("figure", { class: "chart panel" }, el("div", { class: "controls" }), el("figcaption", {}), el("div", { class: "plot", role: "img" }),
        el("details", { class: "as-table" }, el("summary", {}), el("div", { class: "scroll", tabindex: 0 })));
      node.querySelector(".plot").style.minHeight = `${tall(spec)}px`; // nothing jumps when the curve comes
      requestAnimationFrame(() => update(node));
      return node;
    },
  };
}
