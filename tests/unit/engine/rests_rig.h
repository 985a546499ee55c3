/* Three epochs of one agent, which reads one register from a second source and may name it late. */
#ifndef PB_TESTS_RESTS_RIG_H
#define PB_TESTS_RESTS_RIG_H

#include "simkit/line_plant.h"
#include "simkit/script.h"

#define T0 (SIM_DAY0 + 6 * UTC_HOUR_MS) /* Monday, the early shift begins */
#define MIN UTC_MINUTE_MS
#define UWH INT64_C(1000000) /* of a step by one */

enum { OLDER = 101, YOUNGER = 102, YOUNGEST = 103, LATE_SOURCE = 1, MILLION = 1000000 };

struct rests {
    struct plant *plant;
    struct station station;
    struct script older, younger, youngest;
    uint64_t nonce;
    uint32_t hello_n;
};

extern struct rests rests; /* of the test that runs */

void rests_open(void);
void rests_close(void);
/* Another epoch, behind that record of the one before; names "total" as its first point. */
void rests_begin(struct script *s, uint64_t epoch, uint64_t prev, uint64_t prev_last);
/* Time passes, and all that is due is done. */
void rests_at(int64_t wall_ms);
/* The agent holds these, the last one open. */
void rests_hello(const struct hello_epoch *row, uint32_t n);
void rests_hello_older(void);
/* The older one has so many records, of which the younger one knows so many. */
void rests_hello_younger(uint64_t records, uint64_t known);
void rests_hello_youngest(void); /* three, two and one record */
/* Names the register, with its value; value_ms 0: it has none. */
uint16_t rests_name_energy(struct script *s, int64_t t_ms, int64_t value, int64_t value_ms);
void rests_read_energy(struct script *s, uint16_t point, int64_t t_ms, int64_t value);
void rests_key(struct script *s, int64_t t_ms);
/* Two records: 100 at 06:00, 103 at 06:05. */
void rests_older_begins(uint16_t *energy);
/* The third one: a late 90 that is no step, or nothing of the register. */
void rests_older_ends(uint16_t energy);
void rests_older_says_more(void);
/* A record was given up. */
void rests_drop_last_of(struct script *g, uint64_t epoch, uint64_t seq);
/* Of the press, in steps by one. */
int64_t rests_energy_of_day(void);
int64_t rests_energy_of_quarter(int64_t start_ms);

#endif
