/* What was planned of a unit's orders and shifts, held against what was made by a moment. It plans
 * and counts nothing itself: plan/plan.h and engine/plans.h do. */
#ifndef PB_VIEWS_PLANNED_H
#define PB_VIEWS_PLANNED_H

#include "engine/plans.h"
#include "json/json_writer.h"

struct planned_in {
    const struct plant *plant;
    uint32_t unit; /* index */
    int64_t at_ms;
};

/* Member "plan": an array of planned orders. */
void planned_orders(struct json_writer *w, const struct planned_in *in, const struct plans *plans);
/* Member "shifts": an array of what was planned of shifts and spans. Several products of one are to
 * be made one after another. */
void planned_shifts(struct json_writer *w, const struct planned_in *in, const struct plans *plans);
/* Member "plan": what was planned of the shift that begins and ends then, in one: of whatever is
 * made, else of all products. made: good pieces so far, millionths. Null: nothing was. */
void planned_shift(struct json_writer *w, const struct planned_in *in, const struct plans *plans,
                   int64_t from_ms, int64_t to_ms, int64_t made);

#endif
