/* What is kept and for how long: the table of epochs, retention, quota. */
#include "journal/journal_impl.h"

#include <stdlib.h>

/* Of more the durable ones go before their time, and a store put back from a backup lacks them. A
 * hello holds 256 (SESSION_EPOCHS_MAX) and would leave out the newest but the open one, by which
 * the aggregator knows a restart: a quarter of it is for restarts that follow each other faster
 * than acks. */
enum { EPOCHS_KEPT_MAX = 192 };

static bool holds_nothing(const struct segment *s) {
    return s->bad || s->last < s->first;
}

static bool is_active(const struct journal *j, size_t at) {
    return j->active && at == j->segment_n - 1;
}

static bool hidden(const struct journal *j, const struct segment *s) {
    return j->untrusted && s->file == j->trust_file;
}

struct journal_epoch *journal_epoch_slot(struct journal *j, uint64_t epoch) {
    for (size_t i = j->epoch_n; i-- > 0;)
        if (j->epochs[i].epoch == epoch)
            return &j->epochs[i];
    return NULL;
}

struct list {
    struct journal_epoch *at;
    size_t n, cap;
    bool failed; /* out of memory: an epoch is missing */
};

static struct journal_epoch *list_find(const struct list *l, uint64_t epoch) {
    for (size_t i = l->n; i-- > 0;)
        if (l->at[i].epoch == epoch)
            return &l->at[i];
    return NULL;
}

static void list_segment(struct list *l, const struct segment *s) {
    struct journal_epoch *e = list_find(l, s->epoch);
    if (!e) {
        if (journal_grow((void **)&l->at, &l->cap, l->n + 1, sizeof *e)) {
            l->failed = true;
            return;
        }
        e = &l->at[l->n++];
        *e = (struct journal_epoch){.epoch = s->epoch,
                                    .prev_epoch = s->prev_epoch,
                                    .prev_last = s->prev_last,
                                    .base = s->first};
    }
    if (s->last > e->last)
        e->last = s->last;
}

/* An epoch of which only gaps are left goes before the one that names it as its prev. It ends with
 * the last of them, in whatever order they became known. */
static void list_gap(struct list *l, const struct gap *g) {
    struct journal_epoch *e = list_find(l, g->epoch);
    if (e) {
        if (g->range.to > e->last)
            e->last = g->range.to;
        if (g->range.from < e->base && g->range.to + 1 >= e->base)
            e->base = g->range.from;
        return;
    }
    if (journal_grow((void **)&l->at, &l->cap, l->n + 1, sizeof *e)) {
        l->failed = true;
        return;
    }
    size_t at = 0;
    while (at < l->n && l->at[at].prev_epoch != g->epoch)
        at++;
    if (at == l->n)
        at = 0;
    memmove(&l->at[at + 1], &l->at[at], (l->n - at) * sizeof *e);
    l->n++;
    l->at[at] = (struct journal_epoch){.epoch = g->epoch,
                                       .prev_epoch = g->prev_epoch,
                                       .prev_last = g->prev_last,
                                       .base = g->range.from,
                                       .last = g->range.to};
}

static void list_all(const struct journal *j, struct list *l) {
    for (size_t i = 0; i < j->segment_n; i++)
        if (!holds_nothing(&j->segments[i]))
            list_segment(l, &j->segments[i]);
    for (size_t i = j->gap_n; i-- > 0;)
        if (j->gaps[i].synced && !j->gaps[i].had)
            list_gap(l, &j->gaps[i]);
}

/* Nothing is listed while the newest recovered segment is not known to be on the disk: a hello
 * without it, or with less of its epoch, would say that its records are gone. */
void journal_refresh_epochs(struct journal *j) {
    struct list l = {0};
    if (!j->untrusted)
        list_all(j, &l);
    if (l.failed) /* an epoch that a hello leaves out is one given up: none is listed for now */
        l.n = 0;
    for (size_t i = 0; i < l.n; i++) {
        const struct journal_epoch *was = journal_epoch_slot(j, l.at[i].epoch);
        l.at[i].durable = was ? was->durable : 0;
        l.at[i].open = j->active && l.at[i].epoch == j->open_epoch;
    }
    free(j->epochs);
    j->epochs = l.at;
    j->epoch_n = l.n;
    j->epoch_cap = l.cap;
    j->stats.bytes = 0;
    for (size_t i = 0; i < j->segment_n; i++)
        j->stats.bytes += j->segments[i].bytes;
    j->stats.segments = j->segment_n;
}

