#include "simworld/run.h"

#include <stdio.h>
#include <stdlib.h>

#include "simworld/audit.h"
#include "simworld/auditgauge.h"
#include "simworld/auditlog.h"
#include "simworld/faults.h"
#include "simworld/fingerprint.h"
#include "simworld/keep.h"
#include "simworld/origins.h"
#include "simworld/points.h"
#include "simworld/straight.h"

enum {
    HEAL_STEPS = 4000,
    HEAL_LEAST_MS = 65000,
    ACTIVE_STEPS_LEAST = 300,
    ACTIVE_STEPS_MORE = 500
};

static void complain(struct run *r, const char *why) {
    r->result->bad++;
    if (!r->result->why)
        r->result->why = why;
    if (r->conf.print)
        fprintf(stderr, "  seed %llu: %s\n", (unsigned long long)r->conf.seed, why);
}

/* --- acks ------------------------------------------------------------------------------------- */

static struct acked *acked_of(struct run *r, unsigned g, uint64_t epoch) {
    for (size_t i = 0; i < r->acked_n; i++)
        if (r->acked[i].gateway == g && r->acked[i].epoch == epoch)
            return &r->acked[i];
    if (r->acked_n == RUN_ACKED_MAX)
        return NULL;
    r->acked[r->acked_n] = (struct acked){.gateway = g, .epoch = epoch};
    return &r->acked[r->acked_n++];
}

/* What was once told to be durable stays so, unless the store is rolled back. */
static void check_ack(struct run *r, unsigned g, const struct ack *ack) {
    for (uint32_t i = 0; i < ack->epoch_n; i++) {
        struct acked *a = acked_of(r, g, ack->epoch[i].epoch);
        if (!a)
            continue;
        if (ack->epoch[i].durable < a->durable)
            complain(r, "an ack was taken back: it was ahead of the store");
        a->durable = ack->epoch[i].durable;
    }
}

static void on_ack(void *user, const char *topic, struct span bytes) {
    struct run *r = user;
    struct ack ack;
    char mine[TOPIC_MAX];
    struct buf b;
    buf_init(&b);
    for (unsigned g = 0; g < SIM_AGENTS; g++) {
        topic_format(TOPIC_ACK, &r->gateway[g].id, mine);
        if (strcmp(mine, topic) != 0 || ack_parse(bytes, &ack))
            continue;
        for (uint32_t i = 0; i < ack.epoch_n && r->conf.mutant == MUTANT_ACK_BEFORE_COMMIT; i++)
            if (ack.epoch[i].want)
                ack.epoch[i].durable = ack.epoch[i].want - 1;
        const char *wrong = witness_ack(r->station.store, &r->gateway[g].id, &ack);
        if (wrong)
            complain(r, wrong);
        if (trip_at(r->trip, TRIP_STATION, TRIP_ACK) == TRIP_NOTHING ||
            r->mono_ms < r->away_until_ms)
            continue;
        if (ack.credit_bytes)
            check_ack(r, g, &ack);
        if (ack_format(&ack, &b) || net_send(&r->net, topic, buf_span(&b), r->mono_ms))
            r->failed = ERR_NOMEM;
    }
    buf_fini(&b);
}

/* --- gaps ------------------------------------------------------------------------------------- */

static void on_note(void *user, const char *event, const char *detail) {
    struct run *r = user;
    unsigned long long epoch = 0, from = 0, to = 0;
    unsigned g = 0;
    if (r->conf.keep && !keep_note(r, event, detail))
        complain(r, "a reading is unplaced that logs are kept for");
    if (strcmp(event, "accounted_gap") != 0)
        return;
    if (sscanf(detail, "agent=gw%u epoch=%llx from=%llu to=%llu", &g, &epoch, &from, &to) != 4 ||
        r->gap_n == RUN_GAPS_MAX) {
        r->failed = ERR_FORMAT;
        return;
    }
    r->gap[r->gap_n++] = (struct gap){g - 1, epoch, from, to};
}

void run_forget_gaps(struct run *r) {
    size_t n = 0;
    for (size_t i = 0; i < r->gap_n; i++) {
        struct gap g = r->gap[i];
        uint64_t last = witness_last(r->station.store, &r->gateway[g.gateway].id, g.epoch);
        g.to = g.to < last ? g.to : last;
        if (g.from <= g.to)
            r->gap[n++] = g;
    }
    r->gap_n = n;
}

