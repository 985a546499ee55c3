/* Files. One folder holds numbered files, one segment each; all numbers are little-endian.
 *
 *   head, 72 bytes
 *     0 "PBJ1"  4 u32 version 1  8 u64 fnv1a64 of the agent's id  16 u64 epoch  24 u64 first seq
 *    32 u64 prev epoch  40 u64 prev last  48 u64 ordinal  56 i64 begun, UTC ms  64 u32 0
 *    68 u32 crc32c of bytes 0..67
 *   records, one behind the other until the end
 *     0 u32 crc32c of bytes 4..end, begun with the head's crc: a record counts only in its segment
 *     4 u32 payload bytes, <= 131072  8 u64 seq  16 u32 wire bytes  20 u32 points in force
 *    24 u16 readings  26 u8 kind (1 data, 2 key frame part, 3 dropped)  27 u8 flags (key frames:
 *    1 first part, 2 last part)  28 u32 records before it that were not synced when it was written
 *    32 the wire frame, then the trailer: source positions [u8 n, id, u8 n, text] ...; of a dropped
 *       record the prev of its epoch [u64, u64]; of a key frame's first part, behind the positions,
 *       perhaps u8 0 and a key frame with the points of older processes that no source of this one
 *       has named yet, and their last values, as far as there is room
 *
 * A segment begins with the dropped ranges that still matter, then a key frame: the point table,
 * the last values, all source positions. So the newest segment with a whole key frame alone
 * restores everything a start needs; of a first write torn before its key frame nothing counts, and
 * the segment before it is still there. A dropped record has seq = its `to` and may speak of
 * another epoch. It carries no values: what follows a dropped range is a key frame with the values
 * as of its end.
 *
 * Life of a record. append writes it behind the others (page cache). A sync, one at a time, covers
 * everything written before it; when it succeeds the records are accepted: their values enter the
 * last-value table, their positions the position table, and they may be sent. Key frames are
 * written only when nothing waits, so their values are exactly those of the records before them.
 *
 * A write fails: nothing was taken; the same offset is written again later. A sync fails: which
 * bytes arrived is unknown and the kernel will not say so twice, so the tail is never trusted: a
 * new segment begins at the first seq not accepted, and the waiting records are numbered anew
 * behind its key frame. A segment ends where the next one of its epoch begins, or where the next
 * epoch's `prev` says, in a head or in the dropped record of that epoch; what lies behind counts
 * for nothing. Where two epochs name the same one, the older has nothing: else the younger would
 * name it. Deleted files may come back until the folder is synced, so what tells an end goes after
 * that.
 *
 * Crash. A start reads all heads and only the newest segment whole. There, a bad record followed
 * by a whole one that proves it was synced is damage (given up with DROP_CORRUPT when it would be
 * sent); any other bad record is the torn end of what was never accepted: ignored, never cut off,
 * since no process writes to a segment of another. What was read is synced before it is sent, and
 * before the new process writes: so the newest segment is always the only one in doubt.
 * Positions travel in the same record as the readings, so they are torn or whole together. */
#include "journal/journal.h"

#include <assert.h>
#include <stdlib.h>

#include "base/hash.h"
#include "journal/journal_impl.h"

void journal_conf_init(struct journal_conf *c) {
    *c = (struct journal_conf){
        .segment_bytes = UINT64_C(4) << 20,
        .quota_bytes = UINT64_C(1) << 30,
        .retain_ms = INT64_C(86400000),
        .commit_ms = 200,
        .commit_bytes = 256u << 10,
        .unsynced_max = 1u << 20,
        .segments_max = 4096,
        .key_part_bytes = 60000,
    };
}

const char *journal_fault_name(enum journal_fault fault) {
    static const char *const names[JOURNAL_FAULT_COUNT] = {
        [JOURNAL_FAULT_WRITE] = "write",
        [JOURNAL_FAULT_SYNC] = "sync",
        [JOURNAL_FAULT_READ] = "read",
        [JOURNAL_FAULT_CORRUPT] = "corrupt",
    };
    return fault < JOURNAL_FAULT_COUNT ? names[fault] : "unknown";
}

