// The System room: how what measures the plant is doing. Gateways, the way to the database and to people, the store.
import { el } from "./dom.js";
import { ago, count, moment, word } from "./format.js";
import { table } from "./table.js";
import { fileOf } from "./links.js";
import { may } from "./login.js";

export const text = {
  en: {
    gateways: "Gateways", none: "No gateway has been heard yet.", online: "connected", offline: "not connected", draining: "catches up", clone: "two with one name", unheard: "not known", noBroker: "No connection to the broker: nothing is heard of gateways, what stands here is of before.",
    gateway: "Gateway", link: "Link", behind: "Data up to", waits: "Waits there", readings: "Readings", refused: "Refused", again: "Heard twice",
    gaps: "Gaps", unexplained: "Unexplained steps", lost: "Given up", clock: "Clock ahead", points: "Signals", sources: "Sources", source: "Source", kind: "Kind", well: "in order", trouble: "not in order", over: "read to its end", unknown: "not known", devices: "Devices", ofAll: (n, all) => `${n} of ${all}`, timeBy: "Time by", device: "the device", gatewayTime: "the gateway", both: "both", asked: "Asked", errors: "Errors", reconnects: "Reconnects", before: (x) => `${x} ago`, untold: (n) => `${n} more are not known here.`, words: { waiting: "waits", failed: "failed", starting: "starts", asking: "asks what there is", connected: "connected", ending: "ends" }, noSources: "does not tell of its sources", wrongFile: "refused its new configuration:", ways: "Ways out", name: "Name", state: "State", rows: "Told", retries: "Retries", dead: "Dead letters",
    lastOk: "Last success", backlog: "Waits", store: "Store and process", version: "Version", up: "Runs for", commits: "Commits", failures: "Failed commits", slow: "Slowest commit", turn: "Longest turn of the loop",
    dirty: "Units to be computed", unassigned: "Signals without a place", misfits: "Signals that do not fit", lag: "Lag", signal: "Signal", type: "Type", seen: "Last read", never: "never", raw: "Raw value", trial: "In commissioning", trialWhy: "These are shown, and count only from their acceptance on.", unit: "Machine", role: "As", accepted: "Counts from", notYet: "not accepted yet", begun: "Since", looseWhy: "The gateways tell of these, and the plant file gives them no place: they are in no figure. plantbus adopt prints lines for it.", since: (at) => `in force since ${at}`, differs: (at) => `another one lies on disk since ${at}`, refusedFiles: (n) => `refused ${n} times`, noWays: "No database and no channel is configured.", file: "Configuration", audit: "Who did what", kb: (n) => `${n} KiB`, ms: (n) => `${n} ms`,
  },
  vi: {
    gateways: "Gateway", none: "Chưa nhận được tín hiệu từ gateway nào.", online: "đang kết nối", offline: "mất kết nối", draining: "đang gửi bù", clone: "hai gateway trùng tên", unheard: "chưa rõ", noBroker: "Mất kết nối với broker: không nghe được gateway nào, số liệu dưới đây là của trước đó.",
    gateway: "Gateway", link: "Kết nối", behind: "Dữ liệu đến", waits: "Chờ gửi", readings: "Số đọc", refused: "Bị từ chối", again: "Trùng lặp",
    gaps: "Khoảng trống", unexplained: "Bước không giải thích được", lost: "Đã bỏ", clock: "Đồng hồ nhanh", points: "Tín hiệu", sources: "Nguồn", source: "Nguồn", kind: "Loại", well: "bình thường", trouble: "có vấn đề", over: "đã đọc hết", unknown: "chưa rõ", devices: "Thiết bị", ofAll: (n, all) => `${n} trên ${all}`, timeBy: "Giờ của", device: "thiết bị", gatewayTime: "gateway", both: "cả hai", asked: "Đã hỏi", errors: "Lỗi", reconnects: "Kết nối lại", before: (x) => `${x} trước`, untold: (n) => `Còn ${n} nguồn chưa rõ.`, words: { waiting: "đang chờ", failed: "hỏng", starting: "đang khởi động", asking: "đang hỏi thiết bị", connected: "đã kết nối", ending: "đang kết thúc" }, noSources: "không báo về các nguồn", wrongFile: "từ chối cấu hình mới:", ways: "Đường ra", name: "Tên", state: "Tình trạng", rows: "Đã gửi", retries: "Gửi lại", dead: "Thư chết",
    lastOk: "Thành công gần nhất", backlog: "Đang chờ", store: "Kho dữ liệu và tiến trình", version: "Phiên bản", up: "Đã chạy", commits: "Lần ghi", failures: "Lần ghi hỏng", slow: "Lần ghi chậm nhất", turn: "Vòng lặp dài nhất",
    dirty: "Máy đang chờ tính", unassigned: "Tín hiệu chưa có chỗ", misfits: "Tín hiệu không khớp", lag: "Độ trễ", signal: "Tín hiệu", type: "Kiểu", seen: "Đọc lần cuối", never: "chưa từng", raw: "Giá trị thô", trial: "Đang nghiệm thu", trialWhy: "Được hiển thị, chỉ tính vào số liệu từ lúc nghiệm thu.", unit: "Máy", role: "Vai trò", accepted: "Tính từ", notYet: "chưa nghiệm thu", begun: "Từ lúc", looseWhy: "Gateway có báo, nhưng tệp nhà máy chưa gán chỗ: không tính vào số liệu nào. Lệnh plantbus adopt in sẵn các dòng cần thêm.", since: (at) => `áp dụng từ ${at}`, differs: (at) => `trên đĩa có bản khác từ ${at}`, refusedFiles: (n) => `bị từ chối ${n} lần`, noWays: "Chưa cấu hình cơ sở dữ liệu hay kênh báo nào.", file: "Cấu hình", audit: "Ai đã làm gì", kb: (n) => `${n} KiB`, ms: (n) => `${n} ms`,
  },
};
const BEHIND_MS = 30000;
export const every = 2000;
export const key = () => "status";
export async function load(s, ask) {
  const [status, list] = await Promise.all([ask("status"), ask("unassigned")]);
  return { ...status, loose: list.unassigned };
}

