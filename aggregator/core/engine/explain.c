#include <stdlib.h>

#include "engine/explain_impl.h"
#include "engine/history_impl.h"

enum { TRIES = 3 };

/* --- items --------------------------------------------------------------------------------------
 */

static enum err grow(struct explain_items *l, size_t sum_n) {
    if (l->n < l->cap)
        return ERR_OK;
    if (l->n >= EXPLAIN_ITEMS_MAX)
        return ERR_FULL;
    const size_t cap = l->cap ? l->cap * 2 : 64;
    struct explain_item *at = realloc(l->at, cap * sizeof *at);
    if (at)
        l->at = at;
    i128 *part = realloc(l->part, (cap * sum_n + 1) * sizeof *part);
    if (part)
        l->part = part;
    if (!at || !part)
        return ERR_NOMEM;
    l->cap = cap;
    return ERR_OK;
}

enum err explain_put(struct explain_job *j, struct explain_items *l, const struct explain_item *x) {
    const size_t n = j->out->sum_n;
    enum err err = grow(l, n);
    if (err)
        return err;
    memset(l->part + l->n * n, 0, n * sizeof *l->part);
    l->at[l->n++] = *x;
    return ERR_OK;
}

static void items_fini(struct explain_items *l) {
    free(l->at);
    free(l->part);
    *l = (struct explain_items){0};
}

void explain_add_part(const struct explain_job *j, struct explain_items *l, size_t item,
                      const struct sums *s) {
    for (size_t k = 0; k < j->out->sum_n; k++)
        l->part[item * j->out->sum_n + k] += ingredient_value(s, j->out->sum[k].ingredient);
}

static bool same_context(const struct context *a, const struct context *b) {
    return a->product == b->product && a->order == b->order && a->team == b->team;
}

enum err explain_add_context(struct explain_job *j, const struct context *ctx,
                             const struct sums *s) {
    struct explain_items *l = &j->out->contexts;
    enum err err = ERR_OK;
    size_t i = j->context;
    if (i >= l->n || !same_context(&l->at[i].piece.ctx, ctx))
        for (i = 0; i < l->n && !same_context(&l->at[i].piece.ctx, ctx);)
            i++;
    j->context = i;
    if (i == l->n)
        err = explain_put(j, l,
                          &(struct explain_item){.kind = EXPLAIN_CONTEXT,
                                                 .signal = UINT32_MAX,
                                                 .unit = j->unit,
                                                 .from_ms = j->q->from_ms,
                                                 .to_ms = j->q->to_ms,
                                                 .piece = {.ctx = *ctx}});
    if (!err)
        explain_add_part(j, l, i, s);
    return err;
}

static bool has_part(const struct explain_job *j, const struct explain_items *l, size_t item) {
    for (size_t k = 0; k < j->out->sum_n; k++)
        if (l->part[item * j->out->sum_n + k] != 0)
            return true;
    return false;
}

/* Of time all intervals are told, those that do not count as well: that is half of the story. */
static bool is_told(const struct explain_job *j, size_t item) {
    const struct explain_item *x = &j->all.at[item];
    return has_part(j, &j->all, item) || x->kind == EXPLAIN_BREAK || x->kind == EXPLAIN_UNIT ||
           (j->timed && x->kind == EXPLAIN_INTERVAL);
}

static enum err keep_told(struct explain_job *j) {
    struct explain *out = j->out;
    enum err err = ERR_OK;
    for (size_t i = 0; i < j->all.n && !err; i++) {
        if (!is_told(j, i))
            continue;
        err = explain_put(j, &out->items, &j->all.at[i]);
        for (size_t k = 0; k < out->sum_n && !err; k++) {
            const i128 v = j->all.part[i * out->sum_n + k];
            out->items.part[(out->items.n - 1) * out->sum_n + k] = v;
            out->sum[k].parts += v;
        }
    }
    return err;
}

/* --- out of stored minutes ----------------------------------------------------------------------
 */

