#include "sourcekit/capture.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

static enum err add_point(void *user, const struct point *p, uint16_t *id) {
    struct capture *c = user;
    struct point q = *p;

    q.id = (uint16_t)c->point_n;
    cr_assert(point_check(&q), "illegal point %s", p->name);
    const int old = capture_point(c, p->name);
    cr_assert(old < 0, "point %s declared twice", p->name);
    c->points = realloc(c->points, (c->point_n + 1) * sizeof *c->points);
    c->points[c->point_n++] = q;
    *id = q.id;
    return ERR_OK;
}

static void check(const struct capture *c, const struct reading *r) {
    cr_assert(r->point < c->point_n);
    cr_assert(r->quality < QUALITY_COUNT);
    if (r->v.kind == VALUE_NONE)
        cr_assert_eq(r->quality, QUALITY_BAD);
    if (r->v.kind == VALUE_TEXT)
        cr_assert_leq(r->v.as.text.n, (uint32_t)BATCH_TEXT_MAX);
    if (r->v.kind == VALUE_AMOUNT)
        cr_assert_geq(r->v.as.span.dur_ms, 0);
}

static enum err reading(void *user, const struct reading *r) {
    struct capture *c = user;

    check(c, r);
    if (c->room == 0)
        return ERR_FULL;
    /* As a batch does, it carries no text that is not UTF-8; one byte that never occurs in it will
     * do. */
    if (r->v.kind == VALUE_TEXT && r->v.as.text.n > 0 &&
        memchr(r->v.as.text.p, 0xff, r->v.as.text.n) != NULL)
        return ERR_RANGE;
    c->room--;
    if (c->reading_n == c->reading_cap) {
        c->reading_cap = c->reading_cap > 0 ? c->reading_cap * 2 : 1024;
        c->readings = realloc(c->readings, c->reading_cap * sizeof *c->readings);
    }
    struct captured *k = &c->readings[c->reading_n++];
    memset(k, 0, sizeof *k);
    k->r = *r;
    if (r->v.kind == VALUE_TEXT && r->v.as.text.n > 0)
        memcpy(k->text, r->v.as.text.p, r->v.as.text.n);
    return ERR_OK;
}

static enum err covered(void *user, int64_t since_ms, int64_t until_ms) {
    struct capture *c = user;

    cr_assert_leq(since_ms, until_ms);
    cr_assert_lt(c->cover_n, sizeof c->covers / sizeof c->covers[0]);
    /* Spans that join are one. */
    if (c->cover_n > 0 && since_ms <= c->covers[c->cover_n - 1].until_ms) {
        c->covers[c->cover_n - 1].until_ms = until_ms;
        return ERR_OK;
    }
    c->covers[c->cover_n++] = (struct asof){0, since_ms, until_ms};
    return ERR_OK;
}

static void refused(void *user, const char *reason, const char *place) {
    struct capture *c = user;

    if (c->refused_n < sizeof c->refused / sizeof c->refused[0])
        snprintf(c->refused[c->refused_n], sizeof c->refused[0], "%s: %s", reason, place);
    c->refused_n++;
}

void capture_init(struct capture *c) {
    memset(c, 0, sizeof *c);
    c->room = SIZE_MAX;
    c->out = (struct source_out){.add_point = add_point,
                                 .reading = reading,
                                 .covered = covered,
                                 .refused = refused,
                                 .user = c};
}

void capture_fini(struct capture *c) {
    free(c->points);
    free(c->readings);
}

void capture_clear(struct capture *c) {
    c->reading_n = c->cover_n = c->refused_n = 0;
}

int capture_point(const struct capture *c, const char *name) {
    for (size_t i = 0; i < c->point_n; i++)
        if (strcmp(c->points[i].name, name) == 0)
            return (int)i;
    return -1;
}

const struct captured *capture_reading(const struct capture *c, const char *name, size_t i) {
    const int point = capture_point(c, name);

    for (size_t k = 0; k < c->reading_n; k++)
        if (c->readings[k].r.point == point && i-- == 0)
            return &c->readings[k];
    return NULL;
}

size_t capture_count(const struct capture *c, const char *name) {
    const int point = capture_point(c, name);
    size_t n = 0;

    for (size_t k = 0; k < c->reading_n; k++)
        n += c->readings[k].r.point == point ? 1 : 0;
    return n;
}

int64_t capture_amount(const struct capture *c, const char *name) {
    const int point = capture_point(c, name);
    int64_t sum = 0;

    for (size_t k = 0; k < c->reading_n; k++)
        if (c->readings[k].r.point == point && c->readings[k].r.v.kind == VALUE_AMOUNT)
            sum += c->readings[k].r.v.as.span.amount;
    return sum;
}

size_t capture_drain(struct capture *c, struct source *s, int64_t now_ms, int64_t *next_ms) {
    size_t polls = 0;

    do {
        cr_assert_eq(s->ops->poll(s, now_ms, &c->out, next_ms), ERR_OK);
        cr_assert_lt(++polls, 1000000u);
    } while (*next_ms <= now_ms && *next_ms != INT64_MIN);
    return polls;
}

static bool value_equal(const struct captured *a, const struct captured *b) {
    const struct value *x = &a->r.v, *y = &b->r.v;

    if (x->kind != y->kind)
        return false;
    if (x->kind == VALUE_TEXT)
        return strcmp(a->text, b->text) == 0;
    if (x->kind == VALUE_AMOUNT)
        return x->as.span.amount == y->as.span.amount && x->as.span.dur_ms == y->as.span.dur_ms &&
               x->as.span.tag == y->as.span.tag;
    return x->kind == VALUE_NONE || x->as.i == y->as.i;
}

bool capture_equal(const struct capture *a, const struct capture *b) {
    if (a->reading_n != b->reading_n)
        return false;
    for (size_t i = 0; i < a->reading_n; i++) {
        const struct captured *x = &a->readings[i], *y = &b->readings[i];
        if (strcmp(a->points[x->r.point].name, b->points[y->r.point].name) != 0 ||
            x->r.t_ms != y->r.t_ms || x->r.quality != y->r.quality || !value_equal(x, y))
            return false;
    }
    return true;
}
