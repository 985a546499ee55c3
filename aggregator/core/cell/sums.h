/* Sums: the additive quantities of a cell, a window or a node. Everything the indicators need is a
 * quotient of these; adding is exact, so a whole equals the sum of its parts (law L2). */
#ifndef PB_CELL_SUMS_H
#define PB_CELL_SUMS_H

#include "base/buf.h"
#include "base/decimal.h"
#include "plant/plant.h"

enum category {
    CAT_UNKNOWN,
    CAT_NOT_SCHEDULED,
    CAT_PLANNED_DOWN,
    CAT_PRODUCTION,
    CAT_SETUP,
    CAT_DELAY,
    CAT_DOWN_NO_ORDER,
    CAT_ENGINEERING,
    CATEGORY_COUNT
};

enum cause {
    CAUSE_UNSTATED,
    CAUSE_FAILURE,
    CAUSE_MICRO_STOP,
    CAUSE_BLOCKED,
    CAUSE_STARVED,
    CAUSE_MATERIAL,
    CAUSE_OPERATOR,
    CAUSE_QUALITY,
    CAUSE_ENERGY,
    CAUSE_SPEED,
    CAUSE_OTHER,
    CAUSE_COUNT
};

/* Index of a quantity. Durations in ms, energy in uWh, amounts in millionths. */
enum qty {
    QTY_TIME = 0,                                /* + category; UNKNOWN is all of it */
    QTY_UNKNOWN_OFF = QTY_TIME + CATEGORY_COUNT, /* UNKNOWN outside planned busy time */
    QTY_UNPLANNED_RUN,                    /* PRODUCTION outside the calendar, contained in it */
    QTY_DELAY,                            /* + cause; sums to QTY_TIME + CAT_DELAY */
    QTY_ENERGY = QTY_DELAY + CAUSE_COUNT, /* electricity, + category */
    QTY_ENERGY_GAP = QTY_ENERGY + CATEGORY_COUNT, /* of it: of unknown distribution */
    QTY_PQ,                                       /* produced, in known time */
    QTY_GQ,
    QTY_SQ,
    QTY_RQ,
    QTY_PQ_UNKNOWN, /* counted across UNKNOWN; not contained in the four above */
    QTY_GQ_UNKNOWN,
    QTY_SQ_UNKNOWN,
    QTY_RQ_UNKNOWN,
    QTY_LABOUR,      /* headcount x time, ms */
    QTY_LABOUR_TIME, /* time with a known headcount, ms */
    QTY_WORK,        /* minutes of imported rows before the union, ms */
    QTY_MATERIAL,
    QTY_FAILURES, /* failure events begun */
    QTY_STOPS,    /* delays begun */
    /* Time in which a quantity should have been measured and in which it was, ms. Without the
     * second a zero says nothing. Due: of units that have signals for it, energy all the time, the
     * others while people or the machine work. */
    QTY_ENERGY_DUE,
    QTY_ENERGY_SEEN,
    QTY_COUNT_DUE, /* pieces made: total or good */
    QTY_COUNT_SEEN,
    QTY_SCRAP_DUE,
    QTY_SCRAP_SEEN,
    QTY_QUALITY_DUE, /* scrap of the machines whose pieces these are */
    QTY_QUALITY_SEEN,
    QTY_REWORK_DUE,
    QTY_REWORK_SEEN,
    QTY_ORDER_TIME,   /* order execution (AOET) of the machines whose pieces these are, ms */
    QTY_PRICED_RUN,   /* of APT: products with an ideal cycle time */
    QTY_PRICED_SETUP, /* of AUST: the same */
    QTY_PRICED_TIME,  /* of PBT - UNKNOWN: the same, and time without product where others have one
                       */
    QTY_PQ_UNPRICED,  /* pieces of known time without an ideal cycle time */
    QTY_CARRIER,      /* + enum carrier, below CARRIER_OTHERS: millionths of its unit */
    QTY_CARRIER_RUN = QTY_CARRIER + CARRIER_OTHERS, /* of it: in PRODUCTION */
    /* of it: in DELAY, DOWN_NO_ORDER, PLANNED_DOWN and NOT_SCHEDULED */
    QTY_CARRIER_IDLE = QTY_CARRIER_RUN + CARRIER_OTHERS,
    QTY_CARRIER_DUE = QTY_CARRIER_IDLE + CARRIER_OTHERS, /* + 2 x carrier; seen behind each */
    /* All carriers by the factors in force at the minute. */
    QTY_TOTAL_ENERGY = QTY_CARRIER_DUE + 2 * CARRIER_OTHERS, /* comprehensive energy, uWh */
    QTY_TOTAL_UNRATED, /* amounts (of a cell and carrier) without a factor in force */
    QTY_TOTAL_DUE,     /* of units that have a meter of any carrier */
    QTY_TOTAL_SEEN,
    QTY_CO2,             /* mg */
    QTY_CO2_UNRATED,     /* the same of CO2 */
    QTY_REACTIVE,        /* reactive energy, uvarh */
    QTY_REACTIVE_ENERGY, /* electricity of units with a reactive meter, uWh */
    QTY_REACTIVE_DUE,
    QTY_REACTIVE_SEEN, /* both were watched */
    QTY_BAND_ENERGY,   /* + enum tariff_band: electricity by tariff, uWh */
    QTY_BAND_COST = QTY_BAND_ENERGY + BAND_COUNT,    /* millionths of the currency */
    QTY_BAND_CO2 = QTY_BAND_COST + BAND_COUNT,       /* mg */
    QTY_UNPRICED_ENERGY = QTY_BAND_CO2 + BAND_COUNT, /* uWh without a tariff in force */
    /* Electricity by where it comes from and goes to, uWh. QTY_ENERGY is what was used:
     * import + generation - export + out of storage - into storage. Cost, CO2 and demand follow
     * import. */
    QTY_IMPORT,
    QTY_EXPORT,
    QTY_GENERATION,
    QTY_STORAGE_IN,
    QTY_STORAGE_OUT,
    /* Of all time, known or not. */
    QTY_INSPECTED,  /* pieces whose first pass is known */
    QTY_FIRST_GOOD, /* of them: good at first pass */
    QTY_PASS_DUE,   /* due, seen as above */
    QTY_PASS_SEEN,
    QTY_PLANNED_SCRAP,  /* pieces made times the scrap that is planned for their product */
    QTY_PLANNED_SQ,     /* scrap of products that have some planned */
    QTY_LABOUR_WORK,    /* of labour: at units that produce or are set up, ms */
    QTY_LABOUR_UNKNOWN, /* of labour: at units of which nothing is known, ms */
    QTY_PRICED_MICRO,   /* of micro-stops: in priced time, ms */
    QTY_REPAIR_TIME,    /* of delays: the machine is failing, ms */
    QTY_REPAIRS,        /* failures over */
    QTY_MANNING_DUE,    /* time of shifts in which a manning norm is in force, ms */
    QTY_MANNING_SEEN,   /* of it: with a known headcount */
    QTY_MANNED,         /* labour of that time, ms */
    QTY_MANNING_NORM,   /* what it is by the norm: persons times time, ms */
    QTY_BREACH,         /* planned busy time in which any condition is breached, ms */
    QTY_BREACH_OF,      /* + enum breach_kind: one of the kind is; kinds may overlap */
    /* Of busy time in which the machine is known and no condition is breached: a gauge that judges
     * one tells nothing. Nobody knows whether it is kept, ms. */
    QTY_UNPROVEN = QTY_BREACH_OF + BREACH_KIND_COUNT,
    QTY_COUNT
};

