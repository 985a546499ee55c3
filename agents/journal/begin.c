/* Key frames and new segments: the moments when the journal writes records of its own. */
#include "journal/journal_impl.h"

#include <stdlib.h>

/* One more point with its value always fits under the bound of a payload. */
enum {
    KEY_PART_BYTES = 60000, /* the largest key_part_bytes, and most of what is left beside */
    KEY_PART_READINGS = BATCH_READINGS_MAX - 1,
    LEFT_POINT_BYTES = 1024 /* at most, with its value */
};

/* The numbers that a key frame and the records behind it get. */
struct numbering {
    uint64_t epoch, prev_epoch, prev_last;
    uint64_t first, seq; /* seq: of the next record */
    uint64_t synced;     /* last synced seq of this epoch */
    uint32_t seed;
    int64_t t_ms; /* of the key frame */
};

static uint32_t unproven(const struct numbering *n) {
    return (uint32_t)(n->seq - 1 - n->synced);
}

static enum err positions_format(const struct journal *j, struct buf *out) {
    enum err rc = ERR_OK;
    for (size_t i = 0; i < j->position_n && !rc; i++) {
        const struct position *p = &j->positions[i];
        size_t id_n = strlen(p->source.s);
        rc = buf_add_byte(out, (uint8_t)id_n);
        if (!rc)
            rc = buf_add(out, p->source.s, id_n);
        if (!rc)
            rc = buf_add_byte(out, (uint8_t)p->text_n);
        if (!rc)
            rc = buf_add(out, p->text, p->text_n);
    }
    return rc;
}

/* Points of before that no source has named yet: else their values would be gone with the segments
 * of the process that told them, and with them the step to the next one. */
static enum err left_add(const struct journal *j, struct batch_writer *w, size_t room) {
    struct reading r;
    enum err rc = ERR_OK;
    uint16_t id, n = 0;
    for (size_t i = 0; i < j->before.points.n && !rc; i++) {
        struct point p = j->before.points.at[i];
        if (lasttab_find(&j->now, p.name, &id) || !lasttab_get(&j->before, (uint16_t)i, &r))
            continue;
        if (batch_writer_size(w) + LEFT_POINT_BYTES > room || n == KEY_PART_READINGS)
            break;
        p.id = r.point = n++;
        rc = batch_writer_add_point(w, &p);
        if (!rc)
            rc = batch_writer_add(w, &r);
    }
    return rc;
}

static enum err left_format(const struct journal *j, size_t room, struct buf *out) {
    struct batch_writer w;
    struct batch_head head = {.kind = BATCH_KEY, .epoch = 1, .seq = 1, .t_ms = j->wall_ms};
    batch_writer_init(&w);
    batch_writer_reset(&w, j->wall_ms);
    enum err rc = left_add(j, &w, room < KEY_PART_BYTES ? room : KEY_PART_BYTES);
    struct batch_key key = {.parts = 1, .points_total = (uint32_t)w.point_n};
    if (!rc && w.point_n)
        rc = buf_add_byte(out, 0);
    if (!rc && w.point_n)
        rc = batch_writer_encode(&w, &head, &key, NULL, NULL, out);
    batch_writer_fini(&w);
    return rc;
}

/* Writes one part out of the scratch batch. */
static enum err part_format(struct journal *j, struct numbering *n, uint32_t part, uint32_t parts,
                            struct buf *out) {
    struct batch_head head = {
        .kind = BATCH_KEY, .epoch = n->epoch, .seq = n->seq, .t_ms = j->scratch_batch.t_ms};
    struct batch_key key = {.prev_epoch = n->prev_epoch,
                            .prev_last = n->prev_last,
                            .part = part,
                            .parts = parts,
                            .points_total = (uint32_t)j->now.points.n};
    buf_reset(&j->scratch);
    enum err rc = batch_writer_encode(&j->scratch_batch, &head, &key, NULL, NULL, &j->scratch);
    size_t wire_n = j->scratch.n;
    if (!rc && part == 0)
        rc = positions_format(j, &j->scratch);
    if (!rc && part == 0)
        rc = left_format(j, SEGMENT_PAYLOAD_MAX - j->scratch.n, &j->scratch);
    if (rc)
        return rc;
    struct record r = {
        .kind = RECORD_KEY,
        .flags = (uint8_t)((part == 0 ? RECORD_KEY_FIRST : 0) |
                           (part + 1 == parts ? RECORD_KEY_LAST : 0)),
        .points = key.points_total,
        .unproven = unproven(n),
        .seq = n->seq,
        .wire = span_of(j->scratch.p, wire_n),
        .trailer = span_of(j->scratch.p + wire_n, j->scratch.n - wire_n),
    };
    rc = record_format(&r, n->seed, out);
    if (!rc)
        n->seq++;
    return rc;
}

static bool part_full(const struct journal *j, const struct batch_writer *w) {
    return batch_writer_size(w) > j->conf.key_part_bytes || w->reading_n >= KEY_PART_READINGS;
}

