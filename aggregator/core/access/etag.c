#include "access/etag.h"

#include <string.h>

static struct span trimmed(struct span s) {
    while (s.n && (s.p[0] == ' ' || s.p[0] == '\t'))
        s = span_of(s.p + 1, s.n - 1);
    while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
        s.n--;
    return s;
}

/* What stands behind a '+' only tells answers of the same edition apart. */
static bool is_of(struct span one, const char *etag) {
    const uint8_t *plus = one.n ? memchr(one.p, '+', one.n) : NULL;
    const size_t n = strlen(etag);
    if (!plus)
        return span_equal(one, span_str(etag));
    return n > 0 && (size_t)(plus - one.p) == n - 1 && memcmp(one.p, etag, n - 1) == 0 &&
           one.p[one.n - 1] == '"';
}

/* A list with commas between its tags; ours have no comma inside. Weak ones never match. */
enum etag_verdict etag_check(struct span if_match, const char *etag) {
    if (trimmed(if_match).n == 0)
        return ETAG_MISSING;
    while (if_match.n) {
        const uint8_t *comma = memchr(if_match.p, ',', if_match.n);
        const size_t n = comma ? (size_t)(comma - if_match.p) : if_match.n;
        const struct span one = trimmed(span_of(if_match.p, n));
        if (span_equal(one, span_str("*")) || is_of(one, etag))
            return ETAG_SAME;
        const size_t used = comma ? n + 1 : n;
        if_match = span_of(if_match.p + used, if_match.n - used);
    }
    return ETAG_OTHER;
}
