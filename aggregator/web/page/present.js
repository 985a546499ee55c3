// What a machine does now and why, and its signals: value, quality with its reason, age. Pure, as the rooms are.
import { el } from "./dom.js";
import { ago, clock, flat, word } from "./format.js";
import { table } from "./table.js";

// id: [English, Vietnamese]
const MACHINE = {
  unknown: ["not known", "chưa rõ"], run: ["runs", "đang chạy"], speed: ["starts up or runs down", "đang tăng hoặc giảm tốc"], held: ["held", "tạm giữ"], blocked: ["blocked", "nghẽn đầu ra"], starved: ["starved", "thiếu đầu vào"], failed: ["failed", "hỏng"], stopped: ["stopped", "đã dừng"],
  idle: ["idle", "chờ"], complete: ["complete", "đã xong"], setup: ["set up", "đang chuẩn bị"], maintained: ["maintained", "đang bảo dưỡng"], off: ["off", "tắt"], engineering: ["engineering", "thử nghiệm"],
};
const BLIND = {
  no_state_source: ["nothing tells its state", "không có gì báo trạng thái"], never_heard: ["nothing was heard of it yet", "chưa nhận được tín hiệu nào"], commissioning: ["its state signal is in commissioning", "tín hiệu trạng thái đang nghiệm thu"], silent: ["its source is silent", "nguồn đã im"],
  bad: ["its state reads bad", "trạng thái đọc được không tốt"], not_in_map: ["its map does not name that", "bảng trạng thái không có giá trị này"], told_unknown: ["that says nothing of it", "giá trị này không cho biết gì"],
};
const RULE = {
  unavailable: ["not available, or no heartbeat", "không sẵn sàng hoặc mất nhịp"], maintenance: ["FUNCTIONAL_MODE is MAINTENANCE", "FUNCTIONAL_MODE là MAINTENANCE"], setup_manual: ["setup, teardown or a manual mode", "chuẩn bị, tháo gá hoặc chế độ tay"], active: ["EXECUTION is ACTIVE", "EXECUTION là ACTIVE"],
  e_stop_fault: ["emergency stop or a fault", "dừng khẩn cấp hoặc lỗi"], execution: ["EXECUTION alone", "chỉ theo EXECUTION"],
};
const CALENDAR = { off: ["no shift", "ngoài ca"], work: ["working time", "giờ làm việc"], break: ["a break", "giờ nghỉ"], planned: ["a planned stop", "dừng kế hoạch"] };
const QUALITY = { good: ["good", "tốt"], uncertain: ["uncertain", "không chắc"], bad: ["bad", "xấu"] };
const REASON = {
  unavailable: ["the source has none", "nguồn không có giá trị"], no_answer: ["no answer", "không trả lời"], refused: ["the device refuses", "thiết bị từ chối"], unreadable: ["can't be read", "không đọc được"], out_of_range: ["out of range", "ngoài dải"], not_live: ["no longer live", "không còn cập nhật"], marked: ["marked by its source", "nguồn đánh dấu"], implausible: ["not plausible", "không hợp lý"],
};
const ROLE = {
  state: ["state", "trạng thái"], power: ["power", "công suất"], energy: ["energy", "điện năng"], total: ["total pieces", "tổng sản phẩm"], good: ["good pieces", "sản phẩm đạt"], scrap: ["scrap", "phế phẩm"], rework: ["rework", "hàng sửa lại"], material: ["material", "vật tư"], order: ["order", "lệnh sản xuất"], product: ["product", "mã hàng"], team: ["team", "tổ"],
  headcount: ["headcount", "số người"], reason: ["reason", "lý do"], gas: ["gas", "khí đốt"], steam: ["steam", "hơi nước"], water: ["water", "nước"], air: ["compressed air", "khí nén"], heat: ["heat", "nhiệt"], fuel: ["fuel", "nhiên liệu"], reactive: ["reactive energy", "điện phản kháng"], export: ["export", "điện bán ra"], generation: ["generation", "điện tự phát"],
  storage_in: ["into storage", "nạp lưu trữ"], storage_out: ["out of storage", "xả lưu trữ"], inspected: ["inspected", "đã kiểm tra"], passed: ["passed", "đạt kiểm tra"], availability: ["availability", "sẵn sàng"], functional_mode: ["functional mode", "chế độ chức năng"], controller_mode: ["controller mode", "chế độ điều khiển"], wait_state: ["wait state", "trạng thái chờ"], emergency_stop: ["emergency stop", "dừng khẩn cấp"], condition: ["condition", "tình trạng"],
};
const say = (list, id, s) => (list[id] ? list[id][s.lang === "vi" ? 1 : 0] : id);
export const text = {
  en: { why: "Now", signals: "Signals", signal: "Signal", value: "Value", quality: "Quality", age: "Age", from: "Gateway, point", never: "never heard", misfit: "does not fit", trial: "in commissioning", stale: "not heard since", none: "No signal is bound to this machine.", notKnown: "not known", pieces: "by its pieces", levels: (i, r) => `idle above ${i}, runs above ${r}`, waits: (o) => `order ${o} waits`, noOrder: "no order is open", assumed: "an order is taken to be open", changeover: "a changeover", stated: "stated", last: "it was last", outside: "In commissioning: it is in no norm, no alert and no sum above it." },
  vi: { why: "Hiện tại", signals: "Tín hiệu", signal: "Tín hiệu", value: "Giá trị", quality: "Chất lượng", age: "Tuổi", from: "Gateway, điểm đo", never: "chưa từng nhận", misfit: "không khớp", trial: "đang nghiệm thu", stale: "không nghe được từ", none: "Chưa gán tín hiệu nào cho máy này.", notKnown: "chưa rõ", pieces: "theo sản phẩm", levels: (i, r) => `chờ trên ${i}, chạy trên ${r}`, waits: (o) => `lệnh ${o} đang chờ`, noOrder: "không có lệnh nào mở", assumed: "coi như có lệnh đang mở", changeover: "đổi mã hàng", stated: "đã khai", last: "trước đó", outside: "Đang nghiệm thu: không tính vào định mức, cảnh báo và tổng của cấp trên." },
};

