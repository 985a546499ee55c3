#include "base/ident.h"

#include <stdint.h>

enum { WORD_MAX = 64 };

static bool ident_byte(uint8_t c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

bool ident_check(struct span s) {
    if (s.n < 1 || s.n > IDENT_MAX)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!ident_byte(s.p[i]))
            return false;
    return true;
}

bool ident_set(struct ident *id, struct span s) {
    if (!ident_check(s))
        return false;
    struct ident copy = {{0}};
    memcpy(copy.s, s.p, s.n);
    *id = copy;
    return true;
}

bool ident_equal(const struct ident *a, const struct ident *b) {
    return strcmp(a->s, b->s) == 0;
}

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

/* Edit distance with insertion, deletion, replacement and swap of two neighbours, each counting one
 * (optimal string alignment). Three rows suffice: the current one and the two above. */
static size_t ident_distance(const char *a, size_t na, const char *b, size_t nb) {
    size_t row[3][WORD_MAX + 1];

    for (size_t j = 0; j <= nb; j++)
        row[0][j] = j;
    for (size_t i = 1; i <= na; i++) {
        size_t *now = row[i % 3];
        const size_t *up = row[(i + 2) % 3];
        const size_t *upper = row[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= nb; j++) {
            const size_t change = up[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            now[j] = least(change, least(up[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = least(now[j], upper[j - 2] + 1);
        }
    }
    return row[na % 3][nb];
}

const char *ident_nearest(const char *word, const char *const *candidates, size_t n) {
    const size_t length = strlen(word);
    const char *best = NULL;

    if (length > WORD_MAX)
        return NULL;
    size_t bound = length / 3 > 2 ? length / 3 : 2;
    for (size_t i = 0; i < n; i++) {
        const size_t other = strlen(candidates[i]);
        if (other > WORD_MAX)
            continue;
        const size_t d = ident_distance(word, length, candidates[i], other);
        /* A word that keeps no letter of the other is no suggestion, however short both are. */
        if (d > bound || d >= (length > other ? length : other))
            continue;
        if (best != NULL && d == bound)
            continue; /* the first of equals stays */
        best = candidates[i];
        bound = d;
    }
    return best;
}
