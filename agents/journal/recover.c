/* The start: what the disk holds, and what of it may be believed. */
#include <stdlib.h>

#include "journal/journal_impl.h"

enum { REPLAY_SEGMENTS_MAX = 16, LIST_MAX = 1 << 16 };

/* --- heads --------------------------------------------------------------------------------------
 */

static enum err read_head(struct journal *j, const struct disk_file *f, struct segment *s) {
    uint8_t bytes[SEGMENT_HEAD_BYTES];
    size_t got = 0;
    enum err rc = j->disk->ops->read(j->disk, f->id, 0, bytes, sizeof bytes, &got);
    if (rc)
        return rc;
    *s = (struct segment){
        .file = f->id, .bytes = f->bytes, .durable_since_ms = NOT_DURABLE, .found = true};
    struct segment_head h;
    if (segment_head_parse(span_of(bytes, got), &h)) {
        s->bad = true;
        return ERR_OK;
    }
    if (h.agent_hash != j->agent_hash)
        return ERR_CONFIG;
    s->seed = h.crc;
    s->ordinal = h.ordinal;
    s->epoch = h.epoch;
    s->first = h.first;
    s->last = h.first - 1;
    s->prev_epoch = h.prev_epoch;
    s->prev_last = h.prev_last;
    s->begun_ms = h.created_ms;
    return ERR_OK;
}

static enum err take_file(struct journal *j, const struct disk_file *f) {
    if (f->id >= j->next_file)
        j->next_file = f->id + 1;
    enum err rc =
        journal_grow((void **)&j->segments, &j->segment_cap, j->segment_n + 1, sizeof *j->segments);
    if (rc)
        return rc;
    struct segment s;
    rc = read_head(j, f, &s);
    if (rc)
        return rc;
    if (s.bad && s.bytes < SEGMENT_HEAD_BYTES) { /* died before its first write: nothing in it */
        (void)j->disk->ops->remove(j->disk, f->id);
        return ERR_OK;
    }
    j->stats.bad_segments += s.bad;
    if (s.ordinal >= j->next_ordinal)
        j->next_ordinal = s.ordinal + 1;
    j->segments[j->segment_n++] = s;
    return ERR_OK;
}

static int by_ordinal(const void *a, const void *b) {
    const struct segment *x = a, *y = b;
    if (x->ordinal != y->ordinal)
        return x->ordinal < y->ordinal ? -1 : 1;
    return x->file < y->file ? -1 : x->file > y->file;
}

static enum err take_files(struct journal *j) {
    size_t cap = 256, n = 0;
    struct disk_file *files = NULL;
    enum err rc;
    do {
        cap = n > cap ? n : cap;
        free(files);
        files = calloc(cap, sizeof *files);
        if (!files)
            return ERR_NOMEM;
        rc = j->disk->ops->list(j->disk, files, cap, &n);
    } while (!rc && n > cap && n <= LIST_MAX);
    if (!rc && n > cap)
        rc = ERR_FULL;
    for (size_t i = 0; i < n && !rc; i++)
        rc = take_file(j, &files[i]);
    free(files);
    if (!rc && j->segment_n > 0)
        qsort(j->segments, j->segment_n, sizeof *j->segments, by_ordinal);
    return rc;
}

/* --- where segments end -------------------------------------------------------------------------
 */

/* What the disk refuses to read is no end: whoever took it for one would lose what lies behind. */
static enum err at_end(enum err rc) {
    return rc == ERR_NOT_FOUND || rc == ERR_CHECKSUM ? ERR_OK : rc;
}

/* The highest seq that some whole record of the segment proves to have been synced. */
static enum err proven(struct segment_reader *r, uint64_t *sure) {
    struct record rec;
    for (uint64_t best = *sure = 0;; *sure = best) {
        enum err rc = segment_reader_take(r, &rec);
        if (rc == ERR_CHECKSUM)
            rc = segment_reader_resync(r, best);
        else if (rc == ERR_OK && rec.kind != RECORD_DROPPED && rec.seq - 1 > rec.unproven) {
            uint64_t p = rec.seq - 1 - rec.unproven;
            best = p > best ? p : best;
        }
        if (rc)
            return at_end(rc);
    }
}

/* The end of a segment that nothing younger delimits: whole records, and holes only where they are
 * proven to have been synced. Also cuts off the torn end. */