// What waits at a gateway; when it is more than what is on its way at any time, against the most that waited since the room
// was opened: how far it has come.
function backlog(s, a, local) {
  local.most ??= {};
  const most = (local.most[a.id] = Math.max(local.most[a.id] || 0, a.backlog_bytes)), kb = text[s.lang].kb(count(Math.ceil(a.backlog_bytes / 1024), s.lang));
  if (!a.draining && !(a.lag_ms > BEHIND_MS)) { local.most[a.id] = 0; return kb; }
  return el("span", {}, el("meter", { min: 0, max: Math.max(1, most), value: most - a.backlog_bytes, "aria-label": `${text[s.lang].waits} ${kb}` }), ` ${kb}`);
}
const wrong = (n, shown) => (n ? el("span", { class: "mark warn" }, shown) : shown);
function gateways(s, data, local) {
  const t = text[s.lang], n = (x) => count(x, s.lang);
  const cut = data.broker && !data.broker.connected, state = (a) => (cut ? ["warn", t.unheard] : a.clones ? ["bad", t.clone] : !a.online ? ["bad", t.offline] : a.draining ? ["warn", t.draining] : ["ok", t.online]);
  const reasons = (a) => Object.entries(a.refused_by || {}).map(([why, k]) => `${word(why, s.lang)}: ${n(k)}`).join(", ");
  const columns = [
    { head: t.gateway, cell: (a) => a.id },
    { head: t.link, cell: (a) => el("span", { class: `mark ${state(a)[0]}` }, state(a)[1]) },
    { head: t.behind, cell: (a) => (a.asof_ms === null ? "–" : moment(a.asof_ms, s.now, s.lang, s.zone)) },
    { head: t.lag, number: true, cell: (a) => (a.lag_ms === null ? "–" : wrong(a.lag_ms > BEHIND_MS, ago(a.lag_ms, s.lang))) },
    { head: t.waits, number: true, class: "backlog", cell: (a) => backlog(s, a, local) },
    { head: t.points, number: true, cell: (a) => n(a.points) },
    { head: t.readings, number: true, cell: (a) => n(a.readings) },
    { head: t.again, number: true, cell: (a) => n(a.duplicates) },
    { head: t.refused, number: true, cell: (a) => el("span", { title: reasons(a) }, n(a.refused)) },
    { head: t.gaps, number: true, cell: (a) => wrong(a.gaps, n(a.gaps)) },
    { head: t.unexplained, number: true, cell: (a) => wrong(a.unexplained, n(a.unexplained)) },
    { head: t.lost, number: true, cell: (a) => wrong(a.given_up, n(a.given_up)) },
    { head: t.clock, number: true, cell: (a) => wrong(a.clock_ahead_ms > 2000, t.ms(n(a.clock_ahead_ms))) },
  ];
  return [el("h2", {}, t.gateways), cut ? el("p", { class: "problem", role: "status" }, t.noBroker) : null, data.agents.length ? table(t.gateways, columns, data.agents) : el("p", { class: "soft" }, t.none)].filter(Boolean);
}

