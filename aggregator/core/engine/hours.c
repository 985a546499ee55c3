/* Unit-hours: the part of a unit's log and cells that is in memory, by (unit, hour). */
#include <stdlib.h>

#include "engine/parts.h"

enum { KEEP_TICKS = 50 };

static uint64_t hour_key(uint32_t unit, int64_t hour) {
    return (uint64_t)unit << 32 | (uint32_t)hour;
}

struct unit_hour *hours_find(const struct core *c, uint32_t unit, int64_t hour) {
    struct unit_hour *h = NULL;
    uint64_t key = hour_key(unit, hour);
    HASH_FIND(hh, c->hours, &key, sizeof key, h);
    return h;
}

enum err hours_get(struct core *c, uint32_t unit, int64_t hour, struct unit_hour **out) {
    struct unit_hour *h = hours_find(c, unit, hour);
    if (!h) {
        h = calloc(1, sizeof *h);
        if (!h)
            return ERR_NOMEM;
        h->key = hour_key(unit, hour);
        h->unit = unit;
        h->hour = (uint32_t)hour;
        siglog_init(&h->log);
        siglog_init(&h->gauges);
        cells_init(&h->cells);
        buf_init(&h->kept);
        HASH_ADD(hh, c->hours, key, sizeof h->key, h);
        if (!h->hh.tbl) {
            free(h);
            return ERR_NOMEM;
        }
        c->stats.hours++;
    }
    h->used = c->ticks;
    *out = h;
    return ERR_OK;
}

enum err hours_add(const struct core *c, struct unit_hour *h, const struct siglog_entry *e) {
    return siglog_add(c->signal[e->signal].gauge ? &h->gauges : &h->log, e);
}

void hours_changed(struct core *c, struct unit_hour *h) {
    if (h->unstored)
        return;
    h->unstored = true;
    h->next_unstored = c->hours_unstored;
    c->hours_unstored = h;
}

static void drop(struct core *c, struct unit_hour *h) {
    HASH_DEL(c->hours, h); // NOLINT(clang-analyzer-unix.Malloc): the iteration took the next before
    siglog_fini(&h->log);
    siglog_fini(&h->gauges);
    cells_fini(&h->cells);
    buf_fini(&h->kept);
    free(h);
    c->stats.hours--;
}

void hours_spent(const struct core *c, uint32_t unit, int64_t from, int64_t to) {
    for (int64_t hour = from; hour <= to; hour++) {
        struct unit_hour *h = hours_find(c, unit, hour);
        if (h)
            h->used = 0;
    }
}

/* Not while its cells wait for the store: they must be there when it is loaded again. Entries that
 * no commit has been handed come back from their agents (jobs.c). Where a job waits for one hour
 * more, those that it has stay, however long that takes. */
static bool evictable(const struct core *c, const struct unit_hour *h) {
    return h->loaded && !h->loading && !h->unstored &&
           (!h->used || (h->used + KEEP_TICKS < c->ticks && !c->unit[h->unit].waiting));
}

void hours_evict(struct core *c) {
    struct unit_hour *h = NULL, *next = NULL;
    /* Stored cells that alarms_fill.c has on the way give way to newer ones in memory. */
    if (c->commit_id || c->alarms.loading)
        return;
    c->past_n = 0;
    if (c->stats.hours <= c->conf.hours_max)
        return;
    HASH_ITER(hh, c->hours, h, next) {
        if (c->stats.hours <= c->conf.hours_max)
            return;
        if (evictable(c, h))
            drop(c, h);
    }
}

/* What is being loaded, or has not been, comes again when it is asked for. */
static bool is_stored(const struct unit_hour *h) {
    return h->loaded && !h->loading && !h->unstored && !h->kept_changed;
}

enum err hours_inherit(struct core *c, struct core *from, const uint32_t *unit) {
    struct unit_hour *h = NULL, *next = NULL;
    HASH_ITER(hh, from->hours, h, next) {
        if (unit[h->unit] == UINT32_MAX || !is_stored(h) || hours_find(c, unit[h->unit], h->hour))
            continue;
        HASH_DEL(from->hours, h); // NOLINT(clang-analyzer-unix.Malloc): next is taken before
        from->stats.hours--;
        h->unit = unit[h->unit];
        h->key = hour_key(h->unit, h->hour);
        HASH_ADD(hh, c->hours, key, sizeof h->key, h);
        if (!h->hh.tbl) { /* loaded again */
            siglog_fini(&h->log);
            siglog_fini(&h->gauges);
            cells_fini(&h->cells);
            buf_fini(&h->kept);
            free(h);
            return ERR_NOMEM;
        }
        c->stats.hours++;
    }
    return ERR_OK;
}

void hours_close(struct core *c) {
    struct unit_hour *h = NULL, *next = NULL;
    HASH_ITER(hh, c->hours, h, next) {
        drop(c, h);
    }
}
