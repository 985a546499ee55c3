#include "energy/batches.h"

#include <stdio.h>

#include "energy/sheet.h"

struct plan { /* where the columns stand */
    size_t start, end, energy, name;
    size_t driver[BASELINE_DRIVERS_MAX];
};

static bool needed(struct sheet *t, const char *name, size_t *out) {
    *out = sheet_find(t, name);
    return *out < t->column_n || sheet_complain(t, "no column %s", name);
}

static bool plan_of(struct sheet *t, const struct energy_spec *spec, struct plan *p) {
    p->name = sheet_find(t, "batch");
    bool ok = needed(t, "start", &p->start) && needed(t, "end", &p->end) &&
              needed(t, "energy_kwh", &p->energy);
    for (size_t i = 0; ok && i < spec->driver_n; i++)
        ok = needed(t, spec->driver[i].column, &p->driver[i]);
    return ok;
}

static size_t lines_of(struct span text) {
    size_t n = 1;
    for (size_t i = 0; i < text.n; i++)
        n += text.p[i] == '\n' || text.p[i] == '\r';
    return n;
}

static bool take_batch(struct sheet *t, const struct plan *p, struct energy_rows *r) {
    size_t i = r->n;
    struct span name = sheet_field(t, p->name);
    if (!sheet_time(t, p->start, &r->start_ms[i]) || !sheet_time(t, p->end, &r->end_ms[i]) ||
        !sheet_real(t, p->energy, &r->energy_kwh[i]))
        return false;
    if (r->end_ms[i] <= r->start_ms[i])
        return sheet_complain(t, "the batch ends before it begins");
    if (i > 0 && r->start_ms[i] < r->start_ms[i - 1])
        return sheet_complain(t, "the batch begins before the one above it");
    for (size_t k = 0; k < r->driver_n; k++)
        if (!sheet_real(t, p->driver[k], &r->driver[i * r->driver_n + k]))
            return false;
    r->time_h[i] = (double)(r->end_ms[i] - r->start_ms[i]) / (double)UTC_HOUR_MS;
    r->day[i] = (int32_t)(utc_floor(r->start_ms[i], UTC_DAY_MS) / UTC_DAY_MS);
    char begin[UTC_TEXT];
    utc_format(r->start_ms[i], begin);
    if (name.n > 0)
        (void)snprintf(r->label[i], ENERGY_LABEL, "%.*s", (int)(name.n < 40 ? name.n : 40),
                       (const char *)name.p);
    else
        (void)snprintf(r->label[i], ENERGY_LABEL, "%.16s", begin);
    energy_tame(r->label[i]);
    r->n++;
    return true;
}

bool batches_take(const struct energy_spec *spec, const char *file, struct span text,
                  struct energy_rows *out, char why[ENERGY_WHY]) {
    struct sheet t;
    struct plan plan = {0};
    enum sheet_taken taken = SHEET_WRONG;
    bool room = energy_rows_init(out, lines_of(text), spec->driver_n, 0) == ERR_OK;
    if (sheet_open(&t, file, text, why) && plan_of(&t, spec, &plan)) {
        if (room)
            taken = sheet_take(&t);
        else
            (void)sheet_complain(&t, "out of memory");
        while (taken == SHEET_TAKEN)
            taken = take_batch(&t, &plan, out) ? sheet_take(&t) : SHEET_WRONG;
    }
    sheet_close(&t);
    if (taken != SHEET_END)
        energy_rows_fini(out);
    return taken == SHEET_END;
}