static enum err on_cell(void *user, const struct cell *cell) {
    struct explain_job *j = user;
    const bool unit = j->q->plant->node[j->q->node].level == LEVEL_UNIT;
    const int64_t hour_ms = utc_floor(cell->minute * UTC_MINUTE_MS, UTC_HOUR_MS);
    struct explain_item x = {.kind = EXPLAIN_UNIT,
                             .unit = j->unit,
                             .signal = UINT32_MAX,
                             .from_ms = j->q->from_ms,
                             .to_ms = j->q->to_ms};
    struct window counted = {0};
    enum err err = ERR_OK;
    if ((unit && j->q->kind == WINDOW_SHIFT && cell->ctx.shift == UINT32_MAX) ||
        !window_counts_at(j->q->plant, j->q->node, j->unit, cell->minute))
        return ERR_OK;
    if (unit) {
        x.kind = EXPLAIN_HOUR;
        x.from_ms = hour_ms;
        x.to_ms = hour_ms + UTC_HOUR_MS;
    }
    const struct explain_item *last = j->all.n ? &j->all.at[j->all.n - 1] : NULL;
    if (!last || last->unit != x.unit || last->from_ms != x.from_ms)
        err = explain_put(j, &j->all, &x);
    if (err)
        return err;
    window_move(&counted, &(struct window_target){.pieces = j->pieces}, &cell->sums, 1);
    explain_add_part(j, &j->all, j->all.n - 1, &counted.sums);
    return explain_add_context(j, &cell->ctx, &counted.sums);
}

static enum err read_stored(struct explain_job *j) {
    const struct plant *p = j->q->plant;
    enum err err = ERR_OK;
    for (uint32_t u = 0; u < p->unit_n && !err; u++) {
        if (!window_counts(p, j->q->node, u))
            continue;
        j->unit = u;
        j->pieces = window_output(p, j->q->node, u);
        err = history_read_cells(p, u, j->q->from_ms, j->q->to_ms, j->reader, on_cell, j);
    }
    return err;
}

/* Sooner than this no minute is sure to be there: retain.c. */
static bool minutes_gone(const struct explain_query *q) {
    const struct plant *p = q->plant;
    return q->logs_from_ms != INT64_MIN &&
           q->from_ms < q->logs_from_ms - (p->keep_cells_ms - p->keep_logs_ms);
}

/* A quarter has no parts then. Of a shift they are its parts if it begins and ends with them. */
static enum err read_kept(struct explain_job *j) {
    const struct history_query q = {.plant = j->q->plant,
                                    .node = j->q->node,
                                    .node_no = j->q->node_no,
                                    .kind = WINDOW_QUARTER,
                                    .from_ms = j->q->from_ms,
                                    .to_ms = j->q->to_ms,
                                    .limit = HISTORY_LIMIT_MAX};
    struct history_page page;
    enum err err = history_read(&q, j->reader, &page);
    j->out->from_kept = true;
    for (size_t i = 0; i < page.n && !err && j->q->kind > WINDOW_QUARTER; i++) {
        const int64_t hour_ms = utc_floor(page.at[i].key.start_ms, UTC_HOUR_MS);
        if (j->all.n == 0 || j->all.at[j->all.n - 1].from_ms != hour_ms)
            err = explain_put(j, &j->all,
                              &(struct explain_item){.kind = EXPLAIN_HOUR,
                                                     .unit = j->unit,
                                                     .signal = UINT32_MAX,
                                                     .from_ms = hour_ms,
                                                     .to_ms = hour_ms + UTC_HOUR_MS});
        if (!err)
            explain_add_part(j, &j->all, j->all.n - 1, &page.at[i].sums);
    }
    history_fini(&page);
    return err;
}

static void add_word(uint32_t *id, size_t *n, uint32_t word) {
    if (word == 0)
        return;
    for (size_t i = 0; i < *n; i++)
        if (id[i] == word)
            return;
    id[(*n)++] = word;
}

/* Of units their core knows them. */
static enum err read_words(struct explain_job *j) {
    const struct explain_items *l = &j->out->contexts;
    size_t n = 0;
    const size_t most = l->n < HISTORY_CONTEXTS_MAX ? l->n : HISTORY_CONTEXTS_MAX;
    uint32_t *id = calloc(3 * most + 1, sizeof *id);
    if (!id)
        return ERR_NOMEM;
    for (size_t i = 0; i < most; i++) {
        const struct context *ctx = &l->at[i].piece.ctx;
        add_word(id, &n, ctx->order);
        add_word(id, &n, ctx->product);
        add_word(id, &n, ctx->team);
    }
    enum err err = n ? history_read_words(j->reader, id, n, &j->out->words) : ERR_OK;
    free(id);
    return err;
}

/* --- the whole ----------------------------------------------------------------------------------
 */

/* Of amounts, put together by factors and tariffs once for each cell. */
static bool is_converted(unsigned k) {
    return k == QTY_TOTAL_ENERGY || k == QTY_CO2 || k == QTY_REACTIVE_ENERGY ||
           (k >= QTY_BAND_ENERGY && k < QTY_UNPRICED_ENERGY);
}

