#include "wire/utf8.h"

/* One row per lead byte class of RFC 3629 section 4. The second byte's limits exclude overlong
 * forms, surrogates and what lies above U+10FFFF; for lead 0xC2 they also exclude U+0080 .. U+009F.
 */
struct lead {
    uint8_t first, last;
    uint8_t more;      /* bytes that follow */
    uint8_t low, high; /* limits of the second byte */
};

static const struct lead lead_row[] = {
    {0xc2, 0xc2, 1, 0xa0, 0xbf}, {0xc3, 0xdf, 1, 0x80, 0xbf}, {0xe0, 0xe0, 2, 0xa0, 0xbf},
    {0xe1, 0xec, 2, 0x80, 0xbf}, {0xed, 0xed, 2, 0x80, 0x9f}, {0xee, 0xef, 2, 0x80, 0xbf},
    {0xf0, 0xf0, 3, 0x90, 0xbf}, {0xf1, 0xf3, 3, 0x80, 0xbf}, {0xf4, 0xf4, 3, 0x80, 0x8f},
};

/* Bytes of the character that starts at p, 0 if it is not legal. */
static size_t character(const uint8_t *p, size_t left) {
    for (size_t i = 0; i < sizeof lead_row / sizeof lead_row[0]; i++) {
        const struct lead *row = &lead_row[i];
        if (*p < row->first || *p > row->last) {
            continue;
        }
        if (left <= row->more || p[1] < row->low || p[1] > row->high) {
            return 0;
        }
        for (size_t k = 2; k <= row->more; k++) {
            if ((p[k] & 0xc0) != 0x80) {
                return 0;
            }
        }
        return 1u + row->more;
    }
    return 0;
}

/* The same with ASCII. */
static size_t showable(const uint8_t *p, size_t left) {
    return *p >= 0x20 && *p < 0x7f ? 1 : character(p, left);
}

bool utf8_check(struct span text) {
    size_t i = 0;
    while (i < text.n) {
        size_t n = showable(text.p + i, text.n - i);
        if (n == 0) {
            return false;
        }
        i += n;
    }
    return true;
}

void utf8_put(char *to, size_t size, struct span text) {
    size_t at = 0, i = 0;
    while (i < text.n) {
        const size_t n = showable(text.p + i, text.n - i), whole = n ? n : 1;
        if (at + whole >= size) {
            break;
        }
        memcpy(to + at, n ? (const char *)text.p + i : "?", whole);
        at += whole;
        i += whole;
    }
    to[at] = '\0';
}
