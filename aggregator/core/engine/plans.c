#include "engine/plans.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/acts.h"

void plans_fini(struct plans *plans) {
    free(plans->at);
    *plans = (struct plans){0};
}

static enum err add(struct plans *l, const struct plan_item *x) {
    if (l->n == l->cap) {
        const size_t cap = l->cap ? l->cap * 2 : 16;
        struct plan_item *at = realloc(l->at, cap * sizeof *at);
        if (!at)
            return ERR_NOMEM;
        l->at = at;
        l->cap = cap;
    }
    l->at[l->n++] = *x;
    return ERR_OK;
}

/* --- what is known ------------------------------------------------------------------------------
 */

static uint32_t word_of(const struct core *c, struct span text) {
    const uint32_t id = core_find_word(c, text);
    return text.n == 0 ? 0 : id ? id : PLANS_UNTOLD;
}

static void name(const struct core *c, struct span order, uint32_t product, struct plan_item *x) {
    memset(x->order, 0, sizeof x->order);
    if (order.n)
        memcpy(x->order, order.p, order.n < ACT_TEXT_MAX ? order.n : ACT_TEXT_MAX);
    x->order_word = word_of(c, order);
    x->product = product;
    if (product != UINT32_MAX)
        x->product_word = word_of(c, span_str(c->plant->product[product].id.s));
}

static enum err add_file(const struct core *c, uint32_t unit, struct plans *out) {
    const struct plant *p = c->plant;
    enum err err = ERR_OK;
    for (size_t i = 0; i < p->order_n && !err; i++) {
        const struct plant_order *o = &p->order[i];
        struct plan_item x = {.from_ms = o->from_ms, .to_ms = INT64_MAX, .quantity = o->quantity};
        if (o->unit != unit)
            continue;
        name(c, span_str(o->order), o->product, &x);
        err = add(out, &x);
    }
    for (size_t i = 0; i < p->shift_plan_n && !err; i++) {
        const struct plant_shift_plan *s = &p->shift_plan[i];
        struct plan_item x = {.shift = s->shift, .from_ms = s->from_ms, .quantity = s->quantity};
        if (s->unit != unit)
            continue;
        name(c, span_of(NULL, 0), s->product, &x);
        err = add(out, &x);
    }
    return err;
}

static int by_entry(const void *x, const void *y) {
    const struct plan_item *a = x, *b = y;
    return (a->entry > b->entry) - (a->entry < b->entry);
}

static enum err add_entries(const struct core *c, uint32_t unit, int64_t from_ms, int64_t to_ms,
                            struct plans *out) {
    const struct acts *l = &c->unit[unit].acts.of[ACT_PLAN];
    const size_t first = out->n;
    enum err err = ERR_OK;
    for (size_t i = acts_first(l, from_ms); i < l->n && l->at[i]->a.t0_ms < to_ms && !err; i++) {
        const struct cact *e = l->at[i];
        const uint32_t product =
            e->a.product.n ? plant_find_product(c->plant, e->a.product) : UINT32_MAX;
        struct plan_item x = {
            .from_ms = e->a.t0_ms, .to_ms = e->a.t1_ms, .quantity = e->a.value, .entry = e->n};
        if (!acts_plan_holds(c, e) || (e->a.product.n && product == UINT32_MAX))
            continue;
        name(c, e->a.text, product, &x);
        err = add(out, &x);
    }
    if (out->n > first)
        qsort(out->at + first, out->n - first, sizeof *out->at, by_entry);
    return err;
}

enum err plans_known(const struct core *c, uint32_t unit, struct plans *out) {
    const int64_t least = c->now.wall_ms - c->plant->keep_logs_ms;
    *out = (struct plans){0};
    enum err err = add_file(c, unit, out);
    return err ? err : add_entries(c, unit, least, INT64_MAX, out);
}

/* --- of one order -------------------------------------------------------------------------------
 */

