// The rules of alerts, in the Alerts room: all of them as their files have them, and the editor of one: what it would have
// looked at, with its threshold to be dragged, how often it would have fired, what would be quieter, what the rule in force
// did. The text of the rule is the one truth: every field here changes a key of it.
import { ask, tell } from "./ask.js";
import { chart } from "./chart.js";
import { el, show } from "./dom.js";
import { count, flat, moment, span, word } from "./format.js";
import { field, shutOut } from "./forms.js";
import { may } from "./login.js";
import { amount, asFile, getKey, getLevel, levelCount, minutes, setKey, setLevel, sideOf, snap, stepOf } from "./ruletext.js";
import { table } from "./table.js";

const NEW = "+"; // as the rule of the address: none has such an id
const KEEP_MS = 20000, SETTLE_MS = 300, AGAIN_MS = 2000, DAY_MS = 86400000, BRIEF_MS = 120000;
const DAYS = [1, 7, 30];
const SEVERITIES = ["info", "low", "medium", "high", "critical"];
const SIGNALS = { power: "kW", energy: "kWh", idle_energy: "kWh", delay: "min", pieces: "piece", scrap: "piece", stops: "", failures: "" };
const SCOPE = { unit: "units", line: "lines", area: "areas" };

export const text = {
  en: {
    rules: "Rules", rule: "Rule", watched: "Looks at", threshold: "Threshold", hold: "Hold", severity: "Severity", where: "Stands for", file: "File", places: (n) => (n === 1 ? "1 place" : `${n} places`), fresh: "New rule", none: "No rule stands for this place.", noFiles: "The aggregator's file names no folder of rules (alerts:).",
    close: "Close", edit: "Edit", look: "Look", of: (id) => `Rule ${id}`, curve: (what, at, days) => `${what}, ${at}, last ${days === 1 ? "day" : `${days} days`}`, most: "highest", least: "lowest", at: "Drawn at", over: "Over", days: (n) => (n === 1 ? "1 day" : `${n} days`), level: "Level",
    minutes: "Hold, minutes", hysteresis: "Hysteresis", dragHint: "Drag the line, or use the arrow keys on it.", what: "What", side: "Alarm when", above: "above", below: "below", id: "Id", name: "Name", text: "The rule as its file has it", whyField: "Reason", save: "Save", remove: "Delete the rule", undo: "Undo",
    asking: "Trying it on what was measured …", busy: "Others try rules right now; it is asked again.", fired: (n) => (n === "1" ? "It would have fired once." : `It would have fired ${n} times.`), notFired: "It would not have fired.", short: (n) => `${n} of them under 2 min`, shortOne: "short", active: (x) => `active ${x} in all`, longest: (x, at) => `longest ${x} at ${at}`, still: "still active at the end", nothing: "Nothing was measured here in this time.",
    inForce: "In force now", forceFired: (n) => (n === "1" ? "fired once" : `fired ${n} times`), both: (n) => `${n} the same`, onlyNew: (n) => `${n} only with the draft`, onlyForce: (n) => `${n} only with the rule in force`, suggest: "Quieter would be", then: (n, short) => `then ${n} in all, ${short} of them short`, take: "Take it", holdOf: (x) => `hold ${x}`, clearOf: (x) => `clear at ${x}`,
    when: "When", lasted: "Lasted", value: "Value", place: "Where", wrong: (n) => (n === 1 ? "One mistake" : `${n} mistakes`), right: "The rule is right.", atLine: (l, c) => `line ${l}, column ${c}`, saved: (id) => `Rule ${id} is saved and in force.`, waits: (id) => `Rule ${id} is saved, but the files were not taken over: see System.`, removed: (id) => `Rule ${id} is deleted.`,
    conflict: "Somebody has changed this rule meanwhile. This is theirs; yours is still in the field above.", theirs: "Take theirs", mine: "Keep mine, in the place of theirs", gone: "This rule does not exist any more.", braces: "Its file has the rules in braces: it can be edited in the file only.", cannotTry: "Your role does not try rules.", noCurve: "Of a rule of this kind there is no curve; its text can be edited and checked.", problem: "Not taken",
    power: "Power", energyUsed: "Energy", idle_energy: "Energy without production", delay: "Minutes stopped", pieces: "Pieces made", scrapMade: "Scrap, pieces", stops: "Stops begun", failures: "Failures begun", forms: "Threshold and hold", listOf: "All firings", held: { norm: "of the norm", baseline: "over the baseline", rate: "change an hour", drift: "drift" }, newId: "Letters, digits, dashes",
  },
  vi: {
    rules: "Quy tắc", rule: "Quy tắc", watched: "Theo dõi", threshold: "Ngưỡng", hold: "Thời gian chờ", severity: "Mức độ", where: "Áp dụng cho", file: "Tệp", places: (n) => `${n} nơi`, fresh: "Thêm quy tắc", none: "Chưa có quy tắc nào cho nơi này.", noFiles: "Tệp của bộ tổng hợp chưa khai thư mục quy tắc (alerts:).",
    close: "Đóng", edit: "Sửa", look: "Xem", of: (id) => `Quy tắc ${id}`, curve: (what, at, days) => `${what}, ${at}, ${days} ngày qua`, most: "cao nhất", least: "thấp nhất", at: "Vẽ cho", over: "Trong", days: (n) => `${n} ngày`, level: "Mức",
    minutes: "Chờ, phút", hysteresis: "Độ trễ", dragHint: "Kéo đường ngưỡng, hoặc dùng phím mũi tên.", what: "Đại lượng", side: "Báo khi", above: "cao hơn", below: "thấp hơn", id: "Mã", name: "Tên", text: "Quy tắc như trong tệp", whyField: "Lý do", save: "Lưu", remove: "Xóa quy tắc", undo: "Hoàn lại",
    asking: "Đang thử trên số liệu đã đo …", busy: "Đang có người khác thử quy tắc; sẽ hỏi lại.", fired: (n) => `Lẽ ra đã báo ${n} lần.`, notFired: "Lẽ ra không báo lần nào.", short: (n) => `${n} lần dưới 2 phút`, shortOne: "ngắn", active: (x) => `tổng cộng ${x}`, longest: (x, at) => `lâu nhất ${x} tại ${at}`, still: "cuối kỳ vẫn đang báo", nothing: "Trong thời gian này ở đây không đo được gì.",
    inForce: "Quy tắc hiện hành", forceFired: (n) => `đã báo ${n} lần`, both: (n) => `${n} lần giống nhau`, onlyNew: (n) => `${n} lần chỉ bản nháp báo`, onlyForce: (n) => `${n} lần chỉ quy tắc hiện hành báo`, suggest: "Bớt ồn hơn nếu", then: (n, short) => `khi đó còn ${n} lần, ${short} lần ngắn`, take: "Dùng gợi ý", holdOf: (x) => `chờ ${x}`, clearOf: (x) => `hết báo ở ${x}`,
    when: "Lúc", lasted: "Kéo dài", value: "Giá trị", place: "Nơi", wrong: (n) => `${n} lỗi`, right: "Quy tắc đúng.", atLine: (l, c) => `dòng ${l}, cột ${c}`, saved: (id) => `Đã lưu quy tắc ${id}, đang áp dụng.`, waits: (id) => `Đã lưu quy tắc ${id}, nhưng các tệp chưa được nạp: xem Hệ thống.`, removed: (id) => `Đã xóa quy tắc ${id}.`,
    conflict: "Người khác vừa sửa quy tắc này. Đây là bản của họ; bản của bạn vẫn còn ở ô trên.", theirs: "Lấy bản của họ", mine: "Giữ bản của tôi, thay bản của họ", gone: "Quy tắc này không còn nữa.", braces: "Tệp này viết quy tắc trong ngoặc: chỉ sửa được trong tệp.", cannotTry: "Vai trò của bạn không thử quy tắc.", noCurve: "Loại quy tắc này không có đường vẽ; vẫn sửa và kiểm tra được văn bản.", problem: "Không được nhận",
    power: "Công suất", energyUsed: "Điện năng", idle_energy: "Điện năng khi không sản xuất", delay: "Số phút dừng", pieces: "Số sản phẩm", scrapMade: "Số phế phẩm", stops: "Số lần dừng", failures: "Số lần hỏng", forms: "Ngưỡng và thời gian chờ", listOf: "Mọi lần báo", held: { norm: "so với định mức", baseline: "so với đường cơ sở", rate: "thay đổi mỗi giờ", drift: "trôi dần" }, newId: "Chữ, số, gạch nối",
  },
};
const SAID = { energy: "energyUsed", scrap: "scrapMade" }; // as quantities they mean something else than in other rooms
const heldTo = (s, x) => (text[s.lang].held[x.condition] ? ` (${text[s.lang].held[x.condition]})` : "");
const whatOf = (s, x) => (x.subject === "quantity" ? text[s.lang][SAID[x.watched] || x.watched] : null) || word(x.watched, s.lang);
const nameOf = (s, id) => s.plant.nodes.find((n) => n.id === id)?.name || id;
const shown = (s, v, x) => (v === null || v === undefined ? "–" : `${flat(v, x.unit === "SE" ? "" : x.unit, s.lang)}${x.per_hour ? "/h" : ""}`);
const limits = (s, x) => x.levels.map((l) => (l.threshold === undefined ? word(x.condition, s.lang) : `${x.below ? "<" : ">"} ${shown(s, l.threshold, x)}`)).join(", ");

