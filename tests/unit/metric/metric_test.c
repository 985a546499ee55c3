#include "metric/metric.h"

#include <criterion/criterion.h>
#include <string.h>

Test(metric, a_time_is_counted_at_its_border_and_beyond_the_last) {
    struct metric_histogram h = {0};
    metric_observe(&h, metric_turn_us, 0);
    metric_observe(&h, metric_turn_us, 500);
    metric_observe(&h, metric_turn_us, 501);
    metric_observe(&h, metric_turn_us, 5000);
    metric_observe(&h, metric_turn_us, 200001);
    cr_expect_eq(h.count[0], 2);
    cr_expect_eq(h.count[1], 1);
    cr_expect_eq(h.count[3], 1);
    cr_expect_eq(h.count[METRIC_BUCKETS - 1], 1);
    cr_expect_eq(h.sum_us, 206002);
}

struct figures {
    int64_t age_ms;
    uint64_t took_us, sent;
};
static const struct metric_row rows[] = {
    {NULL, "a_age_seconds", "an age", true, METRIC_MILLI, offsetof(struct figures, age_ms)},
    {NULL, "a_took_seconds_total", "a time", false, METRIC_MICRO,
     offsetof(struct figures, took_us)},
    {NULL, "a_sent_total", "a count", false, METRIC_ONE, offsetof(struct figures, sent)},
};

Test(metric, rows_become_heads_and_samples_in_base_units) {
    const struct figures of = {-1500, 7, 12345678901};
    struct buf text;
    buf_init(&text);
    metric_add_rows(&text, METRIC_ROWS(rows), &of);
    metric_add_sample(&text, &rows[2], "to=\"x\"", &of);
    cr_assert_eq(buf_add_byte(&text, 0), ERR_OK);
    cr_expect_str_eq((const char *)text.p, "# HELP a_age_seconds an age\n"
                                           "# TYPE a_age_seconds gauge\n"
                                           "a_age_seconds -1.500\n"
                                           "# HELP a_took_seconds_total a time\n"
                                           "# TYPE a_took_seconds_total counter\n"
                                           "a_took_seconds_total 0.000007\n"
                                           "# HELP a_sent_total a count\n"
                                           "# TYPE a_sent_total counter\n"
                                           "a_sent_total 12345678901\n"
                                           "a_sent_total{to=\"x\"} 12345678901\n");
    buf_fini(&text);
}
