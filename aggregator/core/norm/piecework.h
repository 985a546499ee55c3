/* Piece rates under a labour norm that is revised (INDICATORS section 6): what becomes of the pay.
 * It decides nothing: both readings are shown, a person chooses one. */
#ifndef PB_NORM_PIECEWORK_H
#define PB_NORM_PIECEWORK_H

#include "base/err.h"

struct piecework {
    double norm_h, revised_h; /* T0, T1: of one piece */
    double taken_h;           /* t: what the team takes for a piece */
    double supplement;        /* k0, of the rate: 0.1 pays a tenth more a piece */
};

struct piecework_reading {
    double attainment;    /* T0 / t */
    double incentive;     /* rho0 = (1 + k0) T0 / t - 1: what is earned above the hourly wage */
    double revised;       /* T1 / t */
    double incentive_cut; /* keep the supplement: rho1 = (1 + k0) T1 / t - 1 */
    double supplement;    /* keep the incentive: k1 = (1 + k0) T0 / T1 - 1 */
};

/* ERR_RANGE: a time is not positive and finite, or a supplement not above -1. */
enum err piecework_read(const struct piecework *p, struct piecework_reading *out);

#endif
