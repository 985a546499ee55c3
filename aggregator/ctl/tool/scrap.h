/* Scrap and rework of a node by reason, as a table for people. */
#ifndef PB_CTL_SCRAP_H
#define PB_CTL_SCRAP_H

#include "base/buf.h"
#include "json/json.h"

/* Appends the answer of /api/v1/scrap as text. ERR_NOMEM. */
enum err scrap_print(const struct json_value *answer, struct buf *out);

#endif
