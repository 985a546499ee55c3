/* Two epochs of one agent of the line plant, and one way to tell of both. */
#ifndef PB_TESTS_LANES_RIG_H
#define PB_TESTS_LANES_RIG_H

#include <criterion/criterion.h>

#include "simkit/line_plant.h"
#include "simkit/script.h"

#define T0 (SIM_DAY0 + 6 * UTC_HOUR_MS) /* Monday, the early shift begins */
#define MIN UTC_MINUTE_MS
#define PIECE INT64_C(1000000)

enum { OLDER = 101, YOUNGER = 102, FORK = 103 };

struct lanes_bench {
    struct plant *plant;
    struct station station;
    struct script older, younger;
    uint16_t state, product, total, energy, extra;
};

void lanes_open(struct lanes_bench *b);
void lanes_close(struct lanes_bench *b);
/* Names the points of the bench. */
void lanes_points(struct lanes_bench *b, struct script *s);
/* Time passes, and all that is due is done. */
void lanes_at(struct lanes_bench *b, int64_t wall_ms);
/* Both epochs; the older one has `records` in all. */
void lanes_hello(struct lanes_bench *b, uint64_t records);
/* What the agent holds, of one process. */
void lanes_tell(struct lanes_bench *b, uint32_t n, const struct hello_epoch *row);
/* The agent gave up all records of an epoch. */
void lanes_drop_all(struct lanes_bench *b, uint64_t epoch, uint64_t records);
/* Of a product the team of the shift made, or (NULL) of all; what the press did on that day. */
const struct sums *lanes_day(struct lanes_bench *b, const char *product, struct window *w);

#endif