// --- the draft ----------------------------------------------------------------------------------------------

let editions = 0;
function begun(s, key, one, redraw) {
  const ed = { n: ++editions, key, id: one ? one.rule : "", isNew: key === NEW, base: one, text: one?.text ?? "", level: 0, node: null, days: 7, toMs: 0, check: null, draft: null, trial: null, live: null, range: null, timer: 0, running: false, problem: null, busy: false, conflict: null, redraw, form: null, auto: key === NEW };
  if (ed.isNew) {
    ed.form = { what: "time_utilization", node: s.place, side: "below" };
    ed.text = template(s, ed, null);
  }
  return ed;
}
function template(s, ed, indicators) {
  const f = ed.form, node = s.plant.nodes.find((n) => n.id === f.node) || s.plant.nodes[0], signal = f.what in SIGNALS;
  const unit = signal ? SIGNALS[f.what] : indicators?.find((i) => i.id === f.what)?.unit ?? "1";
  const first = unit === "1" ? 0.5 : unit === "min" ? 5 : 1; // until it is known what was measured
  const kept = ["name", "for", "severity"].map((k) => [k, ed.text && getKey(ed.text, k)]).filter(([, v]) => v).map(([k, v]) => `${k}: ${v}\n`).join("");
  return `${signal ? "signal" : "indicator"}: ${f.what}\n${node.level === "site" ? "site: true" : `${SCOPE[node.level]}: [${node.id}]`}\nwindow: 15 min\n${f.side}: ${amount(first, unit)}\n${kept || "for: 2 min\nseverity: medium\n"}`;
}
const facts = (ed) => ed.draft; // of the newest text that was right
const idOf = (ed) => ed.id || "draft";
const changed = (ed) => ed.isNew || ed.text !== ed.base.text;
const thresholdOf = (ed) => ed.live ?? facts(ed)?.levels[ed.level]?.threshold ?? null;