bool plans_of_order(const struct core *c, uint32_t unit, uint32_t order_word, uint32_t product_word,
                    struct plan_item *out) {
    const struct acts *l = &c->unit[unit].acts.of[ACT_PLAN];
    const struct span order = words_text(&c->words, order_word),
                      product = words_text(&c->words, product_word);
    *out = (struct plan_item){.to_ms = INT64_MAX,
                              .product = plant_find_product(c->plant, product),
                              .order_word = order_word,
                              .product_word = product_word};
    if (order.n == 0 || out->product == UINT32_MAX)
        return false;
    for (size_t i = 0; i < c->plant->order_n; i++) {
        const struct plant_order *o = &c->plant->order[i];
        if (o->unit != unit || o->product != out->product || !span_equal(span_str(o->order), order))
            continue;
        out->from_ms = o->from_ms;
        out->quantity = o->quantity;
    }
    for (size_t i = 0; i < l->n; i++) {
        const struct cact *e = l->at[i];
        if (e->text != order_word || e->product != product_word || e->n < out->entry ||
            !acts_plan_holds(c, e))
            continue;
        out->from_ms = e->a.t0_ms;
        out->quantity = e->a.value;
        out->entry = e->n;
    }
    return out->quantity > 0;
}

static bool is_of_same(const struct act *a, const struct act *b) {
    const bool ordered = a->text.n || b->text.n;
    return span_equal(a->product, b->product) && span_equal(a->text, b->text) &&
           (ordered || (a->t0_ms == b->t0_ms && a->t1_ms == b->t1_ms));
}

bool plans_standing(const struct core *c, uint32_t unit, const struct act *a,
                    struct core_act *out) {
    const struct acts *l = &c->unit[unit].acts.of[ACT_PLAN];
    *out = (struct core_act){0};
    for (size_t i = 0; i < l->n; i++) {
        const struct cact *e = l->at[i];
        if (e->voided_by == 0 && e->n > out->n && is_of_same(a, &e->a))
            *out = (struct core_act){.act = &e->a, .n = e->n, .durable = core_act_durable(c, e->n)};
    }
    return out->n > 0;
}

int64_t plans_begin_ms(const struct core *c, uint32_t unit, struct span order,
                       struct span product) {
    const struct acts *l = &c->unit[unit].acts.of[ACT_PLAN];
    int64_t begin = INT64_MAX;
    for (size_t i = 0; i < c->plant->order_n; i++) {
        const struct plant_order *o = &c->plant->order[i];
        if (o->unit == unit && o->from_ms < begin && span_equal(span_str(o->order), order) &&
            span_equal(span_str(c->plant->product[o->product].id.s), product))
            begin = o->from_ms;
    }
    for (size_t i = 0; i < l->n; i++) {
        const struct act *a = &l->at[i]->a;
        if (l->at[i]->voided_by == 0 && a->t0_ms < begin && span_equal(a->text, order) &&
            span_equal(a->product, product))
            begin = a->t0_ms;
    }
    return begin;
}

/* --- what holds ---------------------------------------------------------------------------------
 */

static int by_what(const struct plan_item *a, const struct plan_item *b) {
    const int order = strcmp(a->order, b->order);
    if (order || a->product != b->product)
        return order ? order : a->product < b->product ? -1 : 1;
    if (a->order[0]) /* whenever it is to begin */
        return 0;
    if (a->from_ms != b->from_ms)
        return a->from_ms < b->from_ms ? -1 : 1;
    return (a->to_ms > b->to_ms) - (a->to_ms < b->to_ms);
}

static int by_rank(const struct plan_item *a, const struct plan_item *b) {
    return (a->rank > b->rank) - (a->rank < b->rank);
}

static int by_what_and_rank(const void *x, const void *y) {
    const int what = by_what(x, y);
    return what ? what : by_rank(x, y);
}

static int by_begin(const void *x, const void *y) {
    const struct plan_item *a = x, *b = y;
    if (a->from_ms != b->from_ms)
        return a->from_ms < b->from_ms ? -1 : 1;
    return by_rank(a, b);
}

