// Finding a place by a part of its name or id, in any case and without diacritics: "may ep" finds "Máy ép 1".
import { el, show } from "./dom.js";
import { word } from "./format.js";
import { ui } from "./glossary.js";

const SHOWN = 12;
// d with a stroke is a letter of its own and no d with a mark.
export const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[đĐ]/g, "d").toLowerCase();

// Every word of the question stands in the name or id; names that begin with it come first.
export function found(nodes, question) {
  const words = plain(question).split(/\s+/).filter(Boolean);
  const hit = (n) => { const text = `${plain(n.name)} ${n.id}`; return words.every((w) => text.includes(w)); };
  const late = (n) => (plain(n.name).startsWith(words[0] || "") ? 0 : 1);
  return nodes.filter(hit).map((n, i) => [n, i]).sort(([a, i], [b, j]) => late(a) - late(b) || i - j).map(([n]) => n).slice(0, SHOWN);
}

// page: {state(), open(node)}; `dialog` is filled and opened.
export function finderOf(page, dialog) {
  const input = el("input", { type: "search", autocomplete: "off", spellcheck: "false", maxlength: 60, role: "combobox", "aria-label": ui.en.find, "aria-controls": "found", "aria-expanded": "true" }), list = el("ul", { id: "found", class: "found" });
  function draw() {
    const s = page.state(), nodes = s.plant ? s.plant.nodes : [], hits = found(nodes, input.value), above = (n) => nodes.find((x) => x.id === n.parent);
    input.setAttribute("aria-label", ui[s.lang].find);
    input.setAttribute("placeholder", ui[s.lang].find);
    show(list, hits.length ? hits.map((n) => el("li", {}, el("button", { type: "button", "data-hit": n.id }, el("b", {}, n.name), el("span", { class: "soft" }, ` ${[word(`level_${n.level}`, s.lang), above(n)?.name].filter(Boolean).join(" · ")}`))))
      : [el("li", { class: "soft" }, ui[s.lang].notFound)]);
  }
  function take(id) {
    dialog.close();
    page.open(id);
  }
  dialog.append(input, list);
  input.addEventListener("input", draw);
  dialog.addEventListener("click", (e) => {
    const hit = e.target.closest("[data-hit]");
    if (hit) take(hit.dataset.hit);
    else if (e.target === dialog) dialog.close(); // the dark around it
  });
  dialog.addEventListener("keydown", (e) => {
    const hits = [...list.querySelectorAll("[data-hit]")], at = hits.indexOf(document.activeElement);
    if (e.key === "Enter" && e.target === input && hits[0]) take(hits[0].dataset.hit);
    if (e.key !== "ArrowDown" && e.key !== "ArrowUp") return;
    e.preventDefault();
    (hits[at + (e.key === "ArrowDown" ? 1 : -1)] || (e.key === "ArrowUp" ? input : hits[0]))?.focus();
  });
  return () => {
    if (dialog.open) return;
    input.value = "";
    draw();
    dialog.showModal();
    input.focus();
  };
}
