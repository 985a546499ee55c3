#include "study/balance.h"

#include <math.h>
#include <stdlib.h>

enum { MEASURED_PERCENT = 95 };

void balance_init(struct balance *b, struct balance_meter *meter, size_t n) {
    *b = (struct balance){.meter = meter, .meter_n = n};
}

void balance_fini(struct balance *b) {
    free(b->at);
    *b = (struct balance){0};
}

/* Where an interval stands, or would stand. */
static size_t place_of(const struct balance *b, int64_t start_ms) {
    size_t low = 0, high = b->n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (b->at[middle].start_ms < start_ms)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* NULL: out of memory. */
static struct balance_interval *interval_of(struct balance *b, const struct energy_window *w) {
    const size_t at = place_of(b, w->start_ms);
    if (at < b->n && b->at[at].start_ms == w->start_ms)
        return &b->at[at];
    if (b->n == b->cap) {
        const size_t cap = b->cap ? 2 * b->cap : 64;
        struct balance_interval *grown = realloc(b->at, cap * sizeof *grown);
        if (!grown)
            return NULL;
        b->at = grown;
        b->cap = cap;
    }
    memmove(b->at + at + 1, b->at + at, (b->n - at) * sizeof *b->at);
    b->n++;
    b->at[at] = (struct balance_interval){.start_ms = w->start_ms, .end_ms = w->end_ms};
    return &b->at[at];
}

static bool is_measured(const struct energy_window *w, int64_t due, int64_t seen) {
    return due > 0 && !span_equal(w->life, span_str("provisional")) &&
           (double)seen * 100 >= (double)due * MEASURED_PERCENT;
}

enum err balance_take(void *balance, const struct energy_window *w) {
    struct balance *b = balance;
    struct balance_meter *m = b->taking;
    struct balance_interval *at = interval_of(b, w);
    if (!at)
        return ERR_NOMEM;
    const int64_t due = w->sum(w->user, "energy_due"), seen = w->sum(w->user, "energy_seen");
    const int64_t in = w->sum(w->user, "import") - w->sum(w->user, "export");
    const int64_t spread = w->sum(w->user, "energy_gap");
    const bool measured = is_measured(w, due, seen);
    m->energy_uwh += in;
    m->spread_uwh += spread;
    m->due_ms += due;
    m->seen_ms += seen;
    m->windows++;
    m->measured += measured;
    *(m->main ? &at->main_uwh : &at->sub_uwh) += in;
    at->spread_uwh += spread;
    *(m->main ? &at->main_n : &at->sub_n) += measured;
    return ERR_OK;
}

static void count_units(const struct balance *b, size_t *main_n, size_t *sub_n) {
    *main_n = *sub_n = 0;
    for (size_t i = 0; i < b->meter_n; i++)
        *(b->meter[i].main ? main_n : sub_n) += b->meter[i].units;
}

bool balance_complete(const struct balance *b, const struct balance_interval *at) {
    size_t main_n, sub_n;
    count_units(b, &main_n, &sub_n);
    return main_n > 0 && sub_n > 0 && at->main_n == main_n && at->sub_n == sub_n;
}

static void add(struct balance_total *t, const struct balance_interval *at) {
    t->n++;
    t->time_ms += at->end_ms - at->start_ms;
    t->main_uwh += at->main_uwh;
    t->sub_uwh += at->sub_uwh;
    t->spread_uwh += at->spread_uwh;
}

static void finish(struct balance_total *t) {
    t->rest_uwh = t->main_uwh - t->sub_uwh;
    t->share = t->main_uwh > 0 ? (double)t->rest_uwh / (double)t->main_uwh : NAN;
}

void balance_result(const struct balance *b, struct balance_result *out) {
    *out = (struct balance_result){0};
    for (size_t i = 0; i < b->n; i++) {
        add(&out->all, &b->at[i]);
        if (balance_complete(b, &b->at[i]))
            add(&out->complete, &b->at[i]);
    }
    finish(&out->all);
    finish(&out->complete);
    out->coverage =
        out->all.time_ms > 0 ? (double)out->complete.time_ms / (double)out->all.time_ms : NAN;
}