function change(ed, made) {
  if (made === null || made === ed.text) return;
  ed.text = made;
  soon(ed);
}
function soon(ed) {
  ed.asked = true;
  clearTimeout(ed.timer);
  ed.timer = setTimeout(() => tryOut(ed), SETTLE_MS);
}
// One question at a time: what has changed meanwhile is asked when its answer is there.
async function tryOut(ed) {
  if (ed.running) return;
  Object.assign(ed, { running: true, asked: false });
  const of = ed.text;
  let again = 0;
  try {
    ed.check = await tell("alerts/rules/check", { rule: idOf(ed), text: of });
    Object.assign(ed, { problem: null, draft: ed.check.draft ?? ed.draft });
    if (ed.check.right && ed.text === of) ed.live = null;
    ed.redraw();
    if (ed.check.right) await backtest(ed, of);
  } catch (problem) {
    ed.busy = problem.status === 503;
    ed.problem = ed.busy ? null : problem;
    again = ed.busy ? AGAIN_MS : 0;
  }
  ed.running = false;
  clearTimeout(ed.timer);
  if (again || ed.asked) ed.timer = setTimeout(() => tryOut(ed), again || 1);
  else if (ed.auto && ed.trial?.of === of) choose(ed);
  ed.redraw();
}
async function backtest(ed, of) {
  const at = facts(ed).at;
  if (!at.includes(ed.node)) ed.node = at[0];
  const trial = await tell("alerts/backtest", { rules: asFile(idOf(ed), of), rule: idOf(ed), curve: ed.node, from: new Date(ed.toMs - ed.days * DAY_MS).toISOString(), to: new Date(ed.toMs).toISOString(), try: true });
  Object.assign(ed, { busy: false, trial: { ...trial.rules[0], curve: trial.curve, fromMs: Date.parse(trial.from), of, draft: facts(ed), node: ed.node, days: ed.days } });
  fit(ed);
}
// What of the curve is held against the threshold.
const main = (ed) => (facts(ed)?.below ? ed.trial.curve.least : ed.trial.curve.most);
// A new rule begins where few of the values lie, for somebody has to begin somewhere.
function choose(ed) {
  const values = main(ed).filter((v) => v !== null).sort((a, b) => a - b);
  ed.auto = false;
  if (!values.length) return;
  const part = (share) => values[Math.floor((values.length - 1) * share)], end = facts(ed).below ? values[0] : values.at(-1), tail = part(facts(ed).below ? 0.05 : 0.95);
  setThreshold(ed, tail === end ? (end + part(0.5)) / 2 : tail); // of a value that lies at its end for long, half the way there
}
// The axis stays while somebody drags: it is chosen anew only for what does not fit on it.
function fit(ed) {
  const seen = [...ed.trial.curve.least, ...ed.trial.curve.most].filter((v) => v !== null), at = thresholdOf(ed);
  const of = `${ed.node}|${ed.days}|${getKey(ed.text, "window")}|${facts(ed).watched}|${facts(ed).condition}`;
  if (ed.range?.of === of && at >= ed.range.low && at <= ed.range.high) return;
  const all = at === null ? seen : [...seen, at];
  if (!all.length) return;
  const least = Math.min(...all), most = Math.max(...all), room = 0.15 * (most - least || Math.abs(most) || 1);
  ed.range = { of, low: least >= 0 && least - room < 0 ? 0 : least - room, high: most + room };
  ed.step = stepOf(ed.range.high - ed.range.low);
}
// The hysteresis stays as wide as it is.
function setThreshold(ed, to) {
  const f = facts(ed), side = sideOf(ed.text, ed.level);
  if (!f || !side) return;
  const v = snap(to, ed.step || 0.001), level = f.levels[ed.level], width = level.clear - level.threshold;
  ed.live = v;
  let made = setLevel(ed.text, ed.level, side, amount(v, f.unit, f.per_hour));
  if (getLevel(made, ed.level, "clear") !== null) made = setLevel(made, ed.level, "clear", amount(v + width, f.unit, f.per_hour));
  change(ed, made);
  place(ed);
}
function setClear(ed, width) {
  const f = facts(ed), at = thresholdOf(ed);
  if (f && at !== null) change(ed, setLevel(ed.text, ed.level, "clear", amount(f.below ? at + width : at - width, f.unit, f.per_hour)));
}

