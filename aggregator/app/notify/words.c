#include "notify/words.h"

const struct words words_of[WORDS_LANGUAGE_COUNT] = {
    [WORDS_ENGLISH] = {.norm = &norm_words_english,
                       .state = {[ALERT_NORMAL] = "normal",
                                 [ALERT_PENDING] = "pending",
                                 [ALERT_ACTIVE] = "active, not acknowledged",
                                 [ALERT_ACKED] = "active, acknowledged",
                                 [ALERT_RETURNED] = "back to normal, not acknowledged",
                                 [ALERT_SHELVED] = "shelved",
                                 [ALERT_SUPPRESSED] = "suppressed by an alert above",
                                 [ALERT_OUT_OF_SERVICE] = "out of service"},
                       .why = {[ALERT_WHY_REACHED] = "limit reached",
                               [ALERT_WHY_RAISED] = "higher limit reached",
                               [ALERT_WHY_LOWERED] = "back to a milder limit",
                               [ALERT_WHY_CLEARED] = "back to normal",
                               [ALERT_WHY_SCHEDULE] = "its schedule has ended",
                               [ALERT_WHY_ACKED] = "acknowledged",
                               [ALERT_WHY_ESCALATED] = "escalated: nobody acknowledged it",
                               [ALERT_WHY_REPEATED] = "reminder: not acknowledged yet",
                               [ALERT_WHY_SHELVED] = "shelved",
                               [ALERT_WHY_UNSHELVED] = "taken from the shelf",
                               [ALERT_WHY_EXPIRED] = "its time on the shelf is over",
                               [ALERT_WHY_SUPPRESSED] = "suppressed",
                               [ALERT_WHY_RELEASED] = "not suppressed any more",
                               [ALERT_WHY_DISABLED] = "taken out of service",
                               [ALERT_WHY_ENABLED] = "in service again",
                               [ALERT_WHY_CHANGED] = "its rule was changed",
                               [ALERT_WHY_GONE] = "its rule is no more",
                               [ALERT_WHY_NORM_DUE] = "a step of a norm is due soon",
                               [ALERT_WHY_NORM_ANSWER] = "a proposal waits for its answer",
                               [ALERT_WHY_NORM_OVERDUE] = "a step of a norm is overdue",
                               [ALERT_WHY_NORM_REVIEW] = "review of norms",
                               [ALERT_WHY_NORM_NEGLECTED] = "it is measured, and has no norm"},
                       .severity = {"info", "low", "medium", "high", "critical"},
                       .no_data = "no data",
                       .first_out = "first of its line",
                       .flapping = "comes and goes",
                       .flood = "many alerts at once",
                       .test = "TEST",
                       .day = "d",
                       .h = "h",
                       .min = "min",
                       .s = "s",
                       .subject = "[{severity}] {name}: {node_name}: {event}",
                       .body = "{event}: {name}\n"
                               "\n"
                               "Where: {node_name} ({site}/{node})\n"
                               "Severity: {severity}\n"
                               "State: {state}\n"
                               "At: {at}\n"
                               "Active since: {since}\n"
                               "Shelved until: {until}\n"
                               "Value: {value} {unit}\n"
                               "Limit: {threshold} {unit}\n"
                               "Note: {marks}\n"
                               "By: {who}\n"
                               "They say: {note}\n"
                               "\n"
                               "Likely cause: {cause}\n"
                               "Consequence: {consequence}\n"
                               "What to do: {action}\n"
                               "Respond within: {respond_within}\n"
                               "Owner: {owner}\n"
                               "\n"
                               "{url}\n"
                               "rule {rule}, message {id}\n",
                       .many_subject = "%zu alert messages",
                       .many_late = "These could not be told in time.\n\n",
                       .many_flood = "There are too many alerts for a message each.\n\n",
                       .many_line = "{at}  [{severity}]  {node_name}: {name}: {event}\n",
                       .many_more = "... and %zu more, see plantbus alert history\n"},
    [WORDS_VIETNAMESE] = {.norm = &norm_words_vietnamese,
                          .state = {[ALERT_NORMAL] = "bình thường",
                                    [ALERT_PENDING] = "đang chờ",
                                    [ALERT_ACTIVE] = "đang báo động, chưa xác nhận",
                                    [ALERT_ACKED] = "đang báo động, đã xác nhận",
                                    [ALERT_RETURNED] = "đã trở lại bình thường, chưa xác nhận",
                                    [ALERT_SHELVED] = "tạm gác",
                                    [ALERT_SUPPRESSED] = "bị chặn bởi báo động cấp trên",
                                    [ALERT_OUT_OF_SERVICE] = "ngừng sử dụng"},
                          .why = {[ALERT_WHY_REACHED] = "vượt ngưỡng",
                                  [ALERT_WHY_RAISED] = "vượt ngưỡng cao hơn",
                                  [ALERT_WHY_LOWERED] = "về ngưỡng nhẹ hơn",
                                  [ALERT_WHY_CLEARED] = "trở lại bình thường",
                                  [ALERT_WHY_SCHEDULE] = "hết giờ theo dõi",
                                  [ALERT_WHY_ACKED] = "đã xác nhận",
                                  [ALERT_WHY_ESCALATED] = "nâng mức: chưa ai xác nhận",
                                  [ALERT_WHY_REPEATED] = "nhắc lại: chưa ai xác nhận",
                                  [ALERT_WHY_SHELVED] = "tạm gác",
                                  [ALERT_WHY_UNSHELVED] = "thôi tạm gác",
                                  [ALERT_WHY_EXPIRED] = "hết thời gian tạm gác",
                                  [ALERT_WHY_SUPPRESSED] = "bị chặn",
                                  [ALERT_WHY_RELEASED] = "thôi bị chặn",
                                  [ALERT_WHY_DISABLED] = "ngừng sử dụng",
                                  [ALERT_WHY_ENABLED] = "sử dụng lại",
                                  [ALERT_WHY_CHANGED] = "quy tắc đã thay đổi",
                                  [ALERT_WHY_GONE] = "quy tắc không còn nữa",
                                  [ALERT_WHY_NORM_DUE] = "một bước của định mức sắp đến hạn",
                                  [ALERT_WHY_NORM_ANSWER] = "đề xuất định mức chờ trả lời",
                                  [ALERT_WHY_NORM_OVERDUE] = "một bước của định mức đã quá hạn",
                                  [ALERT_WHY_NORM_REVIEW] = "rà soát định mức",
                                  [ALERT_WHY_NORM_NEGLECTED] = "có đo nhưng chưa có mức"},
                          .severity = {"thông tin", "thấp", "trung bình", "cao", "nghiêm trọng"},
                          .no_data = "không có dữ liệu",
                          .first_out = "báo động đầu tiên của dây chuyền",
                          .flapping = "lúc có lúc không",
                          .flood = "nhiều báo động cùng lúc",
                          .test = "THỬ",
                          .day = "ngày",
                          .h = "giờ",
                          .min = "phút",
                          .s = "giây",
                          .subject = "[{severity}] {name}: {node_name}: {event}",
                          .body = "{event}: {name}\n"
                                  "\n"
                                  "Nơi xảy ra: {node_name} ({site}/{node})\n"
                                  "Mức độ: {severity}\n"
                                  "Trạng thái: {state}\n"
                                  "Lúc: {at}\n"
                                  "Báo động từ: {since}\n"
                                  "Tạm gác đến: {until}\n"
                                  "Giá trị: {value} {unit}\n"
                                  "Ngưỡng: {threshold} {unit}\n"
                                  "Lưu ý: {marks}\n"
                                  "Người thực hiện: {who}\n"
                                  "Ghi chú: {note}\n"
                                  "\n"
                                  "Nguyên nhân có thể: {cause}\n"
                                  "Hậu quả: {consequence}\n"
                                  "Việc cần làm: {action}\n"
                                  "Xử lý trong vòng: {respond_within}\n"
                                  "Phụ trách: {owner}\n"
                                  "\n"
                                  "{url}\n"
                                  "quy tắc {rule}, tin {id}\n",
                          .many_subject = "%zu tin báo động",
                          .many_late = "Các tin này không gửi được đúng lúc.\n\n",
                          .many_flood = "Có quá nhiều báo động để gửi riêng từng tin.\n\n",
                          .many_line = "{at}  [{severity}]  {node_name}: {name}: {event}\n",
                          .many_more = "... và %zu tin nữa, xem plantbus alert history\n"}};