/* Room in whole vectors of any machine, so that adding takes several at once; the rest stays 0. */
enum { SUMS_GROUP = 8, SUMS_ROOM = (QTY_COUNT + SUMS_GROUP - 1) / SUMS_GROUP * SUMS_GROUP };

struct sums {
    int64_t q[SUMS_ROOM]; /* by enum qty */
    i128 pri_pq;          /* ns x millionths of a piece, pieces of known time */
    i128 pri_gq;
    int64_t priced_pq; /* pieces (millionths, known time) that had an ideal cycle time */
};

/* Modulo 2^64: what is added can be taken away, whatever readings said on the way. */
static inline int64_t sums_plus(int64_t a, int64_t b) {
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

static inline int64_t sums_minus(int64_t a, int64_t b) {
    return (int64_t)((uint64_t)a - (uint64_t)b);
}

/* a and b are not the same. */
static inline void sums_add(struct sums *restrict a, const struct sums *restrict b) {
    for (unsigned i = 0; i < SUMS_ROOM; i++)
        a->q[i] = sums_plus(a->q[i], b->q[i]);
    a->pri_pq += b->pri_pq;
    a->pri_gq += b->pri_gq;
    a->priced_pq = sums_plus(a->priced_pq, b->priced_pq);
}

static inline void sums_sub(struct sums *restrict a, const struct sums *restrict b) {
    for (unsigned i = 0; i < SUMS_ROOM; i++)
        a->q[i] = sums_minus(a->q[i], b->q[i]);
    a->pri_pq -= b->pri_pq;
    a->pri_gq -= b->pri_gq;
    a->priced_pq = sums_minus(a->priced_pq, b->priced_pq);
}

/* Zeroes n sums. */
void sums_clear(struct sums *s, size_t n);
bool sums_zero(const struct sums *s);
bool sums_equal(const struct sums *a, const struct sums *b);
int64_t sums_time(const struct sums *s);   /* all categories */
int64_t sums_energy(const struct sums *s); /* all categories, uWh */
int64_t sums_cost(const struct sums *s);   /* all bands, millionths of the currency */
const char *category_name(enum category c);
const char *cause_name(enum cause c);
/* The cause of that name; CAUSE_OTHER for a text that is none, CAUSE_UNSTATED for an empty one. */
enum cause cause_stated(struct span text);
const char *
qty_name(enum qty q); /* "time_production", "energy_delay", "pq" ... unique; never NULL */
/* Sparse varint form: count, then (index, value) pairs with value != 0; the 128-bit ones last. */
enum err sums_pack(const struct sums *s, struct buf *out);
enum err sums_unpack(struct cursor *c, struct sums *out);

#endif
