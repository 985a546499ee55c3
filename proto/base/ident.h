/* Ids: [a-z0-9_-]{1,48}, legal as an MQTT topic level. Display names are free text, not ids. */
#ifndef PB_BASE_IDENT_H
#define PB_BASE_IDENT_H

#include "base/span.h"

enum { IDENT_MAX = 48 };

struct ident {
    char s[IDENT_MAX + 1]; /* NUL-terminated */
};

bool ident_check(struct span s);
/* Copies a legal id; false and untouched otherwise. */
bool ident_set(struct ident *id, struct span s);
bool ident_equal(const struct ident *a, const struct ident *b);
/* The candidate nearest to word by edit distance (transposition counts one), or NULL if none is
 * within max(2, length/3). Used for "did you mean". */
const char *ident_nearest(const char *word, const char *const *candidates, size_t n);

#endif
