/* Rows of a JSON answer as CSV: a column for each scalar member, those of objects within a row
 * under both names. It knows no answer; lists within a row are left out. */
#ifndef PB_CTL_ROWS_CSV_H
#define PB_CTL_ROWS_CSV_H

#include "base/buf.h"
#include "json/json.h"

/* Columns are those of the first row, in its order; members ending in _ms are left out where the
 * same time stands beside them as text. ERR_NOMEM. */
enum err rows_csv(const struct json_value *rows, struct buf *out);

#endif
