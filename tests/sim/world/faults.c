#include "simworld/faults.h"

#include <stdio.h>

#include "simworld/claims.h"
#include "simworld/points.h"

enum {
    CHANCE_FROM = 4, /* of eight seeds: these have faults of chance_rng */
    FLUSH_TURNS = 1000
};

enum fault_kind {
    FAULT_NET,
    FAULT_GATEWAY_KILL,
    FAULT_POWER,
    FAULT_STATION_KILL,
    FAULT_WIPE,
    FAULT_OFFLINE,
    FAULT_DISK,
    FAULT_CLOCK,
    FAULT_BACKUP,
    FAULT_LONG,
    FAULT_STORE_FULL,
    FAULT_READONLY,
    FAULT_DATABASE,
    FAULT_IMAGE,
    FAULT_STRANGER,
    FAULT_QUOTA,
    FAULT_COUNT
};

static bool has(const struct run *r, enum fault_kind k) {
    return r->kinds >> k & 1;
}

static const char *const names[FAULT_COUNT] = {
    "net",    "kill", "power", "station",  "wipe",     "offline", "disk",     "clock",
    "backup", "long", "full",  "readonly", "database", "image",   "stranger", "quota"};

/* The next death by chance. */
static void arm(struct run *r) {
    struct rng *rng = &r->chance_rng;
    r->chance = (struct trip){.n = r->chance.n,
                              .at = r->chance.n + 1 + rng_below(rng, 400 / r->pace->often),
                              .after = rng_ppm(rng, 500000),
                              .torn = rng_ppm(rng, 300000),
                              .more = rng_ppm(rng, 500000)};
}

void faults_draw(struct run *r) {
    for (unsigned k = 0; k < FAULT_COUNT; k++)
        r->kinds |= (unsigned)rng_ppm(&r->rng, r->conf.hard ? 700000 : 450000) << k;
    /* An image put back beside a restored store leaves an order of epochs that nobody knows (limits
     * of tests/model); a clock that stepped since the image is a step its agent never hears of. */
    if (has(r, FAULT_IMAGE) && rng_ppm(&r->rng, 500000))
        r->kinds &= ~(1u << FAULT_BACKUP | 1u << FAULT_CLOCK);
    else
        r->kinds &= ~(1u << FAULT_IMAGE);
    /* Nor may a restored store or an image need what a full gateway had to give up. */
    if ((has(r, FAULT_QUOTA) && rng_ppm(&r->rng, 500000)) || r->conf.quota)
        r->kinds &= ~(1u << FAULT_BACKUP | 1u << FAULT_IMAGE);
    else
        r->kinds &= ~(1u << FAULT_QUOTA);
    if (r->conf.keep)
        r->kinds |= 1u << FAULT_LONG;
    if (r->conf.late)
        r->kinds |= 1u << FAULT_LONG | 1u << FAULT_GATEWAY_KILL;
    if (r->conf.clock)
        r->kinds = (r->kinds | 1u << FAULT_CLOCK) & ~(1u << FAULT_IMAGE);
    r->kinds |= (unsigned)r->conf.quota << FAULT_QUOTA;
    r->quota = has(r, FAULT_QUOTA);
    r->listens = has(r, FAULT_STRANGER);
    for (unsigned k = 0; k < FAULT_COUNT && r->conf.print; k++)
        fprintf(stderr, "%s%s", has(r, (enum fault_kind)k) ? " " : "",
                has(r, (enum fault_kind)k) ? names[k] : "");
    if (r->conf.print)
        fprintf(stderr, "\n");
    r->net.faults.delay_ms = rng_between(&r->rng, 0, 300);
    if (has(r, FAULT_NET))
        r->net.faults =
            (struct net_faults){.drop = (uint32_t)rng_below(&r->rng, 150000),
                                .twice = (uint32_t)rng_below(&r->rng, 100000),
                                .late = (uint32_t)rng_below(&r->rng, 100000),
                                .delay_ms = rng_between(&r->rng, 0, 3000),
                                .late_ms = rng_between(&r->rng, 1000, 60000) / r->pace->shorter};
    r->chance_rng.state = r->conf.seed;
    r->reload_rng.state = r->conf.seed * UINT64_C(0xd1342543de82ef95) + 5;
    if (r->conf.seed % 8 >= CHANCE_FROM) { /* two thirds of them die at effects, too */
        r->trip = rng_ppm(&r->chance_rng, 666667) ? &r->chance : NULL;
        arm(r);
    }
    r->has_database = has(r, FAULT_DATABASE);
    r->resets = rng_ppm(&r->rng, 200000) || r->conf.late;
    /* A store that is rolled back needs what was durable once. */
    r->retain_ms = has(r, FAULT_BACKUP)
                       ? 30 * UTC_DAY_MS
                       : rng_between(&r->rng, 0, 20) * UTC_MINUTE_MS / r->pace->shorter;
}

