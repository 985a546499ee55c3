/* What a unit has of a meter that several units share.
 *
 * Time first. Of a span, row or event of an amount V as much has come by t as floor(V (t - t0) /
 * (t1 - t0)), and a minute has what had come by its end less what had come by its begin. Each slot
 * of power is rounded once and goes the same way. What the own meters of the units in `less` told
 * of a minute that the meter was watched in is taken off; where they told more, for their steps end
 * at other moments, the residual of a minute lies below 0, and the sums stay whole.
 *
 * Then the key, to the last millionth (largest remainder). By weight: each minute is split between
 * the units, ties by unit id. By running time: watts x milliseconds of PRODUCTION; and what a unit
 * would have of the time in which nothing is known of it, if it ran, is not allocated, as is what
 * came while none ran: `rest` takes it. An amount of known distribution from which nothing is taken
 * off is split over all minutes of its span at once, for it came when there was running; any other
 * minute by minute. Ties go by minute, in it by unit id, the rest last.
 *
 * A unit's part of a minute goes to what it did in it by time, a part by running to its PRODUCTION.
 * So the parts of every minute sum to what the meter told, whatever is known of the units and
 * whichever of them is computed.
 *
 * Amounts of unknown distribution are split apart from the others, so that each unit knows its own.
 */
#include <stdlib.h>

#include "cell/mate.h"

enum sort { PLAIN, GAP, SORTS };
enum { BY_RUN, REST }; /* groups of parts */

struct sharing {
    struct book *b;
    const struct plant_meter *meter;
    const struct cell_signal *signal;
    int64_t *minutes;     /* the arrays of the range that follow */
    int64_t *sum[SORTS];  /* to be split */
    int64_t *part[SORTS]; /* the unit's, by time */
    int64_t *ran[SORTS];  /* the unit's, by running time */
    int64_t *share;       /* scratch of a split by weight */
    struct running *unit; /* of meter->unit, by running time only */
    struct parts parts;   /* scratch */
};

static void sharing_fini(struct sharing *s) {
    for (size_t i = 0; s->unit != NULL && i < s->meter->unit_n; i++)
        running_fini(&s->unit[i]);
    free(s->unit);
    free(s->minutes);
    free(s->share);
    parts_fini(&s->parts);
}

static enum err sharing_init(struct sharing *s, struct book *b, const struct cell_signal *signal) {
    const size_t n = (size_t)(b->end - b->first) + 1;
    const struct plant_meter *meter = &b->w->in->plant->meter[signal->meter - 1];

    *s = (struct sharing){.b = b, .meter = meter, .signal = signal};
    s->minutes = calloc(3 * SORTS * n, sizeof *s->minutes);
    s->share = calloc(meter->unit_n, sizeof *s->share);
    s->unit = meter->by_run ? calloc(meter->unit_n, sizeof *s->unit) : NULL;
    if (s->minutes == NULL || s->share == NULL || (meter->by_run && s->unit == NULL))
        return ERR_NOMEM;
    for (unsigned sort = 0; sort < SORTS; sort++) {
        s->sum[sort] = s->minutes + sort * n;
        s->part[sort] = s->minutes + (SORTS + sort) * n;
        s->ran[sort] = s->minutes + (2 * SORTS + sort) * n;
    }
    return ERR_OK;
}

static void add(int64_t *to, int64_t v) {
    *to = (int64_t)((uint64_t)*to + (uint64_t)v);
}

/* --- time -------------------------------------------------------------------------------------
 */

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
        add(&sum[minute - b->first],
            come_by(value, next - t0, length) - come_by(value, a - t0, length));
    }
}

/* The next that the meter told of the range: amounts, then slots of power. */
static bool next_told(const struct sharing *s, size_t *at, struct amount *out) {
    const struct work *w = s->b->w;

    for (; *at < w->amount_n; ++*at) {
        if (w->amount[*at].meter != s->signal->meter)
            continue;
        *out = w->amount[(*at)++];
        return true;
    }
    for (; *at < w->amount_n + w->common_n; ++*at) {
        const struct slot *c = &w->common[*at - w->amount_n];
        if (c->signal != s->signal->signal || c->t1 <= w->in->from_ms || c->t0 >= w->in->to_ms)
            continue;
        *out = (struct amount){.t0 = c->t0, .t1 = c->t1, .value = slot_uwh(c)};
        ++*at;
        return true;
    }
    return false;
}

/* --- running time -------------------------------------------------------------------------------
 */

static enum err look_at_units(struct sharing *s) {
    const struct cell_input *in = s->b->w->in;
    int64_t from = in->from_ms, to = in->to_ms;
    struct amount a;
    enum err e = ERR_OK;