const struct journal_epoch *journal_epochs(const struct journal *j, size_t *n) {
    *n = j->epoch_n;
    return j->epochs;
}

const struct journal_epoch *journal_find_epoch(const struct journal *j, uint64_t epoch) {
    for (size_t i = j->epoch_n; i-- > 0;)
        if (j->epochs[i].epoch == epoch)
            return &j->epochs[i];
    return NULL;
}

int64_t journal_covered_ms(const struct journal *j) {
    const int64_t before_ms = lasttab_covered_ms(&j->before), now_ms = lasttab_covered_ms(&j->now);
    return before_ms > now_ms ? before_ms : now_ms;
}

uint64_t journal_open_epoch(const struct journal *j) {
    return j->open_epoch;
}

uint64_t journal_backlog_bytes(const struct journal *j) {
    uint64_t sum = 0;
    for (size_t i = 0; i < j->segment_n; i++) {
        const struct segment *s = &j->segments[i];
        const struct journal_epoch *e = holds_nothing(s) ? NULL : journal_find_epoch(j, s->epoch);
        if (!e || e->durable >= s->last)
            continue;
        uint64_t all = s->last - s->first + 1;
        uint64_t left = e->durable < s->first ? all : s->last - e->durable;
        sum += s->bytes / all * left;
    }
    return sum;
}

void journal_set_durable(struct journal *j, uint64_t epoch, uint64_t durable) {
    struct journal_epoch *e = journal_epoch_slot(j, epoch);
    if (e)
        e->durable = durable < e->last ? durable : e->last;
}

void segment_forget(struct journal *j, size_t at) {
    j->segment_n--;
    memmove(&j->segments[at], &j->segments[at + 1], (j->segment_n - at) * sizeof *j->segments);
}

static void note_gone(struct journal *j, uint64_t epoch) {
    if (journal_grow((void **)&j->gone, &j->gone_cap, j->gone_n + 1, sizeof *j->gone))
        j->gone_any = true;
    else
        j->gone[j->gone_n++] = epoch;
}

/* Of one that holds nothing those heads say so that name the same epoch. */
static bool segment_delete(struct journal *j, size_t at) {
    const struct segment s = j->segments[at];
    enum err rc = j->disk->ops->remove(j->disk, j->segments[at].file);
    if (rc && rc != ERR_NOT_FOUND) {
        journal_fault_told(j, JOURNAL_FAULT_WRITE, rc);
        return false;
    }
    segment_forget(j, at);
    journal_refresh_epochs(j);
    note_gone(j, s.epoch);
    if (!s.bad && holds_nothing(&s))
        note_gone(j, s.prev_epoch);
    return true;
}

void journal_folder_synced(struct journal *j) {
    j->gone_n -= j->gone_covered;
    if (j->gone_n > 0)
        memmove(j->gone, j->gone + j->gone_covered, j->gone_n * sizeof *j->gone);
    j->gone_any = false;
}

static bool durable_now(const struct journal *j, const struct segment *s) {
    if (holds_nothing(s))
        return true;
    const struct journal_epoch *e = journal_find_epoch(j, s->epoch);
    return e && e->durable >= s->last && !hidden(j, s);
}

static void mark_durable(struct journal *j, int64_t mono_ms) {
    for (size_t i = 0; i < j->segment_n; i++) {
        struct segment *s = &j->segments[i];
        if (is_active(j, i) || !durable_now(j, s))
            s->durable_since_ms = NOT_DURABLE;
        else if (s->durable_since_ms == NOT_DURABLE)
            s->durable_since_ms = mono_ms;
    }
}

static bool pressed(const struct journal *j) {
    return j->stats.bytes + j->conf.segment_bytes > j->conf.quota_bytes ||
           j->segment_n > j->conf.segments_max;
}

/* May the power still bring back a segment of the epoch? Of too many epochs that is not asked: one
 * sync of the folder lets go of one of them, and they must become fewer. */
static bool may_come_back(const struct journal *j, uint64_t epoch) {
    bool gone = j->gone_any;
    for (size_t i = 0; i < j->gone_n; i++)
        gone = gone || j->gone[i] == epoch;
    return gone && j->epoch_n <= EPOCHS_KEPT_MAX;
}