/* --- single faults ---------------------------------------------------------------------------- */

static bool happens(struct run *r, uint32_t ppm) {
    return rng_ppm(&r->rng, ppm * r->pace->often * (r->conf.hard ? 2 : 1));
}

/* When it is over. */
static int64_t soon(struct run *r, int64_t most_ms) {
    return r->mono_ms + rng_between(&r->rng, 0, most_ms) / r->pace->shorter;
}

static void kill_gateway(struct run *r, unsigned g, bool power) {
    gateway_kill(&r->gateway[g], power);
    r->result->kills++;
    r->gateway_back_ms[g] = soon(r, 60000);
}

static bool clock_steps(struct run *r) {
    return has(r, FAULT_CLOCK) && happens(r, r->conf.clock ? 15000 : 3000);
}

static void cut_off(struct run *r, unsigned g, int64_t most_ms) {
    gateway_down(&r->gateway[g], r->mono_ms);
    r->gateway_back_ms[g] = soon(r, most_ms);
}

static void bring_back(struct run *r, unsigned g) {
    struct gateway *gw = &r->gateway[g];
    if (!gw->journal) {
        trip_revive(r->trip, g);
        gw->buried = false;
    }
    if (!gw->journal && gateway_start(gw, r->mono_ms)) {
        if (!gw->disk.fail_read && !trip_dead(r->trip, g))
            r->failed = ERR_IO;
        return; /* it does not start on a disk that cannot be read: tried again */
    }
    gateway_up(gw, r->mono_ms);
}

void run_kill_station(struct run *r, size_t written, bool asked) {
    station_kill(&r->station, written);
    if (r->has_database)
        database_kill(&r->database, asked);
    claims_forget_gaps(r);
    r->result->kills++;
}

static void kill_station(struct run *r) {
    size_t pending = store_memory_pending(r->station.store);
    size_t written = (size_t)rng_below(&r->rng, pending + 1);
    run_kill_station(r, written, database_asked(&r->database) && rng_ppm(&r->rng, 500000));
    r->station_back_ms = soon(r, 90000);
}

/* A backup put back: what the world was told since does not count. */
static void restore(struct run *r) {
    if (r->station.core)
        kill_station(r);
    if (store_memory_restore(r->station.store, r->image))
        return;
    if (r->has_database && database_restored(&r->database))
        r->failed = ERR_NOMEM;
    r->result->restores++;
    r->acked_n = r->published_n = 0;
    people_forget(&r->people);
    norms_forget(&r->norms);
}

void run_start_station(struct run *r) {
    struct core_now now = run_time(r);
    trip_revive(r->trip, TRIP_STATION);
    claims_watch_revisions(r);
    /* What a restored store forgot of an edit, a database goes on showing (README, Limits). */
    if (!r->has_database || !has(r, FAULT_BACKUP))
        edit_make(&r->edit);
    if (station_start(&r->station, now, rng_next(&r->rng)) ||
        (r->has_database && database_start(&r->database)))
        r->failed = ERR_STATE;
}

/* What the database asked of the store is answered, too: the store in memory reads nothing before.
 */
static bool is_flushed(const struct run *r) {
    return core_flushed(r->station.core) && store_memory_pending(r->station.store) == 0;
}

/* The engineer has the plant file, edited or not, taken over while all runs; what comes meanwhile
 * waits. A death in the midst is one like any other, a store without room gives the reload up. */
