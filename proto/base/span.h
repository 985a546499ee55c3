/* A span is a borrowed run of bytes. It owns nothing and is valid only during the call. */
#ifndef PB_BASE_SPAN_H
#define PB_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct span {
    const uint8_t *p;
    size_t n; /* bytes */
};

static inline struct span span_of(const void *p, size_t n) {
    return (struct span){(const uint8_t *)p, n};
}

static inline struct span span_str(const char *s) {
    return (struct span){(const uint8_t *)s, strlen(s)};
}

static inline bool span_equal(struct span a, struct span b) {
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

#endif