/* Accounted gaps are taken off the tapes; each must have been given up by its agent. */
static void drop_gaps(struct run *r) {
    for (size_t i = 0; i < r->gap_n; i++) {
        struct gap *g = &r->gap[i];
        struct gateway *gw = &r->gateway[g->gateway];
        tape_drop(&gw->tape, g->epoch, g->from, g->to);
        r->result->given_up += g->to - g->from + 1;
        for (uint64_t seq = g->from; seq <= g->to && !gw->rolled_back; seq++)
            if (!witness_given(&gw->given_up, g->epoch, seq)) {
                complain(r, "a gap is accounted that no agent gave up");
                break;
            }
    }
}

/* --- time ------------------------------------------------------------------------------------- */

static struct core_now core_time(const struct run *r) {
    return (struct core_now){r->mono_ms + r->wall_offset_ms + r->station_skew_ms, r->mono_ms};
}

static void hear(const struct run *r, const struct gateway *g, struct span bytes,
                 struct heard *heard) {
    struct hello h;
    if (!hello_parse(bytes, &h) && h.nonce == g->nonce &&
        (h.nonce != heard->nonce || h.n > heard->n))
        *heard = (struct heard){h.nonce, h.n, r->mono_ms};
}

static void deliver(struct run *r, const struct net_message *m) {
    enum topic_kind kind;
    struct ident id;
    struct span bytes = span_of(m->p, m->n);
    if (topic_parse(span_str(m->topic), &kind, &id))
        return;
    struct gateway *g = &r->gateway[id.s[2] - '1'];
    if (kind == TOPIC_ACK) {
        gateway_on_ack(g, bytes, r->mono_ms);
        return;
    }
    if (r->mono_ms < r->away_until_ms)
        return;
    if (kind == TOPIC_HELLO && r->station.core && r->listens)
        hear(r, g, bytes, &r->heard[id.s[2] - '1']);
    if (r->station.core && station_message(&r->station, m->topic, bytes))
        complain(r, "the core refused to go on");
}

/* A window as it was committed last: what a database may have been told. */
static void check_revision(struct run *r, const struct window *w) {
    size_t i = 0;
    while (i < r->published_n && memcmp(&r->published[i].key, &w->key, sizeof w->key) != 0)
        i++;
    if (i == RUN_PUBLISHED_MAX)
        return;
    if (i < r->published_n && w->revision < r->published[i].revision)
        complain(r, "a revision fell");
    r->published_n += i == r->published_n;
    r->published[i].key = w->key;
    r->published[i].revision = w->revision;
}

static void on_committed_windows(void *user, enum err err, const struct store_rows *rows) {
    for (size_t i = 0; i < rows->n && !err; i++) {
        struct window w = {0};
        if (!window_key_unpack(rows->at[i].key, &w.key) && !window_unpack(rows->at[i].value, &w))
            check_revision(user, &w);
    }
}

void run_watch_revisions(struct run *r) {
    const struct store_range range = {.table = STORE_WINDOW};
    r->station.store->ops->load_now(r->station.store, &range, 1, on_committed_windows, r);
}

static void bury(struct run *r) {
    if (r->trip)
        points_bury(r);
}

void run_step(struct run *r, int64_t dt_ms, bool reading) {
    struct net_message m;
    r->mono_ms += dt_ms;
    bury(r);
    if (r->conf.trip)
        points_revive(r);
    for (unsigned g = 0; g < SIM_AGENTS; g++)
        if (gateway_step(&r->gateway[g], r->mono_ms, reading))
            complain(r, "a gateway lost what it had accepted");
    bury(r);
    for (unsigned g = 0; g < SIM_AGENTS; g++)
        if (r->gateway[g].wrong)
            complain(r, r->gateway[g].wrong);
    while (net_take(&r->net, r->mono_ms, &m)) {
        r->station.now = core_time(r);
        deliver(r, &m);
        free(m.p);
        bury(r);
    }
    if (!r->station.core)
        return;
    do { /* between its slices there may be time for records */
        if (station_tick(&r->station, core_time(r)))
            complain(r, "the core's tick failed");
        bury(r);
    } while (r->station.core && core_tick_more(r->station.core) && rng_ppm(&r->rng, 900000));
    const char *wrong = people_step(&r->people, &r->station, reading);
    if (!wrong)
        wrong = norms_step(&r->norms, &r->station, reading);
    if (wrong)
        complain(r, wrong);
    bury(r);
    if (r->alarms && reading)
        alarm_watch_step(r->alarms, &r->station);
    bury(r);
    if (r->has_database)
        database_step(&r->database, r->mono_ms);
    bury(r);
    while (rng_ppm(&r->rng, reading ? 600000 : 950000) && points_store_step(r))
        bury(r);
}