bool journal_may_hold(const struct journal *j, uint64_t epoch) {
    for (size_t i = 0; i < j->segment_n; i++)
        if (!j->segments[i].bad && j->segments[i].epoch == epoch)
            return true;
    return may_come_back(j, epoch);
}

/* Its head is known, and stays when the power fails, or is no more than that one's. A file whose
 * first sync failed is on no disk for all we know. */
static bool says_as_surely(const struct segment *x, const struct segment *than) {
    return !x->bad && (x->found || !holds_nothing(x) || (!than->found && holds_nothing(than)));
}

/* The head of a segment says where the epoch before its own ends. What a failed sync left behind
 * that end is in the file of a process that was killed, and stands in a later epoch, too: so the
 * last head that says so stays as long as that epoch has segments, or a crash may bring some back.
 * One that holds nothing need not be the last, and one that was given up has said it to the dropped
 * record, which then stays as long. */
static bool tells_an_end(const struct journal *j, size_t at) {
    const struct segment *s = &j->segments[at];
    for (size_t i = 0; i < j->segment_n; i++) {
        const struct segment *x = &j->segments[i];
        if (i == at || !says_as_surely(x, s))
            continue;
        bool same = x->prev_epoch == s->prev_epoch && x->prev_last == s->prev_last;
        if (x->epoch == s->epoch || (same && holds_nothing(s)))
            return false; /* its head says so as well */
    }
    return !s->bad && journal_may_hold(j, s->prev_epoch);
}

/* That of one that holds nothing says where the segment of its own epoch before it ends, in which a
 * failed sync may have left what it was to have. It stays until another says so as well: the first
 * one of an epoch behind, or the next of its own. */
static bool tells_its_own(const struct journal *j, size_t at) {
    const struct segment *s = &j->segments[at];
    bool before = may_come_back(j, s->epoch);
    if (s->bad || !holds_nothing(s) || s->first == 1)
        return false;
    for (size_t i = 0; i < j->segment_n; i++) {
        const struct segment *x = &j->segments[i];
        if (i == at || !says_as_surely(x, s))
            continue;
        const bool own = x->epoch == s->epoch;
        if (own ? x->first >= s->first : x->prev_epoch == s->epoch)
            return false;
        before = before || (own && x->first < s->first);
    }
    return before;
}

/* Deletes the oldest segment that may go; false when there is none. The newest one that holds
 * synced records never may: a start takes values, positions and its predecessor's name from it. On
 * a full disk one that holds nothing goes whatever its head says, which the next one says again. */
static bool delete_one(struct journal *j, int64_t mono_ms) {
    bool press = pressed(j) || j->disk_full || j->epoch_n > EPOCHS_KEPT_MAX;
    size_t newest = j->segment_n, barren = newest;
    while (newest > 0 && holds_nothing(&j->segments[newest - 1]))
        newest--;
    for (size_t i = 0; i < j->segment_n; i++) {
        const struct segment *s = &j->segments[i];
        if (s->durable_since_ms == NOT_DURABLE || hidden(j, s) || i + 1 == newest)
            continue;
        bool empty = !s->bad && holds_nothing(s);
        bool due = empty || press || mono_ms - s->durable_since_ms >= j->conf.retain_ms;
        if (due && !tells_an_end(j, i) && !tells_its_own(j, i)) {
            j->disk_full = false;
            return segment_delete(j, i);
        }
        barren = empty ? i : barren;
    }
    if (!j->disk_full || barren == j->segment_n)
        return false;
    j->disk_full = false;
    return segment_delete(j, barren);
}

/* --- giving up ----------------------------------------------------------------------------------
 */

static void widen(struct batch_dropped *d, int64_t t_ms) {
    if (d->from_ms == 0 && d->to_ms == 0)
        d->from_ms = d->to_ms = t_ms;
    if (t_ms < d->from_ms)
        d->from_ms = t_ms;
    if (t_ms > d->to_ms)
        d->to_ms = t_ms;
}

