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

/* What a ratio is made of besides time. */
struct evidence {
    bool measured;   /* at least once */
    int64_t due, ms; /* time in which it should have been measured, and was; 0: none is due */
};

static struct evidence evidence_of(const struct sums *s, enum qty due, bool any) {
    return (struct evidence){s->q[due + 1] > 0 || any, s->q[due], s->q[due + 1]};
}

/* Of a sum over pieces, which are what must be covered. */
static struct evidence over_pieces(const struct sums *s, bool measured) {
    return (struct evidence){measured, s->q[QTY_COUNT_DUE], s->q[QTY_COUNT_SEEN]};
}

bool indicator_is_carrier(enum indicator i) {
    return i >= IND_CARRIER_PER_GOOD && i < IND_CARRIER_PER_GOOD + CARRIER_OTHERS;
}

static struct evidence evidence_of_carrier(enum indicator i, const struct sums *s) {
    const unsigned c = (unsigned)(i - IND_CARRIER_PER_GOOD);

    return evidence_of(s, (enum qty)(QTY_CARRIER_DUE + 2 * c), s->q[QTY_CARRIER + c] != 0);
}

static struct evidence evidence(enum indicator i, const struct sums *s) {
    struct evidence e;

    if (indicator_is_carrier(i))
        return evidence_of_carrier(i, s);
    const int64_t pq = s->q[QTY_PQ] + s->q[QTY_PQ_UNKNOWN],
                  gq = s->q[QTY_GQ] + s->q[QTY_GQ_UNKNOWN],
                  sq = s->q[QTY_SQ] + s->q[QTY_SQ_UNKNOWN];

    switch (i) {
    case IND_QUALITY_RATIO:
        return evidence_of(s, QTY_QUALITY_DUE, pq != gq);
    case IND_SCRAP_RATIO:
        return evidence_of(s, QTY_SCRAP_DUE, s->q[QTY_SQ] != 0 || s->q[QTY_SQ_UNKNOWN] != 0);
    case IND_REWORK_RATIO:
        return evidence_of(s, QTY_REWORK_DUE, s->q[QTY_RQ] != 0 || s->q[QTY_RQ_UNKNOWN] != 0);
    case IND_ENERGY_PER_GOOD:
    case IND_STANDBY_RATIO:
    case IND_COST_PER_GOOD:
    case IND_DIRECT_ENERGY_PER_UNIT:
        return evidence_of(s, QTY_ENERGY_DUE, sums_energy(s) != 0);
    case IND_FIRST_PASS_YIELD:
        return evidence_of(s, QTY_PASS_DUE, s->q[QTY_INSPECTED] != 0);
    case IND_ACTUAL_TO_PLANNED_SCRAP:
        return evidence_of(s, QTY_SCRAP_DUE, s->q[QTY_PLANNED_SQ] != 0);
    case IND_SCRAP_ENERGY:
        e = evidence_of(s, QTY_ENERGY_DUE, sums_energy(s) != 0);
        e.measured = e.measured && (s->q[QTY_SCRAP_SEEN] > 0 || sq != 0);
        return e;
    case IND_POWER_FACTOR:
        return evidence_of(s, QTY_REACTIVE_DUE, s->q[QTY_REACTIVE] != 0);
    case IND_COMPREHENSIVE_ENERGY:
    case IND_CO2_PER_GOOD:
        return evidence_of(s, QTY_TOTAL_DUE, s->q[QTY_TOTAL_ENERGY] != 0);
    case IND_OUTPUT_PER_LABOUR_HOUR:
    case IND_THROUGHPUT:
        return evidence_of(s, QTY_COUNT_DUE, pq != 0 || gq != 0);
    case IND_LABOUR_PER_UNIT:
        return over_pieces(s, s->q[QTY_LABOUR_TIME] != 0);
    case IND_WORKER_EFFICIENCY:
    case IND_MACHINES_PER_WORKER:
        return (struct evidence){.measured = s->q[QTY_LABOUR_TIME] != 0};
    case IND_MANNING:
        return evidence_of(s, QTY_MANNING_DUE, false);
    case IND_MATERIAL_PER_UNIT:
        return over_pieces(s, s->q[QTY_MATERIAL] != 0);
    case IND_OEE:
    case IND_EFFECTIVENESS:
    case IND_EFFECTIVENESS_MICRO:
        return (struct evidence){.measured = s->priced_pq != 0};
    case IND_NEE:
        e = evidence_of(s, QTY_QUALITY_DUE, pq != gq);
        e.measured = e.measured && s->priced_pq != 0 && pq > 0;
        return e;
    case IND_TIME_UTILIZATION:
    case IND_UTILIZATION_EFFICIENCY:
    case IND_ALLOCATION_EFFICIENCY:
    case IND_TECHNICAL_EFFICIENCY:
    case IND_SETUP_RATIO:
    case IND_CARRIER_PER_GOOD:
    case IND_AVAILABILITY_SMRP:
    case IND_AVAILABILITY_MICRO:
    case IND_MTBF:
    case IND_MTTR:
    case INDICATOR_COUNT:
        break;
    }
    return (struct evidence){.measured = true};
}

