/* Minutes of history: which hours there are is told by their lives; the sums are added up from the
 * cells of the units below the node, all as of one commit. */
#include <stdlib.h>

#include "engine/history_impl.h"
#include "window/lives.h"

enum {
    HOURS_MAX = HISTORY_LIMIT_MAX / LIVES_MINUTES + 2, /* of one page */
    UNIT_HOURS_MAX = 4096 /* cell rows of one read: some megabytes, some tens of ms */
};

struct hour {
    int64_t hour;
    struct lives lives;
    struct window minute[LIVES_MINUTES]; /* with the sums of the cells */
};

struct minutes {
    const struct history_query *q;
    struct hour *hour;
    size_t n, cap;
    enum err err;
};

static struct hour *find_hour(struct minutes *m, int64_t hour) {
    for (size_t i = 0; i < m->n; i++)
        if (m->hour[i].hour == hour)
            return &m->hour[i];
    return NULL;
}

static enum err take_lives(struct minutes *m, const struct store_item *row) {
    uint32_t node_no = 0;
    int64_t at = 0;
    struct lives lives = {0};
    enum err err = lives_key_unpack(row->key, &node_no, &at);
    if (!err)
        err = lives_unpack(row->value, &lives);
    if (err)
        return err;
    struct hour *h = find_hour(m, at);
    if (!h && m->n < m->cap) {
        h = &m->hour[m->n++];
        *h = (struct hour){.hour = at};
    }
    if (h && !h->lives.exists) /* open rows come first and are the newer */
        h->lives = lives;
    else
        lives_fini(&lives);
    return ERR_OK;
}

static enum err take_cells(struct minutes *m, const struct store_item *row) {
    const struct plant *p = m->q->plant;
    const char *id = (const char *)row->key.p;
    uint32_t unit = plant_find_unit(p, id);
    const uint8_t *at = row->key.p + row->key.n - 4;
    struct hour *h = find_hour(
        m, (int64_t)((uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3]));
    if (!h || unit == UINT32_MAX)
        return ERR_OK;
    struct window_target t = {.pieces = window_output(p, m->q->node, unit)};
    struct cells cells;
    cells_init(&cells);
    enum err err = cells_unpack(row->value, &cells);
    for (size_t i = 0; i < cells.n && !err; i++) {
        int64_t minute = cells.at[i].minute - h->hour * LIVES_MINUTES;
        if (minute < 0 || minute >= LIVES_MINUTES)
            err = ERR_FORMAT;
        else if (window_counts_at(p, m->q->node, unit, cells.at[i].minute))
            window_apply(&h->minute[minute], &t, &cells.at[i].sums, 1);
    }
    cells_fini(&cells);
    return err;
}

static void on_rows(void *user, enum err err, const struct store_rows *rows) {
    struct minutes *m = user;
    m->err = err;
    for (size_t i = 0; i < rows->n && !m->err; i++)
        m->err = rows->at[i].table == STORE_MINUTE ? take_lives(m, &rows->at[i])
                                                   : take_cells(m, &rows->at[i]);
    if (!m->err && rows->truncated)
        m->err = ERR_FULL;
}

/* --- what is read -------------------------------------------------------------------------------
 */

struct ranges {
    struct store_range *at;
    size_t n;
    struct buf keys; /* what the ranges point into, once all are there */
};

static void add_range(struct ranges *r, uint8_t table, struct span from, struct span to,
                      size_t limit) {
    r->at[r->n++] = (struct store_range){.table = table,
                                         .from = span_of(NULL, from.n),
                                         .to = span_of(NULL, to.n),
                                         .limit = (uint32_t)limit};
    buf_add(&r->keys, from.p, from.n);
    buf_add(&r->keys, to.p, to.n);
}

static void add_lives(struct ranges *r, const struct history_query *q, int64_t from_hour,
                      int64_t to_hour, size_t limit) {
    for (unsigned closed = 0; closed < 2; closed++) {
        uint8_t from[LIVES_KEY_BYTES], to[LIVES_KEY_BYTES];
        lives_key_pack(closed, q->node_no, from_hour, from);
        lives_key_pack(closed, q->node_no, to_hour, to);
        add_range(r, STORE_MINUTE, span_of(from, sizeof from), span_of(to, sizeof to), limit);
    }
}

size_t history_cell_key(const struct plant *p, uint32_t unit, int64_t hour,
                        uint8_t out[HISTORY_CELL_KEY_MAX]) {
    size_t n = strlen(p->unit[unit].id.s) + 1;
    memcpy(out, p->unit[unit].id.s, n);
    for (unsigned b = 0; b < 4; b++)
        out[n + b] = (uint8_t)((uint32_t)hour >> (24 - 8 * b));
    return n + 4;
}

