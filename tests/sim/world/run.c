#include "simworld/run.h"

#include <stdio.h>
#include <stdlib.h>

#include "simworld/claims.h"
#include "simworld/fingerprint.h"
#include "simworld/keep.h"
#include "simworld/points.h"
#include "simworld/step.h"
#include "simworld/verdict.h"

enum { HEAL_STEPS = 4000, HEAL_LEAST_MS = 65000 };

void run_complain(struct run *r, const char *why) {
    r->result->bad++;
    if (!r->result->why)
        r->result->why = why;
    if (r->conf.print)
        fprintf(stderr, "  seed %llu: %s\n", (unsigned long long)r->conf.seed, why);
}

struct core_now run_time(const struct run *r) {
    return (struct core_now){r->mono_ms + r->wall_offset_ms + r->station_skew_ms, r->mono_ms};
}

/* --- begin, heal, end ------------------------------------------------------------------------- */

/* Every second seed, but never the story of the crash points. */
static bool is_wide(const struct run_conf *conf) {
    return !conf->trip && conf->seed / 8 % 2;
}

/* Two of five, but never the story of the crash points. */
static bool names_late(const struct run_conf *conf) {
    return conf->late || (!conf->trip && conf->seed % 5 % 2);
}

/* Changes of states are read after they happened, in one seed of seven soon and in one late. */
static uint32_t told_ppm(const struct run_conf *conf) {
    if (conf->trip)
        return 0;
    return conf->seed % 7 == 2 ? 150000 : conf->seed % 7 == 5 ? 20000 : 0;
}

/* In a third of the seeds key frames have parts, of some points each or one; never in the story. */
static size_t part_bytes(const struct run_conf *conf) {
    const uint64_t n = conf->seed / 8;
    const bool splits = conf->split || (!conf->trip && n % 3 == 0);
    return splits ? 40 + (size_t)(n / 3 % 4) * 40 : 0;
}

/* Every second pair of them; the story always, and variants, so that each is seen with them. */
static bool has_alerts(const struct run_conf *conf) {
    return conf->trip || conf->seed / 16 % 2 || conf->mutant;
}

/* Logs of hours would refuse what people enter late, and computing anew: these seeds have neither.
 */
static void begin_people(struct run *r, struct plant *plant) {
    bool plain = r->conf.trip || r->conf.keep;
    if (!r->conf.keep)
        people_init(&r->people, plain ? 1 : r->conf.seed, is_wide(&r->conf));
    norms_init(&r->norms, plain ? 0 : r->conf.seed, &r->station);
    edit_init(&r->edit, plain || !r->pace->edits ? 0 : r->conf.seed, r->conf.reload, plant);
}

static void set_station(struct run *r) {
    struct station *s = &r->station;
    s->by_hand = true;
    s->print = r->conf.print;
    s->on_ack = claims_on_ack;
    s->on_note = claims_on_note;
    s->user = r;
    s->conf.tick_ms = r->pace->tick_ms;
    s->conf.checkpoint_ms = 1500;
    s->conf.commit_bytes = r->conf.seed % 2; /* one agent a commit, or all */
    s->eager = r->conf.seed / 2 % 2;
    if (r->conf.seed / 4 % 2) { /* checkpoints in slices, records between them */
        s->conf.slice_bytes = (size_t)rng_between(&r->rng, 1, 4000);
        s->conf.slice_jobs = 2;
    }
    s->conf.hours_max = rng_ppm(&r->rng, 300000) ? 8 : 4096;
}

static enum err begin_station(struct run *r) {
    enum err err = ERR_OK;
    r->start = run_time(r);
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
    return err;
}

