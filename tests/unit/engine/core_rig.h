/* The press of the simulated line with its store, told of by one agent by hand; of the core's
 * tests. */
#ifndef PB_UNIT_ENGINE_CORE_RIG_H
#define PB_UNIT_ENGINE_CORE_RIG_H

#include "simkit/line_plant.h"
#include "simkit/script.h"

#define T0 (SIM_DAY0 + 6 * UTC_HOUR_MS) /* Monday, the early shift begins */
#define MIN UTC_MINUTE_MS
#define PIECE INT64_C(1000000)
#define WH INT64_C(1000000)

struct bench {
    struct plant *plant;
    struct station station;
    struct script gw1;
    uint16_t state, total, energy, order, extra;
};

void bench_open(struct bench *b);
void bench_close(struct bench *b);
void bench_at(struct bench *b, int64_t wall_ms);
void bench_restart(struct bench *b, int64_t wall_ms);
/* Half an hour of the press: runs to 06:10, held to 06:20, runs on; 30 pieces in the first ten
 * minutes, 30 in the next twenty; 1 kWh and 2 kWh. */
void bench_half_hour(struct bench *b);
/* The same in two: records up to 06:12, not computed yet; the record of the rest. */
void bench_twelve_minutes(struct bench *b);
void bench_rest_of_half_hour(struct bench *b);
struct window bench_window(struct bench *b, uint32_t node, enum window_kind kind, int64_t start_ms);
void expect_first_half_hour(const struct sums *s);

#endif