static void reload(struct run *r) {
    struct core_now now = run_time(r);
    core_begin_flush(r->station.core, now);
    for (unsigned i = 0; i < FLUSH_TURNS && r->station.core && !core_flushed(r->station.core);
         i++) {
        station_tick(&r->station, now);
        if (r->trip)
            points_bury(r);
        (void)points_store_step(r);
        if (r->trip)
            points_bury(r);
    }
    if (!r->station.core)
        return;
    if (!is_flushed(r)) {
        core_end_flush(r->station.core);
        return;
    }
    if (!r->has_database || !has(r, FAULT_BACKUP))
        edit_make(&r->edit);
    if (station_reload(&r->station, r->station.plant, now, rng_next(&r->reload_rng)))
        r->failed = ERR_STATE;
    r->result->reloads++;
    r->result->edits = r->edit.made;
}

static void wipe(struct run *r) {
    net_wipe(&r->net);
    r->result->wipes++;
    for (unsigned g = 0; g < SIM_AGENTS; g++)
        cut_off(r, g, 20000);
}

static void disk_fault(struct run *r, unsigned g) {
    struct disk_memory *d = &r->gateway[g].disk;
    /* A full disk gives up what was durable once, which a rolled back store would need again. */
    switch (rng_below(&r->rng, has(r, FAULT_BACKUP) ? 4 : 5)) {
    case 0:
        d->fail_write = ERR_IO;
        break;
    case 1:
        d->fail_sync = ERR_IO;
        break;
    case 2:
        d->fail_remove = ERR_IO;
        break;
    case 3:
        d->fail_read = ERR_IO;
        break;
    default:
        d->space = disk_memory_bytes(d) + rng_below(&r->rng, 2000) + 1;
        break;
    }
    r->disk_well_ms[g] = soon(r, 30000);
}

/* A file system that went read-only: what was written can still be synced and read. */
static void disk_readonly(struct run *r, unsigned g) {
    struct disk_memory *d = &r->gateway[g].disk;
    d->fail_write = d->fail_remove = ERR_IO;
    r->disk_well_ms[g] = soon(r, 120000);
}

static void disk_well(struct disk_memory *d) {
    d->fail_write = d->fail_sync = d->fail_read = d->fail_remove = ERR_OK;
    d->space = 0;
}

/* Time that a clock goes through twice is told twice. Which value of it a sticky signal shows
 * depends on how the stream was cut into epochs (one lane carries it over the step, two do not):
 * law L3 does not hold there; nor where a full gateway gives up the record of the step, for the
 * times of the next epoch then lie before what the lane has; and a step back that a restarted agent
 * tells twice can make a counter's next step look implausible. So back only where there is one
 * epoch and no power to lose.
 * A step forth may be told twice: that is not excused. */
static void step_clock(struct run *r, unsigned who) {
    bool cuts = has(r, FAULT_GATEWAY_KILL) || has(r, FAULT_POWER) || has(r, FAULT_WIPE) ||
                has(r, FAULT_OFFLINE) || has(r, FAULT_LONG) || r->trip ||
                (r->conf.clock && r->quota); /* else too rare to meet an epoch's end */
    int64_t by = rng_between(&r->rng, who < SIM_AGENTS && cuts ? 0 : -300000, 300000);
    if (who < SIM_AGENTS)
        gateway_clock_step(&r->gateway[who], by);
    else
        r->station_skew_ms = by;
}

static void backup(struct run *r) {
    if (!r->image || rng_ppm(&r->rng, 300000)) {
        if (r->image)
            store_image_free(r->image);
        r->image = NULL;
        if (store_memory_save(r->station.store, &r->image))
            r->failed = ERR_NOMEM;
    } else {
        restore(r);
    }
}

static void image(struct run *r, unsigned g) {
    struct gateway *gw = &r->gateway[g];
    bool back = gw->image.taken && rng_ppm(&r->rng, 400000);
    if (back)
        r->gateway_back_ms[g] = soon(r, 60000);
    if (back ? gateway_roll_back(gw) : gateway_image(gw))
        r->failed = ERR_NOMEM;
    r->result->kills += back;
}

/* --- a step ----------------------------------------------------------------------------------- */

