#include "notify/words.h"

const struct norm_words norm_words_english = {
    .state = {[NORM_DRAFT] = "draft",
              [NORM_PROPOSED] = "proposed",
              [NORM_TRIAL] = "on trial",
              [NORM_SUBMITTED] = "submitted for approval",
              [NORM_RETURNED] = "returned for correction",
              [NORM_APPROVED] = "approved",
              [NORM_IN_FORCE] = "in force",
              [NORM_SUPERSEDED] = "superseded",
              [NORM_WITHDRAWN] = "withdrawn"},
    .norm_class = {[CLASS_EQUIPMENT] = "equipment",
                   [CLASS_LABOUR] = "labour",
                   [CLASS_CONSUMPTION] = "consumption",
                   [CLASS_QUALITY] = "quality"},
    .verdict = {[REVIEW_KEEP] = "keep it",
                [REVIEW_TIGHTEN] = "tighten it",
                [REVIEW_LOOSEN] = "loosen it",
                [REVIEW_REVISE] = "revise it",
                [REVIEW_CREATE] = "there is none, make one",
                [REVIEW_NOT_ENOUGH_BASIS] = "not enough basis"},
    .reason = {"median attainment is better than 110 %, twice",
               "more than 90 % of the team-shifts meet it",
               "under half of the expected reach or under 15 % meet it, twice",
               "the product changed", "the machine changed", "the process changed",
               "a superior norm changed", "effectiveness is above 100 %",
               "it is older than 12 months",
               "too few team-shifts with coverage and conditions held", "there is no norm",
               "it is in its first three months", "median and reach contradict each other"},
    .subject = "[{severity}] {name}: {node_name}: {event}",
    .body = "{event}: {name}\n"
            "\n"
            "Class: {class}\n"
            "Where: {node_name} ({site}/{node})\n"
            "Product: {product}\n"
            "Team: {team}\n"
            "State: {state}\n"
            "Due: {due}\n"
            "Owner: {owner}\n"
            "Reviewed: {period}\n"
            "Verdict: {verdict}\n"
            "Why: {reasons}\n"
            "Median attainment: {value}\n"
            "Met in: {threshold} of the team-shifts\n"
            "\n"
            "{url}\n"
            "see plantbus norm due, plantbus norm review; message {id}\n"};

const struct norm_words norm_words_vietnamese = {
    .state = {[NORM_DRAFT] = "dự thảo",
              [NORM_PROPOSED] = "đã đề xuất",
              [NORM_TRIAL] = "đang áp dụng thử",
              [NORM_SUBMITTED] = "đã trình phê duyệt",
              [NORM_RETURNED] = "trả lại để chỉnh sửa",
              [NORM_APPROVED] = "đã phê duyệt",
              [NORM_IN_FORCE] = "đang áp dụng",
              [NORM_SUPERSEDED] = "đã được thay thế",
              [NORM_WITHDRAWN] = "ngừng áp dụng"},
    .norm_class = {[CLASS_EQUIPMENT] = "thiết bị",
                   [CLASS_LABOUR] = "lao động",
                   [CLASS_CONSUMPTION] = "tiêu hao",
                   [CLASS_QUALITY] = "chất lượng"},
    .verdict = {[REVIEW_KEEP] = "giữ nguyên",
                [REVIEW_TIGHTEN] = "siết mức",
                [REVIEW_LOOSEN] = "nới mức",
                [REVIEW_REVISE] = "xem xét lại mức",
                [REVIEW_CREATE] = "chưa có mức, cần lập mức",
                [REVIEW_NOT_ENOUGH_BASIS] = "chưa đủ căn cứ"},
    .reason = {"trung vị kết quả thực hiện tốt hơn 110 %, hai kỳ liền",
               "hơn 90 % số ca của tổ đạt mức",
               "chưa đến một nửa tỷ lệ đạt dự kiến hoặc dưới 15 % đạt mức, hai kỳ liền",
               "sản phẩm đã thay đổi", "máy đã thay đổi", "quy trình đã thay đổi",
               "mức cấp trên đã thay đổi", "hiệu suất trên 100 %", "mức đã hơn 12 tháng",
               "quá ít ca của tổ có đủ độ phủ dữ liệu và điều kiện", "chưa có mức",
               "mức đang trong ba tháng đầu", "trung vị và tỷ lệ đạt mâu thuẫn nhau"},
    .subject = "[{severity}] {name}: {node_name}: {event}",
    .body = "{event}: {name}\n"
            "\n"
            "Nhóm: {class}\n"
            "Nơi áp dụng: {node_name} ({site}/{node})\n"
            "Sản phẩm: {product}\n"
            "Tổ sản xuất: {team}\n"
            "Trạng thái: {state}\n"
            "Hạn: {due}\n"
            "Phụ trách: {owner}\n"
            "Kỳ rà soát: {period}\n"
            "Kết luận: {verdict}\n"
            "Lý do: {reasons}\n"
            "Trung vị kết quả thực hiện: {value}\n"
            "Số ca của tổ đạt mức: {threshold}\n"
            "\n"
            "{url}\n"
            "xem plantbus norm due, plantbus norm review; tin {id}\n"};
