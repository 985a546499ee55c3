/* Demand: mean power of clock-aligned blocks of 15 minutes, what the running block will come to,
 * and what a row of blocks says (peak, load factor, load duration). It knows no plant and keeps
 * nothing. */
#ifndef PB_DEMAND_DEMAND_H
#define PB_DEMAND_DEMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DEMAND_BLOCK_MS = 900000 };

/* P = 4 x E15, kW. */
double demand_kw(int64_t energy_uwh);

/* One consumer in the running block. */
struct demand_part {
    int64_t energy_uwh; /* so far */
    int64_t covered_ms; /* of the block: what that is the energy of */
    int64_t power_uw;   /* now; negative: not known, then its mean so far stands for it */
};

struct demand_running {
    double so_far_kwh;
    double power_kw;    /* now */
    double forecast_kw; /* (E so far + P now x time left) / 0.25 h */
    bool known;         /* false: some part has neither power nor energy yet */
};
/* Time left is that which the energy does not cover: a register that is read each minute is behind
 * by up to one. */
void demand_forecast(const struct demand_part *part, size_t n, struct demand_running *out);

struct demand_block {
    int64_t start_ms;
    int64_t energy_uwh;
    bool whole; /* measured all the time */
};

struct demand_summary {
    size_t blocks, partial; /* partial ones are in all figures */
    double energy_kwh, hours;
    double peak_kw, mean_kw;
    double load_factor; /* E / (P_peak x h); NAN without energy */
    int64_t peak_ms;    /* begin of the highest block, of equals the first */
};
void demand_summarise(const struct demand_block *b, size_t n, struct demand_summary *out);
/* What lies above a limit of power; a block at the limit does not. */
struct demand_over {
    size_t blocks;
    double hours;
    double kwh; /* of these blocks, beyond what the limit would have been */
};
void demand_above(const struct demand_block *b, size_t n, int64_t limit_uw,
                  struct demand_over *out);
/* Load that the share (0 to 1) of sorted blocks reaches or exceeds, kW: 0 gives the peak, 1 the
 * lowest. n > 0. */
double demand_reached(const struct demand_block *b, size_t n, double share);
/* Highest first, of equals the earlier one: the load duration curve, and the peaks at its front. */
void demand_sort(struct demand_block *b, size_t n);

#endif