static void per_gateway(struct run *r, unsigned g) {
    struct gateway *gw = &r->gateway[g];
    if (has(r, FAULT_GATEWAY_KILL) && gw->journal && happens(r, 8000))
        kill_gateway(r, g, false);
    if (has(r, FAULT_POWER) && gw->journal && happens(r, 8000))
        kill_gateway(r, g, true);
    if (has(r, FAULT_OFFLINE) && gw->bus_up && happens(r, 10000))
        cut_off(r, g, 300000);
    if (has(r, FAULT_DISK) && happens(r, 10000))
        disk_fault(r, g);
    if (has(r, FAULT_IMAGE) && happens(r, 8000))
        image(r, g);
    if (has(r, FAULT_STRANGER) && happens(r, 60000) &&
        stranger_speak(&r->stranger[g], &r->station, gw, r->heard[g].mono_ms, &r->rng))
        r->failed = ERR_STATE;
    if (has(r, FAULT_READONLY) && happens(r, 4000))
        disk_readonly(r, g);
    if (clock_steps(r))
        step_clock(r, g);
    if (r->mono_ms >= r->disk_well_ms[g])
        disk_well(&gw->disk);
    if ((!gw->journal || !gw->bus_up) && r->mono_ms >= r->gateway_back_ms[g])
        bring_back(r, g);
}

static void per_station(struct run *r) {
    if (has(r, FAULT_STATION_KILL) && r->station.core && happens(r, 15000))
        kill_station(r);
    if (has(r, FAULT_BACKUP) && happens(r, 5000))
        backup(r);
    if (has(r, FAULT_STORE_FULL) && happens(r, 10000))
        store_memory_fill(r->station.store, (unsigned)rng_below(&r->rng, 8));
    if (clock_steps(r))
        step_clock(r, SIM_AGENTS);
    if (!r->station.core && r->mono_ms >= r->station_back_ms)
        run_start_station(r);
    if (r->conf.reload && r->station.core && rng_ppm(&r->reload_rng, 30000 * r->pace->often))
        reload(r);
}

static void rearm(struct run *r) {
    const struct trip *t = &r->chance;
    if (r->trip == t && t->deaths == 2 && !t->dead[0] && !t->dead[1] && !t->dead[TRIP_STATION])
        arm(r);
}

/* By numbers of their own, too: the aggregator alone away from the broker, full queues. */
static void by_chance(struct run *r) {
    struct rng *rng = &r->chance_rng;
    if (r->conf.seed % 8 < CHANCE_FROM)
        return;
    rearm(r);
    if (rng_ppm(rng, 5000 * r->pace->often))
        r->away_until_ms = r->mono_ms + rng_between(rng, 1000, 60000) / r->pace->shorter;
    for (unsigned g = 0; g < SIM_AGENTS; g++)
        if (rng_ppm(rng, 5000 * r->pace->often))
            r->gateway[g].sends_fail = (uint32_t)rng_below(rng, 700000);
}

int64_t faults_step(struct run *r) {
    by_chance(r);
    for (unsigned g = 0; g < SIM_AGENTS; g++)
        per_gateway(r, g);
    per_station(r);
    if (has(r, FAULT_WIPE) && happens(r, 6000))
        wipe(r);
    if (has(r, FAULT_LONG) && r->mono_ms >= r->slow_until_ms &&
        happens(r, r->conf.keep ? 40000 : 4000)) {
        r->slow_until_ms =
            r->mono_ms + rng_between(&r->rng, 10, 300) * UTC_MINUTE_MS / r->pace->shorter;
        if (rng_ppm(&r->rng, 700000)) {
            unsigned g = (unsigned)rng_below(&r->rng, SIM_AGENTS);
            gateway_down(&r->gateway[g], r->mono_ms);
            r->gateway_back_ms[g] = r->slow_until_ms;
        }
    }
    return r->mono_ms < r->slow_until_ms ? rng_between(&r->rng, 20000, 120000)
                                         : rng_between(&r->rng, 100, 2500);
}

void faults_heal(struct run *r) {
    if (r->trip)
        points_bury(r);
    r->chance.over = true;
    r->away_until_ms = 0;
    r->net.faults = (struct net_faults){0};
    r->net.last_due_ms = 0;
    r->station_skew_ms = 0;
    if (r->has_database)
        database_heal(&r->database);
    if (!r->station.core)
        run_start_station(r);
    for (unsigned g = 0; g < SIM_AGENTS; g++) {
        disk_well(&r->gateway[g].disk);
        bring_back(r, g);
        r->gateway[g].sends_fail = 0;
    }
}
