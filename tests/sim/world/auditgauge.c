#include "simworld/auditgauge.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { PRINT_MAX = 6 };

static enum err load(void *user, const struct store_range *range, size_t n,
                     void (*done)(void *user, enum err err, const struct store_rows *rows),
                     void *done_user) {
    struct store *s = user;
    return s->ops->load_now(s, range, n, done, done_user);
}

enum err auditgauge_collect(struct station *s, int64_t t_ms, struct auditgauge *out) {
    const struct history_reader reader = {.load = load, .user = s->store};
    static const uint32_t both[] = {0, 1};
    struct gauges_query q = {.plant = s->plant,
                             .gauge = both,
                             .gauge_n = s->plant->gauge_n,
                             .from_ms = utc_floor(t_ms, UTC_MINUTE_MS) - 3 * UTC_DAY_MS};
    q.to_ms = q.from_ms + AUDITGAUGE_MINUTES * UTC_MINUTE_MS;
    if (s->plant->gauge_n == 0)
        return ERR_OK;
    out->n = s->plant->gauge_n * AUDITGAUGE_MINUTES;
    out->minute = calloc(out->n, sizeof *out->minute);
    if (!out->minute)
        return ERR_NOMEM;
    core_gauge_agents(s->core, q.agents);
    enum err err = gauges_read(&q, &reader, out->minute);
    for (size_t i = 0; i < out->n; i++)
        out->known_ms += out->minute[i].known_ms;
    return err;
}

void auditgauge_fini(struct auditgauge *a) {
    free(a->minute);
    *a = (struct auditgauge){0};
}

unsigned auditgauge_differ(const struct auditgauge *a, const struct auditgauge *b, bool print) {
    unsigned bad = 0;
    if (!a->minute || !b->minute)
        return a->minute != b->minute;
    for (size_t i = 0; i < a->n; i++) {
        const struct gauge_span *x = &a->minute[i], *y = &b->minute[i];
        if (x->twice == y->twice && x->known_ms == y->known_ms && x->least == y->least &&
            x->greatest == y->greatest)
            continue;
        if (print && bad < PRINT_MAX)
            fprintf(stderr,
                    "  gauges, minute %zu: %" PRId64 " ms from %" PRId64 " to %" PRId64
                    ", expected %" PRId64 " ms from %" PRId64 " to %" PRId64 "\n",
                    i, x->known_ms, x->least, x->greatest, y->known_ms, y->least, y->greatest);
        bad++;
    }
    return bad;
}
