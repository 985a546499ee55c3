/* The journal keeps every accepted batch on disk, numbered, until the aggregator has it and longer,
 * and gives the same bytes back for sending. It does no network, draws no random numbers and reads
 * no clock; files and their crash story are told in journal.c. */
#ifndef PB_JOURNAL_JOURNAL_H
#define PB_JOURNAL_JOURNAL_H

#include "base/ident.h"
#include "journal/disk.h"
#include "wire/batch.h"

enum { JOURNAL_POSITION_MAX = 240, JOURNAL_POSITIONS_BYTES_MAX = 61440 };

struct journal_conf {
    struct ident agent;
    uint64_t segment_bytes; /* a segment is ended at about this size */
    uint64_t quota_bytes;   /* of all segments; at least four segments */
    int64_t retain_ms;      /* what is durable stays this long */
    uint32_t commit_ms;     /* group commit: from one sync to the next; after silence at once */
    size_t commit_bytes;    /* ... or until this much waits */
    size_t unsynced_max;    /* what may wait for a sync, bytes; over it append says ERR_FULL */
    uint32_t segments_max;  /* more segments are treated like an exceeded quota */
    size_t key_part_bytes;  /* a part of a key frame is closed when it is larger; at most 60,000 */
};

/* Fills in the defaults of the README for everything but the agent. */
void journal_conf_init(struct journal_conf *c);

enum journal_fault {
    JOURNAL_FAULT_WRITE,   /* the disk refused a write; tried again */
    JOURNAL_FAULT_SYNC,    /* a sync failed: its records are written again to a new segment */
    JOURNAL_FAULT_READ,    /* the disk refused to read back */
    JOURNAL_FAULT_CORRUPT, /* stored records are damaged: given up with DROP_CORRUPT */
    JOURNAL_FAULT_COUNT
};
const char *journal_fault_name(enum journal_fault fault);

/* Told from inside the journal's functions; must not call back into the journal. */
struct journal_events {
    void (*on_accepted)(void *user); /* records were synced, or room was made */
    void (*on_fault)(void *user, enum journal_fault fault, enum err why);
    void (*on_dropped)(void *user, uint64_t epoch, const struct batch_dropped *gap);
    void *user;
};

struct journal_stats {
    uint64_t records, readings; /* accepted by this process, key frames too */
    uint64_t written;           /* records given to the disk: those, waiting and rewritten ones */
    uint64_t written_bytes;
    uint64_t bytes;    /* of all segments, now */
    uint64_t segments; /* now */
    uint64_t syncs, sync_failures, write_failures, read_failures;
    uint64_t rewritten; /* records written again after a failed sync */
    uint64_t dropped_ranges, dropped_readings;
    uint64_t corrupt_ranges; /* found while reading back or at the start */
    uint64_t torn_bytes;     /* at the end of the newest segment, found at the start */
    uint64_t bad_segments;   /* files without a readable head */
};

/* One epoch as a hello needs it. */
struct journal_epoch {
    uint64_t epoch, prev_epoch, prev_last;
    uint64_t base;    /* first seq held, or that a dropped record stands for; last + 1 if none */
    uint64_t last;    /* last synced seq, 0 if none */
    uint64_t durable; /* as the aggregator said, at most last */
    bool open;
};

struct journal;

/* Recovers what the disk holds and begins `epoch` (not 0, never used before); its first segment is
 * written by the first tick or append after what was found is synced. mono_ms and wall_ms are now.
 * ERR_CONFIG: the segments belong to another agent; ERR_IO, ERR_NOMEM. */
enum err journal_open(const struct journal_conf *conf, struct disk *disk,
                      const struct journal_events *events, uint64_t epoch, int64_t mono_ms,
                      int64_t wall_ms, struct journal **out);
/* Frees; what is not synced is lost, as in a crash. NULL is allowed. */
void journal_close(struct journal *j);

/* --- writing ------------------------------------------------------------------------------------
 */

/* Declares a point, or finds it by its name; its last value is the one from before the restart if
 * there was one. ERR_EXISTS: the name is taken by a different point of this process. */
enum err journal_add_point(struct journal *j, const struct point *p, uint16_t *id);
/* Where the source stood after its last accepted reading; "" if unknown. Valid until next append.
 */
const char *journal_position(const struct journal *j, const struct ident *source);

struct journal_position {
    struct ident source;
    struct span text; /* at most JOURNAL_POSITION_MAX */
};