/* Goes through the table part by part. With out == NULL it only counts the parts. */
static enum err key_walk(struct journal *j, struct numbering *n, uint32_t parts, struct buf *out,
                         uint32_t *count) {
    struct batch_writer *w = &j->scratch_batch;
    batch_writer_reset(w, n->t_ms);
    uint32_t part = 0;
    for (size_t i = 0; i < j->now.points.n; i++) {
        if (part_full(j, w)) {
            enum err rc = out ? part_format(j, n, part, parts, out) : ERR_OK;
            if (rc)
                return rc;
            part++;
            batch_writer_reset(w, n->t_ms);
        }
        enum err rc = batch_writer_add_point(w, &j->now.points.at[i]);
        struct reading r;
        struct asof a;
        if (!rc && lasttab_get(&j->now, (uint16_t)i, &r))
            rc = batch_writer_add(w, &r);
        if (!rc && lasttab_asof(&j->now, (uint16_t)i, &a))
            rc = batch_writer_add_asof(w, a);
        if (rc)
            return rc;
    }
    *count = part + 1;
    return out ? part_format(j, n, part, parts, out) : ERR_OK;
}

static enum err key_format(struct journal *j, struct numbering *n, struct buf *out) {
    uint32_t parts = 0;
    enum err rc = key_walk(j, n, 0, NULL, &parts);
    return rc ? rc : key_walk(j, n, parts, out, &parts);
}

/* Gives a waiting data record its number in the new segment. Never sent, so it may change. */
static enum err renumber(struct journal *j, const struct record *old, struct numbering *n,
                         struct buf *out) {
    struct batch b;
    enum batch_fault fault;
    enum err rc = batch_parse(old->wire, &b, &fault);
    if (rc)
        return rc;
    struct batch_writer *w = &j->scratch_batch;
    struct reading r;
    struct asof a;
    batch_writer_reset(w, b.head.t_ms);
    while (!rc && batch_next_asof(&b, &a))
        rc = batch_writer_add_asof(w, a);
    while (!rc && batch_next_reading(&b, &r))
        rc = batch_writer_add(w, &r);
    b.head.epoch = n->epoch;
    b.head.seq = n->seq;
    buf_reset(&j->scratch);
    if (!rc)
        rc = batch_writer_encode(w, &b.head, NULL, NULL,
                                 b.head.kind == BATCH_CLOCK ? &b.clock : NULL, &j->scratch);
    if (rc)
        return rc;
    struct record fresh = *old;
    fresh.seq = n->seq;
    fresh.points = (uint32_t)j->now.points.n;
    fresh.unproven = unproven(n);
    fresh.wire = buf_span(&j->scratch);
    rc = record_format(&fresh, n->seed, out);
    if (!rc)
        n->seq++;
    return rc;
}

static enum err carry_waiting(struct journal *j, struct numbering *n, struct buf *out) {
    size_t at = 0;
    uint64_t carried = 0;
    while (at < j->unsynced.n) {
        struct record r;
        size_t size;
        uint32_t seed = j->segments[j->segment_n - 1].seed;
        enum err rc =
            record_parse(span_of(j->unsynced.p + at, j->unsynced.n - at), seed, &r, &size);
        if (!rc && r.kind == RECORD_DATA) {
            rc = renumber(j, &r, n, out);
            carried++;
        }
        if (rc)
            return rc;
        at += size;
    }
    j->stats.rewritten += carried;
    return ERR_OK;
}

/* The first clock record among those that wait to be written again, if there is one. */
static void waiting_step(const struct journal *j, struct batch_clock *c) {
    const uint32_t seed = j->segments[j->segment_n - 1].seed;
    struct record r;
    size_t size;
    for (size_t at = 0; at < j->unsynced.n; at += size) {
        const struct span rest = span_of(j->unsynced.p + at, j->unsynced.n - at);
        struct batch b;
        enum batch_fault fault;
        if (record_parse(rest, seed, &r, &size))
            return; /* told by what writes them again */
        if (r.kind != RECORD_DATA || batch_parse(r.wire, &b, &fault))
            continue;
        if (b.head.kind == BATCH_CLOCK) {
            *c = b.clock;
            return;
        }
    }
}

/* A key frame stands before the record of a step that it does not know of: behind a step back what
 * it tells is not ahead of its time. */
static int64_t key_time(const struct journal *j) {
    struct batch_clock c = {.from_ms = j->stepped ? j->stepped_from_ms : j->wall_ms};
    if (j->broken && j->unsynced.n > 0)
        waiting_step(j, &c);
    return c.from_ms > j->wall_ms ? c.from_ms : j->wall_ms;
}

static struct numbering numbering_next(const struct journal *j) {
    struct numbering n = {.t_ms = key_time(j),
                          .epoch = j->open_epoch,
                          .prev_epoch = j->open_prev,
                          .prev_last = j->open_prev_last,
                          .first = j->open_last + 1,
                          .synced = j->open_last};
    if (j->next_epoch) {
        n.epoch = j->next_epoch;
        n.first = 1;
        n.synced = 0;
        if (j->open_last > 0) {
            n.prev_epoch = j->open_epoch;
            n.prev_last = j->open_last;
        }
    }
    n.seq = n.first;
    return n;
}