// How the sources of the gateways do, as these told; what is old says so and is never in order.
function sources(s, data) {
  const t = text[s.lang], n = (x) => count(x, s.lang), cut = data.broker && !data.broker.connected;
  const rows = data.agents.flatMap((a) => (a.sources?.list || []).map((x) => ({ ...x, agent: a.id, verdict: cut ? "unknown" : x.verdict })));
  const mark = { well: "ok", trouble: "bad", over: "soft", unknown: "warn" }, by = { device: t.device, gateway: t.gatewayTime, both: t.both };
  const told = (x) => [t[x.verdict], x.verdict === "unknown" ? t.before(ago(x.told_ms_ago, s.lang)) : x.verdict === "trouble" ? (t.words[x.state] ?? x.state) : "", x.detail].filter(Boolean).join(": ");
  const reasons = (x) => Object.entries(x.refused_by).map(([why, k]) => `${word(why, s.lang)}: ${n(k)}`).join(", ");
  const columns = [
    { head: t.source, cell: (x) => `${x.agent} / ${x.id}` },
    { head: t.kind, cell: (x) => x.kind },
    { head: t.state, cell: (x) => el("span", { class: `mark ${mark[x.verdict]}` }, told(x)) },
    { head: t.devices, number: true, cell: (x) => (x.devices ? wrong(x.devices_silent, t.ofAll(n(x.devices - x.devices_silent), n(x.devices))) : "–") },
    { head: t.timeBy, cell: (x) => by[x.time_by] ?? "–" },
    { head: t.points, number: true, cell: (x) => n(x.points) },
    { head: t.readings, number: true, cell: (x) => n(x.readings) },
    { head: t.refused, number: true, cell: (x) => (x.refused ? el("span", {}, wrong(x.refused, n(x.refused)), ` ${reasons(x)}`) : n(0)) },
    { head: t.asked, number: true, cell: (x) => n(x.requests) },
    { head: t.errors, number: true, cell: (x) => n(x.errors) },
    { head: t.reconnects, number: true, cell: (x) => n(x.reconnects) },
  ];
  const notes = data.agents.flatMap((a) => {
    const x = a.sources, more = x ? x.total - x.list.length : 0;
    return [x ? null : `${a.id} ${t.noSources}.`, x?.wrong ? `${a.id} ${t.wrongFile} ${x.wrong}` : null, more > 0 ? `${a.id}: ${t.untold(n(more))}` : null].filter(Boolean);
  });
  return [el("section", { class: "panel" }, el("h2", {}, t.sources), rows.length ? table(t.sources, columns, rows, (x) => ({ "data-key": `${x.agent}/${x.id}` })) : null, ...notes.map((x) => el("p", { class: "soft" }, x)))];
}

