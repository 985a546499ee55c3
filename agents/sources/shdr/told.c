#include "shdr/told.h"

#include <stdio.h>
#include <stdlib.h>

#include "sources/series.h"

enum {
    UNKNOWN_MAX = 1000,
    LOOK_BACK_MS = 5 * 60000, /* a first line may be so much older than its connection */
    PLACE = LINE_WHY + 80
};

static enum line_form form_of(const void *forms, struct span key) {
    const struct told *t = forms;
    const struct name_row *row = names_find(&t->keys, key);

    return row != NULL ? (enum line_form)t->conf->points[row->number].form : LINE_FORM_UNKNOWN;
}

static enum err init_points(struct told *t) {
    char why[160];

    for (; t->quantity_n < t->conf->point_n; t->quantity_n++) {
        const struct shdr_point_conf *p = &t->conf->points[t->quantity_n];
        enum err e = quantity_init(&t->bound[t->quantity_n].quantity, &p->quantity, false, why);
        if (e != ERR_OK)
            return e;
        e = names_add(&t->keys, span_str(p->key[0] != '\0' ? p->key : p->name),
                      (uint32_t)t->quantity_n);
        if (e == ERR_NOMEM)
            return e;
    }
    return ERR_OK;
}

enum err told_init(struct told *t, const struct shdr_conf *c) {
    *t = (struct told){.conf = c, .start_ms = COVERAGE_NONE};
    t->rule =
        (struct line_rule){.stamp = {.offset_min = c->offset_min}, .form_of = form_of, .forms = t};
    names_init(&t->keys, c->point_n + 1);
    names_init(&t->unknown, UNKNOWN_MAX);
    conditions_init(&t->conditions);
    coverage_init(&t->coverage, COVERAGE_NONE);
    t->bound = calloc(c->point_n + 1, sizeof *t->bound);
    enum err e = line_init(&t->line);
    if (e == ERR_OK)
        e = t->bound != NULL ? init_points(t) : ERR_NOMEM;
    if (e != ERR_OK)
        told_fini(t);
    return e;
}

void told_fini(struct told *t) {
    for (size_t i = 0; i < t->quantity_n; i++)
        quantity_fini(&t->bound[i].quantity);
    free(t->bound);
    free(t->readings);
    names_fini(&t->keys);
    names_fini(&t->unknown);
    conditions_fini(&t->conditions);
    line_fini(&t->line);
    *t = (struct told){0};
}

void told_begin(struct told *t, int64_t now_ms) {
    for (size_t i = 0; i < t->conf->point_n; i++)
        t->bound[i].met = false;
    t->conditions.n = 0;
    t->state = (struct line_shdr){0};
    t->fresh = true;
    t->anchored = false;
    t->begun_ms = now_ms;
    t->start_ms = COVERAGE_NONE;
}

/* --- lines --------------------------------------------------------------------------------------
 */

static void refuse(const struct source_out *out, const char *place, const char *reason,
                   const char *why) {
    char text[PLACE];

    snprintf(text, sizeof text, "%s, %s", place, why);
    out->refused(out->user, reason, text);
}

static void set_time(struct told *t, int64_t now_ms) {
    t->t_ms = now_ms;
    t->own_time = t->line.has_time && t->conf->clock == SHDR_ORIGINAL;
    if (!t->line.has_time || t->conf->clock == SHDR_ARRIVAL)
        return;
    t->t_ms = t->line.t_ms;
    if (t->conf->clock != SHDR_RELATIVE)
        return;
    if (!t->anchored) {
        t->anchored = true;
        t->anchor_ms = t->line.t_ms;
        t->anchor_now_ms = now_ms;
    }
    t->t_ms = t->anchor_now_ms + (t->line.t_ms - t->anchor_ms);
}

static enum err add(struct told *t, struct reading r, struct span raw) {
    if (t->n == t->cap) {
        const size_t cap = t->cap > 0 ? t->cap * 2 : 64;
        struct told_reading *rows = realloc(t->readings, cap * sizeof *rows);
        if (rows == NULL)
            return ERR_NOMEM;
        t->readings = rows;
        t->cap = cap;
    }
    t->readings[t->n++] = (struct told_reading){r, raw};
    return ERR_OK;
}

struct item_place {
    const char *place;
    const struct line_item *item;
    const struct source_out *out;
};

