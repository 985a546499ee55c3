#include "sim_fixture.h"

#include <string.h>

static struct ident id(const char *s) {
    struct ident i = {0};

    ident_set(&i, span_str(s));
    return i;
}

void sim_fixture_init(struct sim_fixture *f) {
    memset(f, 0, sizeof *f);
    const char *const names[3] = {"press-1", "weld-1", "pack-1"};
    for (size_t i = 0; i < 3; i++)
        f->machines[i] = (struct sim_machine_conf){
            .id = id(names[i]),
            .cycle_ms = 8000 + (int64_t)i * 400,
            .speed_ppm = 950000,
            .scrap_ppm = 20000,
            .mtbf_ms = 3 * 3600000,
            .mttr_ms = 600000,
            .micro_mtbf_ms = 900000,
            .micro_ms = 40000,
            .setup_ms = 600000,
            .warmup_ms = 120000,
            .run_uw = 18000000000,
            .idle_uw = 6000000000,
            .standby_uw = 900000000,
            .air_uw = 2000000000,
            .energy_start_wh = 5000000,
            .counter_bits = 32,
            .counter_start = -1,
            .reset_min = -1,
            .counts = SIM_COUNT_ALL,
        };
    f->products[0] = (struct sim_product_conf){.id = id("lid-a"), .cycle_ppm = 1000000};
    f->products[1] = (struct sim_product_conf){.id = id("lid-b"), .cycle_ppm = 1200000};
    f->teams[0] = id("red");
    f->teams[1] = id("green");
    f->teams[2] = id("blue");
    f->line = (struct sim_line_conf){.id = id("line-a"),
                                     .machines = f->machines,
                                     .machine_n = 3,
                                     .products = f->products,
                                     .product_n = 2,
                                     .order_least = 300,
                                     .order_most = 900,
                                     .gap_ppm = 300000,
                                     .gap_ms = 900000,
                                     .buffer = 12,
                                     .headcount = 4};
    f->utility = (struct sim_utility_conf){.id = id("compressor-1"), .base_uw = 4000000000};
    f->conf = (struct sim_conf){.seed = 7,
                                .poll_ms = 1000,
                                .power_ms = 10000,
                                .energy_ms = 60000,
                                .work_days = 7,
                                .readings_max = 5000,
                                .blocked_code = 5,
                                .starved_code = 5,
                                .teams = f->teams,
                                .team_n = 3,
                                .lines = &f->line,
                                .line_n = 1,
                                .utilities = &f->utility,
                                .utility_n = 1};
}

void sim_fixture_fault(struct sim_fixture *f, enum sim_fault_kind kind, const char *unit,
                       int64_t at_ms, int64_t for_ms) {
    f->fault = (struct sim_fault_conf){
        .kind = (int)kind, .unit = id(unit), .has_at = true, .at_ms = at_ms, .for_ms = for_ms};
    f->fault.has_unit = unit[0] != '\0';
    f->conf.faults = &f->fault;
    f->conf.fault_n = 1;
}