// --- the curve ----------------------------------------------------------------------------------------------

const ink = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const scaleOf = (x) => (x.unit === "1" ? 100 : 1);

// The line of the threshold: a slider for hands and for keys.
function place(ed) {
  const u = ed.plot, line = ed.line, f = facts(ed), at = thresholdOf(ed);
  if (!u || !line || !f || at === null) return;
  const t = text[ed.lang], told = `${shown({ lang: ed.lang }, at, f)}`;
  line.style.top = `${Math.min(u.over.clientHeight, Math.max(0, u.valToPos(at * scaleOf(f), "y")))}px`;
  for (const [k, v] of Object.entries({ "aria-label": t.threshold, "aria-valuenow": at * scaleOf(f), "aria-valuetext": told, "aria-valuemin": ed.range.low * scaleOf(f), "aria-valuemax": ed.range.high * scaleOf(f) })) line.setAttribute(k, String(v));
  line.firstChild.textContent = told;
  const field_ = document.querySelector("#room input[name=threshold]");
  if (field_ && field_ !== document.activeElement) field_.value = field_.dataset.now = String(snap(at * scaleOf(f), 1e-6));
}
function byKey(ed, e) {
  const steps = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: 10, PageDown: -10 }[e.key], at = thresholdOf(ed);
  const to = e.key === "Home" ? ed.range.low : e.key === "End" ? ed.range.high : steps ? at + steps * ed.step : null;
  if (to === null || at === null) return;
  e.preventDefault();
  setThreshold(ed, to);
}
function slider(ed, u) {
  const line = el("div", { class: "threshold", role: "slider", tabindex: 0, "aria-orientation": "vertical" }, el("span", {}));
  let held = false;
  line.addEventListener("pointerdown", (e) => { held = true; line.setPointerCapture(e.pointerId); e.preventDefault(); line.focus({ preventScroll: true }); });
  line.addEventListener("pointermove", (e) => {
    if (!held) return;
    const y = Math.min(u.over.clientHeight, Math.max(0, e.clientY - u.over.getBoundingClientRect().top));
    setThreshold(ed, u.posToVal(y, "y") / scaleOf(facts(ed)));
  });
  for (const end of ["pointerup", "pointercancel"]) line.addEventListener(end, () => { held = false; });
  line.addEventListener("keydown", (e) => byKey(ed, e));
  return line;
}
// Firings at this place: a band each, with a bar above; of short ones a hollow mark instead of the bar.
function firings(ed, u) {
  const c = u.ctx, { left, top, width, height } = u.bbox, mark = 5 * (u.pxRatio || devicePixelRatio || 1);
  if (!ed.trial) return;
  c.save();
  c.beginPath();
  c.rect(left, top, width, height);
  c.clip();
  for (const f of ed.trial.list.filter((x) => x.node === ed.trial.node)) {
    const from = u.valToPos(Date.parse(f.from) / 1000, "x", true), to = f.to ? u.valToPos(Date.parse(f.to) / 1000, "x", true) : left + width, wide = Math.max(to - from, 1);
    c.globalAlpha = 0.16;
    c.fillStyle = ink("--bad");
    c.fillRect(from, top, Math.max(wide, 2), height);
    c.globalAlpha = 1;
    if (brief(f)) {
      c.strokeStyle = ink("--warn");
      c.lineWidth = mark / 3;
      c.beginPath();
      c.arc(from + wide / 2, top + 2 * mark, mark, 0, 7);
      c.stroke();
    } else c.fillRect(from, top, Math.max(wide, mark / 2), mark);
  }
  c.restore();
}
const lasted = (f) => (f.to ? Date.parse(f.to) - Date.parse(f.from) : null);
const brief = (f) => f.to !== null && lasted(f) < BRIEF_MS;

