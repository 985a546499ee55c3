/* Notes: what happened that a log should say, kept until the shell takes them. */
#include <stdarg.h>
#include <stdio.h>

#include "engine/parts.h"

void note(struct core *c, bool warn, const char *event, const char *fmt, ...) {
    char detail[400];
    va_list args;
    if (c->notes.n > 64 * 1024)
        return; /* nobody listens: the counters still tell */
    va_start(args, fmt);
    vsnprintf(detail, sizeof detail, fmt, args);
    va_end(args);
    buf_add(&c->notes, &event, sizeof event);
    buf_add_byte(&c->notes, warn);
    buf_add(&c->notes, detail, strlen(detail) + 1);
}
