/* An explanation as text: each sum, and below it the parts that add up to it. Amounts are whole
 * numbers of the smallest unit and are printed with as many places as the sum and its parts need,
 * so that a reader can add them up. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/utc.h"
#include "ctl/answer.h"
#include "ctl/cells.h"
#include "ctl/explain.h"
#include "ctl/explain_impl.h"

/* --- times --------------------------------------------------------------------------------------
 */

enum { MONTH = 5 };

static bool on_first_day(const struct pen *p, struct span t) {
    const struct span start = answer_text(json_find(p->answer, "window"), "start");
    return t.n >= PEN_DATE && start.n >= PEN_DATE && memcmp(t.p, start.p, PEN_DATE) == 0;
}

/* All alike: with the date if some part reaches into another day, with ms if some part needs them.
 */
static void put_time(struct pen *p, const struct json_value *v, const char *key) {
    const struct span t = answer_text(v, key);
    if (t.n <= PEN_MILLIS + 3) {
        cells_blank(&p->c, (unsigned)p->time_width);
        return;
    }
    if (p->dated) {
        cells_put(&p->c, STYLE_PLAIN, span_of(t.p + MONTH, PEN_DATE - MONTH));
        pen_put(p, " ");
    }
    cells_put(&p->c, STYLE_PLAIN, span_of(t.p + PEN_CLOCK, PEN_SECONDS + (p->millis ? 4 : 0)));
}

static void look_at_times(struct pen *p) {
    static const char *const keys[] = {"from", "to"};
    const struct json_value *parts = json_find(p->answer, "parts");
    for (size_t i = 0; i < json_count(parts); i++)
        for (size_t k = 0; k < 2; k++) {
            const struct span t = answer_text(json_at(parts, i), keys[k]);
            if (t.n <= PEN_MILLIS + 3)
                continue;
            p->dated = p->dated || !on_first_day(p, t);
            p->millis = p->millis || memcmp(t.p + PEN_MILLIS, ".000", 4) != 0;
        }
    p->time_width = PEN_SECONDS + (p->dated ? 6 : 0) + (p->millis ? 4 : 0);
}

/* --- parts --------------------------------------------------------------------------------------
 */

static void put_signal(struct pen *p, const struct json_value *x) {
    if (pen_is(x, "signal", "entered"))
        pen_put(p, "entered by people");
    else
        pen_text(p, "", x, "agent");
    if (answer_text(x, "agent").n > 0)
        pen_text(p, "/", x, "signal");
    if (json_find(x, "amount")) {
        pen_put(p, ", ");
        pen_alone(p, x, "amount", answer_text(x, "amount_unit"));
        pen_put(p, " in all");
    } else {
        char text[80];
        (void)snprintf(text, sizeof text, ", from %" PRId64 " to %" PRId64,
                       answer_number(x, "before"), answer_number(x, "after"));
        pen_put(p, text);
    }
    const struct json_value *flags = json_find(x, "flags");
    for (size_t i = 0; i < json_count(flags); i++) {
        struct span flag = {0};
        (void)json_string_of(json_at(flags, i), &flag);
        pen_put(p, ", ");
        cells_put(&p->c, STYLE_PLAIN, flag);
    }
}

static void put_what(struct pen *p, const struct json_value *x) {
    if (pen_is(x, "kind", "interval")) {
        pen_text(p, "", x, "category");
        pen_text(p, " ", x, "cause");
        pen_text(p, ", ", x, "reason");
        if (pen_is(x, "calendar", "break") || pen_is(x, "calendar", "stop"))
            pen_text(p, ", ", x, "calendar");
        if (p->persons && json_find(x, "headcount")) {
            char text[40];
            (void)snprintf(text, sizeof text, ", %" PRId64 " persons",
                           answer_number(x, "headcount"));
            pen_put(p, text);
        }
        pen_context(p, x);
    } else if (pen_is(x, "kind", "unit")) {
        pen_text(p, "", x, "unit");
    } else if (pen_is(x, "kind", "hour")) {
        pen_put(p, pen_is(p->answer, "from", "quarters") ? "the hour as it is kept"
                                                         : "minutes of the hour");
    } else if (pen_is(x, "kind", "rates")) {
        pen_put(p, "by factors and tariffs");
    } else {
        pen_text(p, "", x, "kind");
        pen_put(p, " ");
        if (json_find(x, "signal"))
            put_signal(p, x);
    }
}

static void put_span(struct pen *p, const struct json_value *x) {
    pen_put(p, "  ");
    put_time(p, x, "from");
    pen_put(p, "  ");
    put_time(p, x, "to");
    pen_put(p, "  ");
}

