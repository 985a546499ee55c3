/* The gauges of a screen. */
#ifndef PB_CTL_SCREEN_GAUGES_H
#define PB_CTL_SCREEN_GAUGES_H

#include "ctl/cells.h"
#include "json/json.h"

/* A line for each gauge of the units of `tiles`; since_ms: age of the answer; limit_ms: after which
 * it is stale. Adds nothing where there are none. */
void screen_gauges(struct cells *c, const struct json_value *tiles, int64_t since_ms,
                   int64_t limit_ms);

#endif
