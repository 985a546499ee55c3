/* What `plantbus status` shows: the answer of the daemon as tables, and a line for everything that
 * somebody should look at. */
#ifndef PB_CTL_STATUS_H
#define PB_CTL_STATUS_H

#include "ctl/cells.h"
#include "json/json.h"

void status_put(struct cells *c, const struct json_value *root);
/* The part of it about agents' sources. */
void status_put_sources(struct cells *c, const struct json_value *root);

#endif