function ways(s, data) {
  const t = text[s.lang], n = (x) => count(x, s.lang), at = (ms) => (ms === null || ms === undefined ? "–" : moment(ms, s.now, s.lang, s.zone));
  const all = [...data.sinks.map((x) => ({ ...x, done: x.rows, waiting: x.backlog_rows })), ...(data.channels || []).map((x) => ({ ...x, done: x.told }))];
  const columns = [
    { head: t.name, cell: (x) => x.name },
    { head: t.state, cell: (x) => el("span", { class: `mark ${x.state === "ok" ? "ok" : "warn"}` }, [word(x.state, s.lang), x.detail].filter(Boolean).join(": ")) },
    { head: t.rows, number: true, cell: (x) => n(x.done) },
    { head: t.backlog, number: true, cell: (x) => n(x.waiting) },
    { head: t.retries, number: true, cell: (x) => n(x.retries) },
    { head: t.dead, number: true, cell: (x) => n(x.dead) },
    { head: t.lastOk, cell: (x) => at(x.last_ok_ms) },
  ];
  return [el("h2", {}, t.ways), all.length ? table(t.ways, columns, all) : el("p", { class: "soft" }, t.noWays)];
}

// Since when the files in force are so, and whether what lies on disk is another.
function conf(s, c) {
  if (!c) return "–";
  const t = text[s.lang], at = (ms) => moment(ms, s.now, s.lang, s.zone);
  return [t.since(at(c.since_ms)), c.differs_ms ? t.differs(at(c.differs_ms)) : "", c.refused ? t.refusedFiles(count(c.refused, s.lang)) : ""].filter(Boolean).join("; ");
}
function loose(s, data) {
  const t = text[s.lang], columns = [{ head: t.gateway, cell: (x) => x.agent }, { head: t.signal, cell: (x) => x.point }, { head: t.type, cell: (x) => x.type }, { head: t.seen, cell: (x) => (x.t_ms ? moment(x.t_ms, s.now, s.lang, s.zone) : t.never) }, { head: t.raw, number: true, cell: (x) => x.raw ?? "–" }];
  return data.loose.length ? [el("section", { class: "panel" }, el("h2", {}, `${t.unassigned} · ${count(data.loose.length, s.lang)}`), el("p", { class: "soft" }, t.looseWhy), table(t.unassigned, columns, data.loose))] : [];
}
function trials(s, data) {
  const t = text[s.lang], all = data.commissioning, at = (ms, none) => (ms ? moment(ms, s.now, s.lang, s.zone) : none);
  const columns = [{ head: t.unit, cell: (x) => s.plant.nodes.find((n) => n.id === x.unit)?.name || x.unit }, { head: t.role, cell: (x) => x.role || "–" }, { head: t.gateway, cell: (x) => x.agent || "–" }, { head: t.signal, cell: (x) => x.point || "–" },
    { head: t.begun, cell: (x) => at(x.since_ms, "–") }, { head: t.accepted, cell: (x) => at(x.accepted_ms, t.notYet) }];
  return all.length ? [el("section", { class: "panel", "data-key": "trials" }, el("h2", {}, `${t.trial} · ${count(data.commissioning_n, s.lang)}`), el("p", { class: "soft" }, t.trialWhy), table(t.trial, columns, all))] : [];
}
function process(s, data) {
  const t = text[s.lang], n = (x) => count(x, s.lang), store = data.store || {};
  const rows = [[t.version, data.version], [t.up, ago(data.uptime_ms, s.lang)], [t.commits, n(store.commits)], [t.failures, n(store.failures)],
    [t.slow, t.ms(n(Math.round((store.max_commit_us || 0) / 1000)))], [t.turn, t.ms(n(Math.round(data.loop_max_us / 1000)))],
    [t.dirty, n(data.dirty_units)], [t.misfits, n(data.misfits)], [t.file, conf(s, data.configuration)]];
  return [el("h2", {}, t.store), el("dl", { class: "facts" }, ...rows.flatMap(([k, v]) => [el("dt", {}, k), el("dd", {}, v ?? "–")]))];
}

export const draw = (s, data, local) => [el("section", { class: "panel" }, ...gateways(s, data, local)), ...(data.agents.length ? sources(s, data) : []), el("section", { class: "panel" }, ...ways(s, data)),
  el("section", { class: "panel" }, ...process(s, data)), ...trials(s, data), ...loose(s, data), may("audit") ? fileOf(s, text[s.lang].audit, "audit", { limit: 500 }) : null].filter(Boolean);