/* AUPT / (PBT - UNKNOWN) x E x Q of priced time; pieces of unknown time are in Q. */
static struct quotient nee(const struct sums *s) {
    const double run = hours(s->q[QTY_PRICED_RUN]), made = all_pieces(s, QTY_PQ, QTY_PQ_UNKNOWN);
    const double effectiveness = run > 0 ? earned_hours(s->pri_pq) / run : NAN;
    const double quality = made > 0 ? all_pieces(s, QTY_GQ, QTY_GQ_UNKNOWN) / made : NAN;
    const double busy = hours(s->q[QTY_PRICED_RUN] + s->q[QTY_PRICED_SETUP]);

    return (struct quotient){busy * effectiveness * quality, hours(s->q[QTY_PRICED_TIME])};
}

/* Of the sums, both of the units that have a reactive meter. */
static struct quotient power_factor(const struct sums *s) {
    const double active = (double)s->q[QTY_REACTIVE_ENERGY] / 1e9;
    const double reactive = (double)s->q[QTY_REACTIVE] / 1e9;

    return (struct quotient){active, sqrt(active * active + reactive * reactive)};
}

static struct quotient quotient_of(enum indicator i, const struct sums *s) {
    double gq_all = all_pieces(s, QTY_GQ, QTY_GQ_UNKNOWN);
    double pq_all = all_pieces(s, QTY_PQ, QTY_PQ_UNKNOWN);
    double known = hours(known_pbt(s));
    if (indicator_is_carrier(i))
        return (struct quotient){(double)s->q[QTY_CARRIER + (i - IND_CARRIER_PER_GOOD)] * 1e-6,
                                 gq_all};
    switch (i) {
    case IND_TIME_UTILIZATION:
        return (struct quotient){hours(apt(s)), known};
    case IND_UTILIZATION_EFFICIENCY:
        return (struct quotient){hours(apt(s)), hours(aubt(s))};
    case IND_ALLOCATION_EFFICIENCY:
        return (struct quotient){hours(aubt(s)), known};
    case IND_EFFECTIVENESS:
        return (struct quotient){earned_hours(s->pri_pq), hours(s->q[QTY_PRICED_RUN])};
    case IND_QUALITY_RATIO:
        return (struct quotient){gq_all, pq_all};
    case IND_OEE:
        return (struct quotient){earned_hours(s->pri_gq), hours(s->q[QTY_PRICED_TIME])};
    case IND_NEE:
        return nee(s);
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
        return (struct quotient){(double)s->q[QTY_LABOUR] / 6e4, gq_all};
    case IND_OUTPUT_PER_LABOUR_HOUR:
        return (struct quotient){gq_all, hours(s->q[QTY_LABOUR])};
    case IND_MATERIAL_PER_UNIT:
        return (struct quotient){(double)s->q[QTY_MATERIAL] * 1e-6, gq_all};
    case IND_THROUGHPUT: /* both of known time */
        return (struct quotient){(double)s->q[QTY_PQ] * 1e-6, hours(s->q[QTY_ORDER_TIME])};
    case IND_AVAILABILITY_SMRP:
        return (struct quotient){hours(apt(s)), hours(known_pbt(s) + time_of(s, CAT_PLANNED_DOWN))};
    case IND_FIRST_PASS_YIELD:
        return (struct quotient){(double)s->q[QTY_FIRST_GOOD] * 1e-6,
                                 (double)s->q[QTY_INSPECTED] * 1e-6};
    case IND_ACTUAL_TO_PLANNED_SCRAP:
        return (struct quotient){(double)s->q[QTY_PLANNED_SQ] * 1e-6,
                                 (double)s->q[QTY_PLANNED_SCRAP] * 1e-6};
    case IND_WORKER_EFFICIENCY:
        return (struct quotient){hours(s->q[QTY_LABOUR_WORK]),
                                 hours(s->q[QTY_LABOUR] - s->q[QTY_LABOUR_UNKNOWN])};
    case IND_MACHINES_PER_WORKER:
        return (struct quotient){hours(s->q[QTY_LABOUR_TIME]), hours(s->q[QTY_LABOUR])};
    case IND_MANNING:
        return (struct quotient){hours(s->q[QTY_MANNED]), hours(s->q[QTY_MANNING_NORM])};
    case IND_AVAILABILITY_MICRO:
        return (struct quotient){hours(apt(s) + s->q[QTY_DELAY + CAUSE_MICRO_STOP]), known};
    case IND_EFFECTIVENESS_MICRO:
        return (struct quotient){earned_hours(s->pri_pq),
                                 hours(s->q[QTY_PRICED_RUN] + s->q[QTY_PRICED_MICRO])};
    case IND_MTBF:
        return (struct quotient){hours(aupt(s)), (double)s->q[QTY_FAILURES]};
    case IND_MTTR:
        return (struct quotient){hours(s->q[QTY_REPAIR_TIME]), (double)s->q[QTY_REPAIRS]};
    case IND_COMPREHENSIVE_ENERGY:
        return (struct quotient){(double)s->q[QTY_TOTAL_ENERGY] / 1e9, pq_all};
    case IND_DIRECT_ENERGY_PER_UNIT:
        return (struct quotient){(double)s->q[QTY_ENERGY + CAT_PRODUCTION] / 1e9, pq_all};
    case IND_SCRAP_ENERGY:
        return (struct quotient){
            (double)sums_energy(s) / 1e9 * all_pieces(s, QTY_SQ, QTY_SQ_UNKNOWN), pq_all};
    case IND_POWER_FACTOR:
        return power_factor(s);
    case IND_COST_PER_GOOD:
        return (struct quotient){(double)sums_cost(s) / 1e6, gq_all};
    case IND_CO2_PER_GOOD:
        return (struct quotient){(double)s->q[QTY_CO2] / 1e6, gq_all};
    case IND_CARRIER_PER_GOOD:
    case INDICATOR_COUNT:
        break;
    }
    return (struct quotient){NAN, 0};
}

