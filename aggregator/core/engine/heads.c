/* Heads: parts of first key frames that are not whole yet, as they came. An epoch's values count
 * from its first whole key frame on; if that never comes, nothing of it was. One after the other:
 *
 *   le64    epoch
 *   varint  bytes
 *   ..      the batch */
#include "engine/parts.h"

/* Twice what 65,535 points with the longest names and values take. An agent that sends more is
 * broken: what is over is not kept, and readings of points that nobody named are refused. */
enum { HEADS_MAX = 64 << 20 };

bool heads_next(const struct cagent *a, size_t *at, uint64_t *epoch, struct span *part) {
    uint64_t n = 0;
    if (*at == a->heads.n)
        return false;
    struct cursor v = cursor_of(span_of(a->heads.p + *at, a->heads.n - *at));
    if (cursor_take_le64(&v, epoch) || cursor_take_varint(&v, &n) ||
        cursor_take_span(&v, (size_t)n, part))
        return false;
    *at = a->heads.n - cursor_left(&v);
    return true;
}

/* A key frame of it is under way. */
static bool is_under_way(const struct cagent *a, uint64_t epoch) {
    for (size_t i = a->session.front; i < a->session.epoch_n; i++) { /* all before are closed */
        const struct session_epoch *e = &a->session.epoch[i];
        if (e->epoch == epoch)
            return !e->closed && e->key_next > 0;
    }
    return false;
}

static void sweep(struct cagent *a, uint64_t without) {
    size_t at = 0, from = 0, kept = 0;
    uint64_t epoch = 0;
    struct span part;
    while (heads_next(a, &at, &epoch, &part)) {
        if (epoch != without && is_under_way(a, epoch)) {
            memmove(a->heads.p + kept, a->heads.p + from, at - from);
            kept += at - from;
        }
        from = at;
    }
    a->heads_changed = a->heads_changed || kept != a->heads.n;
    a->heads.n = kept;
    if (kept == 0)
        buf_fini(&a->heads);
}

void heads_sweep(struct cagent *a) {
    if (a->heads.n > 0)
        sweep(a, 0);
}

enum err heads_keep(struct core *c, struct cagent *a, const struct batch *b, struct span part) {
    if (b->key.part == 0) /* another one of it begins */
        sweep(a, b->head.epoch);
    if (a->heads.n + part.n > HEADS_MAX) {
        note(c, true, "key_frame_too_large", "agent=%s epoch=%016llx part=%u bytes=%zu", a->id.s,
             (unsigned long long)b->head.epoch, b->key.part, a->heads.n);
        return ERR_OK;
    }
    a->heads_changed = true;
    buf_add_le64(&a->heads, b->head.epoch);
    buf_add_varint(&a->heads, part.n);
    buf_add(&a->heads, part.p, part.n);
    return a->heads.failed ? ERR_NOMEM : ERR_OK;
}

enum err heads_load(struct cagent *a, struct span bytes) {
    enum err err = buf_add(&a->heads, bytes.p, bytes.n);
    size_t at = 0;
    uint64_t epoch = 0;
    struct span part;
    while (!err && heads_next(a, &at, &epoch, &part)) {
        struct batch b;
        enum batch_fault fault;
        if (batch_parse(part, &b, &fault) || b.head.kind != BATCH_KEY || b.head.epoch != epoch)
            err = ERR_FORMAT;
    }
    a->heads_stored = true;
    return err || at == a->heads.n ? err : ERR_FORMAT;
}
