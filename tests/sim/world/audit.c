#include "simworld/audit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { PRINT_MAX = 6 };

/* --- collecting ------------------------------------------------------------------------------- */

struct collector {
    struct audit_windows *out;
    const struct core *core;
    enum err err;
};

static void copy_text(char out[24], struct span text) {
    size_t n = text.n < 23 ? text.n : 23;
    if (n)
        memcpy(out, text.p, n);
    out[n] = 0;
}

static enum err add(struct collector *c, const struct window *w) {
    struct audit_windows *l = c->out;
    if (sums_zero(&w->sums))
        return ERR_OK;
    if (l->n == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 256;
        struct audit_window *at = realloc(l->at, cap * sizeof *at);
        if (!at)
            return ERR_NOMEM;
        l->at = at;
        l->cap = cap;
    }
    struct audit_window *a = &l->at[l->n++];
    *a = (struct audit_window){.node = w->key.node,
                               .kind = w->key.kind,
                               .life = w->life,
                               .start_ms = w->key.start_ms,
                               .end_ms = w->end_ms,
                               .revision = w->revision,
                               .sums = w->sums};
    copy_text(a->product, core_word(c->core, w->key.product));
    copy_text(a->team, core_word(c->core, w->key.team));
    return ERR_OK;
}

/* Rows of OPEN, then those of WINDOW, each in the order of keys: of two with one key the open one
 * is newer. */
static void on_rows(void *user, enum err err, const struct store_rows *rows) {
    struct collector *c = user;
    const size_t open_n = rows->range_end[0];
    size_t open = 0; /* the first open row whose key is not less */
    c->err = err;
    for (size_t i = 0; i < rows->n && !c->err; i++) {
        struct window w = {0};
        while (i >= open_n && open < open_n &&
               memcmp(rows->at[open].key.p, rows->at[i].key.p, WINDOW_KEY_BYTES) < 0)
            open++;
        if (i >= open_n && open < open_n && span_equal(rows->at[open].key, rows->at[i].key))
            continue;
        c->err = window_key_unpack(rows->at[i].key, &w.key);
        if (!c->err)
            c->err = window_unpack(rows->at[i].value, &w);
        if (!c->err)
            c->err = add(c, &w);
    }
}

static int by_key(const void *x, const void *y) {
    const struct audit_window *a = x, *b = y;
    if (a->node != b->node)
        return a->node < b->node ? -1 : 1;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->start_ms != b->start_ms)
        return a->start_ms < b->start_ms ? -1 : 1;
    int order = strcmp(a->product, b->product);
    return order ? order : strcmp(a->team, b->team);
}

enum err audit_collect(struct station *s, struct audit_windows *out) {
    const struct store_range ranges[] = {{.table = STORE_OPEN}, {.table = STORE_WINDOW}};
    struct collector c = {.out = out, .core = s->core};
    enum err err = s->store->ops->load_now(s->store, ranges, 2, on_rows, &c);
    if (out->n)
        qsort(out->at, out->n, sizeof *out->at, by_key);
    return err ? err : c.err;
}

void audit_windows_fini(struct audit_windows *w) {
    free(w->at);
    *w = (struct audit_windows){0};
}

void audit_cut(struct audit_windows *w, int64_t least_ms) {
    size_t n = 0;
    for (size_t i = 0; i < w->n; i++)
        if (w->at[i].start_ms >= least_ms)
            w->at[n++] = w->at[i];
    w->n = n;
}

/* --- complaints ------------------------------------------------------------------------------- */

static void show(const char *what, const struct audit_window *w) {
    char from[UTC_TEXT];
    utc_format(w->start_ms, from);
    fprintf(stderr, "  %s: node %" PRIu32 " %s %s product=%s team=%s rev=%" PRIu32 "\n", what,
            w->node, window_kind_name((enum window_kind)w->kind), from, w->product, w->team,
            w->revision);
}

static void show_difference(const struct audit_window *a, const struct audit_window *b) {
    show("differs", a);
    for (unsigned q = 0; q < QTY_COUNT; q++)
        if (a->sums.q[q] != b->sums.q[q])
            fprintf(stderr, "    %s: %" PRId64 " expected %" PRId64 "\n", qty_name((enum qty)q),
                    a->sums.q[q], b->sums.q[q]);
    if (a->sums.pri_pq != b->sums.pri_pq || a->sums.pri_gq != b->sums.pri_gq)
        fprintf(stderr, "    ideal times differ\n");
}

