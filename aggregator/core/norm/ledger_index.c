/* Norms by their id: open addressing, at most half full, nothing is ever taken out. */
#include <stdlib.h>

#include "base/hash.h"
#include "norm/ledger_impl.h"

enum { LEAST = 64 };

static size_t place_of(const struct ledger_index *x, const char *id) {
    size_t i = (size_t)fnv1a64(span_str(id)) & (x->cap - 1);
    while (x->at[i] && strcmp(x->at[i]->norm.id.s, id) != 0)
        i = (i + 1) & (x->cap - 1);
    return i;
}

struct entry *ledger_index_find(const struct ledger_index *x, const char *id) {
    return x->cap ? x->at[place_of(x, id)] : NULL;
}

enum err ledger_index_room(struct ledger_index *x) {
    struct ledger_index more = {.cap = x->cap ? 2 * x->cap : LEAST, .n = x->n};
    if (2 * (x->n + 1) <= x->cap)
        return ERR_OK;
    more.at = calloc(more.cap, sizeof(struct entry *));
    if (!more.at)
        return ERR_NOMEM;
    for (size_t i = 0; i < x->cap; i++)
        if (x->at[i])
            more.at[place_of(&more, x->at[i]->norm.id.s)] = x->at[i];
    free(x->at);
    *x = more;
    return ERR_OK;
}

void ledger_index_add(struct ledger_index *x, struct entry *e) {
    x->at[place_of(x, e->norm.id.s)] = e;
    x->n++;
}