    for (size_t at = 0; next_told(s, &at, &a);) {
        from = a.t0 < from ? utc_floor(a.t0, UTC_MINUTE_MS) : from;
        to = a.t1 > to ? utc_floor(a.t1 + UTC_MINUTE_MS - 1, UTC_MINUTE_MS) : to;
    }
    for (size_t i = 0; i < s->meter->unit_n && e == ERR_OK; i++)
        e = mate_running(in, s->meter->unit[i], from, to, &s->unit[i]);
    for (size_t i = 0; i < s->meter->unit_n && e == ERR_OK; i++)
        e = evidence_narrow(s->b->w, s->signal->role, &s->unit[i].known);
    return e;
}

static int64_t within(const struct layer *l, int64_t t0, int64_t t1) {
    int64_t ms = 0;

    for (size_t i = layer_seek(l, t0); i < l->n && l->at[i].t0 < t1; i++) {
        const struct stretch *x = &l->at[i];
        ms += (x->t1 < t1 ? x->t1 : t1) - (x->t0 > t0 ? x->t0 : t0);
    }
    return ms;
}

/* Who takes part in [t0, t1) of a minute. */
static enum err weigh(struct sharing *s, int64_t minute, int64_t t0, int64_t t1) {
    int64_t rest = 0;
    enum err e = ERR_OK;

    for (size_t i = 0; i < s->meter->unit_n && e == ERR_OK; i++) {
        const int64_t watts = s->meter->weight[i], run = within(&s->unit[i].run, t0, t1);
        rest += watts * (t1 - t0 - within(&s->unit[i].known, t0, t1));
        if (run > 0)
            e = parts_add(&s->parts, minute, (uint32_t)i, BY_RUN, watts * run);
    }
    if (rest > 0 && e == ERR_OK)
        e = parts_add(&s->parts, minute, 0, REST, rest);
    return e;
}

static void take_parts(struct sharing *s, enum sort sort) {
    const struct book *b = s->b;
    const uint32_t unit = b->w->in->unit;

    for (size_t i = 0; i < s->parts.n; i++) {
        const struct part *p = &s->parts.at[i];
        if (p->minute < b->first || p->minute >= b->end)
            continue;
        if (p->group == BY_RUN && s->meter->unit[p->piece] == unit)
            add(&s->ran[sort][p->minute - b->first], s->parts.share[i]);
        if (p->group == REST && s->meter->rest == unit)
            add(&s->part[sort][p->minute - b->first], s->parts.share[i]);
    }
}

static enum err split_running(struct sharing *s, int64_t t0, int64_t t1, int64_t value,
                              enum sort sort) {
    enum err e = ERR_OK;

    s->parts.n = 0;
    for (int64_t a = t0, next; a < t1 && e == ERR_OK; a = next) {
        const int64_t minute = utc_floor(a, UTC_MINUTE_MS) / UTC_MINUTE_MS;
        next = (minute + 1) * UTC_MINUTE_MS < t1 ? (minute + 1) * UTC_MINUTE_MS : t1;
        e = weigh(s, minute, a, next);
    }
    if (e != ERR_OK)
        return e;
    if (s->parts.n == 0) { /* nobody ran */
        if (s->meter->rest == s->b->w->in->unit)
            spread(s->b, s->part[sort], t0, t1, value);
        return ERR_OK;
    }
    parts_weigh_by_time(&s->parts);
    e = parts_split(&s->parts, value, 1);
    if (e == ERR_OK)
        take_parts(s, sort);
    return e;
}

/* --- the keys -----------------------------------------------------------------------------------
 */

static enum err gather(struct sharing *s) {
    const bool whole = s->meter->by_run && s->meter->less_n == 0;
    struct amount a;
    enum err e = ERR_OK;

    for (size_t at = 0; e == ERR_OK && next_told(s, &at, &a);) {
        if (a.value == 0)
            continue;
        if (whole && !a.gap)
            e = split_running(s, a.t0, a.t1, a.value, PLAIN);
        else
            spread(s->b, s->sum[a.gap ? GAP : PLAIN], a.t0, a.t1, a.value);
    }
    return e;
}

/* Whether the meter was watched in a minute, or told amounts of it. */
static bool is_told(const struct sharing *s, int64_t i) {
    const struct work *w = s->b->w;
    const struct layer *l = &w->watched[s->signal - w->in->signal];
    const int64_t t0 = (s->b->first + i) * UTC_MINUTE_MS;
    const size_t at = layer_seek(l, t0);

    return at < l->n && l->at[at].t0 < t0 + UTC_MINUTE_MS;
}

/* If anything of a minute is of unknown distribution, so is what is left of it. Nothing is taken
 * off what the meter has not told. */
