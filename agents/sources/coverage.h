/* What a source of recorded or arriving readings vouches for: spans that join are told as one,
 * after the readings they cover. */
#ifndef PB_SOURCES_COVERAGE_H
#define PB_SOURCES_COVERAGE_H

#include "source/source.h"

#define COVERAGE_NONE INT64_MIN

struct coverage {
    int64_t until_ms;         /* told up to here; COVERAGE_NONE: nothing yet */
    int64_t since_ms, due_ms; /* still to be told; due_ms COVERAGE_NONE: nothing */
};

static inline void coverage_init(struct coverage *c, int64_t until_ms) {
    *c = (struct coverage){until_ms, COVERAGE_NONE, COVERAGE_NONE};
}

/* Up to where something is known, told or not; COVERAGE_NONE: nothing. */
static inline int64_t coverage_known(const struct coverage *c) {
    return c->due_ms != COVERAGE_NONE ? c->due_ms : c->until_ms;
}

/* Tells what is due. Errors of the owner; call it again then. */
static inline enum err coverage_vouch(struct coverage *c, const struct source_out *out) {
    if (c->due_ms == COVERAGE_NONE)
        return ERR_OK;
    const enum err e = out->covered(out->user, c->since_ms, c->due_ms);
    if (e != ERR_OK)
        return e;
    c->until_ms = c->due_ms;
    c->due_ms = COVERAGE_NONE;
    return ERR_OK;
}

/* [start_ms, end_ms] is known, and what lies before it, unless it comes after a gap; then what was
 * due must have been told. An end before what is known changes nothing. */
static inline void coverage_extend(struct coverage *c, int64_t start_ms, int64_t end_ms, bool gap) {
    const int64_t known = coverage_known(c);

    if (known != COVERAGE_NONE && end_ms <= known)
        return;
    if (c->due_ms == COVERAGE_NONE)
        c->since_ms = known == COVERAGE_NONE || gap ? start_ms : known;
    c->due_ms = end_ms;
}

/* What is read next comes after a gap: what was due is told, and that something is known again from
 * start_ms on, so that the readings go where their time is vouched for. Errors of the owner; call
 * it again then. */
static inline enum err coverage_begin(struct coverage *c, int64_t start_ms,
                                      const struct source_out *out) {
    const enum err e = coverage_vouch(c, out);

    if (e != ERR_OK)
        return e;
    coverage_extend(c, start_ms, start_ms, true);
    return coverage_vouch(c, out);
}

#endif