static bool is_converted_from(const struct plant *p, unsigned k) {
    return (k >= QTY_ENERGY && k < QTY_ENERGY + CATEGORY_COUNT) ||
           (k >= QTY_CARRIER && k < QTY_CARRIER + CARRIER_OTHERS) ||
           (k == QTY_IMPORT && p->has_flows);
}

static void begin(struct explain_job *j) {
    struct ingredients in;
    bool converted = false;
    struct explain *out = j->out;
    explain_fini(out);
    items_fini(&j->all);
    j->last = NULL;
    j->context = 0;
    j->timed = false;
    ingredients_of(j->q->indicator, &in);
    for (unsigned k = 0; k < INGREDIENT_COUNT; k++)
        converted = converted || (is_converted(k) && (in.numerator[k] || in.denominator[k]));
    for (unsigned k = 0; k < INGREDIENT_COUNT; k++) {
        if (!in.numerator[k] && !in.denominator[k] &&
            !(converted && is_converted_from(j->q->plant, k)))
            continue;
        j->timed = j->timed || ingredient_is_time(k);
        out->sum[out->sum_n++] = (struct explain_sum){
            .ingredient = k, .numerator = in.numerator[k], .denominator = in.denominator[k]};
    }
}

static enum err read_window(const struct explain_job *j, bool *found, struct window *out) {
    const struct history_query q = {.plant = j->q->plant,
                                    .node = j->q->node,
                                    .node_no = j->q->node_no,
                                    .kind = j->q->kind,
                                    .from_ms = j->q->from_ms,
                                    .to_ms = j->q->from_ms + 1,
                                    .limit = 1};
    struct history_page page;
    enum err err = history_read(&q, j->reader, &page);
    *found = !err && page.n > 0;
    if (*found)
        *out = page.at[0];
    history_fini(&page);
    return err;
}

static enum err read_parts(struct explain_job *j) {
    const struct plant_node *n = &j->q->plant->node[j->q->node];
    enum err err = ERR_OK;
    begin(j);
    if (n->level == LEVEL_UNIT) {
        j->unit = n->unit;
        err = explain_trace(j);
    }
    if (!err && !j->out->from_logs)
        err = minutes_gone(j->q) ? read_kept(j) : read_stored(j);
    if (!err && n->level != LEVEL_UNIT)
        err = read_words(j);
    return err ? err : keep_told(j);
}

static bool same_window(const struct window *a, const struct window *b) {
    return a->revision == b->revision && a->life == b->life && a->changed == b->changed &&
           sums_equal(&a->sums, &b->sums);
}

/* Parts and window must be of one time: both reads of the window agree, or it is tried again. */
enum err explain_read(const struct explain_query *q, const struct history_reader *r,
                      struct explain *out) {
    struct explain_job j = {.q = q, .reader = r, .out = out};
    struct window before = {0};
    bool there = false, still = false;
    *out = (struct explain){0};
    enum err err = read_window(&j, &there, &before);
    for (unsigned i = 0; i < TRIES && !err && !still; i++) {
        err = read_parts(&j);
        if (!err)
            err = read_window(&j, &out->found, &out->window);
        still = out->found == there && (!there || same_window(&before, &out->window));
        there = out->found;
        before = out->window;
    }
    for (size_t k = 0; k < out->sum_n && out->found; k++)
        out->sum[k].told = ingredient_value(&out->window.sums, out->sum[k].ingredient);
    items_fini(&j.all);
    return err;
}

void explain_fini(struct explain *e) {
    items_fini(&e->items);
    items_fini(&e->contexts);
    timelines_fini(&e->lines);
    history_fini(&e->words);
    *e = (struct explain){.known_ms = INT64_MIN};
}

bool explain_adds_up(const struct explain *e) {
    for (size_t k = 0; k < e->sum_n; k++)
        if (e->sum[k].told != e->sum[k].parts)
            return false;
    return e->found;
}

struct span explain_word(const struct explain *e, uint32_t id) {
    return e->lines.core ? core_word(e->lines.core, id) : history_word(&e->words, id);
}

bool explain_signal(const struct explain *e, uint32_t signal, const struct ident **agent,
                    const char **point) {
    const struct core *c = e->lines.core;
    if (!c || signal >= c->signal_n)
        return false;
    *agent = &c->agent[c->signal[signal].agent]->id;
    *point = c->signal[signal].name;
    return true;
}