/* Amounts of all parts of a sum are told alike. */
static struct measure measure_parts(const struct pen *p, const struct json_value *sum,
                                    const char *key) {
    const struct json_value *parts = json_find(p->answer, "parts");
    struct measure m = measure_for(key, answer_text(sum, "unit"));
    int64_t v = 0;
    if (measure_amount(&m, sum, "told", &v))
        measure_add(&m, v);
    if (measure_amount(&m, sum, "parts", &v))
        measure_add(&m, v);
    for (size_t i = 0; i < json_count(parts); i++)
        if (measure_amount(&m, json_find(json_at(parts, i), "adds"), key, &v))
            measure_add(&m, v);
    if (measure_amount(&m, json_find(json_find(p->answer, "more"), "adds"), key, &v))
        measure_add(&m, v);
    return m;
}

/* A line that is no part's. */
static void put_line(struct pen *p, struct span text, const struct measure *m, int64_t v) {
    cells_field(&p->c, STYLE_PLAIN, text, 6 + 2 * (unsigned)p->time_width, false);
    pen_amount(p, m, v);
}

static void put_place(struct pen *p, const struct json_value *sum) {
    const bool above = pen_is(sum, "numerator", "more"), below = pen_is(sum, "denominator", "more");
    if (above || below)
        pen_put(p, above && below ? "  in numerator and denominator"
                   : above        ? "  in the numerator"
                                  : "  in the denominator");
    if (answer_text(sum, "numerator").n + answer_text(sum, "denominator").n == 0)
        pen_put(p, "  is converted by factors");
    if (pen_is(sum, "numerator", "less"))
        pen_put(p, "  lowers the numerator");
    if (pen_is(sum, "denominator", "less"))
        pen_put(p, "  lowers the denominator");
}

static void put_sum(struct pen *p, const struct json_value *sum) {
    const struct json_value *parts = json_find(p->answer, "parts");
    const struct json_value *more = json_find(p->answer, "more");
    const struct span id = answer_text(sum, "id");
    const char *key = id.n ? (const char *)id.p : "";
    const struct measure m = measure_parts(p, sum, key);
    int64_t v = 0, told = 0, added = 0;
    (void)measure_amount(&m, sum, "told", &told);
    (void)measure_amount(&m, sum, "parts", &added);
    p->persons = strncmp(key, "labour", 6) == 0;
    pen_end(p);
    put_line(p, id, &m, told);
    put_place(p, sum);
    pen_end(p);
    for (size_t i = 0; i < json_count(parts); i++) {
        const struct json_value *x = json_at(parts, i);
        if (!measure_amount(&m, json_find(x, "adds"), key, &v))
            continue;
        put_span(p, x);
        pen_amount(p, &m, v);
        pen_put(p, "  ");
        put_what(p, x);
        pen_end(p);
    }
    if (measure_amount(&m, json_find(more, "adds"), key, &v)) {
        put_line(p, span_str("  others"), &m, v);
        pen_put(p, "  see --parts");
        pen_end(p);
    }
    if (told != added) {
        put_line(p, span_str("  parts in all"), &m, added);
        pen_end(p);
    }
}

/* What adds nothing: time that does not count, registers that did not go on. */
static void put_left_out(struct pen *p) {
    const struct json_value *parts = json_find(p->answer, "parts");
    bool any = false;
    p->persons = false;
    for (size_t i = 0; i < json_count(parts); i++) {
        const struct json_value *x = json_at(parts, i);
        if (json_count(json_find(x, "adds")) > 0)
            continue;
        if (!any) {
            pen_end(p);
            pen_put(p, "adds nothing");
            pen_end(p);
        }
        any = true;
        put_span(p, x);
        if (pen_is(x, "kind", "interval")) {
            struct measure m = measure_for("", span_str("ms"));
            const int64_t ms = answer_number(x, "to_ms") - answer_number(x, "from_ms");
            measure_add(&m, ms);
            pen_amount(p, &m, ms);
        } else {
            cells_blank(&p->c, PEN_AMOUNT);
        }
        pen_put(p, "  ");
        put_what(p, x);
        pen_end(p);
    }
}

/* --- the head -----------------------------------------------------------------------------------
 */

static void put_part(struct pen *p, const struct json_value *i, const char *key,
                     const char *is_key) {
    char text[64] = "–";
    double x = 0;
    if (json_double_of(json_find(i, key), &x) == ERR_OK)
        (void)snprintf(text, sizeof text, "%.6g", x);
    pen_put(p, text);
    pen_text(p, " (", i, is_key);
    pen_put(p, ")");
}

