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
#include "ctl/measure.h"

enum { WIDTH = 160, AMOUNT = 20 };

struct printing {
    const struct json_value *answer;
    struct cells c;
    int time_width;
    bool dated, millis; /* of times of parts */
    bool persons;       /* they are told of intervals */
};

static void put(struct printing *p, const char *text) {
    cells_put(&p->c, STYLE_PLAIN, span_str(text));
}

static void put_text(struct printing *p, const char *before, const struct json_value *v,
                     const char *key) {
    const struct span text = answer_text(v, key);
    if (text.n == 0)
        return;
    put(p, before);
    cells_put(&p->c, STYLE_PLAIN, text);
}

static void end(struct printing *p) {
    cells_end(&p->c);
}

static bool is(const struct json_value *v, const char *key, const char *text) {
    return span_equal(answer_text(v, key), span_str(text));
}

/* --- amounts ------------------------------------------------------------------------------------
 */

static void put_amount(struct printing *p, const struct measure *m, int64_t v) {
    char text[MEASURE_TEXT];
    measure_text(m, v, text);
    cells_field(&p->c, STYLE_PLAIN, span_str(text), AMOUNT, true);
    put(p, *m->unit ? " " : "");
    put(p, m->unit);
}

/* An amount that stands alone. */
static void put_alone(struct printing *p, const struct json_value *v, const char *key,
                      struct span unit) {
    struct measure m = measure_for("", unit);
    const int64_t amount = answer_number(v, key);
    char text[MEASURE_TEXT];
    measure_add(&m, amount);
    measure_text(&m, amount, text);
    put(p, text);
    put(p, *m.unit ? " " : "");
    put(p, m.unit);
}

/* --- times --------------------------------------------------------------------------------------
 */

/* RFC 3339 in UTC: "2026-11-23T06:00:00.000Z". */
enum { MONTH = 5, DATE = 10, CLOCK = 11, SECONDS = 8, MILLIS = 19 };

static bool on_first_day(const struct printing *p, struct span t) {
    const struct span start = answer_text(json_find(p->answer, "window"), "start");
    return t.n >= DATE && start.n >= DATE && memcmp(t.p, start.p, DATE) == 0;
}

/* All alike: with the date if some part reaches into another day, with ms if some part needs them.
 */
static void put_time(struct printing *p, const struct json_value *v, const char *key) {
    const struct span t = answer_text(v, key);
    if (t.n <= MILLIS + 3) {
        cells_blank(&p->c, (unsigned)p->time_width);
        return;
    }
    if (p->dated) {
        cells_put(&p->c, STYLE_PLAIN, span_of(t.p + MONTH, DATE - MONTH));
        put(p, " ");
    }
    cells_put(&p->c, STYLE_PLAIN, span_of(t.p + CLOCK, SECONDS + (p->millis ? 4 : 0)));
}

/* With its date, for a sentence. */
static void put_moment(struct printing *p, const struct json_value *v, const char *key) {
    const struct span t = answer_text(v, key);
    char text[40] = "–";
    if (t.n > MILLIS)
        (void)snprintf(text, sizeof text, "%.*s %.*s", DATE, (const char *)t.p, SECONDS,
                       (const char *)t.p + CLOCK);
    put(p, text);
}

static void look_at_times(struct printing *p) {
    static const char *const keys[] = {"from", "to"};
    const struct json_value *parts = json_find(p->answer, "parts");
    for (size_t i = 0; i < json_count(parts); i++)
        for (size_t k = 0; k < 2; k++) {
            const struct span t = answer_text(json_at(parts, i), keys[k]);
            if (t.n <= MILLIS + 3)
                continue;
            p->dated = p->dated || !on_first_day(p, t);
            p->millis = p->millis || memcmp(t.p + MILLIS, ".000", 4) != 0;
        }
    p->time_width = SECONDS + (p->dated ? 6 : 0) + (p->millis ? 4 : 0);
}

/* --- parts --------------------------------------------------------------------------------------
 */

static void put_signal(struct printing *p, const struct json_value *x) {
    if (is(x, "signal", "entered"))
        put(p, "entered by people");
    else
        put_text(p, "", x, "agent");
    if (answer_text(x, "agent").n > 0)
        put_text(p, "/", x, "signal");
    if (json_find(x, "amount")) {
        put(p, ", ");
        put_alone(p, x, "amount", answer_text(x, "amount_unit"));
        put(p, " in all");
    } else {
        char text[80];
        (void)snprintf(text, sizeof text, ", from %" PRId64 " to %" PRId64,
                       answer_number(x, "before"), answer_number(x, "after"));
        put(p, text);
    }
    const struct json_value *flags = json_find(x, "flags");
    for (size_t i = 0; i < json_count(flags); i++) {
        struct span flag = {0};
        (void)json_string_of(json_at(flags, i), &flag);
        put(p, ", ");
        cells_put(&p->c, STYLE_PLAIN, flag);
    }
}

