/* A random unit with a plant and a log of eight hours around it, for the laws of cells. It judges
 * nothing. */
#ifndef PB_TEST_CELL_WORLD_H
#define PB_TEST_CELL_WORLD_H

#include "cell/cell.h"

#define DAY0 INT64_C(1780272000000) /* 2026-06-01T00:00:00Z */
#define MIN UTC_MINUTE_MS
#define SEC UTC_SECOND_MS
#define HOUR UTC_HOUR_MS
#define PIECE INT64_C(1000000)

enum { WORDS = 32, SIGNALS = 28, RANGE_MIN = 480, SHARERS = 3 };

struct world {
    uint64_t random;
    int64_t scales; /* durations come from so many scales: worlds of short ones and of long ones */
    struct plant plant;
    struct plant_unit unit;
    struct plant_product product[2];
    struct plant_ideal ideal[2];
    struct plant_state_map map;
    struct plant_state_row row[MACHINE_STATE_COUNT];
    struct plant_calendar calendar;
    struct plant_shift shift[2];
    struct plant_stop stop;
    int32_t pause[2];
    struct plant_signal plant_signal[SIGNALS];
    uint32_t signal_index[SIGNALS];
    struct cell_signal signal[SIGNALS];
    size_t signal_n;
    char word[WORDS][IDENT_MAX + 1];
    uint32_t word_n;
    struct cell_words words;
    struct siglog log;
    int64_t from, to;
    struct plant_manning manning[2];
    struct plant_tariff tariff;
    struct plant_band_time band[3];
    struct plant_factor factor[CARRIER_OTHERS][2];
    struct plant_unit sharer[SHARERS];
    struct plant_state_map maps[SHARERS];
    struct plant_state_row rows[SHARERS][MACHINE_STATE_COUNT];
    struct cell_input mate[SHARERS]; /* of the newest input_of() */
    i128 energy, import, reactive, made, inspected, passed,
        carrier[CARRIER_OTHERS]; /* in the log */
};

/* Prints the law and the seed, or the error, and ends the program. */
void fail(const char *law, uint64_t seed);
void need(enum err e);
/* A number in [0, below). */
int64_t pick(struct world *w, int64_t below);
void world_init(struct world *w, uint64_t seed);
void world_fini(struct world *w);
/* Of the first unit; where the plant has meters, with units like it as mates. */
struct cell_input input_of(struct world *w, const struct siglog *log, int64_t from, int64_t to);

#endif