/* Of those that plan the same, what was said last; what it planned where the first one stood. */
static void keep_last(struct plans *l) {
    size_t n = 0;
    for (size_t i = 0; i < l->n; i++)
        l->at[i].rank = i;
    if (l->n)
        qsort(l->at, l->n, sizeof *l->at, by_what_and_rank);
    for (size_t i = 0; i < l->n; i++) {
        const size_t rank = l->at[i].rank;
        const bool again = n > 0 && by_what(&l->at[n - 1], &l->at[i]) == 0;
        const size_t at = again ? n - 1 : n++;
        const size_t first = again ? l->at[at].rank : rank;
        l->at[at] = l->at[i];
        l->at[at].rank = first;
    }
    l->n = n;
}

/* Rules stand by from_ms: a later one replaces an earlier one of the same shift. */
static enum err add_shift(const struct plans *known, const struct calendar_piece *c,
                          struct plans *out) {
    const size_t first = out->n;
    enum err err = ERR_OK;
    for (size_t i = 0; i < known->n && !err; i++) {
        struct plan_item x = known->at[i];
        size_t k = first;
        if (!x.shift.s[0] || !ident_equal(&x.shift, c->shift_id) || x.from_ms > c->shift_from_ms)
            continue;
        x.from_ms = c->shift_from_ms;
        x.to_ms = c->shift_to_ms;
        while (k < out->n && out->at[k].product != x.product)
            k++;
        if (k < out->n)
            out->at[k] = x;
        else
            err = add(out, &x);
    }
    return err;
}

static bool has_rules(const struct plans *known) {
    for (size_t i = 0; i < known->n; i++)
        if (known->at[i].shift.s[0])
            return true;
    return false;
}

static enum err add_shifts(const struct plans *known, const struct plant *p, uint32_t calendar,
                           int64_t from_ms, int64_t to_ms, struct plans *out) {
    int64_t last = INT64_MIN;
    enum err err = ERR_OK;
    if (!has_rules(known))
        return ERR_OK;
    for (int64_t t = from_ms; t < to_ms && !err;) {
        const struct calendar_piece c = calendar_at(p, calendar, t);
        if (c.shift_id && c.shift_from_ms >= from_ms && c.shift_from_ms != last) {
            last = c.shift_from_ms;
            err = add_shift(known, &c, out);
        }
        t = c.to_ms;
    }
    return err;
}

static void keep_span(struct plans *l, int64_t from_ms, int64_t to_ms) {
    size_t n = 0;
    for (size_t i = 0; i < l->n; i++)
        if (l->at[i].quantity > 0 && l->at[i].from_ms >= from_ms && l->at[i].from_ms < to_ms)
            l->at[n++] = l->at[i];
    l->n = n;
}

enum err plans_unfold(const struct plans *known, const struct plant *p, uint32_t unit,
                      int64_t from_ms, int64_t to_ms, struct plans *out) {
    *out = (struct plans){0};
    enum err err = add_shifts(known, p, p->unit[unit].calendar, from_ms, to_ms, out);
    for (size_t i = 0; i < known->n && !err; i++)
        if (!known->at[i].shift.s[0])
            err = add(out, &known->at[i]);
    if (err)
        return err;
    keep_last(out);
    keep_span(out, from_ms, to_ms);
    if (out->n)
        qsort(out->at, out->n, sizeof *out->at, by_begin);
    return ERR_OK;
}

enum err plans_begun(const struct core *c, uint32_t unit, int64_t from_ms, int64_t to_ms,
                     struct plans *out) {
    struct plans known = {0};
    *out = (struct plans){0};
    enum err err = add_file(c, unit, &known);
    if (!err)
        err = add_entries(c, unit, from_ms, to_ms, &known);
    if (!err)
        err = plans_unfold(&known, c->plant, unit, from_ms, to_ms, out);
    plans_fini(&known);
    return err;
}

void plans_take(struct plans *plans, const struct context *ctx, int64_t minute_ms, int64_t good) {
    for (size_t i = 0; i < plans->n && good; i++) {
        struct plan_item *x = &plans->at[i];
        const bool fits = (x->order_word == 0 || x->order_word == ctx->order) &&
                          (x->product_word == 0 || x->product_word == ctx->product);
        const bool within = x->order[0] || (minute_ms >= x->from_ms && minute_ms < x->to_ms);
        if (fits && within)
            x->made += good;
    }
}
