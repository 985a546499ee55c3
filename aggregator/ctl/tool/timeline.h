/* A unit's timeline as a chart of characters. */
#ifndef PB_CTL_TIMELINE_H
#define PB_CTL_TIMELINE_H

#include "base/buf.h"
#include "json/json.h"

/* Appends the answer of /api/v1/units/ID/timeline: a line an hour (UTC), a character a minute, for
 * what most of the minute was. ERR_NOMEM; ERR_FORMAT: no such answer. */
enum err timeline_print(const struct json_value *answer, struct buf *out);

#endif
