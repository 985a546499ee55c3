/* One machine: what it made in the last second, and what it does in the next one. */
#include "sources/sim_plant.h"

#include "base/utc.h"

enum {
    COLD_MS = 30 * 60 * 1000, /* longer rests need a warm-up */
    FRESH_MS = 2 * 60 * 1000, /* so long after a start there is more scrap */
    FRESH_SCRAP = 4,          /* times as much */
    CLEAR_MS = 20 * 1000,
    SPEED_MS = 10 * 60 * 1000, /* speed wanders at these steps */
    SPEED_SPREAD_PPM = 60001,  /* +-3 % */
    CYCLES_PER_TICK_MAX = 10000,
};

static bool has_fault(const struct sim_place *at, enum sim_fault_kind kind,
                      const struct sim_machine *m) {
    return at->plant->conf->fault_n > 0 &&
           sim_fault_active(at->plant->conf, kind, &m->conf->id, at->plant->t_ms, NULL, NULL);
}

static int64_t cycle_ms_ppm(const struct sim_machine *m, const struct sim_line *line) {
    const int64_t ppm =
        line->conf->product_n > 0 ? line->conf->products[m->product].cycle_ppm : 1000000;
    const int64_t cycle = m->conf->cycle_ms * ppm;

    return cycle > 1000000 ? cycle : 1000000;
}

static bool has_input(const struct sim_machine *m, const struct sim_place *at) {
    if (at->first)
        return at->line->begun < at->line->quantity && !has_fault(at, SIM_FAULT_NO_MATERIAL, m);
    return m->in > 0;
}

static bool has_room(const struct sim_place *at) {
    return at->next == NULL || at->next->in < at->line->conf->buffer;
}

static void finish_piece(struct sim_machine *m, const struct sim_place *at) {
    const int64_t scrap_ppm = m->conf->scrap_ppm * (m->fresh_ms < FRESH_MS ? FRESH_SCRAP : 1);

    if (at->first)
        at->line->begun++;
    else
        m->in--;
    m->made++;
    if (sim_rng_chance(&m->rng, scrap_ppm, 1000000)) {
        m->scrap++;
        return;
    }
    m->good++;
    if (at->next != NULL)
        at->next->in++;
}

void sim_machine_preset(struct sim_machine *m, int64_t to) {
    m->made_0 = m->made - to;
    m->good_0 = m->good - to;
    m->scrap_0 = m->scrap - to;
}

static void follow_resets(struct sim_machine *m, const struct sim_place *at) {
    const struct sim_conf *c = at->plant->conf;
    const int64_t local = at->plant->t_ms + c->offset_min * UTC_MINUTE_MS;
    bool began = false;
    int64_t amount = 0;

    if (m->conf->reset_min >= 0 &&
        local - utc_floor(local, UTC_DAY_MS) == m->conf->reset_min * UTC_MINUTE_MS)
        sim_machine_preset(m, 0);
    if (c->fault_n > 0 &&
        sim_fault_active(c, SIM_FAULT_COUNTER_RESET, &m->conf->id, at->plant->t_ms, &began,
                         &amount) &&
        began)
        sim_machine_preset(m, amount);
}

void sim_machine_work(struct sim_machine *m, const struct sim_place *at) {
    m->worked_ms[m->state] += SIM_TICK_MS;
    if (m->state != SIM_RUN) {
        m->rest_ms = m->state == SIM_WARMUP ? 0 : m->rest_ms + SIM_TICK_MS;
        follow_resets(m, at);
        return;
    }
    const int64_t cycle = cycle_ms_ppm(m, at->line);
    m->rest_ms = 0;
    m->fresh_ms += SIM_TICK_MS;
    m->done_ms_ppm += SIM_TICK_MS * m->speed_ppm;
    for (int i = 0; m->done_ms_ppm >= cycle && i < CYCLES_PER_TICK_MAX; i++) {
        if (!has_input(m, at) || !has_room(at)) {
            m->done_ms_ppm = cycle; /* the piece waits in the machine */
            break;
        }
        m->done_ms_ppm -= cycle;
        finish_piece(m, at);
    }
    follow_resets(m, at);
}

static void enter(struct sim_machine *m, enum sim_state state, int64_t left_ms) {
    m->state = state;
    m->left_ms = left_ms;
}

/* Breakdowns go on through breaks and the end of the shift; the repair ends by chance without
 * memory, which gives lengths with the mean of the MTTR. */
