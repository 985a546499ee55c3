/* Ranges that were given up: what is told of them on the wire and kept on the disk. */
#include "journal/journal_impl.h"

enum err gap_frame(struct journal *j, const struct gap *g, struct buf *out) {
    struct batch_head head = {
        .kind = BATCH_DROPPED, .epoch = g->epoch, .seq = g->range.to, .t_ms = g->t_ms};
    batch_writer_reset(&j->scratch_batch, g->t_ms);
    return batch_writer_encode(&j->scratch_batch, &head, NULL, &g->range, NULL, out);
}

enum err gap_record(struct journal *j, const struct gap *g, uint32_t seed, struct buf *out) {
    buf_reset(&j->scratch);
    enum err rc = gap_frame(j, g, &j->scratch);
    size_t wire_n = j->scratch.n;
    if (!rc)
        rc = buf_add_le64(&j->scratch, g->prev_epoch);
    if (!rc)
        rc = buf_add_le64(&j->scratch, g->prev_last);
    if (rc)
        return rc;
    struct record r = {.kind = RECORD_DROPPED,
                       .seq = g->range.to,
                       .wire = span_of(j->scratch.p, wire_n),
                       .trailer = span_of(j->scratch.p + wire_n, j->scratch.n - wire_n)};
    return record_format(&r, seed, out);
}

struct gap *gap_find(struct journal *j, uint64_t epoch, uint64_t seq) {
    for (size_t i = 0; i < j->gap_n; i++) {
        struct gap *g = &j->gaps[i];
        if (g->synced && g->epoch == epoch && g->range.from <= seq && seq <= g->range.to)
            return g;
    }
    return NULL;
}

enum err gap_put(struct journal *j, const struct gap *g) {
    enum err rc = journal_grow((void **)&j->gaps, &j->gap_cap, j->gap_n + 1, sizeof *g);
    if (!rc)
        j->gaps[j->gap_n++] = *g;
    return rc;
}

/* Removes what a wider gap of the same epoch has taken over. */
static void forget_inside(struct journal *j, const struct gap *wide) {
    struct gap keep = *wide;
    size_t n = 0;
    for (size_t i = 0; i < j->gap_n; i++) {
        const struct gap *g = &j->gaps[i];
        bool same = g->range.from == keep.range.from && g->range.to == keep.range.to;
        bool inside = g->epoch == keep.epoch && g->range.from >= keep.range.from &&
                      g->range.to <= keep.range.to;
        if (!inside || same)
            j->gaps[n++] = *g;
    }
    j->gap_n = n;
}

enum err gap_accept(struct journal *j, const struct record *r) {
    struct batch b;
    enum batch_fault fault;
    enum err rc = batch_parse(r->wire, &b, &fault);
    if (rc)
        return rc;
    struct cursor c = cursor_of(r->trailer);
    struct gap g = {.epoch = b.head.epoch, .range = b.dropped, .t_ms = b.head.t_ms, .synced = true};
    if (cursor_take_le64(&c, &g.prev_epoch) || cursor_take_le64(&c, &g.prev_last))
        return ERR_FORMAT;
    bool found = false;
    for (size_t i = 0; i < j->gap_n; i++) {
        struct gap *have = &j->gaps[i];
        if (have->epoch == g.epoch && have->range.from == g.range.from &&
            have->range.to == g.range.to)
            have->synced = found = true;
    }
    if (!found)
        rc = gap_put(j, &g);
    if (rc)
        return rc;
    forget_inside(j, &g);
    journal_refresh_epochs(j);
    return ERR_OK;
}

void gap_forget_durable(struct journal *j) {
    size_t n = 0;
    for (size_t i = 0; i < j->gap_n; i++) {
        const struct gap *g = &j->gaps[i];
        const struct journal_epoch *e = journal_epoch_slot(j, g->epoch);
        bool durable = g->synced && e && e->durable >= g->range.to;
        if (!durable || journal_may_hold(j, g->prev_epoch))
            j->gaps[n++] = *g;
    }
    j->gap_n = n;
}
