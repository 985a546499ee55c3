#include "simworld/verdict.h"

#include "simworld/audit.h"
#include "simworld/auditgauge.h"
#include "simworld/auditlog.h"
#include "simworld/claims.h"
#include "simworld/fingerprint.h"
#include "simworld/keep.h"
#include "simworld/origins.h"
#include "simworld/straight.h"

enum { DELIVER_STEPS = 4000, LIGHT_TAIL_MS = 1200000 };
/* Where clocks step often, and are told so again by each process, what gateways tell is ahead by so
 * much at most. */
enum { CLOCKS_AHEAD_MS = 6 * UTC_HOUR_MS };

/* Hours pass without a word, so that every window is whole. */
static void pass_time(struct station *s, struct core_now from, int64_t until_wall_ms) {
    struct core_now now = from;
    while (now.wall_ms < until_wall_ms && !s->failed) {
        now.wall_ms += UTC_HOUR_MS;
        now.mono_ms += UTC_HOUR_MS;
        station_tick_whole(s, now);
        while (station_store_step(s))
            ;
    }
    station_settle(s);
    for (unsigned i = 0; i < 3 && !s->failed; i++) { /* what was computed last is told */
        now = s->now;
        now.mono_ms += UTC_MINUTE_MS;
        station_tick_whole(s, now);
        station_settle(s);
    }
}

/* What an image put back has forgotten counts as far as the aggregator had it. */
static void cut_forgotten(struct run *r) {
    for (unsigned g = 0; g < SIM_AGENTS; g++) {
        struct tape *t = &r->gateway[g].tape;
        for (size_t i = t->n; i-- > 0;) {
            struct tape_epoch *e = &t->at[i];
            uint64_t has = witness_last(r->station.store, &r->gateway[g].id, e->epoch);
            if (e->kept < e->last && has < e->last)
                tape_cut(t, i, has > e->kept ? has : e->kept);
        }
    }
}

static enum err play_straight(struct run *r, const struct plant *plant, struct core_now end,
                              int64_t until_wall_ms, int64_t cells_from_ms,
                              struct audit_windows *out, struct auditlog *log,
                              struct auditgauge *gauge) {
    struct station s;
    enum err err = station_init(&s, plant);
    if (err)
        return err;
    s.conf.tick_ms = 2000;
    s.conf.credit_bytes = 1 << 20;
    err = station_start(&s, r->start, 3);
    if (!err)
        err = station_tick(&s, r->start);
    s.now = end;
    for (unsigned g = 0; g < SIM_AGENTS && !err; g++)
        err = straight_play(&s, &r->gateway[g].id, &r->gateway[g].tape, r->gateway[g].rolled_back);
    if (!err && !r->conf.keep) /* there all is void */
        err = people_play(&r->people, &s);
    if (!err) {
        pass_time(&s, end, until_wall_ms);
        err = s.failed ? s.failed : audit_collect(&s, out);
        if (!err)
            err = auditlog_collect(&s, r->conf.print, cells_from_ms, log);
        if (!err)
            err = auditgauge_collect(&s, r->start.wall_ms, gauge);
    }
    station_fini(&s);
    return err;
}

static void count(struct run *r) {
    struct core_agent_view v;
    for (size_t i = 0; i < core_agents(r->station.core); i++) {
        core_agent_view(r->station.core, i, &v);
        r->result->duplicates += v.duplicates;
        r->result->gaps += v.gaps;
    }
    for (unsigned g = 0; g < SIM_AGENTS; g++) {
        r->result->readings += r->gateway[g].tape.readings;
        for (size_t i = 0; i < r->gateway[g].tape.n; i++)
            r->result->records += r->gateway[g].tape.at[i].last;
    }
    r->result->restated = core_stats(r->station.core)->restated;
}

/* Between what the gateway was told and what may have been under way when it died. */
static bool ledger_holds(const struct gateway *g) {
    const struct gateway_ledger *l = &g->ledger;
    return (g->tape.given_up || g->tape.readings >= l->accepted) &&
           g->tape.readings <= l->accepted + l->unsure;
}

/* What a restored store has forgotten may stand in the database for ever, points and fields: then
 * only what it knows is held against it. */
static unsigned deliver_all(struct run *r) {
    int64_t mono_ms = r->station.now.mono_ms;
    for (unsigned i = 0; i < DELIVER_STEPS && !database_drained(&r->database); i++) {
        database_step(&r->database, mono_ms += 1000);
        while (station_store_step(&r->station))
            ;
    }
    if (!database_drained(&r->database))
        return 1;
    bool exact = r->result->restores == 0;
    return database_audit(&r->database, exact, exact && !r->conf.keep, r->conf.print);
}

