/* Team-shifts of the past: what teams made of each product in settled shifts at the units below a
 * node, as the store holds it, and the same without the minutes in which a condition was breached,
 * or nobody knows whether it was. For a reader's thread, like history.h. */
#ifndef PB_ENGINE_SHIFTS_H
#define PB_ENGINE_SHIFTS_H

#include "engine/history.h"
#include "norm/observe.h"

enum { SHIFTS_MAX = 20000 /* of one reading: some 64 MB */ };

struct shifts_query {
    const struct plant *plant;
    uint32_t node;          /* a unit, or a node whose units are added up by shift */
    int64_t from_ms, to_ms; /* shifts that begin in [from, to) */
};

struct shift_row {
    uint32_t product, team; /* words, 0: none */
    int64_t start_ms, end_ms;
    double coverage; /* of the unit's whole shift; of several the least */
    struct sums all, held;
    bool lost; /* conditions were not held all the time and the minutes are not kept any more:
                * nothing is held */
};

struct shifts { /* by start, product, team */
    uint32_t node;
    struct shift_row *at; /* owned */
    size_t n, cap;
    struct history_word *word; /* owned */
    size_t word_n;
};

/* Fills *out, to be given to shifts_fini, also after a failure. Shifts that are not settled yet are
 * left out. ERR_FULL: more than SHIFTS_MAX; ERR_FORMAT: damaged rows; ERR_NOMEM; errors of the
 * reader. */
enum err shifts_read(const struct shifts_query *q, const struct history_reader *r,
                     struct shifts *out);
void shifts_fini(struct shifts *s);
/* Borrowed until shifts_fini. */
struct team_shift shifts_at(const struct shifts *s, size_t i);
/* The node's own windows of settled shifts (whole shifts, of all teams and products), one after
 * the other. Errors of `take` end it. */
enum err shifts_read_whole(const struct shifts_query *q, const struct history_reader *r,
                           enum err (*take)(void *user, const struct window *w), void *user);

#endif
