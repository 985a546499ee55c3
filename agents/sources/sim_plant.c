/* The plant as a whole: orders of the lines, machines in series, utilities. */
#include "sources/sim_plant.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/utc.h"

/* Everybody draws from a sequence of their own, so that another machine changes nobody's luck. */
static struct sim_rng rng_of(const struct sim_conf *c, const struct ident *id, int64_t anchor_ms) {
    struct sim_rng r = {fnv1a64(span_str(id->s)) ^
                        (uint64_t)c->seed * UINT64_C(0x9e3779b97f4a7c15)};

    r.state ^= sim_rng_next(&r) + (uint64_t)(anchor_ms / UTC_DAY_MS);
    return r;
}

static void init_machine(struct sim_machine *m, const struct sim_machine_conf *mc,
                         const struct sim_conf *c, int64_t anchor_ms) {
    *m = (struct sim_machine){.conf = mc,
                              .rng = rng_of(c, &mc->id, anchor_ms),
                              .energy_j = mc->energy_start_wh * 3600,
                              .heat = SIM_AMBIENT};
}

static void init_lines(struct sim_plant *p) {
    struct sim_machine *m = p->machines;

    for (size_t i = 0; i < p->line_n; i++) {
        const struct sim_line_conf *lc = &p->conf->lines[i];
        p->lines[i] = (struct sim_line){.conf = lc,
                                        .rng = rng_of(p->conf, &lc->id, p->anchor_ms),
                                        .machines = m,
                                        .machine_n = lc->machine_n,
                                        .order = p->anchor_ms / UTC_DAY_MS % 10000 * 100};
        for (size_t j = 0; j < lc->machine_n; j++, m++)
            init_machine(m, &lc->machines[j], p->conf, p->anchor_ms);
    }
}

enum err sim_plant_init(struct sim_plant *p, const struct sim_conf *c, int64_t anchor_ms) {
    *p = (struct sim_plant){.conf = c,
                            .anchor_ms = anchor_ms,
                            .t_ms = anchor_ms,
                            .now = {.minute = INT64_MIN},
                            .line_n = c->line_n,
                            .utility_n = c->utility_n};
    for (size_t i = 0; i < c->line_n; i++)
        p->machine_n += c->lines[i].machine_n;
    p->lines = calloc(p->line_n + 1, sizeof *p->lines);
    p->machines = calloc(p->machine_n + 1, sizeof *p->machines);
    p->utilities = calloc(p->utility_n + 1, sizeof *p->utilities);
    if (p->lines == NULL || p->machines == NULL || p->utilities == NULL) {
        sim_plant_fini(p);
        return ERR_NOMEM;
    }
    init_lines(p);
    for (size_t i = 0; i < p->utility_n; i++)
        p->utilities[i] = (struct sim_utility){
            .conf = &c->utilities[i],
            .rng = rng_of(c, &c->utilities[i].id, anchor_ms),
            .energy_j = c->utilities[i].energy_start_wh * 3600,
        };
    sim_shift_find(c, p->t_ms, &p->now);
    return ERR_OK;
}

void sim_plant_fini(struct sim_plant *p) {
    free(p->lines);
    free(p->machines);
    free(p->utilities);
    *p = (struct sim_plant){0};
}

static bool line_through(const struct sim_line *line) {
    for (size_t i = 0; i < line->machine_n; i++)
        if (line->machines[i].state != SIM_DONE)
            return false;
    return line->machine_n > 0;
}

static void open_order(struct sim_line *line) {
    const struct sim_line_conf *c = line->conf;
    const int64_t spread = c->order_most - c->order_least + 1;

    line->open = true;
    line->order++;
    line->begun = 0;
    line->quantity = c->order_least + sim_rng_below(&line->rng, spread > 0 ? spread : 1);
    line->product = c->product_n > 0 ? (size_t)sim_rng_below(&line->rng, (int64_t)c->product_n) : 0;
    snprintf(line->order_text, sizeof line->order_text, "wo-%06lld", (long long)line->order);
}

/* An order is over when every machine has made its share; the next one follows at once or lets the
 * line wait. Orders begin in working time only. */
static void step_order(struct sim_line *line, bool working) {
    if (line->open && line_through(line)) {
        line->open = false;
        line->order_text[0] = '\0';
        if (sim_rng_chance(&line->rng, line->conf->gap_ppm, 1000000))
            line->wait_ms = sim_rng_around(&line->rng, line->conf->gap_ms);
    }
    if (line->open || !working)
        return;
    if (line->wait_ms > 0) {
        line->wait_ms -= SIM_TICK_MS;
        return;
    }
    open_order(line);
}

static struct sim_place place_of(const struct sim_plant *p, struct sim_line *line, size_t i) {
    return (struct sim_place){
        .plant = p,
        .line = line,
        .next = i + 1 < line->machine_n ? &line->machines[i + 1] : NULL,
        .first = i == 0,
        .upstream_done = i > 0 && line->machines[i - 1].state == SIM_DONE,
    };
}

static void step_line(const struct sim_plant *p, struct sim_line *line) {
    for (size_t i = 0; i < line->machine_n; i++) {
        const struct sim_place at = place_of(p, line, i);
        sim_meter_count(&line->machines[i]);
        sim_machine_work(&line->machines[i], &at);
    }
    step_order(line, p->now.working);
    for (size_t i = 0; i < line->machine_n; i++) {
        struct sim_machine *m = &line->machines[i];
        const struct sim_place at = place_of(p, line, i);
        const enum sim_state before = m->state;
        sim_machine_decide(m, &at);
        sim_meter_read(p, m, m->state != before);
    }
}

void sim_plant_step(struct sim_plant *p) {
    p->t_ms += SIM_TICK_MS;
    sim_shift_find(p->conf, p->t_ms, &p->now);
    for (size_t i = 0; i < p->line_n; i++)
        step_line(p, &p->lines[i]);
    for (size_t i = 0; i < p->utility_n; i++)
        sim_meter_utility(p, &p->utilities[i]);
}
