/* Faults on purpose. Each is a window of time, once or daily, so that whether it is at work depends
 * on the moment alone. */
#include "sources/sim_plant.h"

#include "base/utc.h"

/* Milliseconds since the fault began, or -1 when it is not at work. */
static int64_t since(const struct sim_conf *c, const struct sim_fault_conf *f, int64_t t_ms) {
    const int64_t length = f->for_ms > SIM_TICK_MS ? f->for_ms : SIM_TICK_MS;
    int64_t age;

    if (f->has_at) {
        age = t_ms - f->at_ms;
    } else {
        const int64_t local = t_ms + c->offset_min * UTC_MINUTE_MS;
        const int64_t in_day = local - utc_floor(local, UTC_DAY_MS);
        age = in_day - f->daily_min * UTC_MINUTE_MS;
        if (age < 0)
            age += UTC_DAY_MS;
    }
    return age >= 0 && age < length ? age : -1;
}

bool sim_fault_active(const struct sim_conf *c, enum sim_fault_kind kind, const struct ident *unit,
                      int64_t t_ms, bool *began, int64_t *amount) {
    for (size_t i = 0; i < c->fault_n; i++) {
        const struct sim_fault_conf *f = &c->faults[i];
        if (f->kind != (int)kind || !ident_equal(&f->unit, unit))
            continue;
        const int64_t age = since(c, f, t_ms);
        if (age < 0)
            continue;
        if (began != NULL)
            *began = age < SIM_TICK_MS;
        if (amount != NULL)
            *amount = f->amount;
        return true;
    }
    return false;
}

int64_t sim_fault_clock(const struct sim_conf *c, int64_t t_ms) {
    int64_t off = 0;

    for (size_t i = 0; i < c->fault_n; i++) {
        const struct sim_fault_conf *f = &c->faults[i];
        if (f->kind != SIM_FAULT_CLOCK_STEP && f->kind != SIM_FAULT_CLOCK_DRIFT)
            continue;
        const int64_t age = since(c, f, t_ms);
        if (age >= 0)
            off += f->kind == SIM_FAULT_CLOCK_STEP ? f->amount : age * f->amount / 1000000;
    }
    return off;
}
