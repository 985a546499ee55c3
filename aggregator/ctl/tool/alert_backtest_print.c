/* A back-test for people: what each rule did, where, and how it could be quieter. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "alertfile/threshold.h"
#include "base/utc.h"
#include "ctl/alert.h"
#include "ctl/answer.h"

enum { NODES_SHOWN = 20 };

static void put_span(struct buf *out, int64_t ms) {
    const int64_t minutes = ms / UTC_MINUTE_MS;
    if (minutes < 120)
        (void)buf_addf(out, "%" PRId64 " min", minutes);
    else
        (void)buf_addf(out, "%" PRId64 " h %02" PRId64 " min", minutes / 60, minutes % 60);
}

static void put_text(struct buf *out, const struct json_value *v, const char *key) {
    const struct span s = answer_text(v, key);
    (void)buf_addf(out, "%.*s", (int)s.n, s.n ? (const char *)s.p : "");
}

static void put_figures(struct buf *out, const struct json_value *v) {
    const int64_t n = answer_number(v, "firings"), open = answer_number(v, "active_at_end");
    if (n == 0) {
        (void)buf_add_str(out, "never");
        return;
    }
    (void)buf_addf(out, "%" PRId64 " firing%s, %" PRId64 " under 2 min, active for ", n,
                   n == 1 ? "" : "s", answer_number(v, "short"));
    put_span(out, answer_number(v, "active_ms"));
    (void)buf_add_str(out, ", the longest ");
    put_span(out, answer_number(v, "longest_ms"));
    (void)buf_add_str(out, " (");
    put_text(out, v, "longest_at");
    (void)buf_add_byte(out, ')');
    if (open)
        (void)buf_addf(out, ", %" PRId64 " still active", open);
}

static double number(const struct json_value *v, const char *key) {
    double x = NAN;
    (void)json_double_of(json_find(v, key), &x);
    return x;
}

static void put_level(struct buf *out, const struct json_value *rule, double value) {
    char unit[64], text[64];
    const struct span u = answer_text(rule, "unit");
    (void)snprintf(unit, sizeof unit, "%.*s", (int)u.n, u.n ? (const char *)u.p : "");
    threshold_format(value, unit, span_equal(answer_text(rule, "condition"), span_str("rate")),
                     text);
    (void)buf_add_str(out, text);
}

static void put_suggestion(struct buf *out, const struct json_value *rule) {
    const struct json_value *s = json_find(rule, "suggestion"), *then = json_find(s, "then");
    if (!s)
        return;
    if (json_find(s, "for_ms")) {
        (void)buf_add_str(out, "  suggested  for: ");
        put_span(out, answer_number(s, "for_ms"));
        (void)buf_addf(out,
                       "  (%" PRId64 " firings had not lasted as long; none that lasted longer is "
                       "missed)\n",
                       answer_number(s, "removed"));
    }
    if (json_find(s, "clear")) {
        (void)buf_add_str(out, "  suggested  clear: ");
        put_level(out, rule, number(s, "clear"));
        (void)buf_addf(out,
                       "  (%" PRId64 " of %" PRId64 " firings that came back within 30 min go into "
                       "the one before)\n",
                       answer_number(s, "joined"), answer_number(s, "came_back"));
    }
    if (then) {
        (void)buf_add_str(out, "  tried      ");
        put_figures(out, then);
        (void)buf_add_byte(out, '\n');
    }
}

static void put_force(struct buf *out, const struct json_value *rule) {
    const struct json_value *f = json_find(rule, "in_force");
    bool same = false;
    if (!f)
        return;
    (void)json_bool_of(json_find(f, "same_rule"), &same);
    (void)buf_addf(out, "  in force   %s", same ? "says the same: " : "");
    put_figures(out, f);
    (void)buf_addf(out,
                   "\n             both fire %" PRId64 " times, this one alone %" PRId64
                   ", that one alone %" PRId64 "\n",
                   answer_number(f, "both"), answer_number(f, "only_new"),
                   answer_number(f, "only_in_force"));
}

static void put_nodes(struct buf *out, const struct json_value *rule) {
    const struct json_value *at = json_find(rule, "at");
    for (size_t i = 0; i < json_count(at) && i < NODES_SHOWN; i++) {
        const struct json_value *n = json_at(at, i);
        const struct span id = answer_text(n, "node"), line = answer_text(n, "timeline");
        (void)buf_addf(out, "  %-16.*s |%.*s| %" PRId64 "\n", (int)id.n,
                       id.n ? (const char *)id.p : "", (int)line.n,
                       line.n ? (const char *)line.p : "", answer_number(n, "firings"));
    }
    if (json_count(at) > NODES_SHOWN)
        (void)buf_addf(out, "  ... and %zu more\n", json_count(at) - NODES_SHOWN);
}

static void put_rule(struct buf *out, const struct json_value *rule) {
    (void)buf_add_byte(out, '\n');
    put_text(out, rule, "rule");
    (void)buf_addf(out, "  at %" PRId64 " node%s", answer_number(rule, "nodes"),
                   answer_number(rule, "nodes") == 1 ? "" : "s");
    const int64_t hold_ms = answer_number(rule, "for_ms");
    if (json_find(rule, "threshold")) {
        bool below = false;
        (void)json_bool_of(json_find(rule, "below"), &below);
        (void)buf_add_str(out, below ? ", below " : ", above ");
        put_level(out, rule, number(rule, "threshold"));
    }
    if (hold_ms) {
        (void)buf_add_str(out, ", for ");
        put_span(out, hold_ms);
    }
    (void)buf_add_str(out, "\n  fired      ");
    put_figures(out, rule);
    (void)buf_add_byte(out, '\n');
    put_force(out, rule);
    put_suggestion(out, rule);
    put_nodes(out, rule);
}

enum err alert_backtest_print(const struct json_value *answer, struct buf *out) {
    const struct json_value *rules = json_find(answer, "rules");
    put_text(out, answer, "from");
    (void)buf_add_str(out, " to ");
    put_text(out, answer, "to");
    (void)buf_add_str(out, "; # active, + in part, . not, ? nothing known\n");
    for (size_t i = 0; i < json_count(rules); i++)
        put_rule(out, json_at(rules, i));
    return out->failed ? ERR_NOMEM : ERR_OK;
}
