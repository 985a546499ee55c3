#include "frozen/rows.h"

#include <stdlib.h>
#include <string.h>

enum err energy_rows_init(struct energy_rows *r, size_t n, size_t driver_n, size_t part_n) {
    size_t room = n ? n : 1;
    *r = (struct energy_rows){.driver_n = driver_n, .part_n = part_n};
    r->start_ms = calloc(room, sizeof *r->start_ms);
    r->end_ms = calloc(room, sizeof *r->end_ms);
    r->day = calloc(room, sizeof *r->day);
    r->label = calloc(room, sizeof *r->label);
    r->time_h = calloc(room, sizeof *r->time_h);
    r->energy_kwh = calloc(room, sizeof *r->energy_kwh);
    r->driver = calloc(room * driver_n + 1, sizeof *r->driver);
    r->part = calloc(room * part_n * ENERGY_GROUP_COUNT + 1, sizeof *r->part);
    bool ok = r->start_ms && r->end_ms && r->day && r->label && r->time_h && r->energy_kwh &&
              r->driver && r->part;
    return ok ? ERR_OK : ERR_NOMEM;
}

void energy_rows_fini(struct energy_rows *r) {
    free(r->start_ms);
    free(r->end_ms);
    free(r->day);
    free(r->label);
    free(r->time_h);
    free(r->energy_kwh);
    free(r->driver);
    free(r->part);
    *r = (struct energy_rows){0};
}

double *energy_rows_part(const struct energy_rows *r, size_t row, size_t part) {
    return r->part + (row * r->part_n + part) * ENERGY_GROUP_COUNT;
}

static void move(struct energy_rows *r, size_t to, size_t from) {
    r->start_ms[to] = r->start_ms[from];
    r->end_ms[to] = r->end_ms[from];
    r->day[to] = r->day[from];
    memmove(r->label[to], r->label[from], sizeof *r->label);
    r->time_h[to] = r->time_h[from];
    r->energy_kwh[to] = r->energy_kwh[from];
    memmove(r->driver + to * r->driver_n, r->driver + from * r->driver_n,
            r->driver_n * sizeof *r->driver);
    if (r->part_n)
        memmove(energy_rows_part(r, to, 0), energy_rows_part(r, from, 0),
                r->part_n * ENERGY_GROUP_COUNT * sizeof *r->part);
}

void energy_rows_cut(struct energy_rows *r, int64_t from_ms, int64_t to_ms) {
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++)
        if (r->start_ms[i] >= from_ms && r->start_ms[i] < to_ms)
            move(r, n++, i);
    r->n = n;
}

struct baseline_rows energy_rows_view(const struct energy_rows *r) {
    return (struct baseline_rows){r->time_h, r->energy_kwh, r->driver, r->n, r->driver_n};
}

const char *energy_drop_name(enum energy_drop d) {
    static const char *const name[ENERGY_DROP_COUNT] = {
        [ENERGY_DROP_UNSETTLED] = "not settled",
        [ENERGY_DROP_ENERGY] = "energy not measured all the time",
        [ENERGY_DROP_DRIVER] = "a driver not measured all the time",
        [ENERGY_DROP_COLUMN] = "not in the drivers' file",
        [ENERGY_DROP_WEEK] = "weeks with missing days",
    };
    return name[d];
}