/* --- begin, heal, end ------------------------------------------------------------------------- */

/* Every second seed, but never the story of the crash points. */
static bool is_wide(const struct run_conf *conf) {
    return !conf->trip && conf->seed / 8 % 2;
}

/* The same; with variants always, so that each is seen with them. */
static bool has_alerts(const struct run_conf *conf) {
    return !conf->trip && (conf->seed / 16 % 2 || conf->mutant);
}

static enum err begin(struct run *r, struct plant *plant) {
    r->rng.state = r->conf.seed * UINT64_C(0x2545f4914f6cdd1d) + 1;
    r->mono_ms = 1000000;
    r->wall_offset_ms = SIM_DAY0 + rng_between(&r->rng, 300, 1200) * UTC_MINUTE_MS - r->mono_ms;
    net_init(&r->net, &r->rng);
    r->trip = r->conf.trip;
    if (r->conf.trip)
        points_draw(r);
    else
        faults_draw(r);
    enum err err = station_init(&r->station, plant);
    if (err)
        return err;
    /* Logs of hours would refuse what people enter late, and computing anew: these seeds have
     * neither. */
    bool plain = r->conf.trip || r->conf.keep;
    if (!r->conf.keep)
        people_init(&r->people, plain ? 1 : r->conf.seed, is_wide(&r->conf));
    norms_init(&r->norms, plain ? 0 : r->conf.seed, &r->station);
    edit_init(&r->edit, plain ? 0 : r->conf.seed, r->conf.reload, plant);
    r->station.by_hand = true;
    r->station.print = r->conf.print;
    r->station.on_ack = on_ack;
    r->station.on_note = on_note;
    r->station.user = r;
    r->station.conf.tick_ms = 2000;
    r->station.conf.checkpoint_ms = 1500;
    r->station.conf.commit_bytes = r->conf.seed % 2; /* one agent a commit, or all */
    r->station.eager = r->conf.seed / 2 % 2;
    if (r->conf.seed / 4 % 2) { /* checkpoints in slices, records between them */
        r->station.conf.slice_bytes = (size_t)rng_between(&r->rng, 1, 4000);
        r->station.conf.slice_jobs = 2;
    }
    r->station.conf.hours_max = rng_ppm(&r->rng, 300000) ? 8 : 4096;
    r->start = core_time(r);
    if (has_alerts(&r->conf))
        err = alarm_watch_open(&r->station, r->start.wall_ms, r->conf.seed, &r->alarms);
    if (!err && r->has_database)
        err = database_init(&r->database, &r->station, &r->rng);
    r->database.trip = r->trip;
    if (r->conf.trip)
        points_begin(r);
    if (!err)
        err = station_start(&r->station, r->start, rng_next(&r->rng));
    if (!err && r->has_database)
        err = database_start(&r->database);
    for (unsigned g = 0; g < SIM_AGENTS && !err; g++) {
        struct gateway_conf c = {.no = g,
                                 .wide = is_wide(&r->conf),
                                 .retain_ms = r->retain_ms,
                                 .segment_bytes = (uint64_t)rng_between(&r->rng, 2, 12) * 1024,
                                 .batch_ms = rng_between(&r->rng, 1, 8) * 1000,
                                 .resets = r->resets,
                                 .mutant = r->conf.mutant,
                                 .store = r->station.store,
                                 .trip = r->trip};
        if (r->conf.trip)
            points_gateway(&c);
        if (r->quota)
            c.quota_bytes = c.segment_bytes * (uint64_t)rng_between(&r->rng, 4, 8);
        err = gateway_init(&r->gateway[g], &c, &r->rng, &r->net,
                           r->wall_offset_ms + rng_between(&r->rng, -2000, 2000));
        if (!err)
            err = gateway_start(&r->gateway[g], r->mono_ms);
        if (trip_dead(r->trip, g))
            err = ERR_OK;
        gateway_up(&r->gateway[g], r->mono_ms);
    }
    if (!err)
        err = station_tick(&r->station, r->start);
    return err;
}

