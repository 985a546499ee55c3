// The cause of a stop, stated by a person: which causes are offered, the most used first; of which stretch, a part of a stop
// or several at once; the form. Shared by the rooms of the shift and of the machine.
import { el } from "./dom.js";
import { clock, word } from "./format.js";
import { field } from "./forms.js";
import { mayAt } from "./login.js";

const HOUR_MS = 3600000, OFTEN = 8;
const CAUSES = ["failure", "material", "operator", "quality", "energy", "speed", "blocked", "starved", "other"];

export const text = {
  en: { state: "State the cause", cancel: "Cancel", from: "From", to: "To", reason: "Reason", send: "Enter", joined: (n) => `${n} stops marked: the cause is stated of all of them.` },
  vi: { state: "Khai lý do", cancel: "Thôi", from: "Từ", to: "Đến", reason: "Lý do", send: "Ghi", joined: (n) => `Đã đánh dấu ${n} lần dừng: lý do áp dụng cho tất cả.` },
};

const fits = (s) => (r) => r.units === null || r.units.includes(s.place);
// The plant's reasons of a kind that may be told here, those that were told most first.
export function reasonsOf(s, kind, often) {
  const rank = (r) => { const i = often.indexOf(r.id); return i < 0 ? often.length + 1 : i; };
  return s.plant.reasons.filter((r) => r.kind === kind).filter(fits(s)).sort((a, b) => rank(a) - rank(b));
}
export const reasonName = (s, id) => s.plant.reasons.find((r) => r.id === id)?.name || id;
// Why it stood as far as is known: state, cause, the plant's own word.
export const causeText = (s, p) => [p.cause && word(p.cause, s.lang), p.reason && reasonName(s, p.reason)].filter(Boolean).join(" · ");

// used: rows of /stops of the last weeks.
export function causesOf(s, used) {
  const said = new Map(used.map((r) => [r.reason || r.cause, r.count])), n = (c) => said.get(c.id) || 0;
  const all = [...reasonsOf(s, "stop", []).map((r) => ({ id: r.id, name: r.name || r.id, own: true })), ...CAUSES.map((id) => ({ id, name: word(id, s.lang) }))];
  return all.sort((a, b) => n(b) - n(a) || (b.own ? 1 : 0) - (a.own ? 1 : 0)); // what nobody used yet: the plant's own words first
}
export const mayState = (s) => mayAt("enter", s);
export const stateButton = (s, p, local) => {
  const t = text[s.lang], on = local.stop === p.from_ms;
  return el("button", { type: "button", class: "no-print", "data-do": "stop", "data-value": on ? "" : p.from_ms, "aria-expanded": String(on) }, on ? t.cancel : t.state);
};
export const markBox = (p, label) => el("label", { class: "check no-print" }, el("input", { type: "checkbox", "data-change": "mark", name: "mark", value: p.from_ms, "aria-label": label }));

export function causeForm(s, p, used, local) {
  const t = text[s.lang], all = causesOf(s, used), marked = new Set([...(local.marked || []), p.from_ms]).size;
  return el("form", { class: "form touch", "data-do": "cause", "data-key": `cause-${p.from_ms}` },
    ...(marked > 1 ? [el("p", { class: "mark ok" }, t.joined(marked))] : [field(t.from, "from", { type: "time", step: 1, value: clock(p.from_ms, "en", s.zone, true) }), field(t.to, "to", { type: "time", step: 1, value: clock(p.to_ms, "en", s.zone, true) })]),
    el("fieldset", { class: "big" }, el("legend", {}, t.reason), ...all.slice(0, OFTEN).map((c) => el("button", { name: "cause", value: c.id }, c.name)),
      all.length > OFTEN ? el("select", { name: "rare", "data-change": "rare", "aria-label": t.reason }, el("option", { value: "" }, "…"), ...all.slice(OFTEN).map((c) => el("option", { value: c.id }, c.name))) : null,
      all.length > OFTEN ? el("button", { class: "primary" }, t.send) : null));
}

// A time of day near a moment, as the site's clock told it.
function momentOf(value, nearMs, s) {
  const [h, m, sec] = value.split(":").map(Number), [h0, m0, s0] = clock(nearMs, "en", s.zone, true).split(":").map(Number);
  const ms = nearMs + (((h - h0) * 60 + (m - m0)) * 60 + ((sec || 0) - s0)) * 1000;
  return ms - nearMs > 12 * HOUR_MS ? ms - 24 * HOUR_MS : nearMs - ms > 12 * HOUR_MS ? ms + 24 * HOUR_MS : ms;
}
// What is entered: a cause for each of the stops that are marked, or of the part that the form tells. Null: no cause was chosen.
export function causesStated(s, form, pieces, local, by) {
  const cause = (by?.name === "cause" && by.value) || form.elements.rare?.value;
  if (!cause) return null;
  const marked = new Set([...(local.marked || []), local.stop]), all = pieces.filter((p) => marked.has(p.from_ms));
  if (all.length > 1) return all.map((p) => ({ kind: "cause", text: cause, from: p.from_ms, to: p.to_ms }));
  const own = all[0];
  // A field that shows whole seconds leaves what it does not show as it was.
  const at = (name, ms) => (form.elements[name].value === form.elements[name].defaultValue ? ms : momentOf(form.elements[name].value, ms, s));
  return own ? [{ kind: "cause", text: cause, from: at("from", own.from_ms), to: at("to", own.to_ms) }] : null;
}
export const causeActs = {
  stop: (s, at, room) => { room.local.stop = at.dataset.value ? Number(at.dataset.value) : null; },
  mark: (s, at, room) => { const on = new Set(room.local.marked || []); if (at.checked) on.add(Number(at.value)); else on.delete(Number(at.value)); room.local.marked = on; },
  rare: () => {},
};
