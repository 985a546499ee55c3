#include "simsources/ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POINTS_MAX = 512 };

struct cover {
    int64_t since_ms, until_ms;
};

struct account {                   /* of a device */
    device_life *found;            /* by number, from 1 */
    size_t last[DEVICE_LANES_MAX]; /* the newest number */
    struct cover *covers;
    size_t cover_n, cover_cap;
};

struct desk {
    const struct box *box;
    struct ledger *out;
    struct account account[BOX_SOURCES];
    size_t device_of[POINTS_MAX]; /* by point id, of the epoch at hand */
    size_t epoch;
    enum err failed;
};

static void complain(struct desk *k, size_t device, size_t number, const char *why) {
    if (k->out->why)
        return;
    const struct device *d = k->box->device[device];
    const struct offer *o = device_find(d, (int64_t)number);
    k->out->why = why;
    (void)snprintf(k->out->what, sizeof k->out->what, "%s, reading %zu of %zu, run %u place %lld",
                   d->id.s, number, d->n, o ? o->run : 0, o ? (long long)o->place : 0);
}

/* A point's name begins with its device's id and a slash. */
static size_t device_of(const struct box *b, const char *name) {
    for (size_t i = 0; i < b->n; i++) {
        const size_t n = strlen(b->device[i]->id.s);
        if (strncmp(b->device[i]->id.s, name, n) == 0 && name[n] == '/')
            return i;
    }
    return b->n;
}

static void take_points(struct desk *k, struct batch *b) {
    struct point p;
    while (batch_next_point(b, &p))
        if (p.id < POINTS_MAX)
            k->device_of[p.id] = device_of(k->box, p.name);
}

/* The process of the device in which the epoch was begun. */
static device_life life_of(const struct desk *k, const struct device *d) {
    device_life life = d->lives;
    while (life > 1 && box_epoch(k->box, d->epochs[life]) > k->epoch)
        life--;
    return life;
}

static void take_reading(struct desk *k, const struct reading *r) {
    const size_t i = r->point < POINTS_MAX ? k->device_of[r->point] : k->box->n;
    if (i == k->box->n) {
        complain(k, 0, 0, "a reading of a point that nobody named");
        return;
    }
    struct device *d = k->box->device[i];
    struct account *a = &k->account[i];
    if (r->v.kind != VALUE_AMOUNT) {
        const char *why = d->ops->held ? d->ops->held(d, r) : "a value of no such kind";
        if (why)
            complain(k, i, r->v.kind == VALUE_REAL ? (size_t)r->v.as.r : 0, why);
        return;
    }
    const int64_t number = r->v.as.span.amount;
    const struct offer *o = device_find(d, number);
    k->out->readings++;
    if (!o || r->t_ms != o->t_ms) {
        complain(k, i, o ? (size_t)number : 0, "invented: no such reading was offered");
        return;
    }
    const size_t lane = d->ops->lanes ? (size_t)o->place : 0;
    if (a->found[number])
        complain(k, i, (size_t)number, "a reading is there twice");
    else if ((size_t)number < a->last[lane])
        complain(k, i, (size_t)number, "a reading is behind one that came after it");
    a->found[number] = life_of(k, d);
    a->last[lane] = (size_t)number;
}

static void take_cover(struct desk *k, struct asof v) {
    for (size_t i = 0; i < k->box->n; i++) {
        struct account *a = &k->account[i];
        if (k->box->source[i].number != v.source)
            continue;
        if (a->cover_n == a->cover_cap) {
            const size_t cap = a->cover_cap ? a->cover_cap * 2 : 64;
            struct cover *at = realloc(a->covers, cap * sizeof *at);
            if (!at) {
                k->failed = ERR_NOMEM;
                return;
            }
            a->covers = at;
            a->cover_cap = cap;
        }
        a->covers[a->cover_n++] = (struct cover){v.since_ms, v.until_ms};
    }
}

static void take_frame(struct desk *k, struct span frame) {
    struct batch b;
    enum batch_fault fault;
    struct reading r;
    struct asof v;
    if (batch_parse(frame, &b, &fault)) {
        complain(k, 0, 0, "a durable record cannot be read");
        return;
    }
    take_points(k, &b);
    if (b.head.kind != BATCH_DATA)
        return;
    while (batch_next_asof(&b, &v))
        take_cover(k, v);
    while (batch_next_reading(&b, &r))
        take_reading(k, &r);
}

static bool is_vouched(const struct account *a, int64_t t_ms) {
    for (size_t i = 0; i < a->cover_n; i++)
        if (a->covers[i].since_ms < t_ms && t_ms < a->covers[i].until_ms)
            return true;
    return false;
}

static void close_account(struct desk *k, size_t i) {
    const struct device *d = k->box->device[i];
    const struct account *a = &k->account[i];
    for (size_t number = 1; number <= d->n; number++) {
        if (a->found[number])
            continue;
        k->out->excused++;
        if (!d->ops->excused(d, number))
            complain(k, i, number, "a reading that was to be had is missing");
        if (!d->ops->vouches_points && is_vouched(a, d->at[number - 1].t_ms))
            complain(k, i, number, "a time is vouched for of which a reading is missing");
    }
    const char *why = d->ops->judge ? d->ops->judge(d, a->found) : NULL;
    if (why)
        complain(k, i, 0, why);
    if (d->wrong)
        complain(k, i, 0, d->wrong);
}

static void take_epoch(struct desk *k, const struct tape_epoch *e) {
    struct cursor c = cursor_of(buf_span(&e->frames));
    uint32_t n;
    struct span frame;
    for (size_t i = 0; i < POINTS_MAX; i++)
        k->device_of[i] = k->box->n;
    k->epoch = box_epoch(k->box, e->epoch);
    while (!cursor_take_le32(&c, &n) && !cursor_take_span(&c, n, &frame))
        take_frame(k, frame);
}

enum err ledger_audit(const struct box *b, struct ledger *out) {
    struct desk *k = calloc(1, sizeof *k);
    *out = (struct ledger){0};
    if (!k)
        return ERR_NOMEM;
    k->box = b;
    k->out = out;
    for (size_t i = 0; i < b->n && !k->failed; i++) {
        k->account[i].found = calloc(b->device[i]->n + 1, sizeof *k->account[i].found);
        k->failed = k->account[i].found ? ERR_OK : ERR_NOMEM;
    }
    for (size_t i = 0; i < b->tape.n && !k->failed; i++)
        take_epoch(k, &b->tape.at[i]);
    for (size_t i = 0; i < b->n && !k->failed; i++)
        close_account(k, i);
    const enum err e = k->failed;
    for (size_t i = 0; i < b->n; i++) {
        free(k->account[i].found);
        free(k->account[i].covers);
    }
    free(k);
    return e;
}
