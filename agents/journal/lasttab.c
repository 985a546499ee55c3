#include "journal/lasttab.h"

#include <assert.h>
#include <stdlib.h>

#include "base/hash.h"

void lasttab_init(struct lasttab *t) {
    *t = (struct lasttab){0};
    point_table_init(&t->points);
}

void lasttab_fini(struct lasttab *t) {
    for (size_t i = 0; i < t->points.n; i++)
        free(t->last[i].text);
    free(t->last);
    free(t->cover);
    free(t->slot);
    point_table_fini(&t->points);
    *t = (struct lasttab){0};
}

static size_t slot_of(const struct lasttab *t, const char *name) {
    size_t at = (size_t)fnv1a64(span_str(name)) & (t->slot_n - 1);
    while (t->slot[at] != 0 && strcmp(t->points.at[t->slot[at] - 1].name, name) != 0)
        at = (at + 1) & (t->slot_n - 1);
    return at;
}

static enum err grow_slots(struct lasttab *t) {
    if (t->slot_n >= 2 * (t->points.n + 1))
        return ERR_OK;
    size_t n = t->slot_n ? t->slot_n * 2 : 64;
    uint32_t *fresh = calloc(n, sizeof *fresh);
    if (!fresh)
        return ERR_NOMEM;
    free(t->slot);
    t->slot = fresh;
    t->slot_n = n;
    for (size_t i = 0; i < t->points.n; i++)
        t->slot[slot_of(t, t->points.at[i].name)] = (uint32_t)i + 1;
    return ERR_OK;
}

static enum err grow_last(struct lasttab *t) {
    if (t->points.n < t->last_cap)
        return ERR_OK;
    size_t cap = t->last_cap ? t->last_cap * 2 : 64;
    struct last *fresh = realloc(t->last, cap * sizeof *fresh);
    if (!fresh)
        return ERR_NOMEM;
    t->last = fresh;
    t->last_cap = cap;
    return ERR_OK;
}

static enum err grow_cover(struct lasttab *t, size_t n) {
    if (n <= t->cover_n)
        return ERR_OK;
    struct last_cover *fresh = realloc(t->cover, n * sizeof *fresh);
    if (!fresh)
        return ERR_NOMEM;
    for (size_t i = t->cover_n; i < n; i++)
        fresh[i] = (struct last_cover){0};
    t->cover = fresh;
    t->cover_n = n;
    return ERR_OK;
}

enum err lasttab_add(struct lasttab *t, const struct point *p, uint16_t *id) {
    enum err rc = grow_slots(t);
    if (!rc)
        rc = grow_last(t);
    if (!rc)
        rc = grow_cover(t, (size_t)p->source + 1);
    if (!rc)
        rc = point_table_add(&t->points, p);
    if (rc)
        return rc;
    size_t at = t->points.n - 1;
    t->last[at] = (struct last){0};
    t->slot[slot_of(t, p->name)] = (uint32_t)at + 1;
    t->cover[p->source].point = (uint32_t)at + 1;
    *id = (uint16_t)at;
    return ERR_OK;
}

bool lasttab_find(const struct lasttab *t, const char *name, uint16_t *id) {
    if (t->slot_n == 0)
        return false;
    uint32_t found = t->slot[slot_of(t, name)];
    if (found == 0)
        return false;
    *id = (uint16_t)(found - 1);
    return true;
}

static enum err put_text(struct last *l, const char *p, uint32_t n) {
    if (n > BATCH_TEXT_MAX)
        return ERR_RANGE;
    if (n > l->text_cap) {
        size_t cap = n < 16 ? 16 : n < 64 ? 64 : BATCH_TEXT_MAX;
        char *fresh = realloc(l->text, cap);
        if (!fresh)
            return ERR_NOMEM;
        l->text = fresh;
        l->text_cap = (uint16_t)cap;
    }
    if (n > 0)
        memcpy(l->text, p, n);
    l->text_n = (uint16_t)n;
    return ERR_OK;
}

/* When it counts from: a lane takes a state that is stamped earlier as of the one before it, one
 * that a source vouches for only where that was not ahead of what is covered. */
static int64_t counts_from(const struct lasttab *t, const struct reading *r, int64_t now_ms) {
    const struct point *p = &t->points.at[r->point];
    const struct last *l = &t->last[r->point];
    const struct last_cover *c = &t->cover[p->source];
    int64_t before = l->t_ms;
    if (p->type != POINT_STATE || !l->known)
        return r->t_ms;
    if (c->known && c->until_ms > now_ms)
        now_ms = c->until_ms;
    if (!p->sticky && before > now_ms)
        before = now_ms;
    return r->t_ms < before ? before : r->t_ms;
}

