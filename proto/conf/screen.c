#include "conf/screen.h"

/* Length of the well-formed UTF-8 character at p (Unicode, table 3-7), or 0. */
static size_t utf8_length(const uint8_t *p, size_t left) {
    size_t n = p[0] < 0x80 ? 1 : p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    uint8_t low = 0x80, high = 0xbf;

    if (p[0] < 0x80)
        return 1;
    if (p[0] < 0xc2 || p[0] > 0xf4 || n > left)
        return 0;
    if (p[0] == 0xe0)
        low = 0xa0; /* shorter forms exist */
    else if (p[0] == 0xed)
        high = 0x9f; /* surrogates */
    else if (p[0] == 0xf0)
        low = 0x90;
    else if (p[0] == 0xf4)
        high = 0x8f; /* beyond U+10FFFF */
    if (p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < n; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    return n;
}

static bool is_text(const uint8_t *p, size_t n) {
    if (n == 1)
        return (p[0] >= 0x20 && p[0] != 0x7f) || p[0] == '\t' || p[0] == '\n' || p[0] == '\r';
    /* U+0080..U+009F are control characters, U+FEFF is a byte order mark. */
    return !(n == 2 && p[0] == 0xc2 && p[1] < 0xa0) &&
           !(n == 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0);
}

enum err conf_screen(struct span bytes, uint32_t source, struct conf_report *report) {
    struct conf_pos pos = {.line = 1, .column = 1, .source = source};

    for (size_t i = 0; i < bytes.n;) {
        const size_t n = utf8_length(bytes.p + i, bytes.n - i);
        if (n == 0 || !is_text(bytes.p + i, n)) {
            conf_report_at(report, pos, "%s (byte 0x%02x at offset %zu)",
                           n == 0 ? "not UTF-8 text" : "a control character", bytes.p[i], i);
            return ERR_CONFIG;
        }
        const bool break_here =
            bytes.p[i] == '\n' ||
            (bytes.p[i] == '\r' && (i + 1 == bytes.n || bytes.p[i + 1] != '\n'));
        pos.line += break_here ? 1 : 0;
        pos.column = break_here ? 1 : pos.column + 1;
        i += n;
    }
    return ERR_OK;
}
