/* The core's frame: birth, tick, effects, death. */
#include <stdio.h>
#include <stdlib.h>

#include "engine/parts.h"

enum { SETTLE_EVERY_MS = 1000 };

enum err core_open(const struct core_conf *conf, const struct plant *plant, struct core **out) {
    struct core *c = calloc(1, sizeof *c);
    if (!c)
        return ERR_NOMEM;
    c->conf = *conf;
    c->plant = plant;
    c->store = (struct session_store){conf->store_id, conf->store_generation};
    c->unit = calloc(plant->unit_n ? plant->unit_n : 1, sizeof *c->unit);
    announce_init(c);
    siglog_init(&c->scratch);
    cells_init(&c->cells);
    buf_init(&c->notes);
    buf_init(&c->effect_bytes);
    buf_init(&c->minute_rows);
    c->no_of_node = calloc(plant->node_n ? plant->node_n : 1, sizeof *c->no_of_node);
    c->restated = calloc(plant->node_n ? plant->node_n : 1, sizeof *c->restated);
    c->readings = calloc(CORE_READINGS_KEPT, sizeof *c->readings);
    if (!c->unit || !c->no_of_node || !c->restated || !c->readings ||
        windows_open(plant->node_n * 16, &c->windows) || norms_open(c) || alarms_open(c)) {
        core_close(c);
        return ERR_NOMEM;
    }
    for (size_t i = 0; i < plant->unit_n; i++) {
        c->unit[i].known_ms = STATE_NEVER;
        c->unit[i].fill_minute_ms = STATE_NEVER;
        dirty_stir(&c->unit[i]);
        siglog_init(&c->unit[i].longs);
    }
    *out = c;
    return ERR_OK;
}

static void close_units(struct core *c) {
    for (size_t i = 0; c->unit && i < c->plant->unit_n; i++) {
        free(c->unit[i].signal);
        free(c->unit[i].dirty.at);
        free(c->unit[i].early.at);
        free(c->unit[i].filled.at);
        free(c->unit[i].apart.at);
        free(c->unit[i].retell.at);
        facts_close(&c->unit[i]);
        siglog_fini(&c->unit[i].longs);
    }
    free(c->unit);
}

void core_close(struct core *c) {
    if (!c)
        return;
    mates_close(c);
    for (struct load_job *j = c->loads, *next; j; j = next) {
        next = j->next;
        jobs_free(j);
    }
    if (c->commit_tx) {
        store_tx_fini(c->commit_tx);
        free(c->commit_tx);
    }
    checkpoint_drop(c);
    hours_close(c);
    minutes_close(c);
    windows_close(c->windows);
    HASH_CLEAR(hh, c->agent_by_id);
    for (size_t i = 0; i < c->agent_n; i++)
        agents_close(c->agent[i]);
    free(c->agent);
    free(c->signal_by_name.at);
    nodes_close(c);
    for (size_t i = 0; i < c->signal_n; i++) {
        free(c->signal[i].unit);
        free(c->signal[i].state);
        if (c->signal[i].own_text)
            free(c->signal[i].name);
    }
    free(c->signal);
    texts_fini(&c->texts);
    free(c->touch);
    free(c->unassigned.at);
    free(c->readings);
    free(c->unmapped);
    acts_close(c);
    alarms_close(c);
    settle_close(c);
    announce_close(c);
    ledger_close(c->norms);
    close_units(c);
    words_fini(&c->words);
    siglog_fini(&c->scratch);
    cells_fini(&c->cells);
    buf_fini(&c->notes);
    buf_fini(&c->effect_bytes);
    free(c->published.at);
    free(c->restated);
    free(c->late.at);
    free(c);
}

static bool checkpoint_due(const struct core *c) {
    if (c->commit_id)
        return false;
    return c->stopping || !c->generation_committed || c->commit_more ||
           c->now.mono_ms - c->commit_begun_mono_ms >= c->conf.checkpoint_ms;
}

/* Ticks at which only time had passed do not hold a record back. */
bool core_tick_due(const struct core *c, int64_t mono_ms) {
    return c->fresh && !c->flush && !c->conf.offline &&
           mono_ms - c->last_news_mono_ms >= c->conf.tick_ms;
}

static void tick_begin(struct core *c) {
    c->last_tick_mono_ms = c->now.mono_ms;
    if (c->fresh) {
        c->last_news_mono_ms = c->now.mono_ms;
        c->news++;
    }
    c->fresh = false;
}

