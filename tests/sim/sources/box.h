/* The agent in a box: the real journal and batcher over a disk in memory, and sources of the real
 * agent that read devices. It can be killed at any effect on its disk, lose power, and be refused
 * by the disk; the devices go on all the while. */
#ifndef PB_SIMSOURCES_BOX_H
#define PB_SIMSOURCES_BOX_H

#include "agent_app/batcher.h"
#include "simsources/device.h"
#include "simworld/tape.h"
#include "support/disk_memory.h"

enum { BOX_SOURCES = 6, BOX_EPOCHS = 1024 };

struct box_conf {
    int64_t batch_ms;
    uint32_t batch_readings;
    uint64_t segment_bytes, quota_bytes; /* quota_bytes 0: as by default */
    int64_t retain_ms;
    uint32_t commit_ms, unsynced_max;
    enum variant variant;
};

struct box_source {
    struct source *source; /* NULL: not open */
    struct source proxy;   /* what the batcher has, in a variant that lies about positions */
    struct box *box;
    struct buf before; /* VARIANT_LATE: the position that is told next */
    uint16_t number;
};

struct box {
    struct box_conf conf;
    struct rng *rng; /* borrowed */
    struct disk_memory disk;
    struct disk_ops disk_ops; /* those of the memory disk, watched */
    const struct disk_ops *disk_real;
    bool torn;               /* the write that it dies in reaches the disk by half */
    struct journal *journal; /* NULL: the process is dead */
    struct batcher *batcher;
    struct journal_cursor *cursor;
    struct tape tape; /* all that was durable, ever */
    struct device *device[BOX_SOURCES];
    struct box_source source[BOX_SOURCES];
    size_t n;
    bool reload; /* it waits for a moment at which nothing waits */
    int64_t now_ms;
    uint64_t epoch[BOX_EPOCHS]; /* in the order in which they were begun */
    size_t epoch_n;
    uint64_t kills, reloads, refused;
    const char *wrong; /* the first thing that may not be; NULL: none */
};

enum err box_init(struct box *b, const struct box_conf *conf, struct rng *rng);
void box_fini(struct box *b);
/* Devices are borrowed. */
void box_add(struct box *b, struct device *d);
/* Starts a process; one that the disk refuses is none. */
void box_start(struct box *b, int64_t now_ms);
/* power: what was not synced is torn. */
void box_kill(struct box *b, bool power);
/* The process dies at one of the next effects on the disk, torn: in the middle of it. */
void box_doom(struct box *b, unsigned effects, bool torn);
/* A source is closed and opened again, by the process itself. */
void box_reload(struct box *b);
/* A turn of the agent, with an end of the sync under way or not. */
void box_turn(struct box *b, int64_t now_ms, bool sync);
/* What is on the tape is at the aggregator too. */
void box_deliver(struct box *b);
/* The how-manieth epoch it is, from 0. */
size_t box_epoch(const struct box *b, uint64_t epoch);

#endif
