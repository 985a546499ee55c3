/* Chance that repeats: the splitmix64 sequence of a seed. Integers only, so that every machine
 * draws the same numbers; no other room's randomness is touched. */
#ifndef PB_SOURCES_SIM_RNG_H
#define PB_SOURCES_SIM_RNG_H

#include <stdbool.h>
#include <stdint.h>

struct sim_rng {
    uint64_t state;
};

static inline uint64_t sim_rng_next(struct sim_rng *r) {
    uint64_t z = (r->state += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* A number in 0 .. n-1 (n > 0); its bias is below n / 2^32, n < 2^32. */
static inline int64_t sim_rng_below(struct sim_rng *r, int64_t n) {
    return (int64_t)(((sim_rng_next(r) >> 32) * (uint64_t)n) >> 32);
}

/* True in num of den cases (den > 0). */
static inline bool sim_rng_chance(struct sim_rng *r, int64_t num, int64_t den) {
    return num > 0 && sim_rng_below(r, den) < num;
}

/* A length around mean: three quarters of it to five quarters. */
static inline int64_t sim_rng_around(struct sim_rng *r, int64_t mean) {
    return mean * 3 / 4 + (mean > 1 ? sim_rng_below(r, mean / 2 + 1) : 0);
}

#endif
