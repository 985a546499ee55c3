/* Random numbers of a simulation: splitmix64, so that a seed is a whole story. Not for anything
 * that must not be guessed. */
#ifndef PB_SIMWORLD_RNG_H
#define PB_SIMWORLD_RNG_H

#include <stdbool.h>
#include <stdint.h>

struct rng {
    uint64_t state;
};

static inline uint64_t rng_next(struct rng *r) {
    uint64_t z = r->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* 0 .. n-1. */
static inline uint64_t rng_below(struct rng *r, uint64_t n) {
    return rng_next(r) % n;
}

static inline int64_t rng_between(struct rng *r, int64_t low, int64_t high) {
    return low + (int64_t)rng_below(r, (uint64_t)(high - low) + 1);
}

static inline bool rng_ppm(struct rng *r, uint32_t ppm) {
    return rng_below(r, 1000000) < ppm;
}

static inline uint64_t rng_id(struct rng *r) {
    uint64_t v = rng_next(r);
    return v ? v : 1;
}

#endif
