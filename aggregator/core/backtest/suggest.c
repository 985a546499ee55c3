/* How a rule could be made quieter.
 *
 * Hold. Of each firing it is known how many minutes the value was beyond the threshold. Sorted by
 * that, flickers and real trouble lie apart: the widest gap between neighbours (as a ratio, at
 * least 2) that has three firings or more below it, and its lower end at 30 min at most, is taken
 * for the border. Its lower end, the length of the longest flicker, is the suggested hold: it would
 * have removed every firing up to it and missed none that lasted longer. Without such a gap, three
 * firings under two minutes or more suggest the length of the longest of these.
 *
 * Hysteresis. Of each firing that came back within 30 min of its end it is known how far beyond the
 * clear level the value went in between. A little more than the distance that four of five of these
 * pauses did not exceed is added to the clear level: with it, these firings would have been one.
 * Three such pauses at least, and some pause in which the value went as far, or nothing would ever
 * clear. Of a change the level keeps its sign: a rise is over when nothing rises any more, not when
 * it falls as fast. */
#include <math.h>
#include <stdlib.h>

#include "backtest/run.h"
#include "base/utc.h"

enum { LEAST = 3, HOLD_MAX = 30, BRIEF_MINUTES = 1 };
#define GAP_MIN 2.0

/* Minutes of the longest flicker; 0: there is no border. */
static size_t widest_gap(const struct run_rule *rule) {
    uint64_t below = 0;
    size_t last = 0, best = 0;
    double ratio = GAP_MIN;
    for (size_t m = 1; m <= BACKTEST_LASTING_MAX; m++) {
        if (!rule->lasting[m])
            continue;
        if (last && last <= HOLD_MAX && below >= LEAST && (double)m / (double)last > ratio) {
            ratio = (double)m / (double)last;
            best = last;
        }
        last = m;
        below += rule->lasting[m];
    }
    return best;
}

/* The length of the longest of the short firings, if there are enough. */
static size_t longest_brief(const struct run_rule *rule) {
    const size_t held = (size_t)(rule->rule->hold_ms / UTC_MINUTE_MS);
    const size_t longest = held + BRIEF_MINUTES;
    return rule->figures.brief >= LEAST && longest <= HOLD_MAX ? longest : 0;
}

static void suggest_hold(const struct run_rule *rule, struct backtest_suggestion *out) {
    size_t minutes = widest_gap(rule);
    minutes = minutes ? minutes : longest_brief(rule);
    if ((int64_t)minutes * UTC_MINUTE_MS <= rule->rule->hold_ms)
        return;
    out->hold = true;
    out->hold_ms = (int64_t)minutes * UTC_MINUTE_MS;
    for (size_t m = 0; m <= minutes; m++)
        out->removed += rule->lasting[m];
}

static int by_size(const void *x, const void *y) {
    const double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

/* The next number of two digits, so that people can write it. */
static double a_little_more(double v) {
    const double step = pow(10, floor(log10(v)) - 1);
    return (floor(v / step + 1e-9) + 1) * step;
}

static void suggest_clear(const struct run_rule *rule, struct backtest_suggestion *out) {
    const size_t n = rule->excursion_n;
    if (n < LEAST || rule->rule->condition == ALERT_NO_DATA)
        return;
    qsort(rule->excursion, n, sizeof *rule->excursion, by_size);
    const double far = rule->excursion[(4 * n + 4) / 5 - 1];
    if (!(far > 0))
        return;
    const double by = a_little_more(far), clear = rule->rule->level[0].clear;
    const double level = rule->rule->below ? clear + by : clear - by;
    if (by > rule->reach || (rule->rule->condition == ALERT_RATE && level * clear < 0))
        return;
    out->clear = true;
    out->clear_level = level;
    out->came_back = n;
    for (size_t i = 0; i < n; i++)
        out->joined += rule->excursion[i] < by;
}

void run_suggest(const struct run_rule *rule, struct backtest_suggestion *out) {
    *out = (struct backtest_suggestion){.hold_ms = rule->rule->hold_ms,
                                        .clear_level = rule->rule->level[0].clear};
    suggest_hold(rule, out);
    suggest_clear(rule, out);
}
