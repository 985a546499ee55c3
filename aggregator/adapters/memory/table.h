/* One ordered table of bytes in memory: a skip list whose levels follow from the key alone, so
 * equal contents are equal structures. It knows nothing of transactions. */
#ifndef PB_MEMORY_TABLE_H
#define PB_MEMORY_TABLE_H

#include "base/err.h"
#include "base/span.h"

enum { TABLE_LEVELS = 16 };

struct table_row {
    struct span key, value;   /* stay where they are until the row changes */
    struct table_row *next[]; /* as many as its level */
};

struct table {
    struct table_row *first[TABLE_LEVELS];
    size_t n;
};

/* A zeroed table is empty. */
void table_fini(struct table *t);
/* Inserts or replaces; both are copied. ERR_NOMEM: unchanged. O(log n). */
enum err table_put(struct table *t, struct span key, struct span value);
/* False if it is not there. */
bool table_drop(struct table *t, struct span key);
/* The first row with a key >= key, or NULL; next[0] is the one behind it. */
const struct table_row *table_from(const struct table *t, struct span key);
/* memcmp order, a prefix before what it begins. */
int table_order(struct span a, struct span b);

#endif