static enum err tick_run(struct core *c) {
    tick_begin(c);
    c->ticks++;
    dirty_covered(c);
    if (!c->stop_seen) /* the present stands still after the first tick of a stop */
        dirty_advance(c);
    c->stop_seen = c->stopping;
    clocks_watch(c);
    if (c->stopping || c->now.mono_ms - c->last_settle_mono_ms >= SETTLE_EVERY_MS)
        c->settle_due = true;
    if (c->settle_due || c->alarms.again)
        alarms_look(c);
    announce_run(c);
    return c->batch_err;
}

static enum err settle(struct core *c) {
    c->last_settle_mono_ms = c->now.mono_ms;
    return settle_run(c, &c->settle_due);
}

static enum err checkpoint(struct core *c) {
    if (!c->commit_more)
        c->commit_begun_mono_ms = c->now.mono_ms;
    return checkpoint_begin(c);
}

/* One of what is due, the tick itself before all. */
static enum err run_slice(struct core *c, bool tick) {
    if (!tick && c->settle_due)
        return settle(c);
    if (!tick && c->alarms.due)
        return alarms_run(c);
    if (!tick && checkpoint_due(c))
        return checkpoint(c);
    return jobs_run(c, tick);
}

static enum err run_all(struct core *c, bool tick) {
    enum err err = jobs_run(c, tick);
    if (!err && c->settle_due)
        err = settle(c);
    if (!err && (c->alarms.due || c->alarms.again))
        err = alarms_run(c);
    if (!err && checkpoint_due(c))
        err = checkpoint(c);
    return err;
}

enum err core_on_tick(struct core *c, struct core_now now) {
    c->now = now;
    c->batch_err = ERR_OK;
    if (c->build.tx)
        return checkpoint_build(c);
    if (c->flush)
        return flush_run(c);
    bool tick = c->stopping || now.mono_ms - c->last_tick_mono_ms >= c->conf.tick_ms ||
                core_tick_due(c, now.mono_ms);
    enum err err = tick ? tick_run(c) : ERR_OK;
    if (!err)
        err = c->conf.slice_jobs && !c->stopping ? run_slice(c, tick) : run_all(c, tick);
    if (!err && tick && !c->build.tx)
        hours_evict(c);
    return err;
}

bool core_tick_more(const struct core *c) {
    if (c->flush)
        return c->build.tx || flush_due(c);
    return c->build.tx ||
           (!c->stopping && (c->jobs_left || c->settle_due || c->alarms.due || checkpoint_due(c)));
}

void core_begin_stop(struct core *c, struct core_now now) {
    c->now = now;
    c->stopping = true;
}

bool core_truth_pending(const struct core *c) {
    for (size_t i = 0; i < c->agent_n; i++)
        if (c->agent[i]->changed || c->agent[i]->pending.n)
            return true;
    return !c->generation_committed || c->unstored_n;
}

bool core_idle(const struct core *c) {
    size_t pos = 0;
    if (c->commit_id || c->commit_tx || c->build.tx || core_truth_pending(c) || jobs_pending(c))
        return false;
    for (const struct window *w; (w = windows_next_awake(c->windows, &pos)) != NULL;)
        if (!w->stored)
            return false;
    return !c->hours_unstored && minutes_idle(c) && acts_idle(c) && norms_idle(c) &&
           !alerts_unstored(c->alarms.all) && !c->announced.changed;
}

/* --- what the shell answers ---------------------------------------------------------------------
 */

/* Windows told to the world and older than the newest ones need not stay in memory. All are looked
 * at, so not at every commit. */
static void drop_old_windows(struct core *c) {
    size_t pos = 0;
    int64_t keep = c->now.wall_ms - 2 * UTC_DAY_MS;
    int64_t quarter = utc_floor(c->now.wall_ms, 15 * UTC_MINUTE_MS);
    if (c->published.n != c->published.next || quarter == c->dropped_ms)
        return;
    c->dropped_ms = quarter;
    for (struct window *w; (w = windows_next(c->windows, &pos)) != NULL;) {
        if (w->stored && !w->changed && w->life != WINDOW_PROVISIONAL && w->end_ms < keep &&
            !c->loads) {
            windows_drop(c->windows, &w->key);
            pos = pos ? pos - 1 : 0;
        }
    }
}

void core_on_committed(struct core *c, uint64_t id, enum err err, struct core_now now) {
    c->now = now;
    if (id != c->commit_id)
        return;
    c->commit_id = 0;
    if (err) {
        c->stats.commit_failures++;
        return; /* only at the end of a process: adapters retry until then */
    }
    c->stats.commits++;
    if (c->generation_in_commit == c->store.generation)
        c->generation_committed = true;
    for (size_t i = 0; i < c->agent_n; i++)
        if (c->agent[i]->committing.n)
            session_on_committed(&c->agent[i]->session, buf_span(&c->agent[i]->committing));
    acts_on_committed(c);
    c->alarms.durable = c->alarms.in_commit;
    norms_on_committed(c);
    drop_old_windows(c);
    minutes_drop_old(c);
    hours_evict(c);
    jobs_go_on(c);
}

