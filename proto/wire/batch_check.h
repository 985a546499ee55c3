/* The limits of a record's head and body, one place for writer and reader. It knows no bytes. */
#ifndef PB_WIRE_BATCH_CHECK_H
#define PB_WIRE_BATCH_CHECK_H

#include "wire/batch.h"

enum {
    BATCH_FIELDS = 9,
    POINT_FIELDS = 13,
    ASOF_FIELDS = 3,
    READING_FIELDS = 3,
    AMOUNT_FIELDS = 3
};

/* |t_ms| <= BATCH_TIME_LIMIT_MS, without a branch. */
static inline bool batch_time_check(int64_t t_ms) {
    uint64_t shifted = (uint64_t)t_ms + (uint64_t)BATCH_TIME_LIMIT_MS;
    return shifted <= 2 * (uint64_t)BATCH_TIME_LIMIT_MS;
}

bool batch_head_check(const struct batch_head *h);
bool batch_key_check(const struct batch_head *h, const struct batch_key *k);
bool batch_dropped_check(const struct batch_head *h, const struct batch_dropped *d);
bool batch_clock_check(const struct batch_clock *c);
bool batch_asof_check(const struct asof *a);
bool batch_reading_check(const struct reading *r);
/* What a kind may carry: points only in KEY (as many as the table has) and DROPPED, nothing in
 * CLOCK. */
bool batch_load_check(enum batch_kind kind, uint32_t points, uint32_t points_total,
                      uint32_t readings);

#endif
