#include "sources/tells.h"

#include <stdlib.h>

enum { AHEAD_MS = 10000 }; /* a stamp further ahead of our clock vouches for nothing */

void tells_init(struct tells *t, int64_t known_until_ms) {
    *t = (struct tells){.event_ms = INT64_MIN};
    buf_init(&t->texts);
    coverage_init(&t->coverage, known_until_ms);
}

void tells_fini(struct tells *t) {
    free(t->at);
    buf_fini(&t->texts);
    *t = (struct tells){0};
}

static enum err push(struct tells *t, const struct tell *tell) {
    if (t->n == t->cap) {
        const size_t cap = t->cap > 0 ? t->cap * 2 : 64;
        struct tell *at = realloc(t->at, cap * sizeof *at);
        if (at == NULL)
            return ERR_NOMEM;
        t->at = at;
        t->cap = cap;
    }
    t->at[t->n++] = *tell;
    return ERR_OK;
}

enum err tells_raw(struct tells *t, struct span bytes) {
    t->raw_at = t->texts.n;
    t->raw_n = bytes.n;
    return buf_add(&t->texts, bytes.p, bytes.n);
}

enum err tells_add(struct tells *t, const struct reading *r) {
    struct tell tell = {.kind = TELL_READING,
                        .r = *r,
                        .text_at = t->texts.n,
                        .raw_at = t->raw_at,
                        .raw_n = t->raw_n,
                        .mark = t->mark};
    if (r->v.kind == VALUE_TEXT) {
        const enum err e = buf_add(&t->texts, r->v.as.text.p, r->v.as.text.n);
        if (e != ERR_OK)
            return e;
    }
    return push(t, &tell);
}

enum err tells_begin(struct tells *t, int64_t t_ms) {
    return push(t, &(struct tell){.kind = TELL_BEGIN, .t_ms = t_ms});
}

enum err tells_heard(struct tells *t, int64_t t_ms) {
    return push(t, &(struct tell){.kind = TELL_HEARD, .t_ms = t_ms});
}

static enum err tell_reading(struct tells *t, const struct tell *tell, int64_t now_ms,
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
    if (t->on_told != NULL)
        t->on_told(t->user, tell->mark, &r);
    if (r.v.kind == VALUE_AMOUNT && r.t_ms > t->event_ms)
        t->event_ms = r.t_ms;
    /* The stamp of a history lies before what is known, and changes nothing. */
    if (r.t_ms <= now_ms + AHEAD_MS)
        coverage_extend(&t->coverage, r.t_ms, r.t_ms, false);
    return ERR_OK;
}

/* Something is missing even when the clock did not move on. */
static enum err begin(struct tells *t, int64_t t_ms, const struct source_out *out) {
    const int64_t known = coverage_known(&t->coverage);
    if (known != COVERAGE_NONE && t_ms <= known)
        t_ms = known + 1;
    return coverage_begin(&t->coverage, t_ms, out);
}

static enum err tell_one(struct tells *t, const struct tell *tell, int64_t now_ms,
                         const struct source_out *out) {
    switch (tell->kind) {
    case TELL_READING:
        return tell_reading(t, tell, now_ms, out);
    case TELL_BEGIN:
        return begin(t, tell->t_ms, out);
    case TELL_HEARD:
        coverage_extend(&t->coverage, tell->t_ms, tell->t_ms, false);
        return ERR_OK;
    }
    return ERR_OK;
}

enum err tells_tell(struct tells *t, int64_t now_ms, const struct source_out *out) {
    enum err e = ERR_OK;
    while (tells_waiting(t) && e == ERR_OK) {
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
