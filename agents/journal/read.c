/* Reading records back for sending. Bytes from the disk are never trusted: what does not carry its
 * checksum is given up as a dropped range, up to the next record the stream can go on with. */
#include <stdlib.h>

#include "journal/journal_impl.h"

struct journal_cursor {
    struct segment_reader reader;
    bool aimed;
    uint32_t file;
    uint64_t epoch;
    uint64_t next;   /* seq of the next record of the file */
    bool lost;       /* records were lost since the newest good one */
    bool table;      /* a whole key frame was seen and nothing that may have changed it was lost */
    uint32_t points; /* its size */
    struct buf frame;
};

enum err journal_cursor_open(struct journal_cursor **out) {
    struct journal_cursor *c = calloc(1, sizeof *c);
    if (!c)
        return ERR_NOMEM;
    enum err rc = segment_reader_init(&c->reader);
    if (rc) {
        free(c);
        return rc;
    }
    buf_init(&c->frame);
    *out = c;
    return ERR_OK;
}

void journal_cursor_close(struct journal_cursor *c) {
    if (!c)
        return;
    segment_reader_fini(&c->reader);
    buf_fini(&c->frame);
    free(c);
}

/* The segment that should hold seq; else NULL and in *hole_to the last seq that none holds. */
static const struct segment *segment_of(const struct journal *j, const struct journal_epoch *e,
                                        uint64_t seq, uint64_t *hole_to) {
    *hole_to = e->last;
    for (size_t i = 0; i < j->segment_n; i++) {
        const struct segment *s = &j->segments[i];
        if (s->bad || s->epoch != e->epoch || s->last < s->first)
            continue;
        if (s->first <= seq && seq <= s->last)
            return s;
        if (s->first > seq && s->first - 1 < *hole_to)
            *hole_to = s->first - 1;
    }
    return NULL;
}

static void aim(struct journal *j, struct journal_cursor *c, const struct segment *s) {
    segment_reader_aim(&c->reader, j->disk, s->file, s->seed, SEGMENT_HEAD_BYTES, s->bytes);
    c->aimed = true;
    c->file = s->file;
    c->epoch = s->epoch;
    c->next = s->first;
    c->lost = c->table = false;
    c->points = 0;
}

/* May the stream go on with this record, although some before it may be lost? */
static bool usable(const struct journal_cursor *c, const struct record *r) {
    if (r->kind == RECORD_KEY && (r->flags & RECORD_KEY_FIRST))
        return true;
    if (!c->lost && r->seq == c->next)
        return true;
    return r->kind == RECORD_DATA && c->table && r->points == c->points;
}

static void pass(struct journal_cursor *c, const struct record *r) {
    if (r->kind == RECORD_KEY) {
        c->table = (r->flags & RECORD_KEY_LAST) != 0;
        c->points = r->points;
    }
    c->lost = false;
    c->next = r->seq + 1;
}

static enum err damaged(struct journal *j, struct journal_cursor *c, const struct journal_epoch *e,
                        uint64_t from, uint64_t to, struct journal_record *out) {
    struct gap g = {.epoch = e->epoch,
                    .range = {.from = from, .to = to, .reason = DROP_CORRUPT},
                    .t_ms = j->wall_ms};
    buf_reset(&c->frame);
    enum err rc = gap_frame(j, &g, &c->frame);
    if (rc)
        return rc;
    if (j->told_epoch != e->epoch || j->told_to != to) {
        j->told_epoch = e->epoch;
        j->told_to = to;
        j->stats.corrupt_ranges++;
        if (j->events.on_dropped)
            j->events.on_dropped(j->events.user, e->epoch, &g.range);
    }
    out->frame = buf_span(&c->frame);
    out->to = to;
    return ERR_OK;
}

static enum err read_failed(struct journal *j, struct journal_cursor *c) {
    c->aimed = false;
    j->stats.read_failures++;
    journal_fault_told(j, JOURNAL_FAULT_READ, ERR_IO);
    return ERR_IO;
}

/* Goes on in the file to the first record from seq on that the stream can use. ERR_NOT_FOUND: the
 * segment has none. The reader stays before a record whose seq is above the one asked for. */
static enum err seek_usable(struct journal_cursor *c, uint64_t seq, uint64_t last,
                            struct record *rec) {
    for (;;) {
        uint64_t before = c->reader.at;
        enum err rc = segment_reader_take(&c->reader, rec);
        if (rc == ERR_CHECKSUM) {
            c->lost = true;
            rc = segment_reader_resync(&c->reader, c->next - 1);
            if (rc)
                return rc;
            continue;
        }
        if (rc)
            return rc;
        if (rec->kind == RECORD_DROPPED || rec->seq < c->next)
            continue;
        if (rec->seq > last)
            return ERR_NOT_FOUND;
        if (rec->seq > c->next)
            c->lost = true;
        if (!usable(c, rec))
            continue;
        if (rec->seq > seq) {
            c->reader.at = before;
            return ERR_OK;
        }
        pass(c, rec);
        if (rec->seq == seq)
            return ERR_OK;
    }
}

static enum err read_segment(struct journal *j, struct journal_cursor *c,
                             const struct journal_epoch *e, const struct segment *s, uint64_t seq,
                             struct journal_record *out) {
    bool goes_on = c->aimed && c->file == s->file && c->epoch == e->epoch && c->next == seq;
    if (!goes_on)
        aim(j, c, s);
    bool active = j->active && s == &j->segments[j->segment_n - 1];
    c->reader.end = active ? j->end - j->unsynced.n : s->bytes;
    struct record rec;
    enum err rc = seek_usable(c, seq, s->last, &rec);
    if (rc == ERR_NOT_FOUND) {
        c->aimed = false;
        return damaged(j, c, e, seq, s->last, out);
    }
    if (rc)
        return read_failed(j, c);
    if (rec.seq > seq) {
        c->next = rec.seq;
        return damaged(j, c, e, seq, rec.seq - 1, out);
    }
    out->frame = rec.wire;
    out->to = seq;
    return ERR_OK;
}

enum err journal_read(struct journal *j, struct journal_cursor *c, uint64_t epoch, uint64_t seq,
                      struct journal_record *out) {
    const struct journal_epoch *e = journal_find_epoch(j, epoch);
    if (!e || seq > e->last)
        return ERR_NOT_FOUND;
    const struct gap *g = gap_find(j, epoch, seq);
    if (g) {
        buf_reset(&c->frame);
        enum err rc = gap_frame(j, g, &c->frame);
        out->frame = buf_span(&c->frame);
        out->to = g->range.to;
        return rc;
    }
    if (seq < e->base)
        return ERR_RANGE;
    uint64_t hole_to;
    const struct segment *s = segment_of(j, e, seq, &hole_to);
    return s ? read_segment(j, c, e, s, seq, out) : damaged(j, c, e, seq, hole_to, out);
}
