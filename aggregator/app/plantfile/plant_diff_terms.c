/* What changes of commissioning: units and signals that are in both files. */
#include <stdio.h>
#include <string.h>

#include "base/utc.h"
#include "plantfile/plant_diff.h"

static const char *moment(int64_t t_ms, const char *none, char text[UTC_TEXT]) {
    if (t_ms == INT64_MIN || t_ms == INT64_MAX)
        return none;
    utc_format(t_ms, text);
    return text;
}

static size_t tell(const char *what, const struct plant_term *a, const struct plant_term *b,
                   struct buf *out) {
    char from[UTC_TEXT], to[UTC_TEXT];
    if (a->from_ms == b->from_ms && a->to_ms == b->to_ms)
        return 0;
    if (b->from_ms >= b->to_ms)
        (void)buf_addf(out, "~ %s: accepted, with all that it told\n", what);
    else
        (void)buf_addf(out, "~ %s: in commissioning from %s to %s\n", what,
                       moment(b->from_ms, "its begin", from),
                       moment(b->to_ms, "its acceptance", to));
    return 1;
}

/* The signal of this role and point at the same unit. */
static const struct plant_signal *find_signal(const struct plant *p, const struct plant *of,
                                              const struct plant_signal *s) {
    const uint32_t unit = plant_find_unit(p, of->unit[s->unit].id.s);
    for (size_t i = 0; unit != UINT32_MAX && i < p->unit[unit].signal_n; i++) {
        const struct plant_signal *x = &p->signal[p->unit[unit].signal[i]];
        if (x->role == s->role && ident_equal(&x->agent, &s->agent) &&
            strcmp(x->point, s->point) == 0)
            return x;
    }
    return NULL;
}

size_t plant_diff_terms(const struct plant *old, const struct plant *now, struct buf *out) {
    char what[256];
    size_t n = 0;
    for (size_t u = 0; u < now->unit_n; u++) {
        const struct plant_unit *b = &now->unit[u];
        const uint32_t was = plant_find_unit(old, b->id.s);
        (void)snprintf(what, sizeof what, "unit %s", b->id.s);
        if (was != UINT32_MAX)
            n += tell(what, &old->unit[was].commissioning, &b->commissioning, out);
        for (size_t i = 0; was != UINT32_MAX && i < b->signal_n; i++) {
            const struct plant_signal *s = &now->signal[b->signal[i]];
            const struct plant_signal *x = find_signal(old, now, s);
            (void)snprintf(what, sizeof what, "signal %s %s of %s", s->agent.s, s->point, b->id.s);
            if (x)
                n += tell(what, &x->commissioning, &s->commissioning, out);
        }
    }
    return n;
}
