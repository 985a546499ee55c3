#include "notify/mime.h"

#include "base/utc.h"

/* RFC 2047, 2: an encoded word has at most 75 characters, and a line that holds one 76. The frame
 * "=?UTF-8?B?" ... "?=" takes 12, base64 makes 4 of 3: 45 bytes fit (60 + 12), with the blank that
 * a folded line begins with. */
enum { WORD_BYTES = 45, BODY_LINE = 76, PLAIN_MAX = 60 };

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void mime_base64(struct span bytes, size_t line, struct buf *out) {
    size_t column = 0;
    for (size_t i = 0; i < bytes.n; i += 3) {
        size_t n = bytes.n - i < 3 ? bytes.n - i : 3;
        uint32_t v = (uint32_t)bytes.p[i] << 16;
        v |= n > 1 ? (uint32_t)bytes.p[i + 1] << 8 : 0;
        v |= n > 2 ? bytes.p[i + 2] : 0;
        const char four[] = {alphabet[v >> 18], alphabet[v >> 12 & 63],
                             n > 1 ? alphabet[v >> 6 & 63] : '=', n > 2 ? alphabet[v & 63] : '='};
        (void)buf_add(out, four, sizeof four);
        column += sizeof four;
        if (line && (column >= line || i + 3 >= bytes.n)) {
            (void)buf_add_str(out, "\r\n");
            column = 0;
        }
    }
}

static bool is_plain(struct span text) {
    bool plain = text.n <= PLAIN_MAX;
    for (size_t i = 0; i < text.n; i++)
        plain = plain && text.p[i] >= 0x20 && text.p[i] < 0x7f;
    return plain && !memmem(text.p, text.n, "=?", 2);
}

void mime_words(struct span text, struct buf *out) {
    if (is_plain(text)) {
        (void)buf_add(out, text.p, text.n);
        return;
    }
    for (size_t at = 0; at < text.n;) {
        size_t n = text.n - at < WORD_BYTES ? text.n - at : WORD_BYTES;
        /* A character lies in one word: 10xxxxxx goes on with the one before. */
        while (at + n < text.n && n > 1 && (text.p[at + n] & 0xc0) == 0x80)
            n--;
        uint8_t word[WORD_BYTES];
        for (size_t i = 0; i < n; i++)
            word[i] = text.p[at + i] < 0x20 || text.p[at + i] == 0x7f ? ' ' : text.p[at + i];
        (void)buf_add_str(out, at ? "\r\n =?UTF-8?B?" : "=?UTF-8?B?");
        mime_base64(span_of(word, n), 0, out);
        (void)buf_add_str(out, "?=");
        at += n;
    }
}

bool mime_address(const char *text) {
    static const char odd[] = "!#$%&'*+-/=?^_`{|}~.";
    const char *at = strchr(text, '@');
    size_t n = strlen(text);
    if (!at || at == text || !at[1] || n > 254 || strchr(at + 1, '@'))
        return false;
    for (const char *c = text; *c; c++) {
        bool word =
            (*c >= '0' && *c <= '9') || (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z');
        bool fits = c == at || word || (c < at ? strchr(odd, *c) != NULL : *c == '.' || *c == '-');
        if (!fits)
            return false;
    }
    return true;
}

/* RFC 5322, 3.3: "Thu, 26 Nov 2026 14:03:00 +0700". */
static void add_date(const struct mime *m, struct buf *out) {
    static const char *const day[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static const char *const month[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int32_t off_min = m->offset_s / 60, by = off_min < 0 ? -off_min : off_min;
    struct utc_parts p = utc_to_parts(m->at_ms + (int64_t)off_min * UTC_MINUTE_MS);
    (void)buf_addf(out, "Date: %s, %d %s %04d %02d:%02d:%02d %c%02d%02d\r\n", day[p.weekday - 1],
                   p.day, month[p.month - 1], p.year, p.hour, p.minute, p.second,
                   off_min < 0 ? '-' : '+', by / 60, by % 60);
}

static void add_head(const struct mime *m, struct buf *out) {
    add_date(m, out);
    (void)buf_addf(out, "From: Plantbus <%s>\r\nTo: ", m->from);
    for (size_t i = 0; i < m->to_n; i++)
        (void)buf_addf(out, "%s<%s>", i ? ",\r\n " : "", m->to[i]);
    (void)buf_add_str(out, "\r\nSubject: ");
    mime_words(m->subject, out);
    (void)buf_addf(out, "\r\nMessage-ID: <%s>\r\n", m->id);
    if (m->about)
        (void)buf_addf(out, "References: <%s>\r\n", m->about);
    if (m->urgent)
        (void)buf_add_str(out, "Importance: high\r\n");
    /* RFC 3834: nobody's absence notice answers it. */
    (void)buf_add_str(out, "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
                           "Content-Type: text/plain; charset=utf-8\r\n"
                           "Content-Transfer-Encoding: base64\r\n\r\n");
}

enum err mime_format(const struct mime *m, struct buf *out) {
    struct buf body;
    buf_init(&body);
    for (size_t i = 0; i < m->body.n; i++) { /* RFC 2045, 6.8: text has CRLF before it is encoded */
        if (m->body.p[i] == '\n' && (i == 0 || m->body.p[i - 1] != '\r'))
            (void)buf_add_byte(&body, '\r');
        (void)buf_add_byte(&body, m->body.p[i]);
    }
    add_head(m, out);
    mime_base64(buf_span(&body), BODY_LINE, out);
    enum err err = body.failed || out->failed ? ERR_NOMEM : ERR_OK;
    buf_fini(&body);
    return err;
}