static void put_context(struct printing *p, const struct json_value *x) {
    put_text(p, "  order ", x, "order");
    put_text(p, "  product ", x, "product");
    put_text(p, "  team ", x, "team");
}

static void put_what(struct printing *p, const struct json_value *x) {
    if (is(x, "kind", "interval")) {
        put_text(p, "", x, "category");
        put_text(p, " ", x, "cause");
        put_text(p, ", ", x, "reason");
        if (is(x, "calendar", "break") || is(x, "calendar", "stop"))
            put_text(p, ", ", x, "calendar");
        if (p->persons && json_find(x, "headcount")) {
            char text[40];
            (void)snprintf(text, sizeof text, ", %" PRId64 " persons",
                           answer_number(x, "headcount"));
            put(p, text);
        }
        put_context(p, x);
    } else if (is(x, "kind", "unit")) {
        put_text(p, "", x, "unit");
    } else if (is(x, "kind", "hour")) {
        put(p, "minutes of the hour");
    } else if (is(x, "kind", "rates")) {
        put(p, "by factors and tariffs");
    } else {
        put_text(p, "", x, "kind");
        put(p, " ");
        if (json_find(x, "signal"))
            put_signal(p, x);
    }
}

static void put_span(struct printing *p, const struct json_value *x) {
    put(p, "  ");
    put_time(p, x, "from");
    put(p, "  ");
    put_time(p, x, "to");
    put(p, "  ");
}

