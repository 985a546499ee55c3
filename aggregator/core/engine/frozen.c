/* Hours whose minutes are frozen (horizon.c): their cells are what they were, or what factors that
 * were entered since make of them. */
#include "engine/parts.h"

static bool has_minute(const struct cells *c, int64_t minute) {
    size_t lo = 0, hi = c->n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (c->at[mid].minute < minute)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < c->n && c->at[lo].minute == minute;
}

/* Adds to c->cells those of `from` of [from_ms, to_ms), or only those that `not` has no minute of.
 */
static enum err add_cells(struct core *c, const struct cells *from, const struct cells * not,
                          int64_t from_ms, int64_t to_ms) {
    enum err err = ERR_OK;
    for (size_t i = 0; i < from->n && !err; i++) {
        int64_t t_ms = from->at[i].minute * UTC_MINUTE_MS;
        if (t_ms >= from_ms && t_ms < to_ms && !(not &&has_minute(not, from->at[i].minute)))
            err = cells_add(&c->cells, &from->at[i]);
    }
    return err;
}

enum err frozen_hour(struct core *c, uint32_t unit, int64_t hour, int64_t from_ms, int64_t to_ms) {
    struct cell_words words = words_of_cells(&c->words);
    int64_t first = hour * UTC_HOUR_MS, end = first + UTC_HOUR_MS;
    struct cell_input none = {.plant = c->plant,
                              .unit = unit,
                              .signal = c->unit[unit].signal,
                              .signal_n = c->unit[unit].own_n,
                              .words = &words,
                              .from_ms = first > from_ms ? first : from_ms,
                              .to_ms = end < to_ms ? end : to_ms,
                              .now_known_ms = c->unit[unit].known_ms};
    struct cells fresh, stored;
    cells_init(&fresh);
    cells_init(&stored);
    enum err err = cell_compute(&none, &fresh);
    if (!err)
        err = kept_cells(c, hours_find(c, unit, hour), &stored);
    /* Whole runs of either, mostly; moves_make wants them in order of time. */
    for (int64_t t = none.from_ms; t < none.to_ms && !err; t += UTC_MINUTE_MS) {
        err = add_cells(c, &stored, NULL, t, t + UTC_MINUTE_MS);
        if (!err)
            err = add_cells(c, &fresh, &stored, t, t + UTC_MINUTE_MS);
    }
    cells_fini(&fresh);
    cells_fini(&stored);
    return err;
}

/* They come by the hundred and are not looked at again: they leave memory before others. */
void frozen_done(struct core *c, uint32_t unit, int64_t from_ms, int64_t to_ms) {
    hours_spent(c, unit, utc_floor(from_ms, UTC_HOUR_MS) / UTC_HOUR_MS,
                utc_floor(to_ms - 1, UTC_HOUR_MS) / UTC_HOUR_MS);
    c->frozen_n++;
}
