#include "simworld/origins.h"

#include <stdio.h>

#include "engine/explain.h"

enum { TRIES = 2000 };

static enum err load(void *user, const struct store_range *range, size_t n,
                     void (*done)(void *user, enum err err, const struct store_rows *rows),
                     void *done_user) {
    struct store *s = user;
    return s->ops->load_now(s, range, n, done, done_user);
}

/* What orders, products and teams add is the same whole. */
static bool contexts_add_up(const struct explain *e) {
    for (size_t k = 0; k < e->sum_n; k++) {
        i128 sum = 0;
        for (size_t i = 0; i < e->contexts.n; i++)
            sum += e->contexts.part[i * e->sum_n + k];
        if (sum != e->sum[k].parts)
            return false;
    }
    return true;
}

static bool is_explained(struct station *s, const struct explain_query *q, bool print) {
    const struct history_reader reader = {.load = load, .user = s->store};
    struct explain e;
    enum err err = explain_read(q, &reader, &e);
    const bool ok = !err && explain_adds_up(&e) && (e.from_kept || contexts_add_up(&e));
    for (size_t k = 0; k < e.sum_n && print && !ok; k++)
        fprintf(stderr, "  %s: told %lld, parts %lld\n", ingredient_name(e.sum[k].ingredient),
                (long long)e.sum[k].told, (long long)e.sum[k].parts);
    if (print && !ok)
        fprintf(stderr, "  node %u %s %lld %s: %s, found %d, life %d, changed %d, logs %d\n",
                q->node, window_kind_name(q->kind), (long long)q->from_ms,
                indicator_row(q->indicator)->id, err_name(err), e.found, e.window.life,
                e.window.changed, e.from_logs);
    explain_fini(&e);
    return ok;
}

/* Most hours of a run are empty, and most indicators of most hours: what is drawn has something to
 * explain, in two of three cases amounts. */
static bool is_worth_it(const struct audit_window *x, enum indicator i, bool amounts) {
    struct ingredients in;
    ingredients_of(i, &in);
    for (unsigned k = 0; k < INGREDIENT_COUNT; k++)
        if ((in.numerator[k] || in.denominator[k]) && ingredient_value(&x->sums, k) != 0 &&
            !(amounts && ingredient_is_time(k)))
            return true;
    return false;
}

/* A window of its own or, now and then, a minute of it. */
static bool draw(const struct station *s, const struct audit_windows *w, struct rng *rng,
                 struct explain_query *q) {
    const struct audit_window *x = &w->at[rng_below(rng, w->n)];
    const enum indicator i = (enum indicator)rng_below(rng, INDICATOR_COUNT);
    if (x->kind >= WINDOW_SHOWN_COUNT || x->product[0] || x->team[0] ||
        !is_worth_it(x, i, rng_below(rng, 3) > 0))
        return false;
    *q = (struct explain_query){.plant = s->plant,
                                .node = x->node,
                                .node_no = core_node_number(s->core, x->node),
                                .kind = (enum window_kind)x->kind,
                                .indicator = i,
                                .logs_from_ms = core_stats(s->core)->logs_from_ms,
                                .from_ms = x->start_ms,
                                .to_ms = x->end_ms};
    if (rng_below(rng, 4) == 0) {
        const int64_t minutes = (x->end_ms - x->start_ms) / UTC_MINUTE_MS;
        q->kind = WINDOW_MINUTE;
        q->from_ms += (int64_t)rng_below(rng, (uint64_t)minutes) * UTC_MINUTE_MS;
        q->to_ms = q->from_ms + UTC_MINUTE_MS;
    }
    core_agents_of(s->core, q->node, true, q->agents);
    return q->kind != WINDOW_MINUTE || q->to_ms <= s->now.wall_ms; /* else it has not been yet */
}

unsigned origins_audit(struct station *s, const struct audit_windows *w, int64_t cells_from_ms,
                       int64_t windows_from_ms, struct rng rng, unsigned most, bool print) {
    const int64_t least_ms = windows_from_ms < cells_from_ms ? windows_from_ms : cells_from_ms;
    unsigned wrong = 0, drawn = 0;
    for (unsigned i = 0; i < TRIES && drawn < most && w->n > 0; i++) {
        struct explain_query q;
        if (!draw(s, w, &rng, &q) ||
            q.from_ms < (q.kind > WINDOW_QUARTER ? least_ms : cells_from_ms))
            continue;
        drawn++;
        wrong += !is_explained(s, &q, print);
    }
    return wrong;
}
