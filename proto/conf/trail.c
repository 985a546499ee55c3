#include "conf/trail.h"

#include <stdarg.h>
#include <stdio.h>

#include "conf/source.h"

enum { TRAIL_BYTES = 160 };

static size_t trail_format(const struct conf_trail *p, char *text, size_t room) {
    if (p == NULL)
        return 0;
    const size_t n = trail_format(p->up, text, room);
    int more;
    if (p->name == NULL)
        more = snprintf(text + n, room - n, "[%zu]", p->index);
    else
        more = snprintf(text + n, room - n, "%s%s", n > 0 ? "." : "", p->name);
    return more < 0 || (size_t)more >= room - n ? room - 1 : n + (size_t)more;
}

void conf_trail_report(struct conf_report *r, struct conf_pos pos, const struct conf_trail *trail,
                       bool secret, const char *fmt, ...) {
    char full[CONF_PROBLEM_TEXT + TRAIL_BYTES];
    va_list ap;
    size_t n = trail_format(trail, full, TRAIL_BYTES);

    if (n > 0)
        n += (size_t)snprintf(full + n, 3, ": ");
    va_start(ap, fmt);
    (void)vsnprintf(full + n, sizeof full - n, fmt, ap);
    va_end(ap);
    conf_problem_add(r, pos, secret, full);
}
