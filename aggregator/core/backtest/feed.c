#include "backtest/feed.h"

#include <stdlib.h>
#include <string.h>

enum {
    HOURS_MAX = 24,
    UNIT_HOURS = 1024, /* rows of a read: two megabytes, some ten ms */
    NODE_HOURS = 256,  /* hours of nodes that are added up: 70 kB each ... */
    PARTS = 4,         /* ... and by products and teams as many times as much */
    MINUTES = 60
};

static int64_t at_least_one(size_t most, size_t n) {
    const size_t hours = n ? most / n : most;
    return hours < 1 ? 1 : hours > HOURS_MAX ? HOURS_MAX : (int64_t)hours;
}

/* Of units only those that are wanted; of others also what lies between them and their units, for
 * sums go up step by step. */
static bool is_needed(const struct plant *p, const bool *wanted, uint32_t node) {
    if (wanted[node] || p->node[node].unit != UINT32_MAX)
        return wanted[node];
    for (uint32_t n = p->node[node].parent; n != UINT32_MAX; n = p->node[n].parent)
        if (wanted[n])
            return true;
    return false;
}

static enum err open_minutes(const struct feed *f, struct feed_node *n) {
    const size_t minutes = (size_t)f->most * MINUTES;
    n->minute = calloc(minutes, sizeof *n->minute);
    n->any = calloc(minutes, sizeof *n->any);
    n->first = n->by_context ? malloc(minutes * sizeof *n->first) : NULL;
    return n->minute && n->any && (n->first || !n->by_context) ? ERR_OK : ERR_NOMEM;
}

static enum err add_nodes(struct feed *f, const struct feed_want *want) {
    size_t above = 0;
    enum err err = ERR_OK;
    for (uint32_t i = 0; i < f->plant->node_n; i++) {
        f->of[i] = UINT32_MAX;
        if (is_needed(f->plant, want->node, i)) {
            f->of[i] = (uint32_t)f->node_n;
            struct feed_node *n = &f->node[f->node_n++];
            n->node = i;
            n->by_context = want->by_context[i];
            cells_init(&n->cells);
            if (f->plant->node[i].unit == UINT32_MAX)
                above += n->by_context ? 1 + PARTS : 1;
        }
    }
    for (uint32_t u = 0; u < f->plant->unit_n; u++) {
        bool counts = false;
        for (size_t i = 0; i < f->node_n && !counts; i++)
            counts = window_counts(f->plant, f->node[i].node, u);
        if (counts)
            f->unit[f->unit_n++] = u;
    }
    const int64_t rows = at_least_one(UNIT_HOURS, f->unit_n),
                  sums = at_least_one(NODE_HOURS, above);
    f->most = rows < sums ? rows : sums;
    f->most = want->keep ? 1 : f->most;
    for (size_t i = 0; i < f->node_n && !err; i++)
        if (f->plant->node[f->node[i].node].unit == UINT32_MAX)
            err = open_minutes(f, &f->node[i]);
    return err;
}

/* Of many quantities rules mostly look at a few dozen. */
static void choose_sums(struct feed *f, const bool qty[QTY_COUNT]) {
    for (unsigned piece = 0; piece < 2; piece++) {
        for (unsigned q = 0; q < QTY_COUNT; q++)
            if (qty[q] && window_is_piece((enum qty)q) == (piece == 1))
                f->qty[f->qty_n++] = (uint16_t)q;
        f->not_piece_n = piece == 0 ? f->qty_n : f->not_piece_n;
    }
}

static void move_sums(const struct feed *f, struct sums *to, const struct sums *s, bool pieces) {
    const size_t n = pieces ? f->qty_n : f->not_piece_n;
    for (size_t i = 0; i < n; i++)
        to->q[f->qty[i]] = sums_plus(to->q[f->qty[i]], s->q[f->qty[i]]);
    to->pri_pq += s->pri_pq;
    to->pri_gq += s->pri_gq;
    to->priced_pq = sums_plus(to->priced_pq, s->priced_pq);
}

enum err feed_open(struct feed *f, const struct plant *plant, const struct feed_want *want) {
    *f = (struct feed){.plant = plant,
                       .node = calloc(plant->node_n + 1, sizeof *f->node),
                       .of = calloc(plant->node_n + 1, sizeof *f->of),
                       .unit = calloc(plant->unit_n + 1, sizeof *f->unit)};
    if (!f->node || !f->of || !f->unit)
        return ERR_NOMEM;
    choose_sums(f, want->qty);
    return add_nodes(f, want);
}

