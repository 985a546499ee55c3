#include "window/indicator.h"

#include <math.h>
#include <string.h>

/* --- what ratios are made of --------------------------------------------------------------------
 *
 * A part is a sum of quantities in a unit, or what a function makes of several. */

enum part_unit { AS_IT_IS, IN_PIECES, IN_HOURS, IN_MINUTES, IN_KWH, IN_MILLIONTHS };

struct part {
    uint8_t unit, n;
    uint16_t q[CATEGORY_COUNT];
    double (*of)(const struct sums *s); /* not NULL: instead of the sum */
};

static inline int64_t part_sum(const struct part *p, const struct sums *s) {
    int64_t sum = 0;
    for (unsigned i = 0; i < p->n; i++)
        sum = sums_plus(sum, s->q[p->q[i]]);
    return sum;
}

static inline double in_unit(enum part_unit unit, int64_t sum) {
    static const struct {
        double times, over;
    } of[] = {[AS_IT_IS] = {1, 1},     [IN_PIECES] = {1e-6, 1}, [IN_HOURS] = {1, 3.6e6},
              [IN_MINUTES] = {1, 6e4}, [IN_KWH] = {1, 1e9},     [IN_MILLIONTHS] = {1, 1e6}};
    return (double)sum * of[unit].times / of[unit].over;
}

static inline double part_of(const struct part *p, const struct sums *s) {
    return p->of ? p->of(s) : in_unit((enum part_unit)p->unit, part_sum(p, s));
}

#define QTYS(...)                                                                                  \
    .n = sizeof((const uint16_t[]){__VA_ARGS__}) / sizeof(uint16_t), .q = {__VA_ARGS__}
#define PART(in, ...)                                                                              \
    { .unit = (in), QTYS(__VA_ARGS__) }
#define MADE_BY(function)                                                                          \
    { .of = (function) }
#define TIME(c) (QTY_TIME + CAT_##c)
/* Durations of ISO 22400-2. */
#define APT TIME(PRODUCTION)
#define AUPT APT, TIME(SETUP)
#define AUBT AUPT, TIME(DELAY)
#define KNOWN AUBT, TIME(DOWN_NO_ORDER) /* PBT - UNKNOWN */
#define ALL_PQ QTY_PQ, QTY_PQ_UNKNOWN
#define ALL_GQ QTY_GQ, QTY_GQ_UNKNOWN
#define ALL_SQ QTY_SQ, QTY_SQ_UNKNOWN
#define ALL_RQ QTY_RQ, QTY_RQ_UNKNOWN
#define ENERGY(c) (QTY_ENERGY + CAT_##c)
#define IDLE_ENERGY                                                                                \
    ENERGY(DELAY), ENERGY(DOWN_NO_ORDER), ENERGY(PLANNED_DOWN), ENERGY(NOT_SCHEDULED)

#define ALL_ENERGY                                                                                 \
    ENERGY(UNKNOWN), ENERGY(NOT_SCHEDULED), ENERGY(PLANNED_DOWN), ENERGY(PRODUCTION),              \
        ENERGY(SETUP), ENERGY(DELAY), ENERGY(DOWN_NO_ORDER), ENERGY(ENGINEERING)

#define ALL_COST                                                                                   \
    QTY_BAND_COST + BAND_PEAK, QTY_BAND_COST + BAND_NORMAL, QTY_BAND_COST + BAND_LOW,              \
        QTY_BAND_COST + BAND_SPECIAL
_Static_assert(CATEGORY_COUNT == 8 && BAND_COUNT == 4, "all of them");

static const struct part known_time = PART(IN_HOURS, KNOWN), pieces_made = PART(IN_PIECES, ALL_PQ),
                         pieces_good = PART(IN_PIECES, ALL_GQ),
                         pieces_scrap = PART(IN_PIECES, ALL_SQ),
                         energy_used = PART(IN_KWH, ALL_ENERGY);

static double hours(int64_t ms) {
    return in_unit(IN_HOURS, ms);
}

static int64_t unknown_in_pbt(const struct sums *s) {
    return s->q[TIME(UNKNOWN)] - s->q[QTY_UNKNOWN_OFF];
}

