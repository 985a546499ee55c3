/* A dated factor of a meter, put to cells whose log is gone: what stems from the meter is more or
 * less by it, and what follows from that (comprehensive energy, CO2, cost) with it. It splits
 * nothing anew: how energy lies between states and products stays as the log had it. */
#ifndef PB_CELL_FACTOR_H
#define PB_CELL_FACTOR_H

#include "cell/cell.h"

struct cell_factor {
    int64_t t0_ms, t1_ms; /* amounts within [t0, t1) ... */
    int64_t num, den;     /* ... are to be times num / den, den > 0, both at most 2 x 10^9 */
    uint8_t role;         /* enum plant_role of the meter */
};

enum { CELL_FACTOR_WHY = 112 };

/* Whether cells tell apart what stems from this signal, so that they can be corrected by it; else
 * `why` says in a clause what they do not tell. */
bool cell_factor_fits(const struct plant *p, uint32_t signal, char why[CELL_FACTOR_WHY]);

/* `told` are the cells of one whole hour of the unit by what its meters told, without any factor.
 * Adds to *cells, which are of the same minutes and contexts, what each of the factors changes of
 * them: all factors are of what the meter told, their changes add. Of each factor an hour changes
 * by floor(amount * num / den) - amount, to the microunit; minutes, contexts and categories
 * telescope to it. O(n * cells). */
void cells_put_factors(const struct plant *p, uint32_t unit, const struct cells *told,
                       const struct cell_factor *x, size_t n, struct cells *cells);

#endif