function machine(s, y) {
  const t = text[s.lang], kw = (v) => flat(Number(v), "kW", s.lang), is = say(MACHINE, y.machine, s), value = y.value ?? t.notKnown;
  if (y.source === "map") return `${y.map} ${value}: ${is}`;
  if (y.source === "power") return `${y.power_kw === null ? t.notKnown : kw(y.power_kw)} (${t.levels(kw(y.idle_above_kw), kw(y.run_above_kw))}): ${is}`;
  if (y.source === "mtconnect") return `EXECUTION ${value} (${say(RULE, y.rule, s)}): ${is}`;
  return y.source === "counts" ? `${t.pieces}: ${is}` : "";
}
// "packml 4: idle + working time + order O-17 waits: Stopped", as the aggregator says it in English.
export function sentence(s, x) {
  const t = text[s.lang], y = x.why, told = x.asof_ms === null ? "" : machine(s, y);
  if (y.blind) return [told, `${say(BLIND, y.blind, s)}${y.blind === "silent" && y.state !== "unknown" ? `, ${t.last} ${word(y.state, s.lang)}` : ""}`].filter(Boolean).join("; ");
  const order = y.changeover ? t.changeover : !y.order_matters ? "" : !y.order_open ? t.noOrder : y.order_told ? t.waits(y.order ?? "") : t.assumed;
  const parts = [told, y.machine === "run" && y.calendar === "work" ? "" : say(CALENDAR, y.calendar, s), order].filter(Boolean).join(" + ");
  return `${parts}: ${word(y.state, s.lang)}${y.cause && y.cause !== "unstated" ? `, ${word(y.cause, s.lang)}` : ""}${y.stated ? ` (${t.stated}: ${y.stated})` : ""}`;
}
export const now = (s, x) => el("div", { class: "now", "data-key": "now" }, el("p", {}, el("b", {}, `${text[s.lang].why}: `), el("span", { class: `mark-state s-${x.stale ? "stale" : x.state}` }, sentence(s, x))),
  x.commissioning ? el("p", { class: "mark warn" }, text[s.lang].outside) : null);

function quality(s, x) {
  const t = text[s.lang];
  if (x.misfit) return el("span", { class: "mark warn" }, t.misfit);
  if (!x.quality) return el("span", { class: "soft" }, t.never);
  return el("span", { class: `mark ${x.quality === "good" ? "ok" : x.quality === "bad" ? "bad" : "warn"}` }, [say(QUALITY, x.quality, s), x.reason ? say(REASON, x.reason, s) : ""].filter(Boolean).join(": "));
}
export function signals(s, x) {
  const t = text[s.lang], unit = (r) => (r.unit ? ` ${r.unit}` : ""), number = (v) => (/^-?\d+(\.\d+)?$/.test(v) ? new Intl.NumberFormat(s.lang, { maximumFractionDigits: 3 }).format(v) : v);
  const columns = [
    { head: t.signal, cell: (r) => r.name || say(ROLE, r.role, s) },
    { head: t.value, number: true, cell: (r) => (r.value === null ? "–" : r.type === "state" ? r.value : `${number(r.value)}${unit(r)}`) },
    { head: t.quality, cell: (r) => quality(s, r) },
    { head: t.age, number: true, cell: (r) => (r.at_ms === null ? "–" : ago(s.now - r.at_ms, s.lang)) },
    { head: t.from, cell: (r) => `${r.agent} ${r.point}` },
    { head: "", cell: (r) => [r.commissioning ? t.trial : "", r.stale && r.asof_ms ? `${t.stale} ${clock(r.asof_ms, s.lang, s.zone, true)}` : ""].filter(Boolean).join(", ") || " " },
  ];
  return el("section", { class: "panel", "data-key": "signals" }, el("h2", {}, t.signals), x.signals.length ? table(t.signals, columns, x.signals) : el("p", { class: "soft" }, t.none));
}
