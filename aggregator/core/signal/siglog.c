#include "signal/siglog.h"

#include <stdlib.h>

#include "base/utc.h"

enum { SIGLOG_FIRST = 64, SIGLOG_FEW = 12, SIGLOG_SOME = 256 };

void siglog_init(struct siglog *l) {
    *l = (struct siglog){0};
}

void siglog_fini(struct siglog *l) {
    free(l->at);
    *l = (struct siglog){0};
}

enum err siglog_add(struct siglog *l, const struct siglog_entry *e) {
    if (l->n == l->cap) {
        size_t cap = l->cap > 0 ? l->cap * 2 : SIGLOG_FIRST;
        struct siglog_entry *at =
            cap > SIZE_MAX / sizeof *at ? NULL : realloc(l->at, cap * sizeof *at);
        if (at == NULL)
            return ERR_NOMEM;
        l->at = at;
        l->cap = cap;
    }
    l->at[l->n++] = *e;
    return ERR_OK;
}

int64_t siglog_hour(const struct siglog_entry *e) {
    bool by_start = e->kind == SIGLOG_STATE || e->kind == SIGLOG_SLOT || e->kind == SIGLOG_WATCH;

    return utc_floor(by_start ? e->t0_ms : e->t1_ms - 1, UTC_HOUR_MS) / UTC_HOUR_MS;
}

static bool time_check(int64_t t_ms) {
    return t_ms >= -SIGLOG_TIME_LIMIT_MS && t_ms <= SIGLOG_TIME_LIMIT_MS;
}

bool siglog_entry_check(const struct siglog_entry *e) {
    return e->kind < SIGLOG_KIND_COUNT && (e->flags & ~SIGLOG_FLAGS) == 0 && time_check(e->t0_ms) &&
           time_check(e->t1_ms) && e->t0_ms <= e->t1_ms;
}

static int order_i64(int64_t a, int64_t b) {
    return (a > b) - (a < b);
}

static uint64_t group_of(const struct siglog_entry *e) {
    return (uint64_t)e->signal << 16 | (uint64_t)e->kind << 8 | e->flags;
}

static inline int order(const struct siglog_entry *a, const struct siglog_entry *b) {
    uint64_t ga = group_of(a), gb = group_of(b);
    int o = (ga > gb) - (ga < gb);

    o = o != 0 ? o : order_i64(a->t0_ms, b->t0_ms);
    o = o != 0 ? o : order_i64(a->t1_ms, b->t1_ms);
    o = o != 0 ? o : order_i64(a->value, b->value);
    return o != 0 ? o : order_i64(a->tag, b->tag);
}

int siglog_order(const struct siglog_entry *a, const struct siglog_entry *b) {
    return order(a, b);
}

static int order_any(const void *a, const void *b) {
    return siglog_order(a, b);
}

/* Within one group: equal values side by side, so that overlapping intervals of a value meet. */
static int order_value(const void *a, const void *b) {
    const struct siglog_entry *x = a, *y = b;
    int o = order_i64(x->value, y->value);

    return o != 0 ? o : order(x, y);
}

static void insert(struct siglog_entry *at, size_t n) {
    for (size_t i = 1; i < n; i++) {
        struct siglog_entry e = at[i];
        size_t k = i;
        for (; k > 0 && order(&at[k - 1], &e) > 0; k--)
            at[k] = at[k - 1];
        at[k] = e;
    }
}

/* A job gathers a few dozen entries and sorts them several times: with room on the stack and
 * without a call for each comparison. Halves are sorted, then the lower one makes way. */
static void sort_some(struct siglog_entry *at, size_t n) {
    struct siglog_entry low[SIGLOG_SOME / 2];
    if (n <= SIGLOG_FEW) {
        insert(at, n);
        return;
    }
    size_t low_n = n / 2, i = 0, k = low_n, out = 0;
    sort_some(at, low_n);
    sort_some(at + low_n, n - low_n);
    memcpy(low, at, low_n * sizeof *low);
    while (i < low_n)
        at[out++] = k == n || order(&low[i], &at[k]) <= 0 ? low[i++] : at[k++];
}

static void sort(struct siglog_entry *at, size_t n) {
    for (size_t i = 1; i < n; i++) {
        if (order(&at[i - 1], &at[i]) <= 0)
            continue;
        if (n <= SIGLOG_SOME)
            sort_some(at, n);
        else
            qsort(at, n, sizeof *at, order_any);
        return;
    }
}

