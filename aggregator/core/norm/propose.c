#include "norm/propose.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/utc.h"
#include "calendar/calendar.h"

const char *propose_verdict_name(enum propose_verdict v) {
    static const char *const name[PROPOSE_VERDICT_COUNT] = {[PROPOSE_OK] = "ok",
                                                            [PROPOSE_NOT_ENOUGH] =
                                                                "not_enough_basis",
                                                            [PROPOSE_AS_NORMED] = "as_normed",
                                                            [PROPOSE_ONE_TEAM] = "one_team",
                                                            [PROPOSE_ONE_PERIOD] = "one_period"};
    return (unsigned)v < PROPOSE_VERDICT_COUNT ? name[v] : "unknown";
}

int32_t norm_period(const struct plant *p, int64_t t_ms) {
    const struct utc_parts d = utc_to_parts((int64_t)calendar_day(p, t_ms) * UTC_DAY_MS);

    return d.year * 12 + d.month - 1;
}

int64_t norm_period_begin(const struct plant *p, int32_t period) {
    const struct utc_parts first = {.year = period / 12, .month = period % 12 + 1, .day = 1};
    const int64_t midnight = utc_from_parts(&first);
    const int32_t day = (int32_t)(midnight / UTC_DAY_MS);
    int64_t low = midnight - 2 * UTC_DAY_MS, high = midnight + 2 * UTC_DAY_MS;

    while (high - low > 1) { /* the first moment of the day, whatever the zone does */
        const int64_t middle = low + (high - low) / 2;
        if (calendar_day(p, middle) < day)
            low = middle;
        else
            high = middle;
    }
    return high;
}

static bool same_team(const struct observation *a, const struct observation *b) {
    return span_equal(a->team, b->team);
}

static bool is_first_of_team(const struct observations *o, size_t k) {
    for (size_t i = 0; i < k; i++)
        if (same_team(&o->at[i], &o->at[k]))
            return false;
    return true;
}

static size_t teams(const struct observations *o) {
    size_t n = 0;

    for (size_t k = 0; k < o->n; k++)
        n += is_first_of_team(o, k);
    return n;
}

static size_t products(const struct observations *o) {
    size_t n = 0;

    for (size_t k = 0; k < o->n; k++) {
        size_t i = 0;
        while (i < k && !span_equal(o->at[i].product, o->at[k].product))
            i++;
        n += i == k;
    }
    return n;
}

/* --- periods ------------------------------------------------------------------------------------
 */

/* Weighted means of the periods in their order, as many as there are. ERR_FULL: more than fit. */
static enum err means(const struct plant *p, const struct observations *o,
                      double mean[PROPOSE_PERIODS_MAX], size_t *n) {
    double sum = 0, weight = 0;
    int32_t period = 0;

    *n = 0;
    for (size_t k = 0; k < o->n; k++) { /* sorted by time */
        const int32_t its = norm_period(p, o->at[k].start_ms);
        if (*n == 0 || its != period) {
            if (*n == PROPOSE_PERIODS_MAX)
                return ERR_FULL;
            ++*n;
            period = its;
            sum = weight = 0;
        }
        sum += o->at[k].value * o->at[k].weight;
        weight += o->at[k].weight;
        mean[*n - 1] = sum / weight;
    }
    return ERR_OK;
}

/* --- the best that lasted -----------------------------------------------------------------------
 */

static bool same_work(const struct observation *a, const struct observation *b) {
    return a->node == b->node && same_team(a, b) && span_equal(a->product, b->product);
}

/* Mean of the observation and the two of the same work before it; NAN: there are none. */
static double run_mean(const struct observations *o, size_t last) {
    double sum = 0, weight = 0;
    size_t n = 0;

    for (size_t k = last + 1; k > 0 && n < PROPOSE_SUSTAINED; k--) {
        const struct observation *one = &o->at[k - 1];
        if (!same_work(one, &o->at[last]))
            continue;
        sum += one->value * one->weight;
        weight += one->weight;
        n++;
    }
    return n == PROPOSE_SUSTAINED ? sum / weight : NAN;
}

static double sustained(const struct observations *o, double best) {
    double least = INFINITY;

    for (size_t k = 0; k < o->n; k++)
        least = fmin(least, run_mean(o, k)); /* takes the number where the other is none */
    return isfinite(least) ? fmax(least, best) : best; /* a mean may lose its last digit */
}

/* --- the proposal -------------------------------------------------------------------------------
 */

static enum err average(const struct observations *o, struct norm_average *out) {
    struct norm_observation *all = malloc((o->n + 1) * sizeof *all);

    if (!all)
        return ERR_NOMEM;
    for (size_t k = 0; k < o->n; k++)
        all[k] = (struct norm_observation){o->at[k].value, o->at[k].weight};
    const enum err err = norm_average(all, o->n, out);
    free(all);
    return err;
}

