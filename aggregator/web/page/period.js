// The period a room speaks of: named ones and one of two dates, days of the site, in the address as `period`, `from`
// and `to`, so that whoever is sent the address sees the same.
import { el } from "./dom.js";
import { word } from "./format.js";

const DAY_MS = 86400000;
const NAMED = ["today", "yesterday", "days7", "days30", "days90", "dates"];
const days = new Map();
// A day of the site as YYYY-MM-DD.
export function dateOf(ms, zone) {
  if (!days.has(zone)) {
    const how = { year: "numeric", month: "2-digit", day: "2-digit" };
    let made;
    try { made = new Intl.DateTimeFormat("en-CA", { ...how, timeZone: zone }); }
    catch { made = new Intl.DateTimeFormat("en-CA", { ...how, timeZone: "UTC" }); }
    days.set(zone, made);
  }
  return days.get(zone).format(ms);
}
// The moment at which a day of the site begins: its midnight by the site's clock, whatever the reader's is.
function midnight(date, zone) {
  const wanted = Date.parse(`${date}T00:00:00Z`), how = { hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" };
  let at = wanted;
  for (let turn = 0; turn < 3; turn++) { // the offset found may be the one on the other side of a change of time
    let parts;
    try { parts = new Intl.DateTimeFormat("en-CA", { ...how, timeZone: zone }).formatToParts(at); }
    catch { return wanted; }
    const of = Object.fromEntries(parts.map((x) => [x.type, Number(x.value)]));
    at += wanted - Date.UTC(of.year, of.month - 1, of.day, of.hour, of.minute);
  }
  return at;
}
const shifted = (date, n) => new Date(Date.parse(`${date}T12:00:00Z`) + n * DAY_MS).toISOString().slice(0, 10);
const isDate = (text) => /^\d{4}-\d\d-\d\d$/.test(text || "") && !Number.isNaN(Date.parse(text));

// {name, from, last, fromMs, toMs}: first and last day of the site, and the moments that the API takes.
export function periodOf(s, usual = "today") {
  const today = dateOf(s.now, s.zone), asked = s.arg("period");
  const name = NAMED.includes(asked) ? asked : usual;
  const back = { today: 0, yesterday: 1, days7: 6, days30: 29, days90: 89 }[name];
  let from = shifted(today, -(back ?? 0)), last = name === "yesterday" ? from : today;
  if (name === "dates") {
    from = isDate(s.arg("from")) ? s.arg("from") : today;
    last = isDate(s.arg("to")) && s.arg("to") >= from ? s.arg("to") : from;
  }
  return { name, from, last, fromMs: midnight(from, s.zone), toMs: midnight(shifted(last, 1), s.zone) };
}

// The chooser; a room puts `act.period` and `act.dates` of this file into its own `act`.
export function chooser(s, usual, of = NAMED) {
  const p = periodOf(s, usual);
  const button = (id) => el("button", { type: "button", "data-do": "period", "data-value": id, "aria-pressed": String(p.name === id) }, word(`period_${id}`, s.lang));
  const date = (name, value) => el("input", { type: "date", "data-change": "dates", name, value, max: dateOf(s.now, s.zone), "aria-label": word(`period_${name}`, s.lang) });
  return el("div", { class: "windows" }, el("div", { class: "segments", role: "group", "aria-label": word("period", s.lang) }, ...of.map(button)),
    p.name === "dates" ? el("span", { class: "form" }, date("from", p.from), "–", date("to", p.last)) : el("span", { class: "soft" }, p.from === p.last ? p.from : `${p.from} – ${p.last}`));
}
export const periodActs = {
  period: (s, at, room) => {
    const p = periodOf(s);
    room.set(at.dataset.value === "dates" ? { period: "dates", from: p.from, to: p.last } : { period: at.dataset.value, from: null, to: null });
  },
  dates: (s, at, room) => { if (isDate(at.value)) room.set({ period: "dates", [at.name]: at.value }); },
};
