// What the fields of a norm are called and how their values read, as the ledger names them; and why a review says what it
// says. A test holds the lists complete against the programs.
import { date, flat, word } from "./format.js";

// By key of a field, whatever it stands in: English, Vietnamese. Those of the whole norm first.
export const FIELDS = {
  indicator: ["Indicator", "Chỉ số"], quantity: ["Quantity", "Đại lượng"], class: ["Class", "Nhóm"], kind: ["Kind", "Loại"], direction: ["What is better", "Hướng tốt"], scope: ["Holds for", "Áp dụng cho"], value: ["Value", "Giá trị"],
  low: ["Lower end", "Cận dưới"], target: ["Target", "Mục tiêu"], high: ["Upper end", "Cận trên"], unit: ["Unit", "Đơn vị"], from: ["From", "Từ ngày"], to: ["To", "Đến ngày"], origin: ["Whose", "Của ai"], binding: ["Binding", "Bắt buộc"], source: ["Issued by", "Nơi ban hành"],
  source_date: ["Issued on", "Ngày ban hành"], document: ["Document", "Văn bản"], boundary: ["What is counted in", "Phạm vi tính"], capacity_class: ["Class of machines", "Nhóm công suất"], note: ["Note", "Ghi chú"], piece_paid: ["Paid by the piece", "Trả lương sản phẩm"],
  basis: ["What it rests on", "Căn cứ"], references: ["Values beside it", "Giá trị tham chiếu"], conditions: ["What it assumes", "Điều kiện"], trial: ["Trial", "Áp dụng thử"], consultation: ["Consultation", "Lấy ý kiến"], publication: ["Publication", "Công bố"], pay: ["Pay", "Trả lương"],
  ceiling_reason: ["Why not between mean and best", "Vì sao không nằm giữa trung bình và tốt nhất"], state: ["State", "Tình trạng"], proposed_by: ["Proposed by", "Người đề xuất"], proposed: ["Proposed on", "Ngày đề xuất"], answer: ["Answer", "Trả lời"], answered_by: ["Answered by", "Người trả lời"],
  answered: ["Answered on", "Ngày trả lời"], correction: ["To be corrected", "Cần sửa"], approved_by: ["Approved by", "Người phê duyệt"], approved: ["Approved on", "Ngày phê duyệt"], withdrawn: ["Withdrawn on", "Ngày rút"], owner: ["Next step with", "Bước tiếp do"], due: ["Next step due", "Hạn bước tiếp"],
  node: ["Place", "Nơi"], product: ["Product", "Mã hàng"], operation: ["Operation", "Công đoạn"], team: ["Team", "Tổ"], method: ["Method", "Phương pháp"], n: ["Observations", "Số quan sát"], teams: ["Teams", "Số tổ"], periods: ["Periods", "Số kỳ"], mean: ["Mean", "Trung bình"], best: ["Best sustained", "Tốt nhất giữ được"],
  reach: ["Share of shifts that reach it", "Tỷ lệ ca đạt"], "conditions.owner": ["Who sees to it", "Người chịu trách nhiệm"], exclusions: ["Left out", "Bỏ ra"], reason: ["Reason", "Lý do"], date: ["Date", "Ngày"], text: ["What has to hold", "Nội dung"], evidence: ["Proved by", "Minh chứng"], normal_hours: ["Inside normal hours", "Trong giờ bình thường"],
  with: ["With whom", "Với ai"], where: ["Where", "Ở đâu"], taken: ["Really taken", "Thực tế đạt"], revised_from: ["Norm before", "Mức trước"], supplement: ["Supplement before", "Phụ cấp trước"], supplement_after: ["Supplement after", "Phụ cấp sau"], incentive_least: ["Least incentive", "Khuyến khích tối thiểu"],
};
// Words that stand as values.
export const VALUES = {
  high: ["more is better", "càng cao càng tốt"], low: ["less is better", "càng thấp càng tốt"], as_normed: ["as the norm says", "đúng theo mức"], norm: ["one value", "một giá trị"], standard: ["a band", "một khoảng"], none: ["none", "không có"], true: ["yes", "có"], false: ["no", "không"],
  statistical: ["statistics of shifts", "thống kê các ca"], calculated: ["calculated", "tính toán"], time_study: ["time study", "bấm giờ"], adopted: ["adopted", "lấy theo nơi khác"], imported: ["imported", "nhập vào"], advanced: ["advanced average", "trung bình tiên tiến"], middle: ["middle of mean and best", "giữa trung bình và tốt nhất"],
  growth: ["growth", "theo mức tăng"], maintenance: ["maintenance", "bảo dưỡng"], material: ["material", "vật tư"], procedure: ["procedure", "quy trình"], tool: ["tool", "dụng cụ"], supply: ["supply", "cung cấp"], staffing: ["staffing", "nhân lực"], safety: ["safety", "an toàn"], other: ["other", "khác"],
  keep_supplement: ["the supplement stays", "giữ phụ cấp"], keep_incentive: ["the incentive stays", "giữ khuyến khích"],
};
// The reasons of a review, in the order and words of the program.
export const REASONS = {
  "median attainment better than 110 % twice": "trung vị kết quả thực hiện tốt hơn 110 %, hai kỳ liền", "more than 90 % of the team-shifts meet it": "hơn 90 % số ca của tổ đạt mức",
  "under half of the expected reach or under 15 % meet it, twice": "chưa đến một nửa tỷ lệ đạt dự kiến hoặc dưới 15 % đạt mức, hai kỳ liền", "the product changed": "sản phẩm đã thay đổi", "the machine changed": "máy đã thay đổi", "the process changed": "quy trình đã thay đổi",
  "a superior norm changed": "mức cấp trên đã thay đổi", "effectiveness is above 100 %": "hiệu suất trên 100 %", "it is older than 12 months": "mức đã hơn 12 tháng", "too few team-shifts with coverage and conditions held": "quá ít ca của tổ có đủ độ phủ dữ liệu và điều kiện",
  "there is no norm": "chưa có mức", "it is in its first three months": "mức đang trong ba tháng đầu", "median and reach contradict each other": "trung vị và tỷ lệ đạt mâu thuẫn nhau",
};
export const reasonWord = (text, lang) => (lang === "vi" ? REASONS[text] || text : text);