enum err lasttab_put(struct lasttab *t, const struct reading *r, int64_t now_ms) {
    if (r->point >= t->points.n)
        return ERR_RANGE;
    uint8_t type = t->points.at[r->point].type;
    bool total = type == POINT_COUNTER || type == POINT_REGISTER;
    struct last *l = &t->last[r->point];
    if (r->v.kind == VALUE_AMOUNT)
        return ERR_OK;
    if (total && r->quality == QUALITY_BAD) {
        l->quality = QUALITY_BAD;
        return ERR_OK;
    }
    if (r->v.kind == VALUE_TEXT) {
        enum err rc = put_text(l, r->v.as.text.p, r->v.as.text.n);
        if (rc)
            return rc;
    } else if (r->v.kind == VALUE_REAL) {
        l->as.r = r->v.as.r;
    } else {
        l->as.i = r->v.kind == VALUE_INT ? r->v.as.i : 0;
    }
    l->t_ms = counts_from(t, r, now_ms);
    l->known = true;
    l->kind = r->v.kind;
    l->quality = r->quality;
    return ERR_OK;
}

enum err lasttab_put_key(struct lasttab *t, const struct reading *r) {
    struct reading value = *r;
    if (r->quality != QUALITY_BAD || (r->v.kind != VALUE_INT && r->v.kind != VALUE_REAL))
        return lasttab_put(t, r, r->t_ms);
    value.quality = QUALITY_GOOD;
    enum err rc = lasttab_put(t, &value, r->t_ms);
    return rc ? rc : lasttab_put(t, r, r->t_ms);
}

bool lasttab_get(const struct lasttab *t, uint16_t id, struct reading *out) {
    if (id >= t->points.n || !t->last[id].known)
        return false;
    const struct last *l = &t->last[id];
    struct reading r = {.point = id, .quality = l->quality, .t_ms = l->t_ms};
    r.v.kind = l->kind;
    if (l->kind == VALUE_TEXT) {
        r.v.as.text.p = l->text;
        r.v.as.text.n = l->text_n;
    } else if (l->kind == VALUE_REAL) {
        r.v.as.r = l->as.r;
    } else if (l->kind == VALUE_INT) {
        r.v.as.i = l->as.i;
    }
    *out = r;
    return true;
}

void lasttab_cover(struct lasttab *t, const struct asof *a) {
    if (a->source >= t->cover_n)
        return; /* a source without points vouches for nothing */
    struct last_cover *c = &t->cover[a->source];
    if (c->known && a->until_ms <= c->until_ms)
        return;
    if (!c->known || a->since_ms > c->until_ms)
        c->since_ms = a->since_ms;
    c->until_ms = a->until_ms;
    c->known = true;
}

static void clock_last(struct last *l, const struct point *p, const struct batch_clock *c) {
    const uint8_t type = p->type;
    int64_t t = l->t_ms + (c->to_ms - c->from_ms);
    bool counts = type == POINT_COUNTER || type == POINT_REGISTER;
    bool moves = counts || type == POINT_POWER || type == POINT_GAUGE;
    if (moves && t >= -BATCH_TIME_LIMIT_MS && t <= BATCH_TIME_LIMIT_MS)
        l->t_ms = t;
    const int64_t most = moves ? c->to_ms - 1 : c->to_ms; /* no sample is joined over a step */
    if (!counts && l->t_ms > most)                        /* that is told twice */
        l->t_ms = most;
    if (p->sticky && c->to_ms < c->from_ms) /* it begins anew there, in a lane, too */
        l->t_ms = c->to_ms;
}

void lasttab_clock(struct lasttab *t, const struct batch_clock *c) {
    for (size_t i = 0; i < t->points.n; i++)
        if (t->last[i].known)
            clock_last(&t->last[i], &t->points.at[i], c);
    for (size_t i = 0; i < t->cover_n; i++)
        t->cover[i].since_ms = t->cover[i].until_ms = c->to_ms;
}

bool lasttab_asof(const struct lasttab *t, uint16_t id, struct asof *out) {
    uint16_t source = t->points.at[id].source;
    const struct last_cover *c = &t->cover[source];
    if (!c->known || c->point != (uint32_t)id + 1)
        return false;
    *out = (struct asof){source, c->since_ms, c->until_ms};
    return true;
}

int64_t lasttab_covered_ms(const struct lasttab *t) {
    int64_t t_ms = INT64_MIN;
    for (size_t i = 0; i < t->cover_n; i++)
        if (t->cover[i].known && t->cover[i].until_ms > t_ms)
            t_ms = t->cover[i].until_ms;
    return t_ms;
}

void lasttab_check(const struct lasttab *t) {
    assert(t->points.n <= t->last_cap); /* both grow in lasttab_add only */
    for (size_t i = 0; i < t->points.n; i++) {
        uint16_t id;
        assert(t->points.at[i].id == i);                                         /* dense ids */
        assert(lasttab_find(t, t->points.at[i].name, &id) && id == (uint16_t)i); /* names unique */
    }
}