/* What a gateway accepted, once each: in the windows, or told apart. */
static void audit_amounts(struct run *r, const struct audit_windows *mine) {
    for (unsigned g = 0; g < SIM_AGENTS; g++) {
        if (!ledger_holds(&r->gateway[g]))
            run_complain(r, "the journal does not hold what it accepted");
        struct audit_totals t =
            audit_tape(&r->gateway[g].tape, g ? "good" : "total", "energy", "scrap");
        if (r->conf.keep)
            keep_take_off(r, g, &t);
        t.count = r->resets ? -1 : t.count;
        /* A clock step that a restarted gateway tells for the second time moves the times of
         * counters twice; a step after it may look implausible, and is reported instead of counted.
         */
        if (!r->gateway[g].told_late && audit_counts(mine, 2 + g, &t, g == 1, r->conf.print))
            run_complain(r, "amounts are not those accepted");
    }
}

/* Compared is what is kept in both, unless something came too late in this run. */
static void audit_kept(struct run *r, struct audit_windows *mine, struct audit_windows *straight) {
    const struct plant *p = r->station.plant;
    int64_t least = keep_windows_from_ms(r);
    audit_cut(mine, least);
    audit_cut(straight, least);
    if (least == INT64_MIN)
        audit_amounts(r, mine);
    r->result->unplaced = keep_unplaced(r);
    struct core_now now = r->station.now;
    pass_time(&r->station, now, now.wall_ms + UTC_DAY_MS + 4 * p->keep_logs_ms);
    const char *wrong = keep_left(r);
    if (wrong)
        run_complain(r, wrong);
}

/* Nothing more happens until then, by our clock: what has ended by an hour before is told. */
static int64_t until_ms(const struct run *r, int64_t end_ms) {
    if (r->conf.trip || r->conf.keep)
        return end_ms + UTC_HOUR_MS;
    /* Minutes ahead of it have the product that was known when they were computed. */
    const int64_t ahead_ms = r->conf.clock ? CLOCKS_AHEAD_MS : 0;
    if (!r->pace->day_ends)
        return end_ms + UTC_HOUR_MS + LIGHT_TAIL_MS + ahead_ms;
    return utc_floor(end_ms, UTC_DAY_MS) + UTC_DAY_MS + 2 * UTC_HOUR_MS;
}

void verdict_make(struct run *r, const struct plant *plant) {
    struct audit_windows mine = {0}, straight = {0};
    struct auditlog my_log = {0}, log = {0};
    struct auditgauge my_gauge = {0}, gauge = {0};
    struct core_now end = run_time(r);
    int64_t until = until_ms(r, end.wall_ms);
    int64_t cells_from_ms = INT64_MIN;
    bool print = r->conf.print;
    count(r);
    claims_drop_gaps(r);
    cut_forgotten(r);
    claims_watch_revisions(r);
    pass_time(&r->station, end, until);
    const char *alarm = r->alarms && !r->station.failed
                            ? alarm_watch_audit(r->alarms, &r->station, r->result->restores == 0,
                                                !r->conf.keep, print)
                            : NULL;
    if (alarm)
        run_complain(r, alarm);
    if (r->has_database && deliver_all(r))
        run_complain(r, "the database is not what was settled");
    if (r->conf.keep)
        cells_from_ms = keep_cells_from_ms(r);
    if (r->station.failed || audit_collect(&r->station, &mine) ||
        auditlog_collect(&r->station, print, cells_from_ms, &my_log) ||
        auditgauge_collect(&r->station, r->start.wall_ms, &my_gauge))
        run_complain(r, "the core cannot be read");
    else if (origins_audit(&r->station, &mine, cells_from_ms,
                           r->conf.keep ? keep_windows_from_ms(r) : INT64_MIN,
                           (struct rng){r->conf.seed}, r->pace->explained, print))
        run_complain(r, "parts are not what was told");
    const char *wrong = norms_audit(&r->norms, &r->station);
    if (wrong)
        run_complain(r, wrong);
    if (play_straight(r, plant, end, until, cells_from_ms, &straight, &log, &gauge))
        run_complain(r, "the straight run failed");
    if (r->conf.keep)
        audit_kept(r, &mine, &straight);
    else
        audit_amounts(r, &mine);
    if (!r->result->unplaced && audit_equal(&mine, &straight, print))
        run_complain(r, "windows differ from the straight run");
    auditlog_print(&my_log, &log, print ? 40 : 0);
    if (!r->result->unplaced && auditlog_differ(&my_log, &log))
        run_complain(r, "cells differ from the straight run");
    /* Of short logs each run has what it has by its own clock. */
    if (!r->conf.keep && auditgauge_differ(&my_gauge, &gauge, print))
        run_complain(r, "a gauge differs from the straight run");
    r->result->gauge_ms = my_gauge.known_ms;
    auditgauge_fini(&my_gauge);
    auditgauge_fini(&gauge);
    auditlog_fini(&my_log);
    auditlog_fini(&log);
    if (audit_laws(&mine, plant, until - UTC_HOUR_MS, print))
        run_complain(r, "a law of time or parts is broken");
    r->result->windows = mine.n;
    if (r->conf.fingerprint)
        fingerprint_windows(&r->result->fingerprint, &straight);
    audit_windows_fini(&mine);
    audit_windows_fini(&straight);
}
