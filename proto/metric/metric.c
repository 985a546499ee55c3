#include "metric/metric.h"

#include <inttypes.h>
#include <string.h>

int64_t metric_value(const struct metric_row *row, const void *of) {
    int64_t v;
    memcpy(&v, (const char *)of + row->offset, sizeof v);
    return v;
}

void metric_add_head(struct buf *out, const char *name, const char *help, const char *type) {
    (void)buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

void metric_add_row_head(struct buf *out, const struct metric_row *row) {
    metric_add_head(out, row->name, row->help, row->gauge ? "gauge" : "counter");
}

void metric_add_sample(struct buf *out, const struct metric_row *row, const char *label,
                       const void *of) {
    int64_t v = metric_value(row, of);
    const char *open = label[0] ? "{" : "", *close = label[0] ? "}" : "";
    (void)buf_addf(out, "%s%s%s%s ", row->name, open, label, close);
    if (row->scale == METRIC_MILLI)
        (void)buf_addf(out, "%.3f\n", (double)v / 1e3);
    else if (row->scale == METRIC_MICRO)
        (void)buf_addf(out, "%.6f\n", (double)v / 1e6);
    else
        (void)buf_addf(out, "%" PRId64 "\n", v);
}

void metric_add_rows(struct buf *out, const struct metric_row *rows, size_t n, const void *of) {
    for (size_t i = 0; i < n; i++) {
        metric_add_row_head(out, &rows[i]);
        metric_add_sample(out, &rows[i], "", of);
    }
}

/* --- histograms ---------------------------------------------------------------------------------
 */

const uint32_t metric_turn_us[METRIC_BUCKETS - 1] = {500,   1000,  2000,   5000,  10000,
                                                     20000, 50000, 100000, 200000};
const uint32_t metric_wait_us[METRIC_BUCKETS - 1] = {1000,   5000,   10000,   50000,  100000,
                                                     250000, 500000, 1000000, 5000000};

void metric_observe(struct metric_histogram *h, const uint32_t border_us[METRIC_BUCKETS - 1],
                    uint64_t us) {
    unsigned i = 0;
    while (i < METRIC_BUCKETS - 1 && us > border_us[i])
        i++;
    h->count[i]++;
    h->sum_us += us;
}

/* Counts add up, the last border is +Inf. */
void metric_add_histogram(struct buf *out, const char *name, const char *help,
                          const struct metric_histogram *h,
                          const uint32_t border_us[METRIC_BUCKETS - 1]) {
    uint64_t n = 0;
    if (!h)
        return;
    metric_add_head(out, name, help, "histogram");
    for (unsigned i = 0; i < METRIC_BUCKETS; i++) {
        n += h->count[i];
        if (i < METRIC_BUCKETS - 1)
            (void)buf_addf(out, "%s_bucket{le=\"%g\"} %" PRIu64 "\n", name, border_us[i] / 1e6, n);
    }
    (void)buf_addf(out, "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n%s_sum %.6f\n%s_count %" PRIu64 "\n",
                   name, n, name, (double)h->sum_us / 1e6, name, n);
}