/* Amounts of all parts of a sum are told alike. */
static struct measure measure_parts(const struct printing *p, const struct json_value *sum,
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
static void put_line(struct printing *p, struct span text, const struct measure *m, int64_t v) {
    cells_field(&p->c, STYLE_PLAIN, text, 6 + 2 * (unsigned)p->time_width, false);
    put_amount(p, m, v);
}

static void put_place(struct printing *p, const struct json_value *sum) {
    const bool above = is(sum, "numerator", "more"), below = is(sum, "denominator", "more");
    if (above || below)
        put(p, above && below ? "  in numerator and denominator"
               : above        ? "  in the numerator"
                              : "  in the denominator");
    if (answer_text(sum, "numerator").n + answer_text(sum, "denominator").n == 0)
        put(p, "  is converted by factors");
    if (is(sum, "numerator", "less"))
        put(p, "  lowers the numerator");
    if (is(sum, "denominator", "less"))
        put(p, "  lowers the denominator");
}

static void put_sum(struct printing *p, const struct json_value *sum) {
    const struct json_value *parts = json_find(p->answer, "parts");
    const struct json_value *more = json_find(p->answer, "more");
    const struct span id = answer_text(sum, "id");
    const char *key = id.n ? (const char *)id.p : "";
    const struct measure m = measure_parts(p, sum, key);
    int64_t v = 0, told = 0, added = 0;
    (void)measure_amount(&m, sum, "told", &told);
    (void)measure_amount(&m, sum, "parts", &added);
    p->persons = strncmp(key, "labour", 6) == 0;
    end(p);
    put_line(p, id, &m, told);
    put_place(p, sum);
    end(p);
    for (size_t i = 0; i < json_count(parts); i++) {
        const struct json_value *x = json_at(parts, i);
        if (!measure_amount(&m, json_find(x, "adds"), key, &v))
            continue;
        put_span(p, x);
        put_amount(p, &m, v);
        put(p, "  ");
        put_what(p, x);
        end(p);
    }
    if (measure_amount(&m, json_find(more, "adds"), key, &v)) {
        put_line(p, span_str("  others"), &m, v);
        put(p, "  see --parts");
        end(p);
    }
    if (told != added) {
        put_line(p, span_str("  parts in all"), &m, added);
        end(p);
    }
}

/* What adds nothing: time that does not count, registers that did not go on. */
static void put_left_out(struct printing *p) {
    const struct json_value *parts = json_find(p->answer, "parts");
    bool any = false;
    p->persons = false;
    for (size_t i = 0; i < json_count(parts); i++) {
        const struct json_value *x = json_at(parts, i);
        if (json_count(json_find(x, "adds")) > 0)
            continue;
        if (!any) {
            end(p);
            put(p, "adds nothing");
            end(p);
        }
        any = true;
        put_span(p, x);
        if (is(x, "kind", "interval")) {
            struct measure m = measure_for("", span_str("ms"));
            const int64_t ms = answer_number(x, "to_ms") - answer_number(x, "from_ms");
            measure_add(&m, ms);
            put_amount(p, &m, ms);
        } else {
            cells_blank(&p->c, AMOUNT);
        }
        put(p, "  ");
        put_what(p, x);
        end(p);
    }
}

/* --- the head -----------------------------------------------------------------------------------
 */

static void put_ratio(struct printing *p, const struct json_value *v, const char *key,
                      struct span unit) {
    char text[64] = "–";
    double x = 0;
    const bool percent = span_equal(unit, span_str("1"));
    if (json_double_of(json_find(v, key), &x) == ERR_OK)
        (void)snprintf(text, sizeof text, percent ? "%.1f %%" : "%.6g %.*s", percent ? x * 100 : x,
                       (int)(percent ? 0 : unit.n), percent ? "" : (const char *)unit.p);
    put(p, text);
}

static void put_part(struct printing *p, const struct json_value *i, const char *key,
                     const char *is_key) {
    char text[64] = "–";
    double x = 0;
    if (json_double_of(json_find(i, key), &x) == ERR_OK)
        (void)snprintf(text, sizeof text, "%.6g", x);
    put(p, text);
    put_text(p, " (", i, is_key);
    put(p, ")");
}

static void put_indicator(struct printing *p, const struct json_value *i) {
    const struct span unit = answer_text(i, "unit");
    put_text(p, "", p->answer, "node");
    put_text(p, "  ", i, "name");
    put(p, "  ");
    put_ratio(p, i, "value", unit);
    if (json_find(i, "low")) {
        put(p, ", possible ");
        put_ratio(p, i, "low", unit);
        put(p, " to ");
        put_ratio(p, i, "high", unit);
    }
    put_text(p, "  ", i, "reason");
    put_text(p, "  ", i, "note");
    end(p);
    put_text(p, "= ", i, "formula");
    put(p, " = ");
    put_part(p, i, "numerator", "numerator_is");
    put(p, " / ");
    put_part(p, i, "denominator", "denominator_is");
    end(p);
}

/* Of those before the one that is told now. */
static void put_past(struct printing *p, const struct json_value *list) {
    for (size_t i = 1; i < json_count(list); i++) {
        const struct json_value *r = json_at(list, i);
        char text[64];
        (void)snprintf(text, sizeof text, "  before it revision %" PRId64,
                       answer_number(r, "revision"));
        put(p, text);
        if (!is(r, "cause", "none"))
            put_text(p, ", ", r, "cause");
        put(p, ", told ");
        put_moment(p, r, "told");
        end(p);
    }
}

static void put_window(struct printing *p, const struct json_value *w) {
    char text[64];
    bool changed = false;
    put_text(p, "", w, "kind");
    put(p, " ");
    put_moment(p, w, "start");
    put(p, " to ");
    put_moment(p, w, "end");
    put_text(p, " UTC, ", w, "life");
    if (is(w, "life", "restated")) {
        (void)snprintf(text, sizeof text, ": revision %" PRId64, answer_number(w, "revision"));
        put(p, text);
        put_text(p, ", ", w, "cause");
    }
    if (answer_text(w, "told").n > 0) {
        put(p, ", told ");
        put_moment(p, w, "told");
    }
    if (json_bool_of(json_find(w, "changed"), &changed) == ERR_OK && changed)
        put(p, "; moving, the next revision is not told yet");
    put(p, "; coverage ");
    put_ratio(p, json_find(p->answer, "indicator"), "coverage", span_str("1"));
    end(p);
    put_past(p, json_find(w, "revisions"));
}

static void put_norm(struct printing *p, const struct json_value *n) {
    if (json_kind(n) == JSON_KIND_NULL) {
        put(p, "no norm");
    } else {
        const bool missed = is(p->answer, "status", "not_met");
        put(p, "norm ");
        put_ratio(p, n, "value", answer_text(json_find(p->answer, "indicator"), "unit"));
        put(p, " since ");
        put_moment(p, n, "from");
        put_text(p, ", approved by ", n, "approved_by");
        put(p, missed                               ? ": not met"
               : is(p->answer, "status", "no_data") ? ": not judged"
                                                    : ": met");
        put(p, is(p->answer, "status", "better") ? ", better than norm" : "");
    }
    end(p);
}

/* --- what it depends on -------------------------------------------------------------------------
 */

static void put_contexts(struct printing *p) {
    const struct json_value *list = json_find(p->answer, "contexts");
    const struct json_value *sums = json_find(p->answer, "sums");
    if (json_count(list) < 2)
        return;
    end(p);
    put(p, "of these");
    end(p);
    for (size_t i = 0; i < json_count(list); i++) {
        const struct json_value *adds = json_find(json_at(list, i), "adds");
        if (json_count(adds) == 0)
            continue;
        put_context(p, json_at(list, i));
        if (answer_text(json_at(list, i), "order").n + answer_text(json_at(list, i), "team").n +
                answer_text(json_at(list, i), "product").n ==
            0)
            put(p, "  without order");
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
            put(p, ", ");
            cells_put(&p->c, STYLE_PLAIN, id);
            put(p, " ");
            put(p, text);
            put(p, *m.unit ? " " : "");
            put(p, m.unit);
        }
        end(p);
    }
}