static bool drained(const struct run *r) {
    if (!r->station.core)
        return false;
    for (unsigned g = 0; g < SIM_AGENTS; g++)
        if (!gateway_drained(&r->gateway[g]))
            return false;
    return people_answered(&r->people) && norms_answered(&r->norms) && core_idle(r->station.core) &&
           store_memory_pending(r->station.store) == 0 &&
           (!r->has_database || database_drained(&r->database));
}

static void drain(struct run *r) {
    /* At least two hellos: an idle agent hears of a restored store no sooner. */
    int64_t least_ms = r->mono_ms + HEAL_LEAST_MS;
    for (unsigned i = 0; i < HEAL_STEPS; i++) {
        bool done = drained(r);
        if (done && r->mono_ms >= least_ms)
            break;
        run_step(r, i < 600 && !done ? 200 : 2000, false);
    }
    if (r->trip)
        r->trip->over = true;
    if (!drained(r))
        complain(r, "stuck");
}

static void heal(struct run *r) {
    if (!r->conf.trip)
        faults_heal(r);
    drain(r);
    for (unsigned g = 0; g < SIM_AGENTS; g++)
        gateway_last_word(&r->gateway[g]);
    drain(r);
}

/* A day and more passes without a word, so that every window is whole. */
static void pass_time(struct station *s, struct core_now from, int64_t until_wall_ms) {
    struct core_now now = from;
    while (now.wall_ms < until_wall_ms && !s->failed) {
        now.wall_ms += 20 * UTC_MINUTE_MS;
        now.mono_ms += 20 * UTC_MINUTE_MS;
        station_tick_whole(s, now);
        while (station_store_step(s))
            ;
    }
    station_settle(s);
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
    for (unsigned i = 0; i < HEAL_STEPS && !database_drained(&r->database); i++) {
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
            complain(r, "the journal does not hold what it accepted");
        struct audit_totals t = audit_tape(&r->gateway[g].tape, 1, g ? 3 : 2, g ? 2 : 99);
        if (r->conf.keep)
            keep_take_off(r, g, &t);
        t.count = r->resets ? -1 : t.count;
        /* A clock step that a restarted gateway tells for the second time moves the times of
         * counters twice; a step after it may look implausible, and is reported instead of counted.
         */
        if (!r->gateway[g].told_late && audit_counts(mine, 2 + g, &t, g == 1, r->conf.print))
            complain(r, "amounts are not those accepted");
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
        complain(r, wrong);
}

static void add_fingerprint(struct run *r) {
    struct run_result *out = r->result;
    const uint64_t counters[] = {r->rng.state,  r->chance_rng.state, (uint64_t)r->mono_ms,
                                 r->net.sent,   r->net.dropped,      out->bad,
                                 out->readings, out->records,        out->kills,
                                 out->wipes,    out->restores,       out->duplicates,
                                 out->gaps,     out->given_up,       out->restated,
                                 out->windows};
    fingerprint_add(&out->fingerprint, counters, sizeof counters);
    for (unsigned g = 0; g < SIM_AGENTS; g++)
        fingerprint_tape(&out->fingerprint, &r->gateway[g].tape);
    if (r->station.store)
        fingerprint_store(&out->fingerprint, r->station.store);
    if (r->has_database && r->database.sink)
        fingerprint_database(&out->fingerprint, &r->database);
}

static void audit(struct run *r, const struct plant *plant) {
    struct audit_windows mine = {0}, straight = {0};
    struct auditlog my_log = {0}, log = {0};
    struct auditgauge my_gauge = {0}, gauge = {0};
    struct core_now end = core_time(r);
    int64_t until = end.wall_ms + (r->conf.trip || r->conf.keep ? 1 : 27) * UTC_HOUR_MS;
    int64_t cells_from_ms = INT64_MIN;
    bool print = r->conf.print;
    count(r);
    drop_gaps(r);
    cut_forgotten(r);
    run_watch_revisions(r);
    pass_time(&r->station, end, until);
    const char *alarm =
        r->alarms && !r->station.failed
            ? alarm_watch_audit(r->alarms, &r->station, r->result->restores == 0, print)
            : NULL;
    if (alarm)
        complain(r, alarm);
    if (r->has_database && deliver_all(r))
        complain(r, "the database is not what was settled");
    if (r->conf.keep)
        cells_from_ms = keep_cells_from_ms(r);
    if (r->station.failed || audit_collect(&r->station, &mine) ||
        auditlog_collect(&r->station, print, cells_from_ms, &my_log) ||
        auditgauge_collect(&r->station, r->start.wall_ms, &my_gauge))
        complain(r, "the core cannot be read");
    else if (origins_audit(&r->station, &mine, cells_from_ms,
                           r->conf.keep ? keep_windows_from_ms(r) : INT64_MIN,
                           (struct rng){r->conf.seed}, print))
        complain(r, "parts are not what was told");
    const char *wrong = norms_audit(&r->norms, &r->station);
    if (wrong)
        complain(r, wrong);
    if (play_straight(r, plant, end, until, cells_from_ms, &straight, &log, &gauge))
        complain(r, "the straight run failed");
    if (r->conf.keep)
        audit_kept(r, &mine, &straight);
    else
        audit_amounts(r, &mine);
    if (!r->result->unplaced && audit_equal(&mine, &straight, print))
        complain(r, "windows differ from the straight run");
    auditlog_print(&my_log, &log, print ? 40 : 0);
    if (!r->result->unplaced && auditlog_differ(&my_log, &log))
        complain(r, "cells differ from the straight run");
    /* Of short logs each run has what it has by its own clock. */
    if (!r->conf.keep && auditgauge_differ(&my_gauge, &gauge, print))
        complain(r, "a gauge differs from the straight run");
    r->result->gauge_ms = my_gauge.known_ms;
    auditgauge_fini(&my_gauge);
    auditgauge_fini(&gauge);
    auditlog_fini(&my_log);
    auditlog_fini(&log);
    if (audit_laws(&mine, plant, until - UTC_HOUR_MS, print))
        complain(r, "a law of time or parts is broken");
    r->result->windows = mine.n;
    if (r->conf.fingerprint)
        fingerprint_windows(&r->result->fingerprint, &straight);
    audit_windows_fini(&mine);
    audit_windows_fini(&straight);
}

static void end(struct run *r) {
    for (unsigned g = 0; g < SIM_AGENTS; g++)
        if (r->gateway[g].cursor)
            gateway_fini(&r->gateway[g]);
    if (r->image)
        store_image_free(r->image);
    if (r->has_database && r->database.sink)
        database_fini(&r->database);
    if (r->station.store)
        station_fini(&r->station);
    alarm_watch_close(r->alarms);
    net_fini(&r->net);
}

enum err run_seed(const struct run_conf *conf, struct run_result *out) {
    struct plant *plant = NULL, *whole = NULL; /* whole: for the straight run */
    struct run *r = calloc(1, sizeof *r);
    *out = (struct run_result){0};
    enum err (*const open)(struct plant **) =
        is_wide(conf) ? line_plant_open_wide : line_plant_open;
    if (!r || open(&plant) || open(&whole)) {
        plant_close(plant);
        free(r);
        return ERR_NOMEM;
    }
    r->conf = *conf;
    if (conf->keep) { /* logs of hours would refuse most of what others enter late */
        people_of_meters(&r->people, conf->seed, plant);
        keep_draw(r, plant);
    }
    r->result = out;
    mutant_set(conf->mutant);
    enum err err = begin(r, plant);
    unsigned steps = ACTIVE_STEPS_LEAST + (unsigned)rng_below(&r->rng, ACTIVE_STEPS_MORE);
    if (r->conf.trip)
        steps = POINTS_STEPS;
    for (unsigned i = 0; i < steps && !err && !out->bad; i++) {
        run_step(r, r->conf.trip ? points_step(r, i) : faults_step(r), true);
        err = r->failed;
    }
    if (!err && !out->bad)
        heal(r);
    if (!err && !out->bad) {
        if (r->edit.on)
            edit_show(&r->edit, whole);
        audit(r, whole);
    }
    if (conf->fingerprint)
        add_fingerprint(r);
    end(r);
    plant_close(plant);
    plant_close(whole);
    free(r);
    return err;
}