enum err journal_grow(void **at, size_t *cap, size_t n, size_t size) {
    if (n <= *cap)
        return ERR_OK;
    size_t more = *cap ? *cap * 2 : 16;
    while (more < n)
        more *= 2;
    void *fresh = realloc(*at, more * size);
    if (!fresh)
        return ERR_NOMEM;
    *at = fresh;
    *cap = more;
    return ERR_OK;
}

void journal_fault_told(struct journal *j, enum journal_fault fault, enum err why) {
    if (j->events.on_fault)
        j->events.on_fault(j->events.user, fault, why);
}

static void told_accepted(struct journal *j) {
    if (j->events.on_accepted)
        j->events.on_accepted(j->events.user);
}

/* --- accepting ----------------------------------------------------------------------------------
 */

static enum err put_position(struct journal *j, const struct ident *source, struct span text) {
    struct position *p = NULL;
    for (size_t i = 0; i < j->position_n && !p; i++)
        if (ident_equal(&j->positions[i].source, source))
            p = &j->positions[i];
    if (!p) {
        enum err rc =
            journal_grow((void **)&j->positions, &j->position_cap, j->position_n + 1, sizeof *p);
        if (rc)
            return rc;
        assert(j->positions); /* journal_grow made room */
        p = &j->positions[j->position_n++];
        p->source = *source;
    }
    memcpy(p->text, text.p, text.n);
    p->text[text.n] = '\0';
    p->text_n = (uint16_t)text.n;
    return ERR_OK;
}

enum err journal_apply_trailer(struct journal *j, struct span trailer) {
    struct cursor c = cursor_of(trailer);
    while (cursor_left(&c) > 0) {
        struct span word, text;
        struct ident id;
        uint8_t n;
        if (cursor_take_byte(&c, &n))
            return ERR_FORMAT;
        if (n == 0)
            return journal_apply_key(
                &j->left, span_of(trailer.p + trailer.n - cursor_left(&c), cursor_left(&c)));
        if (cursor_take_span(&c, n, &word) || cursor_take_byte(&c, &n) ||
            n > JOURNAL_POSITION_MAX || cursor_take_span(&c, n, &text) || !ident_set(&id, word))
            return ERR_FORMAT;
        enum err rc = put_position(j, &id, text);
        if (rc)
            return rc;
    }
    return ERR_OK;
}

enum err journal_apply_key(struct lasttab *t, struct span wire) {
    struct batch b;
    enum batch_fault fault;
    struct point p;
    struct reading r;
    enum err rc = batch_parse(wire, &b, &fault);
    while (!rc && batch_next_point(&b, &p)) {
        uint16_t id;
        rc = p.id == t->points.n ? lasttab_add(t, &p, &id) : ERR_FORMAT;
    }
    while (!rc && batch_next_reading(&b, &r))
        rc = lasttab_put_key(t, &r);
    return rc;
}

void journal_apply_data(struct lasttab *t, struct span wire) {
    struct batch b;
    enum batch_fault fault;
    if (batch_parse(wire, &b, &fault))
        return;
    struct reading r;
    struct asof a;
    while (batch_next_asof(&b, &a))
        lasttab_cover(t, &a);
    while (batch_next_reading(&b, &r))
        (void)lasttab_put(t, &r,
                          b.head.t_ms); /* out of memory: a key frame keeps the older value */
    if (b.head.kind == BATCH_CLOCK)
        lasttab_clock(t, &b.clock);
}

static void accept_record(struct journal *j, const struct record *r) {
    if (r->kind == RECORD_DROPPED) {
        (void)gap_accept(j, r);
        return;
    }
    j->open_last = r->seq;
    j->stats.records++;
    journal_mark(j, r->seq);
    if (r->kind == RECORD_DATA) {
        j->stats.readings += r->readings;
        journal_apply_data(&j->now, r->wire);
        (void)journal_apply_trailer(j, r->trailer);
    }
}

