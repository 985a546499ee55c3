#include "simworld/points.h"

enum {
    STEP_MS = 500,
    CUT_OFF_STEP = 8, /* gw1 is away for 12 s: it comes back with a live lane and a drain */
    BACK_STEP = 32,
    LOSE_EVERY = 5, /* what is under way then is lost: without gaps no rule of gaps is tested */
    SLOW_STEP = 44, /* from here on minutes pass, so that windows settle */
    SLOW_MS = 150000,
    DEAD_MS = 3000
};

void points_draw(struct run *r) {
    r->has_database = true;
    r->retain_ms = 2000;
    r->net.faults.delay_ms = 50;
}

void points_begin(struct run *r) {
    database_heal(&r->database);
    r->database.missing = true;
    r->database.poison = 23;
}

void points_gateway(struct gateway_conf *c) {
    c->segment_bytes = 1024;
    c->batch_ms = 2000;
}

/* gw1 is cut off; what it dies of meanwhile does not bring it back early. */
_Static_assert((int)SIM_AGENTS == (int)TRIP_STATION,
               "the sides of a trip are gateways, then the aggregator");

static bool cut_off(const struct run *r, unsigned g) {
    return g == 0 && r->step >= CUT_OFF_STEP && r->step < BACK_STEP;
}

void points_bury(struct run *r) {
    const struct trip *t = r->trip;
    for (unsigned g = 0; g < SIM_AGENTS; g++)
        if (trip_dead(t, g) && !r->gateway[g].buried) {
            gateway_kill(&r->gateway[g], t->more);
            r->gateway[g].buried = true;
            r->gateway_back_ms[g] = r->mono_ms + DEAD_MS;
            r->result->kills++;
        }
    if (trip_dead(t, TRIP_STATION) && r->station.core) {
        size_t written = t->more ? store_memory_pending(r->station.store) : 0;
        if (written == 0)
            written = t->after && t->killer == TRIP_COMMIT;
        run_kill_station(r, written, t->killer == TRIP_REQUEST ? t->after : t->more);
        r->station_back_ms = r->mono_ms + DEAD_MS;
    }
}

static void revive_gateway(struct run *r, unsigned g) {
    struct gateway *gw = &r->gateway[g];
    trip_revive(r->trip, g);
    gw->buried = false;
    enum err err = gateway_start(gw, r->mono_ms);
    if (err && !trip_dead(r->trip, g))
        r->failed = err;
    if (!cut_off(r, g))
        gateway_up(gw, r->mono_ms);
}

void points_revive(struct run *r) {
    for (unsigned g = 0; g < SIM_AGENTS; g++)
        if (r->gateway[g].buried && r->mono_ms >= r->gateway_back_ms[g])
            revive_gateway(r, g);
    if (trip_dead(r->trip, TRIP_STATION) && r->mono_ms >= r->station_back_ms) {
        run_start_station(r);
    }
    points_bury(r);
}

int64_t points_step(struct run *r, unsigned i) {
    r->step = i;
    if (i == CUT_OFF_STEP)
        gateway_down(&r->gateway[0], r->mono_ms);
    if (i == BACK_STEP)
        gateway_up(&r->gateway[0], r->mono_ms);
    if (i % LOSE_EVERY == LOSE_EVERY - 1)
        net_wipe(&r->net);
    points_bury(r);
    return i < SLOW_STEP ? STEP_MS : SLOW_MS;
}

/* What a commit before its death leaves is decided at the burial. */
bool points_store_step(struct run *r) {
    struct store *s = r->station.store;
    if (!r->station.core || store_memory_pending(s) == 0)
        return false;
    if (store_memory_commit_next(s) &&
        trip_at(r->trip, TRIP_STATION, TRIP_COMMIT) != TRIP_GOES_ON) {
        points_bury(r);
        return false;
    }
    return station_store_step(&r->station);
}