unsigned audit_equal(const struct audit_windows *a, const struct audit_windows *b, bool print) {
    unsigned bad = 0, told = 0;
    for (size_t i = 0, k = 0; i < a->n || k < b->n;) {
        int order = i == a->n ? 1 : k == b->n ? -1 : by_key(&a->at[i], &b->at[k]);
        uint32_t node = order <= 0 && i < a->n ? a->at[i].node : b->at[k].node;
        bool tell = print && node >= SIM_FIRST_UNIT && told < PRINT_MAX; /* the rest follows */
        if (order == 0 && sums_equal(&a->at[i].sums, &b->at[k].sums)) {
            i++;
            k++;
            continue;
        }
        bad++;
        told += tell;
        if (order < 0 && tell)
            show("only in the run", &a->at[i]);
        if (order > 0 && tell)
            show("only in the straight run", &b->at[k]);
        if (order == 0 && tell)
            show_difference(&a->at[i], &b->at[k]);
        i += order <= 0;
        k += order >= 0;
    }
    return bad;
}

static unsigned units_below(const struct plant *p, uint32_t node) {
    unsigned n = 0;
    for (size_t u = 0; u < p->unit_n; u++)
        for (uint32_t at = p->unit[u].node; at != UINT32_MAX; at = p->node[at].parent)
            n += at == node;
    return n;
}

static bool plain(const struct audit_window *w) {
    return !w->product[0] && !w->team[0];
}

