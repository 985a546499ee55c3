#include "energy/columns.h"

#include <math.h>
#include <stdlib.h>

#include "base/utc.h"
#include "energy/sheet.h"

static bool grow(struct columns *c) {
    if (c->n < c->room)
        return true;
    size_t room = c->room ? 2 * c->room : 64;
    int32_t *day = realloc(c->day, room * sizeof *day);
    if (!day)
        return false;
    c->day = day;
    double *value = realloc(c->value, room * (c->driver_n + 1) * sizeof *value);
    if (!value)
        return false;
    c->value = value;
    c->room = room;
    return true;
}

static bool parse_date(struct span s, int32_t *day) {
    char text[UTC_TEXT];
    int64_t t_ms = 0;
    if (s.n != 10)
        return false;
    memcpy(text, s.p, 10);
    memcpy(text + 10, "T00:00:00Z", 11);
    if (utc_parse(span_str(text), &t_ms))
        return false;
    *day = (int32_t)(t_ms / UTC_DAY_MS);
    return true;
}

/* Where a day stands, or would stand. */
static size_t place_of(const struct columns *c, int32_t day) {
    size_t low = 0, high = c->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (c->day[middle] < day)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static double degrees(const struct energy_driver *d, double v) {
    switch (d->kind) {
    case ENERGY_HEATING:
        return fmax(0, d->base - v);
    case ENERGY_COOLING:
        return fmax(0, v - d->base);
    case ENERGY_QUANTITY:
    case ENERGY_COLUMN:
        break;
    }
    return v;
}

static bool take_values(struct columns *c, struct sheet *t, const struct energy_spec *spec,
                        const size_t *column, double *out) {
    for (size_t i = 0; i < c->driver_n; i++) {
        out[i] = NAN;
        if (column[i] == t->column_n || sheet_field(t, column[i]).n == 0)
            continue;
        if (!sheet_real(t, column[i], &out[i]))
            return false;
        out[i] = degrees(&spec->driver[i], out[i]);
    }
    return true;
}

static bool take_row(struct columns *c, struct sheet *t, const struct energy_spec *spec,
                     const size_t *column) {
    int32_t day = 0;
    if (!parse_date(sheet_field(t, 0), &day))
        return sheet_complain(t, "the first column is no date such as 2026-11-23");
    if (!grow(c))
        return sheet_complain(t, "out of memory");
    size_t at = place_of(c, day), width = c->driver_n;
    if (at < c->n && c->day[at] == day)
        return sheet_complain(t, "this date stands there twice");
    memmove(c->day + at + 1, c->day + at, (c->n - at) * sizeof *c->day);
    memmove(c->value + (at + 1) * width, c->value + at * width,
            (c->n - at) * width * sizeof *c->value);
    c->day[at] = day;
    c->n++;
    return take_values(c, t, spec, column, c->value + at * width);
}

static bool find_columns(struct sheet *t, const struct energy_spec *spec, size_t *column) {
    if (strcmp(sheet_name(t, 0), "date") != 0)
        return sheet_complain(t, "the first column is not called date");
    for (size_t i = 0; i < spec->driver_n; i++) {
        const struct energy_driver *d = &spec->driver[i];
        column[i] = d->kind == ENERGY_QUANTITY ? t->column_n : sheet_find(t, d->column);
        if (d->kind != ENERGY_QUANTITY && column[i] == t->column_n)
            return sheet_complain(t, "no column %s, which the driver %s needs", d->column, d->text);
    }
    return true;
}

bool columns_open(struct columns *c, const struct energy_spec *spec, const char *file,
                  struct span text, char why[ENERGY_WHY]) {
    struct sheet t;
    size_t column[BASELINE_DRIVERS_MAX] = {0};
    enum sheet_taken taken = SHEET_WRONG;
    *c = (struct columns){.driver_n = spec->driver_n};
    if (sheet_open(&t, file, text, why) && find_columns(&t, spec, column)) {
        taken = sheet_take(&t);
        while (taken == SHEET_TAKEN)
            taken = take_row(c, &t, spec, column) ? sheet_take(&t) : SHEET_WRONG;
    }
    sheet_close(&t);
    return taken == SHEET_END;
}

void columns_close(struct columns *c) {
    free(c->day);
    free(c->value);
    *c = (struct columns){0};
}

double columns_get(const struct columns *c, int32_t day, size_t driver) {
    size_t at = place_of(c, day);
    return at < c->n && c->day[at] == day ? c->value[at * c->driver_n + driver] : NAN;
}

static double get(const void *user, int32_t day, size_t driver) {
    return columns_get(user, day, driver);
}

struct days_columns columns_view(const struct columns *c) {
    return (struct days_columns){get, c};
}
