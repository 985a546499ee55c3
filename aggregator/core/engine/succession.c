/* One core after another over the same store: how a plant file is changed while all runs.
 *
 * The old one writes down what it knows (a flush: checkpoints of whole agents, nothing computed
 * meanwhile), the new one starts from there as after a kill, with what facts.c, moves.c and
 * plans.c make of a changed plant. What the store has no place for is then handed over: sessions
 * with their live part (who spoke last, acks sent, credit), counters, hours in memory, and what a
 * unit does now and since when. A unit's hours and its newest piece go over only if the same
 * signals tell of it: else they are loaded and computed as after any start. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/parts.h"

/* --- all goes to the store ----------------------------------------------------------------------
 */

void core_begin_flush(struct core *c, struct core_now now) {
    assert(!c->stopping); /* a stop ends in a flush of its own */
    c->now = now;
    c->flush = FLUSH_ASKED;
}

void core_end_flush(struct core *c) {
    c->flush = FLUSH_NONE;
}

static bool under_way(const struct core *c) {
    return c->build.tx || c->commit_tx || c->commit_id;
}

bool flush_due(const struct core *c) {
    bool more = c->flush == FLUSH_ASKED || c->commit_more || core_truth_pending(c) ||
                !acts_idle(c) || !norms_idle(c) || alerts_unstored(c->alarms.all) ||
                c->announced.changed;
    return more && !under_way(c);
}

bool core_flushed(const struct core *c) {
    return c->flush == FLUSH_BEGUN && !under_way(c) && !flush_due(c) && !c->loads;
}

/* What is derived stands still, so the first of the commits has all of it. */
enum err flush_run(struct core *c) {
    if (!flush_due(c))
        return ERR_OK;
    c->flush = FLUSH_BEGUN;
    c->commit_begun_mono_ms = c->now.mono_ms;
    return checkpoint_begin(c);
}

/* --- what the store does not have ---------------------------------------------------------------
 */

static bool is_of_one_store(const struct core *c, const struct core *old) {
    bool same = core_flushed(old) && c->store_known && c->store.id == old->store.id &&
                c->agent_n == old->agent_n && c->signal_n == old->signal_n;
    for (size_t i = 0; same && i < c->agent_n; i++)
        same = ident_equal(&c->agent[i]->id, &old->agent[i]->id);
    return same;
}

/* Logs of the unit hold the same, and its timeline is made of the same. */
static bool same_signals(const struct cunit *a, const struct cunit *b) {
    bool same = a->own_n == b->own_n && a->signal_n == b->signal_n;
    for (size_t i = 0; same && i < a->signal_n; i++)
        same = a->signal[i].signal == b->signal[i].signal && a->signal[i].role == b->signal[i].role;
    return same;
}

/* Of each unit of `old`: which one it is here, UINT32_MAX: none that is told of by the same. */
static uint32_t *match_units(const struct core *c, const struct core *old) {
    const struct plant *p = old->plant;
    uint32_t *unit = calloc(p->unit_n + 1, sizeof *unit);
    for (uint32_t i = 0; unit && i < p->unit_n; i++) {
        unit[i] = plant_find_unit(c->plant, p->unit[i].id.s);
        if (unit[i] != UINT32_MAX && !same_signals(&c->unit[unit[i]], &old->unit[i]))
            unit[i] = UINT32_MAX;
    }
    return unit;
}

static void inherit_agent(struct core *c, struct cagent *a, struct cagent *old) {
    struct session started = a->session;
    a->session = old->session;
    a->session.credit_bytes = c->conf.credit_bytes;
    a->session.owner = a;
    old->session = started; /* freed with it */
    a->online = old->online;
    a->ahead_told = old->ahead_told;
    memcpy(a->fold, old->fold, sizeof a->fold);
    memcpy(a->refused_by, old->refused_by, sizeof a->refused_by);
    a->readings = old->readings;
    a->unexplained = old->unexplained;
    a->given_up = old->given_up;
    reports_inherit(c, a, old);
}

static void inherit_unit(struct cunit *u, const struct cunit *old) {
    u->outside_told_ms = old->outside_told_ms;
    if (!old->last_valid)
        return;
    u->last = old->last;
    u->last_valid = true;
}

static void inherit_restated(struct core *c, const struct core *old) {
    for (uint32_t i = 0; i < old->plant->node_n; i++) {
        uint32_t node = plant_find_node(c->plant, old->plant->node[i].id.s);
        if (node != UINT32_MAX)
            c->restated[node] = old->restated[i];
    }
}

/* Counts go on; what is counted anew from the plant is the new one's. */
static void inherit_stats(struct core *c, const struct core *old) {
    const struct core_stats mine = c->stats;
    c->stats = old->stats;
    c->stats.hours = mine.hours;
    c->stats.unassigned = mine.unassigned;
    c->stats.misfits = mine.misfits;
    c->version = old->version + 1;
    c->news = old->news + 1;
    c->ticks = old->ticks;
    c->next_id = old->next_id;
}

enum err core_succeed(struct core *c, struct core *old) {
    if (!is_of_one_store(c, old))
        return ERR_STATE;
    uint32_t *unit = match_units(c, old);
    if (!unit)
        return ERR_NOMEM;
    inherit_stats(c, old);
    c->store = old->store; /* the same run as agents see it: no generation of its own */
    c->generation_committed = true;
    c->acks_held = old->acks_held;
    c->last_restate_mono_ms = old->last_restate_mono_ms; /* what waits for a lane waits on */
    c->last_settle_mono_ms = old->last_settle_mono_ms;
    for (size_t i = 0; i < c->agent_n; i++)
        inherit_agent(c, c->agent[i], old->agent[i]);
    for (uint32_t i = 0; i < old->plant->unit_n; i++)
        if (unit[i] != UINT32_MAX)
            inherit_unit(&c->unit[unit[i]], &old->unit[i]);
    inherit_restated(c, old);
    c->alarms.started_ms = old->alarms.started_ms;
    c->alarms.notices = old->alarms.notices;
    unmapped_inherit(c, old);
    (void)hours_inherit(c, old, unit); /* what found no room is loaded */
    free(unit);
    return ERR_OK;
}

void core_set_conf(struct core *c, const struct core_conf *conf) {
    c->conf.credit_bytes = conf->credit_bytes;
    c->conf.checkpoint_ms = conf->checkpoint_ms;
    c->conf.tick_ms = conf->tick_ms;
    c->conf.hours_max = conf->hours_max;
    c->conf.database = conf->database;
    c->conf.database_kinds = conf->database_kinds;
    c->conf.alert_grace_ms = conf->alert_grace_ms;
    c->conf.norms = conf->norms; /* the one before goes when its last reader is done */
    ledger_set_conf(c->norms, core_norm_conf(c));
    alarms_norms_changed(c);
    for (size_t i = 0; i < c->agent_n; i++)
        c->agent[i]->session.credit_bytes = conf->credit_bytes;
}
