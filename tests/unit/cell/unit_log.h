/* A unit with a plant around it, a word table and a log, for tests of cells. Not for anything else.
 */
#ifndef PB_TEST_UNIT_LOG_H
#define PB_TEST_UNIT_LOG_H

#include "cell/cell.h"

enum { UNIT_LOG_WORDS = 32, UNIT_LOG_SIGNALS = 16 };

#define DAY0 INT64_C(1780272000000) /* 2026-06-01T00:00:00Z, a Monday */
#define MIN UTC_MINUTE_MS
#define SEC UTC_SECOND_MS
#define HOUR UTC_HOUR_MS
#define PIECES INT64_C(1000000)
#define KWH INT64_C(1000000000) /* microwatt-hours */

struct unit_log {
    struct plant plant;
    struct plant_unit unit;
    struct plant_product product[2];
    struct plant_ideal ideal[4];
    struct plant_state_map map;
    struct plant_calendar calendar;
    struct plant_shift shift;
    struct plant_signal plant_signal[UNIT_LOG_SIGNALS];
    uint32_t signal_index[UNIT_LOG_SIGNALS];
    struct cell_signal signal[UNIT_LOG_SIGNALS];
    size_t signal_n;
    char word[UNIT_LOG_WORDS][IDENT_MAX + 1];
    uint32_t word_n;
    struct cell_words words;
    struct siglog log;
    int64_t known_ms;
    struct cells cells;
};

/* Codes of the map are the enum machine_state itself. Products "bolt" (PRI 1 s) and "nut" (PRI 2
 * s), default "bolt"; an order is always open; no calendar; micro-stop limit 5 min. */
void unit_log_init(struct unit_log *u, enum plant_state_source source);
void unit_log_fini(struct unit_log *u);
/* Gives the signal's id in the log. */
uint32_t unit_log_signal(struct unit_log *u, enum plant_role role);
uint32_t unit_log_word(struct unit_log *u, const char *text);
/* A working day of one shift in UTC, minutes of the day, with at most one break (start = end:
 * none). */
void unit_log_shift(struct unit_log *u, int32_t start_min, int32_t end_min, const int32_t *pair);

void log_state(struct unit_log *u, uint32_t signal, int64_t t0, int64_t t1, int64_t code);
void log_word(struct unit_log *u, uint32_t signal, int64_t t0, int64_t t1, const char *text);
void log_span(struct unit_log *u, uint32_t signal, int64_t t0, int64_t t1, int64_t amount);
void log_event(struct unit_log *u, uint32_t signal, int64_t t, int64_t amount);
void log_row(struct unit_log *u, uint32_t signal, int64_t t0, int64_t t1, int64_t amount,
             int64_t tag);
/* Slots of 10 s of constant power. */
void log_power(struct unit_log *u, uint32_t signal, int64_t t0, int64_t t1, int64_t uw);

struct cell_input unit_log_input(struct unit_log *u, int64_t from, int64_t to);
/* Computes [from, to) into u->cells and gives their sum. */
struct sums unit_log_compute(struct unit_log *u, int64_t from, int64_t to);

#endif