static enum err scan_end(struct journal *j, struct segment_reader *r, struct segment *s) {
    uint64_t sure = 0;
    segment_reader_aim(r, j->disk, s->file, s->seed, SEGMENT_HEAD_BYTES, s->bytes);
    enum err failed = proven(r, &sure);
    if (failed)
        return failed;
    segment_reader_aim(r, j->disk, s->file, s->seed, SEGMENT_HEAD_BYTES, s->bytes);
    uint64_t last = s->first - 1, good_end = SEGMENT_HEAD_BYTES;
    struct record rec;
    for (;;) {
        enum err rc = segment_reader_take(r, &rec);
        if (rc == ERR_CHECKSUM && last < sure)
            rc = segment_reader_resync(r, last);
        else if (rc == ERR_OK && rec.kind == RECORD_DROPPED)
            good_end = r->at;
        else if (rc == ERR_OK && rec.seq > last) {
            if (rec.seq > last + 1 && rec.seq - 1 > sure)
                break;
            last = rec.seq;
            good_end = r->at;
        }
        failed = at_end(rc);
        if (failed)
            return failed;
        if (rc)
            break;
    }
    s->last = last > sure ? last : sure;
    if (s->last < s->first)
        s->last = s->first - 1;
    j->stats.torn_bytes += s->bytes - good_end;
    s->bytes = good_end;
    return ERR_OK;
}

/* An epoch names the newest one that has accepted records. So where another begins anew behind the
 * same one, the older has none: what is in its file was accepted under other numbers, if at all. */
static bool came_to_nothing(const struct journal *j, size_t at) {
    const struct segment *s = &j->segments[at];
    for (size_t k = at + 1; k < j->segment_n; k++) {
        const struct segment *x = &j->segments[k];
        if (!x->bad && x->epoch != s->epoch && x->prev_epoch == s->prev_epoch)
            return true;
    }
    for (size_t k = 0; k < j->gap_n; k++)
        if (j->gaps[k].epoch != s->epoch && j->gaps[k].prev_epoch == s->prev_epoch)
            return true;
    return false;
}

/* Where the segment ends by the word of another: the next one of its epoch, or whatever names the
 * epoch as its prev. That is a head or, once those were given up, a dropped record, as soon as
 * those are known. */
static bool end_told(const struct journal *j, size_t at, uint64_t *last) {
    const uint64_t epoch = j->segments[at].epoch;
    if (came_to_nothing(j, at)) {
        *last = j->segments[at].first - 1;
        return true;
    }
    for (size_t k = at + 1; k < j->segment_n; k++)
        if (j->segments[k].epoch == epoch) {
            *last = j->segments[k].first - 1;
            return true;
        }
    for (size_t k = 0; k < j->segment_n; k++)
        if (j->segments[k].prev_epoch == epoch && !j->segments[k].bad) {
            *last = j->segments[k].prev_last;
            return true;
        }
    for (size_t k = 0; k < j->gap_n; k++)
        if (j->gaps[k].prev_epoch == epoch) {
            *last = j->gaps[k].prev_last;
            return true;
        }
    return false;
}

static enum err find_end(struct journal *j, struct segment_reader *r, size_t at) {
    struct segment *s = &j->segments[at];
    return end_told(j, at, &s->last) ? ERR_OK : scan_end(j, r, s);
}

/* --- the state of the newest segment ------------------------------------------------------------
 */

static bool replay_key(struct journal *j, const struct record *rec, struct lasttab *stage) {
    if (rec->flags & RECORD_KEY_FIRST) {
        lasttab_fini(stage);
        lasttab_init(stage);
        lasttab_fini(&j->left);
        lasttab_init(&j->left);
        (void)journal_apply_trailer(j, rec->trailer);
    }
    if (journal_apply_key(stage, rec->wire) || !(rec->flags & RECORD_KEY_LAST) ||
        stage->points.n != rec->points)
        return false;
    lasttab_fini(&j->before);
    j->before = *stage;
    lasttab_init(stage);
    return true;
}

/* Replays one segment into `before`, the positions and the gaps; *key becomes true if it had a key
 * frame. */
