/* A disk in memory that can lose power, run full, refuse and be rolled back: the journal's port for
 * unit tests and the simulation. It draws no random numbers of its own: a seed is given. */
#ifndef PB_SUPPORT_DISK_MEMORY_H
#define PB_SUPPORT_DISK_MEMORY_H

#include "journal/disk.h"

struct disk_memory_file {
    uint32_t id;
    bool named;    /* its name is durable */
    uint8_t *p;    /* what a reader sees */
    size_t n, cap; /* bytes */
    size_t synced; /* bytes from the start that survive a crash */
};

struct disk_memory {
    struct disk disk;
    struct disk_memory_file *files, *gone; /* gone: deleted, until the folder is synced */
    size_t file_n, file_cap, gone_n, gone_cap;
    /* Faults, to be set by the test at any time; ERR_OK: none. */
    enum err fail_write, fail_sync, fail_read, fail_remove;
    size_t reads_left; /* one less succeeds, all behind them fail; 0: no such bound */
    size_t space;      /* bytes in all; a write beyond it is cut short with ERR_FULL; 0: no bound */
    /* Power fails before operation number die_at (write, sync, end of sync, remove count from 1):
     * it and all later ones do nothing and fail. 0: never. */
    uint64_t ops, die_at;
    bool dead;
    /* The sync under way. */
    bool syncing;
    uint32_t sync_file;
    size_t sync_n;
    uint64_t writes, syncs, removes;
};

void disk_memory_init(struct disk_memory *d);
void disk_memory_fini(struct disk_memory *d);
/* Ends the sync under way, if any, and tells the journal; true if there was one. */
bool disk_memory_step(struct disk_memory *d);
/* Ends syncs until none is under way. */
void disk_memory_settle(struct disk_memory *d);
/* Power comes back: of what was not synced a part, chosen by the seed, is lost or torn, and of what
 * was deleted since the folder was synced (with a new name) some is back. Faults, death and the
 * sync under way are over. */
void disk_memory_crash(struct disk_memory *d, uint64_t seed);
/* Only the process died: what was written stays. */
void disk_memory_kill(struct disk_memory *d);
/* An image of the disk; fini it, or give it back with restore. ERR_NOMEM. */
enum err disk_memory_copy(const struct disk_memory *from, struct disk_memory *to);
/* NULL if there is none. */
struct disk_memory_file *disk_memory_find(struct disk_memory *d, uint32_t id);
size_t disk_memory_bytes(const struct disk_memory *d);

#endif
