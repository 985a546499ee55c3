/* RFC 9112, narrowed: METHOD SP TARGET SP HTTP/d.d, header lines "name: value", an empty line; CRLF
 * or LF. No line may begin with a blank (folding went with that RFC), no empty line may come first.
 * The first byte that fits nowhere ends it, so noise is not waited for. */
#include "scrape/request.h"

#include <stdbool.h>

enum { METHOD_MAX = 16 };

enum state { METHOD, TARGET, VERSION, LINE, NAME, VALUE, CR_OF_LINE, CR_OF_END, END, WRONG };

struct head {
    enum state state;
    struct span method, target, version;
};

static bool is_token(uint8_t c) {
    if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))
        return true;
    return c > ' ' && c < 0x7f && strchr("!#$%&'*+-.^_`|~", c) != NULL;
}

static enum state in_method(struct head *h, uint8_t c) {
    if (c == ' ')
        return h->method.n > 0 ? TARGET : WRONG;
    h->method.n++;
    return c >= 'A' && c <= 'Z' && h->method.n <= METHOD_MAX ? METHOD : WRONG;
}

static enum state in_target(struct head *h, uint8_t c) {
    if (c == ' ')
        return h->target.n > 0 ? VERSION : WRONG;
    h->target.n++;
    return c > ' ' && c < 0x7f ? TARGET : WRONG;
}

/* HTTP/ and two digits with a point: longer ones need not be waited for. */
static enum state in_version(struct head *h, uint8_t c) {
    static const char form[] = "HTTP/d.d";
    size_t at = h->version.n;
    if (at == sizeof form - 1)
        return c == '\n' ? LINE : c == '\r' ? CR_OF_LINE : WRONG;
    h->version.n++;
    bool fits = form[at] == 'd' ? c >= '0' && c <= '9' : c == (uint8_t)form[at];
    return fits ? VERSION : WRONG;
}

static enum state in_line(uint8_t c) {
    return c == '\n' ? END : c == '\r' ? CR_OF_END : is_token(c) ? NAME : WRONG;
}

static enum state in_value(uint8_t c) {
    if (c == '\n')
        return LINE;
    if (c == '\r')
        return CR_OF_LINE;
    return c == '\t' || (c >= ' ' && c != 0x7f) ? VALUE : WRONG;
}

static enum state step(struct head *h, uint8_t c) {
    switch (h->state) {
    case METHOD:
        return in_method(h, c);
    case TARGET:
        return in_target(h, c);
    case VERSION:
        return in_version(h, c);
    case LINE:
        return in_line(c);
    case NAME:
        return c == ':' ? VALUE : is_token(c) ? NAME : WRONG;
    case VALUE:
        return in_value(c);
    case CR_OF_LINE:
        return c == '\n' ? LINE : WRONG;
    case CR_OF_END:
        return c == '\n' ? END : WRONG;
    case END:
    case WRONG:
        break;
    }
    return h->state;
}

static bool is_metrics(struct span target) {
    const struct span path = span_str("/metrics");
    return target.n >= path.n && memcmp(target.p, path.p, path.n) == 0 &&
           (target.n == path.n || target.p[path.n] == '?');
}

enum request_verdict request_parse(struct span bytes) {
    struct head h = {.state = METHOD, .method.p = bytes.p};
    size_t n = bytes.n < REQUEST_HEAD_MAX ? bytes.n : REQUEST_HEAD_MAX;
    for (size_t i = 0; i < n && h.state != END && h.state != WRONG; i++) {
        enum state next = step(&h, bytes.p[i]);
        if (next == TARGET && h.state == METHOD)
            h.target.p = bytes.p + i + 1;
        if (next == VERSION && h.state == TARGET)
            h.version.p = bytes.p + i + 1;
        h.state = next;
    }
    if (h.state == WRONG)
        return REQUEST_MALFORMED;
    if (h.state != END)
        return n == REQUEST_HEAD_MAX ? REQUEST_LARGE : REQUEST_MORE;
    if (h.version.p[5] != '1')
        return REQUEST_VERSION;
    if (!span_equal(h.method, span_str("GET")))
        return REQUEST_METHOD;
    return is_metrics(h.target) ? REQUEST_OK : REQUEST_NOT_FOUND;
}
