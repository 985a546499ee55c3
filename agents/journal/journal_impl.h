/* What the files of the journal share. Nobody outside this room includes it. */
#ifndef PB_JOURNAL_JOURNAL_IMPL_H
#define PB_JOURNAL_JOURNAL_IMPL_H

#include "journal/journal.h"
#include "journal/lasttab.h"
#include "journal/segment.h"

struct segment {
    uint32_t file;
    uint32_t seed; /* checksum of its head */
    uint64_t ordinal, epoch, first;
    uint64_t
        last; /* last seq that counts; below first: holds nothing. Of the active segment: synced */
    uint64_t prev_epoch, prev_last;
    uint64_t bytes;
    int64_t durable_since_ms; /* monotonic; NOT_DURABLE */
    int64_t begun_ms;         /* wall, as its head says */
    bool bad;                 /* no readable head: only its bytes are known */
    bool found;               /* it was there at the start */
};
#define NOT_DURABLE INT64_MIN

/* A range given up, kept until the aggregator has it. */
struct gap {
    uint64_t epoch, prev_epoch, prev_last;
    struct batch_dropped range;
    int64_t t_ms; /* of its record: the same bytes every time */
    bool synced;
    bool had; /* the aggregator has it: kept only for what it says of the epoch before */
};

struct position {
    struct ident source;
    uint16_t text_n;
    char text[JOURNAL_POSITION_MAX + 1];
};

/* When a record was accepted; of some of them. */
struct mark {
    uint64_t epoch, seq;
    int64_t mono_ms, wall_ms;
};
enum { JOURNAL_MARKS_MAX = 128 };

struct journal {
    struct journal_conf conf;
    struct disk *disk;
    struct journal_events events;
    struct journal_stats stats;
    uint64_t agent_hash;

    struct segment *segments; /* by ordinal; the last one is active if `active` */
    size_t segment_n, segment_cap;
    struct journal_epoch *epochs; /* in prev order, the open one last */
    size_t epoch_n, epoch_cap;
    struct gap *gaps;
    size_t gap_n, gap_cap;
    struct position *positions; /* accepted */
    size_t position_n, position_cap;
    struct lasttab now;    /* points of this process, values as accepted */
    struct lasttab before; /* points and values of the process before, also what it had not named */
    struct lasttab left;   /* while recovering: what the newest key frame says was not named yet */

    bool active;    /* segments[segment_n - 1] is written to */
    bool broken;    /* its tail is not trusted: a new segment is needed */
    bool rotate;    /* it is full: a new segment is needed */
    bool key_due;   /* points were declared since the last key frame */
    bool disk_full; /* the newest write found no space */
    uint64_t open_epoch, open_prev, open_prev_last;
    uint64_t open_last;  /* synced seq of the open epoch, 0 if none */
    uint64_t next_epoch; /* asked for, 0 if none */
    uint64_t next_seq;   /* of the next record of the open epoch */
    uint64_t end;        /* offset where the next record goes */
    uint32_t next_file;
    uint64_t next_ordinal;
    uint32_t points_key; /* size of the table in the last key frame written */

    struct buf unsynced; /* whole records, as written, not yet synced */
    size_t cover;        /* bytes of it that the sync under way covers */
    uint32_t sync_file;
    bool syncing;
    bool flush;          /* do not wait for the group to fill */
    int64_t synced_ms;   /* when the newest sync of records began, monotonic */
    uint32_t trust_file; /* recovered, must be synced before it is read */
    bool untrusted;
    int64_t trust_retry_ms;
    uint64_t told_epoch, told_to; /* the damaged range that was told of last */

    /* Epochs of which segments were deleted, which a crash may bring back until the folder is
     * synced: that goes with the first sync of a file. */
    uint64_t *gone;
    size_t gone_n, gone_cap, gone_covered; /* ... the sync under way covers so many */
    bool gone_any;       /* of any epoch: by a process before, or there was no memory */
    uint32_t named_file; /* the newest file that was synced */

    bool victim; /* a segment is to be deleted once its dropped record is synced */
    uint32_t victim_file;
    int64_t retry_ms;         /* no write before this time after a fault */
    enum err fault;           /* why */
    int64_t trim_ms;          /* last look at retention and quota */
    int64_t mono_ms, wall_ms; /* newest times told */
    bool stepped;             /* the clock, and no record says so yet */
    int64_t stepped_from_ms;

    struct mark marks[JOURNAL_MARKS_MAX]; /* rising */
    size_t mark_n;
    int64_t mark_spacing_ms;

    struct batch_writer scratch_batch;
    struct buf scratch, frame;
};

enum { JOURNAL_RETRY_MS = 1000, JOURNAL_TRIM_MS = 1000 };

/* journal.c */
/* Makes room for n elements of `size` bytes. ERR_NOMEM. */
enum err journal_grow(void **at, size_t *cap, size_t n, size_t size);
struct journal_epoch *journal_epoch_slot(struct journal *j, uint64_t epoch); /* or NULL */
void journal_fault_told(struct journal *j, enum journal_fault fault, enum err why);
void journal_start_sync(struct journal *j);
/* retain.c: what was deleted before the sync that ended began stays so. */
void journal_folder_synced(struct journal *j);
/* Begins to sync what a process before may have left unsynced: nothing is written before that, or
 * the next process would take a segment of ours for the only one in doubt. */
void journal_start_trust(struct journal *j);
/* Writes the records in unsynced[from..] at the end of the active segment, where they wait for
 * their sync; takes them out again if the disk refuses. */
enum err journal_write_tail(struct journal *j, size_t from);
void journal_write_failed(struct journal *j, enum err why);
/* Positions; of a key frame also `left`. */
enum err journal_apply_trailer(struct journal *j, struct span trailer);
/* Adds the points and values of a key frame or of one of its parts. */
enum err journal_apply_key(struct lasttab *t, struct span wire);
/* Puts the readings, asofs or clock step of a data record into a table of last values. */
void journal_apply_data(struct lasttab *t, struct span wire);

/* begin.c: key frames and new segments */
enum err journal_make_ready(struct journal *j, int64_t mono_ms, int64_t wall_ms);

/* age.c */
/* The record of the open epoch is accepted now. O(1) but for once a second. */
void journal_mark(struct journal *j, uint64_t seq);

/* gap.c */
enum err gap_frame(struct journal *j, const struct gap *g, struct buf *out);
enum err gap_record(struct journal *j, const struct gap *g, uint32_t seed, struct buf *out);
struct gap *gap_find(struct journal *j, uint64_t epoch, uint64_t seq);
enum err gap_put(struct journal *j, const struct gap *g);
/* A dropped record was synced, or found at the start. */
enum err gap_accept(struct journal *j, const struct record *r);
/* Forgets ranges of the epoch whose dropped records were not synced. */
void gap_take_back(struct journal *j, uint64_t epoch);
/* Forgets what the aggregator has, but for the word on where the epoch before ends. */
void gap_forget_durable(struct journal *j);

/* retain.c */
void journal_refresh_epochs(struct journal *j);
/* Has the epoch segments, or may a loss of power bring some back? */
bool journal_may_hold(const struct journal *j, uint64_t epoch);
void journal_trim(struct journal *j, int64_t mono_ms, int64_t wall_ms);
void journal_finish_victim(struct journal *j);
void segment_forget(struct journal *j, size_t at);

/* recover.c */
enum err journal_recover(struct journal *j);

#endif
