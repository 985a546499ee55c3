/* What a unit has of a meter that several units share.
 *
 * What the meter tells goes to minutes first, by time: of a span, row or event of an amount V, as
 * much has come by t as floor(V (t - t0) / (t1 - t0)), and a minute has what had come by its end
 * less what had come by its begin. Each slot of power is rounded once and goes the same way. Then
 * each minute's amount is split between the units by their weights, to the last millionth (largest
 * remainder, ties by unit id), and a unit's part of a minute between its contexts and categories by
 * time. So the units' parts of every minute sum to the meter's, whatever each of them did in it and
 * whichever of them is computed; nothing here looks at the others but at their weights.
 *
 * Amounts of unknown distribution are split apart from the others, so that each unit knows its own.
 */
#include <stdlib.h>

#include "cell/book.h"

enum { PLAIN, GAP, SORTS };

struct meter_minutes { /* of the range */
    int64_t *sum[SORTS];
    int64_t *share; /* scratch of a split */
};

static void minutes_fini(struct meter_minutes *m) {
    free(m->sum[PLAIN]);
    free(m->sum[GAP]);
    free(m->share);
}

static enum err minutes_init(struct meter_minutes *m, const struct book *b, size_t unit_n) {
    const size_t n = (size_t)(b->end - b->first) + 1;

    *m = (struct meter_minutes){.sum = {calloc(n, sizeof *m->sum[0]), calloc(n, sizeof *m->sum[0])},
                                .share = calloc(unit_n, sizeof *m->share)};
    return m->sum[PLAIN] == NULL || m->sum[GAP] == NULL || m->share == NULL ? ERR_NOMEM : ERR_OK;
}

static int64_t come_by(int64_t value, int64_t ms, int64_t length_ms) {
    const i128 product = (i128)value * ms;

    return (int64_t)(product / length_ms - (product % length_ms < 0));
}

/* Adds to the minutes of the range what came of `value` during [t0, t1), which is not empty. */
static void spread(const struct book *b, int64_t *sum, int64_t t0, int64_t t1, int64_t value) {
    const int64_t length = t1 - t0, from = b->first * UTC_MINUTE_MS, to = b->end * UTC_MINUTE_MS;
    const int64_t last = t1 < to ? t1 : to;

    for (int64_t a = t0 > from ? t0 : from, next; a < last; a = next) {
        const int64_t minute = utc_floor(a, UTC_MINUTE_MS) / UTC_MINUTE_MS;
        next = (minute + 1) * UTC_MINUTE_MS < last ? (minute + 1) * UTC_MINUTE_MS : last;
        const uint64_t part =
            (uint64_t)come_by(value, next - t0, length) - (uint64_t)come_by(value, a - t0, length);
        sum[minute - b->first] = (int64_t)((uint64_t)sum[minute - b->first] + part);
    }
}

static void gather(const struct book *b, const struct cell_signal *s, struct meter_minutes *m) {
    const struct work *w = b->w;

    for (size_t i = 0; i < w->amount_n; i++) {
        const struct amount *a = &w->amount[i];
        if (a->meter == s->meter)
            spread(b, m->sum[a->gap ? GAP : PLAIN], a->t0, a->t1, a->value);
    }
    for (size_t i = 0; i < w->common_n; i++) {
        const struct slot *c = &w->common[i];
        if (c->signal == s->signal)
            spread(b, m->sum[PLAIN], c->t0, c->t1, slot_uwh(c));
    }
}

/* The unit's part of a minute's amount. */
static int64_t part_of(const struct book *b, const struct plant_meter *meter,
                       struct meter_minutes *m, int64_t amount) {
    int64_t own = 0;

    if (amount == 0)
        return 0;
    decimal_split(amount, meter->weight, meter->unit_n, m->share);
    for (size_t i = 0; i < meter->unit_n; i++)
        own += meter->unit[i] == b->w->in->unit ? m->share[i] : 0;
    return own;
}

static void book_minute(struct book *b, uint8_t role, int64_t minute, int64_t amount, bool gap) {
    struct parts *p = &b->parts;
    const int64_t t0 = minute * UTC_MINUTE_MS;

    if (amount == 0)
        return;
    b->err = parts_cut(p, b->w, t0, t0 + UTC_MINUTE_MS, PARTS_BY_TIME);
    if (b->err != ERR_OK)
        return;
    parts_weigh_by_time(p);
    b->err = parts_split(p, amount, 1);
    if (b->err != ERR_OK)
        return;
    if (!plant_role_is_carrier((enum plant_role)role)) {
        book_electricity(b, ROLE_ENERGY, gap);
        return;
    }
    for (size_t i = 0; i < p->n; i++)
        book_carrier(b, role, &p->at[i], p->share[i]);
}

static void book_meter(struct book *b, const struct cell_signal *s) {
    const struct plant_meter *meter = &b->w->in->plant->meter[s->meter - 1];
    struct meter_minutes m;

    b->err = minutes_init(&m, b, meter->unit_n);
    if (b->err == ERR_OK)
        gather(b, s, &m);
    for (int64_t i = 0; i < b->end - b->first && b->err == ERR_OK; i++)
        for (unsigned sort = 0; sort < SORTS && b->err == ERR_OK; sort++)
            book_minute(b, s->role, b->first + i, part_of(b, meter, &m, m.sum[sort][i]),
                        sort == GAP);
    minutes_fini(&m);
}

void book_shared(struct book *b) {
    const struct cell_input *in = b->w->in;

    if (b->w->shared == 0)
        return;
    for (size_t i = 0; i < in->signal_n && b->err == ERR_OK; i++)
        if (in->signal[i].meter != 0)
            book_meter(b, &in->signal[i]);
}
