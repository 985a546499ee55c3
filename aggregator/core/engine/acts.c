/* What people entered: the list of acts, how one is taken, what it moves, how it is stored. */
#include <stdio.h>
#include <stdlib.h>

#include "engine/acts.h"

static int64_t earlier(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/* --- the list --------------------------------------------------------------------------------- */

enum err acts_room(struct acts *l) {
    if (l->n < l->cap)
        return ERR_OK;
    size_t cap = l->cap ? l->cap * 2 : 16;
    struct cact **at = realloc(l->at, cap * sizeof(struct cact *));
    if (!at)
        return ERR_NOMEM;
    l->at = at;
    l->cap = cap;
    return ERR_OK;
}

void acts_put_last(struct acts *l, struct cact *x) {
    l->at[l->n++] = x;
}

static uint32_t find_unit(const struct core *c, struct span id) {
    char text[IDENT_MAX + 1] = "";
    if (id.n == 0 || id.n > IDENT_MAX)
        return UINT32_MAX;
    memcpy(text, id.p, id.n);
    return plant_find_unit(c->plant, text);
}

static uint32_t find_signal(const struct core *c, const struct act *a) {
    struct ident agent;
    char point[ACT_TEXT_MAX + 1] = "";
    if (!act_is_signal((enum act_kind)a->kind) || a->point.n > ACT_TEXT_MAX ||
        !ident_set(&agent, a->agent))
        return UINT32_MAX;
    memcpy(point, a->point.p, a->point.n);
    return plant_find_signal(c->plant, &agent, point);
}

static struct cact *by_number(const struct core *c, uint64_t n) {
    size_t low = 0, high = c->acts.n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (c->acts.at[mid]->n < n)
            low = mid + 1;
        else
            high = mid;
    }
    return low < c->acts.n && c->acts.at[low]->n == n ? c->acts.at[low] : NULL;
}

static enum err cact_new(struct core *c, uint64_t n, struct span bytes, struct cact **out) {
    struct cact *x = calloc(1, sizeof *x + bytes.n);
    if (!x)
        return ERR_NOMEM;
    memcpy(x + 1, bytes.p, bytes.n);
    enum err err = act_unpack(span_of(x + 1, bytes.n), &x->a);
    x->n = n;
    x->unit = find_unit(c, x->a.unit);
    x->signal = find_signal(c, &x->a);
    x->concerns = acts_concerns(c, x);
    if (!err)
        err = words_get(&c->words, x->a.text, &x->text);
    if (!err)
        err = words_get(&c->words, x->a.product, &x->product);
    if (!err)
        err = words_get(&c->words, x->a.reason, &x->reason);
    if (err) {
        free(x);
        return err;
    }
    *out = x;
    return ERR_OK;
}

/* Into every list that it belongs to, or into none. */
static enum err list(struct core *c, struct cact *x) {
    bool of_signal = act_is_signal((enum act_kind)x->a.kind);
    enum err err = acts_room(&c->acts);
    if (!err && of_signal)
        err = acts_room(&c->of_signals);
    if (!err)
        err = acts_unit_room(c, x);
    if (err)
        return err;
    HASH_ADD_KEYPTR(hh, c->act_by_key, x->a.key.p, x->a.key.n, x);
    if (!x->hh.tbl)
        return ERR_NOMEM;
    acts_put_last(&c->acts, x);
    if (of_signal)
        acts_put_last(&c->of_signals, x);
    acts_unit_put(c, x);
    return ERR_OK;
}

static void void_other(struct core *c, const struct cact *x) {
    struct cact *of = x->a.kind == ACT_VOID ? by_number(c, (uint64_t)x->a.value) : NULL;
    if (!of || of->voided_by)
        return;
    of->voided_by = x->n;
    acts_unit_drop(c, of);
}

void acts_close(struct core *c) {
    HASH_CLEAR(hh, c->act_by_key);
    for (size_t i = 0; i < c->acts.n; i++)
        free(c->acts.at[i]);
    for (size_t i = 0; c->unit && i < c->plant->unit_n; i++)
        for (unsigned k = 0; k < ACTS_LISTS; k++)
            free(c->unit[i].acts.of[k].at);
    free(c->acts.at);
    free(c->of_signals.at);
    free(c->act_signal.at);
}

/* --- what an act moves ------------------------------------------------------------------------ */

/* Of an amount the shifts too, of a register's reading the time between its neighbours. */
static struct range moved_by(const struct core *c, const struct cact *x) {
    struct range r = {x->a.t0_ms, x->a.t1_ms};
    if (act_is_amount((enum act_kind)x->a.kind))
        return x->concerns;
    if (x->a.kind == ACT_ENERGY) {
        const struct acts *l = &c->unit[x->unit].acts.of[ACT_ENERGY];
        const struct cact *before = acts_reading_before(l, x->a.t0_ms);
        const struct cact *after = acts_reading_after(l, x->a.t0_ms);
        r.from_ms = before ? before->a.t0_ms : r.from_ms;
        r.to_ms = after ? after->a.t0_ms : r.to_ms;
    }
    return r;
}