static enum err replay(struct journal *j, struct segment_reader *r, const struct segment *s,
                       bool *key) {
    struct lasttab stage;
    lasttab_init(&stage);
    enum err rc = ERR_OK;
    uint64_t seen = s->first - 1;
    segment_reader_aim(r, j->disk, s->file, s->seed, SEGMENT_HEAD_BYTES, s->bytes);
    for (;;) {
        struct record rec;
        rc = segment_reader_take(r, &rec);
        if (rc == ERR_CHECKSUM) {
            rc = segment_reader_resync(r, seen);
            if (rc)
                break;
            continue;
        }
        if (rc || (rec.kind != RECORD_DROPPED && rec.seq > s->last))
            break;
        if (rec.kind == RECORD_DROPPED) {
            if (s->last >=
                s->first) /* else it was never synced, and what it gives up may be here */
                (void)gap_accept(j, &rec);
            continue;
        }
        seen = rec.seq > seen ? rec.seq : seen;
        if (rec.kind == RECORD_KEY) {
            *key |= replay_key(j, &rec, &stage);
            continue;
        }
        if (rec.points == j->before.points.n)
            journal_apply_data(&j->before, rec.wire);
        (void)journal_apply_trailer(j, rec.trailer);
    }
    lasttab_fini(&stage);
    return at_end(rc);
}

static void forget_state(struct journal *j) {
    lasttab_fini(&j->before);
    lasttab_init(&j->before);
    j->position_n = 0;
    j->gap_n = 0;
}

/* From the newest segment that has a key frame on; almost always the newest alone. */
static enum err replay_newest(struct journal *j, struct segment_reader *r) {
    size_t tries = 0;
    enum err rc = ERR_OK;
    for (size_t start = j->segment_n; start-- > 0 && tries < REPLAY_SEGMENTS_MAX;) {
        const struct segment *s = &j->segments[start];
        if (s->bad || s->last < s->first) /* of failed syncs there may be any number */
            continue;
        tries++;
        forget_state(j);
        bool key = false, later = false;
        rc = replay(j, r, &j->segments[start], &key);
        for (size_t k = start + 1; k < j->segment_n && !rc; k++)
            if (!j->segments[k].bad)
                rc = replay(j, r, &j->segments[k], &later);
        if (key || rc)
            return rc;
    }
    return rc;
}

/* A segment that came back, of an epoch whose successor was given up whole: what a failed sync left
 * in it was taken for a part of it so far. */
static void find_ends_in_gaps(struct journal *j) {
    for (size_t i = 0; i < j->segment_n; i++)
        if (!j->segments[i].bad)
            (void)end_told(j, i, &j->segments[i].last);
}

/* The newest segment that counts: the new epoch's prev, and the bytes that may not be on the disk.
 */
static void find_prev(struct journal *j) {
    for (size_t i = j->segment_n; i-- > 0;) {
        const struct segment *s = &j->segments[i];
        if (s->bad || s->last < s->first)
            continue;
        j->open_prev = s->epoch;
        j->open_prev_last = s->last;
        j->trust_file = s->file;
        j->untrusted = true;
        return;
    }
}

/* Values of gap records only, when every segment of the newest epoch was given up. */
static void find_prev_in_gaps(struct journal *j) {
    for (size_t i = 0; i < j->gap_n; i++) {
        if (j->gaps[i].epoch == j->open_prev && j->gaps[i].range.to > j->open_prev_last)
            j->open_prev_last = j->gaps[i].range.to;
    }
}

/* Values of points that the process before had not named stand behind its own. */
static enum err keep_left(struct journal *j) {
    enum err rc = ERR_OK;
    for (size_t i = 0; i < j->left.points.n && !rc; i++) {
        struct reading r;
        uint16_t id;
        if (lasttab_find(&j->before, j->left.points.at[i].name, &id))
            continue;
        rc = lasttab_add(&j->before, &j->left.points.at[i], &id);
        if (!rc && lasttab_get(&j->left, (uint16_t)i, &r)) {
            r.point = id;
            rc = lasttab_put_key(&j->before, &r);
        }
    }
    lasttab_fini(&j->left);
    lasttab_init(&j->left);
    return rc == ERR_FULL ? ERR_OK : rc;
}

enum err journal_recover(struct journal *j) {
    enum err rc = take_files(j);
    if (rc)
        return rc;
    struct segment_reader r;
    rc = segment_reader_init(&r);
    if (rc)
        return rc;
    for (size_t i = 0; i < j->segment_n && !rc; i++)
        if (!j->segments[i].bad)
            rc = find_end(j, &r, i);
    if (!rc)
        rc = replay_newest(j, &r);
    segment_reader_fini(&r);
    if (rc)
        return rc;
    find_ends_in_gaps(j);
    find_prev(j);
    find_prev_in_gaps(j);
    return keep_left(j);
}
