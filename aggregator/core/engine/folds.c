/* Each commit writes what of the log ended since the one before as a segment of its own: thousands
 * an hour, ten times the bytes of one that holds them all. So they are folded: where an agent's
 * segments of an hour have become many, and what is left when the hour is over. What is read back
 * is equal in truth (siglog_canonical), and a crash finds the rows before or after it, for it is
 * part of a commit. What a process did not fold before it ended stays as it is. */
#include "engine/parts.h"

enum {
    FOLD_BYTES = 512 << 10, /* of segments: some milliseconds of the store's thread */
    FOLD_ROWS = 4096,
    FOLD_IDLE_MS = 60000, /* nothing came for an hour that is over */
    FOLDS_A_COMMIT = 2    /* an ack waits for them */
};

/* A load that is cut goes on behind the last row it gave, which must not have become another one.
 */
static bool is_loading(const struct core *c, uint32_t hour) {
    for (const struct load_job *j = c->loads; j; j = j->next)
        for (size_t i = 0; i < j->hour_n; i++)
            if (j->hour[i] == hour)
                return true;
    return false;
}

static void put_be32(uint8_t *p, uint32_t v) {
    for (unsigned i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static enum err fold(const struct core *c, const struct cagent *a, struct fold *f,
                     struct store_tx *tx) {
    uint8_t from[12], to[12];
    enum err err = ERR_OK;
    if (f->rows > 1 && !is_loading(c, f->hour)) {
        put_be32(from, a->no);
        put_be32(from + 4, f->hour);
        memcpy(to, from, 8);
        put_be32(from + 8, f->from_n);
        put_be32(to + 8, f->to_n + 1);
        tx->fold = siglog_fold;
        err = store_tx_add(tx, STORE_FOLD, STORE_LOG, span_of(from, 12), span_of(to, 12));
    }
    *f = (struct fold){0};
    return err;
}

/* The one of the hour, a free one, or the one that was used least lately. */
static struct fold *place(struct cagent *a, uint32_t hour) {
    struct fold *least = &a->fold[0];
    for (unsigned i = 0; i < FOLD_HOURS; i++) {
        struct fold *f = &a->fold[i];
        if (f->rows && f->hour == hour)
            return f;
        if (!f->rows || (least->rows && f->used_mono_ms < least->used_mono_ms))
            least = f;
    }
    return least;
}

enum err folds_note(struct core *c, struct cagent *a, uint32_t hour, size_t bytes,
                    struct store_tx *tx) {
    struct fold *f = place(a, hour);
    enum err err = f->rows && f->hour != hour ? fold(c, a, f, tx) : ERR_OK;
    if (!f->rows)
        *f = (struct fold){.hour = hour, .from_n = a->segment_n};
    f->to_n = a->segment_n;
    f->rows++;
    f->bytes += (uint32_t)bytes;
    f->used_mono_ms = c->now.mono_ms;
    return err;
}

static bool is_due(const struct core *c, const struct cagent *a, const struct fold *f) {
    bool over = false;
    if (f->rows < 2)
        return false;
    for (unsigned i = 0; i < FOLD_HOURS; i++)
        over |= a->fold[i].rows && a->fold[i].hour > f->hour;
    return f->bytes >= FOLD_BYTES || f->rows >= FOLD_ROWS ||
           (over && c->now.mono_ms - f->used_mono_ms >= FOLD_IDLE_MS);
}

enum err folds_put(struct core *c, struct store_tx *tx) {
    unsigned n = 0;
    enum err err = ERR_OK;
    for (size_t i = 0; i < c->agent_n && n < FOLDS_A_COMMIT && !err; i++) {
        struct cagent *a = c->agent[c->fold_next++ % c->agent_n];
        for (unsigned k = 0; k < FOLD_HOURS && !err; k++) {
            if (!is_due(c, a, &a->fold[k]) || is_loading(c, a->fold[k].hour))
                continue;
            err = fold(c, a, &a->fold[k], tx);
            n++;
        }
    }
    return err;
}
