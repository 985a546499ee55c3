/* History against norms, on a store whose rows are put there by hand: shifts of eight hours at the
 * press and the packer of the simulated line, and a ledger of imported norms. */
#ifndef PB_UNIT_ENGINE_NORMED_RIG_H
#define PB_UNIT_ENGINE_NORMED_RIG_H

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

#include "engine/normed.h"
#include "simkit/line_plant.h"

enum { LINE = 1, PRESS = 2, PACK = 3, NUMBER = 40 /* of a node in the store: + its index */ };
enum { BOLT = 1, NUT, RED, BLUE }; /* words */
#define PIECE INT64_C(1000000)
#define KWH INT64_C(1000000000)
#define MIN UTC_MINUTE_MS
/* Early shifts; SIM_DAY0 is the first of June 2026, and a Monday. */
#define EARLY(day) (SIM_DAY0 + (day)*UTC_DAY_MS + 6 * UTC_HOUR_MS)
#define APRIL (-61) /* days before */
#define MAY (-31)

struct past {
    struct plant *plant;
    struct store *store;
    struct store_tx *tx; /* until it is committed */
    struct ledger_conf conf;
    struct ledger *ledger;
    struct ledger *read; /* as the store has it */
    struct history_reader reader;
    struct normed_query q;
};

void past_begin(struct past *p);
/* Writes the ledger down and reads it back: from then on questions can be asked. */
void past_written(struct past *p);
void past_end(struct past *p);
/* A norm of the press, as a document has it. */
struct norm *past_norm(enum indicator i, double value, int64_t from_ms);
void past_import(struct past *p, const char *id, const struct norm *n);
/* 480 min of two people, 420 of running; so many good pieces, and kWh. */
struct sums past_made(int64_t good, int64_t kwh);
/* A row, before it is written. */
void past_put(struct past *p, enum store_table table, struct span key, struct span value);
void past_put_window(struct past *p, uint32_t node, uint32_t product, uint32_t team, int64_t t_ms,
                     enum window_life life, const struct sums *s);
/* A whole shift of one team and product: the unit's own window is the same. */
void past_put_shift(struct past *p, uint32_t node, uint32_t product, uint32_t team, int64_t t_ms,
                    const struct sums *s);
void past_shift(struct past *p, uint32_t product, uint32_t team, int64_t t_ms, int64_t good);
bool past_near(double a, double b);

#endif