/* What lies ahead is computed when the present reaches it. An entry that is ahead itself, by a
 * clock that is not quite ours, may move what is behind; a register's reading has energy in minutes
 * ahead then, which its void takes out again. */
static void touch_unit(struct core *c, const struct cact *x, bool voided) {
    enum act_kind kind = (enum act_kind)x->a.kind;
    const int64_t reached_ms = unit_reached_ms(c, x->unit);
    struct range r = moved_by(c, x);
    if (r.from_ms > reached_ms)
        return;
    if (!voided || kind != ACT_ENERGY)
        r.to_ms = earlier(r.to_ms, reached_ms);
    if (act_is_context(kind) || kind == ACT_CAUSE)
        dirty_touch_sticky(c, x->unit, r.from_ms, r.to_ms);
    else
        dirty_touch(c, x->unit, r.from_ms, r.to_ms);
    dirty_touch_watchers(c, x->unit, r.from_ms, r.to_ms);
}

/* Which stretch a replaced meter concerns, its log says when it is there; when the act is void, it
 * does not say so any more. */
static void touch_signal(struct core *c, const struct cact *x, bool voided) {
    if (x->a.kind == ACT_FACTOR) {
        reach_touch(c, x, voided);
        return;
    }
    struct range r = {x->a.t0_ms, x->a.t1_ms};
    if (x->a.kind == ACT_REPLACE && voided)
        r = (struct range){earlier(r.from_ms, horizon_ms(c)), INT64_MAX};
    for (size_t i = 0; i < c->signal_n; i++) {
        const struct csignal *s = &c->signal[i];
        for (size_t k = 0; s->bound == x->signal && k < s->unit_n; k++)
            (k < s->own_n ? dirty_touch : dirty_touch_mate)(
                c, s->unit[k], r.from_ms, earlier(r.to_ms, unit_reached_ms(c, s->unit[k])));
    }
}

static bool is_said_only(const struct cact *x) {
    return x->a.kind == ACT_NOTE || x->a.kind == ACT_HANDOVER;
}

/* A plan is what is held against them. */
static bool moves_minutes(const struct cact *x) {
    return !is_said_only(x) && x->a.kind != ACT_PLAN;
}

/* A replay that has not come to the unit's data yet computes them with it anyway. */
static bool nothing_known(const struct core *c, const struct cact *x) {
    return c->conf.offline && x->unit != UINT32_MAX && c->unit[x->unit].known_ms == STATE_NEVER;
}

static void touch(struct core *c, const struct cact *x, bool voided) {
    uint8_t before = c->touch_cause;
    c->touch_cause = RESTATE_CORRECTION;
    c->batch_agent = NULL; /* no agent told it */
    if (x->a.kind == ACT_PLAN)
        order_windows_touch(c, x);
    if (x->signal != UINT32_MAX)
        touch_signal(c, x, voided);
    else if (x->unit != UINT32_MAX && moves_minutes(x) && !nothing_known(c, x))
        touch_unit(c, x, voided);
    c->touch_cause = before;
    c->fresh = true;
}

/* --- taking them ------------------------------------------------------------------------------ */

static bool refuse(struct core_act_answer *out, const char *field, const char *why) {
    out->refusal.field = field;
    snprintf(out->refusal.why, sizeof out->refusal.why, "%s", why);
    return false;
}

/* Whether what the entry moved can be computed anew. */
static bool is_in_plant(const struct cact *x) {
    if (is_said_only(x))
        return true;
    return act_is_signal((enum act_kind)x->a.kind) ? x->signal != UINT32_MAX
                                                   : x->unit != UINT32_MAX;
}

static bool check_void(const struct core *c, const struct act *a, struct core_act_answer *out) {
    const struct cact *of = a->kind == ACT_VOID ? by_number(c, (uint64_t)a->value) : NULL;
    if (a->kind != ACT_VOID)
        return true;
    if (!of)
        return refuse(out, "value",
                      "there is no entry of that number, or it is older than the "
                      "logs.");
    if (of->a.kind == ACT_VOID)
        return refuse(out, "value", "that entry voids another one; enter the other one anew.");
    if (of->voided_by)
        return refuse(out, "value", "that entry is void already.");
    if (!is_in_plant(of))
        return refuse(out, "value",
                      "what it concerns is not in the plant file now, and can't be "
                      "computed without it.");
    return reach_check_void(c, of, &out->refusal);
}

static bool is_repeat(const struct core *c, const struct act *a, struct core_act_answer *out,
                      bool *refused) {
    struct cact *known = NULL;
    HASH_FIND(hh, c->act_by_key, a->key.p, a->key.n, known);
    *refused = known && !act_equal(&known->a, a);
    if (*refused)
        refuse(out, "key", "another entry has this key already: draw a new one for a new entry.");
    if (known && !*refused) {
        out->n = known->n;
        out->repeated = true;
    }
    return known != NULL;
}

