/* Gauges as evidence of conditions: where a gauge was beyond the limits of a condition, and where
 * it told nothing. It books nothing, and does not know whether anybody was at work. Of use inside
 * this room only. */
#ifndef PB_CELL_PROOF_H
#define PB_CELL_PROOF_H

#include "cell/work.h"

enum proof_side { PROOF_LOW, PROOF_HIGH, PROOF_SIDES };

/* Adds what was beyond the limit of a side, as long as the condition asks. ERR_NOMEM. */
enum err proof_breaches(const struct work *w, const struct plant_proof *x, enum proof_side side,
                        struct layer *out);
/* Adds what of [from, to) no slot covers, in order, apart. ERR_NOMEM. */
enum err proof_silence(const struct work *w, const struct plant_proof *x, int64_t from, int64_t to,
                       struct layer *out);
/* The mean of a slot that touches [from, to) and is farthest to that side, millionths. */
int64_t proof_worst(const struct work *w, const struct plant_proof *x, enum proof_side side,
                    int64_t from, int64_t to);

#endif
