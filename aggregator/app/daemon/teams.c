#include "daemon/teams.h"

#include <stdio.h>

#include "daemon/daemon_impl.h"

#define FRESH_MS (60 * INT64_C(1000))

static void each(void *user, uint32_t unit, void (*take)(void *of, const char *team), void *of) {
    const struct teams *t = user;
    for (size_t i = 0; i < t->of.n; i++)
        if (t->of.at[i].unit == unit)
            take(of, t->of.at[i].team.s);
}

static enum err step(void *user, const struct history_reader *r, bool *more) {
    struct teams *t = user;
    const struct normed_query q = {
        .plant = t->plant, .node = t->node, .from_ms = t->from_ms, .to_ms = t->to_ms};
    *more = false;
    normed_teams_fini(&t->of);
    return normed_teams(&q, r, &t->of);
}

static void on_done(void *user, enum err err) {
    struct teams *t = user;
    t->reading = false;
    t->read = true;
    t->err = err;
    t->read_mono_ms = daemon_now().mono_ms;
    daemon_wake(t->d);
}

/* A labour norm of ours: where it is of. UINT32_MAX: it is none, no pay moves. */
static uint32_t node_of(const struct daemon *d, const struct ledger_command *c) {
    const bool decides = c->action == LEDGER_CHOOSE || c->action == LEDGER_APPROVE;
    const struct norm *n = decides                      ? ledger_find(core_norms(d->core), c->id.s)
                           : c->action == LEDGER_IMPORT ? c->norm
                                                        : NULL;
    if (!n || !norm_is_own(n))
        return UINT32_MAX;
    const unsigned of = n->indicator < INDICATOR_COUNT
                            ? indicator_row((enum indicator)n->indicator)->norm_class
                            : n->norm_class;
    if (of != CLASS_LABOUR)
        return UINT32_MAX;
    return n->scope.node.s[0] ? plant_find_node(d->plant, n->scope.node.s) : 0;
}

static bool covers(const struct plant *p, uint32_t above, uint32_t node) {
    while (node != UINT32_MAX && node != above)
        node = p->node[node].parent;
    return node == above;
}

static enum err refuse(struct ledger_refusal *why, enum err err) {
    if (err)
        (void)snprintf(why->why, sizeof why->why,
                       "the teams of the last quarter can't be read (%s): whose pay would move is "
                       "not known.",
                       err_name(err));
    return err;
}

enum err teams_before(struct daemon *d, const struct ledger_command *c, bool *later,
                      struct ledger_refusal *why) {
    struct teams *t = &d->teams;
    const struct core_now now = daemon_now();
    const uint32_t node = node_of(d, c);
    const bool fresh = t->read && t->plant == d->plant && now.mono_ms - t->read_mono_ms < FRESH_MS;
    *later = false;
    if (!d->archive || node == UINT32_MAX)
        return ERR_OK;
    *later = t->reading;
    if (t->reading)
        return ERR_OK;
    if (fresh && (t->err || covers(d->plant, t->node, node))) {
        t->read = !t->err; /* the next one tries again */
        if (!t->err)
            core_set_norm_teams(d->core, (struct ledger_teams){each, t});
        return refuse(why, t->err);
    }
    /* Two that ask for different nodes would else read in turn for ever. */
    t->node = fresh ? 0 : node;
    t->d = d;
    t->plant = d->plant;
    t->to_ms = now.wall_ms + 1;
    t->from_ms = t->to_ms - NORMED_QUARTER_MS;
    t->read = false;
    const enum err err = archive_run(d->archive, step, on_done, t);
    t->reading = *later = err == ERR_OK;
    return refuse(why, err);
}

void teams_fini(struct teams *t) {
    normed_teams_fini(&t->of);
}