double indicator_coverage(const struct sums *s) {
    int64_t pbt = known_pbt(s) + unknown_in_pbt(s);
    return pbt > 0 ? 1.0 - (double)unknown_in_pbt(s) / (double)pbt : NAN;
}

bool indicator_unpriced(const struct sums *s) {
    return s->q[QTY_PQ_UNPRICED] != 0;
}

bool indicator_unrated(enum indicator i, const struct sums *s) {
    if (i == IND_CO2_PER_GOOD)
        return s->q[QTY_CO2_UNRATED] != 0;
    if (i == IND_COST_PER_GOOD)
        return s->q[QTY_UNPRICED_ENERGY] != 0;
    return i == IND_COMPREHENSIVE_ENERGY && s->q[QTY_TOTAL_UNRATED] != 0;
}

bool indicator_ranged(enum indicator i) {
    return i == IND_TIME_UTILIZATION || i == IND_ALLOCATION_EFFICIENCY ||
           i == IND_AVAILABILITY_SMRP || i == IND_AVAILABILITY_MICRO;
}

/* fmin() takes the number where the other is none. */
static double coverage_of(const struct sums *s, const struct evidence *e) {
    return fmin(indicator_coverage(s), e->due > 0 ? (double)e->ms / (double)e->due : NAN);
}

struct indicator_value indicator_of(enum indicator i, const struct sums *s) {
    const struct evidence e = evidence(i, s);
    struct quotient q = quotient_of(i, s);
    if (!e.measured)
        q.num = NAN;
    struct indicator_value v = {
        .numerator = q.num, .denominator = q.den, .due_ms = e.due, .seen_ms = e.ms};
    v.coverage = coverage_of(s, &e);
    v.defined = isfinite(q.num) && isfinite(q.den) && q.den > 0 && !indicator_unrated(i, s);
    if (!v.defined)
        return v;
    v.value = q.num / q.den;
    v.low = v.high = v.value;
    if (indicator_ranged(i)) {
        double unknown = hours(unknown_in_pbt(s));
        v.low = q.num / (q.den + unknown);
        v.high = (q.num + unknown) / (q.den + unknown);
    }
    return v;
}

void indicator_quotient(enum indicator i, const struct sums *s, double *numerator,
                        double *denominator) {
    const struct quotient q = quotient_of(i, s);

    *numerator = q.num;
    *denominator = q.den;
}

void indicator_tell(struct indicator_told *told, const struct sums *s) {
    for (unsigned i = 0; i < INDICATOR_COUNT; i++) {
        const struct indicator_value v = indicator_of((enum indicator)i, s);
        told->value |= (uint64_t)v.defined << i;
        told->numerator |= (uint64_t)isfinite(v.numerator) << i;
        told->denominator |= (uint64_t)isfinite(v.denominator) << i;
    }
}

bool indicator_lost(const struct indicator_told *told, const struct sums *s) {
    struct indicator_told now = {0};
    indicator_tell(&now, s);
    return told->value & ~now.value || told->numerator & ~now.numerator ||
           told->denominator & ~now.denominator;
}

enum indicator indicator_find(const char *id) {
    for (unsigned i = 0; i < INDICATOR_COUNT; i++)
        if (strcmp(indicator_row((enum indicator)i)->id, id) == 0)
            return (enum indicator)i;
    return INDICATOR_COUNT;
}

const char *direction_name(enum direction d) {
    static const char *const name[DIRECTION_COUNT] = {"high", "low", "as_normed"};
    return d < DIRECTION_COUNT ? name[d] : "unknown";
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
