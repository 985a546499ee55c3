#include "simworld/trip.h"

const char *trip_name(enum trip_kind kind) {
    static const char *const names[TRIP_KIND_COUNT] = {
        [TRIP_WRITE] = "write",   [TRIP_SYNC] = "sync", [TRIP_SYNCED] = "synced",
        [TRIP_REMOVE] = "remove", [TRIP_DATA] = "send", [TRIP_HELLO] = "hello",
        [TRIP_COMMIT] = "commit", [TRIP_ACK] = "ack",   [TRIP_REQUEST] = "request",
    };
    return names[kind];
}

bool trip_dead(const struct trip *t, unsigned side) {
    return t && t->dead[side];
}

void trip_revive(struct trip *t, unsigned side) {
    if (t)
        t->dead[side] = false;
}

static bool dies(const struct trip *t, unsigned side, enum trip_kind kind) {
    if (t->deaths == 0)
        return t->n == t->at;
    return t->deaths == 1 && side == t->side && kind == t->killer;
}

enum trip_say trip_at(struct trip *t, unsigned side, enum trip_kind kind) {
    if (!t || t->over)
        return TRIP_GOES_ON;
    if (t->dead[side])
        return TRIP_NOTHING;
    if (t->deaths == 0 && t->n < TRIP_POINTS_MAX)
        t->kind[t->n] = (uint8_t)kind;
    t->n++;
    t->of[kind]++;
    if (!dies(t, side, kind))
        return TRIP_GOES_ON;
    t->deaths++;
    t->dead[side] = true;
    t->killer = (uint8_t)kind;
    t->side = (uint8_t)side;
    if (t->torn && kind == TRIP_WRITE)
        return TRIP_DIES_TORN;
    return t->after ? TRIP_DIES_AFTER : TRIP_NOTHING;
}
