/* Indicators: the table of ratios of INDICATORS section 4, computed from sums, last of all. A ratio
 * without denominator is undefined, never 0 (law L5). */
#ifndef PB_WINDOW_INDICATOR_H
#define PB_WINDOW_INDICATOR_H

#include "cell/sums.h"

enum norm_class { CLASS_EQUIPMENT, CLASS_LABOUR, CLASS_CONSUMPTION, CLASS_QUALITY, CLASS_COUNT };

enum indicator {
    IND_TIME_UTILIZATION, /* ISO 22400-2 availability A = APT / (PBT - UNKNOWN) */
    IND_UTILIZATION_EFFICIENCY,
    IND_ALLOCATION_EFFICIENCY,
    IND_EFFECTIVENESS,
    IND_QUALITY_RATIO,
    IND_OEE,
    IND_NEE,
    IND_TECHNICAL_EFFICIENCY,
    IND_SETUP_RATIO,
    IND_SCRAP_RATIO,
    IND_REWORK_RATIO,
    IND_ENERGY_PER_GOOD, /* kWh per good unit */
    IND_STANDBY_RATIO,
    IND_LABOUR_PER_UNIT, /* minutes per good unit */
    IND_OUTPUT_PER_LABOUR_HOUR,
    IND_MATERIAL_PER_UNIT,
    IND_THROUGHPUT,             /* pieces per hour of order execution: PQ / AOET */
    IND_COMPREHENSIVE_ENERGY,   /* kWh of all carriers per piece made */
    IND_DIRECT_ENERGY_PER_UNIT, /* kWh in production per piece made */
    IND_SCRAP_ENERGY,           /* kWh that went into scrap */
    IND_CO2_PER_GOOD,           /* kg */
    IND_POWER_FACTOR,           /* E / sqrt(E^2 + Eq^2) */
    IND_COST_PER_GOOD,          /* of electricity, in the plant's currency */
    IND_CARRIER_PER_GOOD,       /* + enum carrier, below CARRIER_OTHERS; in its unit */
    /* Planned stops count as lost: APT / (PBT - UNKNOWN + PLANNED_DOWN). */
    IND_AVAILABILITY_SMRP = IND_CARRIER_PER_GOOD + CARRIER_OTHERS,
    IND_FIRST_PASS_YIELD,        /* good at first pass / inspected */
    IND_ACTUAL_TO_PLANNED_SCRAP, /* SQ / PSQ */
    IND_WORKER_EFFICIENCY,       /* APWT / (APAT - UNKNOWN) */
    IND_MACHINES_PER_WORKER,     /* attended machine time / labour */
    /* The same time told the other way, as some vendors do: micro-stops are slow running. */
    IND_AVAILABILITY_MICRO,  /* (APT + micro-stops) / (PBT - UNKNOWN) */
    IND_EFFECTIVENESS_MICRO, /* sum(PRI x PQ) / (APT + micro-stops) */
    IND_MTBF,                /* operating time / failures begun, h */
    IND_MTTR,                /* time of failing / failures over, h */
    IND_MANNING,             /* headcount of shifts / manning norm */
    INDICATOR_COUNT
};

/* As normed: under the norm it is not met, above it nothing is better. */
enum direction { HIGH_IS_BETTER, LOW_IS_BETTER, AS_NORMED, DIRECTION_COUNT };

struct indicator_value {
    bool defined;
    double numerator, denominator; /* in the units of the row; NAN: not measured */
    double value;                  /* only if defined; finite */
    /* The least of known time / PBT and of measured time / time to be measured of what the ratio
     * is made of; NAN if there is neither. */
    double coverage;
    int64_t due_ms, seen_ms; /* of the latter: in which it should have been, and was; 0: none due */
    double low, high;        /* possible range of ratios of time; both = value elsewhere */
};

/* What of it whoever only compares looks at. */
struct indicator_sight {
    bool defined;
    double value;    /* 0 if it is not */
    double coverage; /* as above, as the rest */
    int64_t due_ms, seen_ms;
};

struct indicator_row {
    const char *id;   /* "time_utilization": API, database field, configuration */
    const char *iso;  /* ISO 22400-2 id or "" */
    const char *name; /* plain English */
    const char *name_vi;
    const char *unit; /* "1", "kWh", "min", "1/h" ... */
    const char *numerator_name, *denominator_name;
    uint8_t norm_class;  /* enum norm_class */
    uint8_t direction;   /* enum direction */
    const char *formula; /* shown to people */
};

const struct indicator_row *indicator_row(enum indicator i); /* never NULL for a legal id */
struct indicator_value indicator_of(enum indicator i, const struct sums *s);
/* The same, less the parts and the range. */
void indicator_see(enum indicator i, const struct sums *s, struct indicator_sight *out);
/* Sums of one minute after another, each quantity by itself; NULL: it is 0 in all of them. */
struct indicator_columns {
    const int64_t *q[QTY_COUNT];
};
enum { INDICATOR_SWEEP_MAX = 64 }; /* minutes */
/* Whether it is made of quantities alone, so that indicator_sweep() knows it. */
bool indicator_sweeps(enum indicator i);
/* Value and coverage of n minutes as indicator_see() tells them; NAN: it is not defined. */
void indicator_sweep(enum indicator i, const struct indicator_columns *c, unsigned n, double *value,
                     double *coverage);
/* Numerator and denominator as the sums have them, measured or not. */
void indicator_quotient(enum indicator i, const struct sums *s, double *numerator,
                        double *denominator);
/* Ratios of known time have a possible range. */
bool indicator_ranged(enum indicator i);
/* Which fields were told of a window; bit i: of indicator i. A part is not told while it is
 * undefined, so a database that merges fields would go on showing what it was told before. */
struct indicator_told {
    uint64_t value, numerator, denominator;
};
_Static_assert(INDICATOR_COUNT <= 64, "a bit of indicator_told for each");
/* Adds what is told with these sums. */
void indicator_tell(struct indicator_told *told, const struct sums *s);
/* Whether something was told that these sums do not tell. */
bool indicator_lost(const struct indicator_told *told, const struct sums *s);
/* True for those of IND_CARRIER_PER_GOOD. */
bool indicator_is_carrier(enum indicator i);
/* False for what the plant does not have: carriers that its file does not name. */
bool indicator_applies(const struct plant *p, enum indicator i);
bool indicator_qty_applies(const struct plant *p, enum qty q);
/* The row's unit; of carriers the plant's. */
const char *indicator_unit(const struct plant *p, enum indicator i);
/* No factor in force converts a part of it: the numerator is of the rest, the ratio is undefined.
 */
bool indicator_unrated(enum indicator i, const struct sums *s);
/* INDICATOR_COUNT if there is none of that id. */
enum indicator indicator_find(const char *id);
/* "high", "low", "as_normed". */
const char *direction_name(enum direction d);
const char *
norm_class_name(enum norm_class c); /* "equipment", "labour", "consumption", "quality" */
/* The lead indicator of a class (first row of DESIGN section 1's table). */
enum indicator indicator_lead(enum norm_class c);
/* Coverage = 1 - UNKNOWN in planned busy time / PBT; NAN where there is no PBT. */
double indicator_coverage(const struct sums *s);
/* A part of the pieces was made without an ideal cycle time: effectiveness, OEE and NEE say nothing
 * of it. */
bool indicator_unpriced(const struct sums *s);

#endif