/* The first of a node's windows of a kind that begin at or after start. */
static size_t first_of(const struct audit_windows *w, uint32_t node, enum window_kind kind,
                       int64_t start_ms) {
    const struct audit_window wanted = {.node = node, .kind = (uint8_t)kind, .start_ms = start_ms};
    size_t lo = 0, hi = w->n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (by_key(&w->at[mid], &wanted) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* Adds a node's parts of one kind inside a window. */
static void add_parts(const struct audit_windows *w, const struct audit_window *whole,
                      uint32_t node, enum window_kind kind, struct sums *sum) {
    for (size_t i = first_of(w, node, kind, whole->start_ms); i < w->n; i++) {
        const struct audit_window *part = &w->at[i];
        if (part->node != node || part->kind != kind || part->start_ms >= whole->end_ms)
            break;
        if (plain(part))
            sums_add(sum, &part->sums);
    }
}

static bool additive_equal(const struct sums *a, const struct sums *b) {
    /* A node takes these from its declared outputs alone. */
    static const enum qty pieces[] = {
        QTY_PQ,         QTY_GQ,          QTY_RQ,         QTY_PQ_UNKNOWN,  QTY_GQ_UNKNOWN,
        QTY_RQ_UNKNOWN, QTY_COUNT_DUE,   QTY_COUNT_SEEN, QTY_QUALITY_DUE, QTY_QUALITY_SEEN,
        QTY_REWORK_DUE, QTY_REWORK_SEEN, QTY_ORDER_TIME};
    struct sums x = *a, y = *b;
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
        x.q[pieces[i]] = y.q[pieces[i]] = 0;
    return memcmp(x.q, y.q, sizeof x.q) == 0;
}

unsigned audit_laws(const struct audit_windows *w, const struct plant *p, int64_t known_ms,
                    bool print) {
    unsigned bad = 0;
    for (size_t i = 0; i < w->n; i++) {
        const struct audit_window *at = &w->at[i];
        const char *wrong = NULL;
        if (!plain(at) || at->end_ms > known_ms)
            continue;
        struct sums hours = {0}, units = {0};
        if (sums_time(&at->sums) != (at->end_ms - at->start_ms) * units_below(p, at->node))
            wrong = "L1: time is not the window's length";
        add_parts(w, at, at->node, WINDOW_QUARTER, &hours);
        for (uint32_t u = SIM_FIRST_UNIT; u < p->node_n; u++)
            add_parts(w, at, u, (enum window_kind)at->kind, &units);
        if (at->kind != WINDOW_SHIFT && !sums_equal(&hours, &at->sums))
            wrong = "L2: not the sum of its quarters";
        else if (at->node < SIM_FIRST_UNIT && !additive_equal(&units, &at->sums))
            wrong = "L2: not the sum of its units";
        if (at->life == WINDOW_PROVISIONAL)
            wrong = "never settled";
        if (wrong && print && bad < PRINT_MAX)
            show(wrong, at);
        bad += wrong != NULL;
    }
    return bad;
}

/* --- what the tape says ----------------------------------------------------------------------- */

struct follow {
    int64_t last, sum;
    bool seen;
};

/* A key frame tells again what data told; more only where that was given up, less only where an
 * image was put back. */
static void step(struct follow *f, int64_t value, bool key) {
    if (key && f->seen && value <= f->last)
        return;
    if (f->seen)
        f->sum += value - f->last;
    f->seen = true;
    f->last = value;
}

enum { COUNT, ENERGY, SCRAP, TOTALS };

/* Ids are those of the newest key frame. */
static void take_points(struct batch *b, const char *const name[TOTALS], uint32_t id[TOTALS]) {
    struct point p;
    while (batch_next_point(b, &p))
        for (unsigned k = 0; k < TOTALS; k++)
            if (strcmp(p.name, name[k]) == 0)
                id[k] = p.id;
}

/* Whether all parts follow a key frame's first one: what it tells counts whole or not at all. */
static bool is_whole(struct cursor c, struct batch b) {
    uint32_t n = 0, part = 0;
    struct span frame;
    enum batch_fault fault;
    while (b.head.kind == BATCH_KEY && b.key.part == part) {
        if (++part == b.key.parts)
            return true;
        if (cursor_take_le32(&c, &n) || cursor_take_span(&c, n, &frame) ||
            batch_parse(frame, &b, &fault))
            return false;
    }
    return false;
}

struct audit_totals audit_tape(const struct tape *t, const char *count, const char *energy,
                               const char *scrap) {
    const char *const name[TOTALS] = {count, energy, scrap};
    struct follow counts = {0}, meter = {0};
    int64_t events = 0;
    for (size_t i = 0; i < t->n; i++) {
        struct cursor c = cursor_of(buf_span(&t->at[i].frames));
        bool begun = false, whole = false;
        uint32_t n = 0, id[TOTALS] = {UINT32_MAX, UINT32_MAX, UINT32_MAX};
        struct span frame;
        while (!cursor_take_le32(&c, &n) && !cursor_take_span(&c, n, &frame)) {
            struct batch b;
            struct reading r;
            enum batch_fault fault;
            if (batch_parse(frame, &b, &fault) || b.head.kind > BATCH_KEY)
                continue;
            bool key = b.head.kind == BATCH_KEY;
            if (key && b.key.part == 0)
                whole = is_whole(c, b);
            begun = begun || (key && whole);
            if (!begun || (key && !whole))
                continue;
            if (key)
                take_points(&b, name, id);
            while (batch_next_reading(&b, &r)) {
                if (r.point == id[COUNT])
                    step(&counts, r.v.as.i, key);
                else if (r.point == id[ENERGY])
                    step(&meter, r.v.as.i, key);
                else if (r.point == id[SCRAP] && !key)
                    events += r.v.as.span.amount;
            }
        }
    }
    return (struct audit_totals){counts.sum, meter.sum, events};
}

static unsigned complain(const char *what, int64_t got, int64_t expected, bool print) {
    if (got == expected)
        return 0;
    if (print)
        fprintf(stderr, "  %s: %" PRId64 " in the windows, %" PRId64 " accepted\n", what, got,
                expected);
    return 1;
}

unsigned audit_counts(const struct audit_windows *w, uint32_t node,
                      const struct audit_totals *totals, bool good, bool print) {
    int64_t count = 0, scrap = 0, energy = 0;
    unsigned made = good ? QTY_GQ : QTY_PQ, made_unknown = good ? QTY_GQ_UNKNOWN : QTY_PQ_UNKNOWN;
    for (size_t i = 0; i < w->n; i++) {
        const struct audit_window *at = &w->at[i];
        if (at->node != node || at->kind != WINDOW_DAY || !plain(at))
            continue;
        count += at->sums.q[made] + at->sums.q[made_unknown];
        scrap += at->sums.q[QTY_SQ] + at->sums.q[QTY_SQ_UNKNOWN];
        energy += sums_energy(&at->sums) + at->sums.q[QTY_EXPORT]; /* used is taken less given */
    }
    unsigned bad = 0;
    if (totals->count >= 0)
        bad += complain("pieces", count, totals->count * 1000000, print);
    bad += complain("energy", energy, totals->energy * 1000000, print);
    if (good)
        bad += complain("scrap", scrap, totals->scrap * 1000000, print);
    return bad;
}