static void take_off(struct sharing *s, const struct metered *m) {
    const int64_t n = s->b->end - s->b->first;

    for (int64_t i = 0; i < n; i++) {
        if (!is_told(s, i))
            continue;
        int64_t *plain = &s->sum[PLAIN][i], *gap = &s->sum[GAP][i];
        add(plain, (int64_t)(0 - (uint64_t)m->sum[i]));
        if (*gap == 0 && !m->gap[i])
            continue;
        add(gap, *plain);
        *plain = 0;
    }
}

static enum err deduct(struct sharing *s) {
    const size_t n = (size_t)(s->b->end - s->b->first) + 1;
    struct metered m = {.sum = calloc(n, sizeof *m.sum), .gap = calloc(n, sizeof *m.gap)};
    enum err e = m.sum == NULL || m.gap == NULL ? ERR_NOMEM : ERR_OK;

    for (size_t i = 0; i < s->meter->less_n && e == ERR_OK; i++) {
        e = mate_metered(s->b->w->in, s->meter->less[i], s->signal->role, &m);
        if (e == ERR_OK)
            e = evidence_narrow(s->b->w, s->signal->role, &m.seen);
        layer_fini(&m.seen);
        m.seen = (struct layer){0};
    }
    if (e == ERR_OK)
        take_off(s, &m);
    free(m.sum);
    free(m.gap);
    return e;
}

/* The unit's part of a minute by weight. */
static int64_t part_of(struct sharing *s, int64_t amount) {
    const struct plant_meter *meter = s->meter;
    int64_t own = 0;

    decimal_split(amount, meter->weight, meter->unit_n, s->share);
    for (size_t i = 0; i < meter->unit_n; i++)
        own += meter->unit[i] == s->b->w->in->unit ? s->share[i] : 0;
    return own;
}

/* Of a minute that is not over only what has passed tells who ran. */
static enum err split_minute(struct sharing *s, int64_t i, enum sort sort) {
    const int64_t amount = s->sum[sort][i], t0 = (s->b->first + i) * UTC_MINUTE_MS;
    const int64_t known = s->b->w->in->now_known_ms;

    if (amount == 0)
        return ERR_OK;
    if (s->meter->by_run)
        return split_running(s, t0,
                             known > t0 && known < t0 + UTC_MINUTE_MS ? known : t0 + UTC_MINUTE_MS,
                             amount, sort);
    s->part[sort][i] = part_of(s, amount);
    return ERR_OK;
}

/* --- booking ------------------------------------------------------------------------------------
 */

static void weigh_by_running(struct parts *p) {
    for (size_t i = 0; i < p->n; i++)
        p->weight[i] = p->at[i].group == CAT_PRODUCTION ? p->at[i].ms : 0;
}

static void book_minute(struct sharing *s, int64_t i, int64_t amount, bool ran, bool gap) {
    struct book *b = s->b;
    struct parts *p = &b->parts;
    const int64_t t0 = (b->first + i) * UTC_MINUTE_MS;

    if (amount == 0 || b->err != ERR_OK)
        return;
    b->err = parts_cut(p, b->w, t0, t0 + UTC_MINUTE_MS, PARTS_BY_TIME);
    if (b->err != ERR_OK)
        return;
    book_from_share(b, s->signal->signal, b->first + i);
    if (ran)
        weigh_by_running(p);
    else
        parts_weigh_by_time(p);
    b->err = parts_split(p, amount, 1);
    if (b->err != ERR_OK)
        return;
    if (!plant_role_is_carrier((enum plant_role)s->signal->role)) {
        book_electricity(b, ROLE_ENERGY, gap);
        return;
    }
    for (size_t k = 0; k < p->n; k++)
        if (p->share[k] != 0)
            book_carrier(b, s->signal->role, &p->at[k], p->share[k]);
}

static void book_meter(struct book *b, const struct cell_signal *signal) {
    struct sharing s;
    const int64_t n = b->end - b->first;

    b->err = sharing_init(&s, b, signal);
    if (b->err == ERR_OK && s.meter->by_run)
        b->err = look_at_units(&s);
    if (b->err == ERR_OK)
        b->err = gather(&s);
    if (b->err == ERR_OK && s.meter->less_n > 0)
        b->err = deduct(&s);
    for (unsigned sort = 0; sort < SORTS; sort++) {
        for (int64_t i = 0; i < n && b->err == ERR_OK; i++)
            b->err = split_minute(&s, i, (enum sort)sort);
        for (int64_t i = 0; i < n && b->err == ERR_OK; i++) {
            book_minute(&s, i, s.part[sort][i], false, sort == GAP);
            book_minute(&s, i, s.ran[sort][i], true, sort == GAP);
        }
    }
    sharing_fini(&s);
}

void book_shared(struct book *b) {
    const struct cell_input *in = b->w->in;

    if (b->w->shared == 0)
        return;
    for (size_t i = 0; i < in->signal_n && b->err == ERR_OK; i++)
        if (in->signal[i].meter != 0)
            book_meter(b, &in->signal[i]);
}
