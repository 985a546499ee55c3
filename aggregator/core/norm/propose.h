/* Norms that history proposes: the advanced average and its relatives over observations, what a
 * proposal would have meant for each team, and when history proposes nothing (INDICATORS section
 * 6). It decides nothing: a proposal is put before people. */
#ifndef PB_NORM_PROPOSE_H
#define PB_NORM_PROPOSE_H

#include "norm/average.h"
#include "norm/norm.h"
#include "norm/observe.h"
#include "norm/piecework.h"

enum propose_verdict {
    PROPOSE_OK,
    PROPOSE_NOT_ENOUGH, /* fewer than PROPOSE_LEAST observations, or of growth than two periods */
    PROPOSE_AS_NORMED,  /* the indicator has no better side, or is no ratio of something made */
    PROPOSE_ONE_TEAM,   /* it would tighten by what one team did */
    PROPOSE_ONE_PERIOD,
    PROPOSE_VERDICT_COUNT
};
const char *propose_verdict_name(enum propose_verdict v); /* "ok", "not_enough_basis" ... */

enum { PROPOSE_LEAST = 5, PROPOSE_SUSTAINED = 3, PROPOSE_PERIODS_MAX = 120 };

struct proposal { /* values are in the indicator's unit; NAN: there is none */
    enum propose_verdict verdict;
    size_t n, better_n; /* observations; of them strictly better than the mean */
    double value;
    double mean, better, best;
    double sustained; /* the best mean of three successive observations of one team and product; of
                       * fewer than three everywhere the best one */
    double growth;    /* factor from a period to the next, in the consumption domain */
    double reach;     /* r0: share of the observations that meet the value */
    double reach_now; /* of the norm in force */
    size_t team_n, period_n, product_n; /* of several products a mean says little of a piece */
    bool tightens;                      /* it is stricter than the norm in force */
};

/* By METHOD_ADVANCED, METHOD_MIDDLE or METHOD_GROWTH: the means of periods, gone on once more.
 * Of observations in their order (observations_sort). in_force: the norm now, NAN: none. The value
 * is given whatever the verdict, if it can be computed. ERR_NOMEM. O(n x teams). */
enum err propose(const struct plant *p, const struct observations *o, enum indicator i,
                 enum norm_method method, double in_force, struct proposal *out);

/* What a value would have meant: of one team, or of all (team.n = 0). */
struct proposal_effect {
    struct span team; /* borrowed as the observations' */
    size_t n;
    double mean;                  /* what it did, in the indicator's unit */
    double reach, reach_now;      /* share of its shifts that meet the value, the norm in force */
    double attain, attain_now;    /* norm / mean in the consumption domain: above 1 is better */
    bool paid;                    /* `pay` holds: labour time of a piece, with a norm in force */
    struct piecework_reading pay; /* rates before and after */
};
enum { PROPOSE_TEAMS_MAX = 64 };
/* Rows by team in the order of their first observation, then one of all; ERR_FULL: more teams than
 * PROPOSE_TEAMS_MAX. supplement: k0 of piece rates. */
enum err propose_try(const struct observations *o, enum indicator i, double value, double in_force,
                     double supplement, struct proposal_effect out[PROPOSE_TEAMS_MAX + 1],
                     size_t *n);

/* The local month of a time, as months since the year 0: the period of reviews and proposals. */
int32_t norm_period(const struct plant *p, int64_t t_ms);
/* Its first moment. */
int64_t norm_period_begin(const struct plant *p, int32_t period);

#endif
