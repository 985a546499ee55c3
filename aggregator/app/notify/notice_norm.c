#include "notify/notice_norm.h"

#include <math.h>
#include <stdio.h>

#include "plant/plant.h"

enum { PERIOD = 16 };

/* Its class stands in the place of an id that there is not. */
static bool has_no_norm(const struct alert_event *e) {
    return e->why == ALERT_WHY_NORM_NEGLECTED ||
           (e->why == ALERT_WHY_NORM_REVIEW && e->norm.verdict == REVIEW_CREATE);
}

static bool is_step(const struct alert_event *e) {
    return e->why == ALERT_WHY_NORM_DUE || e->why == ALERT_WHY_NORM_ANSWER ||
           e->why == ALERT_WHY_NORM_OVERDUE;
}

static const char *word(const char *const *words, size_t n, size_t i) {
    return i < n ? words[i] : "?";
}
#define WORD(words, i) word(words, sizeof(words) / sizeof *(words), i)

static void add_share(double v, struct buf *out) {
    if (isfinite(v))
        (void)buf_addf(out, "%.1f %%", v * 100);
}

static void add_time(const struct notice_world *w, int64_t t_ms, struct buf *out) {
    char text[NOTICE_TIME];
    notice_time(w->plant, t_ms, text);
    (void)buf_add_str(out, text);
}

/* "2026-10" of a period that ends with that month. */
static void period(const struct notice_world *w, const struct alert_event *e, char text[PERIOD]) {
    const struct utc_parts at = zone_local(w->plant->zone, e->until_ms - 1);
    (void)snprintf(text, PERIOD, "%04d-%02d", at.year, at.month);
}

static void add_reasons(const struct norm_words *words, unsigned set, struct buf *out) {
    const size_t begun = out->n;
    for (unsigned i = 0; i < REVIEW_REASONS; i++)
        if (set >> i & 1)
            (void)buf_addf(out, "%s%s", out->n > begun ? "; " : "", words->reason[i]);
}

/* What of a review alone, or of a step alone, has a value. */
static void add_review(const struct notice_world *w, const struct alert_event *e,
                       enum template_field f, struct buf *out) {
    const struct norm_words *words = w->words->norm;
    char month[PERIOD];
    if (f == TEMPLATE_PERIOD) {
        period(w, e, month);
        (void)buf_add_str(out, month);
    }
    if (e->why != ALERT_WHY_NORM_REVIEW)
        return;
    if (f == TEMPLATE_VERDICT)
        (void)buf_add_str(out, WORD(words->verdict, e->norm.verdict));
    else if (f == TEMPLATE_REASONS)
        add_reasons(words, e->norm.reasons, out);
}

static void add_event(const struct notice_world *w, const struct alert_event *e, struct buf *out) {
    (void)buf_add_str(out, w->words->why[e->why]);
    if (e->why == ALERT_WHY_NORM_REVIEW)
        (void)buf_addf(out, ": %s", WORD(w->words->norm->verdict, e->norm.verdict));
}

bool notice_norm_field(const struct notice_world *w, const struct notice *n, enum template_field f,
                       struct buf *out) {
    const struct alert_event *e = n->event;
    const struct norm_words *words = w->words->norm;
    const bool neglected = e->why == ALERT_WHY_NORM_NEGLECTED;
    switch ((int)f) {
    case TEMPLATE_EVENT:
        add_event(w, e, out);
        return true;
    case TEMPLATE_NAME:
        (void)buf_add_str(out,
                          has_no_norm(e) ? WORD(words->norm_class, e->norm.norm_class) : e->rule.s);
        return true;
    case TEMPLATE_CLASS:
        (void)buf_add_str(out, WORD(words->norm_class, e->norm.norm_class));
        return true;
    case TEMPLATE_STATE:
        if (!has_no_norm(e))
            (void)buf_add_str(out, WORD(words->state, e->norm.state));
        return true;
    case TEMPLATE_OWNER:
        (void)buf_add_str(out, e->who);
        return true;
    case TEMPLATE_PRODUCT:
        (void)buf_add_str(out, neglected ? "" : e->note);
        return true;
    case TEMPLATE_TEAM:
        (void)buf_add_str(out, neglected ? e->note : "");
        return true;
    case TEMPLATE_DUE:
        if (is_step(e))
            add_time(w, e->until_ms, out);
        return true;
    case TEMPLATE_PERIOD:
    case TEMPLATE_VERDICT:
    case TEMPLATE_REASONS:
        if (!is_step(e))
            add_review(w, e, f, out);
        return true;
    case TEMPLATE_VALUE:
        add_share(e->value, out);
        return true;
    case TEMPLATE_THRESHOLD:
        add_share(e->threshold, out);
        return true;
    case TEMPLATE_UNTIL:
    case TEMPLATE_WHO:
    case TEMPLATE_NOTE:
        return true;
    default:
        return false;
    }
}

/* --- JSON ---------------------------------------------------------------------------------------
 */

static void put_text(struct json_writer *w, const char *key, const char *text) {
    json_writer_key(w, key);
    json_writer_text(w, text && *text ? text : NULL);
}

static void put_time(struct json_writer *w, const char *key, bool known, int64_t t_ms) {
    char text[UTC_TEXT];
    if (known)
        utc_format(t_ms, text);
    put_text(w, key, known ? text : NULL);
}

static void put_real(struct json_writer *w, const char *key, double v) {
    json_writer_key(w, key);
    json_writer_real(w, v);
}

void notice_norm_json(const struct notice *n, struct json_writer *out) {
    const struct alert_event *e = n->event;
    const bool review = e->why == ALERT_WHY_NORM_REVIEW;
    const bool neglected = e->why == ALERT_WHY_NORM_NEGLECTED;
    put_text(out, "norm", has_no_norm(e) ? NULL : e->rule.s);
    put_text(out, "class", norm_class_name((enum norm_class)e->norm.norm_class));
    put_text(out, "product", neglected ? NULL : e->note);
    put_text(out, "team", neglected ? e->note : NULL);
    put_text(out, "norm_state",
             has_no_norm(e) ? NULL : norm_state_name((enum norm_state)e->norm.state));
    put_time(out, "due", is_step(e), e->until_ms);
    put_text(out, "owner", e->who);
    put_time(out, "period_end", !is_step(e), e->until_ms);
    put_text(out, "verdict",
             review ? review_verdict_name((enum review_verdict)e->norm.verdict) : NULL);
    json_writer_key(out, "reasons");
    json_writer_begin_array(out);
    for (unsigned i = 0; i < REVIEW_REASONS; i++)
        if (review && e->norm.reasons >> i & 1)
            json_writer_text(out, review_reason_text(i));
    json_writer_end_array(out);
    put_real(out, "median", e->value);
    put_real(out, "reach", e->threshold);
}