static void refuse_value(const struct item_place *p, const char *expected, struct span text) {
    char why[LINE_WHY];

    snprintf(why, sizeof why, "column %u, %.*s: expected %s, not \"%.*s\"", p->item->column,
             (int)(p->item->key.n < 60 ? p->item->key.n : 60), (const char *)p->item->key.p,
             expected, (int)(text.n < 40 ? text.n : 40), (const char *)text.p);
    refuse(p->out, p->place, "value", why);
}

/* A text becomes a reading; one that cannot be read is named, and its point is bad. */
static enum err take_text(struct told *t, const struct quantity *q, struct span text,
                          struct reading r, const struct item_place *p) {
    const bool none = span_equal(text, span_str("UNAVAILABLE"));
    int64_t amount;
    enum err e = none ? ERR_RANGE : ERR_OK;

    if (e == ERR_OK && q->type == POINT_EVENT) {
        e = quantity_amount(q, text, &amount);
        r.v = (struct value){.kind = VALUE_AMOUNT, .as.span = {.amount = amount}};
    } else if (e == ERR_OK) {
        e = quantity_value(q, text, &r.v);
    }
    if (e != ERR_OK) {
        if (!none)
            refuse_value(p, quantity_expects(q), text);
        if (q->type == POINT_EVENT)
            return ERR_OK; /* nothing happened */
        batch_bad(&r, none ? BATCH_WHY_UNAVAILABLE : BATCH_WHY_UNREADABLE);
    }
    return add(t, r, text);
}

static enum err take_series(struct told *t, const struct quantity *q, struct reading r,
                            const struct item_place *p) {
    struct series s;
    struct span value;
    size_t at = 0;
    char why[SERIES_WHY];

    if (series_parse(p->item->text, p->item->count, p->item->rate, &s, why) != ERR_OK) {
        refuse_value(p, why + strlen("expected "), p->item->text);
        return ERR_OK;
    }
    for (size_t i = 0; series_next(p->item->text, &at, &value); i++) {
        r.t_ms = series_time(&s, i, t->t_ms);
        const enum err e = take_text(t, q, value, r, p);
        if (e != ERR_OK)
            return e;
    }
    return ERR_OK;
}

static enum err take_condition(struct told *t, const struct quantity *q, struct reading r,
                               const struct item_place *p) {
    enum condition_level level;

    if (condition_parse(p->item->text, &level) != ERR_OK) {
        refuse_value(p, "NORMAL, WARNING, FAULT or UNAVAILABLE", p->item->text);
        return ERR_OK;
    }
    if (conditions_take(&t->conditions, r.point, level, p->item->code, &level) == ERR_NOMEM)
        return ERR_NOMEM;
    return take_text(t, q, span_str(condition_name(level)), r, p);
}

/* Names a key that nobody declared, once. */
static enum err meet_unknown(struct told *t, const struct item_place *p) {
    char why[LINE_WHY];

    if (!t->conf->name_unknown)
        return ERR_OK;
    const enum err e = names_add(&t->unknown, p->item->key, 0);
    if (e != ERR_OK)
        return e == ERR_NOMEM ? e : ERR_OK;
    snprintf(why, sizeof why, "expected a key of points, not %.*s",
             (int)(p->item->key.n < 100 ? p->item->key.n : 100), (const char *)p->item->key.p);
    refuse(p->out, p->place, "unknown", why);
    return ERR_OK;
}

static enum err take_item(struct told *t, const struct item_place *p) {
    const struct name_row *row = names_find(&t->keys, p->item->key);

    if (row == NULL)
        return meet_unknown(t, p);
    struct told_bound *b = &t->bound[row->number];
    struct reading r = {.point = (uint16_t)row->number,
                        .quality = QUALITY_GOOD,
                        .by_device = t->own_time,
                        .t_ms = t->t_ms};
    const bool old = t->start_ms != COVERAGE_NONE && t->t_ms < t->start_ms;
    if (old && !b->met && b->quantity.type == POINT_EVENT)
        return ERR_OK;    /* it happened before, and is only repeated */
    if (old && !b->met) { /* what an adapter repeats at first is what holds now */
        r.t_ms = t->start_ms;
        r.by_device = false;
    }
    b->met = true;
    if (p->item->form == LINE_CONDITION)
        return take_condition(t, &b->quantity, r, p);
    if (p->item->form == LINE_SERIES && !span_equal(p->item->text, span_str("UNAVAILABLE")))
        return take_series(t, &b->quantity, r, p);
    return take_text(t, &b->quantity, p->item->text, r, p);
}

