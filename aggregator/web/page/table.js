// Tables of figures: a header row, cells by column, narrow screens scroll sideways.
import { el } from "./dom.js";

// columns: [{head, cell: (row) => text or element, number: true where figures stand, class: of their width}]; `name` says what it lists.
export function table(name, columns, rows, rowProps) {
  const look = (c) => [c.number && "num", c.class].filter(Boolean).join(" ") || null;
  const cell = (c, r, i) => el(i ? "td" : "th", { scope: i ? null : "row", class: look(c) }, c.cell(r) ?? "–");
  return el("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": name }, el("table", {},
    el("thead", {}, el("tr", {}, ...columns.map((c) => el(c.head ? "th" : "td", { scope: c.head ? "col" : null, class: look(c) }, c.head)))),
    el("tbody", {}, ...rows.map((r) => el("tr", rowProps ? rowProps(r) : {}, ...columns.map((c, i) => cell(c, r, i)))))));
}