static enum err begin_gateway(struct run *r, unsigned g) {
    const uint64_t segment = (uint64_t)rng_between(&r->rng, r->pace->segment_least / 1024,
                                                   r->pace->segment_most / 1024) *
                             1024;
    struct gateway_conf c = {.no = g,
                             .wide = is_wide(&r->conf),
                             .retain_ms = r->retain_ms,
                             .segment_bytes = segment,
                             .batch_ms = rng_between(&r->rng, 1, 8) * 1000,
                             .resets_ppm = r->conf.late ? 15000
                                           : r->resets  ? 2000
                                                        : 0,
                             .late = names_late(&r->conf),
                             .told_ppm = told_ppm(&r->conf),
                             .key_part_bytes = part_bytes(&r->conf),
                             .mutant = r->conf.mutant,
                             .store = r->station.store,
                             .trip = r->trip};
    if (r->conf.trip)
        points_gateway(&c);
    if (r->quota)
        c.quota_bytes = c.segment_bytes * (uint64_t)rng_between(&r->rng, 4, 8);
    enum err err = gateway_init(&r->gateway[g], &c, &r->rng, &r->net,
                                r->wall_offset_ms + rng_between(&r->rng, -2000, 2000));
    if (!err)
        err = gateway_start(&r->gateway[g], r->mono_ms);
    if (trip_dead(r->trip, g))
        err = ERR_OK;
    gateway_up(&r->gateway[g], r->mono_ms);
    return err;
}

static enum err begin(struct run *r, struct plant *plant) {
    r->rng.state = r->conf.seed * UINT64_C(0x2545f4914f6cdd1d) + 1;
    r->mono_ms = 1000000;
    r->wall_offset_ms =
        SIM_DAY0 - r->mono_ms +
        rng_between(&r->rng, r->pace->start_least_min, r->pace->start_most_min) * UTC_MINUTE_MS;
    net_init(&r->net, &r->rng);
    r->trip = r->conf.trip;
    if (r->conf.trip)
        points_draw(r);
    else
        faults_draw(r);
    enum err err = station_init(&r->station, plant);
    if (err)
        return err;
    begin_people(r, plant);
    set_station(r);
    err = begin_station(r);
    for (unsigned g = 0; g < SIM_AGENTS && !err; g++)
        err = begin_gateway(r, g);
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
        step_run(r, i < 600 && !done ? 200 : 2000, false);
    }
    if (r->trip)
        r->trip->over = true;
    if (!drained(r))
        run_complain(r, "stuck");
}

static void heal(struct run *r) {
    if (!r->conf.trip)
        faults_heal(r);
    drain(r);
    bool rest = false;
    for (unsigned g = 0; g < SIM_AGENTS; g++)
        rest |= gateway_read_rest(&r->gateway[g]);
    if (rest)
        drain(r);
    for (unsigned g = 0; g < SIM_AGENTS; g++)
        gateway_last_word(&r->gateway[g]);
    drain(r);
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
    r->pace = conf->light ? &pace_light : &pace_full;
    if (conf->light) {
        pace_shorten_shifts(plant);
        pace_shorten_shifts(whole);
    }
    if (conf->keep) { /* logs of hours would refuse most of what others enter late */
        people_of_meters(&r->people, conf->seed, plant);
        keep_draw(r, plant);
    }
    r->result = out;
    mutant_set(conf->mutant);
    enum err err = begin(r, plant);
    unsigned steps = r->pace->steps_least + (unsigned)rng_below(&r->rng, r->pace->steps_more);
    if (r->conf.trip)
        steps = POINTS_STEPS;
    for (unsigned i = 0; i < steps && !err && !out->bad; i++) {
        step_run(r, r->conf.trip ? points_step(r, i) : faults_step(r), true);
        err = r->failed;
    }
    if (!err && !out->bad)
        heal(r);
    if (!err && !out->bad) {
        if (r->edit.on)
            edit_show(&r->edit, whole);
        verdict_make(r, whole);
    }
    if (conf->fingerprint)
        add_fingerprint(r);
    end(r);
    plant_close(plant);
    plant_close(whole);
    free(r);
    return err;
}