static double earned_hours(i128 pri) { /* ns x millionths */
    return (double)pri / 1e6 / 3.6e12;
}

static double earned(const struct sums *s) {
    return earned_hours(s->pri_pq);
}

static double earned_good(const struct sums *s) {
    return earned_hours(s->pri_gq);
}

static double known_labour(const struct sums *s) {
    return hours(s->q[QTY_LABOUR] - s->q[QTY_LABOUR_UNKNOWN]);
}

static double scrap_kwh(const struct sums *s) { /* over all pieces made */
    return part_of(&energy_used, s) * part_of(&pieces_scrap, s);
}

/* Of the units that have a reactive meter. */
static double apparent_kwh(const struct sums *s) {
    const double active = in_unit(IN_KWH, s->q[QTY_REACTIVE_ENERGY]);
    const double reactive = in_unit(IN_KWH, s->q[QTY_REACTIVE]);
    return sqrt(active * active + reactive * reactive);
}

/* AUPT x E x Q of priced time; pieces of unknown time are in Q. */
static double net_hours(const struct sums *s) {
    const double run = hours(s->q[QTY_PRICED_RUN]), made = part_of(&pieces_made, s);
    const double effectiveness = run > 0 ? earned(s) / run : NAN;
    const double quality = made > 0 ? part_of(&pieces_good, s) / made : NAN;
    return hours(s->q[QTY_PRICED_RUN] + s->q[QTY_PRICED_SETUP]) * effectiveness * quality;
}

#define PER(...)                                                                                   \
    { __VA_ARGS__ }
#define PER_GOOD(...) PER(__VA_ARGS__, PART(IN_PIECES, ALL_GQ))
#define PER_MADE(...) PER(__VA_ARGS__, PART(IN_PIECES, ALL_PQ))
#define OF_CARRIER(c) PER_GOOD(PART(IN_PIECES, QTY_CARRIER + (c)))
#define OF_KNOWN(...) PER(PART(IN_HOURS, __VA_ARGS__), PART(IN_HOURS, KNOWN))