/* Where the span of a new connection begins: at its first line, if that is of now by the adapter's
 * clock; else when the connection was made. */
static void set_start(struct told *t) {
    const int64_t known = coverage_known(&t->coverage);
    const int64_t away = t->t_ms > t->begun_ms ? t->t_ms - t->begun_ms : t->begun_ms - t->t_ms;

    if (t->start_ms == COVERAGE_NONE)
        t->start_ms = away <= LOOK_BACK_MS && (known == COVERAGE_NONE || t->t_ms > known)
                          ? t->t_ms
                          : t->begun_ms;
}

enum err told_take(struct told *t, struct span line, const char *place, int64_t now_ms,
                   const struct source_out *out) {
    char why[LINE_WHY];

    t->n = t->at = 0;
    enum err e = line_parse_shdr(&t->rule, &t->state, line, &t->line, why);
    if (e == ERR_FORMAT || e == ERR_RANGE) {
        refuse(out, place, "line", why);
        return ERR_OK;
    }
    if (e != ERR_OK || (t->line.n == 0 && !t->line.has_time))
        return e; /* an adapter's talk, or the inside of an asset */
    set_time(t, now_ms);
    set_start(t);
    for (size_t i = 0; i < t->line.n && e == ERR_OK; i++)
        e = take_item(t, &(struct item_place){place, &t->line.items[i], out});
    t->holding = e == ERR_OK;
    return e;
}

/* --- telling ------------------------------------------------------------------------------------
 */

static enum err declare(struct told *t, const struct source_out *out) {
    for (size_t i = 0; i < t->conf->point_n; i++) {
        if (t->bound[i].declared)
            continue;
        struct point p = t->bound[i].quantity.shape;
        snprintf(p.name, sizeof p.name, "%s", t->conf->points[i].name);
        snprintf(p.hint, sizeof p.hint, "%s", t->conf->points[i].hint);
        const enum err e = out->add_point(out->user, &p, &t->bound[i].point);
        if (e != ERR_OK)
            return e;
        t->bound[i].declared = true;
    }
    return ERR_OK;
}

/* A span begins with a connection, and after a silence. */
static enum err begin_span(struct told *t, int64_t t_ms, const struct source_out *out) {
    const int64_t known = coverage_known(&t->coverage);

    if (!t->fresh && (known == COVERAGE_NONE || t_ms - known <= t->conf->silence_ms))
        return ERR_OK;
    const enum err e = coverage_begin(&t->coverage, t->fresh ? t->start_ms : t_ms, out);
    if (e == ERR_OK)
        t->fresh = false;
    return e;
}

enum err told_alive(struct told *t, int64_t now_ms, const struct source_out *out) {
    if (t->fresh) /* before its first line nothing is known yet */
        return ERR_OK;
    const enum err e = begin_span(t, now_ms, out);
    if (e == ERR_OK)
        coverage_extend(&t->coverage, now_ms, now_ms, false);
    return e;
}

enum err told_tell(struct told *t, const struct source_out *out) {
    enum err e = declare(t, out);

    if (e != ERR_OK || !t->holding)
        return e;
    e = begin_span(t, t->t_ms, out);
    if (e != ERR_OK)
        return e;
    for (; t->at < t->n; t->at++) {
        const struct told_reading *p = &t->readings[t->at];
        struct reading r = p->r;
        r.point = t->bound[r.point].point;
        if (out->raw != NULL)
            out->raw(out->user, r.point, p->raw);
        e = out->reading(out->user, &r);
        if (e == ERR_RANGE)
            out->refused(out->user, "illegal", "expected texts of at most 256 bytes of UTF-8");
        else if (e != ERR_OK) {
            /* What was told stands in the batch that ends here, so it is vouched for there. */
            if (t->at > 0)
                coverage_extend(&t->coverage, t->t_ms, t->t_ms, false);
            return e;
        }
    }
    coverage_extend(&t->coverage, t->t_ms, t->t_ms, false);
    t->holding = false;
    return ERR_OK;
}