/* Counts what a segment holds by its record headers, as far as the aggregator does not have it. */
static void count_readings(struct journal *j, const struct segment *s, struct batch_dropped *d) {
    struct segment_reader r;
    if (segment_reader_init(&r))
        return;
    segment_reader_aim(&r, j->disk, s->file, s->seed, SEGMENT_HEAD_BYTES, s->bytes);
    struct record rec;
    struct batch_head head;
    enum err rc = ERR_OK;
    uint64_t seen = s->first - 1;
    const struct journal_epoch *e = journal_find_epoch(j, s->epoch);
    uint64_t durable = e ? e->durable : 0;
    while (rc == ERR_OK && seen < s->last) {
        rc = segment_reader_take(&r, &rec);
        if (rc == ERR_CHECKSUM)
            rc = segment_reader_resync(&r, seen);
        else if (rc == ERR_OK && rec.kind != RECORD_DROPPED && rec.seq <= s->last) {
            seen = rec.seq;
            if (rec.seq <= durable)
                continue;
            d->readings += rec.readings;
            if (rec.kind == RECORD_DATA && batch_parse_head(rec.wire, &head) == ERR_OK)
                widen(d, head.t_ms);
        }
    }
    segment_reader_fini(&r);
}

static struct gap gap_of(struct journal *j, const struct segment *s, int64_t wall_ms) {
    struct gap g = {.epoch = s->epoch,
                    .prev_epoch = s->prev_epoch,
                    .prev_last = s->prev_last,
                    .range = {.from = s->first, .to = s->last, .reason = DROP_QUOTA},
                    .t_ms = wall_ms};
    count_readings(j, s, &g.range);
    j->stats.dropped_ranges++;
    j->stats.dropped_readings += g.range.readings;
    if (j->events.on_dropped)
        j->events.on_dropped(j->events.user, g.epoch, &g.range);
    for (size_t i = 0; i < j->gap_n; i++) {
        const struct batch_dropped *d = &j->gaps[i].range;
        if (j->gaps[i].had || j->gaps[i].epoch != s->epoch || d->to + 1 < s->first ||
            d->from >= g.range.from)
            continue;
        g.range.from = d->from;
        g.range.readings += d->readings;
        if (d->from_ms != 0 || d->to_ms != 0) {
            widen(&g.range, d->from_ms);
            widen(&g.range, d->to_ms);
        }
    }
    return g;
}

static void give_up(struct journal *j, size_t at, int64_t wall_ms) {
    struct gap g = gap_of(j, &j->segments[at], wall_ms);
    size_t from = j->unsynced.n;
    enum err rc = gap_put(j, &g);
    if (rc)
        return;
    rc = gap_record(j, &g, j->segments[j->segment_n - 1].seed, &j->unsynced);
    if (!rc)
        rc = journal_write_tail(j, from);
    if (rc) { /* the gap is written by the next segment, or again with the next try */
        j->unsynced.n = from;
        j->unsynced.failed = false;
    }
    j->victim = true;
    j->victim_file = j->segments[at].file;
    journal_flush(j);
}

static void give_up_oldest(struct journal *j, int64_t wall_ms) {
    if (!j->active || j->broken)
        return;
    for (size_t i = 0; i + 1 < j->segment_n; i++)
        if (!holds_nothing(&j->segments[i]) && !hidden(j, &j->segments[i])) {
            give_up(j, i, wall_ms);
            return;
        }
}

/* What the aggregator has got meanwhile is not given up: it goes as all that is durable. */
void journal_finish_victim(struct journal *j) {
    if (!j->victim)
        return;
    for (size_t i = 0; i < j->segment_n; i++) {
        const struct segment *s = &j->segments[i];
        if (s->file != j->victim_file)
            continue;
        const struct gap *g = gap_find(j, s->epoch, s->first);
        if (g && g->range.to >= s->last) {
            j->victim = !segment_delete(j, i);
        } else if (durable_now(j, s)) {
            gap_take_back(j, s->epoch);
            j->victim = false;
        }
        return;
    }
    j->victim = false;
}

void journal_trim(struct journal *j, int64_t mono_ms, int64_t wall_ms) {
    mark_durable(j, mono_ms);
    journal_finish_victim(j);
    gap_forget_durable(j);
    while (delete_one(j, mono_ms))
        continue;
    if (!j->victim && pressed(j))
        give_up_oldest(j, wall_ms);
    else if (j->victim && !j->syncing && j->unsynced.n == 0 && !j->disk_full)
        j->rotate = true; /* its dropped record never reached the disk: the next segment has it */
}
