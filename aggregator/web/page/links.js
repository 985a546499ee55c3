// Addresses inside the page, for <a href data-go>; window and language are kept by who follows them. And files of the API.
import { path } from "./ask.js";
import { el } from "./dom.js";

export const linkTo = (args) => `?${new URLSearchParams(Object.entries(args).filter(([, v]) => v !== null && v !== undefined && v !== ""))}`;
// Where a figure of the place comes from; without a start: of the window that is live.
export const explainAt = (s, indicator, kind, start) => linkTo({ room: "explain", node: s.place, indicator, kind, start });

// What stands in a table, as a file that the reader's Excel opens; the browser keeps it. Of a list that the API has page by page
// the first page.
const FILE = { en: (what) => `${what}: file for Excel (CSV)`, vi: (what) => `${what}: tệp cho Excel (CSV)` };
export const fileOf = (s, what, noun, args = {}) => el("p", { class: "file no-print" },
  el("a", { href: path(noun, { ...args, format: "csv", locale: s.lang === "vi" ? "vi" : "en" }), download: "" }, FILE[s.lang](what)));
