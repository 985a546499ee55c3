#include "engine/shifts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/history_impl.h"

void shifts_fini(struct shifts *s) {
    free(s->at);
    free(s->word);
    *s = (struct shifts){0};
}

static struct span word_of(const struct shifts *s, uint32_t id) {
    for (size_t i = 0; i < s->word_n; i++)
        if (s->word[i].id == id)
            return span_str(s->word[i].text);
    return span_of(NULL, 0);
}

struct team_shift shifts_at(const struct shifts *s, size_t i) {
    const struct shift_row *row = &s->at[i];
    return (struct team_shift){.node = s->node,
                               .product = word_of(s, row->product),
                               .team = word_of(s, row->team),
                               .start_ms = row->start_ms,
                               .end_ms = row->end_ms,
                               .coverage = row->coverage,
                               .all = &row->all,
                               .held = row->lost ? NULL : &row->held};
}

/* --- numbers of nodes ---------------------------------------------------------------------------
 */

struct number {
    uint32_t no;
    bool found;
    enum err err;
};

static void on_number(void *user, enum err err, const struct store_rows *rows) {
    struct number *n = user;
    uint64_t no = 0;
    n->err = err;
    if (err || rows->n == 0)
        return;
    struct cursor c = cursor_of(rows->at[0].value);
    n->err = cursor_take_varint(&c, &no);
    n->found = !n->err && no < UINT32_MAX;
    n->no = (uint32_t)no;
}

/* As the store has it: see nodes.c. found false: nothing was ever stored of the node. */
static enum err find_number(const struct plant *p, uint32_t node, const struct history_reader *r,
                            struct number *out) {
    char from[IDENT_MAX + 8], to[IDENT_MAX + 8];
    const int n = snprintf(from, sizeof from, "node/%s", p->node[node].id.s);
    *out = (struct number){0};
    memcpy(to, from, (size_t)n);
    to[n] = 0; /* the least key behind it */
    const struct store_range range = {
        .table = STORE_META, .from = span_of(from, (size_t)n), .to = span_of(to, (size_t)n + 1)};
    const enum err err = r->load(r->user, &range, 1, on_number, out);
    return err ? err : out->err;
}

/* --- what was held ------------------------------------------------------------------------------
 */

struct holding {
    struct shift_row *row;
    size_t n; /* rows of one shift, side by side */
    bool any;
};

/* A minute in which a condition was breached is out, whole; so is one of which nobody knows. */
static bool is_held(const struct sums *s) {
    return s->q[QTY_BREACH] == 0 && s->q[QTY_UNPROVEN] == 0;
}

static enum err take_cell(void *user, const struct cell *c) {
    struct holding *h = user;
    h->any = true;
    for (size_t i = 0; i < h->n && is_held(&c->sums); i++)
        if (h->row[i].product == c->ctx.product && h->row[i].team == c->ctx.team) {
            sums_add(&h->row[i].held, &c->sums);
            break;
        }
    return ERR_OK;
}

static bool same_shift(const struct shift_row *a, const struct shift_row *b) {
    return a->start_ms == b->start_ms;
}

/* Rows [at, at + n) are of one shift of the unit. */
static enum err hold_shift(const struct plant *p, uint32_t unit, struct shift_row *row, size_t n,
                           const struct history_reader *r) {
    struct holding h = {.row = row, .n = n};
    bool breached = false;
    int64_t end = row->end_ms;
    for (size_t i = 0; i < n; i++) {
        breached = breached || !is_held(&row[i].all);
        end = row[i].end_ms > end ? row[i].end_ms : end;
    }
    if (!breached)
        return ERR_OK;
    for (size_t i = 0; i < n; i++)
        sums_clear(&row[i].held, 1);
    const enum err err = history_read_cells(p, unit, row->start_ms, end, r, take_cell, &h);
    for (size_t i = 0; i < n && !h.any; i++)
        row[i].lost = true;
    return err;
}

static enum err hold_all(const struct plant *p, uint32_t unit, struct shift_row *row, size_t n,
                         const struct history_reader *r) {
    enum err err = ERR_OK;
    for (size_t i = 0, end; i < n && !err; i = end) {
        for (end = i + 1; end < n && same_shift(&row[i], &row[end]);)
            end++;
        err = hold_shift(p, unit, row + i, end - i, r);
    }
    return err;
}

/* --- rows ---------------------------------------------------------------------------------------
 */

static enum err add_row(struct shifts *s, const struct window *w) {
    if (w->life == WINDOW_PROVISIONAL)
        return ERR_OK;
    if (s->n == SHIFTS_MAX)
        return ERR_FULL;
    if (s->n == s->cap) {
        const size_t cap = s->cap ? s->cap * 2 : 64;
        struct shift_row *at = realloc(s->at, cap * sizeof *at);
        if (!at)
            return ERR_NOMEM;
        s->at = at;
        s->cap = cap;
    }
    s->at[s->n++] = (struct shift_row){.product = w->key.product,
                                       .team = w->key.team,
                                       .start_ms = w->key.start_ms,
                                       .end_ms = w->end_ms,
                                       .coverage = NAN,
                                       .all = w->sums,
                                       .held = w->sums};
    return ERR_OK;
}

static enum err add_words(struct shifts *s, const struct history_page *page) {
    struct history_word *all = NULL;
    if (page->word_n == 0)
        return ERR_OK;
    all = realloc(s->word, (s->word_n + page->word_n) * sizeof *all);
    if (!all)
        return ERR_NOMEM;
    s->word = all;
    for (size_t i = 0; i < page->word_n; i++)
        if (word_of(s, page->word[i].id).n == 0)
            s->word[s->word_n++] = page->word[i];
    return ERR_OK;
}