struct journal_entry {
    const struct batch_writer *batch;
    const struct batch_clock *clock;          /* not NULL: a BATCH_CLOCK record */
    const struct journal_position *positions; /* stored with the batch in one piece */
    size_t position_n;
};

/* Writes one batch. It is accepted when a later sync covers it. ERR_BUSY: a key frame is due and
 * waits for the sync under way, offer it again after on_accepted; ERR_FULL: the disk is full or too
 * much waits; ERR_IO; ERR_RANGE: never acceptable. After an error nothing was taken. */
enum err journal_append(struct journal *j, const struct journal_entry *e, int64_t mono_ms,
                        int64_t wall_ms);
/* The wall clock stepped, away from from_ms, and no appended clock record says so yet: until one
 * does, key frames are dated to from_ms, if that is later than now, for all that they tell is from
 * before. Of several steps the first one counts. */
void journal_clock_steps(struct journal *j, int64_t from_ms);
/* Group commit, new segments, retention, quota, retries after faults. */
void journal_tick(struct journal *j, int64_t mono_ms, int64_t wall_ms);
/* Begins to sync what waits, now. */
void journal_flush(struct journal *j);
/* Monotonic time at which the next tick begins a sync; INT64_MAX: nothing waits for one. */
int64_t journal_due_ms(const struct journal *j);
/* Nothing waits for a sync. */
bool journal_idle(const struct journal *j);
/* Asks for a new epoch: everything appended from now on belongs to it. */
void journal_begin_epoch(struct journal *j, uint64_t epoch);
/* Points declared by this process; their ids are 0 .. n-1. */
size_t journal_points(const struct journal *j);
enum point_type journal_point_type(const struct journal *j, uint16_t point);
struct journal_keep {
    bool (*keeps)(void *user, uint16_t source);
    void *user;
};
enum { JOURNAL_NO_POINT = POINT_TABLE_MAX };
/* Begins `epoch` with a table that has the points of the sources that keep says only, with their
 * values and coverage, as if another process had begun with them: the others end in the epoch
 * before, their last values wait for whoever declares them again. renumbered[old id] is the new id
 * or JOURNAL_NO_POINT. ERR_BUSY: something waits for a sync, ERR_NOMEM: nothing has changed.
 * O(points). */
enum err journal_renew(struct journal *j, uint64_t epoch, const struct journal_keep *keep,
                       uint16_t *renumbered);

/* --- reading back -------------------------------------------------------------------------------
 */

/* Epochs in `prev` order, the open one last (listed only when its seq 1 is synced). Valid until the
 * next call of another function. */
const struct journal_epoch *journal_epochs(const struct journal *j, size_t *n);
const struct journal_epoch *journal_find_epoch(const struct journal *j, uint64_t epoch);
uint64_t journal_open_epoch(const struct journal *j);
/* The newest time that what was appended, or found at the start, vouches for; INT64_MIN: none. */
int64_t journal_covered_ms(const struct journal *j);
/* Bytes of segments held and not durable; an estimate inside a segment. */
uint64_t journal_backlog_bytes(const struct journal *j);
uint64_t journal_backlog_records(const struct journal *j);
/* UTC time by which the oldest record that is not durable was accepted, INT64_MIN: all are. At most
 * a second too old, or in a long outage a sixty-fourth of it; of a process before: as old as its
 * segment. O(segments). */
int64_t journal_oldest_ms(const struct journal *j);
/* The newest ack's word, also when it is lower than before. Clamped to last. */
void journal_set_durable(struct journal *j, uint64_t epoch, uint64_t durable);

/* A place to read from; keeps a window of SEGMENT_WINDOW_BYTES. */
struct journal_cursor;
enum err journal_cursor_open(struct journal_cursor **out);
void journal_cursor_close(struct journal_cursor *c);

struct journal_record {
    struct span frame; /* borrowed from the cursor until its next use */
    uint64_t to;       /* last seq it stands for: its own, or the end of a dropped range */
};

/* Gives the record that stands for seq. Cheap for seq = last one's `to` + 1, else it searches a
 * segment. ERR_NOT_FOUND: nothing synced there yet, or no such epoch; ERR_RANGE: below base;
 * ERR_IO: try again later. */
enum err journal_read(struct journal *j, struct journal_cursor *c, uint64_t epoch, uint64_t seq,
                      struct journal_record *out);

const struct journal_stats *journal_stats(const struct journal *j);
/* Asserts what must hold between calls. */
void journal_check(const struct journal *j);

#endif
