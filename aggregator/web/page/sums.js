// The names of the sums that indicators are quotients of, composed of what they add up and of what part of it.
import { word } from "./format.js";

const BASE = {
  pq: ["pieces", "sản phẩm"], gq: ["good pieces", "sản phẩm đạt"], sq: ["scrap pieces", "phế phẩm"], rq: ["reworked pieces", "hàng sửa lại"], labour: ["labour", "công lao động"], labour_time: ["time with people", "thời gian có người"],
  work: ["time of orders", "thời gian theo lệnh"], material: ["material", "vật tư"], failures: ["failures begun", "lần hỏng"], stops: ["stops begun", "lần dừng"], repairs: ["failures ended", "lần khắc phục xong"], repair_time: ["time failed", "thời gian hỏng"],
  order_time: ["order time", "thời gian thực hiện lệnh"], inspected: ["inspected pieces", "sản phẩm đã kiểm tra"], first_good: ["passed at first", "đạt ngay lần đầu"], total_energy: ["energy of all carriers", "năng lượng tổng hợp"], co2: ["CO2", "CO2"],
  reactive: ["reactive energy", "điện năng phản kháng"], gas: ["gas", "khí đốt"], steam: ["steam", "hơi nước"], water: ["water", "nước"], air: ["compressed air", "khí nén"], heat: ["heat", "nhiệt"], fuel: ["fuel", "nhiên liệu"], energy: ["energy", "điện năng"],
  time: ["time", "thời gian"], delay: ["stopped", "dừng"], cost: ["cost", "chi phí"], bought: ["bought", "điện mua"], import: ["bought at the meter", "điện nhận"], export: ["given away", "điện phát ra"], generation: ["generated", "điện tự phát"],
  planned_scrap: ["planned scrap", "phế phẩm kế hoạch"], manned: ["people there", "người có mặt"], manning_norm: ["people by norm", "người theo định biên"], priced: ["earned time", "thời gian định mức"], earned: ["earned time", "thời gian định mức"], breach: ["conditions not kept", "điều kiện không đạt"],
};
const PART = {
  due: ["that should have been read", "lẽ ra phải đọc"], seen: ["that was read", "đã đọc được"], unknown: ["no data", "không có dữ liệu"], production: ["running", "khi chạy"], idle: ["not running", "khi không chạy"], peak: ["peak", "giờ cao điểm"],
  normal: ["normal", "giờ bình thường"], low: ["low", "giờ thấp điểm"], special: ["special", "giờ đặc biệt"], unrated: ["without a factor", "chưa có hệ số"], gap: ["in a gap", "trong khoảng trống"],
};
export function sumWord(id, lang) {
  const at = lang === "vi" ? 1 : 0;
  if (BASE[id]) return BASE[id][at];
  const head = Object.keys(BASE).filter((k) => id.startsWith(`${k}_`)).sort((a, b) => b.length - a.length)[0];
  if (!head) return word(id, lang);
  const rest = id.slice(head.length + 1);
  return `${BASE[head][at]}: ${PART[rest] ? PART[rest][at] : word(rest, lang).toLocaleLowerCase(lang)}`;
}
