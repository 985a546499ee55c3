/* Orders: what a unit did for each of them, added up from its cells as the store holds them as of
 * its last commit. An order's sums are those of its whole life inside the retention of cells and
 * the span asked for; late data are in them at once. For a reader's thread, like history.h. */
#ifndef PB_ENGINE_ORDERS_H
#define PB_ENGINE_ORDERS_H

#include "engine/plans.h"

enum { ORDERS_MAX = 10000 /* of one answer */ };

struct orders_query {
    const struct plant *plant;
    uint32_t unit; /* index */
    int64_t from_ms, to_ms;
    struct plans *plans; /* what was made of each is added up; NULL: none */
};

struct order {                 /* one of a product at the unit */
    uint32_t order, product;   /* word ids */
    int64_t first_ms, last_ms; /* begin of its first minute, end of its last */
    struct sums sums;
};

struct orders {       /* by first_ms, then word */
    struct order *at; /* owned */
    size_t n, cap;
    struct history_word *word; /* owned */
    size_t word_n;
};

/* Fills *out, to be given to orders_fini, also after a failure. Time without an order is in none.
 * ERR_FULL: more than ORDERS_MAX; ERR_FORMAT: damaged rows; ERR_NOMEM; errors of the reader. */
enum err orders_read(const struct orders_query *q, const struct history_reader *r,
                     struct orders *out);
void orders_fini(struct orders *o);
struct span orders_word(const struct orders *o, uint32_t id); /* n = 0: no such word */

#endif
