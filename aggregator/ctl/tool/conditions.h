/* Conditions of norms that did not hold, as lines for people. */
#ifndef PB_CTL_CONDITIONS_H
#define PB_CTL_CONDITIONS_H

#include "base/buf.h"
#include "json/json.h"

/* Appends a line for each of an answer's "breaches" or "unproven": when, which, by what that is
 * known. `what`: "breached". */
void conditions_print(struct buf *out, const struct json_value *list, const char *what);

#endif