static enum propose_verdict judge(const struct proposal *x, enum norm_method method) {
    if (x->n < PROPOSE_LEAST || (method == METHOD_GROWTH && x->period_n < 2))
        return PROPOSE_NOT_ENOUGH;
    if (x->tightens && x->team_n < 2)
        return PROPOSE_ONE_TEAM;
    return x->tightens && x->period_n < 2 ? PROPOSE_ONE_PERIOD : PROPOSE_OK;
}

static void publish(struct proposal *x, enum indicator i, const struct norm_average *a,
                    double lasted) {
    x->mean = domain_publish(i, a->mean);
    x->better = domain_publish(i, a->better);
    x->best = domain_publish(i, a->best);
    x->sustained = domain_publish(i, lasted);
    x->better_n = a->better_n;
}

enum err propose(const struct plant *p, const struct observations *o, enum indicator i,
                 enum norm_method method, double in_force, struct proposal *out) {
    struct proposal x = {.n = o->n,
                         .value = NAN,
                         .mean = NAN,
                         .better = NAN,
                         .best = NAN,
                         .sustained = NAN,
                         .growth = NAN,
                         .reach = NAN};
    double mean[PROPOSE_PERIODS_MAX];
    struct norm_average a;
    struct norm_growth g;
    double value = NAN;

    x.reach_now = observations_reach(o, i, in_force);
    *out = x;
    out->verdict = domain_of(i) == DOMAIN_NONE ? PROPOSE_AS_NORMED : PROPOSE_NOT_ENOUGH;
    if (out->verdict == PROPOSE_AS_NORMED || o->n == 0)
        return ERR_OK;
    enum err err = average(o, &a);
    if (!err)
        err = means(p, o, mean, &x.period_n);
    if (err)
        return err;
    if (norm_growth(mean, x.period_n, &g) == ERR_OK) {
        x.growth = g.factor;
        value = g.next;
    }
    value = method == METHOD_ADVANCED ? a.advanced : method == METHOD_MIDDLE ? a.middle : value;
    x.team_n = teams(o);
    x.product_n = products(o);
    publish(&x, i, &a, sustained(o, a.best));
    x.value = domain_publish(i, value);
    x.reach = observations_reach(o, i, x.value);
    x.tightens = isfinite(domain_take(i, in_force)) && value < domain_take(i, in_force);
    x.verdict = judge(&x, method);
    *out = x;
    return ERR_OK;
}

/* --- what it would have meant -------------------------------------------------------------------
 */

static bool is_labour_time(enum indicator i) {
    return i == IND_LABOUR_PER_UNIT || i == IND_OUTPUT_PER_LABOUR_HOUR;
}

/* Hours of a piece, from a value of the consumption domain. */
static double hours_of(enum indicator i, double value) {
    return i == IND_LABOUR_PER_UNIT ? value / 60 : value;
}

static void effect_of(const struct observations *o, const struct span *team, enum indicator i,
                      double value, double in_force, double supplement,
                      struct proposal_effect *out) {
    const double revised = domain_take(i, value), now = domain_take(i, in_force);
    double sum = 0, weight = 0;
    size_t meet = 0, meet_now = 0;
    struct proposal_effect e = {.team = team ? *team : span_of(NULL, 0)};

    for (size_t k = 0; k < o->n; k++) {
        const struct observation *one = &o->at[k];
        if (team && !span_equal(one->team, *team))
            continue;
        e.n++;
        // NOLINTNEXTLINE(clang-analyzer-core.NullDereference): of none, n is 0
        sum += one->value * one->weight;
        weight += one->weight;
        meet += observation_meets(one, revised);
        meet_now += observation_meets(one, now); /* never, where there is none */
    }
    const double mean = e.n ? sum / weight : NAN;
    e.mean = domain_publish(i, mean);
    e.reach = e.n && isfinite(revised) ? (double)meet / (double)e.n : NAN;
    e.reach_now = e.n && isfinite(now) ? (double)meet_now / (double)e.n : NAN;
    e.attain = revised / mean;
    e.attain_now = now / mean;
    const struct piecework w = {.norm_h = hours_of(i, now),
                                .revised_h = hours_of(i, revised),
                                .taken_h = hours_of(i, mean),
                                .supplement = supplement};
    e.paid = is_labour_time(i) && piecework_read(&w, &e.pay) == ERR_OK;
    *out = e;
}

enum err propose_try(const struct observations *o, enum indicator i, double value, double in_force,
                     double supplement, struct proposal_effect out[PROPOSE_TEAMS_MAX + 1],
                     size_t *n) {
    *n = 0;
    for (size_t k = 0; k < o->n; k++) {
        if (!is_first_of_team(o, k))
            continue;
        if (*n == PROPOSE_TEAMS_MAX)
            return ERR_FULL;
        effect_of(o, &o->at[k].team, i, value, in_force, supplement, &out[(*n)++]);
    }
    effect_of(o, NULL, i, value, in_force, supplement, &out[(*n)++]);
    return ERR_OK;
}