static const struct {
    struct part num, den;
} ratio[INDICATOR_COUNT] = {
    [IND_TIME_UTILIZATION] = OF_KNOWN(APT),
    [IND_UTILIZATION_EFFICIENCY] = PER(PART(IN_HOURS, APT), PART(IN_HOURS, AUBT)),
    [IND_ALLOCATION_EFFICIENCY] = OF_KNOWN(AUBT),
    [IND_EFFECTIVENESS] = PER(MADE_BY(earned), PART(IN_HOURS, QTY_PRICED_RUN)),
    [IND_QUALITY_RATIO] = PER_MADE(PART(IN_PIECES, ALL_GQ)),
    [IND_OEE] = PER(MADE_BY(earned_good), PART(IN_HOURS, QTY_PRICED_TIME)),
    [IND_NEE] = PER(MADE_BY(net_hours), PART(IN_HOURS, QTY_PRICED_TIME)),
    [IND_TECHNICAL_EFFICIENCY] = PER(PART(IN_HOURS, APT), PART(IN_HOURS, APT, TIME(DELAY))),
    [IND_SETUP_RATIO] = PER(PART(IN_HOURS, TIME(SETUP)), PART(IN_HOURS, AUPT)),
    [IND_SCRAP_RATIO] = PER_MADE(PART(IN_PIECES, ALL_SQ)),
    [IND_REWORK_RATIO] = PER_MADE(PART(IN_PIECES, ALL_RQ)),
    [IND_ENERGY_PER_GOOD] = PER_GOOD(PART(IN_KWH, ALL_ENERGY)),
    [IND_STANDBY_RATIO] = PER(PART(IN_KWH, IDLE_ENERGY), PART(IN_KWH, ALL_ENERGY)),
    [IND_LABOUR_PER_UNIT] = PER_GOOD(PART(IN_MINUTES, QTY_LABOUR)),
    [IND_OUTPUT_PER_LABOUR_HOUR] = PER(PART(IN_PIECES, ALL_GQ), PART(IN_HOURS, QTY_LABOUR)),
    [IND_MATERIAL_PER_UNIT] = PER_GOOD(PART(IN_PIECES, QTY_MATERIAL)),
    /* Both of known time. */
    [IND_THROUGHPUT] = PER(PART(IN_PIECES, QTY_PQ), PART(IN_HOURS, QTY_ORDER_TIME)),
    [IND_AVAILABILITY_SMRP] = PER(PART(IN_HOURS, APT), PART(IN_HOURS, KNOWN, TIME(PLANNED_DOWN))),
    [IND_FIRST_PASS_YIELD] = PER(PART(IN_PIECES, QTY_FIRST_GOOD), PART(IN_PIECES, QTY_INSPECTED)),
    [IND_ACTUAL_TO_PLANNED_SCRAP] =
        PER(PART(IN_PIECES, QTY_PLANNED_SQ), PART(IN_PIECES, QTY_PLANNED_SCRAP)),
    [IND_WORKER_EFFICIENCY] = PER(PART(IN_HOURS, QTY_LABOUR_WORK), MADE_BY(known_labour)),
    [IND_MACHINES_PER_WORKER] = PER(PART(IN_HOURS, QTY_LABOUR_TIME), PART(IN_HOURS, QTY_LABOUR)),
    [IND_MANNING] = PER(PART(IN_HOURS, QTY_MANNED), PART(IN_HOURS, QTY_MANNING_NORM)),
    [IND_AVAILABILITY_MICRO] = OF_KNOWN(APT, QTY_DELAY + CAUSE_MICRO_STOP),
    [IND_EFFECTIVENESS_MICRO] =
        PER(MADE_BY(earned), PART(IN_HOURS, QTY_PRICED_RUN, QTY_PRICED_MICRO)),
    [IND_MTBF] = PER(PART(IN_HOURS, AUPT), PART(AS_IT_IS, QTY_FAILURES)),
    [IND_MTTR] = PER(PART(IN_HOURS, QTY_REPAIR_TIME), PART(AS_IT_IS, QTY_REPAIRS)),
    [IND_COMPREHENSIVE_ENERGY] = PER_MADE(PART(IN_KWH, QTY_TOTAL_ENERGY)),
    [IND_DIRECT_ENERGY_PER_UNIT] = PER_MADE(PART(IN_KWH, ENERGY(PRODUCTION))),
    [IND_SCRAP_ENERGY] = PER_MADE(MADE_BY(scrap_kwh)),
    [IND_POWER_FACTOR] = PER(PART(IN_KWH, QTY_REACTIVE_ENERGY), MADE_BY(apparent_kwh)),
    [IND_COST_PER_GOOD] = PER_GOOD(PART(IN_MILLIONTHS, ALL_COST)),
    [IND_CO2_PER_GOOD] = PER_GOOD(PART(IN_MILLIONTHS, QTY_CO2)),
    [IND_CARRIER_PER_GOOD + CARRIER_GAS] = OF_CARRIER(CARRIER_GAS),
    [IND_CARRIER_PER_GOOD + CARRIER_STEAM] = OF_CARRIER(CARRIER_STEAM),
    [IND_CARRIER_PER_GOOD + CARRIER_WATER] = OF_CARRIER(CARRIER_WATER),
    [IND_CARRIER_PER_GOOD + CARRIER_AIR] = OF_CARRIER(CARRIER_AIR),
    [IND_CARRIER_PER_GOOD + CARRIER_HEAT] = OF_CARRIER(CARRIER_HEAT),
    [IND_CARRIER_PER_GOOD + CARRIER_FUEL] = OF_CARRIER(CARRIER_FUEL),
};
_Static_assert(CARRIER_OTHERS == 6, "each has its rows here and below");

bool indicator_is_carrier(enum indicator i) {
    return i >= IND_CARRIER_PER_GOOD && i < IND_CARRIER_PER_GOOD + CARRIER_OTHERS;
}

struct quotient {
    double num, den;
};