static bool is_down(struct sim_machine *m, const struct sim_place *at) {
    const bool forced = has_fault(at, SIM_FAULT_BREAKDOWN, m);

    if (m->state != SIM_DOWN && !forced)
        return false;
    if (forced || !sim_rng_chance(&m->rng, SIM_TICK_MS, m->conf->mttr_ms)) {
        enter(m, SIM_DOWN, 0);
        return true;
    }
    m->fresh_ms = 0;
    enter(m, SIM_CLEAR, CLEAR_MS);
    return true;
}

/* A timed state that is not over yet. */
static bool goes_on(struct sim_machine *m) {
    if (m->state != SIM_WARMUP && m->state != SIM_MICRO && m->state != SIM_CLEAR)
        return false;
    m->left_ms -= SIM_TICK_MS;
    return m->left_ms > 0;
}

static void take_order(struct sim_machine *m, const struct sim_line *line) {
    const bool change = m->product != line->product;

    if (m->order == line->order)
        return;
    m->order = line->order;
    m->product = line->product;
    m->done_ms_ppm = 0;
    if (change && m->conf->setup_ms > 0)
        m->setup_ms = sim_rng_around(&m->rng, m->conf->setup_ms);
}

/* A changeover that a break interrupts goes on after it. */
static bool sets_up(struct sim_machine *m) {
    if (m->setup_ms <= 0)
        return false;
    m->setup_ms -= SIM_TICK_MS;
    m->fresh_ms = 0;
    enter(m, SIM_SETUP, 0);
    return true;
}

static bool fails(struct sim_machine *m) {
    if (m->state != SIM_RUN)
        return false;
    if (m->conf->mtbf_ms > 0 && sim_rng_chance(&m->rng, SIM_TICK_MS, m->conf->mtbf_ms)) {
        enter(m, SIM_DOWN, 0);
        return true;
    }
    if (m->conf->micro_mtbf_ms > 0 &&
        sim_rng_chance(&m->rng, SIM_TICK_MS, m->conf->micro_mtbf_ms)) {
        /* Two thirds of the stops are short, the rest makes up the mean. */
        const int64_t mean = m->conf->micro_ms;
        const int64_t length = sim_rng_chance(&m->rng, 2, 3) ? mean / 2 : mean * 2;
        enter(m, SIM_MICRO, sim_rng_around(&m->rng, length));
        return true;
    }
    return false;
}

/* A machine that waits goes on only when it is worth it: some pieces before it, some room after. */
static enum sim_state flow(const struct sim_machine *m, const struct sim_place *at) {
    const int64_t buffer = at->line->conf->buffer;
    const int64_t some = buffer / 4 > 0 ? buffer / 4 : 1;

    if (at->first && at->line->begun >= at->line->quantity)
        return SIM_DONE;
    if (!at->first && at->upstream_done && m->in == 0)
        return SIM_DONE;
    if (!has_input(m, at))
        return SIM_STARVED;
    if (m->state == SIM_STARVED && !at->first && m->in < some && !at->upstream_done)
        return SIM_STARVED;
    if (!has_room(at))
        return SIM_BLOCKED;
    if (m->state == SIM_BLOCKED && at->next->in > buffer - some)
        return SIM_BLOCKED;
    return SIM_RUN;
}

static void wander(struct sim_machine *m, const struct sim_place *at) {
    if (m->speed_ppm == 0 || at->plant->t_ms % SPEED_MS == 0)
        m->speed_ppm =
            m->conf->speed_ppm + sim_rng_below(&m->rng, SPEED_SPREAD_PPM) - SPEED_SPREAD_PPM / 2;
}

void sim_machine_decide(struct sim_machine *m, const struct sim_place *at) {
    const struct sim_shift_now *now = &at->plant->now;

    wander(m, at);
    if (is_down(m, at))
        return;
    if (!now->working) {
        enter(m, now->in_break ? SIM_BREAK : SIM_OFF, 0);
        return;
    }
    if (!at->line->open) {
        enter(m, SIM_IDLE, 0);
        return;
    }
    take_order(m, at->line);
    if (sets_up(m) || goes_on(m) || fails(m))
        return;
    const enum sim_state state = flow(m, at);
    if (state == SIM_RUN && m->rest_ms >= COLD_MS && m->conf->warmup_ms > 0) {
        m->fresh_ms = 0;
        enter(m, SIM_WARMUP, m->conf->warmup_ms);
        return;
    }
    enter(m, state, 0);
}
