/* A small simulated plant for tests: line-a with press-1, weld-1, pack-1 and a compressor. */
#ifndef PB_TEST_SOURCES_SIM_FIXTURE_H
#define PB_TEST_SOURCES_SIM_FIXTURE_H

#include "sources/sim.h"

struct sim_fixture {
    struct sim_conf conf;
    struct sim_line_conf line;
    struct sim_machine_conf machines[3];
    struct sim_product_conf products[2];
    struct sim_utility_conf utility;
    struct ident teams[3];
    struct sim_fault_conf fault;
};

/* Monday 2026-11-23 00:00 UTC */
#define SIM_FIXTURE_DAY_MS INT64_C(1795392000000)

void sim_fixture_init(struct sim_fixture *f);
/* One fault of that kind at the moment, for so long; unit "" = none. */
void sim_fixture_fault(struct sim_fixture *f, enum sim_fault_kind kind, const char *unit,
                       int64_t at_ms, int64_t for_ms);

#endif
