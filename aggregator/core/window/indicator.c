#include "window/indicator.h"

#include <math.h>
#include <string.h>

/* Durations of ISO 22400-2 from sums, ms. */
static int64_t time_of(const struct sums *s, enum category c) {
    return s->q[QTY_TIME + c];
}

static int64_t apt(const struct sums *s) {
    return time_of(s, CAT_PRODUCTION);
}

static int64_t aupt(const struct sums *s) {
    return apt(s) + time_of(s, CAT_SETUP);
}

static int64_t aubt(const struct sums *s) {
    return aupt(s) + time_of(s, CAT_DELAY);
}

static int64_t unknown_in_pbt(const struct sums *s) {
    return time_of(s, CAT_UNKNOWN) - s->q[QTY_UNKNOWN_OFF];
}

/* PBT - UNKNOWN */
static int64_t known_pbt(const struct sums *s) {
    return aubt(s) + time_of(s, CAT_DOWN_NO_ORDER);
}

static int64_t standby_energy(const struct sums *s) {
    return s->q[QTY_ENERGY + CAT_DELAY] + s->q[QTY_ENERGY + CAT_DOWN_NO_ORDER] +
           s->q[QTY_ENERGY + CAT_PLANNED_DOWN] + s->q[QTY_ENERGY + CAT_NOT_SCHEDULED];
}

static double all_pieces(const struct sums *s, enum qty known, enum qty unknown) {
    return (double)(s->q[known] + s->q[unknown]) * 1e-6;
}

static double hours(int64_t ms) {
    return (double)ms / 3.6e6;
}

static double earned_hours(i128 pri) { /* ns x millionths */
    return (double)pri / 1e6 / 3.6e12;
}

struct quotient {
    double num, den;
};

static struct quotient quotient_of(enum indicator i, const struct sums *s) {
    double pq = (double)s->q[QTY_PQ] * 1e-6, gq = (double)s->q[QTY_GQ] * 1e-6;
    double gq_all = all_pieces(s, QTY_GQ, QTY_GQ_UNKNOWN);
    double pq_all = all_pieces(s, QTY_PQ, QTY_PQ_UNKNOWN);
    double known = hours(known_pbt(s)), quality = pq > 0 ? gq / pq : NAN;
    switch (i) {
    case IND_TIME_UTILIZATION:
        return (struct quotient){hours(apt(s)), known};
    case IND_UTILIZATION_EFFICIENCY:
        return (struct quotient){hours(apt(s)), hours(aubt(s))};
    case IND_ALLOCATION_EFFICIENCY:
        return (struct quotient){hours(aubt(s)), known};
    case IND_EFFECTIVENESS:
        return (struct quotient){s->priced_pq ? earned_hours(s->pri_pq) : NAN, hours(apt(s))};
    case IND_QUALITY_RATIO:
        return (struct quotient){gq, pq};
    case IND_OEE:
        return (struct quotient){s->priced_pq ? earned_hours(s->pri_gq) : NAN, known};
    case IND_NEE:
        /* AUPT / PBT * E * Q with E = earned / APT */
        return (struct quotient){apt(s) && s->priced_pq ? hours(aupt(s)) * earned_hours(s->pri_pq) /
                                                              hours(apt(s)) * quality
                                                        : NAN,
                                 known};
    case IND_TECHNICAL_EFFICIENCY:
        return (struct quotient){hours(apt(s)), hours(apt(s) + time_of(s, CAT_DELAY))};
    case IND_SETUP_RATIO:
        return (struct quotient){hours(time_of(s, CAT_SETUP)), hours(aupt(s))};
    case IND_SCRAP_RATIO:
        return (struct quotient){all_pieces(s, QTY_SQ, QTY_SQ_UNKNOWN), pq_all};
    case IND_REWORK_RATIO:
        return (struct quotient){all_pieces(s, QTY_RQ, QTY_RQ_UNKNOWN), pq_all};
    case IND_ENERGY_PER_GOOD:
        return (struct quotient){(double)sums_energy(s) / 1e9, gq_all};
    case IND_STANDBY_RATIO:
        return (struct quotient){(double)standby_energy(s) / 1e9, (double)sums_energy(s) / 1e9};
    case IND_LABOUR_PER_UNIT:
        return (struct quotient){s->q[QTY_LABOUR_TIME] ? (double)s->q[QTY_LABOUR] / 6e4 : NAN,
                                 gq_all};
    case IND_OUTPUT_PER_LABOUR_HOUR:
        return (struct quotient){gq_all, hours(s->q[QTY_LABOUR])};
    case IND_MATERIAL_PER_UNIT:
        return (struct quotient){s->q[QTY_MATERIAL] ? (double)s->q[QTY_MATERIAL] * 1e-6 : NAN,
                                 gq_all};
    case IND_THROUGHPUT:
        return (struct quotient){pq, hours(aupt(s))};
    case INDICATOR_COUNT:
        break;
    }
    return (struct quotient){NAN, 0};
}

double indicator_coverage(const struct sums *s) {
    int64_t pbt = known_pbt(s) + unknown_in_pbt(s);
    return pbt > 0 ? 1.0 - (double)unknown_in_pbt(s) / (double)pbt : 0.0;
}

static bool is_time_ratio(enum indicator i) {
    return i == IND_TIME_UTILIZATION || i == IND_ALLOCATION_EFFICIENCY;
}

struct indicator_value indicator_of(enum indicator i, const struct sums *s) {
    struct quotient q = quotient_of(i, s);
    struct indicator_value v = {.numerator = q.num, .denominator = q.den};
    v.coverage = indicator_coverage(s);
    v.defined = isfinite(q.num) && isfinite(q.den) && q.den > 0;
    if (!isfinite(v.numerator))
        v.numerator = 0;
    if (!v.defined)
        return v;
    v.value = q.num / q.den;
    v.low = v.high = v.value;
    if (is_time_ratio(i)) {
        double unknown = hours(unknown_in_pbt(s));
        v.low = q.num / (q.den + unknown);
        v.high = (q.num + unknown) / (q.den + unknown);
    }
    return v;
}

uint64_t indicator_defined(const struct sums *s) {
    uint64_t mask = 0;
    for (unsigned i = 0; i < INDICATOR_COUNT; i++)
        mask |= (uint64_t)indicator_of((enum indicator)i, s).defined << i;
    return mask;
}

enum indicator indicator_find(const char *id) {
    for (unsigned i = 0; i < INDICATOR_COUNT; i++)
        if (strcmp(indicator_row((enum indicator)i)->id, id) == 0)
            return (enum indicator)i;
    return INDICATOR_COUNT;
}

const char *norm_class_name(enum norm_class c) {
    static const char *const name[CLASS_COUNT] = {"equipment", "labour", "consumption", "quality"};
    return c < CLASS_COUNT ? name[c] : "unknown";
}

enum indicator indicator_lead(enum norm_class c) {
    static const enum indicator lead[CLASS_COUNT] = {IND_TIME_UTILIZATION, IND_LABOUR_PER_UNIT,
                                                     IND_ENERGY_PER_GOOD, IND_SCRAP_RATIO};
    return c < CLASS_COUNT ? lead[c] : INDICATOR_COUNT;
}
