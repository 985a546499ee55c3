/* Memory of a set of rules: taken piece by piece, given back as a whole. */
#ifndef PB_ALERTFILE_POOL_H
#define PB_ALERTFILE_POOL_H

#include <stddef.h>

struct pool;

struct pool *pool_open(void); /* NULL: no memory */
void pool_close(struct pool *p);
/* Zeroed; NULL: no memory. */
void *pool_take(struct pool *p, size_t bytes);
const char *pool_text(struct pool *p, const char *text); /* a copy; NULL: no memory */

#endif
