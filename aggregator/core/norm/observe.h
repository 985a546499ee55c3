/* Observations: team-shifts on one product of a unit, of which norms follow and against which they
 * are held (INDICATORS section 6). This file decides which of them count and says why others do
 * not; it reads no store and proposes nothing. */
#ifndef PB_NORM_OBSERVE_H
#define PB_NORM_OBSERVE_H

#include "norm/domain.h"

/* What a team made of one product in one shift at a unit; of a line, the sums of its units. Texts
 * and sums are borrowed. */
struct team_shift {
    uint32_t node;             /* index in plant.node */
    struct span product, team; /* n = 0: none */
    int64_t start_ms, end_ms;  /* of the shift */
    /* Of the whole shift: of time in which nothing is known nobody knows whose it was. */
    double coverage;
    const struct sums *all;
    const struct sums *held; /* of its minutes with conditions held; NULL: they are not kept */
};

enum observe_verdict {
    OBSERVE_USED,
    OBSERVE_NO_TEAM,
    OBSERVE_NO_PRODUCT,
    OBSERVE_NO_DATA,   /* the indicator was not measured */
    OBSERVE_CONDITION, /* in too much of the shift a condition was breached, or not known to be kept
                        */
    OBSERVE_COVERAGE,
    OBSERVE_ZERO, /* no time, nothing made or nothing used */
    OBSERVE_TINY,
    OBSERVE_VERDICT_COUNT
};
const char *observe_verdict_name(enum observe_verdict v); /* "used", "no_team" ...; never NULL */

struct observe_rules {
    double coverage_min; /* of known time, and of measured time */
    double taken_max;    /* share of a shift's busy time in which a condition may be breached */
    int64_t least_ms;    /* planned busy time of a sample */
};
extern const struct observe_rules observe_usual; /* 95 %, 20 %, 30 min */

struct observation {
    uint32_t node;
    struct span product, team; /* borrowed as the shift's */
    int64_t start_ms, end_ms;
    double value, weight;          /* in the consumption domain */
    double numerator, denominator; /* as the indicator has them */
};

struct observations {
    struct observation *at; /* owned */
    size_t n, cap;
    size_t seen[OBSERVE_VERDICT_COUNT]; /* shifts by verdict */
};

/* Of a figure of the shift: the least of its own and the whole shift's; NAN: neither is known. */
double observe_coverage(const struct team_shift *s, const struct indicator_value *v);
int64_t observe_busy_ms(const struct sums *s); /* planned busy time */
/* Time in which conditions were not known to be held, of a shift's planned busy time; 0 to 1. */
double observe_taken(const struct team_shift *s);
/* Whether a shift counts for the indicator; fills *out if it does. */
enum observe_verdict observe_judge(const struct observe_rules *r, enum indicator i,
                                   const struct team_shift *s, struct observation *out);
/* Judges and keeps it. ERR_NOMEM. */
enum err observations_add(struct observations *o, const struct observe_rules *r, enum indicator i,
                          const struct team_shift *s);
/* By time, node, product and team, so that what follows does not depend on the order of adding. */
void observations_sort(struct observations *o);
void observations_fini(struct observations *o);
size_t observations_dropped(const struct observations *o);

/* Whether it meets a norm of the consumption domain; to be equal is to meet it, whatever division
 * made of the last digit. */
bool observation_meets(const struct observation *o, double norm);
/* Share of observations that meet a norm (in the indicator's unit); NAN: none is there. */
double observations_reach(const struct observations *o, enum indicator i, double norm);

#endif