/* Takes over what the finished sync covered. */
static void accept_covered(struct journal *j) {
    struct segment *s = &j->segments[j->segment_n - 1];
    size_t at = 0;
    while (at < j->cover) {
        struct record r;
        size_t size;
        enum err rc = record_parse(span_of(j->unsynced.p + at, j->cover - at), s->seed, &r, &size);
        assert(rc == ERR_OK); /* our own bytes in our own memory */
        if (rc)
            break;
        accept_record(j, &r);
        at += size;
    }
    memmove(j->unsynced.p, j->unsynced.p + j->cover, j->unsynced.n - j->cover);
    j->unsynced.n -= j->cover;
    j->cover = 0;
    s->last = j->open_last;
    struct journal_epoch *e = journal_epoch_slot(j, j->open_epoch);
    if (e && e->open)
        e->last = j->open_last;
    else
        journal_refresh_epochs(j);
    journal_finish_victim(j);
}

static void on_trust(struct journal *j, enum err result) {
    if (result) {
        j->stats.sync_failures++;
        j->trust_retry_ms = j->mono_ms + JOURNAL_RETRY_MS;
        journal_fault_told(j, JOURNAL_FAULT_SYNC, result);
        return;
    }
    j->untrusted = false;
    journal_refresh_epochs(j);
    told_accepted(j);
}

static void on_sync(void *user, uint32_t file, enum err result) {
    struct journal *j = user;
    if (!j->syncing || file != j->sync_file)
        return;
    j->syncing = false;
    if (j->untrusted && file == j->trust_file) {
        on_trust(j, result);
        return;
    }
    j->stats.syncs++;
    if (result) {
        j->cover = 0;
        j->broken = true;
        j->stats.sync_failures++;
        journal_fault_told(j, JOURNAL_FAULT_SYNC, result);
        return;
    }
    if (file != j->named_file)
        journal_folder_synced(j);
    j->named_file = file;
    accept_covered(j);
    if (j->flush && j->unsynced.n > 0)
        journal_start_sync(j);
    else
        j->flush = false;
    told_accepted(j);
}

static void start_sync(struct journal *j, uint32_t file, size_t cover) {
    j->sync_file = file;
    j->cover = cover;
    j->gone_covered = j->gone_n;
    j->syncing = true;
    enum err rc = j->disk->ops->sync(j->disk, j->sync_file);
    if (rc)
        on_sync(j, j->sync_file, rc);
}

void journal_start_trust(struct journal *j) {
    if (!j->syncing && j->untrusted && j->mono_ms >= j->trust_retry_ms)
        start_sync(j, j->trust_file, 0);
}

void journal_start_sync(struct journal *j) {
    if (j->syncing || !j->active || j->broken || j->unsynced.n == 0)
        return;
    j->synced_ms = j->mono_ms;
    start_sync(j, j->segments[j->segment_n - 1].file, j->unsynced.n);
}

/* --- appending ----------------------------------------------------------------------------------
 */

void journal_write_failed(struct journal *j, enum err why) {
    j->stats.write_failures++;
    j->fault = why;
    j->disk_full = why == ERR_FULL;
    j->retry_ms = j->mono_ms + JOURNAL_RETRY_MS;
    journal_fault_told(j, JOURNAL_FAULT_WRITE, why);
}

enum err journal_write_tail(struct journal *j, size_t from) {
    struct segment *s = &j->segments[j->segment_n - 1];
    struct span bytes = span_of(j->unsynced.p + from, j->unsynced.n - from);
    enum err rc = j->disk->ops->write(j->disk, s->file, j->end, bytes);
    if (rc) {
        j->unsynced.n = from;
        j->rotate |= rc != ERR_FULL; /* this place of the disk may be bad: go on in another file */
        journal_write_failed(j, rc);
        return rc;
    }
    j->disk_full = false;
    j->end += bytes.n;
    s->bytes = j->end;
    j->stats.bytes += bytes.n;
    j->stats.written_bytes += bytes.n;
    return ERR_OK;
}

static enum err trailer_format(const struct journal_entry *e, struct buf *out) {
    size_t begun = out->n;
    for (size_t i = 0; i < e->position_n; i++) {
        const struct journal_position *p = &e->positions[i];
        size_t id_n = strlen(p->source.s);
        if (p->text.n > JOURNAL_POSITION_MAX)
            return ERR_RANGE;
        enum err rc = buf_add_byte(out, (uint8_t)id_n);
        if (!rc)
            rc = buf_add(out, p->source.s, id_n);
        if (!rc)
            rc = buf_add_byte(out, (uint8_t)p->text.n);
        if (!rc && p->text.n > 0)
            rc = buf_add(out, p->text.p, p->text.n);
        if (rc)
            return rc;
    }
    return out->n - begun > JOURNAL_POSITIONS_BYTES_MAX ? ERR_RANGE : ERR_OK;
}