static void put_factors(struct printing *p) {
    const struct json_value *list = json_find(p->answer, "factors");
    for (size_t i = 0; i < json_count(list); i++) {
        const struct json_value *f = json_at(list, i);
        if (i == 0) {
            end(p);
            put(p, "factors in force");
            end(p);
        }
        put(p, "  ");
        cells_field(&p->c, STYLE_PLAIN, answer_text(f, "factor"), 14, false);
        put_text(p, "", f, "of");
        put_text(p, " at ", f, "unit");
        put_text(p, ": ", f, "value");
        put_text(p, " ", f, "in");
        if (answer_text(f, "from").n > 0) {
            put(p, ", since ");
            put_moment(p, f, "from");
        }
        end(p);
    }
}

static void put_entry(struct printing *p, const struct json_value *e) {
    char text[64];
    double value = 0;
    (void)snprintf(text, sizeof text, "%" PRId64 " ", answer_number(e, "entry"));
    put(p, "  ");
    put(p, text);
    put_text(p, "", e, "kind");
    if (json_double_of(json_find(e, "value"), &value) == ERR_OK) {
        (void)snprintf(text, sizeof text, " %g", value);
        put(p, text);
    }
    if (json_find(e, "divisor")) {
        (void)snprintf(text, sizeof text, "/%" PRId64, answer_number(e, "divisor"));
        put(p, text);
    }
    put_text(p, " ", e, "agent");
    put_text(p, "/", e, "point");
    put_text(p, " ", e, "text");
    put_text(p, ", ", e, "reason");
    put(p, ", from ");
    put_moment(p, e, "from");
    put(p, " to ");
    put_moment(p, e, "to");
    put_text(p, ", by ", e, "who");
    put(p, " at ");
    put_moment(p, e, "entered");
    put_text(p, ": ", e, "note");
    if (json_kind(json_find(e, "voided_by")) != JSON_KIND_NULL) {
        (void)snprintf(text, sizeof text, "; does not hold, by entry %" PRId64,
                       answer_number(e, "voided_by"));
        put(p, text);
    }
    end(p);
}

static void put_entries(struct printing *p) {
    const struct json_value *list = json_find(p->answer, "entries");
    for (size_t i = 0; i < json_count(list); i++) {
        if (i == 0) {
            end(p);
            put(p, "entered by people");
            end(p);
        }
        put_entry(p, json_at(list, i));
    }
}

static void put_verdict(struct printing *p) {
    bool adds_up = false;
    (void)json_bool_of(json_find(p->answer, "adds_up"), &adds_up);
    end(p);
    put(p, adds_up ? "The parts add up to what was told, exactly."
                   : "The parts do not add up to what was told");
    put_text(p, ": ", p->answer, "differs_because");
    end(p);
}

enum err explain_print(const struct json_value *answer, struct buf *out) {
    struct printing p = {.answer = answer, .c = {.out = out, .width = WIDTH}};
    const struct json_value *sums = json_find(answer, "sums");
    look_at_times(&p);
    put_indicator(&p, json_find(answer, "indicator"));
    put_window(&p, json_find(answer, "window"));
    put_norm(&p, json_find(answer, "norm"));
    for (size_t i = 0; i < json_count(sums); i++)
        put_sum(&p, json_at(sums, i));
    put_left_out(&p);
    put_contexts(&p);
    put_factors(&p);
    put_entries(&p);
    put_verdict(&p);
    return out->failed ? ERR_NOMEM : ERR_OK;
}