/* Merges neighbours of equal value that touch; returns how many are left. */
static size_t merge_touching(struct siglog_entry *at, size_t n) {
    size_t out = 0;

    for (size_t i = 0; i < n; i++) {
        struct siglog_entry *last = &at[out - (out > 0)];
        if (out > 0 && last->value == at[i].value && at[i].t0_ms <= last->t1_ms) {
            if (at[i].t1_ms > last->t1_ms)
                last->t1_ms = at[i].t1_ms;
            continue;
        }
        at[out++] = at[i];
    }
    return out;
}

/* STATEs of one (signal, flags, hour), sorted. Overlap of different values comes from clocks that
 * ran twice over the same time; only then two sorts more are needed. */
static size_t merge_states(struct siglog_entry *at, size_t n) {
    for (size_t i = 1; i < n; i++) {
        if (at[i].t0_ms < at[i - 1].t1_ms) {
            qsort(at, n, sizeof *at, order_value);
            n = merge_touching(at, n);
            qsort(at, n, sizeof *at, order_any);
            return n;
        }
    }
    return merge_touching(at, n);
}

static bool span_in_minute(const struct siglog_entry *e) {
    return e->t0_ms >= utc_floor(e->t1_ms - 1, UTC_MINUTE_MS);
}

/* SPANs of one (signal, flags), sorted. Spans inside a minute come in order of their minutes, but
 * longer ones may stand between them. */
static size_t merge_spans(struct siglog_entry *at, size_t n) {
    size_t out = 0, open = n;
    int64_t minute = 0, sum;

    for (size_t i = 0; i < n; i++) {
        struct siglog_entry e = at[i];
        if (!span_in_minute(&e)) {
            at[out++] = e;
            continue;
        }
        int64_t m = utc_floor(e.t1_ms - 1, UTC_MINUTE_MS);
        if (open < n && m == minute && !__builtin_add_overflow(at[open].value, e.value, &sum)) {
            at[open].value = sum;
            at[open].t1_ms = e.t1_ms > at[open].t1_ms ? e.t1_ms : at[open].t1_ms;
            continue;
        }
        minute = m;
        open = out;
        at[out++] = e;
    }
    return out;
}

/* SLOTs of one (signal, flags), sorted: parts of a slot are neighbours. */
static size_t merge_slots(struct siglog_entry *at, size_t n) {
    size_t out = 0;
    int64_t sum;

    for (size_t i = 0; i < n; i++) {
        struct siglog_entry *last = &at[out - (out > 0)];
        if (out > 0 && last->t0_ms == at[i].t0_ms &&
            !__builtin_add_overflow(last->value, at[i].value, &sum)) {
            last->value = sum;
            last->t1_ms += at[i].t1_ms - at[i].t0_ms;
            continue;
        }
        at[out++] = at[i];
    }
    return out;
}

static size_t merge(struct siglog_entry *at, size_t n) {
    switch ((enum siglog_kind)at->kind) {
    case SIGLOG_STATE:
    case SIGLOG_WATCH:
        return merge_states(at, n);
    case SIGLOG_SPAN:
        return merge_spans(at, n);
    case SIGLOG_SLOT:
        return merge_slots(at, n);
    case SIGLOG_EVENT:
    case SIGLOG_ROW:
    case SIGLOG_BREAK:
    case SIGLOG_KIND_COUNT:
        break;
    }
    return n;
}

static bool together(const struct siglog_entry *a, const struct siglog_entry *b) {
    const bool by_hour = a->kind == SIGLOG_STATE || a->kind == SIGLOG_WATCH;

    return group_of(a) == group_of(b) && (!by_hour || siglog_hour(a) == siglog_hour(b));
}

void siglog_canonical(struct siglog *l) {
    size_t out = 0, end;

    sort(l->at, l->n);
    for (size_t i = 0; i < l->n; i = end) {
        for (end = i + 1; end < l->n && together(&l->at[i], &l->at[end]);)
            end++;
        size_t left = merge(&l->at[i], end - i);
        memmove(&l->at[out], &l->at[i], left * sizeof l->at[0]);
        out += left;
    }
    l->n = out;
}
