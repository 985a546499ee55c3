// Who says it: whoever acts is written down with what they did.
import { el } from "./dom.js";
import { word } from "./format.js";
import { me } from "./login.js";

const stored = () => { try { return localStorage.getItem("who") || ""; } catch { return ""; } };

export const lastName = () => me() || stored();
// A field for the name, if nobody is logged in; `whoOf` reads it and remembers it in this browser.
export const whoField = (s) => me() ? null : el("label", {}, word("your_name", s.lang), el("input", { name: "who", required: true, maxlength: 64, autocomplete: "name", value: stored() }));
export function whoOf(form) {
  if (me()) return me();
  const who = form.elements.who.value.trim();
  try { localStorage.setItem("who", who); } catch { /* private mode */ }
  return who;
}
// Under which a command counts once, however often it is sent.
export const freshKey = () => [...crypto.getRandomValues(new Uint8Array(12))].map((b) => b.toString(16).padStart(2, "0")).join("");
export const field = (label, name, props = {}) => el("label", {}, label, el(props.rows ? "textarea" : "input", { name, ...props }));
