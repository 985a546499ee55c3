/* A set of texts, each with a number: names of points and the ids they got. Grows to a bound. */
#ifndef PB_SOURCES_NAMES_H
#define PB_SOURCES_NAMES_H

#include "base/err.h"
#include "base/span.h"

struct name_row {
    char *text; /* owned */
    uint32_t n, hash;
    uint32_t number;
};

struct names {
    struct name_row *rows;
    uint32_t *slots; /* index + 1, open addressing, at most half full */
    size_t n, cap, slot_n, most;
};

void names_init(struct names *t, size_t most);
void names_fini(struct names *t);
/* NULL if it is not there. The row is valid until the next add. */
const struct name_row *names_find(const struct names *t, struct span text);
/* ERR_EXISTS, ERR_FULL at the bound, ERR_NOMEM. */
enum err names_add(struct names *t, struct span text, uint32_t number);

#endif
