#include "cell/cell.h"

#include <assert.h>
#include <stdlib.h>

#include "cell/book.h"

static bool unit_reads(const struct plant *p, const struct plant_unit *u, uint8_t role) {
    for (size_t i = 0; i < u->signal_n; i++)
        if (u->signal[i] < p->signal_n && p->signal[u->signal[i]].role == role)
            return true;
    return u->entered >> role & 1;
}

/* A slot and a minute always belong to both sides: amounts are told by whole ones. */
static int64_t least_look(const struct plant_unit *u) {
    return micro_stop_ms(u) + UTC_MINUTE_MS;
}

static int64_t look_back(const struct plant *plant, const struct plant_unit *u) {
    const bool remembers = u->state_source == STATE_POWER || u->state_source == STATE_COUNTS ||
                           unit_reads(plant, u, ROLE_PRODUCT);

    return least_look(u) + (remembers ? WORK_HISTORY_MS : 0);
}

static int64_t look_ahead(const struct plant *plant, const struct plant_unit *u) {
    (void)plant;
    return least_look(u) + (u->state_source == STATE_COUNTS ? WORK_HISTORY_MS : 0);
}

/* The farthest look of the unit and of its mates. */
static int64_t farthest(const struct plant *plant, uint32_t unit,
                        int64_t (*look)(const struct plant *, const struct plant_unit *)) {
    const struct plant_unit *u = &plant->unit[unit];
    int64_t far = look(plant, u);

    for (size_t i = 0; i < u->mate_n; i++) {
        const int64_t its = look(plant, &plant->unit[u->mate[i]]);
        far = its > far ? its : far;
    }
    return far;
}

int64_t cell_look_back_ms(const struct plant *plant, uint32_t unit) {
    return farthest(plant, unit, look_back);
}

int64_t cell_look_ahead_ms(const struct plant *plant, uint32_t unit) {
    return farthest(plant, unit, look_ahead);
}

/* A run goes on over a short silence (proof.c), so that is seen behind it, too. */
int64_t cell_look_proof_ms(const struct plant *plant, uint32_t unit) {
    size_t n = 0;
    const struct plant_proof *x = plant_proofs(plant, unit, &n);
    int64_t hold = 0;

    for (size_t i = 0; i < n; i++) {
        const int64_t its = plant->condition[x[i].condition].hold_ms;
        hold = its > hold ? its : hold;
    }
    return n == 0 ? 0 : hold + 2 * UTC_MINUTE_MS;
}

int64_t cell_margin_ms(const struct plant *plant, uint32_t unit) {
    const int64_t back = cell_look_back_ms(plant, unit), ahead = cell_look_ahead_ms(plant, unit);
    const int64_t proof = cell_look_proof_ms(plant, unit), more = back > ahead ? back : ahead;

    return more > proof ? more : proof;
}

static int64_t ceil_minute(int64_t t_ms) {
    return utc_floor(t_ms + UTC_MINUTE_MS - 1, UTC_MINUTE_MS);
}

/* The next amount that is spread over time; false at the end. */
static bool next_spread(const struct cell_input *in, size_t *at, struct amount *out) {
    for (; *at < in->entry_n; ++*at) {
        const struct siglog_entry *e = &in->entry[*at];
        if (e->kind != SIGLOG_SPAN && e->kind != SIGLOG_ROW)
            continue;
        const struct cell_signal *s = signal_of(in, e->signal);
        if (s == NULL || !plant_role_is_amount(s->role))
            continue;
        *out = amount_of(e, s);
        ++*at;
        return true;
    }
    return false;
}

struct minutes { /* [from, to) */
    int64_t from, to;
};

/* Adds to *out what spans and rows touching `range` cover. */
static void widen(const struct cell_input *in, const struct minutes *range, struct minutes *out) {
    struct amount a;

    for (size_t at = 0; next_spread(in, &at, &a);) {
        if (a.t1 <= range->from || a.t0 >= range->to)
            continue;
        const int64_t first = utc_floor(a.t0, UTC_MINUTE_MS), last = ceil_minute(a.t1);
        out->from = first < out->from ? first : out->from;
        out->to = last > out->to ? last : out->to;
    }
}

/* Takes from *out what spans and rows of `range` cover that reach beyond it. */
static void narrow(const struct cell_input *in, const struct minutes *range, struct minutes *out) {
    struct amount a;

    for (size_t at = 0; next_spread(in, &at, &a);) {
        if (a.t1 <= range->from || a.t0 >= range->to)
            continue;
        const int64_t first = utc_floor(a.t0, UTC_MINUTE_MS), last = ceil_minute(a.t1);
        if (first < range->from)
            out->from = last > out->from ? last : out->from;
        else if (last > range->to)
            out->to = first < out->to ? first : out->to;
    }
}

