/* Self-metrics as data and the text Prometheus reads of them (format 0.0.4): a name, a help, a type
 * and where the value lies, one row each. It measures nothing and serves nothing. */
#ifndef PB_METRIC_METRIC_H
#define PB_METRIC_METRIC_H

#include "base/buf.h"

enum metric_scale { METRIC_ONE, METRIC_MILLI, METRIC_MICRO }; /* of the stored integer */

struct metric_row {
    const char *id;   /* key in JSON; NULL: not there */
    const char *name; /* "plantbus_..."; counters end with _total, units are base units */
    const char *help; /* one line */
    bool gauge;       /* else a counter */
    uint8_t scale;    /* enum metric_scale */
    size_t offset;    /* of an int64_t or uint64_t (at most INT64_MAX) in the group's struct */
};

int64_t metric_value(const struct metric_row *row, const void *of);

/* A family is its head and its samples, all together. What has no room is told by out->failed.
 * type: "counter", "gauge", "histogram". */
void metric_add_head(struct buf *out, const char *name, const char *help, const char *type);
void metric_add_row_head(struct buf *out, const struct metric_row *row);
/* label: `name="value"` or ""; values that need no escape, such as ids. */
void metric_add_sample(struct buf *out, const struct metric_row *row, const char *label,
                       const void *of);
/* Heads and samples of rows without a label. */
void metric_add_rows(struct buf *out, const struct metric_row *rows, size_t n, const void *of);
#define METRIC_ROWS(a) (a), sizeof(a) / sizeof *(a)

/* How often something took how long: count i is of at most its borders' i-th, the last one of all
 * that took longer. */
enum { METRIC_BUCKETS = 10 };
struct metric_histogram {
    uint64_t count[METRIC_BUCKETS];
    uint64_t sum_us;
};
extern const uint32_t metric_turn_us[METRIC_BUCKETS - 1]; /* of turns of a loop; rising */
extern const uint32_t metric_wait_us[METRIC_BUCKETS - 1]; /* of disks and acks */
void metric_observe(struct metric_histogram *h, const uint32_t border_us[METRIC_BUCKETS - 1],
                    uint64_t us);
/* h NULL: not measured, nothing is added. */
void metric_add_histogram(struct buf *out, const char *name, const char *help,
                          const struct metric_histogram *h,
                          const uint32_t border_us[METRIC_BUCKETS - 1]);

#endif
