// The strip of alerts on the plant's page: how many wait for somebody, the loudest of them named; it leads to the room.
import { ask } from "./ask.js";
import { el } from "./dom.js";
import { ago, word } from "./format.js";
import { ui } from "./glossary.js";
import { linkTo } from "./links.js";

const EVERY_MS = 4000, OLD_MS = 20000, NAMED = 3;

// page: {state(), redraw()}. What could not be had for a while is told as not known, never as "no alert".
export function stripOf(page) {
  let alerts = null, at = 0;
  async function look() {
    if (!document.hidden) {
      try {
        alerts = (await ask("alerts")).alerts;
        at = performance.now();
        page.redraw();
      } catch { /* said by the age of what is shown */ }
    }
    setTimeout(look, EVERY_MS);
  }
  function draw(s) {
    const t = ui[s.lang];
    if (!alerts) return [];
    if (performance.now() - at > OLD_MS) return [el("p", { class: "strip unsure" }, t.alertsUnknown)];
    const here = new Set([s.node]);
    for (const n of s.plant.nodes) if (here.has(n.parent)) here.add(n.id);
    const open = alerts.filter((a) => here.has(a.node) && ["active_unacknowledged", "returned_unacknowledged"].includes(a.state));
    const seen = alerts.filter((a) => here.has(a.node) && a.state === "active_acknowledged").length;
    if (!open.length && !seen) return [];
    const href = linkTo({ room: "alerts", node: s.node });
    const named = open.slice(0, NAMED).map((a) => `${a.name || a.rule}: ${a.node_name} (${[a.severity && word(`severity_${a.severity}`, s.lang), ago(s.now - Date.parse(a.since), s.lang)].filter(Boolean).join(", ")})`);
    return [el("a", { class: `strip ${open.length ? "open" : ""}`, href, "data-go": "" }, el("b", {}, open.length ? t.alertsOpen(open.length) : t.alertsSeen(seen)),
      named.length ? ` ${named.join(" · ")}` : "", open.length > NAMED ? ` ${t.more(open.length - NAMED)}` : "")];
  }
  look();
  return { draw };
}
