/* What breaches a condition at the unit of a computation, each kind of evidence apart. Of use
 * inside this room only. */
#ifndef PB_CELL_BREACH_H
#define PB_CELL_BREACH_H

#include "cell/work.h"

/* Add stretches to a layer; ERR_NOMEM. Told: by stops of its causes and reasons. breach_add: all
 * evidence, nothing if the condition is not one of the unit's. */
enum err breach_add_told(const struct work *w, uint32_t condition, struct layer *out);
enum err breach_add_entered(const struct work *w, uint32_t condition, struct layer *out);
enum err breach_add(const struct work *w, uint32_t condition, struct layer *out);
/* By which gauge the condition is judged at the unit; NULL: by none. */
const struct plant_proof *breach_proof(const struct work *w, uint32_t condition);
/* Planned busy time: what breaches are told of. */
bool breach_is_busy(const struct piece *p);

#endif