function curve(s, ed) {
  const t = text[s.lang], f = ed.trial.draft, c = ed.trial.curve, scale = scaleOf(f);
  ed.lang = s.lang;
  const known = c.most.findIndex((v) => v !== null), first = Math.max(0, known < 0 ? 0 : known - 2);
  const part = (of) => of.slice(first).map((v) => (v === null ? null : v * scale)), xs = c.most.slice(first).map((_, i) => (ed.trial.fromMs + (first + i + 0.5) * c.step_ms) / 1000);
  const [lead, other] = f.below ? [["least", "--focus"], ["most", "--off"]] : [["most", "--focus"], ["least", "--off"]];
  const spec = {
    key: `curve-${ed.n}`, title: t.curve(`${whatOf(s, f)}${heldTo(s, f)}`, nameOf(s, ed.trial.node), ed.trial.days), zone: s.zone, lang: s.lang, tableWord: t.listOf, height: 300, span: [ed.trial.fromMs + first * c.step_ms, ed.toMs],
    data: [xs, part(c[other[0]]), part(c[lead[0]])], series: [{ label: t[other[0]], ink: other[1], width: 1 }, { label: t[lead[0]], ink: lead[1] }],
    yRange: () => [ed.range.low * scale, ed.range.high * scale], yValues: (_, ticks) => ticks.map((v) => flat(v / scale, f.unit === "SE" ? "" : f.unit, s.lang)),
    head: [t.when, t.place, t.lasted, t.value, ""], rows: ed.trial.list.slice(0, 200).map((x) => [moment(Date.parse(x.from), s.now, s.lang, s.zone), nameOf(s, x.node), x.to ? span(lasted(x), s.lang) : t.still, shown(s, x.value, f), brief(x) ? t.shortOne : ""]),
    hooks: { ready: [(u) => {
      ed.plot = u;
      ed.shownTrial = ed.trial;
      u.root.closest(".plot").setAttribute("role", "group"); // a picture has no sliders inside
      const had = ed.line === document.activeElement;
      ed.line = sideOf(ed.text, ed.level) ? slider(ed, u) : null;
      if (ed.line) u.over.append(ed.line);
      place(ed);
      if (had && ed.line) ed.line.focus({ preventScroll: true });
    }], draw: [(u) => firings(ed, u)], setSize: [() => requestAnimationFrame(() => place(ed))] },
  };
  const out = chart(spec);
  out.sig += f.below;
  out.touch = (node) => {
    const body = node.querySelector(".scroll tbody"); // not there before the first update
    if (ed.plot && body && ed.shownTrial !== ed.trial) {
      ed.shownTrial = ed.trial;
      ed.plot.redraw(false, true);
      show(body, spec.rows.map((r) => el("tr", {}, ...r.map((x, i) => el(i ? "td" : "th", { scope: i ? null : "row" }, x)))));
    }
    place(ed);
  };
  return out;
}

// --- what came of it ----------------------------------------------------------------------------------------

function outcome(s, ed) {
  const t = text[s.lang], r = ed.trial, f = facts(ed);
  if (ed.busy) return [el("p", { class: "soft" }, t.busy)];
  if (ed.problem) return [el("p", { class: "problem" }, `${t.problem}: ${ed.problem.message}`)];
  if (ed.check && !ed.check.right) return [el("p", { class: "thin" }, t.wrong(ed.check.problems.length))];
  if (!r || !f) return [el("p", { class: "soft" }, t.asking)];
  const old = r.of !== ed.text || r.node !== ed.node || r.days !== ed.days, more = [r.short ? t.short(r.short) : null, r.firings ? t.active(span(r.active_ms, s.lang)) : null, r.firings ? t.longest(span(r.longest_ms, s.lang), nameOf(s, r.longest_at)) : null, r.active_at_end ? t.still : null].filter(Boolean);
  return [el("p", { class: old ? "soft" : null, "data-firings": r.firings, "aria-busy": String(old) }, el("b", { class: "value" }, r.firings ? t.fired(count(r.firings, s.lang)) : t.notFired), more.length ? ` ${more.join(" · ")}` : "", old ? el("span", { class: "soft" }, ` ${t.asking}`) : null)];
}
function compared(s, ed) {
  const t = text[s.lang], i = ed.trial?.in_force, n = (x) => count(x, s.lang);
  if (!i || i.same_rule) return null;
  return el("p", {}, el("b", {}, `${t.inForce}: `), [t.forceFired(n(i.firings)), i.short ? t.short(n(i.short)) : null, t.both(n(i.both)), i.only_new ? t.onlyNew(n(i.only_new)) : null, i.only_in_force ? t.onlyForce(n(i.only_in_force)) : null].filter(Boolean).join(" · "));
}
function suggested(s, ed) {
  const t = text[s.lang], x = ed.trial?.suggestion, f = facts(ed);
  if (!x || !f || ed.trial.of !== ed.text) return null;
  const what = [x.for_ms !== undefined ? t.holdOf(span(x.for_ms, s.lang)) : null, x.clear !== undefined ? t.clearOf(shown(s, x.clear, f)) : null].filter(Boolean).join(", ");
  return el("p", { class: "suggested" }, el("span", {}, el("b", {}, `${t.suggest}: `), what, x.then ? `; ${t.then(count(x.then.firings, s.lang), count(x.then.short, s.lang))}.` : "."), el("button", { type: "button", "data-do": "rule_take" }, t.take));
}
function mistakes(s, ed) {
  const t = text[s.lang], c = ed.check;
  if (!c) return null;
  if (c.right) return el("p", { class: "mark ok" }, t.right);
  return el("ul", { class: "problem mistakes", "aria-label": t.wrong(c.problems.length) }, ...c.problems.map((p) => el("li", {}, el("b", {}, `${t.atLine(p.line, p.column)}: `), p.text)));
}