void cell_widen(const struct cell_input *in, int64_t *from_ms, int64_t *to_ms) {
    const struct minutes range = {*from_ms, *to_ms};
    struct minutes out = {utc_floor(*from_ms, UTC_MINUTE_MS), ceil_minute(*to_ms)};

    widen(in, &range, &out);
    for (size_t i = 0; i < in->mate_n; i++)
        widen(&in->mate[i], &range, &out);
    *from_ms = out.from;
    *to_ms = out.to;
}

void cell_narrow(const struct cell_input *in, int64_t *from_ms, int64_t *to_ms) {
    const struct minutes range = {*from_ms, *to_ms};
    struct minutes out = range;

    narrow(in, &range, &out);
    for (size_t i = 0; i < in->mate_n; i++)
        narrow(&in->mate[i], &range, &out);
    *from_ms = out.from;
    *to_ms = out.to;
}

static int context_compare(const struct context *a, const struct context *b) {
    if (a->product != b->product)
        return a->product < b->product ? -1 : 1;
    if (a->order != b->order)
        return a->order < b->order ? -1 : 1;
    if (a->team != b->team)
        return a->team < b->team ? -1 : 1;
    if (a->shift != b->shift)
        return a->shift < b->shift ? -1 : 1;
    return (a->shift_day > b->shift_day) - (a->shift_day < b->shift_day);
}

static int cell_compare(const void *a, const void *b) {
    const struct cell *x = a, *y = b;

    if (x->minute != y->minute)
        return x->minute < y->minute ? -1 : 1;
    return context_compare(&x->ctx, &y->ctx);
}

static void finish(struct cells *c) {
    size_t n = 0;
    bool sorted = true;

    for (size_t i = 0; i < c->n; i++) {
        if (sums_zero(&c->at[i].sums))
            continue;
        if (n != i)
            c->at[n] = c->at[i];
        n++;
        sorted = sorted && (n == 1 || cell_compare(&c->at[n - 2], &c->at[n - 1]) < 0);
    }
    c->n = n;
    if (!sorted)
        qsort(c->at, n, sizeof *c->at, cell_compare);
}

static void input_check(const struct cell_input *in) {
    assert(in->unit < in->plant->unit_n);     /* the caller names a unit of this plant */
    assert(in->words != NULL);                /* contexts are words */
    assert(in->from_ms % UTC_MINUTE_MS == 0); /* cells are whole minutes */
    assert(in->to_ms % UTC_MINUTE_MS == 0 && in->to_ms >= in->from_ms);
    (void)in;
}

enum err cell_compute(const struct cell_input *in, struct cells *out) {
    struct work w;
    struct book b = {0};

    input_check(in);
    out->n = 0;
    enum err e = work_init(&w, in);
    if (e == ERR_OK)
        e = timeline_make(&w);
    if (e == ERR_OK)
        e = book_init(&b, &w, out);
    if (e == ERR_OK) {
        book_time(&b);
        book_counts(&b);
        book_energy(&b);
        book_carriers(&b);
        book_shared(&b);
        book_evidence(&b);
        book_breaches(&b);
        book_tell(&b);
        book_converted(&b);
        e = b.err;
    }
    if (e == ERR_OK)
        finish(out);
    else
        out->n = 0;
    book_fini(&b);
    work_fini(&w);
    return e;
}

/* Copies what lies in [from, to). */
static struct cell_piece *pieces_copy(const struct work *w, int64_t from, int64_t to, size_t *n) {
    const size_t first = timeline_seek(w, from);
    struct cell_piece *at = malloc((w->piece_n - first + 1) * sizeof *at);

    *n = 0;
    for (size_t i = first; at != NULL && i < w->piece_n && w->piece[i].p.t0_ms < to; i++) {
        struct cell_piece p = w->piece[i].p;
        p.t0_ms = p.t0_ms > from ? p.t0_ms : from;
        p.t1_ms = p.t1_ms < to ? p.t1_ms : to;
        at[(*n)++] = p;
    }
    return at;
}

enum err cell_timeline(const struct cell_input *in, struct cell_piece **out, size_t *n) {
    struct work w;
    size_t copied = 0;

    input_check(in);
    enum err e = work_init(&w, in);
    if (e == ERR_OK)
        e = timeline_make(&w);
    if (e == ERR_OK) {
        const int64_t to = in->to_ms < in->now_known_ms ? in->to_ms : in->now_known_ms;
        struct cell_piece *at = pieces_copy(&w, in->from_ms, to, &copied);
        e = at == NULL ? ERR_NOMEM : ERR_OK;
        if (e == ERR_OK) {
            *out = at;
            *n = copied;
        }
    }
    work_fini(&w);
    return e;
}