enum err core_on_loaded(struct core *c, uint64_t id, enum err err, const struct store_rows *rows,
                        struct core_now now) {
    c->now = now;
    for (struct load_job **at = &c->loads; *at; at = &(*at)->next) {
        struct load_job *j = *at;
        if (j->id != id)
            continue;
        if (!err)
            err = j->for_alerts ? alarms_on_loaded(c, j, rows) : jobs_on_loaded(c, j, rows);
        if (!err && !j->issued)
            return ERR_OK;
        uint32_t unit = j->unit;
        bool resume = !j->for_alerts;
        *at = j->next;
        jobs_free(j);
        return err || !resume ? err : jobs_resume(c, unit);
    }
    return ERR_NOT_FOUND;
}

/* --- effects ------------------------------------------------------------------------------------
 */

static bool next_note(struct core *c, struct core_effect *out) {
    if (c->notes_read >= c->notes.n) {
        buf_reset(&c->notes);
        c->notes_read = 0;
        return false;
    }
    const uint8_t *p = c->notes.p + c->notes_read;
    memcpy(&out->event, p, sizeof out->event);
    out->warn = p[sizeof out->event];
    out->detail = (const char *)(p + sizeof out->event + 1);
    c->notes_read += sizeof out->event + 1 + strlen(out->detail) + 1;
    out->kind = EFFECT_NOTE;
    return true;
}

static bool next_load(struct core *c, struct core_effect *out) {
    for (struct load_job *j = c->loads; j; j = j->next) {
        if (j->issued || (j->behind && c->commit_tx))
            continue;
        j->issued = true;
        *out = (struct core_effect){
            .kind = EFFECT_LOAD, .id = j->id, .range = j->range, .range_n = j->range_n};
        return true;
    }
    return false;
}

static bool ack_effect(struct core *c, const struct ident *agent, const struct ack *ack,
                       struct core_effect *out) {
    buf_reset(&c->effect_bytes);
    if (ack_format(ack, &c->effect_bytes))
        return false;
    *out = (struct core_effect){.kind = EFFECT_ACK, .bytes = buf_span(&c->effect_bytes)};
    topic_format(TOPIC_ACK, agent, out->topic);
    c->stats.acks++;
    return true;
}

static bool next_ack(struct core *c, struct core_effect *out) {
    struct ack ack;
    if (!c->generation_committed || c->acks_held)
        return false; /* the first ack may only follow the commit of its generation */
    for (size_t n = 0; n < c->agent_n; n++) {
        struct cagent *a = c->agent[(c->ack_next + n) % c->agent_n];
        bool clone = session_make_clone_ack(&a->session, &c->store, &ack);
        if (!clone && !session_ack_due(&a->session, c->now.mono_ms))
            continue;
        if (!clone)
            session_make_ack(&a->session, &c->store, c->now.mono_ms, &ack);
        if (clone)
            note(c, true, "duplicate_agent_id", "agent=%s", a->id.s);
        c->ack_next = (c->ack_next + n + 1) % c->agent_n;
        if (ack_effect(c, &a->id, &ack, out))
            return true;
    }
    return false;
}

void core_ack_refused(struct core *c) {
    c->ack_next = (c->ack_next + c->agent_n - 1) % c->agent_n; /* an ack was taken: there is one */
    c->agent[c->ack_next]->session.ack_due = true;
    c->acks_held = true;
}

void core_acks_resume(struct core *c) {
    c->acks_held = false;
}

struct core_handed core_handed(const struct core *c) {
    const uint64_t act = c->act_in_commit > c->act_durable ? c->act_in_commit : c->act_durable;
    return (struct core_handed){act, c->norm_handed, c->alarms.in_commit};
}

bool core_next_effect(struct core *c, struct core_effect *out) {
    *out = (struct core_effect){0};
    /* Loads asked for before the commit was built must not see it (jobs.c, seeding); those that
     * were asked for since must. */
    if (next_load(c, out))
        return true;
    if (c->commit_tx) {
        *out = (struct core_effect){.kind = EFFECT_COMMIT, .id = c->commit_id, .tx = c->commit_tx};
        c->commit_tx = NULL;
        return true;
    }
    return next_ack(c, out) || next_note(c, out);
}