/* Pages of the node's windows from first to last. */
static enum err each_page(const struct shifts_query *q, uint32_t node, bool contexts,
                          const struct history_reader *r,
                          enum err (*page_of)(void *user, const struct history_page *page),
                          void *user) {
    struct number no;
    struct history_query ask = {.plant = q->plant,
                                .node = node,
                                .kind = WINDOW_SHIFT,
                                .contexts = contexts,
                                .from_ms = q->from_ms,
                                .to_ms = q->to_ms,
                                .limit = HISTORY_LIMIT_MAX};
    enum err err = find_number(q->plant, node, r, &no);
    ask.node_no = no.no;
    while (!err && no.found && ask.from_ms < ask.to_ms) {
        struct history_page page;
        err = history_read(&ask, r, &page);
        if (!err)
            err = page_of(user, &page);
        ask.from_ms = page.next_ms;
        history_fini(&page);
    }
    return err;
}

struct taking {
    struct shifts *s;
    const struct plant *plant;
};

/* Nothing is held against a shift in which the unit was in commissioning, if only for a minute. */
static enum err take_page(void *user, const struct history_page *page) {
    const struct taking *t = user;
    enum err err = add_words(t->s, page);
    for (size_t i = 0; i < page->n && !err; i++) {
        const struct window *w = &page->at[i];
        if (!window_commissioning(t->plant, w->key.node, w->key.start_ms, w->end_ms))
            err = add_row(t->s, w);
    }
    return err;
}

static int by_key(const void *x, const void *y) {
    const struct shift_row *a = x, *b = y;
    if (a->start_ms != b->start_ms)
        return a->start_ms < b->start_ms ? -1 : 1;
    if (a->product != b->product)
        return a->product < b->product ? -1 : 1;
    return (a->team > b->team) - (a->team < b->team);
}

/* --- the unit's whole shifts --------------------------------------------------------------------
 */

struct covering {
    struct shift_row *row;
    size_t n, at; /* rows by start; windows come in that order, too */
};

static enum err take_coverage(void *user, const struct history_page *page) {
    struct covering *c = user;
    for (size_t i = 0; i < page->n; i++) {
        const struct window *w = &page->at[i];
        while (c->at < c->n && c->row[c->at].start_ms < w->key.start_ms)
            c->at++;
        for (size_t k = c->at; k < c->n && c->row[k].start_ms == w->key.start_ms; k++)
            c->row[k].coverage = indicator_coverage(&w->sums);
    }
    return ERR_OK;
}

/* The unit's rows, behind those that are there; the node counts pieces of its outputs only. */
static enum err add_unit(const struct shifts_query *q, uint32_t unit,
                         const struct history_reader *r, struct shifts *out) {
    const struct window_target t = {.pieces = window_output(q->plant, q->node, unit)};
    const size_t before = out->n;
    const uint32_t node = q->plant->unit[unit].node;
    struct taking taking = {out, q->plant};
    enum err err = each_page(q, node, true, r, take_page, &taking);
    struct covering c = {.row = out->at + before, .n = out->n - before};
    if (!err)
        err = each_page(q, node, false, r, take_coverage, &c);
    if (!err)
        err = hold_all(q->plant, unit, out->at + before, out->n - before, r);
    for (size_t i = before; i < out->n && !err && !t.pieces; i++) {
        struct window all = {0}, held = {0};
        (void)window_apply(&all, &t, &out->at[i].all, 1);
        (void)window_apply(&held, &t, &out->at[i].held, 1);
        out->at[i].all = all.sums;
        out->at[i].held = held.sums;
    }
    return err;
}

/* Of several units: one row for a shift, product and team. */
static void fold(struct shifts *s) {
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++) {
        struct shift_row *last = n ? &s->at[n - 1] : NULL;
        if (!last || by_key(last, &s->at[i]) != 0) {
            if (n != i)
                s->at[n] = s->at[i];
            n++;
            continue;
        }
        sums_add(&last->all, &s->at[i].all);
        sums_add(&last->held, &s->at[i].held);
        last->lost = last->lost || s->at[i].lost;
        last->coverage = fmin(last->coverage, s->at[i].coverage);
        last->end_ms = s->at[i].end_ms > last->end_ms ? s->at[i].end_ms : last->end_ms;
    }
    s->n = n;
}

enum err shifts_read(const struct shifts_query *q, const struct history_reader *r,
                     struct shifts *out) {
    enum err err = ERR_OK;
    *out = (struct shifts){.node = q->node};
    for (uint32_t u = 0; u < q->plant->unit_n && !err; u++)
        if (window_counts(q->plant, q->node, u))
            err = add_unit(q, u, r, out);
    if (err || out->n < 2)
        return err;
    qsort(out->at, out->n, sizeof *out->at, by_key);
    fold(out);
    return ERR_OK;
}

struct whole {
    const struct plant *plant;
    enum err (*take)(void *user, const struct window *w);
    void *user;
};

static enum err take_whole(void *user, const struct history_page *page) {
    const struct whole *w = user;
    enum err err = ERR_OK;
    for (size_t i = 0; i < page->n && !err; i++) {
        const struct window *x = &page->at[i];
        if (x->life != WINDOW_PROVISIONAL &&
            !window_commissioning(w->plant, x->key.node, x->key.start_ms, x->end_ms))
            err = w->take(w->user, x);
    }
    return err;
}

enum err shifts_read_whole(const struct shifts_query *q, const struct history_reader *r,
                           enum err (*take)(void *user, const struct window *w), void *user) {
    struct whole w = {q->plant, take, user};
    return each_page(q, q->node, false, r, take_whole, &w);
}