static void add_cells(struct ranges *r, const struct history_query *q, int64_t from_hour,
                      int64_t to_hour) {
    for (uint32_t u = 0; u < q->plant->unit_n; u++) {
        uint8_t from[IDENT_MAX + 5], to[IDENT_MAX + 5];
        if (!window_counts(q->plant, q->node, u))
            continue;
        size_t n = history_cell_key(q->plant, u, from_hour, from);
        history_cell_key(q->plant, u, to_hour, to);
        add_range(r, STORE_CELL, span_of(from, n), span_of(to, n), 0);
    }
}

static enum err load(struct ranges *r, const struct history_reader *reader, struct minutes *m) {
    const uint8_t *p = r->keys.p;
    if (r->keys.failed)
        return ERR_NOMEM;
    for (size_t i = 0; i < r->n; i++) {
        r->at[i].from.p = p;
        r->at[i].to.p = p + r->at[i].from.n;
        p += r->at[i].from.n + r->at[i].to.n;
    }
    enum err err = reader->load(reader->user, r->at, r->n, on_rows, m);
    return err ? err : m->err;
}

static int by_hour(const void *x, const void *y) {
    int64_t a = ((const struct hour *)x)->hour, b = ((const struct hour *)y)->hour;
    return (a > b) - (a < b);
}

static void forget(struct minutes *m) {
    for (size_t i = 0; i < m->n; i++)
        lives_fini(&m->hour[i].lives);
    m->n = 0;
}

/* --- the page -----------------------------------------------------------------------------------
 */

static enum err put_hour(const struct history_query *q, struct hour *h, struct history_page *out) {
    enum err err = ERR_OK;
    for (unsigned i = 0; i < LIVES_MINUTES && !err; i++) {
        struct window *w = &h->minute[i];
        if (!(h->lives.exists >> i & 1))
            continue;
        w->key = (struct window_key){.node = q->node, .kind = WINDOW_MINUTE};
        lives_get(&h->lives, h->hour, i, w);
        if (w->key.start_ms < q->from_ms || w->key.start_ms >= q->to_ms)
            continue;
        if (out->n == q->limit) {
            out->next_ms = w->key.start_ms;
            return ERR_OK;
        }
        err = history_add(out, w);
    }
    return err;
}

static size_t units_below(const struct plant *p, uint32_t node) {
    size_t n = 0;
    for (uint32_t u = 0; u < p->unit_n; u++)
        n += window_counts(p, node, u);
    return n ? n : 1;
}

/* The first hours that exist, as many as the page and one read may take. */
static enum err find_hours(const struct history_query *q, const struct history_reader *r,
                           struct ranges *ranges, struct minutes *m, size_t *fit) {
    int64_t from = utc_floor(q->from_ms, UTC_HOUR_MS) / UTC_HOUR_MS;
    int64_t to = utc_floor(q->to_ms - 1, UTC_HOUR_MS) / UTC_HOUR_MS + 1;
    size_t wanted = q->limit / LIVES_MINUTES + 2,
           most = UNIT_HOURS_MAX / units_below(q->plant, q->node);
    *fit = most < 1 ? 1 : most < wanted ? most : wanted;
    from = from < 0 ? 0 : from; /* hours in keys have 32 bits and no sign */
    to = to > UINT32_MAX ? UINT32_MAX : to;
    if (from >= to)
        return ERR_OK;
    add_lives(ranges, q, from, to, *fit + 1);
    enum err err = load(ranges, r, m);
    if (m->n > 1)
        qsort(m->hour, m->n, sizeof *m->hour, by_hour);
    return err;
}

enum err history_read_minutes(const struct history_query *q, const struct history_reader *r,
                              struct history_page *out) {
    struct minutes m = {.q = q, .cap = 2 * (HOURS_MAX + 1)};
    struct ranges ranges = {.at = calloc(q->plant->unit_n + 2, sizeof *ranges.at)};
    size_t fit = 0;
    m.hour = calloc(m.cap, sizeof *m.hour);
    buf_init(&ranges.keys);
    enum err err = m.hour && ranges.at ? find_hours(q, r, &ranges, &m, &fit) : ERR_NOMEM;
    size_t n = m.n < fit ? m.n : fit;
    if (!err && n) {
        int64_t from = m.hour[0].hour, end = m.hour[n - 1].hour + 1;
        int64_t more = n < m.n ? m.hour[n].hour * UTC_HOUR_MS : INT64_MAX;
        /* Read again with the cells: both must be of one commit. */
        forget(&m);
        ranges.n = 0;
        buf_reset(&ranges.keys);
        add_lives(&ranges, q, from, end, 0);
        add_cells(&ranges, q, from, end);
        err = load(&ranges, r, &m);
        if (m.n > 1)
            qsort(m.hour, m.n, sizeof *m.hour, by_hour);
        for (size_t i = 0; i < m.n && !err && out->next_ms == INT64_MAX; i++)
            err = put_hour(q, &m.hour[i], out);
        if (out->next_ms == INT64_MAX)
            out->next_ms = more;
    }
    forget(&m);
    free(m.hour);
    free(ranges.at);
    buf_fini(&ranges.keys);
    return err;
}
