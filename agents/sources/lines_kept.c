#include "sources/coverage.h"
#include "sources/lines.h"
#include "sources/position.h"

void lines_kept_format(const struct lines_kept *k, struct buf *out) {
    position_add(out, 1);
    position_add(out, k->until_ms);
    position_add(out, (int64_t)k->told);
    (void)buf_addf(out, " %s", k->position);
}

enum err lines_kept_parse(struct span text, struct lines_kept *out) {
    int64_t v[3];
    size_t blanks = 0, n = 0;
    *out = (struct lines_kept){.until_ms = COVERAGE_NONE};
    if (text.n == 0)
        return ERR_OK;
    for (; n < text.n && blanks < 3; n++)
        blanks += text.p[n] == ' ';
    if (blanks < 3 || text.n - n > LINE_POSITION_MAX ||
        position_parse(span_of(text.p, n - 1), v, 3) != ERR_OK || v[0] != 1 || v[2] < 0)
        return ERR_FORMAT;
    out->until_ms = v[1];
    out->told = (uint64_t)v[2];
    if (text.n > n)
        memcpy(out->position, text.p + n, text.n - n);
    return ERR_OK;
}
