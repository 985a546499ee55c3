#include "access/credential.h"

static struct span trim(struct span s) {
    while (s.n && (s.p[0] == ' ' || s.p[0] == '\t'))
        s = span_of(s.p + 1, s.n - 1);
    while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
        s.n--;
    return s;
}

/* What stands before the next `at`; the rest goes on behind it. */
static struct span cut(struct span *rest, uint8_t at) {
    const uint8_t *p = rest->n ? memchr(rest->p, at, rest->n) : NULL;
    const struct span part = span_of(rest->p, p ? (size_t)(p - rest->p) : rest->n);
    *rest = p ? span_of(p + 1, rest->n - part.n - 1) : span_of(NULL, 0);
    return part;
}

bool credential_cookie(struct span head, const char *name, struct span *out) {
    for (unsigned i = 0; i < CREDENTIAL_WALK_MAX && head.n; i++) {
        struct span value = cut(&head, ';');
        if (!value.p || !value.n || !memchr(value.p, '=', value.n))
            continue;
        if (!span_equal(trim(cut(&value, '=')), span_str(name)))
            continue;
        *out = trim(value);
        return true;
    }
    return false;
}

bool credential_bearer(struct span head, struct span *out) {
    static const char scheme[] = "bearer";
    const size_t n = sizeof scheme - 1;
    head = trim(head);
    if (head.n <= n || (head.p[n] != ' ' && head.p[n] != '\t'))
        return false;
    for (size_t i = 0; i < n; i++)
        if ((head.p[i] | 0x20) != scheme[i])
            return false;
    *out = trim(span_of(head.p + n, head.n - n));
    return out->n > 0;
}

/* 0 to 15, else a bit above them; without a branch, for what is read is secret. */
static unsigned digit(uint8_t c) {
    const unsigned number = (unsigned)c - '0', letter = (unsigned)c - 'a';
    const unsigned is_number = 0u - (unsigned)(number < 10),
                   is_letter = 0u - (unsigned)(letter < 6);
    return (number & is_number) | ((letter + 10) & is_letter) | (~(is_number | is_letter) & 0x10u);
}

bool secret_parse(struct span text, uint8_t out[SECRET_BYTES]) {
    uint8_t made[SECRET_BYTES];
    unsigned wrong = 0;
    if (text.n != 2 * SECRET_BYTES)
        return false;
    for (size_t i = 0; i < SECRET_BYTES; i++) {
        const unsigned high = digit(text.p[2 * i]), low = digit(text.p[2 * i + 1]);
        wrong |= (high | low) & 0x10u;
        made[i] = (uint8_t)(high << 4 | (low & 15));
    }
    if (!wrong)
        memcpy(out, made, sizeof made);
    return !wrong;
}

void secret_format(const uint8_t secret[SECRET_BYTES], char text[SECRET_TEXT]) {
    for (size_t i = 0; i < SECRET_BYTES; i++) {
        const unsigned high = secret[i] >> 4, low = secret[i] & 15u;
        text[2 * i] = (char)(high < 10 ? '0' + high : 'a' + high - 10);
        text[2 * i + 1] = (char)(low < 10 ? '0' + low : 'a' + low - 10);
    }
    text[2 * SECRET_BYTES] = 0;
}
