#include "stops/stops.h"

#include <stdlib.h>

void stops_init(struct stops *s) {
    *s = (struct stops){0};
}

void stops_fini(struct stops *s) {
    free(s->at);
    free(s->row);
    *s = (struct stops){0};
}

static enum err push(struct stops *s, const struct stop *x) {
    if (s->n == s->cap) {
        const size_t cap = s->cap ? s->cap * 2 : 64;
        struct stop *at = realloc(s->at, cap * sizeof *at);
        if (!at)
            return ERR_NOMEM;
        s->at = at;
        s->cap = cap;
    }
    s->at[s->n++] = *x;
    return ERR_OK;
}

/* --- failures -----------------------------------------------------------------------------------
 */

struct watch {
    bool fails;          /* now */
    bool begin_seen;     /* of this failure */
    bool whole;          /* since the end of the last one nothing was unknown */
    int64_t since_ms;    /* begin of the failure */
    int64_t operated_ms; /* since the end of the last one */
};

static void on_failing(struct stops_failures *f, struct watch *w, const struct cell_piece *p,
                       bool known_before) {
    if (w->fails)
        return;
    f->begun += known_before;
    if (known_before && w->whole) {
        f->between_n++;
        f->between_ms += w->operated_ms;
    }
    *w = (struct watch){.fails = true, .begin_seen = known_before, .since_ms = p->t0_ms};
}

static void on_working(struct stops_failures *f, struct watch *w, const struct cell_piece *p,
                       int64_t ms) {
    if (w->fails && w->begin_seen) {
        f->repair_n++;
        f->repair_ms += p->t0_ms - w->since_ms;
    }
    if (w->fails)
        *w = (struct watch){.whole = true};
    if (p->category == CAT_PRODUCTION || p->category == CAT_SETUP)
        w->operated_ms += ms;
}

static void failures_add(struct stops_failures *f, const struct cell_piece *piece, size_t n) {
    struct watch w = {0};
    for (size_t i = 0; i < n; i++) {
        const struct cell_piece *p = &piece[i];
        const bool known_before = i > 0 && piece[i - 1].category != CAT_UNKNOWN;
        if (p->category == CAT_UNKNOWN)
            w = (struct watch){0};
        else if (cell_piece_failing(p))
            on_failing(f, &w, p, known_before);
        else
            on_working(f, &w, p, p->t1_ms - p->t0_ms);
    }
}

/* --- stops --------------------------------------------------------------------------------------
 */

static bool is_stop(const struct cell_piece *p) {
    return p->category != CAT_PRODUCTION && p->category != CAT_UNKNOWN;
}

enum err stops_add(struct stops *s, uint32_t unit, const struct cell_piece *piece, size_t n) {
    struct stop *last = NULL;
    for (size_t i = 0; i < n; i++) {
        const struct cell_piece *p = &piece[i];
        const int64_t ms = p->t1_ms - p->t0_ms;
        const uint8_t cause = p->category == CAT_DELAY ? p->cause : CAUSE_UNSTATED;
        s->run_ms += p->category == CAT_PRODUCTION ? ms : 0;
        s->unknown_ms += p->category == CAT_UNKNOWN ? ms : 0;
        if (!is_stop(p)) {
            last = NULL;
            continue;
        }
        s->stop_ms += ms;
        if (last && last->to_ms == p->t0_ms && last->category == p->category &&
            last->cause == cause && last->reason == p->reason) {
            last->to_ms = p->t1_ms;
            continue;
        }
        const struct stop x = {.unit = unit,
                               .category = p->category,
                               .cause = cause,
                               .reason = p->reason,
                               .from_ms = p->t0_ms,
                               .to_ms = p->t1_ms,
                               .ctx = p->ctx};
        const enum err e = push(s, &x);
        if (e != ERR_OK)
            return e;
        last = &s->at[s->n - 1];
    }
    failures_add(&s->failures, piece, n);
    return ERR_OK;
}

static int64_t length(const struct stop *x) {
    return x->to_ms - x->from_ms;
}

static int by_length(const void *a, const void *b) {
    const struct stop *x = a, *y = b;
    if (length(x) != length(y))
        return length(x) > length(y) ? -1 : 1;
    if (x->from_ms != y->from_ms)
        return x->from_ms < y->from_ms ? -1 : 1;
    return (x->unit > y->unit) - (x->unit < y->unit);
}

/* Negative, 0 or positive: which row comes first where nothing else tells. */
static int row_order(uint8_t category, uint8_t cause, uint32_t reason, const struct stops_row *r) {
    if (category != r->category)
        return category < r->category ? -1 : 1;
    if (cause != r->cause)
        return cause < r->cause ? -1 : 1;
    return (reason > r->reason) - (reason < r->reason);
}

static struct stops_row row_of(const struct stop *x) {
    return (struct stops_row){.category = x->category, .cause = x->cause, .reason = x->reason};
}

static int by_row(const void *a, const void *b) {
    const struct stop *x = a;
    const struct stops_row other = row_of(b);
    const int order = row_order(x->category, x->cause, x->reason, &other);
    return order ? order : by_length(a, b);
}

static int by_total(const void *a, const void *b) {
    const struct stops_row *x = a, *y = b;
    if (x->total_ms != y->total_ms)
        return x->total_ms > y->total_ms ? -1 : 1;
    return row_order(x->category, x->cause, x->reason, y);
}

/* Of n stops of one row, the longest first. */
static struct stops_row sum_up(const struct stop *at, size_t n) {
    struct stops_row r = row_of(at);
    for (size_t i = 0; i < n; i++)
        r.total_ms += length(&at[i]);
    r.count = n;
    r.longest_ms = length(at);
    r.median_ms = (length(&at[(n - 1) / 2]) + length(&at[n / 2])) / 2;
    return r;
}

/* End of the row that begins at i; stops are sorted by_row. */
static size_t row_end(const struct stops *s, size_t i) {
    const struct stops_row r = row_of(&s->at[i]);
    while (i < s->n && row_order(s->at[i].category, s->at[i].cause, s->at[i].reason, &r) == 0)
        i++;
    return i;
}

enum err stops_sort(struct stops *s) {
    size_t rows = 0;
    free(s->row);
    s->row = NULL;
    s->row_n = 0;
    if (s->n == 0)
        return ERR_OK;
    qsort(s->at, s->n, sizeof *s->at, by_row);
    for (size_t i = 0; i < s->n; i = row_end(s, i))
        rows++;
    s->row = calloc(rows, sizeof *s->row);
    if (!s->row)
        return ERR_NOMEM;
    for (size_t i = 0, end; i < s->n; i = end) {
        end = row_end(s, i);
        s->row[s->row_n++] = sum_up(&s->at[i], end - i);
    }
    qsort(s->row, s->row_n, sizeof *s->row, by_total);
    qsort(s->at, s->n, sizeof *s->at, by_length);
    return ERR_OK;
}
