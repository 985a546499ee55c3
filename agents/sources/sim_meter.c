/* Power and energy. Power is a whole number of watts that holds between the moments at which it is
 * read, so that a register of joules is its exact integral. */
#include "sources/sim_plant.h"

#include "base/utc.h"

static int64_t watts(const struct sim_machine *m) {
    const struct sim_machine_conf *c = m->conf;

    switch (m->state) {
    case SIM_OFF:
        return c->standby_uw / 1000000;
    case SIM_RUN:
        return c->run_uw / 1000000;
    case SIM_WARMUP: /* heating up takes more than running */
        return c->run_uw / 1000000 * 115 / 100;
    case SIM_BREAK:
    case SIM_IDLE:
    case SIM_SETUP:
    case SIM_MICRO:
    case SIM_DOWN:
    case SIM_CLEAR:
    case SIM_BLOCKED:
    case SIM_STARVED:
    case SIM_DONE:
    case SIM_STATE_COUNT:
        break;
    }
    return c->idle_uw / 1000000;
}

/* Valves leak and ovens are kept warm. */
static int64_t flow(const struct sim_machine *m, int64_t running) {
    if (m->state == SIM_RUN || m->state == SIM_WARMUP)
        return running;
    return m->state == SIM_OFF ? running / 20 : running / 5;
}

/* Ten minutes bring it most of the way. */
static int64_t heat(const struct sim_machine *m) {
    enum { INERTIA_S = 300 };
    const bool hot = m->state == SIM_RUN || m->state == SIM_WARMUP || m->state == SIM_MICRO;
    return ((hot ? m->conf->hot : SIM_AMBIENT) - m->heat) / INERTIA_S;
}

void sim_meter_count(struct sim_machine *m) {
    m->heat += heat(m);
    m->energy_j += m->power_w * (SIM_TICK_MS / 1000);
    if (m->state != SIM_OFF)
        m->reactive_j +=
            m->conf->run_uw / 1000000 * m->conf->reactive_ppm / 1000000 * (SIM_TICK_MS / 1000);
    m->air += flow(m, m->conf->air_flow) * (SIM_TICK_MS / 1000);
    m->gas += flow(m, m->conf->gas_flow) * (SIM_TICK_MS / 1000);
}

void sim_meter_read(const struct sim_plant *p, struct sim_machine *m, bool changed) {
    bool began = false;
    int64_t amount = 0;

    if (p->conf->fault_n > 0 &&
        sim_fault_active(p->conf, SIM_FAULT_ENERGY_RESET, &m->conf->id, p->t_ms, &began, &amount) &&
        began)
        m->energy_0 = m->energy_j - amount * 3600;
    if (!changed && p->t_ms % p->conf->power_ms != 0)
        return;
    const int64_t w = watts(m);
    const int64_t days_ppm =
        (p->t_ms - p->anchor_ms) / 1000 * m->conf->energy_drift_ppm / (UTC_DAY_MS / 1000);
    const int64_t noise_ppm = sim_rng_below(&m->rng, 40001) - 20000;
    m->power_w = w + w * (days_ppm + noise_ppm) / 1000000;
}

void sim_meter_utility(const struct sim_plant *p, struct sim_utility *u) {
    int64_t load_uw = u->conf->base_uw;

    u->energy_j += u->power_w * (SIM_TICK_MS / 1000);
    if (p->t_ms % p->conf->power_ms != 0)
        return;
    for (size_t i = 0; i < p->machine_n; i++)
        if (p->machines[i].state == SIM_RUN)
            load_uw += p->machines[i].conf->air_uw;
    const int64_t w = load_uw / 1000000;
    u->power_w = w + w * (sim_rng_below(&u->rng, 40001) - 20000) / 1000000;
}
