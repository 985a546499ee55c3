/* Where a number comes from, as text for people. */
#ifndef PB_CTL_EXPLAIN_H
#define PB_CTL_EXPLAIN_H

#include "base/buf.h"
#include "json/json.h"

/* Appends the answer of /api/v1/explain as text. ERR_NOMEM. */
enum err explain_print(const struct json_value *answer, struct buf *out);
/* Appends the question for a window as people name it: "hour", "shift:2026-11-23/early",
 * "2026-11-23/early", "hour:2026-11-23T06:00:00Z", "day:2026-11-23". */
void explain_path(const char *unit, const char *window, const char *indicator, const char *parts,
                  struct buf *out);

#endif