static inline struct quotient quotient_of(enum indicator i, const struct sums *s) {
    if (i >= INDICATOR_COUNT)
        return (struct quotient){NAN, 0};
    return (struct quotient){part_of(&ratio[i].num, s), part_of(&ratio[i].den, s)};
}

/* --- whether it was measured --------------------------------------------------------------------
 */

/* What a ratio is made of besides time. */
struct evidence {
    bool measured;   /* at least once */
    int64_t due, ms; /* time in which it should have been measured, and was; 0: none is due */
};

static bool graded(const struct sums *s) {
    return part_sum(&pieces_made, s) != part_sum(&pieces_good, s);
}

static bool made(const struct sums *s) {
    return part_sum(&pieces_made, s) != 0 || part_sum(&pieces_good, s) != 0;
}

static bool scrap_known(const struct sums *s) {
    return s->q[QTY_SCRAP_SEEN] > 0 || part_sum(&pieces_scrap, s) != 0;
}

static bool used(const struct sums *s) {
    return part_sum(&energy_used, s) != 0;
}

static bool priced(const struct sums *s) {
    return s->priced_pq != 0;
}

static bool priced_and_made(const struct sums *s) {
    return priced(s) && part_sum(&pieces_made, s) > 0;
}

#define CARRIER_BASIS(c)                                                                           \
    {                                                                                              \
        .due = QTY_CARRIER_DUE + 2 * (c), .any = { QTY_CARRIER + (c) }                             \
    }

/* A row of zeros: always measured. */
static const struct basis {
    uint16_t due;    /* enum qty, seen stands behind it; 0: none */
    uint16_t any[2]; /* measured if one of these is not 0, whatever time was seen; 0: none */
    bool (*shown)(const struct sums *s); /* the same */
    bool (*only)(const struct sums *s);  /* not measured without this */
    bool over_pieces; /* what is due and seen are pieces: not measured by having been seen */
} basis[INDICATOR_COUNT] = {
    [IND_QUALITY_RATIO] = {.due = QTY_QUALITY_DUE, .shown = graded},
    [IND_SCRAP_RATIO] = {.due = QTY_SCRAP_DUE, .any = {ALL_SQ}},
    [IND_REWORK_RATIO] = {.due = QTY_REWORK_DUE, .any = {ALL_RQ}},
    [IND_ENERGY_PER_GOOD] = {.due = QTY_ENERGY_DUE, .shown = used},
    [IND_STANDBY_RATIO] = {.due = QTY_ENERGY_DUE, .shown = used},
    [IND_COST_PER_GOOD] = {.due = QTY_ENERGY_DUE, .shown = used},
    [IND_DIRECT_ENERGY_PER_UNIT] = {.due = QTY_ENERGY_DUE, .shown = used},
    [IND_SCRAP_ENERGY] = {.due = QTY_ENERGY_DUE, .shown = used, .only = scrap_known},
    [IND_FIRST_PASS_YIELD] = {.due = QTY_PASS_DUE, .any = {QTY_INSPECTED}},
    [IND_ACTUAL_TO_PLANNED_SCRAP] = {.due = QTY_SCRAP_DUE, .any = {QTY_PLANNED_SQ}},
    [IND_POWER_FACTOR] = {.due = QTY_REACTIVE_DUE, .any = {QTY_REACTIVE}},
    [IND_COMPREHENSIVE_ENERGY] = {.due = QTY_TOTAL_DUE, .any = {QTY_TOTAL_ENERGY}},
    [IND_CO2_PER_GOOD] = {.due = QTY_TOTAL_DUE, .any = {QTY_TOTAL_ENERGY}},
    [IND_OUTPUT_PER_LABOUR_HOUR] = {.due = QTY_COUNT_DUE, .shown = made},
    [IND_THROUGHPUT] = {.due = QTY_COUNT_DUE, .shown = made},
    [IND_LABOUR_PER_UNIT] = {.due = QTY_COUNT_DUE, .any = {QTY_LABOUR_TIME}, .over_pieces = true},
    [IND_MATERIAL_PER_UNIT] = {.due = QTY_COUNT_DUE, .any = {QTY_MATERIAL}, .over_pieces = true},
    [IND_WORKER_EFFICIENCY] = {.any = {QTY_LABOUR_TIME}},
    [IND_MACHINES_PER_WORKER] = {.any = {QTY_LABOUR_TIME}},
    [IND_MANNING] = {.due = QTY_MANNING_DUE},
    [IND_OEE] = {.shown = priced},
    [IND_EFFECTIVENESS] = {.shown = priced},
    [IND_EFFECTIVENESS_MICRO] = {.shown = priced},
    [IND_NEE] = {.due = QTY_QUALITY_DUE, .shown = graded, .only = priced_and_made},
    [IND_CARRIER_PER_GOOD + CARRIER_GAS] = CARRIER_BASIS(CARRIER_GAS),
    [IND_CARRIER_PER_GOOD + CARRIER_STEAM] = CARRIER_BASIS(CARRIER_STEAM),
    [IND_CARRIER_PER_GOOD + CARRIER_WATER] = CARRIER_BASIS(CARRIER_WATER),
    [IND_CARRIER_PER_GOOD + CARRIER_AIR] = CARRIER_BASIS(CARRIER_AIR),
    [IND_CARRIER_PER_GOOD + CARRIER_HEAT] = CARRIER_BASIS(CARRIER_HEAT),
    [IND_CARRIER_PER_GOOD + CARRIER_FUEL] = CARRIER_BASIS(CARRIER_FUEL),
};

