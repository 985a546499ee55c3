/* Comparisons with NAN are false: what is not known gives no reason. */
#include "norm/review.h"

#include <math.h>

const struct review_limits review_defaults = {.n_min = 20,
                                              .median_above = 1.10,
                                              .reach_above = 0.90,
                                              .reach_below = 0.15,
                                              .grace_months = 3,
                                              .age_months = 12};

/* Three standard errors above what the proposal expected of as many observations: chance does not
 * do that. */
static bool beyond_chance(const struct review_in *in) {
    const double r0 = in->r0, n = (double)in->n;
    return !(r0 >= 0 && r0 <= 1) || in->reach > r0 + 3 * sqrt(r0 * (1 - r0) / n);
}

static bool few_reach(double reach, const struct review_in *in, const struct review_limits *l) {
    return reach < in->r0 / 2 || reach < l->reach_below;
}

static unsigned reasons_of(const struct review_in *in, const struct review_limits *l) {
    const unsigned changes = REASON_PRODUCT | REASON_MACHINE | REASON_PROCESS | REASON_SUPERIOR;
    unsigned r = in->changed & changes;
    if (!in->has_norm)
        return r | REASON_NO_NORM;
    if (in->n < l->n_min)
        r |= REASON_FEW;
    if (in->median > l->median_above && in->median_before > l->median_above)
        r |= REASON_MEDIAN;
    if (in->reach > l->reach_above)
        r |= REASON_REACH_HIGH;
    if (few_reach(in->reach, in, l) && few_reach(in->reach_before, in, l))
        r |= REASON_REACH_LOW;
    if (in->effectiveness > 1)
        r |= REASON_EFFECTIVENESS;
    if (in->age_months > l->age_months)
        r |= REASON_AGE;
    if (in->age_months < l->grace_months)
        r |= REASON_FRESH;
    return r;
}

static struct review_out out(enum review_verdict v, unsigned reasons) {
    return (struct review_out){(uint8_t)v, reasons};
}

/* First match. */
struct review_out review(const struct review_in *in, const struct review_limits *l) {
    const unsigned changes = REASON_PRODUCT | REASON_MACHINE | REASON_PROCESS | REASON_SUPERIOR;
    const unsigned high = REASON_MEDIAN | REASON_REACH_HIGH;
    unsigned r = reasons_of(in, l);
    if (r & REASON_NO_NORM)
        return out(REVIEW_CREATE, r);
    if (r & REASON_FEW)
        return out(REVIEW_NOT_ENOUGH_BASIS, r);
    if (r & (changes | REASON_EFFECTIVENESS))
        return out(REVIEW_REVISE, r);
    if (r & high && r & REASON_REACH_LOW)
        return out(REVIEW_REVISE, r | REASON_CONTRADICTION);
    if (r & high && (!(r & REASON_FRESH) || beyond_chance(in)))
        return out(REVIEW_TIGHTEN, r);
    if (r & REASON_REACH_LOW && !(r & REASON_FRESH))
        return out(REVIEW_LOOSEN, r);
    if (r & REASON_AGE)
        return out(REVIEW_REVISE, r);
    return out(REVIEW_KEEP, r);
}

const char *review_verdict_name(enum review_verdict v) {
    static const char *const name[REVIEW_VERDICT_COUNT] = {
        "KEEP", "REVISE-tighten", "REVISE-loosen", "REVISE", "CREATE", "NOT ENOUGH BASIS"};
    return v < REVIEW_VERDICT_COUNT ? name[v] : "unknown";
}

const char *review_reason_text(unsigned i) {
    static const char *const text[REVIEW_REASONS] = {
        "median attainment better than 110 % twice",
        "more than 90 % of the team-shifts meet it",
        "under half of the expected reach or under 15 % meet it, twice",
        "the product changed",
        "the machine changed",
        "the process changed",
        "a superior norm changed",
        "effectiveness is above 100 %",
        "it is older than 12 months",
        "too few team-shifts with coverage and conditions held",
        "there is no norm",
        "it is in its first three months",
        "median and reach contradict each other"};
    return i < REVIEW_REASONS ? text[i] : "";
}
