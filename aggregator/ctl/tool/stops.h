/* Stops of a node as a table for people. */
#ifndef PB_CTL_STOPS_H
#define PB_CTL_STOPS_H

#include "base/buf.h"
#include "json/json.h"

/* Appends the answer of /api/v1/stops as text. ERR_NOMEM. */
enum err stops_print(const struct json_value *answer, struct buf *out);
/* "47 s", "12.5 min", "3 h 20": as short as it can be read. */
void stops_duration(int64_t ms, char out[24]);

#endif