void feed_fini(struct feed *f) {
    for (size_t i = 0; f->node && i < f->node_n; i++) {
        cells_fini(&f->node[i].cells);
        free(f->node[i].first);
        free(f->node[i].part);
        free(f->node[i].minute);
        free(f->node[i].any);
    }
    free(f->node);
    free(f->of);
    free(f->unit);
    *f = (struct feed){0};
}

/* --- what was read ------------------------------------------------------------------------------
 */

struct reading {
    struct feed *feed;
    struct cells cells; /* of one unit */
    enum err err;
};

static struct feed_node *find_node(struct feed *f, uint32_t node) {
    return node == UINT32_MAX || f->of[node] == UINT32_MAX ? NULL : &f->node[f->of[node]];
}

/* A unit's minutes go to the node above it, and from there to those above that: what counts at one
 * step does not depend on the steps above. */
static enum err add_up(struct feed *f, uint32_t unit, const struct cells *cells) {
    const uint32_t above = f->plant->node[f->plant->unit[unit].node].parent;
    struct feed_node *n = find_node(f, above);
    if (!n || !window_counts(f->plant, above, unit))
        return ERR_OK;
    const bool pieces = window_output(f->plant, above, unit);
    for (size_t k = 0; k < cells->n; k++) {
        const int64_t at = cells->at[k].minute - f->hour * MINUTES;
        if (at < 0 || at >= f->hours * MINUTES)
            return ERR_FORMAT;
        if (!window_counts_at(f->plant, above, unit, cells->at[k].minute))
            continue;
        move_sums(f, &n->minute[at], &cells->at[k].sums, pieces);
        n->any[at] = true;
    }
    return ERR_OK;
}

static bool is_output(const struct plant_node *above, uint32_t node) {
    for (size_t i = 0; i < above->output_n; i++)
        if (above->output[i] == node)
            return true;
    return false;
}

static void add_to_parent(struct feed *f, const struct feed_node *n) {
    const uint32_t above = f->plant->node[n->node].parent;
    struct feed_node *to = find_node(f, above);
    if (!to)
        return;
    const bool pieces = is_output(&f->plant->node[above], n->node);
    for (size_t m = 0; m < (size_t)f->hours * MINUTES; m++)
        if (n->any[m]) {
            move_sums(f, &to->minute[m], &n->minute[m], pieces);
            to->any[m] = true;
        }
}

/* Parents stand before children. */
static void add_all_up(struct feed *f) {
    for (size_t i = f->node_n; i-- > 0;)
        if (f->node[i].minute)
            add_to_parent(f, &f->node[i]);
}

static enum err parts_room(struct feed_node *n) {
    if (n->part_n < n->part_cap)
        return ERR_OK;
    const size_t cap = n->part_cap ? 2 * n->part_cap : 4 * MINUTES;
    struct feed_part *at = realloc(n->part, cap * sizeof *at);
    if (!at)
        return ERR_NOMEM;
    n->part = at;
    n->part_cap = cap;
    return ERR_OK;
}

/* The node's part of that minute, product and team: a new one comes first. */
static enum err find_part(const struct feed *f, struct feed_node *n, const struct cell *c,
                          struct feed_part **out) {
    const int64_t at = c->minute - f->hour * MINUTES;
    if (at < 0 || at >= f->hours * MINUTES)
        return ERR_FORMAT;
    for (uint32_t i = n->first[at]; i != FEED_NONE; i = n->part[i].next) {
        const struct context *x = &n->part[i].cell.ctx;
        if (x->product == c->ctx.product && x->team == c->ctx.team) {
            *out = &n->part[i];
            return ERR_OK;
        }
    }
    const enum err err = parts_room(n);
    if (err)
        return err;
    *out = &n->part[n->part_n];
    **out = (struct feed_part){
        .cell = {.minute = c->minute,
                 .ctx = {.product = c->ctx.product, .team = c->ctx.team, .shift = UINT32_MAX}},
        .next = n->first[at]};
    n->first[at] = (uint32_t)n->part_n++;
    return ERR_OK;
}

/* The unit's cells as they count at the node. What is of one minute, product and team is added up,
 * for all of it is held against the same norm: memory goes by these, not by units. */
static enum err add_parts(const struct feed *f, struct feed_node *n, uint32_t unit,
                          const struct cells *cells) {
    const bool pieces = window_output(f->plant, n->node, unit);
    enum err err = ERR_OK;
    for (size_t i = 0; i < cells->n && !err; i++) {
        struct feed_part *part = NULL;
        if (!window_counts_at(f->plant, n->node, unit, cells->at[i].minute))
            continue;
        err = find_part(f, n, &cells->at[i], &part);
        if (!err)
            move_sums(f, &part->cell.sums, &cells->at[i].sums, pieces);
    }
    return err;
}

