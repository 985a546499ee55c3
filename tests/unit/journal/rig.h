/* What the journal's tests share: a journal over a memory disk, and one way to write and read it.
 */
#ifndef PB_TESTS_JOURNAL_RIG_H
#define PB_TESTS_JOURNAL_RIG_H

#include <criterion/criterion.h>

#include "journal/journal.h"
#include "support/disk_memory.h"

enum { RIG_POINTS_MAX = 4 };

struct rig {
    struct disk_memory disk;
    struct journal *j;
    struct journal_cursor *cursor;
    struct batch_writer w;
    struct journal_conf conf;
    int64_t mono_ms, wall_ms;
    uint16_t point[RIG_POINTS_MAX];
    unsigned faults, accepted, dropped;
    struct batch_dropped gap; /* newest one told */
};

void rig_init(struct rig *r);
void rig_fini(struct rig *r);
/* Starts a process: opens the journal under a new epoch and declares n counters "c0" .. */
enum err rig_open(struct rig *r, uint64_t epoch, unsigned points);
void rig_close(struct rig *r);
/* Appends one batch: points[0] = value, position text = value. */
enum err rig_append(struct rig *r, int64_t value);
void rig_tick(struct rig *r, int64_t step_ms);
/* Flushes and ends all syncs. */
void rig_sync(struct rig *r);
/* Appends and syncs. */
void rig_accept(struct rig *r, int64_t value);

/* Everything an aggregator would see of an epoch from base on. */
struct rig_seen {
    uint64_t records, keys, drops, dropped_seqs, last;
    int64_t values[4096]; /* readings of data records, in order */
    size_t value_n;
    int64_t key_value; /* of point 0 in the newest key frame; -1 if none */
    uint8_t key_quality;
    struct batch_dropped drop;
};
/* Reads an epoch to its end and asserts that the stream is decodable and complete. */
void rig_read(struct rig *r, uint64_t epoch, struct rig_seen *out);

#endif