/* Encodes the entry as the next record behind what waits. */
static enum err entry_format(struct journal *j, const struct journal_entry *e) {
    struct batch_head head = {.kind = e->clock ? BATCH_CLOCK : BATCH_DATA,
                              .epoch = j->open_epoch,
                              .seq = j->next_seq,
                              .t_ms = e->batch->t_ms};
    buf_reset(&j->scratch);
    enum err rc = batch_writer_encode(e->batch, &head, NULL, NULL, e->clock, &j->scratch);
    if (rc)
        return rc;
    size_t wire_n = j->scratch.n;
    rc = trailer_format(e, &j->scratch);
    if (rc)
        return rc;
    struct record r = {.kind = RECORD_DATA,
                       .readings = (uint16_t)e->batch->reading_n,
                       .points = j->points_key,
                       .unproven = (uint32_t)(j->next_seq - 1 - j->open_last),
                       .seq = j->next_seq,
                       .wire = span_of(j->scratch.p, wire_n),
                       .trailer = span_of(j->scratch.p + wire_n, j->scratch.n - wire_n)};
    return record_format(&r, j->segments[j->segment_n - 1].seed, &j->unsynced);
}

enum err journal_append(struct journal *j, const struct journal_entry *e, int64_t mono_ms,
                        int64_t wall_ms) {
    if (e->clock)
        journal_clock_steps(j, e->clock->from_ms);
    enum err rc = journal_make_ready(j, mono_ms, wall_ms);
    if (rc)
        return rc;
    if (j->disk_full && mono_ms < j->retry_ms)
        return ERR_FULL;
    size_t from = j->unsynced.n;
    if (from > 0 && from + batch_writer_size(e->batch) > j->conf.unsynced_max) {
        journal_flush(j);
        return ERR_FULL;
    }
    rc = entry_format(j, e);
    if (rc) {
        j->unsynced.n = from;
        j->unsynced.failed = false;
        return rc;
    }
    rc = journal_write_tail(j, from);
    if (rc)
        return rc;
    j->next_seq++;
    j->stats.written++;
    j->stepped = j->stepped && !e->clock;
    if (j->end >= j->conf.segment_bytes)
        j->rotate = true;
    if (j->unsynced.n >= j->conf.commit_bytes || j->rotate)
        journal_start_sync(j);
    return ERR_OK;
}

void journal_clock_steps(struct journal *j, int64_t from_ms) {
    if (!j->stepped)
        j->stepped_from_ms = from_ms;
    j->stepped = true;
}

void journal_flush(struct journal *j) {
    j->flush = j->unsynced.n > 0;
    journal_start_sync(j);
}

/* On the leading edge: what comes after silence is not held back for company that may not come. */
int64_t journal_due_ms(const struct journal *j) {
    if (j->unsynced.n == 0 || j->syncing || !j->active || j->broken)
        return INT64_MAX;
    return j->synced_ms + j->conf.commit_ms;
}

bool journal_idle(const struct journal *j) {
    return !j->syncing && j->unsynced.n == 0;
}

void journal_begin_epoch(struct journal *j, uint64_t epoch) {
    if (epoch != 0 && epoch != j->open_epoch)
        j->next_epoch = epoch;
}

void journal_tick(struct journal *j, int64_t mono_ms, int64_t wall_ms) {
    j->mono_ms = mono_ms;
    j->wall_ms = wall_ms;
    (void)journal_make_ready(j, mono_ms, wall_ms); /* told as a fault, tried again */
    if (mono_ms - j->trim_ms >= JOURNAL_TRIM_MS) {
        j->trim_ms = mono_ms;
        journal_trim(j, mono_ms, wall_ms);
    }
    journal_start_trust(j);
    if (mono_ms >= journal_due_ms(j))
        journal_start_sync(j);
}

