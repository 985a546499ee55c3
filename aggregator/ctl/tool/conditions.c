#include "ctl/conditions.h"

#include "ctl/answer.h"

/* What proves it: "by signal head-temp of weld-1: 31.4 degC > 30 degC". */
static void put_evidence(struct buf *out, const struct json_value *b) {
    const struct span by = answer_text(b, "by"), gauge = answer_text(b, "gauge"),
                      at = answer_text(b, "at"), in = answer_text(b, "shown_in"),
                      passes = answer_text(b, "passes");
    double value = 0, limit = 0;
    if (gauge.n == 0) {
        (void)buf_addf(out, ", by %.*s\n", (int)by.n, (const char *)by.p);
        return;
    }
    (void)buf_addf(out, ", by signal %.*s of %.*s", (int)gauge.n, (const char *)gauge.p, (int)at.n,
                   (const char *)at.p);
    if (json_double_of(json_find(b, "value"), &value) == ERR_OK &&
        json_double_of(json_find(b, "limit"), &limit) == ERR_OK)
        (void)buf_addf(out, ": %.10g%s%.*s %s %.10g%s%.*s", value, in.n ? " " : "", (int)in.n,
                       (const char *)in.p, span_equal(passes, span_str("high")) ? ">" : "<", limit,
                       in.n ? " " : "", (int)in.n, (const char *)in.p);
    (void)buf_add_byte(out, '\n');
}

void conditions_print(struct buf *out, const struct json_value *list, const char *what) {
    for (size_t i = 0; i < json_count(list); i++) {
        const struct json_value *b = json_at(list, i);
        const struct span from = answer_text(b, "from"), to = answer_text(b, "to"),
                          name = answer_text(b, "condition"), kind_name = answer_text(b, "kind"),
                          owner = answer_text(b, "owner");
        if (from.n <= 16 || to.n <= 16)
            continue;
        (void)buf_addf(out, "%.10s %.5s to %.5s condition %.*s %s (%.*s; %.*s)",
                       (const char *)from.p, (const char *)from.p + 11, (const char *)to.p + 11,
                       (int)name.n, (const char *)name.p, what, (int)kind_name.n,
                       (const char *)kind_name.p, (int)owner.n, (const char *)owner.p);
        put_evidence(out, b);
    }
}
