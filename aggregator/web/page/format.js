// Numbers, ages and times as people read them: in the reader's language, in the site's time zone.
import { glossary } from "./glossary.js";

export const word = (id, lang) => (glossary[id] ? glossary[id][lang === "vi" ? 1 : 0] : String(id).replaceAll("_", " "));
export const meaning = (id) => (glossary[id] ? glossary[id][2] : null);

const missing = (x) => x === null || x === undefined || !Number.isFinite(x);
const numbers = new Map();
function number(x, digits, lang) {
  const key = lang + digits;
  if (!numbers.has(key))
    numbers.set(key, new Intl.NumberFormat(lang, { minimumFractionDigits: digits, maximumFractionDigits: digits, signDisplay: "negative" })); // no "-0"
  return numbers.get(key).format(x);
}

// Things that are counted.
export const count = (x, lang) => (missing(x) ? "–" : number(x, 0, lang));

const units = { en: { min: "min", "1/h": "/h", unit: "", degC: "°C" }, vi: { min: "phút", h: "giờ", "1/h": "/giờ", unit: "", degC: "°C" } };

// [value, unit]; a dash for what is not defined, never 0.
export function figure(x, unit, lang) {
  if (missing(x)) return ["–", ""];
  // As many digits as what is shown has room for: 9.996 is "10.0", not "10.00".
  const size = Math.abs(x);
  if (unit === "1") return [number(x * 100, size >= 0.9995 ? 0 : size < 0.09995 ? 2 : 1, lang), "%"];
  const digits = size === 0 ? 0 : size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 0.9995 ? 2 : 3;
  return [number(x, digits, lang), units[lang][unit] ?? unit];
}
export const flat = (x, unit, lang) => figure(x, unit, lang).join(" ").trim();

const steps = {
  en: [["s", 90, 1], ["min", 5400, 60], ["h", 172800, 3600], ["days", Infinity, 86400]],
  vi: [["giây", 90, 1], ["phút", 5400, 60], ["giờ", 172800, 3600], ["ngày", Infinity, 86400]],
};
export function ago(ms, lang) {
  if (missing(ms)) return "–";
  const s = Math.max(0, ms / 1000), [name, , size] = steps[lang].find(([, limit]) => s < limit);
  return `${Math.floor(s / size)} ${name}`;
}

// A length of time: 1 h 05 min, 12 min, 40 s.
export function span(ms, lang) {
  const s = Math.floor(ms / 1000), m = Math.floor(s / 60), [[second], [minute], [hour]] = steps[lang];
  if (m < 1) return `${s} ${second}`;
  return m < 60 ? `${m} ${minute}` : `${Math.floor(m / 60)} ${hour} ${String(m % 60).padStart(2, "0")} ${minute}`;
}

// A zone that this browser does not know is shown as UTC, never as the reader's own.
const clocks = new Map();
export function clock(ms, lang, zone, seconds) {
  if (missing(ms)) return "–";
  const key = `${lang}|${zone}|${seconds}`;
  if (!clocks.has(key)) {
    const how = { hour: "2-digit", minute: "2-digit", second: seconds ? "2-digit" : undefined, hourCycle: "h23" };
    let made;
    try { made = new Intl.DateTimeFormat(lang, { ...how, timeZone: zone }); }
    catch { made = new Intl.DateTimeFormat(lang, { ...how, timeZone: "UTC", timeZoneName: "short" }); }
    clocks.set(key, made);
  }
  return clocks.get(key).format(ms);
}
// The site's distance from UTC at a moment: UTC+7.
const offsets = new Map();
export function offset(ms, zone) {
  if (!offsets.has(zone)) {
    let made = null;
    try { made = new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "shortOffset" }); }
    catch { /* not known here: its clock says UTC by itself */ }
    offsets.set(zone, made);
  }
  return offsets.get(zone)?.formatToParts(ms).find((x) => x.type === "timeZoneName").value.replace("GMT", "UTC").replace("+0", "") ?? "";
}
const days = new Map();
export function day(ms, lang, zone) {
  const key = `${lang}|${zone}`;
  if (!days.has(key)) {
    const how = { weekday: "short", day: "numeric", month: "short" };
    try { days.set(key, new Intl.DateTimeFormat(lang, { ...how, timeZone: zone })); }
    catch { days.set(key, new Intl.DateTimeFormat(lang, { ...how, timeZone: "UTC" })); }
  }
  return days.get(key).format(ms);
}
// A moment: its time, with the day when it is not today's.
export function moment(ms, nowMs, lang, zone) {
  const text = clock(ms, lang, zone, false), date = day(ms, lang, zone);
  return date === day(nowMs, lang, zone) ? text : `${date} ${text}`;
}
// A date with its year.
const dates = new Map();
export function date(ms, lang, zone) {
  if (missing(ms)) return "–";
  const key = `${lang}|${zone}`;
  if (!dates.has(key)) {
    const how = { day: "numeric", month: "short", year: "numeric" };
    try { dates.set(key, new Intl.DateTimeFormat(lang, { ...how, timeZone: zone })); }
    catch { dates.set(key, new Intl.DateTimeFormat(lang, { ...how, timeZone: "UTC" })); }
  }
  return dates.get(key).format(ms);
}