static inline struct evidence evidence(enum indicator i, const struct sums *s) {
    const struct basis *b = &basis[i];
    struct evidence e = {.measured = !b->due && !b->any[0] && !b->shown};
    if (b->due) {
        e.due = s->q[b->due];
        e.ms = s->q[b->due + 1];
        e.measured = !b->over_pieces && e.ms > 0;
    }
    for (unsigned k = 0; k < 2; k++)
        e.measured = e.measured || (b->any[k] && s->q[b->any[k]] != 0);
    e.measured = e.measured || (b->shown && b->shown(s));
    e.measured = e.measured && (!b->only || b->only(s));
    return e;
}

double indicator_coverage(const struct sums *s) {
    int64_t pbt = part_sum(&known_time, s) + unknown_in_pbt(s);
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

/* The number where the other is none. */
static double least_of(double a, double b) {
    return a < b || isnan(b) ? a : b;
}

static inline double coverage_of(const struct sums *s, const struct evidence *e) {
    return least_of(indicator_coverage(s), e->due > 0 ? (double)e->ms / (double)e->due : NAN);
}

static inline struct quotient judge(enum indicator i, const struct sums *s,
                                    struct indicator_sight *out) {
    const struct evidence e = evidence(i, s);
    struct quotient q = quotient_of(i, s);
    if (!e.measured)
        q.num = NAN;
    out->due_ms = e.due;
    out->seen_ms = e.ms;
    out->coverage = coverage_of(s, &e);
    out->defined = isfinite(q.num) && isfinite(q.den) && q.den > 0 && !indicator_unrated(i, s);
    out->value = out->defined ? q.num / q.den : 0;
    return q;
}

void indicator_see(enum indicator i, const struct sums *s, struct indicator_sight *out) {
    (void)judge(i, s, out);
}

struct indicator_value indicator_of(enum indicator i, const struct sums *s) {
    struct indicator_sight seen;
    const struct quotient q = judge(i, s, &seen);
    struct indicator_value v = {.defined = seen.defined,
                                .numerator = q.num,
                                .denominator = q.den,
                                .value = seen.value,
                                .coverage = seen.coverage,
                                .due_ms = seen.due_ms,
                                .seen_ms = seen.seen_ms,
                                .low = seen.value,
                                .high = seen.value};
    if (v.defined && indicator_ranged(i)) {
        double unknown = hours(unknown_in_pbt(s));
        v.low = q.num / (q.den + unknown);
        v.high = (q.num + unknown) / (q.den + unknown);
    }
    return v;
}

/* --- many minutes at once ----------------------------------------------------------------------
 */

bool indicator_sweeps(enum indicator i) {
    const struct basis *b = &basis[i];
    return !ratio[i].num.of && !ratio[i].den.of && !b->only &&
           (!b->shown || b->shown == used || b->shown == made || b->shown == graded) &&
           i != IND_CO2_PER_GOOD && i != IND_COST_PER_GOOD && i != IND_COMPREHENSIVE_ENERGY;
}

static void sweep_sum(const struct part *p, const struct indicator_columns *c, unsigned n,
                      int64_t *sum) {
    memset(sum, 0, n * sizeof *sum);
    for (unsigned i = 0; i < p->n; i++) {
        const int64_t *q = c->q[p->q[i]];
        for (unsigned t = 0; q && t < n; t++)
            sum[t] = sums_plus(sum[t], q[t]);
    }
}

static void sweep_part(const struct part *p, const struct indicator_columns *c, unsigned n,
                       double *out) {
    int64_t sum[INDICATOR_SWEEP_MAX];
    sweep_sum(p, c, n, sum);
    for (unsigned t = 0; t < n; t++)
        out[t] = in_unit((enum part_unit)p->unit, sum[t]);
}

/* What was not seen may have shown itself. */
static void sweep_shown(const struct basis *b, const struct indicator_columns *c, unsigned n,
                        bool *measured) {
    int64_t x[INDICATOR_SWEEP_MAX], y[INDICATOR_SWEEP_MAX];
    if (b->shown == used) {
        sweep_sum(&energy_used, c, n, x);
        for (unsigned t = 0; t < n; t++)
            measured[t] = measured[t] || x[t] != 0;
        return;
    }
    sweep_sum(&pieces_made, c, n, x);
    sweep_sum(&pieces_good, c, n, y);
    for (unsigned t = 0; t < n; t++)
        measured[t] = measured[t] || (b->shown == made ? x[t] != 0 || y[t] != 0 : x[t] != y[t]);
}

static const int64_t nothing[INDICATOR_SWEEP_MAX];

static const int64_t *column(const struct indicator_columns *c, unsigned q) {
    return c->q[q] ? c->q[q] : nothing;
}

/* Whether the ratio was measured; seen over due of what it is made of goes to coverage. */
static void sweep_evidence(const struct basis *b, const struct indicator_columns *c, unsigned n,
                           bool *measured, double *coverage) {
    const int64_t *due = b->due ? column(c, b->due) : nothing,
                  *seen = b->due ? column(c, b->due + 1U) : nothing;
    const bool always = !b->due && !b->any[0] && !b->shown, by_time = b->due && !b->over_pieces;
    bool all = true;
    for (unsigned t = 0; t < n; t++) {
        coverage[t] = due[t] > 0 ? (double)seen[t] / (double)due[t] : NAN;
        measured[t] = always || (by_time && seen[t] > 0);
        all = all && measured[t];
    }
    for (unsigned k = 0; k < 2 && !all; k++)
        for (unsigned t = 0; b->any[k] && t < n; t++)
            measured[t] = measured[t] || column(c, b->any[k])[t] != 0;
    if (b->shown && !all)
        sweep_shown(b, c, n, measured);
}

void indicator_sweep(enum indicator i, const struct indicator_columns *c, unsigned n, double *value,
                     double *coverage) {
    const int64_t *unknown = column(c, TIME(UNKNOWN)), *off = column(c, QTY_UNKNOWN_OFF);
    int64_t known[INDICATOR_SWEEP_MAX];
    double den[INDICATOR_SWEEP_MAX];
    bool measured[INDICATOR_SWEEP_MAX];
    sweep_evidence(&basis[i], c, n, measured, coverage);
    sweep_part(&ratio[i].num, c, n, value);
    sweep_part(&ratio[i].den, c, n, den);
    sweep_sum(&known_time, c, n, known);
    for (unsigned t = 0; t < n; t++) {
        const int64_t lost = unknown[t] - off[t], pbt = known[t] + lost;
        coverage[t] = least_of(pbt > 0 ? 1.0 - (double)lost / (double)pbt : NAN, coverage[t]);
        value[t] = measured[t] && den[t] > 0 ? value[t] / den[t] : NAN;
    }
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
