/* How agents say that their sources do: the newest of each, in memory, and how old it is. What is
 * not told anew is not known any more; no figure rests on it. */
#include <stdlib.h>

#include "engine/parts.h"

/* Room for so many, all of them not told yet. */
static enum err make_room(struct core *c, struct creport *r, size_t total) {
    const size_t free_n = CORE_SOURCES_MAX - (c->reported_n - r->at_n);
    const size_t n = total < free_n ? total : free_n;
    struct creported *at = NULL;
    if (n > 0 && !(at = calloc(n, sizeof *at)))
        return ERR_NOMEM;
    free(r->at);
    c->reported_n += n - r->at_n;
    r->at = at;
    r->at_n = n;
    return ERR_OK;
}

/* Of another process, or of another file: places mean other sources. */
static bool is_another(const struct creport *r, const struct report *told) {
    return r->nonce != told->nonce || r->since_ms != told->since_ms || r->total != told->total;
}

static enum err take(struct core *c, struct creport *r, const struct report *told) {
    if (is_another(r, told)) {
        enum err err = make_room(c, r, told->total);
        if (err)
            return err;
    }
    r->nonce = told->nonce;
    r->n = told->n;
    r->total = told->total;
    r->told_mono_ms = c->now.mono_ms;
    r->since_ms = told->since_ms;
    r->reloads = told->reloads;
    r->refused = told->refused;
    memcpy(r->wrong, told->wrong, sizeof r->wrong);
    for (size_t i = 0; i < told->source_n && told->from + i < r->at_n; i++)
        r->at[told->from + i] = (struct creported){told->source[i], c->now.mono_ms, true};
    c->stats.reports++;
    c->version++;
    return ERR_OK;
}

enum err reports_on_message(struct core *c, struct cagent *a, struct span payload) {
    struct report told;
    /* What another process with this id says of its sources is not this agent's. */
    if (report_parse(payload, &told) || told.nonce == 0 || told.nonce != a->session.nonce) {
        c->stats.report_refused++;
        return ERR_OK;
    }
    if (told.nonce == a->report.nonce && told.n < a->report.n)
        return ERR_OK; /* overtaken on its way */
    return take(c, &a->report, &told);
}

void reports_inherit(struct core *c, struct cagent *a, struct cagent *old) {
    a->report = old->report;
    c->reported_n += a->report.at_n;
    old->report = (struct creport){0};
}

/* --- views --------------------------------------------------------------------------------------
 */

static bool is_current(const struct cagent *a, int64_t told_mono_ms, int64_t mono_ms) {
    return a->online && mono_ms - told_mono_ms < CORE_REPORT_AGES_MS;
}

void core_report_view(const struct core *c, size_t agent, int64_t mono_ms,
                      struct core_report_view *out) {
    const struct cagent *a = c->agent[agent];
    const struct creport *r = &a->report;
    *out = (struct core_report_view){.wrong = ""};
    if (r->nonce == 0)
        return;
    *out = (struct core_report_view){.told = true,
                                     .current = is_current(a, r->told_mono_ms, mono_ms),
                                     .told_mono_ms = r->told_mono_ms,
                                     .total = r->total,
                                     .since_ms = r->since_ms,
                                     .reloads = r->reloads,
                                     .refused = r->refused,
                                     .wrong = r->wrong};
    for (size_t i = 0; i < r->at_n; i++)
        out->known += r->at[i].told;
}

bool core_source_view(const struct core *c, size_t agent, size_t *at, int64_t mono_ms,
                      struct core_source_view *out) {
    const struct cagent *a = c->agent[agent];
    while (*at < a->report.at_n) {
        const struct creported *s = &a->report.at[(*at)++];
        if (!s->told)
            continue;
        *out = (struct core_source_view){&s->is, s->told_mono_ms,
                                         is_current(a, s->told_mono_ms, mono_ms)};
        return true;
    }
    return false;
}