/* --- points and positions -----------------------------------------------------------------------
 */

enum err journal_add_point(struct journal *j, const struct point *p, uint16_t *id) {
    uint16_t found;
    if (lasttab_find(&j->now, p->name, &found)) {
        if (!point_equal(&j->now.points.at[found], p))
            return ERR_EXISTS;
        *id = found;
        return ERR_OK;
    }
    enum err rc = lasttab_add(&j->now, p, &found);
    if (rc)
        return rc;
    j->key_due = true;
    *id = found;
    uint16_t old;
    struct reading r;
    if (!lasttab_find(&j->before, p->name, &old) || !lasttab_get(&j->before, old, &r))
        return ERR_OK;
    const struct point *was = &j->before.points.at[old];
    if (was->type == p->type && was->num == p->num && was->den == p->den) {
        r.point = found;
        (void)lasttab_put_key(&j->now, &r); /* out of memory: as for a point never seen before */
    }
    return ERR_OK;
}

const char *journal_position(const struct journal *j, const struct ident *source) {
    for (size_t i = 0; i < j->position_n; i++)
        if (ident_equal(&j->positions[i].source, source))
            return j->positions[i].text;
    return "";
}

/* --- life ---------------------------------------------------------------------------------------
 */

static void journal_init(struct journal *j, const struct journal_conf *conf, struct disk *disk,
                         const struct journal_events *events) {
    j->conf = *conf;
    j->disk = disk;
    if (events)
        j->events = *events;
    j->agent_hash = fnv1a64(span_str(conf->agent.s));
    lasttab_init(&j->now);
    lasttab_init(&j->before);
    lasttab_init(&j->left);
    buf_init(&j->unsynced);
    buf_init(&j->scratch);
    buf_init(&j->frame);
    batch_writer_init(&j->scratch_batch);
    disk->on_sync = on_sync;
    disk->user = j;
}

enum err journal_open(const struct journal_conf *conf, struct disk *disk,
                      const struct journal_events *events, uint64_t epoch, int64_t mono_ms,
                      int64_t wall_ms, struct journal **out) {
    assert(epoch != 0); /* the caller draws it and excludes 0 */
    struct journal *j = calloc(1, sizeof *j);
    if (!j)
        return ERR_NOMEM;
    journal_init(j, conf, disk, events);
    j->mono_ms = j->trim_ms = j->trust_retry_ms = mono_ms;
    j->retry_ms = mono_ms;
    j->synced_ms = mono_ms - conf->commit_ms;
    j->wall_ms = wall_ms;
    j->open_epoch = epoch;
    j->next_seq = 1;
    j->next_ordinal = 1;
    j->next_file = 1;
    j->gone_any = true;
    enum err rc = journal_recover(j);
    if (rc) {
        journal_close(j);
        return rc;
    }
    journal_refresh_epochs(j);
    journal_start_trust(j);
    *out = j;
    return ERR_OK;
}

void journal_close(struct journal *j) {
    if (!j)
        return;
    j->disk->on_sync = NULL;
    free(j->segments);
    free(j->epochs);
    free(j->gaps);
    free(j->gone);
    free(j->positions);
    lasttab_fini(&j->now);
    lasttab_fini(&j->before);
    lasttab_fini(&j->left);
    buf_fini(&j->unsynced);
    buf_fini(&j->scratch);
    buf_fini(&j->frame);
    batch_writer_fini(&j->scratch_batch);
    free(j);
}

const struct journal_stats *journal_stats(const struct journal *j) {
    return &j->stats;
}

void journal_check(const struct journal *j) {
    assert(!j->active || j->segment_n > 0);              /* the active one is in the table */
    assert(j->cover <= j->unsynced.n);                   /* a sync covers what was written */
    assert(j->next_seq > j->open_last || j->next_epoch); /* accepted is never ahead of written */
    for (size_t i = 1; i < j->segment_n; i++)
        assert(j->segments[i].bad || j->segments[i - 1].ordinal <= j->segments[i].ordinal);
    for (size_t i = 0; i < j->epoch_n; i++)
        assert(j->epochs[i].durable <= j->epochs[i].last); /* clamped in set_durable */
    lasttab_check(&j->now);
}