// --- the form -----------------------------------------------------------------------------------------------

// A panel whose fields follow the draft, but for the one that somebody types in.
function panel(key, children, typed, props = {}) {
  const fill = (n) => {
    show(n, children.filter(Boolean));
    for (const f of n.querySelectorAll("[data-now]")) if (f !== document.activeElement && f.value !== f.dataset.now) f.value = f.dataset.now;
  };
  return { key, sig: null, touch: fill, update: fill, make() {
    const n = el("section", { class: "panel" });
    n.addEventListener("input", (e) => typed?.(e.target));
    fill(n);
    if (props.lead) requestAnimationFrame(() => n.querySelector("h2").focus());
    return n;
  } };
}
const options = (list, now) => list.map(([value, name]) => el("option", { value, selected: String(value) === String(now) }, name));
const select = (label, name, list, now) => el("label", {}, label, el("select", { name, "data-now": now }, ...options(list, now)));

function typedIn(s, ed, data, at) {
  const v = Number(at.value), f = facts(ed);
  if (at.name === "text") change(ed, at.value);
  if (at.name === "threshold" && at.value !== "" && f) setThreshold(ed, v / scaleOf(f));
  if (at.name === "hold" && at.value !== "") change(ed, setKey(ed.text, "for", minutes(v * 60000)));
  if (at.name === "hysteresis" && at.value !== "" && f) setClear(ed, Math.abs(v) / scaleOf(f));
  if (at.name === "node") { ed.node = at.value; soon(ed); }
  if (at.name === "days") { ed.days = Number(at.value); soon(ed); }
  if (at.name === "level") { ed.level = Number(at.value); ed.live = null; fitAgain(ed); }
  if (at.name === "severity") change(ed, setLevel(ed.text, ed.level, "severity", at.value));
  if (at.name === "rule_name") change(ed, setKey(ed.text, "name", JSON.stringify(at.value)));
  if (at.name === "id") { ed.id = at.value.trim(); soon(ed); }
  if (["what", "at", "side"].includes(at.name)) {
    ed.form = { ...ed.form, [{ what: "what", at: "node", side: "side" }[at.name]]: at.value };
    Object.assign(ed, { auto: true, live: null, range: null, node: null });
    change(ed, template(s, ed, data.indicators));
  }
  ed.redraw();
}
function fitAgain(ed) {
  if (ed.trial) fit(ed);
  if (ed.plot) ed.plot.redraw(false, true);
}
function chosen(s, ed, data) {
  const t = text[s.lang], f = ed.form, at = s.plant.nodes.map((n) => [n.id, n.name]);
  const what = [...data.indicators.map((i) => [i.id, word(i.id, s.lang)]), ...Object.keys(SIGNALS).map((id) => [id, whatOf(s, { subject: "quantity", watched: id })])];
  return el("div", { class: "form", "data-key": "chosen" }, el("label", {}, t.id, el("input", { name: "id", maxlength: 64, pattern: "[a-z0-9][a-z0-9_.\\-]*", autocapitalize: "none", spellcheck: "false", title: t.newId, "data-now": ed.id })), el("label", {}, t.name, el("input", { name: "rule_name", maxlength: 200 })),
    select(t.where, "at", at, f.node), select(t.what, "what", what, f.what), select(t.side, "side", [["above", t.above], ["below", t.below]], f.side));
}
function fields(s, ed) {
  const t = text[s.lang], f = facts(ed), side = sideOf(ed.text, ed.level), at = thresholdOf(ed);
  if (!f) return el("div", { class: "form", "data-key": "fields" });
  const level = f.levels[ed.level] || f.levels[0], unit = f.unit === "1" ? "%" : f.unit === "SE" ? "" : `${f.unit}${f.per_hour ? "/h" : ""}`, of = (v) => String(snap(v * scaleOf(f), 1e-6)), width = level.clear === undefined ? null : Math.abs(level.clear - level.threshold);
  const named = (label) => (unit ? `${label}, ${unit}` : label);
  return el("div", { class: "form", "data-key": "fields" },
    levelCount(ed.text) > 1 ? select(t.level, "level", f.levels.map((l, i) => [i, word(`severity_${l.severity}`, s.lang)]), ed.level) : null,
    side && at !== null ? el("label", {}, named(t.threshold), el("input", { name: "threshold", type: "number", step: "any", "data-now": of(at) })) : null,
    el("label", {}, t.minutes, el("input", { name: "hold", type: "number", min: 0, step: 1, "data-now": String(f.for_ms / 60000) })),
    side && width !== null ? el("label", {}, named(t.hysteresis), el("input", { name: "hysteresis", type: "number", min: 0, step: "any", "data-now": of(width) })) : null,
    select(t.severity, "severity", SEVERITIES.map((x) => [x, word(`severity_${x}`, s.lang)]), level.severity));
}
function drawnAt(s, ed) {
  const t = text[s.lang], f = facts(ed);
  return el("div", { class: "form", "data-key": "drawn" }, f && f.at.length > 1 ? select(t.at, "node", f.at.slice(0, 300).map((id) => [id, nameOf(s, id)]), ed.node) : null, select(t.over, "days", DAYS.map((n) => [n, t.days(n)]), ed.days),
    f && sideOf(ed.text, ed.level) ? el("span", { class: "soft" }, t.dragHint) : null);
}
function saving(s, ed) {
  const t = text[s.lang];
  if (!may("rule")) return shutOut(s, "rule");
  return el("form", { class: "form", "data-do": "rule_save", "data-key": `save-${ed.n}` }, field(t.whyField, "why", { required: true, minlength: 3, maxlength: 60, size: 36 }),
    el("button", { class: "primary", value: "save", disabled: !changed(ed) || (ed.check && !ed.check.right) || (ed.isNew && !ed.id) }, t.save), changed(ed) && !ed.isNew ? el("button", { type: "button", "data-do": "rule_undo" }, t.undo) : null, ed.isNew ? null : el("button", { value: "delete" }, t.remove));
}
function conflict(s, ed) {
  const t = text[s.lang], theirs = ed.conflict;
  if (!theirs) return null;
  if (theirs.gone) return el("p", { class: "problem", role: "alert" }, t.gone);
  return el("div", { class: "problem conflict", role: "alert" }, el("p", {}, t.conflict), el("pre", {}, theirs.text), el("div", { class: "form" }, el("button", { type: "button", "data-do": "rule_theirs" }, t.theirs), el("button", { type: "button", "data-do": "rule_mine" }, t.mine)));
}