enum err core_on_act(struct core *c, const struct act *a, struct core_now now,
                     struct core_act_answer *out) {
    struct act dated = *a;
    struct cact *x = NULL;
    struct buf bytes;
    bool refused = false;
    c->now = now;
    *out = (struct core_act_answer){0};
    /* A replay has no present: its entries are of their own time. */
    int64_t present_ms = !c->conf.offline           ? now.wall_ms
                         : a->t1_ms == ACT_FOR_GOOD ? a->t0_ms
                                                    : a->t1_ms;
    dated.entered_ms = present_ms;
    if (a->key.n && is_repeat(c, a, out, &refused))
        return refused ? ERR_EXISTS : ERR_OK;
    if (!act_check(a, c->plant, present_ms, &out->refusal) || !check_void(c, a, out) ||
        !reach_check(c, a, &out->refusal))
        return ERR_RANGE;
    if (c->acts.n >= CORE_ACTS_MAX)
        return ERR_FULL;
    buf_init(&bytes);
    c->batch_err = ERR_OK;
    enum err err = act_pack(&dated, &bytes);
    if (!err)
        err = cact_new(c, c->act_last + 1, buf_span(&bytes), &x);
    buf_fini(&bytes);
    if (err)
        return err;
    /* What it moves is noted first: then nothing is taken of which that failed. */
    bool voids = x->a.kind == ACT_VOID;
    touch(c, voids ? by_number(c, (uint64_t)x->a.value) : x, voids);
    err = c->batch_err ? c->batch_err : list(c, x);
    if (err) {
        free(x);
        return err;
    }
    void_other(c, x);
    out->n = c->act_last = x->n;
    c->version++;
    return ERR_OK;
}

bool core_act_knows(const struct core *c, struct span key) {
    const struct cact *known = NULL;
    if (key.n)
        HASH_FIND(hh, c->act_by_key, key.p, key.n, known);
    return known != NULL;
}

bool core_act_durable(const struct core *c, uint64_t n) {
    return n <= c->act_durable;
}

size_t core_acts(const struct core *c) {
    return c->acts.n;
}

void core_act_view(const struct core *c, size_t i, struct core_act *out) {
    const struct cact *x = c->acts.at[i];
    *out = (struct core_act){
        .act = &x->a, .n = x->n, .voided_by = x->voided_by, .durable = core_act_durable(c, x->n)};
}

/* --- the store -------------------------------------------------------------------------------- */

static void be64(uint8_t *p, uint64_t v) {
    for (unsigned i = 0; i < 8; i++)
        p[i] = (uint8_t)(v >> (56 - 8 * i));
}

enum err acts_put(struct core *c, struct store_tx *tx) {
    enum err err = ERR_OK;
    struct buf v;
    buf_init(&v);
    for (; c->acts_handed < c->acts.n && !err; c->acts_handed++) {
        const struct cact *x = c->acts.at[c->acts_handed];
        uint8_t key[8];
        be64(key, x->n);
        buf_reset(&v);
        err = act_pack(&x->a, &v);
        if (!err)
            err = store_tx_add(tx, STORE_PUT, STORE_LEDGER, span_of(key, sizeof key), buf_span(&v));
        c->act_in_commit = x->n;
    }
    buf_fini(&v);
    return err;
}

void acts_on_committed(struct core *c) {
    if (c->act_in_commit > c->act_durable)
        c->act_durable = c->act_in_commit;
}

bool acts_idle(const struct core *c) {
    return c->acts_handed == c->acts.n;
}

/* Behind the logs nothing is computed again but by factors; what holds for good still does. */
static bool outlived(const struct core *c, const struct act *a) {
    int64_t keep = a->kind == ACT_FACTOR ? c->plant->keep_cells_ms : c->plant->keep_logs_ms;
    int64_t least = c->now.wall_ms - keep - 2 * UTC_DAY_MS;
    bool reading = a->kind == ACT_ENERGY;                    /* the next one steps from it */
    int64_t end = a->kind == ACT_PLAN ? a->t0_ms : a->t1_ms; /* core_plans() looks no further */
    return a->kind != ACT_VOID && !reading && end < least;
}

enum err acts_take(struct core *c, const struct store_item *row) {
    struct act a;
    struct cact *x = NULL;
    uint64_t n = 0;
    if (row->key.n != 8)
        return ERR_FORMAT;
    for (unsigned i = 0; i < 8; i++)
        n = n << 8 | row->key.p[i];
    if (n <= c->act_last)
        return ERR_FORMAT;
    enum err err = act_unpack(row->value, &a);
    if (err)
        return err;
    c->act_last = c->act_durable = n;
    if (outlived(c, &a))
        return ERR_OK;
    err = cact_new(c, n, row->value, &x);
    if (!err && (err = list(c, x)) != ERR_OK)
        free(x);
    if (err)
        return err;
    void_other(c, x);
    c->acts_handed = c->acts.n;
    return ERR_OK;
}