const at = (lang) => (lang === "vi" ? 1 : 0);
const named = (path) => path.split(".").filter((k) => !/^\d+$/.test(k));
const own = (path, k) => FIELDS[`${path[0]}.${k}`] || FIELDS[k];
// "basis.mean", "conditions.0.text": its last name.
export const fieldWord = (path, lang) => { const of = named(path), k = of.at(-1), row = own(of, k); return row ? row[at(lang)] : k; };
// The same behind what it stands in.
export const fieldPath = (path, lang) => named(path).map((k, i, of) => fieldWord(of.slice(0, i + 1).join("."), lang)).join(": ");
const IN_UNIT = new Set(["value", "low", "target", "high", "mean", "best", "taken", "revised_from"]);
export function fieldValue(path, v, unit, s) {
  const k = path.split(".").at(-1), lang = s.lang;
  if (v === null || v === undefined || v === "") return "–";
  if (k === "indicator" || k === "class") return word(v, lang);
  if (k === "state") return word(`norm_${v}`, lang);
  if (k === "origin") return word(`origin_${v}`, lang);
  if (k === "node") return s.plant.nodes.find((n) => n.id === v)?.name || v;
  if (k === "product") return s.plant.products.find((p) => p.id === v)?.name || v;
  if (typeof v === "string" && /^\d{4}-\d\d-\d\dT/.test(v)) return date(Date.parse(v), lang, s.zone);
  const number = typeof v === "number" ? v : /^-?\d+(\.\d+)?$/.test(v) ? Number(v) : null;
  if (number !== null && IN_UNIT.has(k)) return unit === "%" ? flat(number / 100, "1", lang) : flat(number, unit, lang);
  if (number !== null && k === "reach") return flat(number, "1", lang);
  if (number !== null) return number.toLocaleString(lang);
  return VALUES[String(v)] && !["text", "note", "evidence", "owner", "source", "document", "team", "unit"].includes(k) ? VALUES[String(v)][at(lang)] : String(v);
}
