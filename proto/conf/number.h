/* Numbers with units: "1.5 kW" to microwatts and back, exactly. Rows say which unit a plain number
 * may carry; limits are checked by the caller. */
#ifndef PB_CONF_NUMBER_H
#define PB_CONF_NUMBER_H

#include "conf/value.h"

/* Parses a number of a whole type (CONF_INT .. CONF_AMOUNT) into the stored unit. ERR_FORMAT, with
 * what is wrong in *why or nothing if the text is no number at all; ERR_RANGE beyond int64. */
enum err conf_number_parse(const struct conf_row *row, enum conf_type type, struct span text,
                           int64_t *out, struct conf_why *why);
/* Writes a stored whole number the way a person would: 60000 ms as "1 min". */
enum err conf_number_format(const struct conf_row *row, enum conf_type type, int64_t v,
                            struct buf *out);
/* Writes the range a row allows: "10 ms to 1 min", "at least 1 W", or nothing if any value will do.
 */
enum err conf_range_format(const struct conf_row *row, enum conf_type type, size_t size,
                           struct buf *out);

#endif
