// What forms share. Who sends one is known by the session: it is written down with what they did.
import { el } from "./dom.js";
import { ui } from "./glossary.js";
import { may, mayAt, me } from "./login.js";

// Under which a command counts once, however often it is sent.
export const freshKey = () => [...crypto.getRandomValues(new Uint8Array(12))].map((b) => b.toString(16).padStart(2, "0")).join("");
export const field = (label, name, props = {}) => el("label", {}, label, el(props.rows ? "textarea" : "input", { name, ...props }));
// Why nothing is offered here to who has none of these rights, or not at this place; null: something is.
export const shutOut = (s, ...rights) => (rights.some((r) => mayAt(r, s)) ? null : el("p", { class: "soft" }, !me() ? ui[s.lang].logIn : rights.some(may) ? ui[s.lang].notHere : ui[s.lang].notYours));
