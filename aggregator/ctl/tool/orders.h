/* Orders of a unit as a table for people. */
#ifndef PB_CTL_ORDERS_H
#define PB_CTL_ORDERS_H

#include "base/buf.h"
#include "json/json.h"

/* Appends the answer of /api/v1/orders as text. ERR_NOMEM. */
enum err orders_print(const struct json_value *answer, struct buf *out);

#endif