/* The whole first write of a segment: head, dropped ranges, key frame, waiting records. Where the
 * write is torn, what counts is a piece from the start: with the key frame all ranges count. */
static enum err image_format(struct journal *j, struct numbering *n, struct buf *out) {
    struct segment_head head = {.agent_hash = j->agent_hash,
                                .epoch = n->epoch,
                                .first = n->first,
                                .prev_epoch = n->prev_epoch,
                                .prev_last = n->prev_last,
                                .ordinal = j->next_ordinal,
                                .created_ms = j->wall_ms};
    enum err rc = segment_head_format(&head, out);
    n->seed = head.crc;
    for (size_t i = 0; i < j->gap_n && !rc; i++)
        rc = gap_record(j, &j->gaps[i], n->seed, out);
    if (!rc)
        rc = key_format(j, n, out);
    if (!rc && j->broken)
        rc = carry_waiting(j, n, out);
    return rc;
}

/* The image stands on the disk: it becomes the active segment. */
static void segment_enter(struct journal *j, const struct numbering *n, struct buf *image) {
    j->segments[j->segment_n++] = (struct segment){
        .file = j->next_file,
        .seed = n->seed,
        .ordinal = j->next_ordinal,
        .epoch = n->epoch,
        .first = n->first,
        .last = n->first - 1,
        .prev_epoch = n->prev_epoch,
        .prev_last = n->prev_last,
        .bytes = image->n,
        .durable_since_ms = NOT_DURABLE,
        .begun_ms = j->wall_ms,
    };
    if (n->epoch != j->open_epoch) {
        j->open_epoch = n->epoch;
        j->open_last = 0;
    }
    j->open_prev = n->prev_epoch;
    j->open_prev_last = n->prev_last;
    j->next_epoch = 0;
    j->next_seq = n->seq;
    j->stats.written += n->seq - n->first;
    j->stats.written_bytes += image->n;
    j->next_file++;
    j->next_ordinal++;
    j->end = image->n;
    j->points_key = (uint32_t)j->now.points.n;
    j->active = true;
    j->broken = j->rotate = j->key_due = j->disk_full = false;
    buf_fini(&j->unsynced);
    j->unsynced = *image;
    j->unsynced.n -= SEGMENT_HEAD_BYTES;
    memmove(j->unsynced.p, j->unsynced.p + SEGMENT_HEAD_BYTES, j->unsynced.n);
    j->cover = 0;
}

static enum err segment_begin(struct journal *j) {
    struct numbering n = numbering_next(j);
    struct buf image;
    buf_init(&image);
    enum err rc =
        journal_grow((void **)&j->segments, &j->segment_cap, j->segment_n + 1, sizeof *j->segments);
    if (!rc)
        rc = image_format(j, &n, &image);
    if (rc) {
        buf_fini(&image);
        j->fault = rc;
        j->retry_ms = j->mono_ms + JOURNAL_RETRY_MS;
        return rc;
    }
    rc = j->disk->ops->write(j->disk, j->next_file, 0, buf_span(&image));
    if (rc) {
        buf_fini(&image);
        enum err gone = j->disk->ops->remove(j->disk, j->next_file);
        if (!gone || gone == ERR_NOT_FOUND)
            j->next_file++; /* else the next try writes over it: nobody would know of it */
        j->next_ordinal++;
        journal_write_failed(j, rc);
        return rc;
    }
    segment_enter(j, &n, &image);
    journal_refresh_epochs(j);
    journal_start_sync(j);
    return ERR_OK;
}

static enum err key_append(struct journal *j) {
    struct numbering n = numbering_next(j);
    n.seed = j->segments[j->segment_n - 1].seed;
    enum err rc = key_format(j, &n, &j->unsynced);
    if (rc) {
        buf_reset(&j->unsynced);
        return rc;
    }
    rc = journal_write_tail(j, 0);
    if (rc)
        return rc;
    j->next_seq = n.seq;
    j->points_key = (uint32_t)j->now.points.n;
    j->key_due = false;
    return ERR_OK;
}

enum err journal_make_ready(struct journal *j, int64_t mono_ms, int64_t wall_ms) {
    j->mono_ms = mono_ms;
    j->wall_ms = wall_ms;
    bool segment = !j->active || j->broken || j->rotate || j->next_epoch != 0;
    if (!segment && !j->key_due)
        return ERR_OK;
    journal_start_trust(j);
    if (j->syncing)
        return ERR_BUSY;
    if (j->untrusted)
        return ERR_IO; /* its sync failed; tried again */
    if (!j->broken && j->unsynced.n > 0) {
        journal_flush(j);
        return j->broken ? ERR_IO : ERR_BUSY;
    }
    if (mono_ms < j->retry_ms)
        return j->fault;
    return segment ? segment_begin(j) : key_append(j);
}