function editor(s, ed, data) {
  const t = text[s.lang], close = el("button", { type: "button", "data-do": "rule_close" }, t.close);
  if (!ed) return [];
  if (ed.base && ed.base.text === null) return [panel(`editor-${ed.n}`, [el("h2", {}, t.of(ed.id)), el("p", { class: "soft" }, t.braces), el("div", {}, close)])];
  const lead = ed.led ? {} : { lead: true }, title = el("header", { class: "form" }, el("h2", { tabindex: -1 }, ed.isNew ? t.fresh : t.of(ed.id)), ed.base ? el("span", { class: "soft" }, `${ed.base.name} · ${ed.base.file}`) : null, close);
  const typed = (at) => typedIn(s, ed, data, at), written = el("label", { "data-key": "text" }, t.text, el("textarea", { name: "text", rows: 14, spellcheck: "false", autocapitalize: "none", readonly: !may("try"), "data-now": ed.text }));
  if (!may("try")) return [panel(`editor-${ed.n}`, [title, el("p", { class: "soft" }, t.cannotTry), written])];
  ed.led = true; // who opened it goes on reading at its head
  const drawn = ed.trial?.curve && ed.range && ed.trial.curve.most.some((v) => v !== null);
  return [panel(`editor-${ed.n}`, [title, ed.isNew ? chosen(s, ed, data) : null, fields(s, ed), drawnAt(s, ed), el("div", { class: "outcome", role: "status", "data-key": "outcome" }, ...outcome(s, ed), compared(s, ed)), suggested(s, ed)], typed, lead),
    drawn ? curve(s, ed) : el("p", { class: "panel soft", "data-key": `none-${ed.n}` }, ed.trial ? (facts(ed)?.levels[0].threshold === undefined ? t.noCurve : t.nothing) : t.asking),
    panel(`written-${ed.n}`, [written, mistakes(s, ed), conflict(s, ed), saving(s, ed)], typed)];
}

// --- all of them --------------------------------------------------------------------------------------------

