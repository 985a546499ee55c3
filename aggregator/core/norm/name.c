#include "norm/name.h"

/* Lower case of the letters of European languages and Vietnamese; of others the letter itself. */
static unsigned lower(unsigned c) {
    if ((c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0xDE && c != 0xD7))
        return c + 0x20;
    if ((c >= 0x100 && c <= 0x137) || (c >= 0x14A && c <= 0x177) || c == 0x1A0 ||
        (c >= 0x1EA0 && c <= 0x1EFF))
        return c | 1;
    return c == 0x1AF ? 0x1B0 : c;
}

static bool is_blank(unsigned c) {
    return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xA0 || (c >= 0x2000 && c <= 0x200A) ||
           c == 0x202F || c == 0x3000;
}

/* The letter of UTF-8 at s and its bytes, or the byte where it is none; 0: the end. */
static unsigned letter_at(const unsigned char *s, unsigned *bytes) {
    if ((s[0] & 0xE0) == 0xC0 && (s[1] & 0xC0) == 0x80) {
        *bytes = 2;
        return (s[0] & 0x1Fu) << 6 | (s[1] & 0x3Fu);
    }
    if ((s[0] & 0xF0) == 0xE0 && (s[1] & 0xC0) == 0x80 && (s[2] & 0xC0) == 0x80) {
        *bytes = 3;
        return (s[0] & 0x0Fu) << 12 | (s[1] & 0x3Fu) << 6 | (s[2] & 0x3Fu);
    }
    *bytes = s[0] != 0;
    return s[0];
}

/* A run of blanks is one, and at the end none. */
static unsigned next_letter(const char **at) {
    bool blank = false;
    for (;;) {
        unsigned n = 0;
        const unsigned c = letter_at((const unsigned char *)*at, &n);
        if (!is_blank(c) && blank && c)
            return ' ';
        *at += n;
        if (!is_blank(c))
            return lower(c);
        blank = true;
    }
}

static const char *begin_of(const char *s) {
    unsigned n = 0;
    while (is_blank(letter_at((const unsigned char *)s, &n)))
        s += n;
    return s;
}

bool name_same(const char *a, const char *b) {
    unsigned x, y;
    a = begin_of(a);
    b = begin_of(b);
    do {
        x = next_letter(&a);
        y = next_letter(&b);
    } while (x && x == y);
    return x == y;
}

/* Control characters, soft hyphen, marks that combine with the letter before, zero widths, turns of
 * the writing's direction. */
static bool is_odd(unsigned c) {
    return (c < 0x20 && !is_blank(c)) || c == 0x7F || c == 0xAD || (c >= 0x300 && c <= 0x36F) ||
           c == 0x61C || (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c < 0x202F) ||
           (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF;
}

bool name_plain(const char *s) {
    unsigned n = 0;
    for (unsigned c; (c = letter_at((const unsigned char *)s, &n)) != 0; s += n)
        if (is_odd(c))
            return false;
    return true;
}