static enum err add_all_parts(struct feed *f, uint32_t unit, const struct cells *cells) {
    enum err err = ERR_OK;
    for (size_t i = 0; i < f->node_n && !err; i++) {
        struct feed_node *n = &f->node[i];
        if (n->by_context && n->minute && window_counts(f->plant, n->node, unit))
            err = add_parts(f, n, unit, cells);
    }
    return err;
}

/* All cells of a unit's slice are there. */
static enum err take_unit(struct reading *g, uint32_t unit) {
    struct feed *f = g->feed;
    enum err err = add_up(f, unit, &g->cells);
    if (!err)
        err = add_all_parts(f, unit, &g->cells);
    struct feed_node *n = err ? NULL : find_node(f, f->plant->unit[unit].node);
    if (!n)
        return err;
    const struct cells swap = n->cells;
    n->cells = g->cells;
    g->cells = swap;
    n->at = n->part_at = 0;
    if (!f->unit_read)
        return ERR_OK;
    err = f->unit_read(f->user, n);
    g->cells = n->cells; /* one piece of memory goes from unit to unit */
    n->cells = swap;
    return err;
}

static void on_rows(void *user, enum err err, const struct store_rows *rows) {
    struct reading *g = user;
    g->err = err ? err : rows->truncated ? ERR_FULL : ERR_OK;
    size_t row = 0;
    for (size_t u = 0; u < g->feed->unit_n && !g->err; u++) {
        g->cells.n = 0;
        for (; row < rows->range_end[u] && !g->err; row++)
            g->err = cells_unpack(rows->at[row].value, &g->cells);
        if (!g->err)
            g->err = take_unit(g, g->feed->unit[u]);
    }
    if (!g->err)
        add_all_up(g->feed);
}

static void forget(struct feed *f) {
    for (size_t i = 0; i < f->node_n; i++) {
        struct feed_node *n = &f->node[i];
        n->cells.n = n->at = n->part_n = n->part_at = 0;
        for (size_t m = 0; n->first && m < (size_t)f->most * MINUTES; m++)
            n->first[m] = FEED_NONE;
        for (size_t m = 0; n->minute && m < (size_t)f->most * MINUTES; m++) {
            if (n->any[m])
                sums_clear(&n->minute[m], 1);
            n->any[m] = false;
        }
    }
}

enum err feed_read(struct feed *f, int64_t hour, int64_t to, const struct history_reader *r) {
    struct reading g = {.feed = f};
    uint8_t(*key)[HISTORY_CELL_KEY_MAX] = calloc(2 * f->unit_n + 1, sizeof *key);
    struct store_range *range = calloc(f->unit_n + 1, sizeof *range);
    enum err err = key && range ? ERR_OK : ERR_NOMEM;
    f->hour = hour;
    f->hours = to - hour < f->most ? to - hour : f->most;
    forget(f);
    cells_init(&g.cells);
    for (size_t u = 0; u < f->unit_n && !err; u++) {
        const size_t n = history_cell_key(f->plant, f->unit[u], hour, key[2 * u]);
        history_cell_key(f->plant, f->unit[u], hour + f->hours, key[2 * u + 1]);
        range[u] = (struct store_range){
            .table = STORE_CELL, .from = span_of(key[2 * u], n), .to = span_of(key[2 * u + 1], n)};
    }
    if (!err)
        err = r->load(r->user, range, f->unit_n, on_rows, &g);
    cells_fini(&g.cells);
    free(key);
    free(range);
    return err ? err : g.err;
}

void feed_minute(struct feed_node *n, const struct feed *f, int64_t minute,
                 void (*take)(void *user, const struct sums *s), void *user) {
    if (n->minute) {
        const size_t at = (size_t)(minute - f->hour * MINUTES);
        if (n->any[at])
            take(user, &n->minute[at]);
        return;
    }
    while (n->at < n->cells.n && n->cells.at[n->at].minute < minute)
        n->at++;
    for (; n->at < n->cells.n && n->cells.at[n->at].minute == minute; n->at++)
        take(user, &n->cells.at[n->at].sums);
}

void feed_parts(struct feed_node *n, const struct feed *f, int64_t minute,
                void (*take)(void *user, const struct cell *c), void *user) {
    const struct cells *from = &n->cells;
    if (n->first) {
        for (uint32_t i = n->first[minute - f->hour * MINUTES]; i != FEED_NONE; i = n->part[i].next)
            take(user, &n->part[i].cell);
        return;
    }
    while (n->part_at < from->n && from->at[n->part_at].minute < minute)
        n->part_at++;
    for (; n->part_at < from->n && from->at[n->part_at].minute == minute; n->part_at++)
        take(user, &from->at[n->part_at]);
}