function listed(s, data) {
  const t = text[s.lang], open = s.arg("rule");
  const columns = [
    { head: t.rule, cell: (r) => el("button", { type: "button", class: "plain", "data-do": "rule_open", "data-value": r.rule, "aria-pressed": String(r.rule === open) }, r.name) }, { head: t.watched, cell: (r) => `${whatOf(s, r)}${heldTo(s, r)}` },
    { head: t.threshold, cell: (r) => limits(s, r) }, { head: t.hold, cell: (r) => (r.for_ms ? span(r.for_ms, s.lang) : "–") }, { head: t.severity, cell: (r) => r.levels.map((l) => word(`severity_${l.severity}`, s.lang)).join(", ") },
    { head: t.where, cell: (r) => t.places(r.nodes) }, { head: t.file, cell: (r) => `${r.file}:${r.line}` },
  ];
  const more = may("try") && data.rules.files ? el("div", {}, el("button", { type: "button", "data-do": "rule_open", "data-value": NEW }, t.fresh)) : null;
  return el("section", { class: "panel", "data-key": "rules" }, el("h2", {}, t.rules), data.rules.rules.length ? table(t.rules, columns, data.rules.rules) : el("p", { class: "soft" }, data.rules.files ? t.none : t.noFiles), more);
}

export async function load(s, get, local, redraw) {
  const id = s.arg("rule"), of = `${s.place}|${id}`;
  if (local.kept?.of === of && Date.now() - local.kept.ms < KEEP_MS) return local.kept.data;
  const [rules, known] = await Promise.all([get("alerts/rules", { node: s.place, limit: 500 }), get("indicators")]), data = { rules, indicators: known.indicators };
  let one = null;
  if (id && id !== NEW)
    try { one = await get(`alerts/rules/${encodeURIComponent(id)}`); }
    catch (problem) { if (problem.status !== 404) throw problem; }
  local.kept = { of, ms: Date.now(), data };
  if (!id || (!one && id !== NEW)) local.ed = null;
  else if (local.ed?.key !== id || (one && one.etag !== local.ed.base.etag && !changed(local.ed))) { // not under the hands of who has changed something
    local.ed = begun(s, id, one, redraw);
    local.ed.toMs = Math.floor(s.now / 60000) * 60000;
    if (may("try") && local.ed.text !== null && local.ed.base?.text !== null) tryOut(local.ed);
  }
  return data;
}
export function draw(s, data, local) {
  const t = text[s.lang], problem = local.problem ? el("p", { class: "problem", role: "alert" }, `${t.problem}: ${local.problem.message}`) : null;
  const done = local.done ? el("p", { class: "panel mark ok", role: "status", "data-key": "done" }, t[local.done[0]](local.done[1])) : null;
  return [done, ...editor(s, local.ed, data), problem, listed(s, data)].filter(Boolean);
}

async function afresh(local, room) {
  local.kept = null;
  local.ed = null;
  return room.again();
}
export const act = {
  rule_open: (s, at, room) => { Object.assign(room.local, { done: null, problem: null, kept: null }); room.set({ rule: at.dataset.value }); window.scrollTo(0, 0); },
  rule_close: (s, at, room) => { Object.assign(room.local, { done: null, problem: null, kept: null, ed: null }); room.set({ rule: null }); },
  rule_undo: (s, at, room) => { const ed = room.local.ed; ed.live = null; change(ed, ed.base.text); },
  rule_take: (s, at, room) => {
    const ed = room.local.ed, x = ed.trial.suggestion, f = facts(ed);
    let made = ed.text;
    if (x.for_ms !== undefined) made = setKey(made, "for", minutes(x.for_ms));
    if (x.clear !== undefined) { // all levels give way by as much, as it was tried
      const by = x.clear - f.levels[0].clear;
      f.levels.forEach((l, i) => { made = setLevel(made, i, "clear", amount(l.clear + by, f.unit, f.per_hour)); });
    }
    change(ed, made);
  },
  rule_theirs: (s, at, room) => afresh(room.local, room),
  rule_mine: (s, at, room) => { const ed = room.local.ed; ed.base = ed.conflict; ed.conflict = null; },
  rule_save: async (s, form, room, by) => {
    const local = room.local, ed = local.ed, action = by?.value === "delete" ? "delete" : "save", id = ed.id;
    Object.assign(local, { problem: null, done: null });
    let said;
    try {
      said = await tell("alerts/rules", { action, rule: id, text: action === "save" ? ed.text : undefined, why: form.elements.why.value }, ed.isNew ? undefined : ed.base.etag, ed.isNew);
    } catch (problem) {
      if (problem.status !== 412 || ed.isNew) throw problem;
      ed.conflict = await ask(`alerts/rules/${encodeURIComponent(id)}`).catch((x) => { if (x.status === 404) return { gone: true }; throw x; });
      return undefined;
    }
    local.done = [action === "delete" ? "removed" : said.in_force ? "saved" : "waits", id];
    room.set({ rule: action === "delete" ? null : id });
    return afresh(local, room);
  },
};
