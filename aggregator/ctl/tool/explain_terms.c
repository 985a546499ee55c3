/* What an explanation depends on: orders, factors in force, entries. */
#include <inttypes.h>
#include <stdio.h>

#include "ctl/answer.h"
#include "ctl/conditions.h"
#include "ctl/explain_impl.h"

void explain_put_contexts(struct pen *p) {
    const struct json_value *list = json_find(p->answer, "contexts");
    const struct json_value *sums = json_find(p->answer, "sums");
    if (json_count(list) < 2)
        return;
    pen_end(p);
    pen_put(p, "of these");
    pen_end(p);
    for (size_t i = 0; i < json_count(list); i++) {
        const struct json_value *adds = json_find(json_at(list, i), "adds");
        if (json_count(adds) == 0)
            continue;
        pen_context(p, json_at(list, i));
        if (answer_text(json_at(list, i), "order").n + answer_text(json_at(list, i), "team").n +
                answer_text(json_at(list, i), "product").n ==
            0)
            pen_put(p, "  without order");
        for (size_t k = 0; k < json_count(sums); k++) {
            const struct span id = answer_text(json_at(sums, k), "id");
            const char *key = id.n ? (const char *)id.p : "";
            struct measure m = measure_for(key, answer_text(json_at(sums, k), "unit"));
            char text[MEASURE_TEXT];
            int64_t v = 0;
            if (!measure_amount(&m, adds, key, &v))
                continue;
            measure_add(&m, v);
            measure_text(&m, v, text);
            pen_put(p, ", ");
            cells_put(&p->c, STYLE_PLAIN, id);
            pen_put(p, " ");
            pen_put(p, text);
            pen_put(p, *m.unit ? " " : "");
            pen_put(p, m.unit);
        }
        pen_end(p);
    }
}

void explain_put_factors(struct pen *p) {
    const struct json_value *list = json_find(p->answer, "factors");
    for (size_t i = 0; i < json_count(list); i++) {
        const struct json_value *f = json_at(list, i);
        if (i == 0) {
            pen_end(p);
            pen_put(p, "factors in force");
            pen_end(p);
        }
        pen_put(p, "  ");
        cells_field(&p->c, STYLE_PLAIN, answer_text(f, "factor"), 14, false);
        pen_text(p, "", f, "of");
        pen_text(p, " at ", f, "unit");
        pen_text(p, ": ", f, "value");
        pen_text(p, " ", f, "in");
        if (answer_text(f, "from").n > 0) {
            pen_put(p, ", since ");
            pen_moment(p, f, "from");
        }
        pen_end(p);
    }
}

static void put_entry(struct pen *p, const struct json_value *e) {
    char text[64];
    double value = 0;
    (void)snprintf(text, sizeof text, "%" PRId64 " ", answer_number(e, "entry"));
    pen_put(p, "  ");
    pen_put(p, text);
    pen_text(p, "", e, "kind");
    if (json_double_of(json_find(e, "value"), &value) == ERR_OK) {
        (void)snprintf(text, sizeof text, " %g", value);
        pen_put(p, text);
    }
    if (json_find(e, "divisor")) {
        (void)snprintf(text, sizeof text, "/%" PRId64, answer_number(e, "divisor"));
        pen_put(p, text);
    }
    pen_text(p, " ", e, "agent");
    pen_text(p, "/", e, "point");
    pen_text(p, " ", e, "text");
    pen_text(p, ", ", e, "reason");
    pen_put(p, ", from ");
    pen_moment(p, e, "from");
    pen_put(p, " to ");
    pen_moment(p, e, "to");
    pen_text(p, ", by ", e, "who");
    pen_put(p, " at ");
    pen_moment(p, e, "entered");
    pen_text(p, ": ", e, "note");
    if (json_kind(json_find(e, "voided_by")) != JSON_KIND_NULL) {
        (void)snprintf(text, sizeof text, "; does not hold, by entry %" PRId64,
                       answer_number(e, "voided_by"));
        pen_put(p, text);
    }
    pen_end(p);
}

void explain_put_entries(struct pen *p) {
    const struct json_value *list = json_find(p->answer, "entries");
    for (size_t i = 0; i < json_count(list); i++) {
        if (i == 0) {
            pen_end(p);
            pen_put(p, "entered by people");
            pen_end(p);
        }
        put_entry(p, json_at(list, i));
    }
}

void explain_put_conditions(struct pen *p) {
    const struct json_value *breaches = json_find(p->answer, "breaches"),
                            *unproven = json_find(p->answer, "unproven");
    if (json_count(breaches) + json_count(unproven) == 0)
        return;
    pen_end(p);
    pen_put(p, "conditions of norms");
    pen_end(p);
    conditions_print(p->c.out, breaches, "breached");
    conditions_print(p->c.out, unproven, "not known to be kept");
}
