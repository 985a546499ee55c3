#include "sources/position.h"

#include "base/decimal.h"

void position_add(struct buf *out, int64_t v) {
    if (out->n > 0)
        (void)buf_add_byte(out, ' ');
    if (v == POSITION_NONE)
        (void)buf_add_byte(out, '-');
    else
        (void)buf_addf(out, "%lld", (long long)v);
}

enum err position_parse(struct span text, int64_t *v, size_t n) {
    for (size_t i = 0; i < n; i++) {
        const uint8_t *blank = text.n > 0 ? memchr(text.p, ' ', text.n) : NULL;
        const size_t len = blank != NULL ? (size_t)(blank - text.p) : text.n;
        const struct span word = span_of(text.p, len);
        if ((blank != NULL) != (i + 1 < n))
            return ERR_FORMAT;
        v[i] = POSITION_NONE;
        if (len != 1 || word.p[0] != '-') {
            const enum err e = decimal_parse(word, 0, &v[i]);
            if (e != ERR_OK)
                return e;
        }
        if (blank != NULL)
            text = span_of(blank + 1, text.n - len - 1);
    }
    return ERR_OK;
}