static void put_indicator(struct pen *p, const struct json_value *i) {
    const struct span unit = answer_text(i, "unit");
    pen_text(p, "", p->answer, "node");
    pen_text(p, "  ", i, "name");
    pen_put(p, "  ");
    pen_ratio(p, i, "value", unit);
    if (json_find(i, "low")) {
        pen_put(p, ", possible ");
        pen_ratio(p, i, "low", unit);
        pen_put(p, " to ");
        pen_ratio(p, i, "high", unit);
    }
    pen_text(p, "  ", i, "reason");
    pen_text(p, "  ", i, "note");
    pen_end(p);
    pen_text(p, "= ", i, "formula");
    pen_put(p, " = ");
    put_part(p, i, "numerator", "numerator_is");
    pen_put(p, " / ");
    put_part(p, i, "denominator", "denominator_is");
    pen_end(p);
}

/* Of those before the one that is told now. */
static void put_past(struct pen *p, const struct json_value *list) {
    for (size_t i = 1; i < json_count(list); i++) {
        const struct json_value *r = json_at(list, i);
        char text[64];
        (void)snprintf(text, sizeof text, "  before it revision %" PRId64,
                       answer_number(r, "revision"));
        pen_put(p, text);
        if (!pen_is(r, "cause", "none"))
            pen_text(p, ", ", r, "cause");
        pen_put(p, ", told ");
        pen_moment(p, r, "told");
        pen_end(p);
    }
}

static void put_window(struct pen *p, const struct json_value *w) {
    char text[64];
    bool changed = false;
    pen_text(p, "", w, "kind");
    pen_put(p, " ");
    pen_moment(p, w, "start");
    pen_put(p, " to ");
    pen_moment(p, w, "end");
    pen_text(p, " UTC, ", w, "life");
    if (pen_is(w, "life", "restated")) {
        (void)snprintf(text, sizeof text, ": revision %" PRId64, answer_number(w, "revision"));
        pen_put(p, text);
        pen_text(p, ", ", w, "cause");
    }
    if (answer_text(w, "told").n > 0) {
        pen_put(p, ", told ");
        pen_moment(p, w, "told");
    }
    if (json_bool_of(json_find(w, "changed"), &changed) == ERR_OK && changed)
        pen_put(p, "; moving, the next revision is not told yet");
    pen_put(p, "; coverage ");
    pen_ratio(p, json_find(p->answer, "indicator"), "coverage", span_str("1"));
    pen_end(p);
    put_past(p, json_find(w, "revisions"));
}

static void put_norm(struct pen *p, const struct json_value *n) {
    if (json_kind(n) == JSON_KIND_NULL) {
        pen_put(p, "no norm");
    } else {
        const bool missed = pen_is(p->answer, "status", "not_met");
        pen_put(p, "norm ");
        pen_ratio(p, n, "value", answer_text(json_find(p->answer, "indicator"), "unit"));
        pen_put(p, " since ");
        pen_moment(p, n, "from");
        pen_text(p, ", approved by ", n, "approved_by");
        pen_put(p, missed                                   ? ": not met"
                   : pen_is(p->answer, "status", "no_data") ? ": not judged"
                                                            : ": met");
        pen_put(p, pen_is(p->answer, "status", "better") ? ", better than norm" : "");
    }
    pen_end(p);
}

static void put_verdict(struct pen *p) {
    bool adds_up = false;
    (void)json_bool_of(json_find(p->answer, "adds_up"), &adds_up);
    pen_end(p);
    pen_put(p, adds_up ? "The parts add up to what was told, exactly."
                       : "The parts do not add up to what was told");
    pen_text(p, ": ", p->answer, "differs_because");
    pen_end(p);
}

enum err explain_print(const struct json_value *answer, struct buf *out) {
    struct pen p = {.answer = answer, .c = {.out = out, .width = PEN_WIDTH}};
    const struct json_value *sums = json_find(answer, "sums");
    look_at_times(&p);
    put_indicator(&p, json_find(answer, "indicator"));
    put_window(&p, json_find(answer, "window"));
    put_norm(&p, json_find(answer, "norm"));
    for (size_t i = 0; i < json_count(sums); i++)
        put_sum(&p, json_at(sums, i));
    put_left_out(&p);
    explain_put_contexts(&p);
    explain_put_factors(&p);
    explain_put_entries(&p);
    explain_put_conditions(&p);
    put_verdict(&p);
    return out->failed ? ERR_NOMEM : ERR_OK;
}
