/* An explanation of an hour of a press and of its site, while memory runs out: all of it is right,
 * or it is said that something failed. */
#include <stdlib.h>

#include "engine/explain.h"
#include "nomem.h"
#include "simkit/line_plant.h"
#include "simkit/script.h"

#define T0 (SIM_DAY0 + 6 * UTC_HOUR_MS)
#define PIECE INT64_C(1000000)
#define WH INT64_C(1000000)
enum { STEPS = 4 };

static enum err load(void *user, const struct store_range *range, size_t n,
                     void (*done)(void *user, enum err err, const struct store_rows *rows),
                     void *done_user) {
    struct store *s = user;
    return s->ops->load_now(s, range, n, done, done_user);
}

static void live(struct station *s, struct script *g) {
    const uint16_t state = script_point(g, "state", POINT_STATE, 1);
    const uint16_t total = script_point(g, "total", POINT_COUNTER, PIECE);
    const uint16_t energy = script_point(g, "energy", POINT_REGISTER, WH);
    nomem_need(!script_hello(g) && !script_key(g, T0), "hello");
    for (int64_t i = 0; i < STEPS; i++) {
        const int64_t t = T0 + i * 10 * UTC_MINUTE_MS;
        script_asof(g, T0, t);
        script_int(g, state, t, i == 2 ? MACHINE_HELD : MACHINE_RUN);
        script_int(g, total, t, 100 + 3 * i);
        script_int(g, energy, t, 5000 + 500 * i);
        nomem_need(!script_send(g) && !station_tick(s, (struct core_now){t, 1000 + t - T0}) &&
                       !station_settle(s),
                   "readings");
    }
}

/* Half an hour: 9 pieces and 1.5 kWh. */
static void explain(const struct station *s, uint32_t node, enum indicator i) {
    const struct history_reader reader = {.load = load, .user = s->store};
    struct explain_query q = {.plant = s->plant,
                              .node = node,
                              .node_no = core_node_number(s->core, node),
                              .kind = WINDOW_HOUR,
                              .indicator = i,
                              .logs_from_ms = INT64_MIN,
                              .from_ms = T0,
                              .to_ms = T0 + UTC_HOUR_MS};
    struct explain e;
    int64_t energy = 0;
    core_agents_of(s->core, node, true, q.agents);
    nomem_arm();
    const enum err err = explain_read(&q, &reader, &e);
    nomem_disarm();
    for (size_t k = 0; k < e.sum_n && !err; k++)
        if (e.sum[k].ingredient >= QTY_ENERGY && e.sum[k].ingredient < QTY_ENERGY + CATEGORY_COUNT)
            energy += (int64_t)e.sum[k].parts;
    const bool right = !err && e.found && explain_adds_up(&e) && energy == 1500 * WH;
    explain_fini(&e);
    nomem_need(err || right, "what came out is right");
    nomem_need(!err || (err == ERR_NOMEM && nomem_struck()), "it fails for want of memory only");
}

void nomem_explain(void) {
    struct plant *plant = NULL;
    struct station *s = calloc(1, sizeof *s);
    struct script g;
    nomem_disarm(); /* to get there is not what this is about */
    nomem_need(s && !line_plant_open(&plant) && !station_init(s, plant) &&
                   !station_start(s, (struct core_now){T0, 1000}, 5),
               "setup");
    script_init(&g, s, "gw1", 101);
    live(s, &g);
    nomem_arm();
    explain(s, SIM_FIRST_UNIT, IND_ENERGY_PER_GOOD);
    explain(s, 0, IND_ENERGY_PER_GOOD);
    script_fini(&g);
    station_fini(s);
    plant_close(plant);
    free(s);
}
