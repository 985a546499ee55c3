/* The answer of /api/v1/units/ID/state for a person: why a unit is in its state, and its signals.
 */
#ifndef PB_CTL_STATE_H
#define PB_CTL_STATE_H

#include "ctl/cells.h"
#include "json/json.h"

/* False: the answer has another form. */
bool state_put(struct cells *c, const struct json_value *root);

#endif
