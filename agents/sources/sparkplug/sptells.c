#include "sparkplug/sptells.h"

#include <stdlib.h>

enum { AHEAD_MS = 10000 }; /* a stamp further ahead of our clock vouches for nothing */

void sptells_init(struct sptells *t, int64_t known_until_ms) {
    *t = (struct sptells){.event_ms = INT64_MIN};
    buf_init(&t->texts);
    coverage_init(&t->coverage, known_until_ms);
}

void sptells_fini(struct sptells *t) {
    free(t->at);
    buf_fini(&t->texts);
    *t = (struct sptells){0};
}

static enum err push(struct sptells *t, const struct sptell *tell) {
    if (t->n == t->cap) {
        const size_t cap = t->cap > 0 ? t->cap * 2 : 64;
        struct sptell *at = realloc(t->at, cap * sizeof *at);
        if (at == NULL)
            return ERR_NOMEM;
        t->at = at;
        t->cap = cap;
    }
    t->at[t->n++] = *tell;
    return ERR_OK;
}

enum err sptells_raw(struct sptells *t, struct span bytes) {
    t->raw_at = t->texts.n;
    t->raw_n = bytes.n;
    return buf_add(&t->texts, bytes.p, bytes.n);
}

enum err sptells_add(struct sptells *t, const struct reading *r) {
    struct sptell tell = {.kind = SPTELL_READING,
                          .r = *r,
                          .text_at = t->texts.n,
                          .raw_at = t->raw_at,
                          .raw_n = t->raw_n};
    if (r->v.kind == VALUE_TEXT) {
        const enum err e = buf_add(&t->texts, r->v.as.text.p, r->v.as.text.n);
        if (e != ERR_OK)
            return e;
    }
    return push(t, &tell);
}

enum err sptells_begin(struct sptells *t, int64_t t_ms) {
    return push(t, &(struct sptell){.kind = SPTELL_BEGIN, .t_ms = t_ms});
}

enum err sptells_heard(struct sptells *t, int64_t t_ms) {
    return push(t, &(struct sptell){.kind = SPTELL_HEARD, .t_ms = t_ms});
}

static enum err tell_reading(struct sptells *t, const struct sptell *tell, int64_t now_ms,
                             const struct source_out *out) {
    struct reading r = tell->r;
    if (r.v.kind == VALUE_TEXT)
        r.v.as.text.p = r.v.as.text.n > 0 ? (const char *)t->texts.p + tell->text_at : "";
    if (out->raw != NULL && tell->raw_n > 0)
        out->raw(out->user, r.point, span_of(t->texts.p + tell->raw_at, tell->raw_n));
    const enum err e = out->reading(out->user, &r);
    if (e == ERR_RANGE) {
        t->illegal++;
        out->refused(out->user, "illegal", "expected texts of at most 256 bytes of UTF-8");
        return ERR_OK;
    }
    if (e != ERR_OK)
        return e;
    t->told++;
    if (r.v.kind == VALUE_AMOUNT && r.t_ms > t->event_ms)
        t->event_ms = r.t_ms;
    /* The stamp of a history lies before what is known, and changes nothing. */
    if (r.t_ms <= now_ms + AHEAD_MS)
        coverage_extend(&t->coverage, r.t_ms, r.t_ms, false);
    return ERR_OK;
}

/* Something is missing even when the clock did not move on. */
static enum err begin(struct sptells *t, int64_t t_ms, const struct source_out *out) {
    const int64_t known = coverage_known(&t->coverage);
    if (known != COVERAGE_NONE && t_ms <= known)
        t_ms = known + 1;
    return coverage_begin(&t->coverage, t_ms, out);
}

static enum err tell_one(struct sptells *t, const struct sptell *tell, int64_t now_ms,
                         const struct source_out *out) {
    switch (tell->kind) {
    case SPTELL_READING:
        return tell_reading(t, tell, now_ms, out);
    case SPTELL_BEGIN:
        return begin(t, tell->t_ms, out);
    case SPTELL_HEARD:
        coverage_extend(&t->coverage, tell->t_ms, tell->t_ms, false);
        return ERR_OK;
    }
    return ERR_OK;
}

enum err sptells_tell(struct sptells *t, int64_t now_ms, const struct source_out *out) {
    enum err e = ERR_OK;
    while (sptells_waiting(t) && e == ERR_OK) {
        e = tell_one(t, &t->at[t->next], now_ms, out);
        t->next += e == ERR_OK;
    }
    const enum err vouched = coverage_vouch(&t->coverage, out);
    if (e != ERR_OK || vouched != ERR_OK)
        return e != ERR_OK ? e : vouched;
    t->n = t->next = t->raw_at = t->raw_n = 0;
    buf_reset(&t->texts);
    return ERR_OK;
}
