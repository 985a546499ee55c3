/* Sums of the alert engine are in memory only. After a start, and where rules look at something
 * new, they are added up anew from cells: of hours in memory as these are, of others as they are
 * stored. Cells alone are read, not the logs behind them.
 *
 * It goes in rounds. All nodes that have no sums begin together; each of their units gives its
 * cells once. What moves an hour of a unit before that is in what it gives; what moves it later is
 * added by alarms_moved(). */
#include <stdlib.h>

#include "engine/parts.h"

enum { FILL_NONE, FILL_WANTED, FILL_LOADING };
enum { LOADS_AT_ONCE = 8 };

static int64_t hour_of(int64_t minute) {
    return utc_floor(minute, 60) / 60;
}

/* It goes on where it stood, if that is not long ago; else with the present. */
static int64_t begin_at(const struct core *c, uint32_t node) {
    const int64_t now = utc_floor(c->now.wall_ms, UTC_MINUTE_MS) / UTC_MINUTE_MS;
    const int64_t next = alerts_next(c->alarms.all, node);
    if (next == INT64_MIN || next > now + ALARM_AHEAD_MINUTES)
        return now;
    return next < now - ALARM_CATCH_UP_MINUTES ? now - ALARM_CATCH_UP_MINUTES : next;
}

static bool begin_round(struct core *c) {
    struct alarms *a = &c->alarms;
    bool any = false;
    a->fill_from = INT64_MAX;
    a->fill_to = INT64_MIN;
    for (uint32_t node = 0; node < c->plant->node_n; node++) {
        if (!alerts_hollow(a->all, node))
            continue;
        const int64_t next = begin_at(c, node), from = alerts_reach(a->all, node, next);
        alerts_begin(a->all, node, next);
        a->filling[node] = any = true;
        a->fill_from = hour_of(from) < a->fill_from ? hour_of(from) : a->fill_from;
        a->fill_to = hour_of(next) > a->fill_to ? hour_of(next) : a->fill_to;
        for (size_t i = a->first[node]; i < a->first[node + 1]; i++)
            a->fill[a->unit[i]] = FILL_WANTED;
    }
    return any;
}

static bool under_way(const struct alarms *a, const struct plant *p) {
    for (size_t u = 0; u < p->unit_n; u++)
        if (a->fill[u] != FILL_NONE)
            return true;
    return false;
}

static enum err ask(struct core *c) {
    struct alarms *a = &c->alarms;
    enum err err = ERR_OK;
    for (uint32_t u = 0; u < c->plant->unit_n && a->loading < LOADS_AT_ONCE && !err; u++) {
        if (a->fill[u] != FILL_WANTED)
            continue;
        err = jobs_want_cells(c, u, a->fill_from, a->fill_to, a->round);
        if (err)
            break;
        a->fill[u] = FILL_LOADING;
        a->loading++;
    }
    return err;
}

enum err alarms_fill(struct core *c) {
    struct alarms *a = &c->alarms;
    if (under_way(a, c->plant))
        return ask(c);
    memset(a->filling, 0, c->plant->node_n * sizeof *a->filling);
    return begin_round(c) ? ask(c) : ERR_OK;
}

void alarms_fill_forget(struct core *c) {
    struct alarms *a = &c->alarms;
    for (uint32_t node = 0; node < c->plant->node_n; node++)
        if (a->filling[node])
            alerts_forget(a->all, node);
    memset(a->filling, 0, c->plant->node_n * sizeof *a->filling);
    memset(a->fill, FILL_NONE, c->plant->unit_n * sizeof *a->fill);
    a->round++;
    a->sweeping = false;
}

static bool is_taken(const struct load_job *j, int64_t hour) {
    for (size_t i = 0; i < j->hour_n; i++)
        if (j->hour[i] == hour)
            return true;
    return false;
}

bool alarms_filled(const struct core *c, uint32_t node, uint32_t unit, int64_t hour) {
    const struct alarms *a = &c->alarms;
    if (!a->filling[node] || a->fill[unit] == FILL_NONE)
        return true;
    for (const struct load_job *j = c->loads; j; j = j->next)
        if (j->for_alerts && !j->for_days && j->round == a->round && j->unit == unit)
            return is_taken(j, hour);
    return false;
}

/* --- what came ---------------------------------------------------------------------------------
 */

static bool is_of(const struct alarms *a, uint32_t node, uint32_t unit) {
    for (size_t i = a->first[node]; i < a->first[node + 1]; i++)
        if (a->unit[i] == unit)
            return true;
    return false;
}

static enum err give(struct core *c, uint32_t unit, const struct cells *cells) {
    struct alarms *a = &c->alarms;
    enum err err = ERR_OK;
    for (uint32_t node = c->plant->unit[unit].node; node != UINT32_MAX;
         node = c->plant->node[node].parent) {
        const struct window_target t = {.pieces = window_output(c->plant, node, unit)};
        if (!a->filling[node] || !is_of(a, node, unit))
            continue;
        for (size_t i = 0; i < cells->n; i++) {
            struct window part = {0};
            if (cells->at[i].minute >= alerts_next(a->all, node) ||
                !alarms_counts(c, node, unit, cells->at[i].minute))
                continue;
            window_move(&part, &t, &cells->at[i].sums, 1);
            alerts_add(a->all, node, cells->at[i].minute, &part.sums, 1);
            if (!err && alerts_by_context(a->all, node))
                err = alerts_add_context(a->all, node, cells->at[i].minute, &cells->at[i].ctx,
                                         &part.sums, 1);
        }
    }
    return err;
}

static enum err take_hour(struct core *c, struct load_job *j, uint32_t hour,
                          const struct cells *cells) {
    uint32_t *at = realloc(j->hour, (j->hour_n + 1) * sizeof *at);
    if (!at)
        return ERR_NOMEM;
    j->hour = at;
    j->hour[j->hour_n++] = hour;
    return give(c, j->unit, cells);
}

static enum err take_row(struct core *c, struct load_job *j, const struct store_item *row) {
    const uint8_t *p = row->key.p + row->key.n - 4;
    const uint32_t hour = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
    const struct unit_hour *h = hours_find(c, j->unit, hour);
    struct cells cells;
    if (h && h->loaded)
        return ERR_OK;
    cells_init(&cells);
    enum err err = cells_unpack(row->value, &cells);
    if (!err)
        err = take_hour(c, j, hour, &cells);
    cells_fini(&cells);
    return err;
}

enum err alarms_on_loaded(struct core *c, struct load_job *j, const struct store_rows *rows) {
    struct alarms *a = &c->alarms;
    if (j->for_days)
        return alarms_on_days(c, j, rows);
    const bool wanted = j->round == a->round;
    enum err err = ERR_OK;
    for (size_t i = 0; i < rows->n && wanted && !err; i++)
        err = take_row(c, j, &rows->at[i]);
    if (!err && rows->truncated)
        return jobs_load_on(c, j, rows);
    for (int64_t hour = a->fill_from; hour <= a->fill_to && wanted && !err; hour++) {
        const struct unit_hour *h = hours_find(c, j->unit, hour);
        if (h && h->loaded && !is_taken(j, hour))
            err = take_hour(c, j, (uint32_t)hour, &h->cells);
    }
    a->loading--;
    if (wanted)
        a->fill[j->unit] = FILL_NONE;
    a->due = true;
    return err;
}
