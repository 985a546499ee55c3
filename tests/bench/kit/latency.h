/* A histogram of waiting times with buckets of an eighth of a doubling, so that a percentile is
 * told within 9 %. One writer. */
#ifndef PB_BENCHKIT_LATENCY_H
#define PB_BENCHKIT_LATENCY_H

#include <stdint.h>
#include <string.h>

enum { LATENCY_BUCKETS = 64 * 8 };

struct latency {
    uint64_t n, bucket[LATENCY_BUCKETS];
    int64_t most_ns;
};

static inline unsigned latency_bucket(int64_t ns) {
    uint64_t v = ns < 8 ? 8 : (uint64_t)ns;
    unsigned top = 63U - (unsigned)__builtin_clzll(v);
    return top * 8 + (unsigned)(v >> (top - 3) & 7);
}

static inline void latency_add(struct latency *l, int64_t ns) {
    l->n++;
    l->bucket[latency_bucket(ns)]++;
    if (ns > l->most_ns)
        l->most_ns = ns;
}

/* Upper border of the bucket in which the share of all lies, microseconds; 0: nothing was added. */
static inline double latency_us(const struct latency *l, double share) {
    uint64_t want = (uint64_t)((double)l->n * share), seen = 0;
    for (unsigned i = 0; i < LATENCY_BUCKETS && l->n; i++) {
        seen += l->bucket[i];
        if (seen > want || seen == l->n)
            return (double)((uint64_t)(8 + i % 8 + 1) << (i / 8 - 3)) / 1e3;
    }
    return 0;
}

#endif
