/* What a rule looked at, for people who choose its threshold: of each part of the span the least
 * and the most, so that nothing that would have fired is smoothed away. */
#include <math.h>

#include "backtest/run.h"
#include "base/utc.h"

void run_curve_begin(struct backtest_point *curve, size_t n) {
    for (size_t i = 0; i < n; i++)
        curve[i] = (struct backtest_point){NAN, NAN};
}

void run_curve_add(struct run *r, uint32_t node, int64_t first_ms, unsigned to) {
    const struct alert_rule *rule = r->rule[0].rule;
    const size_t at = node == r->curve_node ? run_find_node(rule, node) : SIZE_MAX;
    if (at == SIZE_MAX)
        return;
    const size_t i = r->theirs[r->rule[0].first + at];
    for (unsigned t = 0; t < to; t++) {
        double value = NAN, scale = 1;
        const int64_t behind_ms = first_ms + (t - INT64_C(1)) * UTC_MINUTE_MS - r->from_ms;
        if (behind_ms < 0 || !alerts_seen(r->alerts, i, t, &value, &scale))
            continue;
        value = run_in_levels(rule, value, scale);
        const size_t p = (size_t)(behind_ms * (int64_t)r->curve_n / (r->to_ms - r->from_ms));
        if (p >= r->curve_n || !isfinite(value))
            continue;
        r->curve[p].least = fmin(r->curve[p].least, value); /* NAN gives way */
        r->curve[p].most = fmax(r->curve[p].most, value);
    }
}
